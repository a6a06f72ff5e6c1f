"""Exponentially weighted averages: the filter, its weights, its window, its bias."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from downslope.validation import check_interval

__all__ = ["average", "debias", "effective_window", "ewma", "ewma_weights"]


def average(mean: Any, x: Any, beta: Any) -> Any:
    r"""One step of an exponentially weighted average: keep ``beta`` of the old, add ``1 - beta`` of the new.

    Works on numbers, arrays and symbols alike; every averaged moment of every optimizer is this line.

    Examples
    --------
    >>> average(0.0, 10.0, 0.75)
    2.5
    """
    return beta * mean + (1 - beta) * x


def debias(mean: Any, beta: Any, t: Any) -> Any:
    r"""An average that started at zero, divided by the weight it has seen, ``1 - beta**t``.

    `kingma2015adam`, section 3.

    Examples
    --------
    >>> debias(average(0.0, 10.0, 0.75), 0.75, 1)
    10.0
    """
    return mean / (1 - beta**t)


def ewma(x: ArrayLike, beta: float, bias_correction: bool = False, initial: float = 0.0) -> np.ndarray:
    r"""Exponentially weighted moving average along the first axis.

    The recurrence is ``m = beta m + (1 - beta) x``, from ``m = initial``.

    Parameters
    ----------
    x : array, shape (n, ...)
        The series; its unit is the unit of the result.
    beta : float in [0, 1)
        How much of the old average a step keeps.
    bias_correction : bool
        Divide by ``1 - beta**t``, which is right for an average that started at zero.
    initial : float
        Where the average starts. With ``bias_correction`` it has to be zero.

    Returns
    -------
    array, shape (n, ...)

    Raises
    ------
    ValueError
        ``beta`` outside [0, 1), a non-zero ``initial`` with bias correction, or a scalar ``x``.

    Examples
    --------
    >>> ewma([30.0, 17.0], beta=0.9).round(6)
    array([3. , 4.4])
    >>> ewma([30.0, 17.0], beta=0.9, bias_correction=True).round(6)
    array([30.      , 23.157895])
    """
    check_interval("beta", beta, low=0, high=1)
    if bias_correction and initial != 0.0:
        raise ValueError(f"initial must be 0 when bias_correction is on, got {initial}")
    series = np.asarray(x, dtype=float)
    if series.ndim == 0:
        raise ValueError("x must have at least one axis, got a scalar")
    result = np.empty_like(series)
    m = np.full(series.shape[1:], float(initial))
    for k, value in enumerate(series):
        m = average(m, value, beta)
        result[k] = debias(m, beta, k + 1) if bias_correction else m
    return result


def ewma_weights(beta: float, t: int) -> np.ndarray:
    r"""The weight of ``x_1, ..., x_t`` in the uncorrected average ``m_t``, oldest first.

    They are ``(1 - beta) beta**(t - k)`` and sum to ``1 - beta**t``, not to one.

    Raises
    ------
    ValueError
        ``beta`` outside [0, 1) or ``t`` below 1.

    Examples
    --------
    >>> ewma_weights(0.5, 3)
    array([0.125, 0.25 , 0.5  ])
    """
    check_interval("beta", beta, low=0, high=1)
    check_interval("t", t, low=1)
    return (1 - beta) * beta ** np.arange(t - 1, -1, -1.0)


def effective_window(beta: float) -> float:
    r"""The mean age plus one of the data in the average, ``1 / (1 - beta)`` steps.

    A window of that many steps holds only ``1 - beta**(1/(1-beta))`` of the weight, about 63 %.

    Raises
    ------
    ValueError
        ``beta`` outside [0, 1).

    Examples
    --------
    >>> round(effective_window(0.9), 6)
    10.0
    """
    check_interval("beta", beta, low=0, high=1)
    return 1 / (1 - beta)
