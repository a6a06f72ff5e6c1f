"""A figure that stands in a page: its picture, its caption, and its text for those who do not see it."""

from collections.abc import Callable
from functools import cached_property
from hashlib import sha256
from html import escape
from importlib.resources import files
from os import environ

from matplotlib.figure import Figure

from downslope.figures import style, svg


def on_site() -> bool:
    """Whether the output is for static pages, which bring the figures' style sheet and script themselves."""
    return environ.get("DOWNSLOPE_STATIC") == "1"


def style_sheet() -> str:
    """The style sheet as an element for an output that has to bring its own; empty on the site."""
    if on_site():
        return ""
    return f"<style>{files('downslope.figures').joinpath('figures.css').read_text('utf-8')}</style>"


def drawn(draw: Callable[[], Figure] | Figure) -> Figure:
    """The figure that `draw` is, or returns when called under the book's look."""
    if callable(draw):
        with style.book():
            draw = draw()
    if not isinstance(draw, Figure):
        raise TypeError(f"a drawing must be a matplotlib Figure, or a function that returns one, got {draw!r}")
    return draw


def check_text(name: str, text: object) -> str:
    """`text`, if there is any."""
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{name} must be a text that says something, got {text!r}")
    return text


class Picture:
    """A figure with caption and alternative text; displays itself as a `<figure>` with inline SVG."""

    def __init__(self, fig: Figure, caption: str, alt: str) -> None:
        self.caption = check_text("caption", caption)
        self.alt = check_text("alt", alt)
        self._lines = svg.lines(fig)
        self._opening = svg.opening(fig, alt)

    @cached_property
    def svg(self) -> str:
        """The SVG alone."""
        prefix = "ds" + sha256("\n".join([self.alt, *self._lines]).encode()).hexdigest()[:8]
        return "\n".join(self.raw(svg.with_ids([self._lines], prefix)[0]))

    def raw(self, lines: list[str]) -> list[str]:
        """The outermost tag around `lines`."""
        return [self._opening, *lines, "</svg>"]

    @property
    def html(self) -> str:
        """The whole figure, without a style sheet."""
        return (
            f'<figure class="ds-figure">\n<div class="ds-frame">\n{self.svg}\n</div>\n'
            f"<figcaption>{escape(self.caption)}</figcaption>\n</figure>"
        )

    def _repr_html_(self) -> str:
        return style_sheet() + self.html


def show(draw: Callable[[], Figure] | Figure, *, caption: str, alt: str) -> Picture:
    """A figure for the page, the notebook and the slide.

    Parameters
    ----------
    draw : matplotlib.figure.Figure, or a function that returns one
        A function is called under the book's look (`downslope.figures.style.book`).
    caption : str
        What to see in it; plain text.
    alt : str
        What it shows, for those who do not see it.

    Returns
    -------
    Picture

    Raises
    ------
    TypeError
        `draw` is not a figure and does not return one.
    ValueError
        `caption` or `alt` is empty.

    Examples
    --------
    >>> from downslope.figures import show, style
    >>> def draw():
    ...     fig, ax = style.figure()
    ...     ax.plot([4, 2, 1, 0.5])
    ...     return fig
    >>> show(draw, caption="Halving.", alt="Four points, each half as high as the one before.").svg[:34]
    '<svg viewBox="0 0 432 252" width="'
    """
    return Picture(drawn(draw), caption, alt)
