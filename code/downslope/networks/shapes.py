"""What a layer asks of an array before it computes with it, and the errors that say so."""

from typing import Any

import numpy as np


def check_shape(argument: str, array: Any, shape: tuple[int, ...]) -> None:
    """Refuse an array of another shape, which NumPy might broadcast or reshape in silence.

    Raises
    ------
    ValueError
        The shapes differ.
    """
    if array.shape != shape:
        raise ValueError(f"{argument} must have shape {shape}, got {array.shape}")


def check_axes(argument: str, array: Any, *axes: int | str) -> None:
    """Refuse an array without these axes: of this length where there is a number, of any where there is a name.

    Raises
    ------
    ValueError
        It has others.

    Examples
    --------
    >>> check_axes("x", np.zeros((5, 64)), "batch", "time", 64)
    Traceback (most recent call last):
        ...
    ValueError: x must have shape (batch, time, 64), got (5, 64)
    """
    shape = array.shape
    if len(shape) != len(axes) or any(n != axis for n, axis in zip(shape, axes, strict=True) if isinstance(axis, int)):
        raise ValueError(f"{argument} must have shape ({', '.join(map(str, axes))}), got {shape}")


def check_ids(argument: str, ids: Any, n: int) -> None:
    """Refuse what does not pick one of `n` things: NumPy would count a negative number from the end.

    Raises
    ------
    TypeError
        They are not integers.
    ValueError
        One of them is out of range.
    """
    ids = np.asarray(ids)
    if ids.dtype.kind not in "iu":
        raise TypeError(f"{argument} must hold integers in [0, {n}), got dtype {ids.dtype}")
    # without a sign a negative number is larger than any: one look at the array instead of two
    if ids.astype(np.uint64).max(initial=0) >= n:
        outside = ids[(ids < 0) | (ids >= n)]
        raise ValueError(f"{argument} must hold integers in [0, {n}), got {outside.flat[0]}")
