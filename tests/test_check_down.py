"""The exercises of the chapter "Which way is down"."""

import numpy as np
import pytest
from downslope import check


def test_right_answers_are_correct():
    assert check.one_step_rate(1 / 6)
    assert check.one_step_rate(0.167)
    assert check.largest_rate(lambda X: 2 / (np.linalg.norm(X, 2) ** 2 / len(X)))
    assert check.steepest_step(right)


def test_a_coordinate_without_slope_may_move_as_it_likes():
    """For the largest move as length any move of it is steepest, so the check may not ask for one of them."""

    def towards_plus(g, radius, order):
        return np.where(g == 0, radius, right(g, radius, order)) if order == np.inf else right(g, radius, order)

    assert check.steepest_step(towards_plus)


def right(g, radius, order):
    if order == np.inf:
        return -radius * np.sign(g)
    if order == 1:
        return -radius * np.sign(g) * (np.abs(g) == np.abs(g).max())
    return -radius * g / np.sqrt(g @ g)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (1 / 3, "two derivatives"),
        (2 / 3, "twice the limit"),
        (6, "its inverse"),
        (0.5, "the 3 is missing"),
        (-1 / 6, "is positive"),
        (0.17, "the fraction"),
        (1, "not it"),
    ],
)
def test_a_wrong_rate_is_named(answer, says):
    verdict = check.one_step_rate(answer)
    assert not verdict
    assert says in verdict.message


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda X, h: 1 / h[-1], "the limit is twice that"),
        (lambda X, h: 2 / (len(X) * h[-1]), "1/n of the mean"),
        (lambda X, h: 2 / h[0], "not the flattest"),
        (lambda X, h: 2 / np.mean(h), "not the mean of all"),
        (lambda X, h: 2 / np.trace(X.T @ X / len(X)), "the trace is the sum"),
        (lambda X, h: 2 / (h[0] + h[-1]), "best single rate"),
        (lambda X, h: 2 / np.linalg.norm(X, 2), "has to be squared"),
        (lambda X, h: 2 / np.sqrt(h[-1]), "a square root too many"),
        (lambda X, h: 3 / h[-1], "the values differ"),
    ],
)
def test_a_wrong_limit_is_named(answer, says):
    verdict = check.largest_rate(lambda X: answer(X, np.linalg.eigvalsh(X.T @ X / len(X))))
    assert not verdict
    assert says in verdict.message


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda g, radius, order: -right(g, radius, order), "this step climbs"),
        (lambda g, radius, order: -radius * g / np.linalg.norm(g, order), "for order 2 only"),
        (lambda g, radius, order: right(g, radius, 2), "the step of order 2"),
        (
            lambda g, radius, order: -radius * g / np.linalg.norm(g, {1: np.inf, 2: 2, np.inf: 1}[order]),
            "the dual norm",
        ),
        (lambda g, radius, order: -radius * g if order == 2 else right(g, radius, order), "whatever the gradient's"),
        (
            lambda g, radius, order: -radius * np.sign(g) / len(g) if order == 1 else right(g, radius, order),
            "goes to one coordinate",
        ),
        (lambda g, radius, order: right(g, radius, {1: np.inf, 2: 2, np.inf: 1}[order]), "are swapped"),
        (
            lambda g, radius, order: -np.abs(right(g, radius, 1)) if order == 1 else right(g, radius, order),
            "its own sign",
        ),
        (lambda g, radius, order: right(g, 1.0, order), "the radius is missing"),
        (lambda g, radius, order: g, "the values differ"),
    ],
)
def test_a_wrong_steepest_step_is_named(answer, says):
    verdict = check.steepest_step(answer)
    assert not verdict
    assert says in verdict.message
