"""The look of every figure: one colour and line for each optimizer, neutrals that follow the page's theme."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from zlib import crc32

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogFormatter, NullFormatter

INK, MUTED, FAINT, GRID, PAPER = "#1f2328", "#59636e", "#a7adb4", "#e3e6e9", "#ffffff"
"""Text, axes, contour lines, grid, background: in the SVG each is a variable that the page's theme sets."""

THEME = {
    "#000000": f"var(--ds-ink, {INK})",
    INK: f"var(--ds-ink, {INK})",
    MUTED: f"var(--ds-muted, {MUTED})",
    FAINT: f"var(--ds-faint, {FAINT})",
    GRID: f"var(--ds-grid, {GRID})",
    PAPER: f"var(--ds-paper, {PAPER})",
}

# Found by a search: at least 3:1 against the background of both themes, and as far apart as that leaves room
# for, to colour-blind readers too (tests/test_figures.py measures both).
GREY, SKY, CRIMSON, VIOLET, GREEN, PERIWINKLE = (
    "#7d7d7d",
    "#319bd3",
    "#e10147",
    "#921efb",
    "#2f763f",
    "#767be8",
)
ORANGE, PINK, MAGENTA, BROWN, BLUE, PURPLE = "#e5732c", "#c976b5", "#bb23c5", "#a94e02", "#056fcc", "#984e9b"
PALETTE = (BLUE, ORANGE, GREEN, CRIMSON, SKY, VIOLET, GREY, BROWN, PINK, PERIWINKLE, MAGENTA, PURPLE)

SOLID, DASH, DOT, DASH_DOT = "solid", (0, (5, 2)), (0, (1.2, 1.6)), (0, (6, 1.6, 1.4, 1.6))
DASHES = (SOLID, DASH, DASH_DOT, DOT)

_LINES: dict[str, tuple[str, Any, str]] = {
    "SGD": (GREY, SOLID, "o"),
    "Momentum": (SKY, DASH, "s"),
    "Nesterov": (CRIMSON, DASH_DOT, "D"),
    "AdaGrad": (VIOLET, DOT, "v"),
    "RMSProp": (GREEN, DASH, "^"),
    "AdaDelta": (PERIWINKLE, DASH_DOT, "<"),
    "Adam": (ORANGE, SOLID, "o"),
    "AdamW": (PINK, DASH, "s"),
    "AMSGrad": (MAGENTA, DOT, "D"),
    "AdaMax": (ORANGE, DASH, "v"),
    "NAdam": (ORANGE, DASH_DOT, "^"),
    "RAdam": (ORANGE, DOT, "<"),
    "Yogi": (GREEN, DOT, ">"),
    "AdaBelief": (PINK, DOT, "P"),
    "AdaBound": (PINK, DASH_DOT, "X"),
    "AdaFactor": (PERIWINKLE, DOT, "h"),
    "LARS": (SKY, DASH_DOT, "p"),
    "LAMB": (PINK, SOLID, "d"),
    "SignSGD": (GREY, DOT, "*"),
    "Lion": (BLUE, DASH_DOT, "P"),
    "Adan": (CRIMSON, DOT, "h"),
    "Sophia": (PURPLE, DOT, "X"),
    "Newton": (GREEN, SOLID, "*"),
    "KFAC": (GREEN, DASH_DOT, "p"),
    "Shampoo": (BLUE, DOT, "d"),
    "Muon": (BROWN, SOLID, "p"),
    "Moonlight": (BROWN, DASH, "*"),
    "NorMuon": (BROWN, DASH_DOT, "h"),
    "REG": (BROWN, DOT, ">"),
    "MARS": (PURPLE, SOLID, "<"),
    "MARSM": (PURPLE, DASH, ">"),
    "Lookahead": (BLUE, DASH, "o"),
    "PolyakAverage": (CRIMSON, DASH, "v"),
}

colours: dict[str, str] = {name: line[0] for name, line in _LINES.items()}
"""The colour of every optimizer, by its name."""

LABELS = {
    "batch_size": "batch size",
    "beta": "β",
    "beta1": "β₁",
    "beta2": "β₂",
    "condition": "condition number κ",
    "eps": "ε",
    "lr": "learning rate η",
    "momentum": "momentum β",
    "noise": "noise σ",
    "rho": "ρ",
    "steps": "steps",
    "t": "step t",
    "weight_decay": "weight decay λ",
}
"""How a parameter is written beside its slider."""

RC: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 11,
    "axes.linewidth": 0.8,
    "axes.prop_cycle": cycler(color=PALETTE),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "figure.constrained_layout.use": True,
    "figure.facecolor": "none",
    "font.family": "DejaVu Sans",
    "font.size": 11,
    "grid.color": GRID,
    "grid.linewidth": 0.8,
    "legend.frameon": False,
    "legend.handlelength": 2.6,
    "lines.linewidth": 2.0,
    "lines.markersize": 5.0,
    "text.color": INK,
    "xtick.color": MUTED,
    "xtick.labelsize": 10.5,
    "xtick.labelcolor": INK,
    "ytick.color": MUTED,
    "ytick.labelsize": 10.5,
    "ytick.labelcolor": INK,
}


