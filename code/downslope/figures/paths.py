"""Descent to look at: contours and paths, valleys and balls, loss against step."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LightSource
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from downslope.descent import Trace
from downslope.figures import style
from downslope.surface import Box, Landscape
from downslope.terrain import elevation

_CONTOURS = 14


@style.book()
def paths(
    landscape: Landscape,
    traces: Mapping[str, Trace | ArrayLike],
    *,
    box: Box | None = None,
    height: float = 3.5,
) -> Figure:
    """The ways of several optimizers over a landscape of two coordinates.

    Parameters
    ----------
    landscape : Landscape
        Drawn as contours, the hillside as shaded relief.
    traces : dict
        For each name a `Trace` or its points, shape (steps + 1, 2). A name that begins with an optimizer's
        (``"Adam"``, ``"Adam, no correction"``) gets that optimizer's colour.
    box : two pairs of (low, high), optional
        What to show; without it the landscape's own box.
    height : float
        Inches.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        The landscape does not have two coordinates, or a trace is not one run on it.

    Examples
    --------
    >>> import downslope as ds
    >>> bowl = ds.landscapes.ravine()
    >>> fig = paths(bowl, {"SGD": ds.descend(bowl, ds.SGD(lr=0.05), bowl.start, steps=20)})
    """
    fig, ax = style.figure(height=height)
    contours(ax, landscape, box)
    for name, options in style.lines(traces).items():
        path(ax, _points(name, traces[name], landscape), name, options)
    if traces:
        fig.legend(loc="outside upper left", ncols=4)
    return fig


def contours(ax: Axes, landscape: Landscape, box: Box | None = None) -> None:
    """A landscape of two coordinates as a background: level sets, axes and known minima.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    landscape : Landscape
    box : two pairs of (low, high), optional
        What to show; without it the landscape's own box.

    Raises
    ------
    ValueError
        The landscape does not have two coordinates.

    Examples
    --------
    >>> from downslope import landscapes
    >>> with style.book():
    ...     fig, ax = style.figure()
    ...     contours(ax, landscapes.saddle())
    >>> ax.get_xlabel()
    'x'
    """
    _check_dimension(landscape, 2)
    (x, y), z = _grid(landscape, box or landscape.box)
    ax.grid(False)
    levels = np.unique(np.quantile(z, np.linspace(0, 1, _CONTOURS + 1)[1:-1] ** 1.7))
    labels = {"xlabel": str(landscape.symbols[0]), "ylabel": str(landscape.symbols[1])}
    if landscape.expr.has(elevation):
        _relief(ax, x, y, z)
        levels = np.arange(np.ceil(z.min() / 100), z.max() / 100) * 100
        labels = {"xlabel": "metres east", "ylabel": "metres north"}
    ax.contour(x, y, z, levels=levels, colors=style.FAINT, linewidths=0.7, negative_linestyles="solid")
    ax.set(xlim=(x[0], x[-1]), ylim=(y[0], y[-1]), **labels)
    size = 9 if len(landscape.minima) <= 4 else 4
    for minimum in landscape.minima:
        ax.plot(*minimum, marker="+", color=style.INK, markersize=size, markeredgewidth=size / 6)


def path(ax: Axes, points: np.ndarray, name: str, options: dict[str, Any]) -> None:
    """One way: its line, a small mark at each step, a ring where it starts and a large mark where it ends.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    points : array, shape (steps + 1, 2)
    name : str
        For the legend.
    options : dict
        Colour, line style and marker, as `downslope.figures.style.line` gives them.

    Examples
    --------
    >>> with style.book():
    ...     fig, ax = style.figure()
    ...     path(ax, np.array([[2.0, 1.0], [1.0, 0.5]]), "SGD", style.line("SGD"))
    >>> ax.lines[0].get_label()
    'SGD'
    """
    colour, marker = options["color"], options["marker"]
    x, y = points.T
    ax.plot(
        x,
        y,
        color=colour,
        linestyle=options["linestyle"],
        marker=marker,
        markersize=3,
        label=name,
        linewidth=1.6,
    )
    ax.plot(x[0], y[0], marker="o", markersize=8, markerfacecolor=style.PAPER, markeredgecolor=style.INK, zorder=4)
    ax.plot(x[-1], y[-1], marker=marker, markersize=7, color=colour, markeredgecolor=style.PAPER, zorder=5)


@style.book()
def losses(traces: Mapping[str, Trace | ArrayLike], *, ylabel: str = "loss", log: bool = True) -> Figure:
    """The loss against the step.

    Parameters
    ----------
    traces : dict
        For each name a `Trace` or its values, shape (steps + 1,).
    ylabel : str
        What is on the vertical axis.
    log : bool
        Powers of ten upwards; needs positive values.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        A trace is not one run.

    Examples
    --------
    >>> fig = losses({"SGD": [4.0, 1.0, 0.25], "Adam": [4.0, 2.0, 0.1]})
    """
    fig, ax = style.figure()
    ends = {}
    for name, options in style.lines(traces).items():
        trace = traces[name]
        values = np.asarray(trace.values if isinstance(trace, Trace) else trace)
        if values.ndim != 1 or len(values) < 2:
            raise ValueError(f"traces[{name!r}] must hold one run, values of shape (steps + 1,), got {values.shape}")
        ax.plot(values, **options, markevery=(0.02, 0.14))
        ends[name] = (len(values) - 1, values[-1], options["color"])
    ax.set(xlabel="step", ylabel=ylabel, yscale="log" if log else "linear")
    ax.margins(x=0.01)
    _name_ends(ax, ends)
    return fig


def _name_ends(ax: Axes, ends: Mapping[str, tuple[float, float, str]]) -> None:
    """Write each name right of the axes at the height of its curve's end, or as near as the others allow."""
    to_axes = ax.transScale + ax.transLimits
    heights = {name: to_axes.transform((x, y))[1] for name, (x, y, _) in ends.items()}
    order = sorted(heights, key=heights.__getitem__)
    room = 0.075
    places: list[float] = []
    for name in order:
        places.append(max(heights[name], places[-1] + room) if places else max(heights[name], 0.0))
    surplus = max(places[-1] - 1.0, 0.0) if places else 0.0
    for i in reversed(range(len(places))):
        places[i] = min(places[i], places[i + 1] - room) if i + 1 < len(places) else places[i] - surplus
    for name, height in zip(order, places, strict=True):
        style.label(ax, 1.01, height, name, ends[name][2], xycoords="axes fraction")


