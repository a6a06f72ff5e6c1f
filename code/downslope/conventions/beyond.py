"""The conventions of decay, of signs, curvature and matrices, and of what surrounds an optimizer."""

from downslope.conventions import coordinatewise as c
from downslope.conventions import series
from downslope.conventions import tensorwise as x
from downslope.conventions.comparison import Convention, Form
from downslope.optimizers import (
    LAMB,
    LARS,
    Adam,
    AdamW,
    Adan,
    Clip,
    CoupledL2,
    Lion,
    Momentum,
    Moonlight,
    Muon,
    Sophia,
)
from downslope.schedules import cosine, warmup

__all__ = ["AROUND", "BEYOND", "DECAY"]

UNDECAYED = r"$\lambda = 0$"

DECAY = (
    Convention(
        "decay",
        "Adam with decay",
        {"lr": 0.1, "beta2": 0.99, "weight_decay": 0.5},
        Form("this book's AdamW, PyTorch's AdamW, Optax, Keras", r"$-\eta\lambda w$, beside the averages", AdamW),
        (
            Form(
                "PyTorch's Adam",
                r"coupled: $g+\lambda w$ is what the averages see",
                lambda weight_decay, **s: CoupledL2(Adam(**s), weight_decay),
                UNDECAYED,
                {"weight_decay": 0.0},
            ),
            Form(
                "Loshchilov and Hutter",
                r"$-\lambda w$, not times $\eta$",
                c.AdamWUnscaled,
                r"its $\lambda$ is $\eta\lambda$",
                own={"weight_decay": 0.05},
            ),
            Form(
                "lecture notes",
                r"after the step: $(1-\eta\lambda)(w+v)$",
                c.AdamWAfter,
                UNDECAYED,
                {"weight_decay": 0.0},
            ),
        ),
    ),
    Convention(
        "decay",
        "Momentum with decay",
        {"lr": 0.02, "momentum": 0.9, "weight_decay": 0.5},
        Form(
            "this book's `CoupledL2`, PyTorch",
            r"coupled: the velocity sees $g+\lambda w$",
            lambda weight_decay, **s: CoupledL2(Momentum(**s), weight_decay),
        ),
        (Form("Keras", r"decoupled: $-\eta\lambda w$", c.MomentumDecoupled, r"$\beta=0$", {"momentum": 0.0}),),
    ),
    Convention(
        "decay",
        "Lion",
        {"lr": 0.05, "weight_decay": 0.5},
        Form("this book, its authors, Optax", r"$-\eta\lambda w$, outside the sign", Lion),
        (
            Form(
                "lecture notes",
                "none",
                lambda lr, weight_decay: Lion(lr),
                UNDECAYED,
                {"weight_decay": 0.0},
            ),
        ),
    ),
    Convention(
        "decay",
        "Adan",
        {"lr": 0.1, "weight_decay": 0.5},
        Form("this book, the authors' code", r"divides by $1+\eta\lambda$", Adan),
        (Form("its `weight_decouple`", r"$-\eta\lambda w$", c.AdanExplicit, UNDECAYED, {"weight_decay": 0.0}),),
    ),
    Convention(
        "decay",
        "LAMB",
        {"lr": 0.05, "beta2": 0.99, "weight_decay": 0.5},
        Form("this book, Optax", r"inside the step that is rescaled", LAMB),
        (Form("Keras", r"before it: $w$ shrinks first", x.LAMBBeside, UNDECAYED, {"weight_decay": 0.0}),),
    ),
    Convention(
        "decay",
        "LARS",
        {"lr": 1.0, "trust": 0.05, "weight_decay": 0.5},
        Form("this book, its authors", r"$\lVert w\rVert/(\lVert g\rVert+\lambda\lVert w\rVert)$", LARS),
        (
            Form(
                "Optax",
                r"$\lVert w\rVert/\lVert g+\lambda w\rVert$",
                x.LARSTogether,
                UNDECAYED,
                {"weight_decay": 0.0},
            ),
        ),
    ),
)

