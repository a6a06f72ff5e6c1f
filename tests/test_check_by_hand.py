"""The checks of the chapter on backpropagation by hand: they accept what is right and name what is wrong."""

import numpy as np
import pytest
from downslope import check


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def right(x1, x2, a1, a2, w2_11, w2_12, y, y_hat):
    return (y_hat - y) * w2_12 * a2 * (1 - a2) * x1


MISTAKES = {
    "the sign is wrong": lambda *v: -right(*v),
    "a factor 2 too much": lambda *v: 2 * right(*v),
    "half of it is missing": lambda *v: right(*v) / 2,
    "sigma' is missing": lambda x1, x2, a1, a2, u1, u2, y, p: (p - y) * u2 * x1,
    "sigma' is taken at a2": lambda x1, x2, a1, a2, u1, u2, y, p: (p - y) * u2 * sigmoid(a2) * (1 - sigmoid(a2)) * x1,
    "not a2": lambda x1, x2, a1, a2, u1, u2, y, p: (p - y) * u2 * a2 * x1,
    "not w2_11": lambda x1, x2, a1, a2, u1, u2, y, p: (p - y) * u1 * a2 * (1 - a2) * x1,
    "the way back": lambda x1, x2, a1, a2, u1, u2, y, p: (p - y) * a2 * (1 - a2) * x1,
    "the indices are swapped": lambda x1, x2, a1, a2, u1, u2, y, p: (p - y) * u1 * a1 * (1 - a1) * x2,
    "the last factor is x1": lambda x1, x2, a1, a2, u1, u2, y, p: (p - y) * u2 * a2 * (1 - a2) * x2,
    "belongs to unit 2": lambda x1, x2, a1, a2, u1, u2, y, p: (p - y) * u2 * a1 * (1 - a1) * x1,
    "gradient of the bias": lambda x1, x2, a1, a2, u1, u2, y, p: (p - y) * u2 * a2 * (1 - a2),
}


def test_the_right_gradient_is_accepted_however_it_is_written():
    assert check.hidden_gradient(right)
    assert check.hidden_gradient(lambda x1, x2, a1, a2, u1, u2, y, p: -(y - p) * u2 * (a2 - a2**2) * x1)


@pytest.mark.parametrize("words", MISTAKES)
def test_a_common_mistake_is_named(words):
    verdict = check.hidden_gradient(MISTAKES[words])
    assert not verdict
    assert words in verdict.message
    assert "For x1 = 0.5" in verdict.message


def test_an_exception_is_reported():
    assert "raises TypeError" in check.hidden_gradient(lambda x1: x1).message


@pytest.mark.parametrize(
    ("answer", "words"),
    [(2, "do not move"), (0, "the input that it carries"), (1, "both hidden units"), (4, "of input 2 only")],
)
def test_how_many_gradients_are_zero(answer, words):
    verdict = check.zero_gradients(answer)
    assert bool(verdict) == (answer == 2)
    assert words in verdict.message
