"""Forms that are not the book's: its page on conventions says whose they are, and here they are held to them."""

from oracles.cases.case import cases, scheduled
from oracles.cases.schedules import SGD, schedule_case

ADAM = {"lr": 0.05, "beta1": 0.9, "beta2": 0.99}
TORCH_ADAM = "lr={lr}, betas=({beta1}, {beta2}), eps={eps}"
OPTAX_ADAM = "{lr}, b1={beta1}, b2={beta2}, eps={eps}"
KERAS_ADAM = "learning_rate={lr}, beta_1={beta1}, beta_2={beta2}, epsilon={eps}"
SINGLE = "Keras keeps the step count and the rate in float32"

CASES = [
    *cases("AdamEpsHat", f"keras.optimizers.Adam({KERAS_ADAM})", ADAM | {"eps": 0.1}),
    *cases(
        "AdaGradInside",
        "optax.adagrad({lr}, initial_accumulator_value={initial}, eps={eps})",
        {"lr": 0.3, "eps": 0.1, "initial": 0.1},
        {"lr": 0.3, "eps": 1e-3, "initial": 0.0},
    ),
    *cases(
        "AdaGradInside",
        "keras.optimizers.Adagrad(learning_rate={lr}, initial_accumulator_value={initial}, epsilon={eps})",
        {"lr": 0.3, "eps": 0.1, "initial": 0.1},
    ),
    *cases(
        "RMSPropInside",
        "keras.optimizers.RMSprop(learning_rate={lr}, rho={beta2}, epsilon={eps}, momentum={momentum})",
        {"lr": 0.02, "beta2": 0.9, "eps": 0.1, "momentum": 0.0},
        {"lr": 0.01, "beta2": 0.9, "eps": 0.1, "momentum": 0.9},
    ),
    *cases(
        "RMSPropInside",
        "optax.rmsprop({lr}, decay={beta2}, eps={eps}, momentum={momentum})",
        {"lr": "decaying", "beta2": 0.9, "eps": 0.1, "momentum": 0.9},
    ),
    # The method of Graves' paper of 2013, with its constants but for a step that gets somewhere.
    *cases(
        "RMSPropInside",
        "optax.rmsprop({lr}, decay={beta2}, eps={eps}, centered=True, momentum={momentum})",
        {"lr": 0.01, "beta2": 0.95, "eps": 1e-4, "momentum": 0.9, "centered": True},
    ),
    *cases(
        "RMSPropVelocity",
        "optax.rmsprop({lr}, decay={beta2}, eps={eps}, momentum={momentum}, eps_in_sqrt=False)",
        {"lr": "decaying", "beta2": 0.9, "eps": 0.1, "momentum": 0.9},
    ),
    *cases("AdaMaxInside", f"torch.optim.Adamax([w], {TORCH_ADAM})", ADAM | {"eps": 0.1}),
    *cases("AdaMaxInside", f"optax.adamax({OPTAX_ADAM})", ADAM | {"eps": 0.1}),
    *cases("RAdamEpsHat", f"torch.optim.RAdam([w], {TORCH_ADAM})", ADAM | {"eps": 0.1, "threshold": 5.0}),
    *cases("AdaBeliefPlain", f"optax.adabelief({OPTAX_ADAM}, eps_root=0.0)", ADAM | {"eps": 0.01}),
    *cases(
        "MomentumFirstWhole",
        "torch.optim.SGD([w], lr={lr}, momentum={momentum}, dampening={dampening})",
        {"lr": 0.05, "momentum": 0.9, "dampening": 0.5},
    ),
    *cases(
        "MomentumFirstWhole",
        scheduled("torch.optim.SGD([w], lr=1.0, momentum={momentum}, dampening={dampening})"),
        {"lr": "decaying", "momentum": 0.9, "dampening": 0.9},
    ),
    *cases(
        "MomentumDecoupled",
        "keras.optimizers.SGD(learning_rate={lr}, momentum={momentum}, weight_decay={weight_decay})",
        {"lr": 0.02, "momentum": 0.9, "weight_decay": 0.5},
    ),
    *cases(
        "AdamWUnscaled",
        "optax.chain(optax.scale_by_adam(b1={beta1}, b2={beta2}, eps={eps}), optax.scale(-{lr}), "
        "optax.add_decayed_weights(-{weight_decay}))",
        ADAM | {"eps": 1e-8, "weight_decay": 0.05},
    ),
    *cases(
        "AdanExplicit",
        "pytorch_optimizer.Adan([w], lr={lr}, betas=({beta1}, {beta2}, {beta3}), eps={eps}, "
        "weight_decay={weight_decay}, weight_decouple=True)",
        {"lr": 0.05, "beta1": 0.9, "beta2": 0.8, "beta3": 0.95, "eps": 1e-2, "weight_decay": 0.5},
    ),
    *cases(
        "AdanSlip",
        "optax.adan({lr}, b1={beta1}, b2={beta2}, b3={beta3}, eps={eps}, eps_root=0.0)",
        {"lr": 0.05, "beta1": 0.9, "beta2": 0.8, "beta3": 0.95, "eps": 1e-2},
    ),
    *cases(
        "SophiaWide",
        "pytorch_optimizer.SophiaH([w], lr={lr}, betas=({beta1}, {beta2}), p={rho}, eps={eps}, update_period=4)",
        {"lr": 0.1, "beta1": 0.9, "beta2": 0.8, "rho": 0.5, "eps": 0.05},
        needs=("hessian_diag",),
        hessian_every=4,
    ),
    *cases("AMSGradCorrectedLast", f"torch.optim.Adam([w], {TORCH_ADAM}, amsgrad=True)", ADAM | {"eps": 0.1}),
    *cases("AMSGradCorrectedLast", f"keras.optimizers.Adam({KERAS_ADAM}, amsgrad=True)", ADAM | {"eps": 0.0}),
    *cases("AMSGradHalfCorrected", f"optax.amsgrad({OPTAX_ADAM}, bias_correction_nu=False)", ADAM | {"eps": 0.1}),
    *cases(
        "NAdamScheduled",
        f"torch.optim.NAdam([w], {TORCH_ADAM}, momentum_decay={{decay}})",
        ADAM | {"eps": 0.1, "decay": 0.004},
        ADAM | {"eps": 0.1, "decay": 0.3},
    ),
    *cases("NAdamScheduled", f"keras.optimizers.Nadam({KERAS_ADAM})", ADAM | {"eps": 0.1, "decay": 1.0}),
    *cases(
        "LARSTogether",
        "optax.lars({lr}, weight_decay={weight_decay}, trust_coefficient={trust}, momentum={momentum})",
        {"lr": 0.5, "momentum": 0.5, "weight_decay": 0.1, "trust": 0.1},
        problems="wide tall",
    ),
    *cases(
        "LAMBBeside",
        f"keras.optimizers.Lamb({KERAS_ADAM}, weight_decay={{weight_decay}})",
        ADAM | {"eps": 1e-2, "weight_decay": 0.5},
        problems="wide",
    ),
    *cases(
        "MuonInputsFirst",
        "optax.contrib.muon({lr}, beta={momentum}, nesterov={nesterov}, ns_steps={ns_steps}, eps=0.0)",
        {"lr": 0.02, "momentum": 0.95, "nesterov": True, "ns_steps": 5},
        {"lr": 0.05, "momentum": 0.8, "nesterov": False, "ns_steps": 5},
        problems="wide tall",
    ),
    *cases(
        "MoonlightVelocity",
        "keras.optimizers.Muon(learning_rate={lr}, momentum={momentum}, weight_decay={weight_decay}, "
        "exclude_embeddings=False)",
        {"lr": 0.05, "momentum": 0.95, "weight_decay": 0.1},
        problems="wide tall",
        tolerance=1e-7,
        reason=SINGLE,
    ),
    *cases(
        "ClipShort",
        "clipping(torch.optim.SGD([w], lr=0.1, momentum=0.9), {max_norm})",
        {"inner": {"optimizer": "Momentum", "lr": 0.1, "momentum": 0.9}, "max_norm": 1.0},
        problems="vector wide",
    ),
]

SCHEDULES = [
    schedule_case(
        "waving", f"torch.optim.lr_scheduler.CosineAnnealingLR({SGD}, {{steps}})", {"lr": 0.1, "steps": 10}, steps=20
    ),
    schedule_case("from_nothing", "optax.linear_schedule(0, {lr}, {steps})", {"lr": 0.1, "steps": 10}, steps=20),
]
