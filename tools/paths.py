"""Where things are, and which notebooks the book is made of."""

from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
BOOK = ROOT / "book"
BUILD = ROOT / "_build"
HTML = BUILD / "html"
CACHE = BUILD / "executed"
NODE_MODULES = ROOT / "node_modules"


def _toc_entries(node: Any) -> list[str]:
    if isinstance(node, list):
        return [entry for item in node for entry in _toc_entries(item)]
    if isinstance(node, dict):
        named = [node[key] for key in ("root", "file") if key in node]
        return named + [entry for value in node.values() for entry in _toc_entries(value)]
    return []


def pages() -> list[Path]:
    """Every page of the book, in the order of `_toc.yml`."""
    return [ROOT / f"{entry}.md" for entry in _toc_entries(yaml.safe_load((ROOT / "_toc.yml").read_text()))]


def is_notebook(path: Path) -> bool:
    """Whether a MyST file has cells to execute: then its header names a kernel."""
    header = path.read_text(encoding="utf-8").split("\n---", 1)[0]
    return header.startswith("---") and "kernelspec:" in header


def chapters() -> list[Path]:
    """The pages that are executed, in the order of `_toc.yml`."""
    return [page for page in pages() if is_notebook(page)]


def numbered() -> list[Path]:
    """The chapters proper, those of the numbered parts: a page's number is its place among them."""
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text())["parts"]
    return [ROOT / f"{entry['file']}.md" for part in parts if "numbered" in part for entry in part["chapters"]]


def notebooks() -> list[Path]:
    """The pages that a reader can open as a notebook: all that are executed, but not the cover."""
    return [page for page in chapters() if page != pages()[0]]


def decks() -> list[Path]:
    """The slide decks that are executed."""
    return [deck for deck in sorted((BOOK / "slides").glob("*.md")) if is_notebook(deck)]
