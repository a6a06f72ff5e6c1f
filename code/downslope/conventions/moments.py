"""The conventions of what stands in a moment, under a root and before it."""

from downslope.conventions import coordinatewise as c
from downslope.conventions import series
from downslope.conventions.comparison import Convention, Form
from downslope.optimizers import (
    AdaBelief,
    AdaGrad,
    Adam,
    AdaMax,
    AMSGrad,
    Momentum,
    NAdam,
    Nesterov,
    RAdam,
    RMSProp,
    Yogi,
)
from downslope.schedules import exponential

__all__ = ["BIAS", "EPSILON", "MOMENTUM"]

NONE = r"$\epsilon = 0$"

EPSILON = (
    Convention(
        "epsilon",
        "Adam",
        {"lr": 0.1, "beta2": 0.99, "eps": 0.1},
        Form("this book, PyTorch, Optax", r"$\hat m/(\sqrt{\hat s}+\epsilon)$", Adam),
        (Form("Keras", r"$\epsilon$ beside the root of the uncorrected $s$", c.AdamEpsHat, NONE, {"eps": 0.0}),),
    ),
    Convention(
        "epsilon",
        "AdaGrad",
        {"lr": 0.3, "eps": 0.1},
        Form("this book, PyTorch", r"$g/(\sqrt s+\epsilon)$", lambda lr, eps, initial=0.0: AdaGrad(lr, eps)),
        (
            Form(
                "Optax, Keras",
                r"$g/\sqrt{s+\epsilon}$, and $s_0=0.1$",
                c.AdaGradInside,
                r"$\epsilon = 0$ and $s_0 = 0$",
                {"eps": 0.0, "initial": 0.0},
            ),
        ),
    ),
    Convention(
        "epsilon",
        "RMSProp",
        {"lr": 0.03, "beta2": 0.9, "eps": 0.1},
        Form("this book, PyTorch", r"$g/(\sqrt s+\epsilon)$", RMSProp),
        (Form("Optax, Keras", r"$g/\sqrt{s+\epsilon}$", c.RMSPropInside, NONE, {"eps": 0.0}),),
    ),
    Convention(
        "epsilon",
        "AdaMax",
        {"lr": 0.1, "beta2": 0.9, "eps": 0.1},
        Form("this book, Keras", r"$\hat m/(u+\epsilon)$", AdaMax),
        (
            Form("PyTorch, Optax", r"$u=\max(\beta_2u,\lvert g\rvert+\epsilon)$", c.AdaMaxInside, NONE, {"eps": 0.0}),
            Form("Kingma and Ba", "none", lambda **s: AdaMax(**{**s, "eps": 0.0}), NONE, {"eps": 0.0}),
        ),
    ),
    Convention(
        "epsilon",
        "AdaBelief",
        {"lr": 0.1, "beta2": 0.9, "eps": 0.01},
        Form("this book, its authors", r"also added to $s$ in every step", AdaBelief),
        (Form("lecture notes", "beside the root alone", c.AdaBeliefPlain, NONE, {"eps": 0.0}),),
    ),
    Convention(
        "epsilon",
        "RAdam",
        {"lr": 0.1, "beta2": 0.9, "eps": 0.1},
        Form("this book, Optax", r"$\hat m/(\sqrt{\hat s}+\epsilon)$", RAdam),
        (Form("PyTorch", r"beside the root of the uncorrected $s$", c.RAdamEpsHat, NONE, {"eps": 0.0}),),
    ),
)

