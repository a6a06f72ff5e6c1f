"""Backpropagation and deep-learning optimizers: one rule each, read as numbers, symbols, machine code, JavaScript."""

from importlib import import_module
from typing import Any

from downslope.averages import effective_window, ewma, ewma_weights
from downslope.derivation import Derivation, DerivationError
from downslope.descent import DivergedError, Trace, descend
from downslope.fused import fused
from downslope.landscapes import Landscape
from downslope.optimizers import *
from downslope.symbols import formula, source
from downslope.training import History, fit

_MODULES = ("catalogue", "check", "conventions", "data", "figures", "javascript", "networks", "schedules")


def __getattr__(name: str) -> Any:
    if name in _MODULES:  # loaded when first asked for: the figures bring Matplotlib and ipywidgets along
        return import_module(f"downslope.{name}")
    raise AttributeError(f"module 'downslope' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*globals(), *_MODULES])
