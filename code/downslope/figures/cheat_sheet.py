"""The cheat sheet: every optimizer of the catalogue in a table that a reader can narrow down."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from html import escape
from itertools import groupby
from pathlib import Path

import numpy as np
import sympy as sp

from downslope import symbols
from downslope.catalogue import CATALOGUE, Entry
from downslope.figures import style
from downslope.figures.picture import on_site
from downslope.optimizers import Ruled
from downslope.printing import latex

COLUMNS = ("Optimizer", "Step", "What to know", "What it takes")
SHAPES = {"any": "any shape", "matrices": "matrices alone"}
MEMORY = {0: "none", 0.5: "less than one copy", 1: "one copy", 2: "two copies", 3: "three copies or more"}
NEEDS = {
    "": "the gradient alone",
    "previous_grads": "the gradient at the last point",
    "hessian_diag": "the Hessian's diagonal",
    "hessian": "the Hessian",
    "inputs": "what passes a layer",
}


@dataclass(frozen=True)
class Page:
    """How a page writes what is more than text: a class, a paper, a chapter, a formula."""

    name: Callable[[str], str]
    paper: Callable[[str], str]
    chapter: Callable[[str], str]
    formula: Callable[[str], str]
    inline: Callable[[str], str]


# Markdown stands between blank lines, or the page would take it for more of the HTML around it
SITE = Page(
    name=lambda name: f"\n\n{{py:class}}`.{name}`\n\n",
    paper=lambda key: f"\n\n{{cite:t}}`{key}`\n\n",
    chapter=lambda path: f"\n\nChapter: {{doc}}`/book/{path}`\n\n",
    formula=lambda tex: f"\n\n$$\n{tex}\n$$\n\n",
    inline=lambda text: f"\n\n{text}\n\n",
)
NOTEBOOK = Page(
    name=lambda name: f"<p><code>{name}</code></p>",
    paper=lambda key: f"<p>{key}</p>",
    chapter=lambda path: f"<p>Chapter: {path}</p>",
    formula=lambda tex: f"<p>$${escape(tex)}$$</p>",
    inline=lambda text: f"<p>{text}</p>",
)


@dataclass(frozen=True)
class CheatSheet:
    """A table of optimizers, and the form that narrows it down."""

    entries: tuple[Entry, ...]

    def _repr_markdown_(self) -> str | None:
        return self._written(SITE) if on_site() else None

    def _repr_html_(self) -> str | None:
        if on_site():
            return None
        return "\n".join([self._written(NOTEBOOK), _inlined("css", "style"), _inlined("js", "script")])

    def __repr__(self) -> str:
        return f"<CheatSheet: {len(self.entries)} optimizers>"

    def _written(self, page: Page) -> str:
        head = "".join(f'<th scope="col" role="columnheader">{name}</th>' for name in COLUMNS)
        parts = [
            '<ds-cheat-sheet class="ds-cheat-sheet">',
            _form(self.entries),
            f'<table role="table"><thead role="rowgroup"><tr role="row">{head}</tr></thead>',
        ]
        for family, entries in groupby(self.entries, key=lambda entry: entry.family):
            parts += [
                '<tbody role="rowgroup"><tr role="row" class="cs-family">',
                f'<th scope="rowgroup" role="rowheader" colspan="{len(COLUMNS)}">{family}</th></tr>',
                *(_row(entry, page) for entry in entries),
                "</tbody>",
            ]
        return "\n".join([*parts, "</table>", "</ds-cheat-sheet>"])


def cheat_sheet() -> CheatSheet:
    """Every optimizer in its family: formula, hook, paper, notes, downsides, memory, gradients, shapes.

    Returns
    -------
    CheatSheet
        Shows itself in a notebook and on a page. The formulas are read out of the rules.

    Examples
    --------
    >>> cheat_sheet()
    <CheatSheet: ... optimizers>
    """
    return CheatSheet(CATALOGUE)


def facets(entry: Entry) -> dict[str, str]:
    """What a reader can narrow the table down by: each facet's value, as the form writes it.

    Examples
    --------
    >>> facets(CATALOGUE[0])
    {'family': 'Baselines', 'shapes': 'any shape', 'memory': 'none', 'needs': 'the gradient alone'}
    """
    partly = 0.5 if entry.buffers != "0" else 0
    return {
        "family": entry.family,
        "shapes": SHAPES[entry.shapes],
        "memory": MEMORY[min(3, int(entry.copies)) or partly],
        "needs": NEEDS["".join(entry.default.needs[:1])],
    }


def _form(entries: tuple[Entry, ...]) -> str:
    """Hidden until a script answers to it."""
    families = dict.fromkeys(entry.family for entry in entries)
    choices = {"family": families, "shapes": SHAPES.values(), "memory": MEMORY.values(), "needs": NEEDS.values()}
    parts = ['<form class="cs-filter" hidden>']
    for name, values in choices.items():
        options = "".join(f"<option>{escape(value)}</option>" for value in values)
        parts.append(
            f'<label>{name.capitalize()} <select name="{name}"><option value="">all</option>{options}</select></label>'
        )
    return "\n".join(
        [*parts, '<button type="reset">Show all</button>', '<output aria-live="polite"></output>', "</form>"]
    )


def _row(entry: Entry, page: Page) -> str:
    data = " ".join(f'data-{name}="{escape(value)}"' for name, value in facets(entry).items())
    name = page.name(entry.name) + f'<p class="cs-hook">{escape(entry.hook)}</p>' + page.paper(entry.paper)
    if entry.chapter:
        name += page.chapter(entry.chapter)
    cells = [_step(entry, page), _judgement(entry), _costs(entry, page)]
    return "\n".join(
        [
            f'<tr role="row" id="{entry.name.lower()}" {data}>',
            f'<th scope="row" role="rowheader">{name}</th>',
            *(f'<td role="cell">{cell}</td>' for cell in cells),
            "</tr>",
        ]
    )


def _step(entry: Entry, page: Page) -> str:
    if entry.shown is None:
        line = (inspect.getdoc(entry.optimizer) or "").split("\n")[0]
        return "<p>" + re.sub(r"``(.+?)``", r"<code>\1</code>", escape(line)) + "</p>"
    reading, default = symbols.read(entry.shown), entry.default
    settings = {
        f"${latex(symbol)}$ <code>{name}</code>": style.number(getattr(default, name))
        for name, symbol in reading.hyperparameters.items()
    }
    listed = [f"<span>{name} = {value}</span>" for name, value in (settings | _starts(entry.shown)).items()]
    return page.formula(symbols.formula(entry.shown).latex) + page.inline(", ".join(listed))


def _starts(opt: Ruled) -> dict[str, str]:
    """Where slots start that do not start at zero: at one number, or at that times the identity."""
    starts = {}
    for slot in opt.stored:
        array = opt.initial_slot(slot, np.zeros((2, 2)))
        if array.any():
            same = array[0, 1] == array[0, 0]
            starts[f"${slot}_0$"] = style.number(array[0, 0]) + ("" if same else " $I$")
    return starts


def _judgement(entry: Entry) -> str:
    return f'<p>{escape(entry.notes)}</p>\n<p class="cs-downsides"><b>Downsides:</b> {escape(entry.downsides)}</p>'


def _costs(entry: Entry, page: Page) -> str:
    kept = f"${latex(sp.sympify(entry.buffers))}$" + _inside(entry)
    facts = {
        "keeps": page.inline(kept),
        "gradients": f"<p>{escape(entry.gradients)}</p>",
        "shapes": f"<p>{entry.shapes}</p>",
    }
    return "<dl>" + "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts.items()) + "</dl>"


def _inside(entry: Entry) -> str:
    """Whose numbers those are, where an optimizer stands around another."""
    inner = entry.settings.get("inner") or entry.settings.get("optimizers", {}).get("matrices")
    return f" with {inner.name} inside" if inner else ""


@cache
def _inlined(suffix: str, tag: str) -> str:
    """The sheet's own file as an element, for a notebook that has no page to link it from."""
    text = Path(__file__).with_name(f"cheat-sheet.{suffix}").read_text(encoding="utf-8")
    return f"<{tag}>\n{text}</{tag}>"
