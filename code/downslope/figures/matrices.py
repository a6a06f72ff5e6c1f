"""Figures of the chapter "Backpropagation in matrices"."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from downslope.figures import style

__all__ = ["by_layer", "shapes", "spectra"]


@style.book()
def shapes(batch: int, n_in: int, n_out: int) -> Figure:
    """The three products of a dense layer, each matrix drawn as tall and as wide as it is.

    Parameters
    ----------
    batch, n_in, n_out : int
        Examples, and how many numbers enter and leave the layer.

    Examples
    --------
    >>> fig = shapes(6, 4, 3)
    """
    fig, ax = style.figure(height=4.2)
    b, i, o = batch, n_in, n_out
    rows = [
        ("forward", [("X", b, i), ("Wᵀ", i, o), ("Z", b, o)], style.BLUE),
        ("to the weights", [("Δᵀ", o, b), ("X", b, i), ("∂L/∂W", o, i)], style.ORANGE),
        ("to the layer below", [("Δ", b, o), ("W", o, i), ("∂L/∂X", b, i)], style.GREEN),
    ]
    tallest, y, right = [max(m[1] for m in matrices) for _, matrices, _ in rows], 0.0, 0.0
    for (title, matrices, colour), height in zip(rows, tallest, strict=True):
        x, middle = _TITLE, y - height / 2
        ax.text(0, middle, title, va="center", ha="left", fontsize=11, color=style.INK)
        for place, (name, tall, wide) in enumerate(matrices):
            _matrix(ax, x, middle, tall, wide, name, colour)
            x += wide + 0.9
            if place < 2:
                ax.text(x, middle, "·="[place], va="center", ha="center", fontsize=14, color=style.INK)
                x += 0.9
        y, right = y - height - 2.1, max(right, x)
    ax.set(xlim=(0, right - 0.8), ylim=(y + 1.2, 0.1))
    ax.axis("off")
    return fig


_TITLE = 6.2  # how much room the rows' names take


def _matrix(ax: Axes, x: float, middle: float, tall: int, wide: int, name: str, colour: str) -> None:
    ax.add_patch(Rectangle((x, middle - tall / 2), wide, tall, facecolor="none", edgecolor=colour, linewidth=1.8))
    ax.text(x + wide / 2, middle, name, va="center", ha="center", fontsize=10.5, color=style.INK)
    ax.text(x + wide / 2, middle - tall / 2 - 0.15, f"{tall} × {wide}", va="top", ha="center", fontsize=9.5)


@style.book()
def by_layer(forward: ArrayLike, backward: ArrayLike, limits: tuple[float, float] = (1e-9, 1e3)) -> Figure:
    """How large a signal is, layer by layer: on its way up, and as a gradient on its way down; both logarithmic.

    Parameters
    ----------
    forward, backward : array, shape (layers,)
        Root mean squares of what leaves each layer, and of the loss's gradient by it.
    limits : tuple
        The axis shows what lies between; what is below is drawn at its edge.

    Examples
    --------
    >>> fig = by_layer([1.0, 0.5, 0.25], [0.01, 0.02, 0.04])
    """
    fig, (left, right) = style.figure(ncols=2, height=3.2, sharey=True)
    for ax, values, colour, label in [
        (left, forward, style.BLUE, "signal, layer by layer →"),
        (right, backward, style.ORANGE, "← gradient, layer by layer"),
    ]:
        shown = np.clip(np.asarray(values, dtype=float), limits[0], limits[1])
        ax.semilogy(np.arange(1, len(shown) + 1), shown, color=colour, marker="o", markersize=5)
        ax.set(
            xlabel=label, ylim=(limits[0] / 2, limits[1] * 2), xticks=np.unique(np.linspace(1, len(shown), 4).round())
        )
    left.set(ylabel="root mean square")
    return fig


@style.book()
def spectra(depths: Sequence[int], found: Mapping[str, ArrayLike]) -> Figure:
    """The singular values of a product of matrices against their number: the whole range, and the median.

    Parameters
    ----------
    depths : sequence of int
    found : dict
        For each kind of matrix, shape (depths, values).

    Examples
    --------
    >>> fig = spectra([1, 2], {"normal": [[1.0, 0.5, 0.1], [1.2, 0.3, 0.01]], "orthogonal": np.ones((2, 3))})
    """
    fig, ax = style.figure(height=3.5)
    for (name, values), look in zip(found.items(), style.sequence(len(found)), strict=True):
        values = np.asarray(values)
        low, median, high = values.min(axis=1), np.median(values, axis=1), values.max(axis=1)
        ax.fill_between(depths, low, high, color=look["color"], alpha=0.3, linewidth=0)
        ax.semilogy(depths, median, **look)
        style.label(ax, float(depths[-1]), float(median[-1]), name, look["color"])
    ax.set(xlabel="matrices multiplied", ylabel="singular values", yscale="log")
    return fig
