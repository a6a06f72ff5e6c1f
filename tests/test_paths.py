"""Descent drawn: paths on every landscape, losses with their names, steps in a valley."""

import re

import downslope as ds
import numpy as np
import pytest
import sympy as sp
from downslope import figures


@pytest.mark.parametrize(
    "name", ["ravine", "saddle", "rosenbrock", "beale", "himmelblau", "rastrigin", "plateau", "terrain"]
)
def test_every_landscape_can_be_drawn(name: str) -> None:
    landscape = getattr(ds.landscapes, name)()
    trace = ds.descend(landscape, ds.SGD(lr=landscape.lr / 100), landscape.start, 5)
    fig = figures.paths(landscape, {"SGD": trace})
    (levels,) = [c.levels for c in fig.axes[0].collections]
    assert len(levels) >= 5
    drawn = next(line for line in fig.axes[0].lines if line.get_label() == "SGD")
    assert np.array_equal(drawn.get_xydata(), trace.points)
    assert len(figures.show(fig, caption="c", alt="a").html) < 200_000


def test_losses_are_named_at_their_ends_without_overlap() -> None:
    fig = figures.losses({"SGD": [4.0, 1.0], "Adam": [4.0, 1.01], "RMSProp": [4.0, 0.99], "Momentum": [4.0, 4.0]})
    heights = {text.get_text(): text.xy[1] for text in fig.axes[0].texts}
    ordered = sorted(heights.values())
    assert list(heights) == sorted(heights, key=heights.__getitem__) == ["RMSProp", "SGD", "Adam", "Momentum"]
    assert min(np.diff(ordered)) > 0.07
    assert 0 <= ordered[0] <= ordered[-1] <= 1


def test_a_valley_shows_the_steps_on_the_curve() -> None:
    w = sp.Symbol("w")
    parabola = ds.landscapes.from_expression(w**2, [w])
    fig = figures.valley(parabola, {"SGD": [2.0, -1.0]})
    steps = next(line for line in fig.axes[0].lines if line.get_label() == "SGD")
    assert steps.get_xydata().tolist() == [[2.0, 4.0], [-1.0, 1.0]]


def test_descent_figures_say_what_does_not_fit() -> None:
    bowl = ds.landscapes.ravine()
    w = sp.Symbol("w")
    parabola = ds.landscapes.from_expression(w**2, [w])
    with pytest.raises(ValueError, match="landscape must have 2 coordinates here, got 1"):
        figures.paths(parabola, {})
    with pytest.raises(ValueError, match="landscape must have 1 coordinate here, got 2"):
        figures.valley(bowl, {})
    with pytest.raises(
        ValueError,
        match=re.escape("traces['SGD'] must hold one run, points of shape (steps + 1, 2), got (3,)"),
    ):
        figures.paths(bowl, {"SGD": [1.0, 2.0, 3.0]})
    with pytest.raises(
        ValueError,
        match=re.escape("traces['SGD'] must hold one run, values of shape (steps + 1,), got (2, 2)"),
    ):
        figures.losses({"SGD": [[1.0, 2.0], [3.0, 4.0]]})
