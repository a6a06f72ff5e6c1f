"""The plain methods and those with a rate for each coordinate."""

from downslope import optimizers as o
from downslope.catalogue.entry import Entry

ENTRIES = (
    Entry(
        o.SGD,
        chapter="descent/hill",
        family="Baselines",
        hook="Step against the gradient.",
        paper="robbins1951stochastic",
        buffers="0",
        notes="The baseline: nothing to remember, one number to tune.",
        downsides="One step size for every direction, so a ravine is walked at the pace of its steepest wall.",
    ),
    Entry(
        o.Momentum,
        chapter="inertia/momentum",
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
        downsides="Without bias correction the first step is 1/√(1−β₂) times lr; it never settles by itself.",
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
)
