"""The figures of the chapter on Adam: its first steps, its bursts, and how much its step size matters."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from downslope.averages import ewma
from downslope.descent import Trace
from downslope.figures import style

_FIRST_STEPS = np.unique(np.geomspace(1, 3000, 120).astype(int))


def first_steps(beta1: float, beta2: float, t: ArrayLike) -> np.ndarray:
    r"""How long the steps of uncorrected Adam are under a constant gradient, in units of the step size.

    Parameters
    ----------
    beta1, beta2 : float in [0, 1)
    t : int or array of int
        The step, 1 for the first.

    Returns
    -------
    array
        ``(1 - beta1**t) / sqrt(1 - beta2**t)``; with the correction it would be 1.

    Examples
    --------
    >>> first_steps(0.9, 0.999, [1, 12]).round(4)
    array([3.1623, 6.5685])
    """
    t = np.asarray(t)
    return np.asarray((1 - beta1**t) / np.sqrt(1 - beta2**t))


@style.book()
def startup(beta1: float = 0.9, beta2: float = 0.999) -> Figure:
    """Draw the first 3000 steps of Adam under a constant gradient, with and without bias correction.

    Parameters
    ----------
    beta1, beta2 : float in [0, 1)

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> fig = startup(beta1=0.9, beta2=0.99)
    """
    fig, ax = style.figure(height=3.2)
    lengths = first_steps(beta1, beta2, _FIRST_STEPS)
    ax.plot(_FIRST_STEPS, lengths, color=style.colour("Adam"), linestyle=style.DASH)
    ax.axhline(1, color=style.colour("Adam"))
    style.label(ax, 3000, 1, "corrected", style.colour("Adam"))
    peak = int(lengths.argmax())
    ax.plot(_FIRST_STEPS[peak], lengths[peak], "o", color=style.INK, markersize=6)
    style.label(ax, _FIRST_STEPS[peak], lengths[peak], f"{lengths[peak]:.2f}", style.INK, xytext=(8, 6))
    ax.set(xscale="log", yscale="log", xlim=(1, 3000), ylim=(0.08, 45))
    ax.set(xlabel="step t", ylabel="step length / η")
    return fig


def strain(trace: Trace, lr: float, curvature: float, beta2: float = 0.999, eps: float = 1e-8) -> np.ndarray:
    r"""Adam's own step size at each step of a walk in one dimension, times the curvature it meets.

    Parameters
    ----------
    trace : Trace
        A walk of Adam in one dimension.
    lr, beta2, eps : float
        With which it was made.
    curvature : float
        Second derivative of the loss.

    Returns
    -------
    array, shape (steps,)
        ``lr curvature / (sqrt(s_hat) + eps)``.

    Examples
    --------
    >>> import sympy as sp
    >>> import downslope as ds
    >>> w = sp.Symbol("w")
    >>> parabola = ds.landscapes.from_expression(w**2, [w])
    >>> trace = ds.descend(parabola, ds.Adam(lr=0.1), [1.0], steps=3)
    >>> strain(trace, lr=0.1, curvature=2).round(4)
    array([0.1   , 0.1051, 0.1106])
    """
    s_hat = ewma(trace.gradients[:, 0] ** 2, beta2, bias_correction=True)
    return lr * curvature / (np.sqrt(s_hat) + eps)


@style.book()
def bursts(trace: Trace, strain: np.ndarray, limit: float) -> Figure:
    """Draw a walk's distance from the minimum, and below it how close its own step size comes to the limit.

    Parameters
    ----------
    trace : Trace
        In one dimension, with the minimum at zero.
    strain : array, shape (steps,)
        Step size times curvature.
    limit : float
        Where the step size becomes unstable.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import numpy as np
    >>> walk = np.ones((101, 1))
    >>> fig = bursts(Trace(walk, walk[:, 0], walk[1:], walk[1:]), np.ones(100), limit=38.0)
    """
    fig, (top, bottom) = style.figure(nrows=2, height=4.4, sharex=True)
    _envelope(top, np.abs(trace.points[1:, 0]), style.colour("Adam"))
    top.set(ylabel="|w|", yscale="log", ylim=(1e-300, 1e15), yticks=[1e-300, 1e-200, 1e-100, 1])
    _envelope(bottom, strain, style.BLUE)
    bottom.axhline(limit, color=style.CRIMSON, linestyle=style.DASH)
    style.label(bottom, 0, limit, f"limit {limit:.0f}", style.CRIMSON, xytext=(4, 9))
    bottom.set(xlabel="step", ylabel="step size × curvature", yscale="log", ylim=(0.05, 200))
    bottom.set(xlim=(0, len(strain)))
    return fig


def _envelope(ax: Axes, values: np.ndarray, colour: str, block: int = 40) -> None:
    """A long series as the largest value of each block: what a curve of this width can show."""
    blocks = values[: len(values) // block * block].reshape(-1, block).max(axis=1)
    ax.plot(np.arange(len(blocks)) * block, np.maximum(blocks, 1e-300), color=colour, linewidth=1.5)


@style.book()
def sensitivity(lrs: ArrayLike, losses: Mapping[str, ArrayLike], *, ylim: tuple[float, float]) -> Figure:
    """Draw the loss after training against the step size, mean over seeds, with their range as a band.

    Parameters
    ----------
    lrs : array, shape (k,)
    losses : dict
        For each optimizer an array of shape (seeds, k).
    ylim : pair of float
        What to show; a loss above is drawn at the upper edge.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> fig = sensitivity([0.01, 0.1, 1.0], {"Adam": [[0.5, 0.1, 0.9], [0.6, 0.2, 0.8]]}, ylim=(0.05, 2))
    """
    fig, ax = style.figure()
    lrs = np.asarray(lrs)
    for name, line in style.lines(losses).items():
        runs = np.clip(np.asarray(losses[name]), None, ylim[1])
        mean = runs.mean(axis=0)
        ax.fill_between(lrs, runs.min(axis=0), runs.max(axis=0), color=line["color"], alpha=0.3, linewidth=0)
        ax.plot(lrs, mean, **line, label=name, linewidth=1.6, markersize=4)
        best = int(mean.argmin())
        ax.plot(lrs[best], mean[best], "*", color=line["color"], markersize=15, markeredgecolor=style.PAPER)
    ax.set(xscale="log", yscale="log", ylim=ylim, xlabel="learning rate η", ylabel="training loss")
    fig.legend(loc="outside upper left", ncols=4)
    return fig
