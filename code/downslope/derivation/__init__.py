"""Derivations: chains of equal expressions, each with its reason, every link checked when it is made."""

from downslope.derivation.chain import Derivation, DerivationError, Step
from downslope.derivation.operators import Definitions, E, partial, product, random, sigmoid, total

__all__ = [
    "Definitions",
    "Derivation",
    "DerivationError",
    "E",
    "Step",
    "partial",
    "product",
    "random",
    "sigmoid",
    "total",
]
