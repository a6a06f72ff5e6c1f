"""One factor for a whole tensor, or one for each of its rows and columns."""

from oracles.cases.case import cases, scheduled

CASES = [
    *cases(
        "LARS",
        "pytorch_optimizer.LARS([w], lr={lr}, momentum={momentum}, weight_decay={weight_decay}, "
        "trust_coefficient={trust})",
        {"lr": 1.0, "momentum": 0.9, "weight_decay": 0.0, "trust": 1e-2},
        {"lr": 0.5, "momentum": 0.5, "weight_decay": 0.1, "trust": 0.1},
        problems="wide tall",
    ),
    # Optax's rate is in the velocity, as the paper's; pytorch_optimizer's is outside, which a schedule would show.
    *cases(
        "LARS",
        "optax.lars({lr}, weight_decay={weight_decay}, trust_coefficient={trust}, momentum={momentum})",
        {"lr": "decaying", "momentum": 0.9, "weight_decay": 0.0, "trust": 1.0},
        problems="wide",
    ),
    *cases(
        "LAMB",
        "optax.lamb({lr}, b1={beta1}, b2={beta2}, eps={eps}, weight_decay={weight_decay})",
        {"lr": 0.02, "beta1": 0.9, "beta2": 0.999, "eps": 1e-6, "weight_decay": 0.01},
        {"lr": 0.05, "beta1": 0.8, "beta2": 0.99, "eps": 1e-2, "weight_decay": 0.5},
        problems="vector wide",
    ),
    *cases(
        "LAMB",
        "optax.lamb({lr}, b1={beta1}, b2={beta2}, eps={eps}, weight_decay={weight_decay})",
        {"lr": "decaying", "beta1": 0.9, "beta2": 0.999, "eps": 1e-3, "weight_decay": 0.1},
        problems="tall",
    ),
    *cases(
        "AdaFactor",
        "pytorch_optimizer.AdaFactor([w], lr={lr}, betas=(None, 0.999), decay_rate=-{decay}, eps1={eps1}, "
        "eps2={eps2}, clip_threshold={clip}, momentum_dtype=torch.float64)",
        {"lr": 1e-2, "decay": 0.8, "eps1": 1e-30, "eps2": 1e-3, "clip": 1.0},
        {"lr": 1e-2, "decay": 0.5, "eps1": 1e-2, "eps2": 1.5, "clip": 0.5},
        problems="vector wide tall",
    ),
    *cases(
        "AdaFactor",
        "torch.optim.Adafactor([w], lr={lr}, beta2_decay=-{decay}, eps=({eps1}, {eps2}), d={clip})",
        {"lr": 0.3, "decay": 0.8, "eps1": 1e-30, "eps2": 1e-3, "clip": 1.0},
        problems="vector wide tall",
    ),
    *cases(
        "AdaFactor",
        scheduled("torch.optim.Adafactor([w], lr=1.0, beta2_decay=-{decay}, eps=({eps1}, {eps2}), d={clip})"),
        {"lr": "decaying", "decay": 0.8, "eps1": 1e-30, "eps2": 1e-3, "clip": 1.0},
        problems="vector wide",
    ),
]
