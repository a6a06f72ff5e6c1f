"""A figure that answers to a slider: live where there is a kernel, drawn beforehand on a static page."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from html import escape
from itertools import product
from math import floor, log10
from typing import Any

import ipywidgets
from matplotlib.figure import Figure

from downslope.figures import style, svg
from downslope.figures.picture import Picture, check_text, drawn, on_site, style_sheet

Text = str | Callable[..., str]

_LOGARITHMIC = 100  # from this ratio of its values on, a live slider is logarithmic


@dataclass(frozen=True)
class Parameter:
    """One control: its name in `draw`, its label, the values of the static page, and where it starts."""

    name: str
    label: str
    values: tuple[Any, ...]
    initial: int

    def slider(self) -> ipywidgets.Widget:
        """A live control; numbers take any value between the smallest and the largest."""
        options: dict[str, Any] = {
            "value": self.values[self.initial],
            "description": self.label,
            "style": {"description_width": "initial"},
            "layout": {"width": "26rem"},
        }
        if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in self.values):
            choices = [(_text(value), value) for value in self.values]
            return ipywidgets.SelectionSlider(options=choices, **options)
        low, high = min(self.values), max(self.values)
        if all(isinstance(value, int) for value in self.values):
            return ipywidgets.IntSlider(min=low, max=high, **options)
        if low > 0 and high / low >= _LOGARITHMIC:
            return ipywidgets.FloatLogSlider(min=log10(low), max=log10(high), step=0.02, **options)
        # a slider stands only on its grid; a power of ten puts the listed values on it
        step = 10.0 ** floor(log10((high - low) / 50))
        return ipywidgets.FloatSlider(min=low, max=high, step=step, readout_format=".3g", **options)


class Explore:
    """A figure of one or two parameters; displays itself with sliders, live or over frames drawn before."""

    def __init__(self, draw: Callable[..., Figure], caption: Text, alt: Text, parameters: list[Parameter]) -> None:
        self.draw, self.caption, self.alt, self.parameters = draw, caption, alt, parameters

    def frame(self, **values: Any) -> Picture:
        """The picture at any values of the parameters."""

        def text(name: str, source: Text) -> str:
            return check_text(name, source(**values) if callable(source) else source)

        return Picture(drawn(lambda: self.draw(**values)), text("caption", self.caption), text("alt", self.alt))

    @property
    def initial(self) -> dict[str, Any]:
        """The values it starts with."""
        return {p.name: p.values[p.initial] for p in self.parameters}

    @cached_property
    def frames(self) -> list[Picture]:
        """A picture for every combination of the listed values, the last parameter running fastest."""
        names = [p.name for p in self.parameters]
        return [
            self.frame(**dict(zip(names, values, strict=True)))
            for values in product(*(p.values for p in self.parameters))
        ]

    @cached_property
    def sliders(self) -> dict[str, Any]:
        """The live controls, by the parameter's name."""
        return {p.name: p.slider() for p in self.parameters}

    @cached_property
    def widget(self) -> ipywidgets.VBox:
        """The live view, the picture above its sliders, drawn again whenever one moves."""
        view = ipywidgets.HTML(layout={"width": "100%"})

        def update(_: Any = None) -> None:
            view.value = style_sheet() + self.frame(**{name: s.value for name, s in self.sliders.items()}).html

        for slider in self.sliders.values():
            slider.observe(update, "value")
        update()
        return ipywidgets.VBox([view, *self.sliders.values()], layout={"align_items": "center"})

    @property
    def html(self) -> str:
        """The figure for a static page, which is the first frame, native controls, and the other frames as data."""
        start = 0
        for p in self.parameters:
            start = start * len(p.values) + p.initial
        prefix, svgs = self._named_frames()
        controls = "\n".join(_control(p, f"{prefix}-{p.name}") for p in self.parameters)
        first = "\n".join(svgs[start])
        return (
            f'<figure class="ds-figure ds-explore">\n<div class="ds-frame">\n{first}\n</div>\n'
            f'<div class="ds-controls" data-prevent-swipe>\n{controls}\n</div>\n'
            f"<figcaption>{escape(self.frames[start].caption)}</figcaption>\n"
            '<p class="ds-announce" aria-live="polite"></p>\n'
            f'<script type="application/json" class="ds-frames">{self._data(svgs)}</script>\n</figure>'
        )

    def _named_frames(self) -> tuple[str, list[list[str]]]:
        bodies = [frame._lines for frame in self.frames]
        digest = sha256("\n".join(line for f in self.frames for line in (f.alt, *f._lines)).encode()).hexdigest()
        named = svg.with_ids(bodies, f"ds{digest[:8]}")
        return f"ds{digest[:8]}", [f.raw(body) for f, body in zip(self.frames, named, strict=True)]

    def _data(self, svgs: list[list[str]]) -> str:
        pool = {line: i for i, line in enumerate(dict.fromkeys(line for lines in svgs for line in lines))}
        data = {
            "pool": list(pool),
            "frames": [[pool[line] for line in lines] for lines in svgs],
            "captions": [frame.caption for frame in self.frames],
            "alts": [frame.alt for frame in self.frames],
        }
        # "<" written so that nothing in the data can end the script element
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        return text.replace("</", "<\\/").replace("<!", "\\u003c!")

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        if on_site():
            return {"text/html": self.html}
        fallback = style_sheet() + self.frame(**self.initial).html
        return {**self.widget._repr_mimebundle_(), "text/html": fallback}


