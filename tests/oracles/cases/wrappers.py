"""Optimizers around an optimizer."""

from oracles.cases.case import cases, scheduled

ADAM = {"optimizer": "Adam", "lr": 0.05, "beta1": 0.9, "beta2": 0.99, "eps": 1e-3}
ADAM_CALL = "torch.optim.Adam([w], lr=0.05, betas=(0.9, 0.99), eps=1e-3{more})"

CASES = [
    *cases(
        "Lookahead",
        "pytorch_optimizer.Lookahead("
        + ADAM_CALL.format(more="")
        + ", k={sync_period}, alpha={slow_step}, pullback_momentum='none')",
        {"inner": ADAM, "sync_period": 5, "slow_step": 0.5},
        {"inner": ADAM, "sync_period": 4, "slow_step": 0.8},
        problems="vector wide",
    ),
    *cases(
        "CoupledL2",
        ADAM_CALL.format(more=", weight_decay={weight_decay}"),
        {"inner": ADAM, "weight_decay": 0.5},
        problems="vector wide",
    ),
    *cases(
        "CoupledL2",
        "torch.optim.SGD([w], lr=0.02, momentum=0.9, weight_decay={weight_decay})",
        {"inner": {"optimizer": "Momentum", "lr": 0.02, "momentum": 0.9}, "weight_decay": 0.5},
    ),
    *cases(
        "CoupledL2",
        "torch.optim.SGD([w], lr=0.05, weight_decay={weight_decay})",
        {"inner": {"optimizer": "SGD", "lr": 0.05}, "weight_decay": 0.5},
        problems="wide",
    ),
    *cases(
        "CoupledL2",
        scheduled("torch.optim.SGD([w], lr=1.0, momentum=0.9, weight_decay={weight_decay})").format(
            lr="decaying", weight_decay="{weight_decay}"
        ),
        {"inner": {"optimizer": "Momentum", "lr": "decaying", "momentum": 0.9}, "weight_decay": 0.5},
    ),
    *cases(
        "Clip",
        "optax.chain(optax.clip_by_global_norm({max_norm}), optax.sgd(0.1, momentum=0.9))",
        {"inner": {"optimizer": "Momentum", "lr": 0.1, "momentum": 0.9}, "max_norm": 1.0},
        problems="vector wide",
    ),
    *cases(
        "Clip",
        "optax.chain(optax.clip_by_global_norm({max_norm}), optax.adam(decaying, b1=0.9, b2=0.99, eps=1e-3))",
        {"inner": ADAM | {"lr": "decaying"}, "max_norm": 0.3},
        {"inner": ADAM | {"lr": "decaying"}, "max_norm": 100.0},
    ),
]
