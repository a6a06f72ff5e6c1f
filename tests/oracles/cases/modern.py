"""Differences of gradients, and the diagonal of the Hessian."""

from oracles.cases.case import cases, scheduled

CASES = [
    # Not optax.adan: version 0.2.8 weighs the difference by 1 - b2 where the paper's rule has b2.
    *cases(
        "Adan",
        "pytorch_optimizer.Adan([w], lr={lr}, betas=({beta1}, {beta2}, {beta3}), eps={eps}, "
        "weight_decay={weight_decay})",
        {"lr": 0.05, "beta1": 0.98, "beta2": 0.92, "beta3": 0.99, "eps": 1e-8, "weight_decay": 0.0},
        {"lr": 0.05, "beta1": 0.9, "beta2": 0.8, "beta3": 0.95, "eps": 1e-2, "weight_decay": 0.5},
        problems="vector wide",
    ),
    *cases(
        "Adan",
        scheduled(
            "pytorch_optimizer.Adan([w], lr=1.0, betas=({beta1}, {beta2}, {beta3}), eps={eps}, "
            "weight_decay={weight_decay})"
        ),
        {"lr": "decaying", "beta1": 0.95, "beta2": 0.9, "beta3": 0.99, "eps": 1e-3, "weight_decay": 0.1},
    ),
    # Its step is lr * clip(m / max(h, eps), p): ours, divided by rho.
    *cases(
        "Sophia",
        "pytorch_optimizer.SophiaH([w], lr={lr} / {rho}, betas=({beta1}, {beta2}), p={rho}, "
        "eps={eps} / {rho}, weight_decay={weight_decay} * {rho}, update_period=4)",
        {"lr": 0.03, "beta1": 0.965, "beta2": 0.99, "rho": 0.04, "eps": 1e-12, "weight_decay": 0.0},
        {"lr": 0.1, "beta1": 0.9, "beta2": 0.8, "rho": 0.5, "eps": 0.05, "weight_decay": 0.3},
        needs=("hessian_diag",),
        hessian_every=4,
    ),
    *cases(
        "Sophia",
        scheduled(
            "pytorch_optimizer.SophiaH([w], lr=1.0 / {rho}, betas=({beta1}, {beta2}), p={rho}, "
            "eps={eps} / {rho}, weight_decay={weight_decay} * {rho}, update_period=4)"
        ),
        {"lr": "decaying", "beta1": 0.9, "beta2": 0.9, "rho": 0.2, "eps": 0.01, "weight_decay": 0.1},
        needs=("hessian_diag",),
        hessian_every=4,
    ),
    # Without eps: the library adds it before the bias correction, the authors of MARS after it.
    *cases(
        "MARS",
        "pytorch_optimizer.MARS([w], lr={lr}, betas=({beta1}, {beta2}), gamma={gamma}, eps={eps}, "
        "weight_decay={weight_decay}, optimize_1d=True, foreach=False)",
        {"lr": 0.03, "beta1": 0.95, "beta2": 0.99, "gamma": 0.025, "eps": 0.0, "weight_decay": 0.0},
        {"lr": 0.05, "beta1": 0.8, "beta2": 0.9, "gamma": 0.2, "eps": 0.0, "weight_decay": 0.5},
        problems="vector wide",
    ),
    *cases(
        "MARS",
        scheduled(
            "pytorch_optimizer.MARS([w], lr=1.0, betas=({beta1}, {beta2}), gamma={gamma}, eps={eps}, "
            "weight_decay={weight_decay}, optimize_1d=True, foreach=False)"
        ),
        {"lr": "decaying", "beta1": 0.9, "beta2": 0.9, "gamma": 0.1, "eps": 0.0, "weight_decay": 0.1},
    ),
]
