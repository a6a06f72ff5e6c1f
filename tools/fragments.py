"""Decks take statements from the chapters: an `{include}` is replaced by the chapter's text before execution.

The directive itself could not bring code cells with it, since cells are found before directives are read.
"""

import re
from pathlib import Path

from myst_nb.core.read import read_myst_markdown_notebook
from nbformat import NotebookNode

from tools.paths import ROOT

INCLUDE = re.compile(r"^```\{include\} +(?P<path>\S+)\n(?P<options>(?::[a-z-]+:.*\n)*)```$", re.MULTILINE)
OPTION = re.compile(r"^:([a-z-]+): *\"?(.*?)\"? *$", re.MULTILINE)


class FragmentError(Exception):
    """An include that names no chapter, or no fragment of it."""


def read_notebook(path: Path) -> NotebookNode:
    """Read a chapter or a deck as a notebook, its includes in place."""
    text = expand(path.read_text(encoding="utf-8"), path)
    return read_myst_markdown_notebook(text, add_source_map=True, path=str(path))


def expand(text: str, source: Path, used: list[Path] | None = None) -> str:
    """Replace the includes of `text`, which stands in the file `source`; list in `used` what they read."""

    def replace(match: re.Match[str]) -> str:
        options = dict(OPTION.findall(match["options"]))
        path = (source.parent / match["path"]).resolve()
        if options.keys() != {"start-after", "end-before"} or not path.is_file():
            raise FragmentError(
                f"{_name(source)} includes {match['path']}: name a chapter, and give :start-after: and :end-before:"
            )
        if used is not None:
            used.append(path)
        return _fragment(path, options["start-after"], options["end-before"], source)

    return INCLUDE.sub(replace, text)


def _fragment(path: Path, start: str, end: str, source: Path) -> str:
    text = path.read_text(encoding="utf-8")
    if text.count(start) != 1:
        raise FragmentError(
            f"{_name(source)} includes {start!r} of {_name(path)}, which has it {text.count(start)} times, not once"
        )
    body, found, _ = text.split(start, 1)[1].partition(end)
    if not found:
        raise FragmentError(f"{_name(path)} has no {end!r} after {start!r}")
    return body.strip("\n")


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)
