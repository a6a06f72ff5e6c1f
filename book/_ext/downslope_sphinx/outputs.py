"""Outputs of cells and what extensions write, made fit for a page that everyone can read."""

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

EMPTY_HEADER = re.compile(r"<th>\s*</th>")
SCOPED_STYLE = re.compile(r"<style scoped>.*?</style>\s*", re.DOTALL)
# roles that ARIA has withdrawn or does not allow there, and names that hide the text that is shown
MISLEADING = (
    ' role="doc-biblioentry"',
    ' role="list" class="citation-list"',
    ' aria-label="Toggle hidden content"',
)


def setup(app: Sphinx) -> None:
    app.connect("doctree-resolved", _mend_tables)
    app.connect("html-page-context", _remove_misleading)


def _mend_tables(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """pandas leaves the corner of a table an empty header, which a screen reader announces as one."""
    for node in doctree.findall(nodes.raw):
        if "dataframe" in (text := node.astext()):
            text = EMPTY_HEADER.sub("<td></td>", SCOPED_STYLE.sub("", text))
            node.children = [nodes.Text(text.replace(' border="1"', ""))]


def _remove_misleading(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
    for attribute in MISLEADING:
        context["body"] = context.get("body", "").replace(attribute, "")
