"""The playground: click on a landscape, and the optimizers walk down from there, in the browser."""

import html
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_type_hints

import numpy as np

from downslope import catalogue, javascript, landscapes, symbols, terrain
from downslope.figures import style
from downslope.figures.picture import on_site
from downslope.optimizers import Elementwise
from downslope.surface import Landscape
from downslope.validation import Interval, check_interval

FIRST_CHOSEN = ("SGD", "Momentum", "Adam")
"""What is ticked when the page opens and nothing was asked for."""

PATH_WIDTH = 2.25
"""Pixels, as in ``playground-paths.js``: dashes are given in multiples of it."""


@dataclass(frozen=True)
class Playground:
    """An interactive map for a page or a notebook; ``spec`` is what it hands to the browser."""

    spec: dict[str, Any]

    def _repr_html_(self) -> str:
        data = json.dumps(self.spec, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
        names = ", ".join(html.escape(landscape["name"]) for landscape in self.spec["landscapes"])
        parts = [
            '<ds-playground class="ds-playground">',
            f"<noscript><p>With JavaScript, a map to drop balls on stands here: {names}.</p></noscript>",
            f'<script type="application/json">{data}</script>',
            "</ds-playground>",
        ]
        if not on_site():
            parts += [_inlined("css", "style"), _inlined("js", "script")]
        return "\n".join(parts)

    def __repr__(self) -> str:
        titles = [landscape["name"] for landscape in self.spec["landscapes"]]
        names = [optimizer["name"] for optimizer in self.spec["optimizers"]]
        return f"<Playground: {', '.join(names)} on {', '.join(titles)}>"


def playground(
    landscapes: Landscape | Iterable[Landscape] | None = None,
    optimizers: Elementwise | Iterable[Elementwise] | None = None,
    *,
    start: Sequence[float] | None = None,
    steps: int = 200,
    caption: str | None = None,
) -> Playground:
    """A map to drop balls on; each chosen optimizer walks from there by its own rule, in the browser.

    Parameters
    ----------
    landscapes : Landscape or iterable of Landscape, optional
        In two dimensions. Default: all of the book.
    optimizers : Elementwise or iterable of Elementwise, optional
        With the hyperparameters that the sliders start from. Default: every one of the book, each with
        the step size that does best from each landscape's own start, found in the browser.
    start : pair of float, optional
        Where the first ball drops. Default: the landscape's own start.
    steps : int
        How many steps to walk.
    caption : str, optional
        A sentence below.

    Returns
    -------
    Playground
        Shows itself in a notebook and on a page.

    Raises
    ------
    TypeError
        An optimizer does not work coordinate by coordinate or needs more than the gradient, or a hyperparameter is
        a schedule or an array.
    ValueError
        A landscape does not have two dimensions, `start` is not a point of the plane, or there is nothing
        to show.

    Examples
    --------
    >>> import downslope as ds
    >>> playground(ds.landscapes.rosenbrock(), [ds.SGD(lr=1e-3), ds.Adam(lr=0.1)])
    <Playground: SGD, Adam on Rosenbrock's valley>
    """
    chosen_landscapes = _several(landscapes, Landscape, "landscapes") or _every_landscape()
    given = _several(optimizers, Elementwise, "optimizers")
    chosen: Sequence[Any] = given or [opt for opt in catalogue.elementwise() if not opt.needs]
    for opt in chosen:
        if opt.needs:
            raise TypeError(f"optimizers must want nothing but the gradient, got {opt!r}, which needs {opt.needs[0]}")
    check_interval("steps", steps, low=1)
    if start is not None and (np.shape(start) != (2,) or not np.isfinite(start).all()):
        raise ValueError(f"start must be two finite numbers, got {start!r}")
    names = _names(chosen)
    lines = style.lines(names)
    spec = {
        "landscapes": [_landscape(landscape) for landscape in chosen_landscapes],
        "optimizers": [
            _optimizer(opt, name, lines[name], tuned=not given) for opt, name in zip(chosen, names, strict=True)
        ],
        "start": None if start is None else [float(x) for x in start],
        "steps": int(steps),
        "caption": caption,
    }
    return Playground(spec)


def _several(given: Any, kind: type, argument: str) -> list[Any]:
    if given is None:
        return []
    items = [given] if isinstance(given, kind) else list(given)
    if not items:
        raise ValueError(f"{argument} must not be empty")
    for item in items:
        if not isinstance(item, kind):
            raise TypeError(f"{argument} must be {kind.__name__} instances, got {item!r}")
    return items


def _every_landscape() -> list[Landscape]:
    makers = (
        landscapes.terrain,
        landscapes.ravine,
        landscapes.rosenbrock,
        landscapes.saddle,
        landscapes.plateau,
        landscapes.beale,
        landscapes.himmelblau,
        landscapes.rastrigin,
    )
    return [make() for make in makers]


def _names(optimizers: Sequence[Elementwise]) -> list[str]:
    """Each optimizer's name; where one comes twice, with the settings in which its copies differ."""
    names = []
    for opt in optimizers:
        alike = [other for other in optimizers if other.name == opt.name]
        differing = [f.name for f in fields(opt) if len({getattr(o, f.name) for o in alike}) > 1]
        names.append(", ".join([opt.name, *(f"{name}={getattr(opt, name)}" for name in differing)]))
    if len(set(names)) < len(names):
        raise ValueError(f"optimizers must differ from one another, got {names}")
    return names


def _landscape(landscape: Landscape) -> dict[str, Any]:
    if len(landscape.symbols) != 2:
        raise ValueError(f"landscapes must have two dimensions, got {landscape.name!r} with {len(landscape.symbols)}")
    land = landscape.expr.has(terrain.elevation)
    return {
        "name": landscape.name,
        "source": javascript.landscape(landscape),
        "box": landscape.box,
        "start": landscape.start,
        "minima": landscape.minima,
        "labels": ["east", "north"] if land else [str(symbol) for symbol in landscape.symbols],
        "unit": "m" if land else "",
        "quantity": "height" if land else "loss",
        "bounded": land,
    }


def _optimizer(opt: Elementwise, name: str, line: dict[str, Any], tuned: bool) -> dict[str, Any]:
    return {
        "name": name,
        "source": javascript.optimizer(opt),
        "settings": [_setting(opt, field, tuned) for field in symbols.read(opt).hyperparameters],
        "colour": line["color"],
        "dash": _dash(line["linestyle"]),
        "chosen": not tuned or name in FIRST_CHOSEN,
    }


def _setting(opt: Elementwise, name: str, tuned: bool) -> dict[str, Any]:
    """A hyperparameter's slider: its kind comes from the interval that its annotation allows."""
    value = float(getattr(opt, name))
    if name == "lr":
        return {"name": name, "kind": "rate", "value": None if tuned else value}
    hint = get_type_hints(type(opt), include_extras=True)[name]
    intervals = [note for note in get_args(hint) if isinstance(note, Interval)]
    unit_interval = any(interval.high == 1 for interval in intervals)
    return {"name": name, "kind": "beta" if unit_interval else "positive", "value": value}


def _dash(linestyle: Any) -> list[float]:
    return [] if isinstance(linestyle, str) else [PATH_WIDTH * length for length in linestyle[1]]


@cache
def _inlined(suffix: str, tag: str) -> str:
    """The playground's own files as one element, for a notebook that has no page to link them from."""
    files = sorted(Path(__file__).parent.glob(f"playground*.{suffix}"))
    return f"<{tag}>\n" + "\n".join(file.read_text(encoding="utf-8") for file in files) + f"</{tag}>"
