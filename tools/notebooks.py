"""Write each chapter as a notebook that reads properly in JupyterLab, for Binder and for download.

`notebooks/<part>/<chapter>.ipynb` holds the chapter without outputs: a reader runs it. What the page shows
through roles that JupyterLab does not know is put in, from the execution that the page shows.
"""

import ast
import hashlib
import shutil
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import nbformat
from jupyter_cache import get_cache
from nbformat import NotebookNode

from tools.paths import BOOK, ROOT, chapters, notebooks

sys.path.insert(0, str(BOOK / "_ext"))

from tools import execute, labels
from tools.fragments import read_notebook
from tools.myst import MystError
from tools.rendering import Renderer

NOTEBOOKS = ROOT / "notebooks"
GLUE_PREFIX = "application/papermill.record/"
HIDDEN_SOURCE = {"hide-input", "remove-input", "hide-cell", "remove-cell"}
HIDDEN_OUTPUT = {"hide-output", "remove-output", "hide-cell", "remove-cell"}


def write_all() -> None:
    """Write every chapter's notebook anew; raise `SystemExit` naming the cell that cannot be written."""
    shutil.rmtree(NOTEBOOKS, ignore_errors=True)
    for page in notebooks():
        path = (NOTEBOOKS / page.relative_to(BOOK)).with_suffix(".ipynb")
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(convert(page), path)


def convert(page: Path) -> NotebookNode:
    """Return the notebook of one chapter."""
    source = read_notebook(page)
    try:
        _, executed = get_cache(execute.cache_path()).merge_match_into_notebook(read_notebook(page))
    except KeyError:
        sys.exit(f"{page.relative_to(ROOT)} has changed since it was executed: build again.")
    renderer = Renderer(page, glued_values(executed))
    cells = []
    for cell, line in zip(source.cells, source.metadata["source_map"], strict=True):
        try:
            cells += _markdown(renderer, cell) if cell.cell_type == "markdown" else _code(renderer, cell)
        except MystError as error:
            sys.exit(f"{page.relative_to(ROOT)}, the cell from line {line + 1} on: {error}")
    if renderer.cited:
        cells.append(nbformat.v4.new_markdown_cell(f"## References\n\n{labels.bibliography(renderer.cited)}"))
    _number(cells)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)


def glued_values(notebook: NotebookNode) -> dict[str, dict[str, Any]]:
    """Return the values that an executed notebook glued, each in the formats that it has."""
    values = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if scrap := output.get("metadata", {}).get("scrapbook"):
                bundle = {mime.removeprefix(GLUE_PREFIX): data for mime, data in output.data.items()}
                values[scrap["name"]] = bundle
    return values


def _markdown(renderer: Renderer, cell: NotebookNode) -> list[NotebookNode]:
    text = renderer.cell(cell.source)
    return [nbformat.v4.new_markdown_cell(text)] if text else []


def _code(renderer: Renderer, cell: NotebookNode) -> list[NotebookNode]:
    tags = set(cell.metadata.get("tags", []))
    hidden = {}
    if tags & HIDDEN_SOURCE or renderer.in_solution:
        hidden["source_hidden"] = True
    if tags & HIDDEN_OUTPUT or renderer.in_solution:
        hidden["outputs_hidden"] = True
    cells = []
    if source := without_glue(cell.source):
        metadata: dict[str, Any] = {"jupyter": hidden} if hidden else {}
        if renderer.in_solution:
            metadata["tags"] = ["solution"]
        cells.append(nbformat.v4.new_code_cell(source, metadata=metadata))
    figure = cell.metadata.get("mystnb", {}).get("figure", {})
    if "caption" in figure:
        label = figure.get("name")
        name = labels.references()[label].text.replace("Fig.", "Figure") if label else "Figure"
        cells.append(nbformat.v4.new_markdown_cell(f"*{name}.* {renderer.render(figure['caption'])}"))
    return cells


def without_glue(source: str) -> str:
    """Leave out what only passes numbers to the page's prose: here they stand in it already.

    Examples
    --------
    >>> print(without_glue("x = 1\\nglue('x', x, display=False)"))
    x = 1
    """
    if "glue" not in source:
        return source
    lines = source.split("\n")
    for statement in reversed(ast.parse(source).body):
        if _is_glue(statement):
            lines[statement.lineno - 1 : statement.end_lineno] = _shown(statement, source)
    text = "\n".join(lines).strip("\n")
    if any(isinstance(node, ast.Name) and node.id == "glue" for node in ast.walk(ast.parse(text))):
        raise MystError("glue stands inside another statement: glue in statements of their own")
    return text


def _is_glue(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.ImportFrom):
        return statement.module == "myst_nb"
    if isinstance(statement, ast.For | ast.If):
        return all(_is_glue(inner) for inner in [*statement.body, *statement.orelse])
    return bool(_glue_call(statement))


def _glue_call(statement: ast.stmt) -> ast.Call | None:
    call = statement.value if isinstance(statement, ast.Expr) else None
    named = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "glue"
    return call if named and isinstance(call, ast.Call) else None


def _shown(statement: ast.stmt, source: str) -> list[str]:
    """Glue shows what it glues, unless it is told not to."""
    call = _glue_call(statement)
    if call is None or len(call.args) > 2 or any(keyword.arg == "display" for keyword in call.keywords):
        return []
    return [f"display({ast.get_source_segment(source, call.args[1])})"]


def _number(cells: list[NotebookNode]) -> None:
    """Give each cell a name that depends on its text alone: two builds write the same bytes."""
    seen: Counter[str] = Counter()
    for cell in cells:
        name = hashlib.sha256(f"{cell.cell_type}\0{cell.source}".encode()).hexdigest()[:12]
        seen[name] += 1
        cell["id"] = name if seen[name] == 1 else f"{name}-{seen[name]}"


if __name__ == "__main__":
    execute.run(chapters())
    write_all()
    print(f"Done: {NOTEBOOKS}")
