"""Check that the bibliography holds exactly the works that are cited."""

import re
import sys
from pathlib import Path

from tools.paths import BOOK, ROOT

ENTRY = re.compile(r"^@\w+\{([^,\s]+),", re.MULTILINE)
KEY = re.compile(r"\b[a-z]{2,}\d{4}[a-z]+\w*\b")


def check() -> None:
    """Raise `SystemExit` naming unused and missing keys.

    Sphinx sees what pages and decks cite; docstrings and comments of the package cite too, and it does not
    see those.
    """
    entries = set(ENTRY.findall((BOOK / "references.bib").read_text(encoding="utf-8")))
    cited = {key: path for path in _sources() for key in KEY.findall(path.read_text(encoding="utf-8"))}
    package = ROOT / "code"
    missing = [
        f"{path.relative_to(ROOT)} cites {key}, which book/references.bib does not hold"
        for key, path in sorted(cited.items())
        if key not in entries and path.is_relative_to(package)
    ]
    unused = [f"book/references.bib holds {key}, which nothing cites" for key in sorted(entries - cited.keys())]
    if missing or unused:
        sys.exit("\n".join(missing + unused))


def _sources() -> list[Path]:
    return [*BOOK.rglob("*.md"), *(ROOT / "code").rglob("*.py")]


if __name__ == "__main__":
    check()
