"""What a deck needs beyond the book's own extension: statements taken from chapters, and speaker notes."""

import shutil
from pathlib import Path
from typing import Any

import sphinxcontrib.katex as katex
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.writers.html5 import HTML5Translator
from sphinx_revealjs._ext.notes import revealjs_notes

from tools.fragments import expand


def setup(app: Sphinx) -> dict[str, Any]:
    app.add_config_value("downslope_digest", "", "env", [str])  # as in the book: a new package, a new reading
    app.connect("source-read", _expand_includes)
    app.connect("html-page-context", _dress, priority=900)
    app.connect("build-finished", _tidy)
    app.connect("doctree-resolved", _flatten_sections)
    app.connect("doctree-resolved", _typeset_notes)
    app.add_node(revealjs_notes, override=True, revealjs=(_visit_notes, _depart_notes))
    # Pygments colours the code at build time, as in the book; sphinx-revealjs leaves that to a script
    highlight = (HTML5Translator.visit_literal_block, HTML5Translator.depart_literal_block)
    app.add_node(nodes.literal_block, override=True, revealjs=highlight)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _expand_includes(app: Sphinx, docname: str, source: list[str]) -> None:
    used: list[Path] = []
    source[0] = expand(source[0], Path(app.env.doc2path(docname)), used)
    for path in used:
        app.env.note_dependency(str(path))


def _dress(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Leave the site's look and behaviour out; the deck's own style sheet has the last word."""

    def is_of(file: Any, name: str) -> bool:
        return str(getattr(file, "filename", file)).endswith(name)

    sheets = [sheet for sheet in context["css_files"] if not is_of(sheet, "downslope.css")]
    context["css_files"] = sorted(sheets, key=lambda sheet: is_of(sheet, "deck.css"))
    context["script_files"] = [file for file in context["script_files"] if not is_of(file, "downslope.js")]


def _tidy(app: Sphinx, exception: Exception | None) -> None:
    """myst-nb leaves the executed decks beside the output folder, which here is the published site."""
    shutil.rmtree(Path(app.outdir).parent / "jupyter_execute", ignore_errors=True)


def _flatten_sections(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Proofs and exercises wrap their body in a section, which reveal.js would take for a slide."""
    for section in list(doctree.findall(nodes.section)):
        if any(name.endswith("-content") for name in section["ids"]):
            section.replace_self(nodes.container("", *section.children, classes=["statement-body"]))


def _typeset_notes(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """The presenter's window lacks KaTeX's style sheet, so the mathematics of notes is MathML."""
    for note in doctree.findall(revealjs_notes):
        for node in [*note.findall(nodes.math), *note.findall(nodes.math_block)]:
            markup = katex.render_latex(node.astext(), {"output": "mathml"})
            node.replace_self(nodes.raw("", markup, format="html"))


def _visit_notes(translator: HTML5Translator, node: nodes.Element) -> None:
    """Keep the paragraphs and lists of a note; sphinx-revealjs would flatten them to one line."""
    translator.body.append('<aside class="notes">')


def _depart_notes(translator: HTML5Translator, node: nodes.Element) -> None:
    translator.body.append("</aside>\n")
