"""Figures of the chapter "Backpropagation by hand"."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from numpy.typing import ArrayLike

from downslope.data import Table
from downslope.figures import style
from downslope.networks import two_two_one as net

_AT = {"x1": (0.0, 1.0), "x2": (0.0, -1.0), "a1": (2.3, 1.0), "a2": (2.3, -1.0), "y_hat": (4.6, 0.0), "L": (6.3, 0.0)}
_ENDS = {
    "w1_11": ("x1", "a1"),
    "w1_12": ("x2", "a1"),
    "w1_21": ("x1", "a2"),
    "w1_22": ("x2", "a2"),
    "w2_11": ("a1", "y_hat"),
    "w2_12": ("a2", "y_hat"),
}
_BIASES = {"b1_1": ("a1", 1), "b1_2": ("a2", -1), "b2_1": ("y_hat", 1)}
_RADIUS = 0.4
_LINE = 0.07  # of the height of an axis: one line of text
_SUBSCRIPTS = str.maketrans("12", "₁₂")


def written(name: str) -> str:
    """A parameter as figures write it.

    Examples
    --------
    >>> written("w1_21"), written("b2_1")
    ('w[1]₂₁', 'b[2]₁')
    """
    return f"{name[0]}[{name[1]}]{name[3:].translate(_SUBSCRIPTS)}"


def factors(name: str, params: net.Params, x: np.ndarray, y: float) -> dict[str, float]:
    """The factors of a parameter's derivative, from the loss down to the parameter, for one example.

    Parameters
    ----------
    name : str
        One of ``two_two_one.NAMES``.
    params : dict
    x : array, shape (2,)
    y : float

    Examples
    --------
    >>> params = dict.fromkeys(net.NAMES, 1.0)
    >>> factors("w1_21", params, np.array([1.0, -2.0]), 5.0)
    {'∂L/∂ŷ': -3.0, '∂ŷ/∂a₂': 1.0, '∂a₂/∂z₂': 0.25, '∂z₂/∂w[1]₂₁': 1.0}
    """
    run = net.forward(params, x)
    layer, unit, source = name[1], name[3], name[4:]
    found: dict[str, Any] = {"∂L/∂ŷ": run["y_hat"] - y}
    if layer == "2":
        found[f"∂ŷ/∂{written(name)}"] = run[f"a{source}"] if source else 1.0
    else:
        i, a = unit.translate(_SUBSCRIPTS), run[f"a{unit}"]
        found |= {f"∂ŷ/∂a{i}": params[f"w2_1{unit}"], f"∂a{i}/∂z{i}": a * (1 - a)}
        found[f"∂z{i}/∂{written(name)}"] = run[f"x{source}"] if source else 1.0
    return {factor: float(value) for factor, value in found.items()}


@style.book()
def network(params: net.Params, x: np.ndarray, y: float) -> Figure:
    """The network with its weights at the edges and the values of one example in the nodes.

    Parameters
    ----------
    params : dict
    x : array, shape (2,)
    y : float

    Examples
    --------
    >>> fig = network(dict.fromkeys(net.NAMES, 1.0), np.array([1.0, -2.0]), 5.0)
    """
    fig, ax = _diagram(params, x, y)
    for name, (tail, head) in _ENDS.items():
        _edge(ax, tail, head, style.FAINT)
        _edge_text(ax, tail, head, _place(name), f"{written(name)} = {style.number(float(params[name]))}")
    for name, (head, side) in _BIASES.items():
        _bias(ax, name, head, side, style.FAINT, style.number(float(params[name])))
    return fig


@style.book()
def path(name: str, params: net.Params, x: np.ndarray, y: float) -> Figure:
    """The way from the loss back to one parameter, each edge with its factor.

    Parameters
    ----------
    name : str
        One of ``two_two_one.NAMES``.
    params : dict
    x : array, shape (2,)
    y : float

    Examples
    --------
    >>> fig = path("w1_21", dict.fromkeys(net.NAMES, 1.0), np.array([1.0, -2.0]), 5.0)
    """
    fig, ax = _diagram(params, x, y)
    values = [style.number(round(value, 3)) for value in factors(name, params, x, y).values()]
    active = {f"w2_1{name[3]}", name} if name[1] == "1" else {name}
    for edge, (tail, head) in _ENDS.items():
        _edge(ax, tail, head, style.ORANGE if edge in active else style.FAINT, width=3.4 if edge in active else 1.2)
    for edge, (head, side) in _BIASES.items():
        _bias(ax, edge, head, side, style.ORANGE if edge in active else style.FAINT, "", wide=edge in active)
    _edge(ax, "y_hat", "L", style.ORANGE, width=3.4)
    _edge_text(ax, "y_hat", "L", 0.5, values[0], style.ORANGE)
    if name[1] == "1":
        head = f"a{name[3]}"
        _edge_text(ax, head, "y_hat", 0.5, values[1], style.ORANGE)
        below = -1 if head == "a1" else 1
        style.label(ax, _AT[head][0], _AT[head][1] + below * 0.62, f"σ′ = {values[2]}", style.ORANGE, **_CENTRED)
    if name in _ENDS:
        tail, head = _ENDS[name]
        _edge_text(ax, tail, head, _place(name), values[-1], style.ORANGE)
    else:
        head, side = _BIASES[name]
        style.label(ax, _AT[head][0] + 0.1, _AT[head][1] + side * 0.62, f"{written(name)}: 1", style.ORANGE)
    return fig


_CENTRED: dict[str, Any] = {"ha": "center", "xytext": (0, 0)}


def _diagram(params: net.Params, x: np.ndarray, y: float) -> tuple[Figure, Axes]:
    fig, ax = style.figure(height=3.2)
    run = net.forward(params, x)
    numbers = {name: run[name] for name in ("x1", "x2", "a1", "a2", "y_hat")} | {"L": net.loss(params, x, y)}
    names = {"x1": "x₁", "x2": "x₂", "a1": "a₁", "a2": "a₂", "y_hat": "ŷ", "L": "L"}
    _edge(ax, "y_hat", "L", style.FAINT)
    for node, at in _AT.items():
        ax.add_patch(Circle(at, _RADIUS, facecolor=style.PAPER, edgecolor=style.INK, linewidth=1.4, zorder=3))
        text = f"{names[node]}\n{style.number(round(float(numbers[node]), 3))}"
        ax.text(*at, text, ha="center", va="center", fontsize=10.5, zorder=4)
    ax.set(xlim=(-0.5, 6.8), ylim=(-1.95, 1.95), aspect="equal")
    ax.axis("off")
    return fig, ax


def _place(name: str) -> float:
    """Where a weight's text stands along its edge: before the crossing of the two that cross."""
    return 0.3 if name in ("w1_12", "w1_21") else 0.5


