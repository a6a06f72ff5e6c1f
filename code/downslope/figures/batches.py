"""The figures of the chapter on batches: clouds of gradients, walks with noise, losses by epoch and by rate."""

import tracemalloc
from collections.abc import Callable, Mapping
from itertools import cycle
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from downslope.figures import style


def batch_gradients(
    per_example: np.ndarray, batch_size: int, draws: int, seed: int = 0, *, replace: bool = False
) -> np.ndarray:
    """The mean gradients of random batches.

    Parameters
    ----------
    per_example : array, shape (n, d)
    batch_size, draws : int
    seed : int
    replace : bool
        Whether an example may come twice in a batch.

    Returns
    -------
    array, shape (draws, d)

    Examples
    --------
    >>> batch_gradients(np.array([[1.0], [3.0]]), batch_size=2, draws=3).ravel().tolist()
    [2.0, 2.0, 2.0]
    """
    rng, n = np.random.default_rng(seed), len(per_example)
    return np.array([per_example[rng.choice(n, batch_size, replace)].mean(axis=0) for _ in range(draws)])


def mean_angle(gradients: np.ndarray, whole: np.ndarray) -> float:
    """How many degrees gradients point past another one, on average.

    Parameters
    ----------
    gradients : array, shape (draws, d)
    whole : array, shape (d,)

    Examples
    --------
    >>> round(mean_angle(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([1.0, 0.0])), 3)
    22.5
    """
    cosine = gradients @ whole / np.linalg.norm(gradients, axis=1) / np.linalg.norm(whole)
    return float(np.degrees(np.arccos(np.clip(cosine, -1, 1))).mean())


def peak_memory(compute: Callable[[], Any]) -> tuple[Any, float]:
    """What a function returns, and how many MiB it needed at most on its way.

    Examples
    --------
    >>> found, most = peak_memory(lambda: np.ones(2**20).sum())
    >>> float(found), round(most)
    (1048576.0, 8)
    """
    tracemalloc.start()
    try:
        return compute(), tracemalloc.get_traced_memory()[1] / 2**20
    finally:
        tracemalloc.stop()


def walk(x: np.ndarray, y: np.ndarray, batch_size: int, lr: float, steps: int, seed: int = 0) -> np.ndarray:
    """The points of gradient descent on half the mean squared error of a linear model, from zero.

    Parameters
    ----------
    x : array, shape (n, d)
    y : array, shape (n,)
    batch_size : int
        Each step has a new random batch, drawn without replacement.
    lr : float
    steps : int
    seed : int

    Returns
    -------
    array, shape (steps + 1, d)

    Examples
    --------
    >>> walk(np.array([[1.0], [1.0]]), np.array([1.0, 3.0]), batch_size=2, lr=0.5, steps=3).ravel().tolist()
    [0.0, 1.0, 1.5, 1.75]
    """
    rng, w = np.random.default_rng(seed), np.zeros(x.shape[1])
    points = [w]
    for _ in range(steps):
        batch = rng.choice(len(y), batch_size, replace=False)
        w = w - lr * x[batch].T @ (x[batch] @ w - y[batch]) / batch_size
        points.append(w)
    return np.array(points)


def excess(x: np.ndarray, y: np.ndarray, points: np.ndarray) -> np.ndarray:
    """How far the loss of a linear model is above its minimum.

    Parameters
    ----------
    x : array, shape (n, d)
    y : array, shape (n,)
    points : array, shape (..., d)

    Returns
    -------
    array, shape (...)

    Examples
    --------
    >>> excess(np.array([[1.0], [1.0]]), np.array([1.0, 3.0]), np.array([[2.0], [4.0]])).tolist()
    [0.0, 2.0]
    """
    away = points - _minimum(x, y)
    return ((away @ (x.T @ x / len(y))) * away).sum(axis=-1) / 2


def noise_floor(x: np.ndarray, y: np.ndarray, batch_size: int, lr: float) -> float:
    """How far above its minimum the loss of a linear model stays on average, with the noise as it is there.

    One term ``lr * variance / (2 * batch_size * (2 - lr * h))`` for each direction of curvature h, times what
    drawing without replacement leaves.

    Parameters
    ----------
    x : array, shape (n, d)
    y : array, shape (n,)
    batch_size : int
    lr : float

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x, y = rng.normal(size=(100, 2)), rng.normal(size=100)
    >>> noise_floor(x, y, batch_size=100, lr=0.1)
    0.0
    >>> bool(noise_floor(x, y, batch_size=1, lr=0.1) > 0.01)
    True
    """
    n = len(y)
    h, directions = np.linalg.eigh(x.T @ x / n)
    gradients = x * (x @ _minimum(x, y) - y)[:, None] @ directions
    floor = (lr * gradients.var(axis=0) / (2 * batch_size * (2 - lr * h))).sum()
    return float(floor * (n - batch_size) / (n - 1))


