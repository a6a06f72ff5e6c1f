"""Figures of the chapter "Backpropagation by machine"."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyArrowPatch
from numpy.typing import ArrayLike

from downslope.figures import style
from downslope.figures.by_hand import written as parameter
from downslope.networks.tape import Entry, Graph

_SIGNS = {"add": "+", "subtract": "−", "multiply": "×", "divide": "÷", "negative": "−", "matmul": "@", "mean": "Σ/n"}
_SUPERSCRIPTS = str.maketrans("0123456789.-", "⁰¹²³⁴⁵⁶⁷⁸⁹·⁻")


def written(entry: Entry) -> str:
    """What an entry of the tape does, as figures write it, with a constant where it stands.

    Examples
    --------
    >>> from downslope.networks import tape
    >>> [written(entry) for entry in tape.graph(lambda w: np.exp(1 - w**2) / 4, np.array(1.0)).entries]
    ['w', '( )²', '1−', 'exp', '÷4']
    """
    if entry.operation == "parameter":
        return entry.name or "w"
    left, right = (_constant(entry.constants.get(i)) for i in (0, 1))
    if entry.operation == "power":
        return "( )" + right.translate(_SUPERSCRIPTS)
    return f"{left}{_SIGNS.get(entry.operation, entry.operation)}{right}"


def _constant(value: Any) -> str:
    return style.number(round(float(value), 3)) if np.ndim(value) == 0 and value is not None else ""


def places(graph: Graph) -> list[tuple[int, float]]:
    """Where each entry stands: the result at 0, its inputs to the left, every entry left of all that use it.

    Examples
    --------
    >>> from downslope.networks import tape
    >>> places(tape.graph(lambda p: p["a"] * p["b"], {"a": np.array(1.0), "b": np.array(2.0)}))
    [(-1, 1.0), (-1, 0.0), (0, 0.5)]
    """
    column = [0] * len(graph.entries)
    for i, j in sorted(graph.edges, key=lambda edge: -edge[1]):
        column[i] = max(column[i], column[j] + 1)
    row: dict[int, float] = {}

    def place(k: int, used: int) -> int:
        """Stand an entry between its inputs, or, without new ones, on a row of its own; how many rows are used."""
        row[k] = 0.0
        new = [i for i in dict.fromkeys(graph.entries[k].inputs.values()) if i not in row]
        for i in new:
            used = place(i, used) if i not in row else used
        row[k] = float(np.mean([row[i] for i in new])) if new else used
        return used if new else used + 1

    lowest = place(len(graph.entries) - 1, 0) - 1
    return [(-column[k], float(lowest - row[k])) for k in range(len(graph.entries))]


@style.book()
def whole(graph: Graph) -> Figure:
    """Every operation of a function as a circle, its parameters by name, and who uses what.

    Parameters
    ----------
    graph : Graph
        Of one result.

    Examples
    --------
    >>> from downslope.networks import tape, two_two_one
    >>> params = dict.fromkeys(two_two_one.NAMES, 1.0)
    >>> fig = whole(tape.graph(lambda p: two_two_one.loss(p, np.array([1.0, -2.0]), 5.0), params))
    """
    at = np.array(places(graph)) * [1.0, 1.1]
    fig, ax = style.figure(height=3.9)
    for i, j in graph.edges:
        _line(ax, at[i], at[j])
    for entry, (x, y) in zip(graph.entries, at, strict=True):
        if entry.operation == "parameter":
            text = parameter(entry.name)
            style.label(ax, x, y, text, style.BLUE, ha="right", xytext=(0, 0))
        else:
            ax.add_patch(Circle((x, y), 0.46, facecolor=style.PAPER, edgecolor=style.INK, linewidth=1.2, zorder=3))
            said = written(entry)
            size = {1: 15, 2: 11.5}.get(len(said), 10)  # as large as the circle allows, for a narrow screen
            ax.text(x, y, said, ha="center", va="center", fontsize=size, zorder=4)
    ax.set(xlim=(at[:, 0].min() - 1.9, 0.6), ylim=(-0.7, at[:, 1].max() + 0.7), aspect="equal")
    ax.axis("off")
    return fig


def steps(graph: Graph) -> int:
    """How many steps a pass forward and one back take: one an operation, then one for each that passes shares back.

    Examples
    --------
    >>> from downslope.networks import tape
    >>> steps(tape.graph(lambda w: np.exp(2 * w), np.array(1.0)))
    5
    """
    operations = sum(bool(entry.inputs) for entry in graph.entries)
    return 2 * operations + 1  # the seed, 1 at the result, is a step


@style.book()
def sweep(graph: Graph, names: Sequence[str], step: int) -> Figure:
    """A small graph at a step of its two passes: values above the circles, derivatives below.

    Parameters
    ----------
    graph : Graph
        Of one result that is a number.
    names : sequence of str
        What the entries are called.
    step : int
        From 0, when only the parameters have values, to `steps`.

    Examples
    --------
    >>> from downslope.networks import tape
    >>> fig = sweep(tape.graph(lambda w: np.exp(2 * w), np.array(1.0)), ["w", "u", "L"], step=4)
    """
    at = np.array(places(graph)) * 1.55
    operations = [k for k, entry in enumerate(graph.entries) if entry.inputs]
    back = operations[::-1][: max(step - len(operations) - 1, 0)]
    sums, missing = gathered(graph, back, seeded=step > len(operations))
    known = set(range(len(graph.entries))) - set(operations[step:])
    now = operations[step - 1] if 0 < step <= len(operations) else back[-1] if back else None
    colour = style.ORANGE if back else style.BLUE

    fig, ax = style.figure(height=2.2)
    for i, j in sorted(set(graph.edges)):
        ends, look = (at[j], at[i]) if j == now and back else (at[i], at[j]), (colour if j == now else style.FAINT)
        for bend in (-0.45, 0.45) if graph.edges.count((i, j)) == 2 else (0.0,):
            _arrow(ax, *ends, look, bend, lit=j == now)
    for k, (entry, (x, y)) in enumerate(zip(graph.entries, at, strict=True)):
        edge = {"edgecolor": colour, "linewidth": 2.6} if k == now else {"edgecolor": style.INK, "linewidth": 1.4}
        ax.add_patch(Circle((x, y), 0.42, facecolor=style.PAPER, zorder=3, **edge))
        for line, up in ((names[k], 0.17), (written(entry), -0.17)) if entry.inputs else ((names[k], 0.0),):
            ax.text(x, y + up, line, ha="center", va="center", fontsize=10.5, zorder=4)
        if k in known:
            style.label(ax, x, y + 0.62, _number(entry.value), style.BLUE, ha="center", xytext=(0, 0))
        if k in sums:
            text, side = _number(sums[k]) + " + …" * bool(missing[k]), "center" if entry.inputs else "right"
            style.label(ax, x + 0.2 * (not entry.inputs), y - 0.62, text, style.ORANGE, ha=side, xytext=(0, 0))
    ax.set(xlim=(at[:, 0].min() - 1.8, 0.7), ylim=(-0.95, at[:, 1].max() + 0.9), aspect="equal")
    ax.axis("off")
    return fig


def told(graph: Graph, names: Sequence[str], step: int) -> str:
    """What happens at a step of `sweep`, in words.

    Examples
    --------
    >>> from downslope.networks import tape
    >>> graph = tape.graph(lambda w: w * np.exp(w), np.array(0.0))
    >>> for step in (1, 3, 4):
    ...     print(told(graph, ["w", "u", "L"], step))
    Step 1: forwards, u = 1.
    Step 3: the derivative of L by L is 1.
    Step 4: backwards, L passes 1 to w and 0 to u.
    """
    operations = [k for k, entry in enumerate(graph.entries) if entry.inputs]
    if step == 0:
        return "Step 0: only the parameters have values."
    if step <= len(operations):
        k = operations[step - 1]
        return f"Step {step}: forwards, {names[k]} = {_number(graph.entries[k].value)}."
    if step == len(operations) + 1:
        return f"Step {step}: the derivative of {names[-1]} by {names[-1]} is 1."
    entry = graph.entries[j := operations[len(operations) - (step - len(operations) - 1)]]
    shares = " and ".join(f"{_number(entry.shares[at])} to {names[i]}" for at, i in entry.inputs.items())
    return f"Step {step}: backwards, {names[j]} passes {shares}."


def gathered(graph: Graph, back: Sequence[int], seeded: bool) -> tuple[dict[int, float], dict[int, int]]:
    """What each entry has got when those of `back` have passed their shares on, and how many shares are to come.

    Examples
    --------
    >>> from downslope.networks import tape
    >>> graph = tape.graph(lambda w: w * np.exp(w), np.array(0.0))
    >>> gathered(graph, back=[2], seeded=True)
    ({2: 1.0, 0: 1.0, 1: 0.0}, {0: 1, 1: 0, 2: 0})
    """
    sums = {len(graph.entries) - 1: 1.0} if seeded else {}
    missing = {k: sum(i == k for i, _ in graph.edges) for k in range(len(graph.entries))}
    for j in back:
        for position, i in graph.entries[j].inputs.items():
            sums[i] = sums.get(i, 0.0) + float(graph.entries[j].shares[position])
            missing[i] -= 1
    return sums, missing


def _number(value: Any) -> str:
    return style.number(round(float(value), 3))


def _line(ax: Axes, start: np.ndarray, end: np.ndarray) -> None:
    along = 0.15 * (end - start) / np.linalg.norm(end - start)  # a gap after a parameter's name
    ax.plot(*np.transpose([start + along, end]), color=style.MUTED, linewidth=1.1, zorder=1)


def _arrow(ax: Axes, start: np.ndarray, end: np.ndarray, colour: str, bend: float, lit: bool) -> None:
    look: dict[str, Any] = {"color": colour, "linewidth": 2.6 if lit else 1.3, "mutation_scale": 10, "zorder": 1}
    look |= {"connectionstyle": f"arc3,rad={bend}", "arrowstyle": "-|>", "shrinkA": 18, "shrinkB": 18}
    ax.add_patch(FancyArrowPatch(tuple(start), tuple(end), **look))


@style.book()
def costs(parameters: ArrayLike, ratios: Mapping[str, ArrayLike]) -> Figure:
    """What a gradient costs, in evaluations of the function, against the number of parameters.

    Parameters
    ----------
    parameters : array, shape (n,)
    ratios : dict
        For each method its costs, shape (n,).

    Examples
    --------
    >>> fig = costs([10, 100], {"reverse mode": [2.5, 2.6], "forward mode": [25, 260]})
    """
    fig, ax = style.figure(height=3.4)
    ends, below = {name: float(np.asarray(cost)[-1]) for name, cost in ratios.items()}, 0.0
    looks = dict(zip(ratios, style.sequence(len(ratios)), strict=True))
    for name in sorted(ends, key=lambda name: ends[name]):
        ax.loglog(parameters, ratios[name], marker="o", **looks[name])
        below = max(ends[name], 2.4 * below)  # a name never stands on another
        style.label(ax, float(np.asarray(parameters)[-1]), below, name, looks[name]["color"])
    ax.set(xlabel="parameters", ylabel="evaluations of the loss", ylim=(1, None))
    return fig
