"""Hyperparameters that say what they allow, and the errors that say so."""

from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import numpy as np
from sympy import Expr


@dataclass(frozen=True)
class Interval:
    """The values a hyperparameter may take: ``low <= value < high``, but for ``open_low`` and ``closed_high``.

    Where ``whole``, integers alone; where ``scheduled``, a function of the steps taken as well.
    """

    low: float
    high: float = np.inf
    open_low: bool = False
    closed_high: bool = False
    whole: bool = False
    scheduled: bool = False

    def __contains__(self, value: Any) -> bool:
        above = np.greater(value, self.low) if self.open_low else np.greater_equal(value, self.low)
        below = np.less_equal(value, self.high) if self.closed_high else np.less(value, self.high)
        return bool(np.all(above & below))

    def __str__(self) -> str:
        if np.isinf(self.high):
            return f"{'greater than' if self.open_low else 'at least'} {self.low:g} and finite"
        return f"in {'(' if self.open_low else '['}{self.low:g}, {self.high:g}{']' if self.closed_high else ')'}"

    def check(self, name: str, value: Any) -> None:
        """Raise unless a number, or every number of an array, lies in the interval."""
        if (type(value) is not float or self.whole) and not _is_number(value, "iu" if self.whole else "iuf"):
            raise TypeError(f"{name} must be {'an integer' if self.whole else 'a number'} {self}, got {value!r}")
        if value not in self:
            raise ValueError(f"{name} must be {self}, got {value!r}")


def _is_number(value: Any, kinds: str) -> bool:
    """Whether NumPy would take a number, or an array of them, for one of these kinds; True and lists are none."""
    if isinstance(value, np.ndarray | np.generic):
        return value.dtype.kind in kinds
    return isinstance(value, int | float if "f" in kinds else int) and not isinstance(value, bool)


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
    Interval(low, high, open_low, closed_high).check(name, value)


Beta = Annotated[Any, Interval(0, 1)]
NonNegative = Annotated[Any, Interval(0)]
Positive = Annotated[Any, Interval(0, open_low=True)]
Count = Annotated[Any, Interval(1, whole=True)]
UpToOne = Annotated[Any, Interval(0, 1, closed_high=True)]
Rate = Annotated[Any, Interval(0, scheduled=True)]
"""A step size: a number, an array, or a schedule, which maps the steps already taken to a number."""


def check_fields(settings: Any) -> None:
    """Hold every field of a dataclass to what its annotation allows; symbols pass, NumPy's numbers become Python's."""
    for name, allowed in _allowed(settings.__class__):
        value = getattr(settings, name)
        if isinstance(value, np.generic | np.ndarray) and value.ndim == 0:
            # a NumPy scalar would turn float32 parameters into float64 on the way
            value = value.item()
            object.__setattr__(settings, name, value)
        if not isinstance(allowed, Interval):
            check_choice(name, value, allowed)
        elif not ((allowed.scheduled and callable(value)) or isinstance(value, Expr)):
            allowed.check(name, value)


def check_choice(name: str, value: Any, choices: tuple[Any, ...]) -> None:
    """Raise unless a value is one of a few words, or a flag where the choices are True and False.

    Raises
    ------
    TypeError
        It is no flag.
    ValueError
        It is none of the words.

    Examples
    --------
    >>> check_choice("form", "backward", ("lookahead", "current"))
    Traceback (most recent call last):
        ...
    ValueError: form must be 'lookahead' or 'current', got 'backward'
    """
    if not any(value is choice or (isinstance(value, str) and value == choice) for choice in choices):
        kind = TypeError if True in choices else ValueError
        raise kind(f"{name} must be {' or '.join(map(repr, choices))}, got {value!r}")


@cache
def _allowed(cls: Any) -> list[tuple[str, Interval | tuple[Any, ...]]]:
    """What each field may be: an interval, or one of a few values."""
    found: list[tuple[str, Interval | tuple[Any, ...]]] = []
    for name, hint in get_type_hints(cls, include_extras=True).items():
        if get_origin(hint) is Annotated:
            found += [(name, each) for each in get_args(hint)[1:]]
        elif hint is bool:
            found.append((name, (True, False)))
        elif get_origin(hint) is Literal:
            found.append((name, get_args(hint)))
    return found
