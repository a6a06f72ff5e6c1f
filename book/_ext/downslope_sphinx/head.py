"""What stands in a page's head and in its header: description, scripts, where to run it."""

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

DESCRIPTION_LENGTH = 155


def setup(app: Sphinx) -> None:
    app.connect("html-page-context", _finish_context, priority=950)


def _finish_context(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    context["script_files"] = _scripts(context.get("script_files", []))
    context["has_maths"] = 'class="katex"' in context.get("body", "")
    if 'name="description"' not in context.get("metatags", ""):
        context["description"] = _description(doctree) if doctree else app.config.project
    context["repository"] = app.config.html_theme_options["repository_url"]
    context["notebook"] = context["binder"] = None
    if "kernelspec" in app.env.metadata.get(pagename, {}) and pagename != app.config.root_doc:
        notebook = f"notebooks/{pagename.removeprefix('book/')}.ipynb"
        owner, name = context["repository"].rstrip("/").split("/")[-2:]
        branch = app.config.html_theme_options["repository_branch"]
        context["notebook"] = context["pathto"](notebook, 1)
        context["binder"] = f"https://mybinder.org/v2/gh/{owner}/{name}/{branch}?urlpath=lab/tree/{notebook}"


def _scripts(files: list[Any]) -> list[Any]:
    """The scripts of a page, each inline one once, each file deferred."""
    kept: dict[str, Any] = {}
    for file in files:
        body = getattr(file, "attributes", {}).get("body", "")
        # nothing reads the page's name, and the object that it is set on arrives with a deferred script
        if "DOCUMENTATION_OPTIONS.pagename" in body:
            continue
        kept.setdefault(body or str(file.filename), file)
        if not body:
            file.attributes.setdefault("defer", "defer")
    return list(kept.values())


def _description(doctree: nodes.document) -> str:
    """The first words of the page, for search engines and previews; formulas would be LaTeX there."""
    words = ""
    for paragraph in doctree.findall(nodes.paragraph):
        if not any(paragraph.findall(nodes.math)):
            words = f"{words} {paragraph.astext()}"
        if len(words) > DESCRIPTION_LENGTH:
            break
    words = re.sub(r"\s+", " ", words).strip()
    return words if len(words) <= DESCRIPTION_LENGTH else words[:DESCRIPTION_LENGTH].rsplit(" ", 1)[0] + " …"
