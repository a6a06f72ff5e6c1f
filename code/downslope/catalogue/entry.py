"""What there is to say of one optimizer."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import sympy as sp

from downslope.optimizers.base import Matrixwise, Optimizer, Ruled

SHOWN_AT_ZERO = ("weight_decay", "damping")
"""What a formula shows though its default, zero, would switch it off."""


@dataclass(frozen=True)
class Entry:
    """One optimizer: its family, its hook, its paper, what to know of it, and settings besides the defaults.

    ``paper`` is a key of ``references.bib``, ``chapter`` a page of the book, once there is one. ``buffers`` counts what
    is kept between steps for an m by n matrix, in numbers of four bytes; ``gradients`` says what a step costs in
    evaluations. Each dict of ``variants`` changes which formula runs; ``settings`` are those that every instance has,
    such as what a wrapper wraps.
    """

    optimizer: type[Optimizer]
    family: str
    hook: str
    paper: str
    notes: str
    downsides: str
    buffers: str = "m*n"
    gradients: str = "1"
    chapter: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    variants: tuple[dict[str, Any], ...] = ()

    def instances(self) -> Iterator[Optimizer]:
        """The optimizer with its defaults, then each variant."""
        for variant in ({}, *self.variants):
            yield self.optimizer(**(self.settings | variant))

    @property
    def name(self) -> str:
        """The class's name, under which the package exports it."""
        return self.optimizer.__name__

    @property
    def default(self) -> Optimizer:
        """The optimizer with its defaults."""
        return next(self.instances())

    @property
    def shown(self) -> Ruled | None:
        """The optimizer whose formula stands for the method, decay included; None where there is no rule."""
        opt = self.default
        if not isinstance(opt, Ruled):
            return None
        return replace(opt, **{name: 1.0 for name in SHOWN_AT_ZERO if getattr(opt, name, None) == 0})

    @property
    def shapes(self) -> str:
        """What the method takes."""
        return "matrices" if issubclass(self.optimizer, Matrixwise) else "any"

    @property
    def copies(self) -> float:
        """What is kept for a large square matrix, in copies of it."""
        size = sp.Symbol("m", positive=True)
        numbers = sp.sympify(self.buffers, {"m": size, "n": size}).replace(sp.ceiling, lambda x: x)
        return float(sp.limit(numbers / size**2, size, sp.oo))
