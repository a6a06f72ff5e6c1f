"""Figures of the chapter "The hill"."""

from collections.abc import Mapping

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from downslope.descent import Trace
from downslope.figures import style
from downslope.figures.paths import contours, path
from downslope.surface import Landscape

_SETTLED = 100.0  # metres from a hollow's floor


@style.book()
def fit(loss: Landscape, trace: Trace, x: ArrayLike, y: ArrayLike, *, xlabel: str, ylabel: str) -> Figure:
    """A walk over the loss of a line, and beside it the line that its last point stands for.

    Parameters
    ----------
    loss : Landscape
        Over (intercept, slope); its box is what is shown.
    trace : Trace
    x, y : array, shape (n,)
        The data.
    xlabel, ylabel : str
        What the data are.

    Examples
    --------
    >>> import downslope as ds
    >>> bowl = ds.landscapes.ravine(condition=2)
    >>> trace = ds.descend(bowl, ds.SGD(lr=0.5), bowl.start, steps=4)
    >>> fig = fit(bowl, trace, [0, 1], [0, 2], xlabel="x", ylabel="y")
    """
    fig, (left, right) = style.figure(ncols=2, height=3.3, gridspec_kw={"wspace": 0.06})
    contours(left, loss)
    path(left, trace.points, "SGD", style.line("SGD") | {"color": style.ORANGE})
    left.set(xlabel="intercept b", ylabel="slope a")
    intercept, slope = trace.points[-1]
    right.scatter(x, y, s=7, color=style.SKY, linewidths=0)
    ends = np.array([np.min(x), np.max(x)])
    right.plot(ends, intercept + slope * ends, color=style.ORANGE, linewidth=2.6)
    right.set(xlabel=xlabel, ylabel=ylabel, ylim=(np.min(y) - 60, np.max(y) + 50))
    words = f"loss {trace.values[-1]:,.0f}"
    style.label(right, 0.02, 0.96, words, style.INK, xycoords="axes fraction", xytext=(0, 0))
    return fig


@style.book()
def race(evaluations: Mapping[str, Mapping[int, float]], predicted: Mapping[int, float]) -> Figure:
    """What a search costs against the number of weights, both logarithmic.

    Parameters
    ----------
    evaluations : dict
        For each method, the evaluations it needed by number of weights.
    predicted : dict
        What the first method needs by theory, for any number of weights.

    Examples
    --------
    >>> fig = race({"random search": {2: 1.3, 5: 6.0}, "gradient descent": {2: 4, 5: 8}}, {2: 1.3, 5: 6.1, 20: 4e7})
    """
    fig, ax = style.figure(height=3.6)
    looks = dict(zip(evaluations, style.sequence(len(evaluations)), strict=True))
    first = next(iter(looks.values()))
    ax.plot(*zip(*predicted.items(), strict=True), color=first["color"], linewidth=1, linestyle=style.DOT)
    for (name, costs), marker in zip(evaluations.items(), "osD^", strict=False):
        ax.plot(*zip(*costs.items(), strict=True), **looks[name], marker=marker)
        weights, cost = list(costs.items())[-1]
        style.label(ax, weights, cost, name, looks[name]["color"])
    dimensions = sorted({d for costs in evaluations.values() for d in costs})
    ax.set(xscale="log", yscale="log", xlabel="number of weights", ylabel="evaluations needed")
    ax.set(xlim=(dimensions[0] * 0.9, dimensions[-1] * 1.1), ylim=(0.7, 1e9))
    ax.set_xticks(dimensions, map(str, dimensions))
    ax.minorticks_off()
    return fig


@style.book()
def drainage(landscape: Landscape, trace: Trace, *, height: float = 6.0) -> Figure:
    """Many walks down one terrain: where each ends, and which reach its lowest hollow.

    Parameters
    ----------
    landscape : Landscape
        With known minima, the lowest first.
    trace : Trace
        Independent runs, points of shape (steps + 1, runs, 2).
    height : float
        Inches.

    Examples
    --------
    >>> import downslope as ds
    >>> hill = ds.landscapes.terrain()
    >>> starts = np.array([[16500.0, 4500.0], [23000.0, 7000.0]])
    >>> fig = drainage(hill, ds.descend(hill, ds.SGD(lr=500), starts, steps=100))
    """
    fig, ax = style.figure(height=height)
    contours(ax, landscape)
    walks = np.swapaxes(trace.points, 0, 1)
    lucky = np.linalg.norm(walks[:, -1] - landscape.minima[0], axis=-1) < _SETTLED
    for walk, colour, width in [(walks[~lucky], style.SKY, 1.3), (walks[lucky], style.ORANGE, 2.4)]:
        ax.add_collection(LineCollection([_thinned(w) for w in walk], colors=colour, linewidths=width))
        ax.plot(*walk[:, -1].T, linestyle="none", marker="o", markersize=4, color=colour, markeredgecolor=style.PAPER)
    east, north = landscape.minima[0]
    style.label(ax, east, north, "lowest hollow", style.ORANGE, xytext=(-8, -9), ha="right")
    return fig


def _thinned(points: np.ndarray, apart: float = 150.0) -> np.ndarray:
    """The points of a walk, without those nearer than `apart` to the last one kept."""
    kept = [points[0]]
    for point in points[1:]:
        if np.linalg.norm(point - kept[-1]) > apart:
            kept.append(point)
    return np.array([*kept, points[-1]])
