"""Adam and what was made of it."""

from oracles.cases.case import cases, scheduled

SETTINGS = [
    {"lr": 0.05, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
    {"lr": 0.05, "beta1": 0.9, "beta2": 0.999, "eps": 1e-3},
    {"lr": 0.05, "beta1": 0.5, "beta2": 0.9, "eps": 1e-8},
    {"lr": 0.05, "beta1": 0.95, "beta2": 0.8, "eps": 1e-8},
    {"lr": 0.05, "beta1": 0.0, "beta2": 0.99, "eps": 0.1},
]

CASES = [
    *cases(
        "Adam",
        "torch.optim.Adam([w], lr={lr}, betas=({beta1}, {beta2}), eps={eps})",
        *SETTINGS,
    ),
    *cases(
        "Adam",
        "torch.optim.Adam([w], lr={lr}, betas=({beta1}, {beta2}), eps={eps}, fused=True)",
        SETTINGS[1],
        problems="wide",
    ),
    *cases(
        "Adam",
        "optax.adam({lr}, b1={beta1}, b2={beta2}, eps={eps})",
        {"lr": "decaying", "beta1": 0.9, "beta2": 0.999, "eps": 1e-3},
    ),
    *cases(
        "Adam",
        "torch.optim.RMSprop([w], lr={lr}, alpha={beta2}, eps={eps})",
        {"lr": 0.02, "beta1": 0.0, "beta2": 0.99, "eps": 1e-3, "bias_correction": False},
    ),
    *cases(
        "AdamW",
        "torch.optim.AdamW([w], lr={lr}, betas=({beta1}, {beta2}), eps={eps}, weight_decay={weight_decay})",
        *(given | {"weight_decay": 0.1} for given in SETTINGS[:3]),
        {"lr": 0.1, "beta1": 0.9, "beta2": 0.99, "eps": 1e-8, "weight_decay": 1.0},
    ),
    *cases(
        "AdamW",
        "optax.adamw({lr}, b1={beta1}, b2={beta2}, eps={eps}, weight_decay={weight_decay})",
        {"lr": "decaying", "beta1": 0.9, "beta2": 0.999, "eps": 1e-3, "weight_decay": 0.5},
        problems="vector wide",
    ),
    *cases(
        "AMSGrad",
        "optax.amsgrad({lr}, b1={beta1}, b2={beta2}, eps={eps})",
        *SETTINGS,
    ),
    *cases(
        "AMSGrad",
        "optax.amsgrad({lr}, b1={beta1}, b2={beta2}, eps={eps})",
        {"lr": "decaying", "beta1": 0.9, "beta2": 0.9, "eps": 1e-3},
        problems="vector wide",
    ),
    *cases(
        "AMSGrad",
        "optax.amsgrad({lr}, b1={beta1}, b2={beta2}, eps={eps}, bias_correction_mu=False, bias_correction_nu=False)",
        *(given | {"bias_correction": False} for given in SETTINGS[1:4]),
        problems="vector wide",
    ),
    *cases(
        "AdaMax",
        "keras.optimizers.Adamax(learning_rate={lr}, beta_1={beta1}, beta_2={beta2}, epsilon={eps})",
        *SETTINGS[:3],
        problems="vector wide",
    ),
    *cases(
        "AdaMax",
        scheduled("torch.optim.Adamax([w], lr=1.0, betas=({beta1}, {beta2}), eps={eps})"),
        {"lr": "decaying", "beta1": 0.9, "beta2": 0.999, "eps": 0.0},
    ),
    *cases(
        "NAdam",
        "optax.nadam({lr}, b1={beta1}, b2={beta2}, eps={eps})",
        *SETTINGS[:4],
        {"lr": "decaying", "beta1": 0.9, "beta2": 0.999, "eps": 1e-3},
    ),
    *cases(
        "NAdam",
        "torch.optim.NAdam([w], lr={lr}, betas=({beta1}, {beta2}), eps={eps}, momentum_decay=1e6)",
        SETTINGS[1],
        problems="wide",
    ),
    *cases(
        "RAdam",
        "optax.radam({lr}, b1={beta1}, b2={beta2}, eps={eps}, threshold={threshold})",
        *(given | {"threshold": 4.0} for given in SETTINGS[:4]),
        {"lr": 0.05, "beta1": 0.9, "beta2": 0.999, "eps": 1e-3, "threshold": 5.0},
        {"lr": 0.05, "beta1": 0.9, "beta2": 0.5, "eps": 1e-8, "threshold": 4.0},
        {"lr": "decaying", "beta1": 0.9, "beta2": 0.99, "eps": 1e-3, "threshold": 4.0},
        problems="vector wide",
    ),
    *cases(
        "Yogi",
        "optax.yogi({lr}, b1={beta1}, b2={beta2}, eps={eps})",
        *(given | {"initial": 1e-6} for given in SETTINGS[:4]),
        {"lr": "decaying", "beta1": 0.9, "beta2": 0.9, "eps": 1e-3, "initial": 1e-6},
        problems="vector wide",
    ),
    *cases(
        "Yogi",
        "optax.chain(optax.scale_by_yogi(b1={beta1}, b2={beta2}, eps={eps}, "
        "initial_accumulator_value={initial}), optax.scale(-{lr}))",
        {"lr": 0.05, "beta1": 0.9, "beta2": 0.999, "eps": 1e-3, "initial": 0.0},
        {"lr": 0.05, "beta1": 0.9, "beta2": 0.9, "eps": 1e-3, "initial": 0.1},
    ),
    *cases(
        "AdaBelief",
        "optax.adabelief({lr}, b1={beta1}, b2={beta2}, eps={eps}, eps_root={eps})",
        {"lr": 0.05, "beta1": 0.9, "beta2": 0.999, "eps": 1e-16},
        *SETTINGS[1:4],
        {"lr": "decaying", "beta1": 0.9, "beta2": 0.9, "eps": 1e-3},
        problems="vector wide",
    ),
    *cases(
        "AdaBound",
        "adabound.AdaBound([w], lr={lr}, betas=({beta1}, {beta2}), final_lr={final_lr}, gamma={gamma}, eps={eps})",
        {"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "final_lr": 0.1, "gamma": 1e-3},
        {"lr": 0.05, "beta1": 0.9, "beta2": 0.99, "eps": 1e-2, "final_lr": 0.05, "gamma": 0.3},
        problems="vector wide",
    ),
    # The bounds follow the schedule from its own start, not from 1.
    *cases(
        "AdaBound",
        "torch.optim.lr_scheduler.LambdaLR(adabound.AdaBound([w], lr=decaying(0), betas=({beta1}, {beta2}), "
        "final_lr={final_lr}, gamma={gamma}, eps={eps}), lambda t: {lr}(t) / {lr}(0))",
        {"lr": "decaying", "beta1": 0.9, "beta2": 0.99, "eps": 1e-3, "final_lr": 0.1, "gamma": 0.1},
    ),
]
