"""Exercises of the chapter "Which way is down"."""

from collections.abc import Callable
from typing import Any

import numpy as np

from downslope.check.report import Verdict, judge, judge_number

__all__ = ["largest_rate", "one_step_rate", "steepest_step"]


def one_step_rate(answer: Any) -> Verdict:
    """Check the learning rate with which gradient descent on 3w² arrives in a single step.

    Examples
    --------
    >>> one_step_rate(1 / 3)
    Not yet: above 1/3 the walk diverges; or is it 1/h with h = 3? ...
    """
    mistakes = {
        "above 1/3 the walk diverges; or is it 1/h with h = 3? The curvature of 3w² is 6, two derivatives": 1 / 3,
        "with 2/3 = 4 / 6, twice the limit, the walk diverges: you took 2/h with h = 3": 2 / 3,
        "that is the curvature itself; the rate is its inverse": 6.0,
        "that is the inverse of w² alone: the 3 is missing": 0.5,
        "a learning rate is positive: the minus is in the step": -1 / 6,
        "so rounded it does not quite arrive: hand in the fraction": 0.17,
    }
    return judge_number(answer, 1 / 6, mistakes, praise="one over the curvature, which is 6.", rtol=5e-3)


def largest_rate(answer: Callable[[np.ndarray], Any]) -> Verdict:
    """Check a function of inputs (n, d): the rate at which descent on half the mean squared error stops converging.

    Examples
    --------
    >>> largest_rate(lambda X: 1 / np.linalg.eigvalsh(X.T @ X / len(X))[-1])
    Not yet: 1/h is the rate that the lemma likes best; the limit is twice that. For X = ...
    """

    def curvatures(X: np.ndarray) -> np.ndarray:
        return np.linalg.eigvalsh(X.T @ X / len(X))

    rng = np.random.default_rng(2)
    cases = [{"X": rng.normal(size=shape).round(1)} for shape in [(4, 2), (6, 3), (5, 2)]]
    mistakes: dict[str, Callable[..., Any]] = {
        "1/h is the rate that the lemma likes best; the limit is twice that": lambda X: 1 / curvatures(X)[-1],
        "the 1/n of the mean is missing": lambda X: 2 / (len(X) * curvatures(X)[-1]),
        "the sharpest direction decides, not the flattest": lambda X: 2 / curvatures(X)[0],
        "the sharpest direction decides, not the mean of all": lambda X: 2 / curvatures(X).mean(),
        "the trace is the sum of all curvatures; the largest one decides": lambda X: 2 / curvatures(X).sum(),
        "that is the best single rate, 2/(smallest + largest)": lambda X: 2 / curvatures(X)[[0, -1]].sum(),
        "a singular value of X has to be squared to be a curvature": lambda X: 2 / np.sqrt(len(X) * curvatures(X)[-1]),
        "a square root too many": lambda X: 2 / np.sqrt(curvatures(X)[-1]),
    }
    praise = "2 over the largest eigenvalue of X.T @ X / n."
    return judge(answer, lambda X: 2 / curvatures(X)[-1], cases, mistakes, praise=praise, rtol=1e-6)


def steepest_step(answer: Callable[[np.ndarray, float, float], Any]) -> Verdict:
    """Check a function of a gradient (d,), a radius and a norm's order (1, 2 or infinity): the steepest step.

    Examples
    --------
    >>> steepest_step(lambda g, radius, order: -radius * g / np.linalg.norm(g, order))
    Not yet: the gradient shortened to the right length is steepest for order 2 only. For ...
    """
    gradients = [[3.0, -4.0], [0.5, 2.0, -1.0], [-6.0, 1.0, 0.5, 2.0]]
    radii = [1.0, 0.5, 2.0]
    cases = [
        {"g": np.array(g), "radius": radius, "order": order}
        for order in (2, np.inf, 1)
        for g, radius in zip(gradients, radii, strict=True)
    ]

    def shortened(g: np.ndarray, radius: float, order: float) -> np.ndarray:
        return -radius * g / np.linalg.norm(g, order)

    def dual(g: np.ndarray, radius: float, order: float) -> np.ndarray:
        return -radius * g / np.linalg.norm(g, _DUAL[order])

    def without_length(g: np.ndarray, radius: float, order: float) -> np.ndarray:
        return -radius * g if order == 2 else _steepest(g, radius, order)

    def spread(g: np.ndarray, radius: float, order: float) -> np.ndarray:
        return -radius * np.sign(g) / g.size if order == 1 else _steepest(g, radius, order)

    def swapped(g: np.ndarray, radius: float, order: float) -> np.ndarray:
        return _steepest(g, radius, _DUAL[order])

    def unsigned(g: np.ndarray, radius: float, order: float) -> np.ndarray:
        return -np.abs(_steepest(g, radius, order)) if order == 1 else _steepest(g, radius, order)

    mistakes: dict[str, Callable[..., Any]] = {
        "the sign is wrong: this step climbs": lambda g, r, p: -_steepest(g, r, p),
        "the gradient shortened to the right length is steepest for order 2 only": shortened,
        "that is the step of order 2, whatever the order; the norm decides the direction too": lambda g, r, p: (
            _steepest(g, r, 2)
        ),
        "the dual norm measures the promise, not the step; and g is the direction for order 2 only": dual,
        "for order 2 the step's length must be the radius, whatever the gradient's": without_length,
        "for order 1 all of the radius goes to one coordinate, the steepest": spread,
        "orders 1 and infinity are swapped: for infinity every coordinate may use the whole radius": swapped,
        "for order 1 the coordinate moves against its own sign": unsigned,
        "the radius is missing": lambda g, r, p: _steepest(g, 1.0, p),
    }
    praise = "the whole radius to every coordinate, to one, or shared as the gradient shares it."
    return judge(answer, _steepest, cases, mistakes, praise=praise)


_DUAL: dict[float, float] = {1: np.inf, 2: 2, np.inf: 1}


def _steepest(g: np.ndarray, radius: float, order: float) -> np.ndarray:
    if order == np.inf:
        return -radius * np.sign(g)
    if order == 2:
        return -radius * g / np.linalg.norm(g)
    step = np.zeros_like(g)
    largest = np.argmax(np.abs(g))
    step[largest] = -radius * np.sign(g[largest])
    return step
