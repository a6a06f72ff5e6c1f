"""Exercises of the chapter "Backpropagation by hand"."""

from collections.abc import Callable
from typing import Any

import numpy as np

from downslope.check.report import Verdict, judge, judge_number
from downslope.networks import sigmoid

__all__ = ["hidden_gradient", "zero_gradients"]

_ARGUMENTS = ("x1", "x2", "a1", "a2", "w2_11", "w2_12", "y", "y_hat")


def hidden_gradient(answer: Callable[..., Any]) -> Verdict:
    """Check a function of (x1, x2, a1, a2, w2_11, w2_12, y, y_hat): the gradient of w1_21, from input 1 to unit 2.

    Examples
    --------
    >>> hidden_gradient(lambda x1, x2, a1, a2, u1, u2, y, y_hat: (y_hat - y) * u2 * x1)
    Not yet: sigma' is missing: multiply by a2 (1 - a2). For x1 = 0.5, ... you return ..., expected ....
    """
    rng = np.random.default_rng(2)
    draws = rng.uniform([-2, -2, 0.1, 0.1, -2, -2, -1, -1], [2, 2, 0.9, 0.9, 2, 2, 1, 1], size=(5, 8)).round(2)
    hand = np.array([0.5, -1.5, 0.2, 0.7, 1.5, -2.0, 1.0, 0.4])
    cases = [dict(zip(_ARGUMENTS, map(float, values), strict=True)) for values in (hand, *draws)]

    def right(x1: float, x2: float, a1: float, a2: float, u1: float, u2: float, y: float, y_hat: float) -> float:
        return (y_hat - y) * u2 * a2 * (1 - a2) * x1

    def of_a2(a: float) -> float:
        return float(sigmoid(np.asarray(a)) * (1 - sigmoid(np.asarray(a))))

    mistakes: dict[str, Callable[..., float]] = {
        "the sign is wrong: the derivative of (y - y_hat)²/2 is y_hat - y": lambda *v: -right(*v),
        "a factor 2 too much: the half of the loss cancels it": lambda *v: 2 * right(*v),
        "half of it is missing: the square's 2 has cancelled the half already": lambda *v: right(*v) / 2,
        "sigma' is missing: multiply by a2 (1 - a2)": lambda x1, x2, a1, a2, u1, u2, y, p: (p - y) * u2 * x1,
        "sigma' is taken at a2, and a2 is sigma(z2) already: it is a2 (1 - a2)": (
            lambda x1, x2, a1, a2, u1, u2, y, p: (p - y) * u2 * of_a2(a2) * x1
        ),
        "sigma' is a2 (1 - a2), not a2": lambda x1, x2, a1, a2, u1, u2, y, p: (p - y) * u2 * a2 * x1,
        "the error comes back through w2_12, unit 2's own weight, not w2_11": (
            lambda x1, x2, a1, a2, u1, u2, y, p: (p - y) * u1 * a2 * (1 - a2) * x1
        ),
        "the way back through the output weight w2_12 is missing": (
            lambda x1, x2, a1, a2, u1, u2, y, p: (p - y) * a2 * (1 - a2) * x1
        ),
        "the indices are swapped: w1_21 leads to unit 2 from input 1, this is the gradient of w1_12": (
            lambda x1, x2, a1, a2, u1, u2, y, p: (p - y) * u1 * a1 * (1 - a1) * x2
        ),
        "the weight starts at input 1: the last factor is x1, not x2": (
            lambda x1, x2, a1, a2, u1, u2, y, p: (p - y) * u2 * a2 * (1 - a2) * x2
        ),
        "sigma' belongs to unit 2: a2 (1 - a2), not a1 (1 - a1)": (
            lambda x1, x2, a1, a2, u1, u2, y, p: (p - y) * u2 * a1 * (1 - a1) * x1
        ),
        "this is the gradient of the bias b1_2: the input x1 is missing": (
            lambda x1, x2, a1, a2, u1, u2, y, p: (p - y) * u2 * a2 * (1 - a2)
        ),
    }
    praise = "error, way back, slope of the unit, input: (y_hat - y) w2_12 a2 (1 - a2) x1."
    return judge(answer, right, cases, mistakes, praise=praise)


def zero_gradients(answer: Any) -> Verdict:
    """Check how many of the nine gradients are zero when x2 is zero.

    Examples
    --------
    >>> zero_gradients(1)
    Not yet: both hidden units listen to input 2. You say 1.
    """
    mistakes = {
        "the derivative of z by a weight is the input that it carries, and that is zero": 0,
        "both hidden units listen to input 2": 1,
        "those of input 2 only: x1 and the biases still carry the error": 4,
        "biases do not depend on the inputs, nor does the output layer": 6,
        "the error is not zero, only one input is": 9,
    }
    return judge_number(answer, 2, mistakes, praise="w1_12 and w1_22, the two that carry x2, do not move.")
