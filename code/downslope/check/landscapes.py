"""Exercises of the chapter "Landscapes"."""

from collections.abc import Callable
from typing import Any

import numpy as np

from downslope.check.report import Verdict, judge, judge_number

__all__ = ["best_rate", "escape_steps", "hessian_index"]


def hessian_index(answer: Callable[[np.ndarray], Any]) -> Verdict:
    """Check a function of a symmetric matrix: in how many directions, at right angles, the ground bends down.

    Examples
    --------
    >>> hessian_index(lambda H: (np.linalg.eigvalsh(H) < 0).sum())
    Correct: the number of negative eigenvalues.
    """
    matrices = [
        np.diag([2.0, -2.0]),
        np.array([[1.0, 2.0], [2.0, 1.0]]),
        np.diag([-1.0, -3.0, 2.0]),
        np.diag([4.0, 0.0, -1.0]),
        np.array([[2.0, 1.0], [1.0, 2.0]]),
    ]

    def index(H: np.ndarray) -> int:
        return int((np.linalg.eigvalsh(H) < 0).sum())

    mistakes: dict[str, Callable[..., Any]] = {
        "the diagonal is not enough: look at the eigenvalues": lambda H: (np.diag(H) < 0).sum(),
        "a zero curvature bends neither way: count what is below 0": lambda H: (np.linalg.eigvalsh(H) <= 0).sum(),
        "those are the directions that bend up": lambda H: (np.linalg.eigvalsh(H) > 0).sum(),
        "that is whether there is one, not how many": lambda H: float(index(H) > 0),
        "the determinant's sign tells only odd from even": lambda H: float(np.linalg.det(H) < 0),
        "that is a saddle's lowest curvature, not how many are negative": lambda H: np.linalg.eigvalsh(H)[0],
    }
    return judge(answer, index, [{"H": H} for H in matrices], mistakes, praise="the number of negative eigenvalues.")


def best_rate(answer: Callable[[float, float], Any]) -> Verdict:
    """Check a function of the smallest and the largest curvature: the best learning rate, and its factor per step.

    Examples
    --------
    >>> best_rate(lambda mu, L: (1 / L, 1 - mu / L))
    Not yet: 1 / L is safe, but not the best: both ends should shrink alike. For mu = 1, L = 100 you return ...
    """
    cases = [{"mu": 1.0, "L": 100.0}, {"mu": 0.5, "L": 2.0}, {"mu": 3.0, "L": 3.0}]

    def right(mu: float, L: float) -> Any:
        return 2 / (mu + L), (L - mu) / (L + mu)

    mistakes: dict[str, Callable[..., Any]] = {
        "1 / L is safe, but not the best: both ends should shrink alike": lambda mu, L: (1 / L, 1 - mu / L),
        "2 / L is the limit: there the steepest direction does not shrink": lambda mu, L: (2 / L, 1.0),
        "the loss shrinks by the square; the distance by the factor itself": lambda mu, L: (
            right(mu, L)[0],
            right(mu, L)[1] ** 2,
        ),
        "the rate comes first, then the factor": lambda mu, L: right(mu, L)[::-1],
        "the root belongs to momentum, plain descent has the condition number itself": lambda mu, L: (
            right(mu, L)[0],
            (L**0.5 - mu**0.5) / (L**0.5 + mu**0.5),
        ),
        "a mean of the two inverses is too long a step: L decides": lambda mu, L: (
            (1 / mu + 1 / L) / 2,
            right(mu, L)[1],
        ),
    }
    # a rate found by a search is right to fewer digits than a formula
    return judge(answer, right, cases, mistakes, praise="2 / (μ + L), and (κ − 1) / (κ + 1).", rtol=1e-6)


def escape_steps(answer: float) -> Verdict:
    """Check the steps of plain descent, rate 0.05, from 1e-9 beside the ridge of a saddle to 1, curvature -4.

    Examples
    --------
    >>> escape_steps(np.log(1e9) / (0.05 * 4))
    Not yet: steps compound like interest: divide by log(1 + 0.2), not by 0.2. You say 103.616.
    """
    grown = np.log(1e9)
    mistakes = {
        "steps compound like interest: divide by log(1 + 0.2), not by 0.2": grown / 0.2,
        "a step is all or nothing: round up": grown / np.log(1.2),
        "round up, not down": np.floor(grown / np.log(1.2)),
        "that is how a valley shrinks: a curvature below 0 makes the factor 1 + 0.2": np.ceil(grown / -np.log(0.8)),
        "the natural logarithm in one place, the decimal one in the other": np.ceil(9 / np.log(1.2)),
        "the learning rate is missing: the factor is 1 + 0.05 · 4": np.ceil(grown / np.log(5)),
        "the curvature is missing: the factor is 1 + 0.05 · 4": np.ceil(grown / np.log(1.05)),
    }
    return judge_number(
        answer, np.ceil(grown / np.log(1.2)), mistakes, praise="log(10⁹) / log(1.2), rounded up.", rtol=1e-4
    )
