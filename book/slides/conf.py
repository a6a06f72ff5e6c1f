"""The decks: reveal.js slides made by the book's own extensions, one deck a chapter."""

import sys
from pathlib import Path

SLIDES = Path(__file__).resolve().parent
sys.path[:0] = [str(SLIDES), str(SLIDES.parent / "_ext"), str(SLIDES.parents[1])]

from downslope_sphinx import assets  # noqa: E402

project = "Downslope decks"
author = "The Downslope authors"
copyright = "2026, The Downslope authors"

extensions = [
    "myst_nb",
    "sphinx_proof",
    "sphinxcontrib.katex",
    "sphinxcontrib.bibtex",
    "sphinx_revealjs",
    "downslope_sphinx.maths",
    "downslope_sphinx.outputs",
    "downslope_sphinx.assets",
    "deckkit",
]
exclude_patterns = ["_build", "_static", "_templates"]
templates_path = ["_templates"]
language = "en"
pygments_style = "a11y-light"
html_domain_indices = False
html_copy_source = False

bibtex_bibfiles = ["../references.bib"]
bibtex_reference_style = "author_year"
myst_enable_extensions = ["amsmath", "attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath"]

# `make slides` names the cache, in which every deck has been executed before
nb_execution_mode = "cache"
nb_output_stderr = "error"
# a live figure first, then typeset mathematics; widgets never: on a slide there is no kernel
nb_mime_priority_overrides = [
    ("revealjs", mime, rank)
    for rank, mime in enumerate(
        ["text/html", "text/markdown", "text/latex", "image/svg+xml", "image/png", "text/plain"], 1
    )
]
nb_render_markdown_format = "myst"

html_math_renderer = "katex"
katex_prerender = True
katex_css_path = "katex/katex.min.css"

revealjs_static_path = ["../_static", str(assets.GATHERED), "_static"]
revealjs_style_theme = "white"
revealjs_css_files = ["pygments.css", "deck.css"]
revealjs_js_files = ["deck.js"]
revealjs_notes_from_comments = False
revealjs_script_conf = {
    "width": 1280,
    "height": 720,
    "margin": 0.0,
    "center": False,
    "hash": True,
    "slideNumber": "c",
    "transition": "none",
    "pdfSeparateFragments": False,
}
revealjs_script_plugins = [{"name": "RevealNotes", "src": "revealjs/plugin/notes/notes.js"}]
