"""Hyperparameters that say what they allow, and the errors that say so."""

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, get_args, get_origin, get_type_hints

import numpy as np
from sympy import Expr


@dataclass(frozen=True)
class Interval:
    """The values a hyperparameter may take: ``low <= value < high``, but for ``open_low`` and ``closed_high``."""

    low: float
    high: float = np.inf
    open_low: bool = False
    closed_high: bool = False

    def __contains__(self, value: Any) -> bool:
        above = np.greater(value, self.low) if self.open_low else np.greater_equal(value, self.low)
        below = np.less_equal(value, self.high) if self.closed_high else np.less(value, self.high)
        return bool(np.all(above & below))

    def __str__(self) -> str:
        if np.isinf(self.high):
            return f"{'greater than' if self.open_low else 'at least'} {self.low:g} and finite"
        return f"in {'(' if self.open_low else '['}{self.low:g}, {self.high:g}{']' if self.closed_high else ')'}"


def check_interval(
    name: str, value: Any, low: float, high: float = np.inf, open_low: bool = False, closed_high: bool = False
) -> None:
    """Raise unless a number, or every number of an array, lies in the interval.

    Raises
    ------
    TypeError
        The value is not a number.
    ValueError
        It lies outside.

    Examples
    --------
    >>> check_interval("beta", 1.0, low=0, high=1)
    Traceback (most recent call last):
        ...
    ValueError: beta must be in [0, 1), got 1.0
    """
    interval = Interval(low, high, open_low, closed_high)
    try:
        allowed = value in interval
    except TypeError:
        raise TypeError(f"{name} must be a number {interval}, got {value!r}") from None
    if not allowed:
        raise ValueError(f"{name} must be {interval}, got {value!r}")


Beta = Annotated[Any, Interval(0, 1)]
NonNegative = Annotated[Any, Interval(0)]
Positive = Annotated[Any, Interval(0, open_low=True)]
Count = Annotated[Any, Interval(1)]
UpToOne = Annotated[Any, Interval(0, 1, closed_high=True)]
Rate = Annotated[Any, Interval(0)]
"""A step size: a number, an array, or a schedule, which maps the steps already taken to a number."""


def check_fields(settings: Any) -> None:
    """Hold every annotated field of a dataclass to its interval; symbols and schedules pass."""
    for name, interval in _intervals(settings.__class__):
        value = getattr(settings, name)
        if not (callable(value) or isinstance(value, Expr)):
            check_interval(name, value, **vars(interval))


@cache
def _intervals(cls: Any) -> list[tuple[str, Interval]]:
    hints = get_type_hints(cls, include_extras=True).items()
    return [(name, each) for name, hint in hints if get_origin(hint) is Annotated for each in get_args(hint)[1:]]
