"""Exercises of the chapter "Adam: two moments and bias correction"."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import numpy as np

from downslope.averages import average, debias
from downslope.check.report import Verdict, judge, judge_number

__all__ = ["adam_peak", "adam_step"]

_Step = Callable[..., tuple[Any, Any, Any]]


def adam_step(answer: _Step) -> Verdict:
    """Check a function ``step(t, g, m, s, lr, beta1, beta2, eps)`` that returns Adam's ``v, m, s``.

    Examples
    --------
    >>> def step(t, g, m, s, lr, beta1, beta2, eps):
    ...     m = beta1 * m + (1 - beta1) * g
    ...     s = beta2 * s + (1 - beta2) * g**2
    ...     return -lr * m / (np.sqrt(s) + eps), m, s
    >>> adam_step(step).message.split(". ")[0]
    'bias correction is missing: your first step is 3.16 lr, expected lr'
    """
    settings = {"lr": 0.1, "beta1": 0.9, "beta2": 0.999, "eps": 0.0}
    others = {"lr": 0.01, "beta1": 0.8, "beta2": 0.95, "eps": 0.5}
    zero, g = np.zeros(2), np.array([3.0, -0.02])
    m, s = np.array([0.5, -1.0]), np.array([0.7, 2.0])
    cases = [
        {"t": 1, "g": g, "m": zero, "s": zero} | settings,
        {"t": 1, "g": g, "m": zero, "s": zero} | others,
        {"t": 5, "g": g, "m": m, "s": s} | others,
    ]
    praise = "two averages, both corrected, the root below, eps outside it."
    with np.errstate(all="ignore"):
        if _counts_from_zero(answer, cases[0]):
            return Verdict(False, "your first step is not finite: t is 1 there, and 1 - beta**0 would be zero.")
        return judge(answer, _adam, cases, _MISTAKES, praise=praise)


def adam_peak(answer: Any) -> Verdict:
    """Check the step at which uncorrected Adam, with its defaults and a constant gradient, steps farthest.

    Examples
    --------
    >>> adam_peak(1)
    Not yet: the first step is 3.16 lr, but the next ones are longer still: the mean wakes up first. You say 1.
    """
    t = np.arange(1, 5000)
    lengths = (1 - 0.9**t) / np.sqrt(1 - 0.999**t)
    peak = int(t[lengths.argmax()])
    mistakes = {
        "the first step is 3.16 lr, but the next ones are longer still: the mean wakes up first": 1,
        "t = 1 is the first step: you count from 0": peak - 1,
        "that is the window of the mean, 1/(1 - beta1); find the largest value itself": 10,
        "that is the length of the longest step, asked is when": float(lengths.max()),
    }
    praise = f"the longest step is the {peak}th, {lengths.max():.2f} lr long."
    return judge_number(answer, peak, mistakes, praise=praise)


def _counts_from_zero(answer: Any, first: dict[str, Any]) -> bool:
    try:
        return not np.isfinite(answer(*deepcopy(list(first.values())))[0]).all()
    except ZeroDivisionError:
        return True
    except Exception:  # whatever else is wrong, the judge says it
        return False


def _adam(t: int, g: Any, m: Any, s: Any, lr: float, beta1: float, beta2: float, eps: float) -> tuple[Any, Any, Any]:
    m, s = average(m, g, beta1), average(s, g**2, beta2)
    return -lr * debias(m, beta1, t) / (np.sqrt(debias(s, beta2, t)) + eps), m, s


def _with(step: Callable[..., Any], second: Callable[[Any], Any] = np.square) -> _Step:
    """Right averages (of the gradient, and of ``second`` of it), and then another step."""

    def mistaken(
        t: int, g: Any, m: Any, s: Any, lr: float, beta1: float, beta2: float, eps: float
    ) -> tuple[Any, Any, Any]:
        m, s = average(m, g, beta1), average(s, second(g), beta2)
        with np.errstate(all="ignore"):
            hats = debias(m, beta1, t), debias(s, beta2, t)
            return lr * step(*hats, m=m, s=s, g=g, eps=eps, t=t, beta1=beta1, beta2=beta2), m, s

    return mistaken


def _swapped(t: int, g: Any, m: Any, s: Any, lr: float, beta1: float, beta2: float, eps: float) -> tuple[Any, Any, Any]:
    return _adam(t, g, m, s, lr, beta2, beta1, eps)


def _old_averages(
    t: int, g: Any, m: Any, s: Any, lr: float, beta1: float, beta2: float, eps: float
) -> tuple[Any, Any, Any]:
    v, _, _ = _adam(t, g, m, s, lr, beta1, beta2, eps)
    return v, m, s


def _corrected_state(
    t: int, g: Any, m: Any, s: Any, lr: float, beta1: float, beta2: float, eps: float
) -> tuple[Any, Any, Any]:
    v, m, s = _adam(t, g, m, s, lr, beta1, beta2, eps)
    return v, debias(m, beta1, t), debias(s, beta2, t)


_MISTAKES: dict[str, Callable[..., Any]] = {
    "bias correction is missing: your first step is 3.16 lr, expected lr": _with(
        lambda m_hat, s_hat, m, s, eps, **_: -m / (np.sqrt(s) + eps)
    ),
    "the mean is not corrected: your first step is 0.1 lr, expected lr": _with(
        lambda m_hat, s_hat, m, eps, **_: -m / (np.sqrt(s_hat) + eps)
    ),
    "the mean square is not corrected: your first step is 31.6 lr, expected lr": _with(
        lambda m_hat, s_hat, s, eps, **_: -m_hat / (np.sqrt(s) + eps)
    ),
    "eps stands inside the root; Adam adds it outside": _with(
        lambda m_hat, s_hat, eps, **_: -m_hat / np.sqrt(s_hat + eps)
    ),
    "eps is added before the correction, as Keras does; here it is added to the corrected root": _with(
        lambda m_hat, s_hat, m, s, eps, t, beta1, beta2, **_: (
            -np.sqrt(1 - beta2**t) / (1 - beta1**t) * m / (np.sqrt(s) + eps)
        )
    ),
    "eps is missing": _with(lambda m_hat, s_hat, **_: -m_hat / np.sqrt(s_hat)),
    "the root is missing: you divide by the mean square": _with(lambda m_hat, s_hat, eps, **_: -m_hat / (s_hat + eps)),
    "s averages the gradient, not its square": _with(
        lambda m_hat, s_hat, eps, **_: -m_hat / (np.sqrt(s_hat) + eps), second=lambda g: g
    ),
    "s averages the gradient's absolute value, not its square": _with(
        lambda m_hat, s_hat, eps, **_: -m_hat / (np.sqrt(s_hat) + eps), second=np.abs
    ),
    "the sign is wrong: this step climbs": _with(lambda m_hat, s_hat, eps, **_: m_hat / (np.sqrt(s_hat) + eps)),
    "you divide the gradient itself, not its mean: that is RMSProp with a correction": _with(
        lambda m_hat, s_hat, g, eps, **_: -g / (np.sqrt(s_hat) + eps)
    ),
    "t is one too large in the correction: it is 1 for the first step": _with(
        lambda m_hat, s_hat, m, s, eps, t, beta1, beta2, **_: (
            -debias(m, beta1, t + 1) / (np.sqrt(debias(s, beta2, t + 1)) + eps)
        )
    ),
    "the corrections divide by 1 - beta, which is right at t = 1 only: it is 1 - beta**t": _with(
        lambda m_hat, s_hat, m, s, eps, beta1, beta2, **_: -m / (1 - beta1) / (np.sqrt(s / (1 - beta2)) + eps)
    ),
    "the betas are swapped: beta1 belongs to the mean, beta2 to the mean square": _swapped,
    "you return the old averages, so nothing is remembered": _old_averages,
    "you return the corrected averages as the state, so the next step corrects them again": _corrected_state,
}
