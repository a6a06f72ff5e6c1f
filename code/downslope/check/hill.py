"""Exercises of the chapter "The hill"."""

from collections.abc import Callable
from typing import Any

import numpy as np

from downslope.check.report import Verdict, judge

__all__ = ["line_gradient", "updates_per_epoch"]


def updates_per_epoch(answer: Callable[[int, int], Any]) -> Verdict:
    """Check a function of the number of examples and the batch size: how many updates an epoch makes.

    Examples
    --------
    >>> updates_per_epoch(lambda n, batch_size: n // batch_size)
    Not yet: the last, smaller batch is missing: round up. For n = 442, batch_size = 32 you return 13, expected 14.
    """
    cases = [{"n": n, "batch_size": b} for n, b in [(442, 32), (442, 1), (442, 442), (100, 10), (10, 64), (1437, 64)]]
    mistakes = {
        "the last, smaller batch is missing: round up": lambda n, b: n // b,
        "an update is made or not made: round up to a whole number": lambda n, b: n / b,
        "one too many when the batches come out even": lambda n, b: n // b + 1,
        "rounding to the nearest loses a small last batch: round up": lambda n, b: round(n / b),
        "that is the size of the batches, not their number": lambda n, b: b,
        "one update for each example holds for batches of one only": lambda n, b: n,
    }
    praise = "n / B, rounded up, because the last batch may be smaller."
    return judge(answer, lambda n, b: -(-n // b), cases, mistakes, praise=praise)


def line_gradient(answer: Callable[[np.ndarray, np.ndarray, np.ndarray], Any]) -> Verdict:
    """Check a function of weights (d,), inputs (n, d) and targets (n,): the gradient of half the mean squared error.

    Examples
    --------
    >>> line_gradient(lambda w, X, y: X.T @ (X @ w - y) / len(y))
    Correct: X.T @ (X @ w - y) / n: the residuals, carried back through the inputs.
    >>> line_gradient(lambda w, X, y: X.T @ (X @ w - y))
    Not yet: the 1/n of the mean is missing. For w = ... you return ..., expected ....
    """
    rng = np.random.default_rng(1)
    cases = [
        {"w": rng.normal(size=d).round(1), "X": rng.normal(size=(n, d)).round(1), "y": rng.normal(size=n).round(1)}
        for n, d in [(3, 2), (5, 3), (4, 1)]
    ]

    def residuals(w: np.ndarray, X: np.ndarray, y: np.ndarray) -> np.ndarray:
        return X @ w - y

    mistakes: dict[str, Callable[..., Any]] = {
        "the 1/n of the mean is missing": lambda w, X, y: X.T @ residuals(w, X, y),
        "the 2 of the square must cancel the half": lambda w, X, y: 2 * X.T @ residuals(w, X, y) / len(y),
        "the sign is wrong: the derivative of w @ x - y is +x": lambda w, X, y: -X.T @ residuals(w, X, y) / len(y),
        "half of it is missing: the derivative of r²/2 is r": lambda w, X, y: X.T @ residuals(w, X, y) / len(y) / 2,
        "you divide by the number of weights, not of examples": lambda w, X, y: X.T @ residuals(w, X, y) / len(w),
        "this is the gradient for y = 0: the targets are missing": lambda w, X, y: X.T @ (X @ w) / len(y),
    }
    praise = "X.T @ (X @ w - y) / n: the residuals, carried back through the inputs."
    return judge(answer, lambda w, X, y: X.T @ residuals(w, X, y) / len(y), cases, mistakes, praise=praise)
