"""The gradient itself, and inertia."""

from oracles.cases.case import cases, scheduled

CASES = [
    *cases("SGD", "torch.optim.SGD([w], lr={lr})", {"lr": 0.05}, problems="vector wide"),
    *cases("SGD", scheduled("torch.optim.SGD([w], lr=1.0)"), {"lr": "decaying"}),
    *cases("SGD", "keras.optimizers.SGD(learning_rate={lr})", {"lr": 0.05}),
    *cases(
        "Momentum",
        "torch.optim.SGD([w], lr={lr}, momentum={momentum})",
        {"lr": 0.02, "momentum": 0.9},
        {"lr": 0.1, "momentum": 0.5},
        problems="vector wide",
    ),
    *cases(
        "Momentum",
        scheduled("torch.optim.SGD([w], lr=1.0, momentum={momentum})"),
        {"lr": "decaying", "momentum": 0.9},
    ),
    *cases(
        "Momentum",
        "optax.chain(optax.ema({momentum}, debias=False), optax.scale(-{lr}))",
        {"lr": 0.2, "momentum": 0.9, "dampening": 0.9},
    ),
    *cases(
        "Momentum",
        "optax.chain(optax.ema({momentum}, debias=False), optax.scale_by_learning_rate({lr}))",
        {"lr": "decaying", "momentum": 0.9, "dampening": 0.9},
    ),
    *cases(
        "Momentum",
        "torch.optim.SGD([w], lr={lr} * (1 - {dampening}), momentum={momentum})",
        {"lr": 0.05, "momentum": 0.8, "dampening": 0.3},
    ),
    *cases(
        "Momentum",
        "keras.optimizers.SGD(learning_rate={lr}, momentum={momentum})",
        {"lr": 0.02, "momentum": 0.9, "lr_inside": True},
        problems="vector wide",
    ),
    *cases(
        "Momentum",
        "optax.chain(optax.scale_by_learning_rate({lr}), optax.trace({momentum}))",
        {"lr": "decaying", "momentum": 0.9, "lr_inside": True},
    ),
    *cases(
        "Nesterov",
        "torch.optim.SGD([w], lr={lr}, momentum={momentum}, nesterov=True)",
        {"lr": 0.02, "momentum": 0.9, "form": "current"},
        {"lr": 0.05, "momentum": 0.5, "form": "current"},
        problems="vector wide",
    ),
    *cases(
        "Nesterov",
        scheduled("torch.optim.SGD([w], lr=1.0, momentum={momentum}, nesterov=True)"),
        {"lr": "decaying", "momentum": 0.9, "form": "current"},
    ),
    *cases(
        "Nesterov",
        "keras.optimizers.SGD(learning_rate={lr}, momentum={momentum}, nesterov=True)",
        {"lr": 0.02, "momentum": 0.9, "form": "current"},
    ),
    *cases(
        "Nesterov",
        "optax.sgd({lr}, momentum={momentum}, nesterov=True)",
        {"lr": 0.02, "momentum": 0.9, "form": "lookahead"},
        {"lr": 0.05, "momentum": 0.5, "form": "lookahead"},
        problems="vector wide",
        compare="lookahead",
    ),
]
