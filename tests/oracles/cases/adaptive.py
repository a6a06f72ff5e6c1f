"""A step size for each coordinate."""

from oracles.cases.case import cases, scheduled

CASES = [
    *cases(
        "AdaGrad",
        "torch.optim.Adagrad([w], lr={lr}, eps={eps})",
        {"lr": 0.3, "eps": 1e-10},
        {"lr": 0.3, "eps": 1e-3},
        problems="vector wide",
    ),
    *cases(
        "AdaGrad",
        scheduled("torch.optim.Adagrad([w], lr=1.0, eps={eps})"),
        {"lr": "decaying", "eps": 0.1},
    ),
    *cases(
        "RMSProp",
        "torch.optim.RMSprop([w], lr={lr}, alpha={beta2}, eps={eps})",
        {"lr": 0.03, "beta2": 0.9, "eps": 1e-8},
        {"lr": 0.03, "beta2": 0.99, "eps": 1e-3},
        problems="vector wide",
    ),
    *cases(
        "RMSProp",
        "optax.rmsprop({lr}, decay={beta2}, eps={eps}, eps_in_sqrt=False)",
        {"lr": "decaying", "beta2": 0.9, "eps": 1e-3},
    ),
    *cases(
        "RMSProp",
        "torch.optim.RMSprop([w], lr={lr}, alpha={beta2}, eps={eps}, momentum={momentum})",
        {"lr": 0.01, "beta2": 0.9, "eps": 1e-3, "momentum": 0.9},
        {"lr": 0.02, "beta2": 0.99, "eps": 1e-8, "momentum": 0.5},
        problems="vector wide",
    ),
    *cases(
        "RMSProp",
        scheduled("torch.optim.RMSprop([w], lr=1.0, alpha={beta2}, eps={eps}, momentum={momentum})"),
        {"lr": "decaying", "beta2": 0.9, "eps": 1e-3, "momentum": 0.9},
    ),
    *cases(
        "RMSProp",
        "torch.optim.RMSprop([w], lr={lr}, alpha={beta2}, eps={eps}, centered=True)",
        {"lr": 0.02, "beta2": 0.9, "eps": 1e-3, "centered": True},
        problems="vector wide",
    ),
    *cases(
        "RMSProp",
        "torch.optim.RMSprop([w], lr={lr}, alpha={beta2}, eps={eps}, momentum={momentum}, centered=True)",
        {"lr": 0.01, "beta2": 0.95, "eps": 1e-2, "momentum": 0.9, "centered": True},
    ),
    *cases(
        "AdaDelta",
        "torch.optim.Adadelta([w], lr={lr}, rho={rho}, eps={eps})",
        {"lr": 1.0, "rho": 0.95, "eps": 1e-6},
        {"lr": 0.5, "rho": 0.9, "eps": 1e-3},
        problems="vector wide",
    ),
    *cases(
        "AdaDelta",
        scheduled("torch.optim.Adadelta([w], lr=1.0, rho={rho}, eps={eps})"),
        {"lr": "decaying", "rho": 0.9, "eps": 1e-2},
    ),
    *cases(
        "AdaDelta",
        "keras.optimizers.Adadelta(learning_rate={lr}, rho={rho}, epsilon={eps})",
        {"lr": 1.0, "rho": 0.95, "eps": 1e-3},
    ),
]
