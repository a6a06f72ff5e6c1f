"""Pictures of momentum: its two roots, how far they are from the circle, and where inertia carries a ball."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator
from numpy.typing import ArrayLike

from downslope.figures import style


def roots(a: ArrayLike, beta: ArrayLike) -> np.ndarray:
    """The two roots of x² − (1 + β − a) x + β, with a = ηh: what one step of momentum multiplies by.

    Parameters
    ----------
    a, beta : float or array
        Learning rate times curvature, and momentum; they broadcast.

    Returns
    -------
    complex array, shape (..., 2)
        The larger real part first.

    Examples
    --------
    >>> roots(0.19, 0.9).round(3)
    array([0.855+0.411j, 0.855-0.411j])
    """
    s = 1 + np.asarray(beta, float) - np.asarray(a, float)
    root = np.sqrt(s**2 - 4 * np.asarray(beta) + 0j)
    return np.stack([s + root, s - root], axis=-1) / 2


def radius(a: ArrayLike, beta: ArrayLike) -> np.ndarray:
    """The larger modulus of the two roots: the factor by which the error shrinks, in the long run, at each step.

    Parameters
    ----------
    a, beta : float or array
        Learning rate times curvature, and momentum; they broadcast.

    Examples
    --------
    >>> radius([0.1, 1.0, 3.0], 0.81)
    array([0.9, 0.9, 0.9])
    """
    return np.abs(roots(a, beta)).max(axis=-1)


def regime(a: float, beta: float) -> str:
    """How a ball with these settings approaches its minimum, in a word.

    Examples
    --------
    >>> regime(0.001, 0.9), regime(0.1, 0.9), regime(4.0, 0.9)
    ('overdamped', 'underdamped', 'unstable')
    """
    if a >= 2 * (1 + beta):
        return "unstable"
    if np.isclose(a, (1 - np.sqrt(beta)) ** 2):
        return "critically damped"
    if a < (1 - np.sqrt(beta)) ** 2:
        return "overdamped"
    return "underdamped" if a < (1 + np.sqrt(beta)) ** 2 else "flipping sides"


@style.book()
def modes(beta: float, a: float, steps: int = 40) -> Figure:
    """The roots in the complex plane, and beside them the walk that they make from w = 1 at rest.

    Parameters
    ----------
    beta : float
        Momentum.
    a : float
        Learning rate times curvature.
    steps : int
        How many steps of the walk.

    Examples
    --------
    >>> fig = modes(0.9, 0.1)
    """
    fig, (plane, walk) = style.figure(ncols=2, height=3.1)
    _circles(plane, beta)
    pair = roots(a, beta)
    plane.plot(pair.real, pair.imag, linestyle="none", marker="o", markersize=8, color=style.ORANGE)
    w = [1.0, 1.0]
    for _ in range(steps):
        w.append((1 + beta - a) * w[-1] - beta * w[-2])
    walk.axhline(0, color=style.MUTED, linewidth=0.8)
    shown = np.clip(w[1:], -3, 3)
    walk.plot(shown, color=style.colour("Momentum"), marker="o", markersize=3, linewidth=1.4)
    walk.set(xlim=(0, steps), ylim=(-1.5, 1.5), xlabel="step", ylabel="w")
    return fig


def _circles(ax: Axes, beta: float) -> None:
    """The unit circle, outside of which a walk diverges, and the circle on which complex roots lie."""
    angle = np.linspace(0, 2 * np.pi, 90)
    ax.plot(np.cos(angle), np.sin(angle), color=style.MUTED, linewidth=1)
    ax.plot(np.sqrt(beta) * np.cos(angle), np.sqrt(beta) * np.sin(angle), color=style.BLUE, linewidth=1, linestyle="--")
    ax.set(xlim=(-1.6, 1.6), ylim=(-1.3, 1.3), aspect="equal", xlabel="real part", ylabel="imaginary part")


@style.book()
def shrinkage(betas: ArrayLike = (0.0, 0.5, 0.9), *, height: float = 3.2) -> Figure:
    """The factor per step against learning rate times curvature: a V for plain descent, a flat floor with momentum.

    Parameters
    ----------
    betas : sequence of float
        Momentum, one curve each.
    height : float
        Inches.

    Examples
    --------
    >>> fig = shrinkage([0.0, 0.9])
    """
    fig, ax = style.figure(height=height)
    a = np.linspace(0, 4, 801)
    for beta, look in zip(np.asarray(betas), style.sequence(len(np.asarray(betas))), strict=True):
        factor = radius(a, beta)
        ax.plot(a, np.where(factor <= 1.1, factor, np.nan), **look)
        x, y = (1.3, 0.3) if beta == 0 else (1 + beta, np.sqrt(beta))
        place = {"xytext": (8, -2)} if beta == 0 else {"xytext": (0, -11), "ha": "center"}
        style.label(ax, x, y, f"β = {style.number(beta)}", look["color"], **place)
    ax.axhline(1, color=style.MUTED, linewidth=0.8)
    ax.set(xlim=(0, 4), ylim=(0, 1.1), xlabel="learning rate × curvature, ηh", ylabel="factor per step")
    return fig


@style.book()
def tuning(
    runs: Mapping[float, tuple[ArrayLike, ArrayLike]], spectrum: ArrayLike, tolerance: float, *, height: float = 3.8
) -> Figure:
    """Steps until the error is down to a tolerance, against the learning rate: dots measured, lines predicted.

    Parameters
    ----------
    runs : dict
        For each momentum the learning rates and the measured steps; NaN where there is no number.
    spectrum : array
        The curvatures that the prediction is made from.
    tolerance : float
        Of the error, relative to the first.
    height : float
        Inches.

    Examples
    --------
    >>> fig = tuning({0.0: ([0.1, 0.2], [131, 62]), 0.9: ([0.1], [130])}, [1.0, 2.0], 1e-6)
    """
    fig, ax = style.figure(height=height)
    low = min(float(np.min(lrs)) for lrs, _ in runs.values())
    for (beta, (lrs, steps)), look in zip(runs.items(), style.sequence(len(runs)), strict=True):
        fine = np.geomspace(low, np.max(lrs), 200)
        predicted = np.log(tolerance) / np.log(radius(np.multiply.outer(fine, spectrum), beta).max(axis=-1))
        ax.plot(fine, predicted, **(look | {"linewidth": 1.3}))
        ax.plot(lrs, steps, linestyle="none", marker="o", markersize=5, color=look["color"])
        style.label(ax, low, predicted[0], f"β = {style.number(beta)}", look["color"], ha="right", xytext=(-6, 0))
    ax.set(xscale="log", yscale="log", xlabel="learning rate η", ylabel="steps")
    ax.set_xlim(low / 1.7, None)
    for axis, ticks in ((ax.xaxis, (0.05, 0.1, 0.2, 0.5)), (ax.yaxis, (300, 1000, 3000, 10000, 30000))):
        axis.set_major_locator(FixedLocator(ticks))
        axis.set_major_formatter(FuncFormatter(lambda value, _: style.number(value)))
        axis.set_minor_locator(NullLocator())
    return fig


@style.book()
def landings(starts: ArrayLike, betas: ArrayLike, ends: ArrayLike, *, height: float = 3.2) -> Figure:
    """Which of two minima a ball ends in: start across, momentum upwards, one colour a minimum.

    Parameters
    ----------
    starts : array, shape (n,)
    betas : array, shape (k,)
    ends : array, shape (k, n)
        Where each run stopped.
    height : float
        Inches.

    Examples
    --------
    >>> fig = landings([-1.0, 1.0], [0.0, 0.9], [[-1.0, 1.0], [-1.0, -1.0]])
    """
    fig, ax = style.figure(height=height)
    starts, betas = np.asarray(starts), np.asarray(betas)
    ax.grid(False)
    ax.imshow(
        np.asarray(ends) > 0,
        extent=(starts[0], starts[-1], betas[0], betas[-1]),
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        cmap=ListedColormap([style.SKY, style.BROWN]),
        vmin=0,
        vmax=1,
    )
    ax.set(xlabel="start", ylabel="momentum β")
    middle = betas[len(betas) // 5]
    for x, text in ((starts[len(starts) // 4], "ends left"), (starts[-len(starts) // 4], "ends right")):
        style.label(ax, x, middle, text, ha="center", xytext=(0, 0))
    return fig