def _edge(ax: Axes, tail: str, head: str, colour: str, width: float = 1.2) -> None:
    (x0, y0), (x1, y1) = _AT[tail], _AT[head]
    ax.plot([x0, x1], [y0, y1], color=colour, linewidth=width, zorder=1)


def _edge_text(ax: Axes, tail: str, head: str, place: float, text: str, colour: str = style.INK) -> None:
    start, end = np.array(_AT[tail]), np.array(_AT[head])
    along = end - start
    above = np.array([-along[1], along[0]]) / np.linalg.norm(along)
    x, y = start + place * along + 0.2 * above
    style.label(ax, x, y, text, colour, **_CENTRED)


def _bias(ax: Axes, name: str, head: str, side: int, colour: str, value: str, wide: bool = False) -> None:
    x, y = _AT[head]
    ax.plot([x, x], [y, y + side * 0.85], color=colour, linewidth=3.4 if wide else 1.2, zorder=1)
    if value:
        style.label(ax, x + 0.05, y + side * 0.7, f"{written(name)} = {value}", style.INK)


@style.book()
def step_sizes(h: ArrayLike, errors: Mapping[str, ArrayLike]) -> Figure:
    """The relative error of numerical derivatives against the step `h`, both logarithmic.

    Parameters
    ----------
    h : array, shape (n,)
    errors : dict
        For each method its errors, shape (n,); an error of 0 is drawn at the rounding unit.

    Examples
    --------
    >>> fig = step_sizes([1e-8, 1e-4], {"central": [1e-8, 1e-9], "complex": [0.0, 1e-16]})
    """
    fig, ax = style.figure(height=3.6)
    for (name, error), look in zip(errors.items(), style.sequence(len(errors)), strict=True):
        shown = np.maximum(error, np.finfo(float).eps / 2)
        ax.loglog(h, shown, **look)
        best = int(np.argmin(shown))
        at_edge: dict[str, Any] = (
            {"ha": "left", "xytext": (4, 11)} if shown[0] < 1e-12 else {"ha": "center", "xytext": (0, -11)}
        )
        style.label(ax, float(np.asarray(h)[best]), float(shown[best]), name, look["color"], **at_edge)
    ax.set(xlabel="step h", ylabel="relative error", ylim=(3e-17, 10))
    return fig


