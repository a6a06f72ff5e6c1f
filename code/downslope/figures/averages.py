"""The figures of the chapter on averages: series and their averages, weights, waves, forecasts."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from downslope.averages import ewma, ewma_weights
from downslope.figures import style

STARTS = ("from zero", "corrected", "from the first value")
"""The three ways to begin an average."""


def started(x: ArrayLike, beta: float, start: str) -> np.ndarray:
    """Average a series, begun in one of three ways.

    Parameters
    ----------
    x : array, shape (n,)
    beta : float in [0, 1)
    start : one of `STARTS`

    Returns
    -------
    array, shape (n,)

    Examples
    --------
    >>> [started([10.0, 20.0], 0.9, start).round(2).tolist() for start in STARTS]
    [[1.0, 2.9], [10.0, 15.26], [10.0, 11.0]]
    """
    x = np.asarray(x, dtype=float)
    initial = x[0] if start == "from the first value" else 0.0
    return ewma(x, beta, bias_correction=start == "corrected", initial=initial)


def started_weights(beta: float, t: int, start: str) -> np.ndarray:
    """The weight of each of the first `t` values in `started`, oldest first.

    Parameters
    ----------
    beta : float in [0, 1)
    t : int
    start : one of `STARTS`

    Returns
    -------
    array, shape (t,)

    Examples
    --------
    >>> [started_weights(0.5, 2, start).round(3).tolist() for start in STARTS]
    [[0.25, 0.5], [0.333, 0.667], [0.5, 0.5]]
    """
    weights = ewma_weights(beta, t)
    if start == "corrected":
        return weights / weights.sum()
    if start == "from the first value":
        weights[0] += beta**t
    return weights


@style.book()
def series(
    x: ArrayLike,
    curves: Mapping[str, ArrayLike],
    *,
    name: str = "",
    xlabel: str = "trading day",
    ylabel: str = "US dollars",
    ylim: tuple[float, float] | None = None,
    height: float = 3.2,
) -> Figure:
    """Draw a series and its averages, each named at its end.

    Parameters
    ----------
    x : array, shape (n,)
    curves : dict
        For each name an array of the same length.
    name : str
        Of the series itself.
    xlabel, ylabel : str
    ylim : pair of float, optional
    height : float
        Inches.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> fig = series([1.0, 3.0, 2.0], {"β = 0.5": [0.5, 1.75, 1.875]}, ylabel="x")
    """
    fig, ax = style.figure(height=height)
    x = np.asarray(x)
    day = np.arange(1, len(x) + 1)
    ax.plot(day, x, color=style.MUTED, linewidth=1.1)
    ends = [(float(x[-1]), name, style.MUTED)]
    for (label, curve), line in zip(curves.items(), style.sequence(len(curves)), strict=True):
        curve = np.asarray(curve)
        ax.plot(day, curve, **line)
        ends.append((float(curve[-1]), label, line["color"]))
    ax.set(xlabel=xlabel, ylabel=ylabel, xlim=(0, len(x)))
    if ylim:
        ax.set(ylim=ylim)
    low, high = ax.get_ylim()
    _name_at_the_end(ax, len(x), ends, room=0.2 * (high - low) / height)
    return fig


def _name_at_the_end(ax: Axes, x: float, ends: list[tuple[float, str, str]], room: float) -> None:
    """Labels beside the curves' ends, from the lowest up, none closer than `room`."""
    place = -np.inf
    for y, text, colour in sorted(ends):
        place = max(y, place + room)
        style.label(ax, x, place, text, colour)


@style.book()
def memory(x: ArrayLike, beta: float, start: str, *, day: int = 40) -> Figure:
    """Draw a series with its average, and below it the weight of each value in the average of one day.

    Parameters
    ----------
    x : array, shape (n,)
        A share's price.
    beta : float in [0, 1)
    start : one of `STARTS`
    day : int
        The day whose average is taken apart.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> fig = memory([100.0, 108.0, 109.0], 0.5, "corrected", day=2)
    """
    x = np.asarray(x)
    average, weights = started(x, beta, start), started_weights(beta, day, start)
    fig, (top, bottom) = style.figure(nrows=2, height=4.3, sharex=True, height_ratios=(3, 2))
    days = np.arange(1, len(x) + 1)
    top.plot(days, x, color=style.MUTED, linewidth=1.1)
    top.plot(days, average, color=style.BLUE)
    top.plot(day, average[day - 1], "o", color=style.ORANGE, markersize=7, markeredgecolor=style.PAPER)
    top.set(ylabel="US dollars", ylim=(0, 215))
    bottom.vlines(days[:day], 0, np.minimum(weights, 0.31), color=style.ORANGE, linewidth=2.6)
    total = f"the weights sum to {weights.sum():.2f}"
    style.label(bottom, day + 3, 0.2, total, style.ORANGE)
    for k in np.flatnonzero(weights > 0.3).tolist():
        style.label(bottom, k + 1, 0.27, f"{weights[k]:.2f}", style.ORANGE, xytext=(7, 0) if k == 0 else (-40, 0))
    bottom.set(xlabel="trading day", ylabel=f"weight, day {day}", ylim=(0, 0.3), xlim=(0, len(x)))
    return fig


