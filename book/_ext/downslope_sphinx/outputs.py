"""What cells and extensions write, made fit for a page that everyone can read."""

import re
from typing import Any

from sphinx.application import Sphinx

REPLACED = [
    # the empty corner of a table, which a screen reader would announce as a header
    (re.compile(r'<th(?: class="[^"]*")?>\s*(?:<p>\s*</p>)?\s*</th>'), "<td></td>"),
    # pandas' own look
    (re.compile(r"<style scoped>.*?</style>\s*", re.DOTALL), ""),
    (re.compile(r'(?<=<table) border="1"'), ""),
    # roles that ARIA has withdrawn or does not allow there, and a name that hides the text that is shown
    (re.compile(r' role="doc-biblioentry"| role="list" class="citation-list"'), ""),
    (re.compile(r'(?<=<summary) aria-label="Toggle hidden content"'), ""),
]


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", _mend)


def _mend(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    body = context.get("body", "")
    for pattern, replacement in REPLACED:
        body = pattern.sub(replacement, body)
    context["body"] = body
