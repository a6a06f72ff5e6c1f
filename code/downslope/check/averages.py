"""Exercises of the chapter "Exponentially weighted averages"."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np

from downslope import averages
from downslope.averages import average, debias
from downslope.check.report import Case, Verdict, judge, judge_number

__all__ = ["ewma", "ewma_beta", "ewma_step", "ewma_window"]


def ewma_step(answer: Callable[[int, float, float, float], tuple[Any, Any]]) -> Verdict:
    """Check a function ``step(t, m, x, beta)`` that returns the new average and its corrected form, ``m, m_hat``.

    Examples
    --------
    >>> def step(t, m, x, beta):
    ...     m = (1 - beta) * m + beta * x
    ...     return m, m / (1 - beta**t)
    >>> ewma_step(step).message.split(". ")[0]
    'beta and 1 - beta are swapped: beta belongs to the old average'
    """
    cases = [
        {"t": 1, "m": 0.0, "x": 30.0, "beta": 0.9},
        {"t": 2, "m": 3.0, "x": 17.0, "beta": 0.9},
        {"t": 7, "m": -1.5, "x": 4.0, "beta": 0.75},
    ]
    praise = "keep beta of the old, add 1 - beta of the new, and divide a copy by 1 - beta**t."
    with np.errstate(all="ignore"):
        if _divides_by_zero(answer, cases[0]):
            return _COUNTED_FROM_ZERO
        return judge(answer, _step, cases, _STEP_MISTAKES, praise=praise)


def ewma(answer: Callable[[np.ndarray, float], Any]) -> Verdict:
    """Check a function of a series, shape (n,), and beta: its bias-corrected average at every step, shape (n,).

    Examples
    --------
    >>> def from_the_first(x, beta):
    ...     return averages.ewma(x, beta, initial=x[0])
    >>> ewma(from_the_first).message.split(". ")[0]
    'your average starts at the first value: start at zero and correct'
    """
    cases = [
        {"x": np.array([30.0, 17.0, 21.0, 5.0]), "beta": 0.9},
        {"x": np.array([2.0, -1.0, 4.0]), "beta": 0.25},
        {"x": np.array([7.0]), "beta": 0.5},
    ]
    praise = "a weighted mean of all values so far; pandas' ewm(alpha=1 - beta) gives the same."
    with np.errstate(all="ignore"):
        if _divides_by_zero(answer, cases[0]):
            return _COUNTED_FROM_ZERO
        return judge(answer, _series(_step), cases, _MISTAKES, praise=praise)


def ewma_window(answer: Any) -> Verdict:
    """Check how many steps hold 99 % of the weight when beta is 0.999.

    Examples
    --------
    >>> ewma_window(1000)
    Not yet: that is 1/(1 - beta), which holds 63 % of the weight. You say 1000.
    """
    beta = 0.999
    steps = int(np.ceil(np.log(0.01) / np.log(beta)))
    mistakes = {
        "that is 1/(1 - beta), which holds 63 % of the weight": 1000,
        "that is the half-life, which holds half of the weight": float(np.log(2) / -np.log(beta)),
        "that many hold 90 %": float(np.log(0.1) / np.log(beta)),
        "that many hold 1 %: you solved 1 - beta**n = 0.01": float(np.log(0.99) / np.log(beta)),
        "you took beta = 0.9; Adam's second moment has 0.999": 44,
    }
    return judge_number(answer, steps, mistakes, praise=f"{steps} steps, since 0.999**{steps} is 1 %.", rtol=1e-3)


def ewma_beta(answer: Any) -> Verdict:
    """Check which beta was used in the average that a lecture note prints.

    Examples
    --------
    >>> ewma_beta(0.9)
    Not yet: that is pandas' alpha, the share of the new value; beta is the share of the old. You say 0.9.
    """
    mistakes = {"that is pandas' alpha, the share of the new value; beta is the share of the old": 0.9}
    return judge_number(answer, 0.1, mistakes, praise="alpha was 0.9, so beta is 0.1: hardly any memory.", rtol=1e-2)


_Step = Callable[[int, Any, Any, float], tuple[Any, Any]]


_COUNTED_FROM_ZERO = Verdict(
    False, "your first corrected average is not finite: t is 1 there, and 1 - beta**0 would be zero."
)


def _divides_by_zero(answer: Any, first: Case) -> bool:
    try:
        return not np.isfinite(np.asarray(answer(*deepcopy(list(first.values()))), dtype=float)).all()
    except ZeroDivisionError:
        return True
    except Exception:  # whatever else is wrong, the judge says it
        return False


def _step(t: int, m: Any, x: Any, beta: float) -> tuple[Any, Any]:
    m = average(m, x, beta)
    return m, debias(m, beta, t)


def _series(step: _Step) -> Callable[[np.ndarray, float], np.ndarray]:
    """The corrected average of a whole series, by this step."""

    def corrected(x: np.ndarray, beta: float) -> np.ndarray:
        m, result = 0.0, np.empty_like(x)
        for k, value in enumerate(x):
            m, result[k] = step(k + 1, m, value, beta)
        return result

    return corrected


def _swapped(t: int, m: Any, x: Any, beta: float) -> tuple[Any, Any]:
    m = average(m, x, 1 - beta)
    return m, debias(m, beta, t)


def _swapped_throughout(t: int, m: Any, x: Any, beta: float) -> tuple[Any, Any]:
    return _step(t, m, x, 1 - beta)


def _summed(t: int, m: Any, x: Any, beta: float) -> tuple[Any, Any]:
    m = beta * m + x
    return m, debias(m, beta, t)


def _fed_back(t: int, m: Any, x: Any, beta: float) -> tuple[Any, Any]:
    _, m_hat = _step(t, m, x, beta)
    return m_hat, m_hat


def _with(correct: Callable[[Any, float, int], Any]) -> _Step:
    """The right average with another correction."""

    def mistaken(t: int, m: Any, x: Any, beta: float) -> tuple[Any, Any]:
        m = average(m, x, beta)
        return m, correct(m, beta, t)

    return mistaken


_STEP_MISTAKES: dict[str, _Step] = {
    "beta and 1 - beta are swapped: beta belongs to the old average": _swapped,
    "beta and 1 - beta are swapped, in the average and in the correction": _swapped_throughout,
    "the correction is missing: an average that starts at zero is too small by 1 - beta**t": _with(
        lambda m, beta, t: m
    ),
    "the correction divides by 1 - beta, which is right at t = 1 only: it is 1 - beta**t": _with(
        lambda m, beta, t: m / (1 - beta)
    ),
    "t is one too large in the correction: it is 1 for the first step": _with(
        lambda m, beta, t: debias(m, beta, t + 1)
    ),
    "the correction multiplies; the average is too small, so divide": _with(lambda m, beta, t: m * (1 - beta**t)),
    "the correction divides by beta**t, the weight that is missing, not by the weight that is there": _with(
        lambda m, beta, t: m / beta**t
    ),
    "the factor 1 - beta is missing: this is a sum, not an average": _summed,
    "you keep the corrected average, so the next step corrects it again": _fed_back,
    "you return the old average, so nothing is remembered": lambda t, m, x, beta: (m, _step(t, m, x, beta)[1]),
}

_MISTAKES: dict[str, Callable[[np.ndarray, float], np.ndarray]] = {
    "your average starts at the first value: start at zero and correct": lambda x, beta: averages.ewma(
        x, beta, initial=x[0]
    ),
    "your average starts at the first value and is corrected as if it had started at zero": lambda x, beta: (
        averages.ewma(x, beta, initial=x[0]) / (1 - beta ** np.arange(1, len(x) + 1))
    ),
} | {sentence: _series(step) for sentence, step in _STEP_MISTAKES.items()}