MOMENTUM = (
    Convention(
        "momentum",
        "Momentum",
        {"lr": exponential(0.05, rate=0.1), "momentum": 0.9},
        Form("this book, PyTorch, Optax", r"$m=\beta m+g$, $v=-\eta m$", Momentum),
        (
            Form(
                "lecture notes, Optax's `ema`",
                r"an average: $m=\beta m+(1-\beta)g$",
                lambda lr, momentum: Momentum(lr, momentum, dampening=momentum),
                r"its $\eta$ is $1/(1-\beta)$ times as large",
                own={"lr": exponential(0.5, rate=0.1)},
            ),
            Form(
                "Keras, many papers",
                r"a velocity: $m=\beta m+\eta g$, $v=-m$",
                lambda lr, momentum: Momentum(lr, momentum, lr_inside=True),
                r"$\eta$ is constant",
                {"lr": 0.05},
            ),
        ),
    ),
    Convention(
        "momentum",
        "dampening",
        {"lr": 0.05, "momentum": 0.9, "dampening": 0.5},
        Form("this book", r"$m=\beta m+(1-\tau)g$ from $m=0$", Momentum),
        (Form("PyTorch", r"the first $m$ is $g$", c.MomentumFirstWhole, r"$\tau=0$", {"dampening": 0.0}),),
    ),
    Convention(
        "momentum",
        "Nesterov",
        {"lr": 0.05, "momentum": 0.9},
        Form("this book", r"the weights are $w$, the gradient is taken ahead", Nesterov),
        (
            Form(
                "PyTorch, Optax, Keras",
                r"the weights are the point ahead",
                lambda lr, momentum: Nesterov(lr, momentum, form="current"),
                r"compared at the point ahead",
                {"at": "lookahead"},
            ),
        ),
    ),
    Convention(
        "momentum",
        "RMSProp with momentum",
        {"lr": exponential(0.05, rate=0.1), "beta2": 0.9, "eps": 1e-3, "momentum": 0.9},
        Form("this book, PyTorch", r"$\eta$ outside of the velocity", RMSProp),
        (Form("Optax", r"$\eta$ inside", c.RMSPropVelocity, r"$\eta$ is constant", {"lr": 0.05}),),
    ),
    Convention(
        "momentum",
        "NAdam",
        {"lr": 0.05, "beta2": 0.99},
        Form("this book, Optax", r"$\beta_1$ is constant", lambda decay=0, **s: NAdam(**s)),
        (
            Form(
                "PyTorch",
                r"$\beta_1(1-\frac12\,0.96^{0.004t})$ in step $t$",
                c.NAdamScheduled,
                r"$0.96^{0.004t}$ has vanished",
                {"decay": 1e6},
            ),
            Form(
                "Keras",
                r"$\beta_1(1-\frac12\,0.96^{t})$ in step $t$",
                lambda decay=1.0, **s: c.NAdamScheduled(**s, decay=decay),
                r"$0.96^t$ has vanished",
                {"decay": 1e6},
            ),
        ),
    ),
)

BIAS = (
    Convention(
        "bias",
        "AMSGrad",
        {"lr": 0.05, "beta1": 0.9, "beta2": 0.9},
        Form("this book, Optax", r"the maximum of the corrected $\hat s$", AMSGrad),
        (
            Form(
                "PyTorch, Keras",
                r"the corrected maximum of $s$",
                c.AMSGradCorrectedLast,
                r"$\beta_2=0$",
                {"beta2": 0.0},
            ),
            Form(
                "its authors",
                r"no correction",
                lambda **s: AMSGrad(**s, bias_correction=False),
                r"$\beta_1=\beta_2=0$",
                {"beta1": 0.0, "beta2": 0.0},
            ),
            Form(
                "lecture notes",
                r"$\hat m$ corrected, the maximum of $s$ not",
                c.AMSGradHalfCorrected,
                r"$\beta_2=0$",
                {"beta2": 0.0},
            ),
        ),
    ),
    Convention(
        "bias",
        "RAdam",
        {"lr": 0.05, "beta2": 0.99},
        Form("this book, its authors", r"adapts where $\rho_t>4$, from step 5 on", RAdam),
        (
            Form(
                "Optax",
                r"where $\rho_t>5$, from step 6 on",
                lambda **s: RAdam(**s, threshold=5.0),
                r"$\beta_2<0.6$: neither ever adapts",
                {"beta2": 0.5},
            ),
        ),
    ),
    Convention(
        "bias",
        "Yogi",
        {"lr": 0.05, "beta2": 0.9},
        Form(
            "this book, Optax",
            r"both averages start at $10^{-6}$",
            lambda initial=1e-6, **s: Yogi(**s, initial=initial),
        ),
        (
            Form(
                "lecture notes",
                r"at 0",
                lambda **s: Yogi(**{"initial": 0.0, **s}),
                r"both start at 0",
                {"initial": 0.0},
            ),
        ),
    ),
    Convention(
        "bias",
        "moving average",
        {"beta": 0.9},
        Form("this book's `ewma`", r"$m=\beta m+(1-\beta)x$ from $m=0$", series.from_zero),
        (
            Form(
                "pandas' `ewm(alpha)`",
                r"all weights divided by their sum",
                series.weighted_mean,
                r"`bias_correction=True`",
                {"bias_correction": True},
            ),
            Form(
                "pandas' `adjust=False`",
                r"from $m=x_1$",
                series.from_first,
                r"the first number is 0",
                {"first": 0.0},
            ),
        ),
    ),
)
