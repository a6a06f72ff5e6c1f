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
def by_layer(
    forward: ArrayLike,
    backward: ArrayLike,
    limits: tuple[float, float] = (1e-9, 1e3),
    *,
    apart: ArrayLike | None = None,
) -> Figure:
    """How large the numbers are, layer by layer: on their way up, and as a gradient on its way down; both logarithmic.

    Parameters
    ----------
    forward, backward : array, shape (layers,)
        Root mean squares of what leaves each layer, and of the loss's gradient by it.
    limits : tuple
        The axis shows what lies between; what is below is drawn at its edge.
    apart : array, shape (layers,), optional
        Root mean squares of what leaves each layer, less its mean over the examples; a second line on the way up.

    Examples
    --------
    >>> fig = by_layer([1.0, 0.5, 0.25], [0.01, 0.02, 0.04], apart=[0.9, 0.4, 0.2])
    """
    fig, (left, right) = style.figure(ncols=2, height=3.2, sharey=True)
    lines = [
        (left, forward, {"color": style.BLUE, "marker": "o", "label": "size"}),
        (right, backward, {"color": style.ORANGE, "marker": "o"}),
    ]
    if apart is not None:
        lines.append((left, apart, {"color": style.GREEN, "marker": "s", "label": "between examples"}))
    for ax, values, look in lines:
        shown = np.clip(np.asarray(values, dtype=float), limits[0], limits[1])
        ax.semilogy(np.arange(1, len(shown) + 1), shown, markersize=5, **look)
        ax.set(ylim=(limits[0] / 2, limits[1] * 2), xticks=_layers(len(shown)))
    left.set(xlabel="activation, layer by layer →", ylabel="root mean square")
    right.set(xlabel="← gradient, layer by layer")
    if apart is not None:
        left.legend(loc="lower left")
    return fig


def _layers(count: int) -> list[int]:
    """At most five of the layers, the last one among them, evenly spaced."""
    return list(range(count, 0, -max(1, -(-count // 5))))[::-1]


@style.book()
def spectra(depths: Sequence[int], found: Mapping[str, Mapping[str, ArrayLike]], lowest: float = 1e-4) -> Figure:
    """The singular values of a product against the number of factors: median, middle half, root mean square.

    Parameters
    ----------
    depths : sequence of int
    found : dict
        For each panel's title and each kind of matrix, shape (depths, values).
    lowest : float
        Where the axis ends; what is smaller is not seen.

    Examples
    --------
    >>> values = {"normal": [[1.0, 0.5, 0.1], [1.2, 0.3, 0.01]], "orthogonal": np.ones((2, 3))}
    >>> fig = spectra([1, 2], {"linear": values})
    """
    fig, axes = style.figure(ncols=len(found), height=3.5, sharey=True, squeeze=False)
    for ax, (title, kinds) in zip(axes[0], found.items(), strict=True):
        for (name, values), look in zip(kinds.items(), style.sequence(len(kinds)), strict=True):
            values = np.asarray(values)
            low, median, high = np.quantile(values, [0.25, 0.5, 0.75], axis=1)
            ax.fill_between(depths, low, high, color=look["color"], alpha=0.3, linewidth=0)
            ax.plot(depths, median, label=name, **look)
            size = np.sqrt(np.mean(values**2, axis=1))
            ax.plot(depths, size, color=look["color"], linestyle="none", marker="o", markersize=4)
        ax.set(title=title, xlabel="layers multiplied", yscale="log", ylim=(lowest, 3), xticks=_layers(max(depths)))
    axes[0, 0].set(ylabel="singular values")
    axes[0, 0].legend(loc="lower left")
    return fig
