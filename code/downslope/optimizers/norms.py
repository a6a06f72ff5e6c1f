"""Norms, and what whole-tensor rules do with them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np


def operator(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of an array that a formula names instead of following it line by line.

    What stands for the array there answers by its own method of that name.
    """

    @wraps(function)
    def call(x: Any, *args: Any, **options: Any) -> Any:
        named = getattr(x, function.__name__, None)
        return function(x, *args, **options) if named is None else named(*args, **options)

    return call


@operator
def norm(x: np.ndarray) -> Any:
    """The root of the sum of squares of all entries, whatever the shape and however large they are.

    Examples
    --------
    >>> float(norm(np.array([[3.0, 0.0], [0.0, 4.0]])))
    5.0
    """
    with np.errstate(over="ignore"):
        squares = np.sum(np.square(x))
    if 1e-20 < squares < np.inf:
        return np.sqrt(squares)
    # squares overflow or vanish where their root would not; a power of two changes no digit
    _, exponent = np.frexp(np.max(np.abs(x), initial=0))
    scale = np.ldexp(x.dtype.type(1), exponent - 1)
    return scale * np.sqrt(np.sum(np.square(x / scale)))


def rms(x: np.ndarray) -> Any:
    """The root mean square of all entries.

    Examples
    --------
    >>> float(rms(np.array([1.0, -1.0, 1.0, -1.0])))
    1.0
    """
    return np.sqrt(np.mean(np.square(x)))


def quotient(above: Any, below: Any) -> Any:
    """One number over another, and 1 where either is zero: a layer without a norm keeps its rate.

    Examples
    --------
    >>> quotient(3.0, 2.0), quotient(0.0, 2.0), quotient(3.0, 0.0)
    (1.5, 1.0, 1.0)
    """
    return above / below if above > 0 and below > 0 else 1.0


def sized(x: np.ndarray, target: Any) -> np.ndarray:
    """An array scaled to a root mean square; zeros stay.

    Examples
    --------
    >>> sized(np.array([3.0, -3.0]), 0.2)
    array([ 0.2, -0.2])
    """
    return x * (target / size) if (size := rms(x)) > 0 else x


def clipped(x: np.ndarray, longest: Any) -> np.ndarray:
    """An array shortened to a norm, or as it is.

    Examples
    --------
    >>> clipped(np.array([3.0, 4.0]), 1.0)
    array([0.6, 0.8])
    """
    return x * np.minimum(1.0, longest / length) if (length := norm(x)) > 0 else x


def corrected(g: np.ndarray, previous: np.ndarray, gamma: Any, beta: Any) -> np.ndarray:
    """The gradient and a share of its change since the last point.

    `yuan2025mars`: the correction that makes an average with memory ``beta`` follow the gradient without its noise.

    Examples
    --------
    >>> corrected(np.array([0.5, 0.0]), np.array([0.4, 0.0]), gamma=1.0, beta=0.5)
    array([0.6, 0. ])
    """
    return g + gamma * beta / (1 - beta) * (g - previous)
