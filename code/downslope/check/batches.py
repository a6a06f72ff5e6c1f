"""Exercises of the chapter "Batch, stochastic, mini-batch"."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from downslope.check.report import Verdict, judge

__all__ = ["accumulated", "batch_variance"]


def batch_variance(answer: Callable[[float, int, int], Any]) -> Verdict:
    """Check a function of sigma², batch size and number of examples: a batch gradient's variance, nobody drawn twice.

    Examples
    --------
    >>> batch_variance(lambda sigma2, batch_size, n: sigma2 / batch_size)
    Not yet: this is drawing with replacement: ... For sigma2 = 4, batch_size = 10, n = 10 you return 0.4, expected 0.
    """
    cases = [
        {"sigma2": s, "batch_size": b, "n": n}
        for s, b, n in [(4.0, 10, 10), (4.0, 2, 10), (1.0, 1, 50), (9.0, 32, 100)]
    ]
    mistakes: dict[str, Callable[..., Any]] = {
        "this is drawing with replacement: the full batch has no noise at all": lambda s, b, n: s / b,
        "n - 1 belongs below: one example alone has the whole variance": lambda s, b, n: s / b * (n - b) / n,
        "the division by the batch size is missing": lambda s, b, n: s * (n - b) / (n - 1),
        "this is the standard deviation": lambda s, b, n: np.sqrt(s / b * (n - b) / (n - 1)),
        "variances add, and the mean divides by the batch size twice": lambda s, b, n: s * b * (n - b) / (n - 1),
    }

    def right(sigma2: float, batch_size: int, n: int) -> float:
        return sigma2 / batch_size * (n - batch_size) / (n - 1)

    return judge(answer, right, cases, mistakes, praise="sigma²/B, and what drawing nobody twice leaves of it.")


def accumulated(answer: Callable[[Sequence[np.ndarray], Sequence[int]], Any]) -> Verdict:
    """Check a function of the pieces' mean gradients and their sizes: the gradient of all examples.

    Examples
    --------
    >>> accumulated(lambda means, sizes: np.mean(means, axis=0))
    Not yet: the mean of the means counts a small last piece too much: ... For means = ..., sizes = ... you return ...
    """
    rng = np.random.default_rng(0)
    cases = [
        {"means": [rng.normal(size=2).round(1) for _ in sizes], "sizes": list(sizes)}
        for sizes in [(4, 4, 2), (5, 1), (3,)]
    ]

    def weighted(means: Sequence[np.ndarray], sizes: Sequence[int]) -> Any:
        return sum(m * size for m, size in zip(means, sizes, strict=True))

    mistakes: dict[str, Callable[..., Any]] = {
        "the mean of the means counts a small last piece too much: weight each by its size": lambda m, s: np.mean(
            m, axis=0
        ),
        "the pieces are added and never divided": lambda m, s: np.sum(m, axis=0),
        "the sum over the examples is not divided by their number": weighted,
        "you divide by the number of pieces, not of examples": lambda m, s: weighted(m, s) / len(s),
    }
    praise = "the sum over all examples, divided once, at the end."
    return judge(answer, lambda m, s: weighted(m, s) / sum(s), cases, mistakes, praise=praise)