@contextmanager
def book() -> Iterator[None]:
    """The book's look for what is drawn inside; also a decorator for a function that draws.

    Examples
    --------
    >>> @book()
    ... def draw():
    ...     fig, ax = figure()
    ...     ax.plot([3, 2, 1])
    ...     return fig
    >>> draw().get_size_inches().tolist()
    [6.0, 3.5]
    """
    with mpl.rc_context(RC):
        yield


def figure(
    ncols: int = 1, nrows: int = 1, *, height: float = 3.5, width: float = 6.0, **grid: Any
) -> tuple[Figure, Any]:
    """A figure with the book's look, and its axes, one or an array of them.

    Parameters
    ----------
    ncols, nrows : int
        How many panels.
    height, width : float
        Inches; at the standard width the text stays legible on a phone.
    **grid
        Passed to `matplotlib.figure.Figure.subplots`, for example ``sharey=True``.

    Examples
    --------
    >>> fig, (left, right) = figure(ncols=2, height=2.5)
    """
    with book():
        fig = Figure(figsize=(width, height))
        return fig, fig.subplots(nrows, ncols, **grid)


def line(name: str) -> dict[str, Any]:
    """Colour, line style and marker of an optimizer, ready for ``ax.plot``.

    A name may say more after a comma (``"Adam, no correction"``). An optimizer without a line of its own
    gets one from its name, the same in every figure.

    Examples
    --------
    >>> line("Adam")
    {'color': '#e5732c', 'linestyle': 'solid', 'marker': 'o'}
    """
    name = name.split(",")[0].strip()
    number = crc32(name.encode())
    fallback = (PALETTE[number % len(PALETTE)], DASHES[number // 16 % len(DASHES)], "o")
    colour_, dash, marker = _LINES.get(name, fallback)
    return {"color": colour_, "linestyle": dash, "marker": marker}


def colour(name: str) -> str:
    """The colour of an optimizer.

    Examples
    --------
    >>> colour("Adam")
    '#e5732c'
    """
    return str(line(name)["color"])


def lines(names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The lines of several runs in one figure; those of one optimizer share its colour and differ in dashes.

    Examples
    --------
    >>> lines(["Adam", "Adam, no correction"])["Adam, no correction"]["color"]
    '#e5732c'
    """
    chosen: dict[str, dict[str, Any]] = {}
    for name in names:
        new = line(name)
        taken = [old["linestyle"] for old in chosen.values() if old["color"] == new["color"]]
        free = [dash for dash in (new["linestyle"], *DASHES) if dash not in taken]
        chosen[name] = new | {"linestyle": (free or [new["linestyle"]])[0]}
    return chosen


def sequence(n: int) -> list[dict[str, Any]]:
    """Lines for `n` curves that are not optimizers: a different colour each, and dashes in turn.

    Examples
    --------
    >>> [entry["color"] for entry in sequence(2)]
    ['#056fcc', '#e5732c']
    """
    return [{"color": PALETTE[i % len(PALETTE)], "linestyle": DASHES[i % len(DASHES)]} for i in range(n)]


def label(ax: Axes, x: float, y: float, text: str, colour: str = INK, **options: Any) -> None:
    """Text beside what it names, in its colour, readable on both themes and across lines.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
    x, y : float
        Where, in data coordinates.
    text : str
    colour : str
        The colour of the thing named.
    **options
        Passed to ``ax.annotate``: for example ``xytext=(6, 0)`` (points away from `x`, `y`), ``ha``, ``va``.
    """
    defaults: dict[str, Any] = {
        "xytext": (5, 0),
        "textcoords": "offset points",
        "va": "center",
        "annotation_clip": False,
    }
    options = defaults | options
    ax.annotate(text, (x, y), color=colour, fontweight="bold", gid="ds-label", **options)


def number(value: float) -> str:
    """A number as the book writes it, without an exponent's e.

    Examples
    --------
    >>> number(0.9), number(-2), number(1e-8), number(3e-5)
    ('0.9', '−2', '10⁻⁸', '3·10⁻⁵')
    """
    mantissa, _, exponent = f"{value:.4g}".partition("e")
    mantissa = mantissa.replace("-", "−")
    if not exponent:
        return mantissa
    return _power(int(exponent)) if mantissa == "1" else f"{mantissa}·{_power(int(exponent))}"


def _power(exponent: int) -> str:
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def _tick(value: float, _: int) -> str:
    exponent = round(np.log10(value))
    return number(value) if -3 < exponent < 4 else _power(exponent)


def finish(fig: Figure) -> None:
    """Write the powers of ten on logarithmic axes as text, not as mathematics set in a fixed font."""
    for ax in fig.axes:
        for axis in (ax.xaxis, ax.yaxis):
            if isinstance(axis.get_major_formatter(), LogFormatter):
                axis.set_major_formatter(FuncFormatter(_tick))
                axis.set_minor_formatter(NullFormatter())