def _minimum(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.asarray(np.linalg.solve(x.T @ x, x.T @ y))


@style.book()
def clouds(per_example: np.ndarray, sizes: tuple[int, int], draws: int = 150) -> Figure:
    """Draw what two batch sizes say about a gradient of two coordinates, and the gradient.

    Parameters
    ----------
    per_example : array, shape (n, 2)
    sizes : two int
    draws : int
        How many batches of each size.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> fig = clouds(np.random.default_rng(0).normal(size=(50, 2)), sizes=(1, 16))
    """
    fig, ax = style.figure(height=3.6)
    full = per_example.mean(axis=0)
    for size, color, marker in zip(sizes, (style.SKY, style.ORANGE), ("o", "s"), strict=True):
        cloud = batch_gradients(per_example, size, draws)
        ax.plot(*cloud.T, marker, color=color, markersize=4, label=f"batches of {size}")
    ax.annotate(
        "", full, (0, 0), arrowprops={"arrowstyle": "-|>", "color": style.INK, "lw": 2, "shrinkA": 0, "shrinkB": 0}
    )
    ax.plot([], [], color=style.INK, label="the whole gradient")
    ax.plot(0, 0, "+", color=style.INK, markersize=10)
    ax.set(xlabel=r"$\partial L / \partial w_1$", ylabel=r"$\partial L / \partial w_2$")
    ax.set_aspect("equal", adjustable="datalim")
    fig.legend(loc="outside upper left", ncols=3)
    return fig


@style.book()
def noisy_walk(x: np.ndarray, y: np.ndarray, batch_size: int, lr: float, steps: int = 200) -> Figure:
    """Draw a walk with mini-batches over the loss of a linear model, and how far above the minimum it stays.

    Parameters
    ----------
    x : array, shape (n, 2)
    y : array, shape (n,)
    batch_size : int
    lr : float
    steps : int

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(30, 2))
    >>> fig = noisy_walk(x, x[:, 0] + rng.normal(size=30), batch_size=2, lr=0.1, steps=20)
    """
    fig, (left, right) = style.figure(ncols=2, height=3.3)
    points, lowest = walk(x, y, batch_size, lr, steps), _minimum(x, y)
    reach = 1.3 * np.abs(lowest).max()
    axes = [np.linspace(c - reach, c + reach, 60) for c in lowest]
    grid = np.stack(np.meshgrid(*axes), axis=-1)
    levels = excess(x, y, lowest + reach) * np.linspace(0.14, 1, 7) ** 2
    left.contour(*axes, excess(x, y, grid), levels=levels, colors=style.FAINT, linewidths=0.9)
    left.plot(*points.T.round(3), color=style.BLUE, linewidth=1.0)
    left.plot(*lowest, "+", color=style.INK, markersize=12)
    left.xaxis.set_major_locator(MaxNLocator(4))
    left.yaxis.set_major_locator(MaxNLocator(4))
    left.set(xlim=axes[0][[0, -1]], ylim=axes[1][[0, -1]], xlabel="first weight", ylabel="second weight")
    above = np.maximum(excess(x, y, points), 1e-7)
    right.plot(above, color=style.BLUE, linewidth=1.0)
    floor = noise_floor(x, y, batch_size, lr)
    if floor > 0:
        right.axhline(floor, color=style.ORANGE, linestyle="dashed")
        style.label(right, steps, floor, "floor", style.ORANGE, ha="right", va="bottom", xytext=(0, 3))
    right.set(yscale="log", ylim=(1e-6, 3), xlim=(0, steps), xlabel="step", ylabel="loss above its minimum")
    return fig


@style.book()
def by_epoch(curves: Mapping[str, ArrayLike], *, ylabel: str = "test loss", height: float = 3.2) -> Figure:
    """Draw losses after each epoch, the first before training.

    Parameters
    ----------
    curves : dict
        For each name an array of shape (epochs + 1,).
    ylabel : str
    height : float
        Inches.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> fig = by_epoch({"batches of 1": [2.3, 0.5, 0.3], "batches of 1437": [2.3, 2.2, 2.1]})
    """
    fig, ax = style.figure(height=height)
    for (name, curve), line in zip(curves.items(), style.sequence(len(curves)), strict=True):
        ax.plot(np.asarray(curve), marker="o", label=name, **line)
    ax.set(xlabel="epoch", ylabel=ylabel, xlim=(0, None), ylim=(0, None))
    fig.legend(loc="outside upper left", ncols=3)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    return fig


@style.book()
def by_rate(losses: Mapping[int, Mapping[float, float]]) -> Figure:
    """Draw the loss after training against learning rate over batch size, a line for each batch size.

    Parameters
    ----------
    losses : dict of dict
        For each batch size and learning rate a loss; NaN where a run diverged.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> fig = by_rate({8: {0.1: 1.0, 0.2: 0.5}, 32: {0.4: 1.0, 0.8: 0.6}})
    """
    fig, ax = style.figure(height=3.4)
    for (size, of_rate), line, marker in zip(losses.items(), style.sequence(len(losses)), cycle("os^vD"), strict=False):
        rates = np.array(list(of_rate))
        ax.plot(rates / size, list(of_rate.values()), marker=marker, label=str(size), **line)
    ax.set(xscale="log", yscale="log", xlabel="learning rate / batch size", ylabel="training loss after 3 epochs")
    fig.legend(loc="outside upper left", ncols=6, title="batch size", alignment="left")
    return fig