@style.book()
def window(beta: float, *, ages: int = 45) -> Figure:
    """Draw the weights by age, and the plain mean that is as smooth and as late.

    Parameters
    ----------
    beta : float in [0, 1)
    ages : int
        How many to show.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> fig = window(0.9)
    """
    fig, ax = style.figure(height=3.1)
    age = np.arange(ages)
    weights = (1 - beta) * beta**age
    n = (1 + beta) / (1 - beta)
    ax.bar(age, weights, width=0.7, color=style.BLUE)
    ax.step([-0.5, -0.5, n - 0.5, n - 0.5], [0, 1 / n, 1 / n, 0], color=style.ORANGE, linestyle=style.DASH)
    style.label(ax, n - 0.5, 1 / n, f"plain mean of {style.number(round(n, 1))}", style.ORANGE)
    height = 1 - beta
    half, mean = np.log(2) / -np.log(beta), beta / (1 - beta)
    for x, y, text in [(half, 0.92, "half-life"), (mean, 0.78, "mean age"), (mean + 1, 0.64, "1/(1 − β)")]:
        ax.vlines(x, 0, y * height, color=style.INK, linewidth=1.2)
        style.label(ax, x, y * height, f"{text} {x:.1f}", style.INK)
    ax.set(xlabel="age in steps", ylabel="weight", xlim=(-1, ages), ylim=(0, 1.05 * height))
    return fig


@style.book()
def gain(betas: Sequence[float]) -> Figure:
    """Draw what an average leaves of a wave, against the wave's period.

    Parameters
    ----------
    betas : sequence of float in [0, 1)

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> fig = gain([0.9])
    """
    fig, ax = style.figure(height=3.1)
    period = np.geomspace(2, 5000, 160)
    for beta, line in zip(betas, style.sequence(len(betas)), strict=True):
        h = (1 - beta) / np.abs(1 - beta * np.exp(-2j * np.pi / period))
        ax.plot(period, h, **line)
        middle = int(np.abs(h - 0.3).argmin()) if h[0] < 0.3 else 0
        x, y = period[middle], h[middle]
        style.label(ax, x, y, f"β = {style.number(beta)}", line["color"], xytext=(6, -8) if middle else (0, -13))
    ax.set(xscale="log", yscale="log", xlim=(2, 5000), ylim=(0.004, 1.3))
    ax.set(xlabel="period of the wave in steps", ylabel="share of it that is left")
    return fig


@style.book()
def forecasts(betas: ArrayLike, errors: Mapping[str, ArrayLike]) -> Figure:
    """Draw how much worse or better an average forecasts the next value than the last value does.

    Parameters
    ----------
    betas : array, shape (k,)
        The first one is zero: the forecast by the last value.
    errors : dict
        For each series the error with each beta, shape (k,).

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> fig = forecasts([0.0, 0.5, 0.9], {"price": [1.0, 1.2, 2.5], "squared change": [1.0, 0.8, 0.7]})
    """
    fig, ax = style.figure(height=3.1)
    memory_length = 1 / (1 - np.asarray(betas))
    for (name, error), line in zip(errors.items(), style.sequence(len(errors)), strict=True):
        ratio = np.asarray(error) / np.asarray(error)[0]
        ax.plot(memory_length, ratio, **line)
        best = int(ratio.argmin())
        ax.plot(memory_length[best], ratio[best], "*", color=line["color"], markersize=14, clip_on=False)
        shown = np.flatnonzero(ratio < 4.2)[-1]
        style.label(ax, memory_length[shown], ratio[shown], name, line["color"], ha="right", xytext=(-6, 14))
    ax.axhline(1, color=style.MUTED, linewidth=0.8)
    ax.set(xscale="log", yscale="log", xlim=(1, memory_length[-1]), ylim=(0.6, 5))
    ax.set(yticks=[0.7, 1, 2, 4], xlabel="1/(1 − β) in days", ylabel="error, relative to β = 0")
    return fig


def best_lag(x: ArrayLike, smooth: ArrayLike, *, skip: int, longest: int = 150) -> int:
    """By how many steps a series has to be delayed to come closest to its average, in mean square.

    Parameters
    ----------
    x, smooth : array, shape (n,)
    skip : int
        First index compared; at least `longest`.
    longest : int
        The longest delay tried.

    Returns
    -------
    int

    Examples
    --------
    >>> x = np.arange(400.0)
    >>> best_lag(x, ewma(x, 0.9), skip=200)
    9
    """
    x, smooth = np.asarray(x), np.asarray(smooth)
    n = len(x)
    errors = [np.mean((smooth[skip:] - x[skip - lag : n - lag]) ** 2) for lag in range(longest + 1)]
    return int(np.argmin(errors))


__all__ = [
    "STARTS",
    "best_lag",
    "forecasts",
    "gain",
    "memory",
    "series",
    "started",
    "started_weights",
    "window",
]