@style.book()
def valley(
    landscape: Landscape,
    traces: Mapping[str, Trace | ArrayLike],
    *,
    box: Box | None = None,
    height: float = 3.5,
) -> Figure:
    """The steps of several optimizers on a landscape of one coordinate, drawn on its curve.

    Parameters
    ----------
    landscape : Landscape
    traces : dict
        For each name a `Trace` or its points, shape (steps + 1, 1) or (steps + 1,).
    box : one pair of (low, high), optional
        What to show; without it the landscape's own box.
    height : float
        Inches.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        The landscape does not have one coordinate, or a trace is not one run on it.

    Examples
    --------
    >>> import sympy as sp
    >>> import downslope as ds
    >>> w = sp.Symbol("w")
    >>> parabola = ds.landscapes.from_expression(w**2, [w])
    >>> fig = valley(parabola, {"SGD": [2.0, 1.6, 1.28]})
    """
    _check_dimension(landscape, 1)
    low, high = (box or landscape.box)[0]
    fig, ax = style.figure(height=height)
    w = np.linspace(low, high, 300)
    loss = landscape(w[:, None])
    ax.plot(w, loss, color=style.INK, linewidth=1.2)
    for name, options in style.lines(traces).items():
        points = _points(name, traces[name], landscape)
        ax.plot(points[:, 0], landscape(points), **options, label=name, linewidth=1.4)
    room = 0.06 * np.ptp(loss)
    ax.set(
        xlim=(low, high),
        ylim=(loss.min() - room, loss.max() + room),
        xlabel=str(landscape.symbols[0]),
        ylabel="loss",
    )
    if traces:
        fig.legend(loc="outside upper left", ncols=4)
    return fig


def _points(name: str, trace: Trace | ArrayLike, landscape: Landscape) -> np.ndarray:
    points = np.asarray(trace.points if isinstance(trace, Trace) else trace, dtype=float)
    if points.ndim == 1 and landscape.dimension == 1:
        points = points[:, None]
    if points.ndim != 2 or points.shape[1] != landscape.dimension:
        expected = f"(steps + 1, {landscape.dimension})"
        raise ValueError(f"traces[{name!r}] must hold one run, points of shape {expected}, got {points.shape}")
    return points


def _check_dimension(landscape: Landscape, d: int) -> None:
    if landscape.dimension != d:
        raise ValueError(f"landscape must have {d} coordinate{'s' * (d > 1)} here, got {landscape.dimension}")


def _grid(landscape: Landscape, box: Sequence[tuple[float, float]]) -> tuple[tuple[np.ndarray, np.ndarray], np.ndarray]:
    x, y = (np.linspace(low, high, n) for (low, high), n in zip(box, (140, 100), strict=True))
    return (x, y), landscape(np.stack(np.meshgrid(x, y), axis=-1))


def _relief(ax: Axes, x: np.ndarray, y: np.ndarray, z: np.ndarray) -> None:
    """Shade as light from the north-west would leave it, in a grey thin enough for both themes."""
    light = LightSource(azdeg=315, altdeg=45).hillshade(z, vert_exag=4, dx=x[1] - x[0], dy=y[1] - y[0])
    shade = np.full((*z.shape, 4), 0.45)
    shade[..., 3] = np.rint(16 * 0.65 * (1 - light)) / 16  # few levels: a third of the bytes
    ax.imshow(shade, extent=(x[0], x[-1], y[0], y[-1]), origin="lower", aspect="equal", interpolation="none")
