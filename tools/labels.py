"""The names and numbers of all that chapters refer to, and the works that they cite."""

import os
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from nbformat import NotebookNode
from pybtex.database import Entry, parse_file
from pybtex.plugin import find_plugin

from tools.fragments import read_notebook
from tools.myst import Directive, Math, Target, Text, parse
from tools.paths import BOOK, ROOT, is_notebook, notebooks, numbered, pages

HEADING = re.compile(r"^#+ +(.+?)\s*$", re.MULTILINE)
PROOFS = ("algorithm", "axiom", "conjecture", "corollary", "criterion", "definition", "example", "lemma", "proof",
          "property", "proposition", "remark", "theorem")  # fmt: skip


@dataclass(frozen=True)
class Reference:
    """What a label stands for: `Theorem 2.1`, `(2.3)`, or a section's heading, and the page it is on."""

    text: str
    page: Path


def title(page: Path) -> str:
    """The heading of a page."""
    match = HEADING.search(page.read_text(encoding="utf-8"))
    if not match:
        raise ValueError(f"{page.relative_to(ROOT)} has no heading")
    return match[1]


@cache
def references() -> dict[str, Reference]:
    """Every label of the book, numbered as Sphinx numbers them."""
    found: dict[str, Reference] = {}
    for page in pages():
        for label, text in _Counter(chapter_prefix(page)).labels(page):
            found[label] = Reference(text, page)
    return found


@cache
def chapter_prefix(page: Path) -> str:
    """What stands before the number of a theorem: `2.` in the second chapter of the numbered parts."""
    return f"{numbered().index(page) + 1}." if page in numbered() else ""


class _Counter:
    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.counts: Counter[str] = Counter()

    def labels(self, page: Path) -> list[tuple[str, str]]:
        """The labels of one page with their texts."""
        if not is_notebook(page):
            return self._of_text(page.read_text(encoding="utf-8"))
        found = []
        for cell in read_notebook(page).cells:
            found += self._of_text(cell.source) if cell.cell_type == "markdown" else self._of_cell(cell)
        return found

    def _next(self, kind: str) -> str:
        self.counts[kind] += 1
        return f"{self.prefix}{self.counts[kind]}"

    def _of_cell(self, cell: NotebookNode) -> list[tuple[str, str]]:
        figure = cell.metadata.get("mystnb", {}).get("figure", {})
        return [(figure["name"], f"Fig. {self._next('figure')}")] if "name" in figure else []

    def _of_text(self, text: str) -> list[tuple[str, str]]:
        found: list[tuple[str, str]] = []
        waiting: list[str] = []
        for block in parse(text):
            if isinstance(block, Target):
                waiting.append(block.label)
            elif isinstance(block, Text) and waiting and (heading := HEADING.match(block.text)):
                found += [(label, heading[1]) for label in waiting]
                waiting = []
            elif isinstance(block, Math) and block.label:
                found.append((block.label, f"({self._next('equation')})"))
            elif isinstance(block, Directive):
                found += self._of_directive(block)
        return found

    def _of_directive(self, block: Directive) -> list[tuple[str, str]]:
        label = block.options.get("label", "")
        kind = block.name.removeprefix("prf:").removesuffix("-start")
        text = ""
        if block.name == "math":
            text = f"({self._next('equation')})" if label else ""
            return [(label, text)] if label else []
        if block.name.startswith("prf:") and kind != "proof":
            text = f"{kind.capitalize()} {self._next(kind)}"
        elif kind == "exercise":
            text = f"Exercise {self._next(kind)}"
        elif kind == "solution":
            text = "the solution"
        inner = [] if block.name == "code-block" else self._of_text(block.body)
        return ([(label, text)] if label else []) + inner


@cache
def _entries() -> dict[str, Entry]:
    return dict(parse_file(BOOK / "references.bib").entries)


def is_known(key: str) -> bool:
    """Whether the bibliography holds a work of that key."""
    return key in _entries()


def citation(key: str, *, parenthetical: bool = False) -> str:
    """`Kingma and Ba (2015)`, or `Kingma and Ba, 2015` to stand in parentheses."""
    entry = _entries()[key]
    people = entry.persons.get("author") or entry.persons.get("editor") or []
    names = [" ".join(map(str, [*who.rich_prelast_names, *who.rich_last_names])) for who in people]
    if len(names) > 2:
        names = [f"{names[0]} et al."]
    who, year = " and ".join(names), entry.fields["year"]
    return f"{who}, {year}" if parenthetical else f"{who} ({year})"


def bibliography(keys: set[str]) -> str:
    """A list of the works `keys`, in the order of author and year."""
    style = find_plugin("pybtex.style.formatting", "unsrt")()
    backend = find_plugin("pybtex.backends", "markdown")()
    lines = []
    for key in sorted(keys, key=citation):
        entry = _entries()[key]
        entry.key = key
        text = style.format_entry(key, entry).text.render(backend)
        lines.append("- " + re.sub(r"\\([.-])", r"\1", " ".join(text.split())))
    return "\n".join(lines)


def link(page: Path, origin: Path) -> str:
    """Where a notebook finds `page`: another notebook beside it, or the source of a page without cells."""
    if page in notebooks():
        return Path(os.path.relpath(page, origin.parent)).with_suffix(".ipynb").as_posix()
    repository = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["repository"]
    return f"{repository['url']}/blob/{repository['branch']}/{page.relative_to(ROOT).as_posix()}"
