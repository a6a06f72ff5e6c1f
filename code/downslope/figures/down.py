"""Figures of the chapter "Which way is down": the steepest step, the guessed parabola, where walks end, stability."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from downslope.figures import style
from downslope.figures.paths import contours
from downslope.surface import Box, Landscape


def rim(order: float, corners: int = 20_000) -> np.ndarray:
    """Steps of length one in the plane, all around.

    Parameters
    ----------
    order : float
        Of the norm that measures length: 1, 2 or infinity.
    corners : int
        How many steps.

    Returns
    -------
    array, shape (corners, 2)

    Examples
    --------
    >>> rim(np.inf, 4).round(3) + 0.0
    array([[ 1.,  0.],
           [ 0.,  1.],
           [-1.,  0.],
           [ 0., -1.]])
    """
    return _towards(np.linspace(0, 2 * np.pi, corners, endpoint=False), order)


def _towards(angles: np.ndarray, order: float) -> np.ndarray:
    """Steps of length one, in these directions."""
    around = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    return around / np.linalg.norm(around, ord=order, axis=-1, keepdims=True)


def best_on_rim(landscape: Landscape, w: ArrayLike, radius: float, order: float = 2) -> np.ndarray:
    """The step of a given length after which the landscape is lowest.

    Found by trying 20 000 all around, and then 2000 between the two neighbours of the best.

    Parameters
    ----------
    landscape : Landscape
        Of two coordinates.
    w : array, shape (2,)
        Where the step starts.
    radius : float
        Its length.
    order : float
        Of the norm that measures length: 1, 2 or infinity.

    Returns
    -------
    array, shape (2,)

    Examples
    --------
    >>> import downslope as ds
    >>> best_on_rim(ds.landscapes.quadratic(np.eye(2)), [3.0, 4.0], 1.0).round(6)
    array([-0.6, -0.8])
    """
    gap = 2 * np.pi / 20_000
    angles = gap * np.arange(20_000)
    for _ in range(2):
        steps = radius * _towards(angles, order)
        best = np.argmin(landscape(np.asarray(w) + steps))
        # an odd number, so that the best so far is tried again: it may be a corner
        angles = angles[best] + gap * np.linspace(-1, 1, 2001)
    return steps[best]


@style.book()
def steepest(
    landscape: Landscape,
    w: ArrayLike,
    promised: ArrayLike,
    order: float = 2,
    *,
    box: Box | None = None,
    height: float = 3.8,
) -> Figure:
    """A step that the slope promises most for, all others of its length, and the one of them that is best.

    Parameters
    ----------
    landscape : Landscape
        Of two coordinates.
    w : array, shape (2,)
        Where the steps start.
    promised : array, shape (2,)
        The step to compare with the best one.
    order : float
        Of the norm that measures length: 1, 2 or infinity.
    box : two pairs of (low, high), optional
        What to show; without it the landscape's own box.
    height : float
        Inches.

    Examples
    --------
    >>> import downslope as ds
    >>> bowl = ds.landscapes.ravine(condition=4)
    >>> fig = steepest(bowl, [1.0, 0.5], -0.2 * bowl.gradient([1.0, 0.5]))
    """
    fig, ax = style.figure(height=height)
    contours(ax, landscape, box)
    ax.set_aspect("equal")
    w, promised = np.asarray(w, float), np.asarray(promised, float)
    radius = float(np.linalg.norm(promised, ord=order))
    ax.fill(*(w + radius * rim(order, 160)).T, facecolor="none", edgecolor=style.MUTED, linewidth=1.2)
    blue, orange = style.sequence(2)
    _arrow(ax, w, best_on_rim(landscape, w, radius, order), "best", blue)
    _arrow(ax, w, promised, "promised", orange)
    fig.legend(loc="outside upper left", ncols=2)
    ax.plot(*w, marker="o", markersize=7, markerfacecolor=style.PAPER, markeredgecolor=style.INK)
    return fig


def _arrow(ax: Axes, start: np.ndarray, step: np.ndarray, name: str, look: dict[str, Any]) -> None:
    """A step; the line without length is what the legend shows."""
    look = {"color": look["color"], "linestyle": look["linestyle"], "linewidth": 2}
    ax.annotate("", tuple(start + step), tuple(start), arrowprops={"arrowstyle": "-|>", "shrinkB": 0, **look})
    ax.plot([], [], label=name, **look)


@style.book()
def touching(landscape: Landscape, w: float, lr: float, steps: int = 8, *, height: float = 3.6) -> Figure:
    """A walk in one coordinate, and the parabola of curvature 1/lr to whose bottom its first step goes.

    Parameters
    ----------
    landscape : Landscape
        Of one coordinate; its box is what is shown.
    w : float
        Where the walk starts.
    lr : float
        Learning rate of gradient descent.
    steps : int
        How many.
    height : float
        Inches.

    Examples
    --------
    >>> import sympy as sp
    >>> import downslope as ds
    >>> x = sp.Symbol("w")
    >>> fig = touching(ds.landscapes.from_expression(x**2 / 2, [x], box=[(-2, 2)]), 1.5, 0.5)
    """
    fig, ax = style.figure(height=height)
    low, high = landscape.box[0]
    x = np.linspace(low, high, 201)
    curve = landscape(x[:, None])
    points = [float(w)]
    for _ in range(steps):
        points.append(points[-1] - lr * float(landscape.gradient([points[-1]])[0]))
    value, slope = float(landscape([w])), float(landscape.gradient([w])[0])
    ax.plot(x, curve, color=style.INK, linewidth=1.4)
    ax.plot(
        x, value + slope * (x - w) + (x - w) ** 2 / (2 * lr), color=style.ORANGE, linewidth=1.8, linestyle=style.DASH
    )
    walk = np.array(points)
    ax.plot(walk, landscape(walk[:, None]), color=style.BLUE, marker="o", markersize=5, linewidth=1.2)
    ax.plot([walk[1], walk[1]], [value - lr * slope**2 / 2, landscape([walk[1]])], color=style.ORANGE, linewidth=1.2)
    ax.plot(walk[1], value - lr * slope**2 / 2, marker="v", markersize=7, color=style.ORANGE)
    ax.plot(w, value, marker="o", markersize=8, markerfacecolor=style.PAPER, markeredgecolor=style.INK, zorder=4)
    room = 0.55 * np.ptp(curve)
    ax.set(xlim=(low, high), ylim=(curve.min() - room, curve.max()), xlabel=str(landscape.symbols[0]), ylabel="loss")
    return fig


@style.book()
def endings(landscape: Landscape, groups: Mapping[str, ArrayLike], *, height: float = 5.0) -> Figure:
    """Points on a map, by kind, each kind with a mark and a colour of its own.

    Parameters
    ----------
    landscape : Landscape
        Of two coordinates.
    groups : dict
        For each kind its points, shape (n, 2).
    height : float
        Inches.

    Examples
    --------
    >>> import downslope as ds
    >>> fig = endings(ds.landscapes.saddle(), {"passes": [[0.0, 0.0]]})
    """
    fig, ax = style.figure(height=height)
    contours(ax, landscape)
    colours = (style.CRIMSON, style.ORANGE, style.BLUE, style.GREEN)
    for (kind, points), colour, marker in zip(groups.items(), colours, "^Xov", strict=False):
        x, y = np.reshape(points, (-1, 2)).T
        look = {"color": colour, "marker": marker, "markersize": 7, "markeredgecolor": style.PAPER}
        ax.plot(x, y, linestyle="none", label=f"{len(x)} {kind}", **look)
    fig.legend(loc="outside upper left", ncols=4, handletextpad=0.2)
    return fig


@style.book()
def stability(runs: Mapping[str, tuple[ArrayLike, ArrayLike]], *, height: float = 3.3) -> Figure:
    """The learning rate, as a share of what the curvature allows, along walks, each in a panel of its own.

    Parameters
    ----------
    runs : dict
        For each name the steps, 1 or more, and at each of them lr times the largest curvature, divided by two.
    height : float
        Inches.

    Examples
    --------
    >>> fig = stability({"a bowl": ([1, 10, 100], [0.9, 0.9, 0.9])})
    """
    fig, panels = style.figure(ncols=len(runs), height=height)
    looks = style.sequence(len(runs))
    for ax, (name, (steps, share)), look in zip(np.atleast_1d(panels), runs.items(), looks, strict=True):
        ax.axhline(1, color=style.MUTED, linewidth=1.2)
        ax.plot(steps, share, **look, marker="o", markersize=4)
        style.label(ax, 0.3, 0.93, name, look["color"], xycoords="axes fraction", xytext=(0, 0))
        ax.set(xscale="log", xlabel="step")
        ax.margins(y=0.15)
    np.atleast_1d(panels)[0].set_ylabel("rate, as a share of its limit")
    return fig
