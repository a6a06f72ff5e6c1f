"""What the book says of each optimizer in one line each; tests, playground and tables go through this list."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from tempfile import gettempdir
from typing import Any

from downslope import optimizers as o
from downslope.optimizers.base import Elementwise, Matrixwise, Optimizer


@dataclass(frozen=True)
class Entry:
    """One optimizer: its family, its hook, its paper, what to know of it, and settings besides the defaults.

    ``paper`` is a key of ``references.bib``. ``buffers`` counts what is kept between steps for an m by n matrix, in
    numbers of four bytes; ``gradients`` says what a step costs in evaluations. Each dict of ``variants`` changes which
    formula runs; ``settings`` are those that every instance has, such as what a wrapper wraps.
    """

    optimizer: type[Optimizer]
    family: str
    hook: str
    paper: str
    notes: str
    downsides: str
    buffers: str = "m*n"
    gradients: str = "1"
    settings: dict[str, Any] = field(default_factory=dict)
    variants: tuple[dict[str, Any], ...] = ()

    def instances(self) -> Iterator[Optimizer]:
        """The optimizer with its defaults, then each variant."""
        for variant in ({}, *self.variants):
            yield self.optimizer(**(self.settings | variant))

    @property
    def shapes(self) -> str:
        """What the method takes."""
        return "matrices" if issubclass(self.optimizer, Matrixwise) else "any"


def _matrices_apart(path: str, w: Any) -> str:
    return "matrices" if w.ndim == 2 else "rest"


CATALOGUE: tuple[Entry, ...] = (
    Entry(
        o.SGD,
        family="Baselines",
        hook="Step against the gradient.",
        paper="robbins1951stochastic",
        buffers="0",
        notes="The baseline: nothing to remember, one number to tune.",
        downsides="One step size for every direction, so a ravine is walked at the pace of its steepest wall.",
    ),
    Entry(
        o.Momentum,
        family="Baselines",
        hook="Remember where you were going.",
        paper="polyak1964some",
        notes="Speeds up the slow directions of a ravine; stable for steps almost twice as long as plain descent.",
        downsides="Overshoots and rings in every direction that is not slow; amplifies noise.",
        variants=({"dampening": 0.9}, {"lr_inside": True}, {"momentum": 0.5, "dampening": 0.2}),
    ),
    Entry(
        o.Nesterov,
        family="Baselines",
        hook="Momentum that looks before it lands.",
        paper="nesterov1983method",
        notes="Brakes one step earlier, so it rings less; one gradient a step, as without it.",
        downsides="Stable only for shorter steps than momentum, and the limit shrinks as momentum grows.",
        variants=({"form": "current"},),
    ),
    Entry(
        o.AdaGrad,
        family="Adaptive",
        hook="Remember every squared gradient.",
        paper="duchi2011adaptive",
        notes="Rare features keep a large rate; no scale of the gradient matters.",
        downsides="The rate never grows again: one early burst is paid for ever, and noise wears it down.",
    ),
    Entry(
        o.RMSProp,
        family="Adaptive",
        hook="AdaGrad that forgets.",
        paper="tieleman2012rmsprop",
        notes="The rate follows the recent size of the gradient.",
        downsides="Without bias correction the first step is 1/sqrt(1 - beta2) times lr; it never settles by itself.",
        variants=(
            {"momentum": 0.9},
            {"centered": True, "eps": 1e-3},
            {"momentum": 0.9, "centered": True, "eps": 1e-3},
        ),
    ),
    Entry(
        o.AdaDelta,
        family="Adaptive",
        hook="Size steps by the steps taken so far.",
        paper="zeiler2012adadelta",
        buffers="2*m*n",
        notes="The step carries the parameter's unit without a learning rate.",
        downsides="eps is the learning rate in disguise, and it starts very slowly.",
    ),
    Entry(
        o.Adam,
        family="Adam",
        hook="Mean gradient over root mean square.",
        paper="kingma2015adam",
        buffers="2*m*n",
        notes="A steady gradient moves a weight by lr a step, whatever its scale; noise shortens the step.",
        downsides="Can fail to converge on convex problems; needs a schedule to settle; not invariant to rotation.",
        variants=({"bias_correction": False}, {"beta1": 0.0}, {"eps": 1e-3}),
    ),
    Entry(
        o.AdamW,
        family="Adam",
        hook="Adam, and a shrink beside it.",
        paper="loshchilov2019decoupled",
        buffers="2*m*n",
        notes="Decay acts on each weight alike, not divided by the size of its gradient.",
        downsides="lr and weight_decay multiply, so a schedule on one is a schedule on both.",
        variants=({"weight_decay": 0.5, "lr": 0.01},),
    ),
    Entry(
        o.AMSGrad,
        family="Adam",
        hook="Adam whose mean square never falls.",
        paper="reddi2018convergence",
        buffers="3*m*n",
        notes="Converges on the example that defeats Adam.",
        downsides="One more buffer, a rate that cannot recover, seldom a gain in practice.",
        variants=({"bias_correction": False},),
    ),
    Entry(
        o.AdaMax,
        family="Adam",
        hook="Adam measured by the largest gradient.",
        paper="kingma2015adam",
        buffers="2*m*n",
        notes="One burst sets the scale, and the scale fades by beta2 a step; no root, no square to overflow.",
        downsides="A lone spike after silence moves a weight by a tenth of lr; the scale follows outliers.",
    ),
    Entry(
        o.NAdam,
        family="Adam",
        hook="Adam with Nesterov's look ahead.",
        paper="dozat2016incorporating",
        buffers="2*m*n",
        notes="Weighs the newest gradient more; one gradient a step, taken at the weights.",
        downsides="Longer first steps; each library schedules beta1 in its own way, so results do not carry over.",
    ),
    Entry(
        o.RAdam,
        family="Adam",
        hook="Adam that waits until its mean square can be trusted.",
        paper="liu2020variance",
        buffers="2*m*n",
        notes="A built-in warm-up: no division during the first steps, a shortened step after them.",
        downsides="The first steps scale with the gradient; a warm-up over 2 / (1 - beta2) steps does the same.",
        variants=({"threshold": 5.0}, {"beta2": 0.5}),
    ),
    Entry(
        o.Yogi,
        family="Adam",
        hook="Adam whose mean square takes small steps.",
        paper="zaheer2018adaptive",
        buffers="2*m*n",
        notes="After a burst the mean square falls slowly, so the rate does not shoot up.",
        downsides="Where gradients shrink for good it is slow to notice; the start value is one more setting.",
        variants=({"initial": 0.1, "beta2": 0.9},),
    ),
    Entry(
        o.AdaBelief,
        family="Adam",
        hook="Step by how far the gradient keeps its word.",
        paper="zhuang2020adabelief",
        buffers="2*m*n",
        notes="Divides by the spread around the mean: steady directions are taken fast, erratic ones slowly.",
        downsides="Under a steady gradient the step grows without a bound but eps, which makes eps matter.",
        variants=({"eps": 1e-3},),
    ),
    Entry(
        o.AdaBound,
        family="Adam",
        hook="Adam at first, momentum in the end.",
        paper="luo2019adaptive",
        buffers="2*m*n",
        notes="The rates of all coordinates are squeezed towards one.",
        downsides="The rate to end in has to be known, which is what Adam was to spare.",
        variants=({"final_lr": 0.05, "gamma": 0.3},),
    ),
    Entry(
        o.AdaFactor,
        family="Layer-wise",
        hook="Remember rows and columns instead of every entry.",
        paper="shazeer2018adafactor",
        buffers="m + n",
        notes="Almost no memory; steps are shares of a layer's own size, so no lr has to be found for each.",
        downsides="Exact only where the squared gradients have rank one; needs clipping to be stable.",
        variants=({"eps1": 1e-2, "eps2": 1.5, "clip": 0.5},),
    ),
    Entry(
        o.LARS,
        family="Layer-wise",
        hook="Every layer takes the same relative step.",
        paper="you2017large",
        notes="Keeps layers with small weights from being torn apart in very large batches.",
        downsides="Wants a warm-up and a decay tuned with it; biases and scales are better left out.",
        variants=({"weight_decay": 0.1, "trust": 0.1},),
    ),
    Entry(
        o.LAMB,
        family="Layer-wise",
        hook="LARS around Adam.",
        paper="you2020large",
        buffers="2*m*n",
        notes="A step's length is set by the layer's weights alone; made for batches of tens of thousands.",
        downsides="Never takes a shorter step because the gradient is small; in small batches AdamW does as well.",
        variants=({"weight_decay": 0.5, "eps": 1e-2},),
    ),
    Entry(
        o.SignSGD,
        family="Signs",
        hook="Only which way, never how far.",
        paper="bernstein2018signsgd",
        buffers="0",
        notes="One bit a coordinate to send between machines; no scale of the gradient matters.",
        downsides="Never settles without a schedule; a coin's bias is lost, so skewed noise leads it astray.",
        variants=({"momentum": 0.9},),
    ),
    Entry(
        o.Lion,
        family="Signs",
        hook="The sign of a blend of old and new.",
        paper="chen2023symbolic",
        notes="Found by a search over programs; half of Adam's memory, every step of the same length.",
        downsides="Wants an lr some ten times smaller than Adam's and a larger decay; noisy in small batches.",
        variants=({"weight_decay": 0.5, "lr": 0.01}, {"beta1": 0.7, "beta2": 0.9}),
    ),
    Entry(
        o.Adan,
        family="Differences and curvature",
        hook="Watch the gradient, and watch it change.",
        paper="xie2024adan",
        buffers="4*m*n",
        notes="Nesterov's correction from the difference of two gradients at the points that are visited anyway.",
        downsides="Four buffers, three memories to set.",
        variants=({"weight_decay": 0.5, "lr": 0.01}, {"beta2": 0.5}),
    ),
    Entry(
        o.Sophia,
        family="Differences and curvature",
        hook="Divide by curvature, and never trust it further than lr.",
        paper="liu2024sophia",
        buffers="2*m*n",
        gradients="1, and the Hessian's diagonal in every tenth step or so",
        notes="Longer steps along flat directions; where the curvature is negative, a step by the sign.",
        downsides="Needs second derivatives, or a backward pass on labels drawn from the model; rho needs tuning.",
        variants=({"weight_decay": 0.5, "lr": 0.01}, {"rho": 1.0, "beta2": 0.5}),
    ),
    Entry(
        o.MARS,
        family="Differences and curvature",
        hook="Take out the noise that two points share.",
        paper="yuan2025mars",
        buffers="2*m*n",
        gradients="2 on one sample, or 1 and the last one again",
        notes="Variance reduction in front of AdamW; the corrected gradient is clipped to norm 1.",
        downsides="Two gradients a step, or an approximation that leaves most of the noise in.",
        variants=({"weight_decay": 0.5, "gamma": 0.2},),
    ),
    Entry(
        o.Newton,
        family="Matrices",
        hook="Divide by the curvature, all of it.",
        paper="nocedal2006numerical",
        buffers="0",
        gradients="1, and the Hessian",
        notes="One step to the bottom of a paraboloid; no change of coordinates matters.",
        downsides="Walks to saddles and maxima too; the Hessian has the square of the parameters' number of entries.",
        variants=({"damping": 10.0},),
    ),
    Entry(
        o.Shampoo,
        family="Matrices",
        hook="AdaGrad that knows rows from columns.",
        paper="gupta2018shampoo",
        buffers="m**2 + n**2",
        notes="A preconditioner for each side of a matrix; no rotation of rows or columns matters.",
        downsides="Inverse fourth roots in double precision; like AdaGrad, its rate never grows again.",
        variants=({"eps": 0.1},),
    ),
    Entry(
        o.Muon,
        family="Orthogonal",
        hook="Every direction of a layer at one pace.",
        paper="jordan2024muon",
        notes="Half of Adam's memory, matrix products only, and they may run in bfloat16.",
        downsides="For hidden matrices alone: needs a second optimizer, and whole matrices on one machine.",
        variants=({"nesterov": False, "momentum": 0.8, "weight_decay": 0.5},),
    ),
    Entry(
        o.Moonlight,
        family="Orthogonal",
        hook="Muon in Adam's units.",
        paper="liu2025muon",
        notes="One rate and one decay for matrices and for what AdamW does; carried Muon to large models.",
        downsides="The match of sizes is an average: 0.2 is what Adam's steps happen to measure.",
        variants=({"nesterov": False},),
    ),
    Entry(
        o.NorMuon,
        family="Orthogonal",
        hook="Muon, and no neuron shouts.",
        paper="li2025normuon",
        buffers="m*n + m",
        notes="Rows that are always long in the orthogonal update are shortened; one more number a row.",
        downsides="What it evens out is partly an artefact of stopping Newton-Schulz early.",
        variants=({"beta2": 0.5, "weight_decay": 0.5},),
    ),
    Entry(
        o.REG,
        family="Orthogonal",
        hook="Balance rows and columns, and leave the singular vectors alone.",
        paper="liu2025reg",
        notes="Norms in the place of matrix products. The balancing is this book's reconstruction, not the paper's.",
        downsides="No code to hold it to; one pass balances columns, and rows only about.",
        variants=({"p": 1.0, "weight_decay": 0.5},),
    ),
    Entry(
        o.MARSM,
        family="Orthogonal",
        hook="Take out the shared noise, then orthogonalise.",
        paper="liu2025marsm",
        gradients="2 on one sample, or 1 and the last one again",
        notes="MARS's correction in front of Moonlight.",
        downsides="Those of both.",
        variants=({"gamma": 0.2, "weight_decay": 0.5},),
    ),
    Entry(
        o.Lookahead,
        family="Around an optimizer",
        hook="Send a scout ahead, follow half of the way.",
        paper="zhang2019lookahead",
        buffers="3*m*n",
        settings={"inner": o.Adam()},
        notes="Averages out what the fast weights do across a valley; one copy besides the inner state.",
        downsides="Slower where the fast weights were right; the inner state belongs to weights that were left.",
        variants=({"inner": o.Nesterov(), "sync_period": 2, "slow_step": 0.8},),
    ),
    Entry(
        o.PolyakAverage,
        family="Around an optimizer",
        hook="Report the mean of the walk, not its end.",
        paper="kingma2015adam",
        buffers="m*n",
        settings={"inner": o.SGD()},
        notes="Noise averages out, so the rate may stay large; changes nothing in the walk.",
        downsides="Remembers the start for long; of no use before the walk has settled into one valley.",
        variants=({"inner": o.Nesterov()},),
    ),
    Entry(
        o.Clip,
        family="Around an optimizer",
        hook="No gradient is worth more than this.",
        paper="pascanu2013difficulty",
        buffers="2*m*n",
        settings={"inner": o.Adam(), "max_norm": 1.0},
        notes="Keeps one bad batch from throwing the weights away; the direction stays.",
        downsides="Below the threshold it does nothing, above it the rate is no longer yours.",
        variants=({"inner": o.Nesterov(), "max_norm": 0.1},),
    ),
    Entry(
        o.CoupledL2,
        family="Around an optimizer",
        hook="Put the decay into the loss.",
        paper="loshchilov2019decoupled",
        buffers="2*m*n",
        settings={"inner": o.Adam(), "weight_decay": 1e-2},
        notes="The penalty that statistics knows; for gradient descent the same as decoupled decay.",
        downsides="In adaptive methods large gradients shield their weights from it.",
        variants=({"inner": o.Nesterov(), "weight_decay": 0.5},),
    ),
    Entry(
        o.Partition,
        family="Around an optimizer",
        hook="To each parameter its own.",
        paper="jordan2024muon",
        settings={"choose": _matrices_apart, "optimizers": {"matrices": o.Muon(), "rest": o.AdamW()}},
        notes="Muon for hidden matrices and AdamW for the rest; no decay for biases.",
        downsides="Two sets of settings to tune.",
        variants=({"optimizers": {"matrices": o.Nesterov(), "rest": o.Sophia()}},),
    ),
    Entry(
        o.Quantized,
        family="Around an optimizer",
        hook="A byte is enough to remember.",
        paper="dettmers2022optimizers",
        buffers="2*(m*n/4 + ceiling(m*n/256))",
        settings={"inner": o.Adam()},
        notes="A quarter of the state's memory; the rule computes as before with what the bytes stand for.",
        downsides="Lossy: small numbers beside large ones in a block go to zero.",
        variants=({"inner": o.Nesterov(), "block": 4},),
    ),
    Entry(
        o.Paged,
        family="Around an optimizer",
        hook="What is not in use need not be in memory.",
        paper="dettmers2023qlora",
        buffers="2*m*n",
        settings={"inner": o.Adam(), "path": gettempdir()},
        notes="The same numbers, in files; a state larger than memory works.",
        downsides="As slow as the disk, and while a step is taken the state is there twice.",
        variants=({"inner": o.AdaFactor()},),
    ),
)


def elementwise() -> list[Optimizer]:
    """Every optimizer that has all four readings, with its defaults, in the book's order.

    Examples
    --------
    >>> [opt.name for opt in elementwise()][:3]
    ['SGD', 'Momentum', 'Nesterov']
    """
    defaults = (next(entry.instances()) for entry in CATALOGUE)
    return [opt for opt in defaults if isinstance(opt, Elementwise)]