BEYOND = (
    Convention(
        "beyond",
        "Adan's betas",
        {"lr": 0.05, "beta1": 0.9, "beta2": 0.8, "beta3": 0.95},
        Form("this book, the authors' code", r"$\beta$ is what is kept", Adan),
        (
            Form(
                "its paper",
                r"$\beta$ is what is added",
                lambda beta1, beta2, beta3, **s: Adan(**s, beta1=1 - beta1, beta2=1 - beta2, beta3=1 - beta3),
                r"its $\beta$ are $1-\beta$",
                own={"beta1": 0.1, "beta2": 0.2, "beta3": 0.05},
            ),
            Form(
                "Optax 0.2.8",
                r"$1-\beta_2$ before the difference, where its own averages want $\beta_2$",
                c.AdanSlip,
                r"$\beta_2=\frac12$",
                {"beta2": 0.5},
            ),
        ),
    ),
    Convention(
        "beyond",
        "Sophia",
        {"lr": 0.05, "beta2": 0.9, "rho": 0.5},
        Form("this book, the authors' code", r"$\operatorname{clip}(m/\max(\rho h,\epsilon),1)$", Sophia),
        (
            Form(
                "the paper's first version",
                r"$\operatorname{clip}(m/\max(h,\epsilon),\rho)$",
                c.SophiaWide,
                r"its $\eta$ is $\eta/\rho$, its $\epsilon$ is $\epsilon/\rho$",
                own={"lr": 0.1, "eps": 2e-12},
            ),
        ),
    ),
    Convention(
        "beyond",
        "Muon's shape factor",
        {"lr": 0.02, "nesterov": False},
        Form("this book, its author, PyTorch", r"$\sqrt{\max(1,\mathrm{rows}/\mathrm{columns})}$", Muon),
        (
            Form(
                "Optax",
                r"the same of the transposed matrix: rows are inputs",
                x.MuonInputsFirst,
                r"the matrix is square",
                {"shape": (4, 4)},
            ),
            Form(
                "PyTorch's `match_rms_adamw`",
                r"$0.2\sqrt{\max(\mathrm{rows},\mathrm{columns})}$",
                lambda lr, nesterov: Moonlight(lr, nesterov=nesterov, weight_decay=0.0),
                r"25 by 25: the factor is 1",
                {"shape": (25, 25)},
            ),
        ),
    ),
    Convention(
        "beyond",
        "Muon's Nesterov step",
        {"lr": 0.02, "shape": (4, 4)},
        Form("this book, PyTorch", r"of a running mean", lambda lr, nesterov=True: Muon(lr, nesterov=nesterov)),
        (
            Form(
                "Optax",
                r"with both parts corrected, as in NAdam",
                lambda lr, nesterov=True: x.MuonInputsFirst(lr, nesterov=nesterov),
                r"without Nesterov's step",
                {"nesterov": False},
            ),
        ),
    ),
    Convention(
        "beyond",
        "Moonlight's average",
        {"lr": 0.05},
        Form("this book", r"a running mean", Moonlight),
        (Form("Keras' Muon", r"a running sum", x.MoonlightVelocity, r"always: Newton-Schulz forgets the size"),),
    ),
)

AROUND = (
    Convention(
        "around",
        "clipping",
        {"max_norm": 1.0},
        Form("this book, Optax", r"$g\min(1,c/\lVert g\rVert)$", lambda max_norm: Clip(Momentum(0.1), max_norm)),
        (
            Form(
                "PyTorch",
                r"$g\min(1,c/(\lVert g\rVert+10^{-6}))$",
                lambda max_norm: x.ClipShort(Momentum(0.1), max_norm),
                r"$c$ is never reached",
                {"max_norm": 1e3},
            ),
        ),
    ),
    Convention(
        "around",
        "cosine",
        {"steps": 10},
        Form("this book, Optax, Keras", r"stays at its end", lambda steps: series.rates(cosine(0.1, steps))),
        (Form("PyTorch", r"rises again", series.waving, r"within the first $T$ steps", {"steps": 20}),),
    ),
    Convention(
        "around",
        "warm-up",
        {"steps": 10},
        Form("this book, PyTorch", r"step 1 has $\eta/W$", lambda steps: series.rates(warmup(0.1, steps))),
        (
            Form(
                "Optax",
                r"step 1 has 0",
                series.from_nothing,
                r"it begins one step earlier",
                own={"earlier": 1},
            ),
        ),
    ),
    Convention(
        "around",
        "plateau",
        {"losses": (1.0, 0.5, 0.8, 0.7, 0.4, 0.4)},
        Form(
            "this book, PyTorch",
            r"a loss fails that is not below the best",
            lambda losses: series.plateau(losses, "best"),
        ),
        (
            Form(
                "lecture notes",
                r"one that is above the one before",
                lambda losses: series.plateau(losses, "previous"),
                r"every loss is a new best",
                {"losses": (1.0, 0.5, 0.4, 0.3)},
            ),
        ),
    ),
)
