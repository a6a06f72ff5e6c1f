"""Outputs of cells, made fit for a page that everyone can read."""

import re

from docutils import nodes
from sphinx.application import Sphinx

EMPTY_HEADER = re.compile(r"<th>\s*</th>")
SCOPED_STYLE = re.compile(r"<style scoped>.*?</style>\s*", re.DOTALL)


def setup(app: Sphinx) -> None:
    app.connect("doctree-resolved", _mend_tables)


def _mend_tables(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """pandas leaves the corner of a table an empty header, which a screen reader announces as one."""
    for node in doctree.findall(nodes.raw):
        if "dataframe" in (text := node.astext()):
            text = EMPTY_HEADER.sub("<td></td>", SCOPED_STYLE.sub("", text))
            node.children = [nodes.Text(text.replace(' border="1"', ""))]
