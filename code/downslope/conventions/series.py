"""Forms of what is no optimizer: moving averages, and step sizes step by step."""

from typing import Any, Literal

import numpy as np

from downslope.averages import ewma
from downslope.conventions.comparison import STEPS, start
from downslope.schedules import Plateau


def numbers(first: float | None = None) -> np.ndarray:
    """What is averaged: the weights at which the walks begin, and their first replaced on demand."""
    x = start((STEPS,)) + 1
    x[0] = x[0] if first is None else first
    return x


def from_zero(beta: float, bias_correction: bool = False, first: float | None = None) -> np.ndarray:
    """The recurrence from zero."""
    return ewma(numbers(first), beta, bias_correction)


def weighted_mean(beta: float, bias_correction: bool = False) -> np.ndarray:
    """The mean of all numbers so far, each weighted by its age."""
    x = numbers()
    weights = beta ** np.arange(len(x))
    return np.array([weights[:k][::-1] @ x[:k] / weights[:k].sum() for k in range(1, len(x) + 1)])


def from_first(beta: float, first: float | None = None) -> np.ndarray:
    """The recurrence from the first number."""
    x = numbers(first)
    return ewma(x, beta, initial=x[0])


def rates(schedule: Any) -> np.ndarray:
    """The step size of each step."""
    return schedule(np.arange(STEPS))


def waving(steps: int) -> np.ndarray:
    """A cosine that does not stop at its lowest."""
    return 0.1 * (1 + np.cos(np.pi * np.arange(STEPS) / steps)) / 2


def from_nothing(steps: int, earlier: int = 0) -> np.ndarray:
    """A line from zero, which the first step has unless the schedule is read that much `earlier`."""
    return 0.1 * np.minimum((np.arange(STEPS) + earlier) / steps, 1)


def plateau(losses: tuple[float, ...], against: Literal["best", "previous"]) -> np.ndarray:
    """The step size after each loss."""
    schedule, sizes = Plateau(1.0, against=against), []
    for loss in losses:
        schedule = schedule.after(loss)
        sizes.append(schedule(0))
    return np.array(sizes)