@style.book()
def curves(losses: Mapping[str, ArrayLike]) -> Figure:
    """Losses against the step, which is logarithmic, since much happens early; names at the curves' ends.

    Parameters
    ----------
    losses : dict
        For each run its losses, shape (steps + 1,).

    Examples
    --------
    >>> fig = curves({"right": [0.6, 0.4, 0.2], "wrong": [0.6, 0.5, 0.5]})
    """
    fig, ax = style.figure(height=3.6)
    ends, below = {name: float(np.asarray(values)[-1]) for name, values in losses.items()}, -np.inf
    looks = dict(zip(losses, style.sequence(len(losses)), strict=True))
    for name in sorted(ends, key=lambda name: ends[name]):
        values = np.asarray(losses[name])
        ax.semilogx(np.arange(1, len(values) + 1), values, **looks[name])
        below = max(ends[name], below + _LINE * max(values))  # a name never stands on another
        style.label(ax, len(values), below, name, looks[name]["color"])
    ax.set(xlabel="step", ylabel="training loss", ylim=(0, None))
    return fig


@style.book()
def surface(params: net.Params, data: Table, test_loss: ArrayLike, step: int, plane: float) -> Figure:
    """What a network predicts over two features, and how far its training has come.

    Parameters
    ----------
    params : dict
        After `step` steps.
    data : Table
        Two features; the larger a dot, the larger its target.
    test_loss : array, shape (steps + 1,)
    step : int
    plane : float
        The test loss of the best plane, as a mark to beat.

    Examples
    --------
    >>> from downslope.data import wine
    >>> fig = surface(net.initial(np.random.default_rng(0)), wine(), [0.6, 0.4, 0.3], 1, 0.45)
    """
    fig, (left, right) = style.figure(ncols=2, height=3.3, width_ratios=[1.25, 1])
    sizes = 4 + 14 * (data.y - data.y.min())
    left.scatter(*data.x.T, s=sizes, color=style.SKY, linewidths=0)
    low, high = data.x.min(axis=0) - 0.2, data.x.max(axis=0) + 0.2
    across, up = np.meshgrid(np.linspace(low[0], high[0], 40), np.linspace(low[1], high[1], 40))
    run = net.forward(params, np.stack([across, up], axis=-1))
    levels = np.arange(-2, 3.5, 0.5)
    lines = left.contour(across, up, run["y_hat"], levels, colors=style.INK, linewidths=1.1, linestyles="solid")
    left.clabel(lines, levels[::2], fmt=style.number, fontsize=10)
    for unit, colour in [("1", style.ORANGE), ("2", style.CRIMSON)]:
        left.contour(across, up, run[f"z{unit}"], [0.0], colors=colour, linewidths=2.4, linestyles="dashed")
    left.set(xlabel=data.features[0], ylabel=data.features[1], xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    steps = np.arange(len(np.asarray(test_loss))) + 1
    right.axhline(plane, color=style.GREY, linewidth=1.4, linestyle=style.DASH)
    style.label(right, 1, plane, "best plane", style.GREY, xytext=(2, 8))
    right.semilogx(steps, test_loss, color=style.BLUE)
    right.plot(step + 1, np.asarray(test_loss)[step], marker="o", markersize=8, color=style.BLUE)
    right.set(xlabel="step", ylabel="test loss", ylim=(0, None))
    return fig
