"""What goes around an optimizer."""

from tempfile import gettempdir
from typing import Any

from downslope import optimizers as o
from downslope.catalogue.entry import Entry


def _matrices_apart(path: str, w: Any) -> str:
    return "matrices" if w.ndim == 2 else "rest"


ENTRIES = (
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
        paper="polyak1992acceleration",
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
        notes="The same numbers, in a file; in memory is one array's share of them at a time.",
        downsides="As slow as the disk; a state may be larger than memory, but not that of any one array.",
        variants=({"inner": o.AdaFactor()},),
    ),
)
