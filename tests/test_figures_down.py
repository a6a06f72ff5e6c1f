"""The numbers in the figures of the chapter "Which way is down"."""

import numpy as np
import pytest
import sympy as sp
from downslope import landscapes
from downslope.figures import down


@pytest.mark.parametrize("order", [1, 2, np.inf])
def test_every_step_on_the_rim_has_length_one(order):
    np.testing.assert_allclose(np.linalg.norm(down.rim(order, 97), ord=order, axis=1), 1)


def test_on_a_round_bowl_the_best_step_follows_the_gradient_at_every_length():
    bowl = landscapes.quadratic(np.eye(2))
    for radius in (0.1, 1.0, 4.0):
        np.testing.assert_allclose(
            down.best_on_rim(bowl, [3.0, 4.0], radius), [-0.6 * radius, -0.8 * radius], atol=2e-3
        )


def test_for_short_steps_the_best_corner_is_the_signs():
    ravine = landscapes.quadratic(np.diag([20.0, 1.0]))
    best = down.best_on_rim(ravine, [0.3, -1.0], 1e-3, np.inf)
    np.testing.assert_allclose(best, [-1e-3, 1e-3], rtol=1e-3)


def test_the_promised_step_sets_the_size_of_the_rim():
    ravine = landscapes.ravine(condition=4)
    ax = down.steepest(ravine, [1.0, 0.5], [-0.3, 0.2], order=np.inf).axes[0]
    corners = ax.patches[0].get_path().vertices
    assert np.abs(corners - [1.0, 0.5]).max() == pytest.approx(0.3)


def test_the_triangle_is_the_bottom_of_the_touching_parabola():
    x = sp.Symbol("w")
    ax = down.touching(landscapes.from_expression(x**2 / 2, [x], box=[(-2, 2)]), 1.5, 0.5, steps=2).axes[0]
    curve, guess, walk, _, triangle, _ = ax.lines
    bottom = np.argmin(guess.get_ydata())
    assert guess.get_xdata()[bottom] == pytest.approx(triangle.get_xdata()[0], abs=0.02)
    assert guess.get_ydata()[bottom] == pytest.approx(triangle.get_ydata()[0], abs=1e-3)
    assert np.all(guess.get_ydata() >= curve.get_ydata() - 1e-12)
    np.testing.assert_allclose(walk.get_xdata(), [1.5, 0.75, 0.375])


def test_every_ending_is_drawn_under_its_kind():
    fig = down.endings(landscapes.saddle(), {"summits": [], "passes": [[0.0, 0.0], [0.1, 0.0]]}, height=3)
    assert [text.get_text() for text in fig.legends[0].get_texts()] == ["0 summits", "2 passes"]


def test_the_shares_are_drawn_as_given():
    panels = down.stability({"a": ([1, 10], [0.5, 1.0]), "b": ([1, 100], [2.0, 1.0])}).axes
    assert [ax.lines[1].get_ydata().tolist() for ax in panels] == [[0.5, 1.0], [2.0, 1.0]]
