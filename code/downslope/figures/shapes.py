"""Figures of the chapter "Landscapes": how a walk stalls, leaves a saddle, crosses a ravine; what a slice shows."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from downslope.descent import Trace
from downslope.figures import style
from downslope.figures.paths import contours, path
from downslope.surface import Landscape


@style.book()
def stalls(values: Mapping[str, ArrayLike], steps: int) -> Figure:
    """The losses of four walks, each in a panel of its own.

    Parameters
    ----------
    values : dict
        For each of four names its losses, shape (at least steps + 1,).
    steps : int
        How many of them to show.

    Examples
    --------
    >>> fig = stalls({name: [1.0, 0.5, 0.25] for name in "ABCD"}, steps=2)
    """
    fig, axes = style.figure(2, 2, height=3.6, sharex=True, sharey=True)
    for ax, (name, losses), look in zip(axes.flat, values.items(), style.sequence(4), strict=True):
        ax.plot(np.asarray(losses)[: steps + 1], color=look["color"])
        style.label(ax, 0.97, 0.86, name, look["color"], xycoords="axes fraction", xytext=(0, 0), ha="right")
    axes[0, 0].set(xlim=(0, steps), ylim=(0, 1.05))
    for ax in axes[1]:
        ax.set_xlabel("step")
    for ax in axes[:, 0]:
        ax.set_ylabel("loss")
    return fig


@style.book()
def level_sets(landscape: Landscape, points: ArrayLike, levels: ArrayLike, *, length: float = 0.9) -> Figure:
    """Level sets a constant step apart, drawn to scale, with the way down at some points.

    Parameters
    ----------
    landscape : Landscape
        Of two coordinates; its box is what is shown.
    points : array, shape (n, 2)
        Where arrows begin.
    levels : array
        The losses whose level sets are drawn.
    length : float
        Of an arrow.

    Examples
    --------
    >>> from downslope import landscapes
    >>> fig = level_sets(landscapes.ravine(4), [[2.0, 1.0]], np.arange(1, 9))
    """
    fig, ax = style.figure(height=3.0)
    (x, y), z = _surface(landscape)
    ax.grid(False)
    ax.contour(x, y, z, levels=np.asarray(levels), colors=style.FAINT, linewidths=0.9, negative_linestyles="solid")
    points = np.asarray(points, dtype=float)
    down = -landscape.gradient(points)
    down = length * down / np.linalg.norm(down, axis=-1, keepdims=True)
    for start, way in zip(points, down, strict=True):
        ax.annotate(
            "", start + way, start, arrowprops={"arrowstyle": "-|>", "color": style.ORANGE, "linewidth": 1.8}, zorder=4
        )
    ax.plot(*points.T, linestyle="none", marker="o", markersize=5, color=style.ORANGE)
    for minimum in landscape.minima:
        ax.plot(*minimum, marker="+", color=style.INK, markersize=9, markeredgewidth=1.5)
    ax.set(aspect="equal", xlabel="x", ylabel="y")
    return fig


def _surface(landscape: Landscape) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    x, y = (np.linspace(low, high, 121) for low, high in landscape.box)
    return (x, y), landscape(np.stack(np.meshgrid(x, y), axis=-1))


@style.book()
def escapes(distances: ArrayLike, measured: Mapping[str, ArrayLike], predicted: Mapping[str, ArrayLike]) -> Figure:
    """Steps until a walk has left a saddle, against how far beside the ridge it began: dots run, lines predicted.

    Parameters
    ----------
    distances : array, shape (n,)
    measured : dict
        For each optimizer its steps, shape (n,).
    predicted : dict
        The same, where there is a prediction.

    Examples
    --------
    >>> fig = escapes([1e-6, 1e-3], {"SGD": [698, 349]}, {"SGD": [697.7, 348.8]})
    """
    fig, ax = style.figure(height=3.2)
    distances = np.asarray(distances)
    for name, steps in measured.items():
        look = style.line(name)
        line = predicted.get(name, steps)
        ax.plot(distances, line, color=look["color"], linestyle=look["linestyle"], linewidth=1.4)
        ax.plot(distances, steps, linestyle="none", marker=look["marker"], color=look["color"], markersize=6)
        style.label(ax, distances.min(), np.asarray(steps)[distances.argmin()], name, look["color"], xytext=(0, 11))
    ax.set(xscale="log", xlabel="distance from the ridge at the start", ylabel="steps until distance 1")
    ax.set_ylim(0, None)
    ax.margins(y=0.12)
    return fig


@style.book()
def rates(landscape: Landscape, trace: Trace, lr: float) -> Figure:
    """A walk in a ravine, and beside it the factor per step for every curvature, the two of the ravine marked.

    Parameters
    ----------
    landscape : Landscape
        A quadratic of two coordinates.
    trace : Trace
    lr : float
        The learning rate of the walk.

    Examples
    --------
    >>> import downslope as ds
    >>> valley = ds.landscapes.ravine(4)
    >>> fig = rates(valley, ds.descend(valley, ds.SGD(0.4), valley.start, 9), 0.4)
    """
    fig, (left, right) = style.figure(ncols=2, height=2.8, width_ratios=(3, 2))
    contours(left, landscape)
    left.set_aspect("equal")  # else a round bowl is drawn as a ravine
    box = np.array(landscape.box)
    path(left, np.clip(trace.points, 3 * box[:, 0], 3 * box[:, 1]), "SGD", style.line("SGD") | {"color": style.ORANGE})
    curvatures = np.linalg.eigvalsh(landscape.hessian(landscape.start))
    h = np.linspace(0, 1.1 * curvatures[-1], 200)
    right.plot(h, np.abs(1 - lr * h), color=style.MUTED, linewidth=1.2)
    right.axhline(1, color=style.MUTED, linewidth=0.8, linestyle=style.DOT)
    factors = np.abs(1 - lr * curvatures)
    right.plot(curvatures, factors, linestyle="none", marker="o", markersize=7, color=style.ORANGE)
    if np.isclose(*curvatures):
        style.label(right, curvatures[0], factors[0], "μ = L", style.ORANGE, xytext=(-4, 11), ha="right")
    else:
        for curvature, factor, name, away in zip(curvatures, factors, "μL", (6, -4), strict=True):
            style.label(right, curvature, factor, name, style.ORANGE, xytext=(away, 11))
    right.set(xlim=(0, h[-1]), ylim=(0, 1.25), xlabel="curvature", ylabel="factor per step")
    return fig


@style.book()
def departures(losses: Mapping[str, ArrayLike], *, level: float | None = None, height: float = 3.2) -> Figure:
    """Losses that stay level and then fall, each named where it falls.

    Parameters
    ----------
    losses : dict
        For each name its losses, shape (steps + 1,).
    level : float, optional
        A loss to mark with a dotted line.
    height : float
        Inches.

    Examples
    --------
    >>> fig = departures({"10⁻²": [2.3, 1.0, 0.2], "10⁻⁴": [2.3, 2.3, 0.9]}, level=2.3)
    """
    fig, ax = style.figure(height=height)
    if level is not None:
        ax.axhline(level, color=style.MUTED, linewidth=0.8, linestyle=style.DOT)
    for (name, values), look in zip(losses.items(), style.sequence(len(losses)), strict=True):
        values = np.asarray(values)
        ax.plot(values, **look)
        half = int(np.argmax(values < values[0] / 2))
        style.label(ax, half, values[half], name, look["color"], xytext=(4, 6))
    ax.set(xlabel="step", ylabel="loss")
    ax.set_ylim(0, None)
    ax.set_xlim(0, None)
    return fig


@style.book()
def slices(
    plane: tuple[ArrayLike, ArrayLike, ArrayLike],
    along: ArrayLike,
    lines: Mapping[str, ArrayLike],
    *,
    height: float = 3.2,
) -> Figure:
    """Two cuts through one loss: a plane, as contours, and lines from one point to others.

    Parameters
    ----------
    plane : tuple of arrays
        Two ranges of coordinates, shapes (n,) and (m,), and the losses on their grid, shape (m, n).
    along : array, shape (k,)
        Where on the lines, from 0 to 1.
    lines : dict
        For each name its losses, shape (k,).
    height : float
        Inches.

    Examples
    --------
    >>> u = np.linspace(-1, 1, 5)
    >>> fig = slices((u, u, u**2 + u[:, None] ** 2), [0, 0.5, 1], {"straight": [0.1, 0.6, 0.1]})
    """
    fig, (left, right) = style.figure(ncols=2, height=height)
    _plane(left, *plane)
    for (name, losses), look in zip(lines.items(), style.sequence(len(lines)), strict=True):
        losses = np.asarray(losses)
        right.plot(along, losses, **look)
        peak = int(losses.argmax())
        narrow = name.replace(" ", "\n")  # room under a hump
        place = {"xytext": (0, 3), "ha": "center", "va": "bottom"}
        style.label(right, np.asarray(along)[peak], losses[peak], narrow, look["color"], **place)
    right.margins(y=0.15)
    right.set(xlabel="from one solution to the other", ylabel="loss", ylim=(0, None))
    return fig


def _plane(ax: Axes, u: ArrayLike, v: ArrayLike, losses: ArrayLike) -> None:
    ax.grid(False)
    lines = ax.contour(u, v, losses, levels=12, colors=style.FAINT, linewidths=0.9)
    drawn = [level for level, parts in zip(lines.levels, lines.allsegs, strict=True) if parts]
    third = len(drawn) // 3
    ax.clabel(lines, drawn[third : 2 * third + 1 : max(1, third)], fontsize=9, colors=style.INK)  # bowl, or hump?
    ax.plot(0, 0, marker="+", color=style.INK, markersize=9, markeredgewidth=1.5)
    ax.set(aspect="equal", xlabel="random direction 1", ylabel="random direction 2")
