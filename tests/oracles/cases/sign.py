"""Only the sign of the gradient, or of its average."""

from oracles.cases.case import cases

CASES = [
    *cases("SignSGD", "optax.sign_sgd({lr})", {"lr": 0.01, "momentum": 0.0}, problems="vector wide"),
    *cases("SignSGD", "optax.sign_sgd({lr})", {"lr": "decaying", "momentum": 0.0}),
    *cases(
        "SignSGD",
        "pytorch_optimizer.SignSGD([w], lr={lr}, momentum={momentum})",
        {"lr": 0.02, "momentum": 0.9},
        problems="vector wide",
    ),
    *cases(
        "Lion",
        "optax.lion({lr}, b1={beta1}, b2={beta2}, weight_decay={weight_decay})",
        {"lr": 0.02, "beta1": 0.9, "beta2": 0.99, "weight_decay": 0.0},
        {"lr": 0.02, "beta1": 0.7, "beta2": 0.9, "weight_decay": 0.5},
        problems="vector wide",
    ),
    *cases(
        "Lion",
        "optax.lion({lr}, b1={beta1}, b2={beta2}, weight_decay={weight_decay})",
        {"lr": "decaying", "beta1": 0.9, "beta2": 0.99, "weight_decay": 0.1},
    ),
]
