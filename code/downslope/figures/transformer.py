"""The figures of the chapter on the transformer: losses between known levels, and what attention looks at."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.collections import PatchCollection
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from downslope.figures import style
from downslope.networks import GPT, Attention, Chain, Layer, Residual, transformer_block
from downslope.trees import Tree

__all__ = ["attention_map", "attention_weights", "levels", "smoothed", "variant"]


def smoothed(loss: ArrayLike, points: int = 120) -> tuple[np.ndarray, np.ndarray]:
    """Means of a loss over stretches of steps, short at the beginning and long later on.

    Parameters
    ----------
    loss : array, shape (steps,)
    points : int
        At most so many stretches.

    Returns
    -------
    steps, means : array
        The last step of each stretch, and the mean over it.

    Examples
    --------
    >>> smoothed([4.0, 2.0, 1.0, 3.0], points=3)
    (array([1, 2, 4]), array([4., 2., 2.]))
    """
    values = np.asarray(loss, dtype=float)
    ends = np.unique(np.geomspace(1, len(values), points).round().astype(int))
    sums = np.add.reduceat(values, np.append(0, ends[:-1]))
    return ends, sums / np.diff(ends, prepend=0)


@style.book()
def levels(losses: Mapping[str, ArrayLike], known: Mapping[str, float], low: float = 1.2, high: float = 5.0) -> Figure:
    """Draw losses against the step, and across them what is known beforehand.

    Parameters
    ----------
    losses : dict
        The loss of each step, by the name of the run; optimizers get their colours.
    known : dict
        Losses by name, each drawn as a level.
    low, high : float
        The ends of the axis, in nats a character.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> fig = levels({"AdamW": [4.5, 3.0, 2.5]}, {"log 96": 4.56})
    """
    fig, ax = style.figure(height=3.4)
    steps = max(len(np.asarray(loss)) for loss in losses.values())
    for name, loss in known.items():
        ax.axhline(loss, color=style.FAINT, linewidth=1)
        style.label(ax, 1, loss, name, style.MUTED, xytext=(4, 7))
    for name, looks in style.lines(losses).items():
        at, means = smoothed(losses[name])
        ax.plot(at, means, color=looks["color"], linestyle=looks["linestyle"], label=name)
    ax.set(xscale="log", xlim=(1, steps * 1.02), ylim=(low, high), xlabel="step", ylabel="loss, nats a character")
    ax.minorticks_off()
    if len(losses) > 1:
        ax.legend(loc="lower left", ncols=2 if len(losses) < 5 else 3)
    return fig


def variant(
    width: int,
    heads: int,
    depth: int,
    causal: bool = True,
    norm: bool = True,
    add: bool = True,
    attention: bool = True,
) -> Layer:
    """Build a transformer's block with some of its parts left out.

    Parameters
    ----------
    width, heads, depth : int
        As in `transformer_block`.
    causal, norm, add, attention : bool
        Whether there is a mask, a norm before each part, a sum around it, and attention at all.

    Returns
    -------
    Layer

    Examples
    --------
    >>> sorted(variant(8, heads=2, depth=1, norm=False).init(np.random.default_rng(0))["attend"])
    ['out', 'qkv']
    """
    block: Any = transformer_block(width, heads, depth)
    parts = {name: dict(summed.layer.layers) for name, summed in block.layers.items()}
    parts["attend"]["attention"] = Attention(heads, causal)
    if not attention:
        del parts["attend"]
    if not norm:
        for part in parts.values():
            del part["norm"]
    outer: Any = Residual if add else (lambda layer: layer)
    return Chain({name: outer(Chain(part)) for name, part in parts.items()})


def attention_weights(model: GPT, params: Tree, tokens: ArrayLike) -> np.ndarray:
    """How much each place takes from each place, in every block and head.

    Parameters
    ----------
    model : GPT
    params : nested dict of arrays
    tokens : array of int, shape (time,)

    Returns
    -------
    array, shape (blocks, heads, time, time)
        The rows sum to one.

    Examples
    --------
    >>> model = GPT(5, context=4, width=8, heads=2, rng=np.random.default_rng(0))
    >>> attention_weights(model, model.params, [0, 1, 2]).shape
    (2, 2, 3, 3)
    """
    _, caches = model.layer.forward(params, np.asarray(tokens)[None])
    blocks = [caches[name] for name in caches if name.startswith("block")]
    return np.array([block["attend"]["attention"][3][0] for block in blocks])


@style.book()
def attention_map(weights: np.ndarray, text: str) -> Figure:
    """Draw one head's weights as squares: a row for each place that asks, a column for each that answers.

    Parameters
    ----------
    weights : array, shape (time, time)
        The rows sum to one; the area of a square is the weight.
    text : str
        A character for each place.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> fig = attention_map(np.eye(3), "the")
    """
    fig, ax = style.figure(height=4.4)
    rows, columns = np.nonzero(weights > 0.02)
    sides = np.sqrt(weights[rows, columns]) * 0.95
    squares: list[Any] = [
        Rectangle((float(j - side / 2), float(i - side / 2)), float(side), float(side))
        for i, j, side in zip(rows, columns, sides, strict=True)
    ]
    ax.add_collection(PatchCollection(squares, facecolor=style.BLUE, edgecolor="none"))
    ax.plot([-0.5, len(text) - 0.5], [-0.5, len(text) - 0.5], color=style.FAINT, linewidth=1, zorder=0)
    shown = [character.replace(" ", "␣").replace("\n", "⏎") for character in text]
    ax.set(xlim=(-0.7, len(text) - 0.3), ylim=(len(text) - 0.3, -0.7), aspect="equal")
    ax.set_xticks(range(len(text)), shown)
    ax.set_yticks(range(len(text)), shown)
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.set(xlabel="takes from", ylabel="place that asks")
    return fig
