"""The second reading of a rule: symbols go in, the formula comes out."""

from downslope.symbols.notation import NEEDED, after, before, g, hyperparameter, t, w
from downslope.symbols.reading import Reading, lookahead, read
from downslope.symbols.shown import Formula, Source, formula, source
from downslope.symbols.tracer import Symbolic

__all__ = [
    "NEEDED",
    "Formula",
    "Reading",
    "Source",
    "Symbolic",
    "after",
    "before",
    "formula",
    "g",
    "hyperparameter",
    "lookahead",
    "read",
    "source",
    "t",
    "w",
]