def explore(
    draw: Callable[..., Figure],
    *,
    caption: Text,
    alt: Text,
    initial: dict[str, Any] | None = None,
    labels: dict[str, str] | None = None,
    **parameters: Sequence[Any],
) -> Explore:
    """A figure that answers to one or two sliders.

    With a kernel every slider takes any value in its range and `draw` is called again; on a static page (the
    environment variable ``DOWNSLOPE_STATIC`` is set) it moves over the listed values, drawn beforehand.

    Parameters
    ----------
    draw : function
        Takes the parameters as keywords, returns a `matplotlib.figure.Figure`; called under the book's look.
        Keep the limits of the axes fixed, so that the eye compares frames.
    caption, alt : str, or function
        What to see, and what it shows for those who do not see it. A function takes the parameters as
        keywords.
    initial : dict, optional
        Where a slider starts: one of its values. Without it, in the middle.
    labels : dict, optional
        What is written beside a slider, where the book's usual name does not fit.
    **parameters
        One or two lists of values, two or more each.

    Returns
    -------
    Explore

    Raises
    ------
    ValueError
        Not one or two parameters, fewer than two values or a repeated one, an `initial` that is not among
        the values.

    Examples
    --------
    >>> from downslope.figures import explore, style
    >>> def draw(beta):
    ...     fig, ax = style.figure()
    ...     ax.plot([beta**k for k in range(20)])
    ...     return fig
    >>> figure = explore(draw, beta=[0.5, 0.8, 0.9], caption="Weights.", alt=lambda beta: f"For {beta}.")
    >>> figure.initial, len(figure.frames)
    ({'beta': 0.8}, 3)
    """
    if not 1 <= len(parameters) <= 2:
        raise ValueError(f"explore takes one or two parameters, got {len(parameters)}: {', '.join(parameters)}")
    start, names = initial or {}, style.LABELS | (labels or {})
    for extra in (*start, *(labels or {})):
        if extra not in parameters:
            raise ValueError(f"initial and labels must name parameters ({', '.join(parameters)}), got {extra!r}")
    return Explore(
        draw,
        caption,
        alt,
        [_parameter(name, names.get(name, name), values, start) for name, values in parameters.items()],
    )


def _parameter(name: str, label: str, values: Sequence[Any], start: dict[str, Any]) -> Parameter:
    values = tuple(value.item() if hasattr(value, "item") else value for value in values)
    if len(values) < 2 or len(set(values)) < len(values):
        raise ValueError(f"{name} must be a list of two or more different values, got {list(values)}")
    first = start.get(name, values[len(values) // 2])
    if first not in values:
        raise ValueError(f"initial {name} must be one of {list(values)}, got {first!r}")
    return Parameter(name, label, values, values.index(first))


def _text(value: Any) -> str:
    return style.number(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _control(p: Parameter, identity: str) -> str:
    texts = [_text(value) for value in p.values]
    return (
        f'<div class="ds-control"><label for="{identity}">{escape(p.label)}</label>'
        f'<input type="range" id="{identity}" min="0" max="{len(texts) - 1}" value="{p.initial}"'
        f' aria-valuetext="{escape(texts[p.initial])}" data-texts="{escape(json.dumps(texts))}"'
        ' autocomplete="off">'
        f'<output for="{identity}" aria-live="off">{escape(texts[p.initial])}</output></div>'
    )
