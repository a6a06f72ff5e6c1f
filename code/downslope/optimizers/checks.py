"""What an optimizer looks at before it steps, and what it sees to afterwards."""

from collections.abc import Collection
from operator import index
from typing import Any

import numpy as np


def owned(x: Any, dtype: np.dtype, came_in: Collection[int]) -> np.ndarray:
    """What a rule gives, as an array of its own: the caller may write into those that came in, known by their ids."""
    array = np.asarray(x, dtype)
    # a view may be one of them
    return array.copy() if array.base is not None or id(array) in came_in else array


def check_broadcast(x: np.ndarray, w: np.ndarray, name: str, where: str) -> None:
    """Refuse an array that does not meet another, or would enlarge it.

    Raises
    ------
    ValueError
        It does not, or would.

    Examples
    --------
    >>> check_broadcast(np.ones((3, 1)), np.ones((3, 6)), "lr", "params")
    >>> check_broadcast(np.ones((2, 1)), np.ones(6), "lr", "params")
    Traceback (most recent call last):
        ...
    ValueError: lr must broadcast to the shape of params, (6,), got shape (2, 1)
    """
    ends = zip(x.shape[::-1], w.shape[::-1], strict=False)
    if x.ndim > w.ndim or any(a not in (1, b) for a, b in ends):
        raise ValueError(f"{name} must broadcast to the shape of {where}, {w.shape}, got shape {x.shape}")


def steps_taken(name: str, state: Any, slots: tuple[str, ...]) -> int:
    """How many steps a state has seen; it has to be one of this optimizer's.

    Raises
    ------
    TypeError
        The count is no integer.
    ValueError
        Slots are missing, or there are others, or the count is negative.

    Examples
    --------
    >>> steps_taken("Adam", {"t": 3, "m": np.zeros(2)}, ("m", "s"))
    Traceback (most recent call last):
        ...
    ValueError: state must have the keys that Adam.init gives it, ['t', 'm', 's'], got ['t', 'm']
    """
    check_state(name, state, ("t", *slots))
    try:
        taken = index(state["t"])
    except TypeError:
        raise TypeError(f"state['t'] must be an integer at least 0, got {state['t']!r}") from None
    if taken < 0:
        raise ValueError(f"state['t'] must be at least 0, got {taken}")
    return taken


def check_state(name: str, state: Any, keys: Collection[Any]) -> None:
    """Refuse a state that has not the keys that an optimizer gives it.

    Raises
    ------
    ValueError
        It is another optimizer's, or no dict.
    """
    if not isinstance(state, dict) or state.keys() != {*keys}:
        got = list(state) if isinstance(state, dict) else repr(state)
        raise ValueError(f"state must have the keys that {name}.init gives it, {list(keys)}, got {got}")
