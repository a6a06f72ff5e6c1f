"""Exercises of the chapter "Backpropagation by machine"."""

from collections.abc import Callable
from typing import Any

import numpy as np

from downslope.check.report import Verdict, judge
from downslope.networks import derivatives

__all__ = ["jacobian_passes", "unbroadcast"]


def jacobian_passes(answer: Callable[[int, int], Any]) -> Verdict:
    """Check a function of the number of inputs and of outputs: the passes that a whole Jacobian takes.

    Examples
    --------
    >>> jacobian_passes(lambda n, m: m)
    Not yet: that is reverse mode always: with fewer inputs than outputs, go forwards. For n = 2, m = 5 you return 5,
    expected 2.
    """
    cases = [{"n": n, "m": m} for n, m in [(2, 5), (1000, 1), (1, 1000), (7, 7), (3, 2)]]
    mistakes: dict[str, Callable[[int, int], int]] = {
        "that is reverse mode always: with fewer inputs than outputs, go forwards": lambda n, m: m,
        "that is forward mode always: with fewer outputs than inputs, go backwards": lambda n, m: n,
        "that is the worse of the two modes": max,
        "a pass gives a whole row or column, not one entry": lambda n, m: n * m,
        "one mode is enough": lambda n, m: n + m,
        "one pass gives one row or one column; that is all of it only for one output or one input": lambda n, m: 1,
    }
    return judge(answer, min, cases, mistakes, praise="min(n, m): forwards by inputs, backwards by outputs.")


_EVERYTHING = "everything is summed, and only what was copied may be"


def unbroadcast(answer: Callable[[np.ndarray, tuple[int, ...]], Any]) -> Verdict:
    """Check a function of a derivative and a shape: the derivative by an array of that shape that was broadcast.

    Examples
    --------
    >>> unbroadcast(lambda dy, shape: dy)
    Not yet: the axes in front are not summed: for dy of shape (3, 2) and shape (2,), yours has shape (3, 2).
    """
    rng = np.random.default_rng(0)
    shapes = [((3, 2), (2,)), ((3, 2), (3, 1)), ((2, 3, 2), (3, 1)), ((3, 2), ()), ((3, 2), (3, 2)), ((4, 1), (1,))]
    cases = [{"dy": rng.normal(size=full).round(1), "shape": shape} for full, shape in shapes]
    if callable(answer) and (said := _shape_mistake(answer, shapes)):
        return Verdict(False, said)

    def right(dy: np.ndarray, shape: tuple[int, ...]) -> Any:
        return derivatives.unbroadcast(dy, shape)

    mistakes: dict[str, Callable[..., Any]] = {
        "a mean divides by the number of copies, but each copy passes its whole share back": (
            lambda dy, shape: right(dy, shape) * int(np.prod(shape)) / dy.size
        ),
        "one copy is not enough: all of them pass a share back": (
            lambda dy, shape: dy[
                (0,) * (dy.ndim - len(shape)) + tuple(slice(0, 1) if n == 1 else slice(None) for n in shape)
            ]
        ),
        _EVERYTHING: lambda dy, shape: np.full(shape, dy.sum()),
    }
    praise = "sum over the axes in front, and along those of length 1, which stay."
    return judge(answer, right, cases, mistakes, praise=praise)


def _shape_mistake(answer: Callable[..., Any], shapes: list[tuple[tuple[int, ...], tuple[int, ...]]]) -> str:
    """What is wrong with the first shape that is; empty if none is, or the answer does not get that far."""
    for full, wanted in shapes:
        try:
            result = answer(np.ones(full), wanted)
            got = np.shape(result)
        except Exception:  # `judge` tells the learner
            return ""
        if result is None:  # this too
            return ""
        if got != wanted:
            return f"{_reason(got, wanted)}: for dy of shape {full} and shape {wanted}, yours has shape {got}."
    return ""


def _reason(got: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    if len(got) > len(wanted):
        return "the axes in front are not summed"
    if len(got) < len(wanted):
        return "an axis of length 1 has to stay: keepdims=True" if 1 in wanted else _EVERYTHING
    if all(n in (1, m) for n, m in zip(wanted, got, strict=True)):
        return "along axes of length 1 the copies are not summed"
    return "axes are added in front, so these are the ones to sum"
