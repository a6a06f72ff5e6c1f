"""Exercises of the chapter "Momentum"."""

from collections.abc import Callable
from typing import Any

import numpy as np

from downslope.check.report import Verdict, judge, judge_number

__all__ = ["best_momentum", "momentum_step", "translated_lr"]


def momentum_step(answer: Callable[[Any, Any, float, float], Any]) -> Verdict:
    """Check a function of (g, m, lr, beta): the heavy ball's step v and new buffer, the rate outside.

    Examples
    --------
    >>> momentum_step(lambda g, m, lr, beta: (-lr * (beta * m + g), beta * m + g))
    Correct: the buffer first, then the step from the new buffer.
    """
    cases = [
        {"g": np.array([2.0, -1.0]), "m": np.array([0.0, 0.0]), "lr": 0.1, "beta": 0.9},
        {"g": np.array([1.6, -0.5]), "m": np.array([2.0, 3.0]), "lr": 0.1, "beta": 0.9},
        {"g": np.array([0.3, 0.7]), "m": np.array([-1.0, 4.0]), "lr": 0.02, "beta": 0.5},
    ]

    def right(g: Any, m: Any, lr: float, beta: float) -> Any:
        return -lr * (beta * m + g), beta * m + g

    def average(g: Any, m: Any, lr: float, beta: float) -> Any:
        return -lr * (beta * m + (1 - beta) * g), beta * m + (1 - beta) * g

    def velocity(g: Any, m: Any, lr: float, beta: float) -> Any:
        return -(beta * m + lr * g), beta * m + lr * g

    mistakes: dict[str, Callable[..., Any]] = {
        "the step is made from the old buffer: update m first": lambda g, m, lr, b: (-lr * m, b * m + g),
        "this is the average, with 1 - beta before g: the heavy ball adds the whole gradient": average,
        "this is the velocity, with the rate inside the buffer: here the rate stays outside": velocity,
        "the sign is wrong: this step climbs": lambda g, m, lr, b: (lr * (b * m + g), b * m + g),
        "the step comes first, then the buffer": lambda g, m, lr, b: (b * m + g, -lr * (b * m + g)),
        "the momentum is missing: this is plain descent": lambda g, m, lr, b: (-lr * g, g),
        "the buffer is returned unchanged": lambda g, m, lr, b: (-lr * (b * m + g), m),
        "beta belongs to the old buffer, not to the gradient": lambda g, m, lr, b: (-lr * (m + b * g), m + b * g),
    }
    return judge(answer, right, cases, mistakes, praise="the buffer first, then the step from the new buffer.")


def translated_lr(answer: float) -> Verdict:
    """Check the heavy ball's learning rate for an average with rate 0.05 and momentum 0.9.

    Examples
    --------
    >>> translated_lr(0.05)
    Not yet: at the same rate the heavy ball's steps are ten times as long. You say 0.05.
    """
    mistakes = {
        "at the same rate the heavy ball's steps are ten times as long": 0.05,
        "that is the other way round: the heavy ball's sum is larger than the average, so its rate is smaller": 0.5,
        "multiply by 1 - beta, not by beta": 0.045,
    }
    return judge_number(answer, 0.005, mistakes, praise="the average's rate times 1 - beta.")


def best_momentum(answer: Callable[[float, float], Any]) -> Verdict:
    """Check a function of the smallest and the largest curvature: the best learning rate and momentum.

    Examples
    --------
    >>> best_momentum(lambda mu, L: (2 / (L + mu), 0.9))
    Not yet: the values differ. For mu = 1, L = 100 you return 0.019802 in value 1, expected 0.0330579.
    """
    cases = [{"mu": 1.0, "L": 100.0}, {"mu": 0.5, "L": 2.0}, {"mu": 0.01, "L": 4.0}]

    def lr(mu: float, L: float) -> float:
        return 4 / (L**0.5 + mu**0.5) ** 2

    def rate(mu: float, L: float) -> float:
        return (L**0.5 - mu**0.5) / (L**0.5 + mu**0.5)

    mistakes: dict[str, Callable[..., Any]] = {
        "that is the rate of convergence: the momentum is its square": lambda mu, L: (lr(mu, L), rate(mu, L)),
        "momentum and learning rate are exchanged": lambda mu, L: (rate(mu, L) ** 2, lr(mu, L)),
        "the root of the condition number is missing": lambda mu, L: (lr(mu, L), ((L - mu) / (L + mu)) ** 2),
        "this learning rate is plain descent's": lambda mu, L: (2 / (L + mu), rate(mu, L) ** 2),
        "square the sum of the roots": lambda mu, L: (4 / (L**0.5 + mu**0.5), rate(mu, L) ** 2),
    }
    praise = "4 / (√L + √μ)², and the square of (√κ − 1) / (√κ + 1)."
    return judge(answer, lambda mu, L: (lr(mu, L), rate(mu, L) ** 2), cases, mistakes, praise=praise)
