"""The notebooks: nothing raw in them, and they run from top to bottom in a JupyterLab made from the lock."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from playwright.sync_api import Browser, Page

from tests.browsing import Log
from tools import labels, notebooks
from tools.myst import Directive, Math, MystError, Text, parse
from tools.paths import BOOK, ROOT
from tools.paths import notebooks as sources
from tools.rendering import Renderer

NAMES = [chapter.relative_to(BOOK).with_suffix(".ipynb").as_posix() for chapter in sources()]
ROLE = re.compile(r"\{[a-z][\w:-]*\}`[^`]*`|\(\w[\w:.-]*\)=$|<!--", re.MULTILINE)
NOT_PROSE = re.compile(r"^(`{3,}).*?^\1`*$|(`+)(?!`).+?(?<!`)\2(?!`)", re.MULTILINE | re.DOTALL)
UNDERSTOOD = {"admonition", "dropdown", "list-table", "table", "tab-set", "tab-item"}
SLOWEST = 120_000  # milliseconds
RUN_ALL = """() => {
  window.ended = false;
  jupyterapp.commands.execute("notebook:run-all-cells").finally(() => { window.ended = true; });
}"""
ERRORS = """() => jupyterapp.shell.currentWidget.content.model.sharedModel.cells.flatMap((cell, i) =>
  (cell.toJSON().outputs ?? []).filter((o) => o.output_type === "error" || o.name === "stderr")
    .map((o) => `cell ${i + 1}: ${o.ename ?? "stderr"}: ${o.evalue ?? o.text}`))"""
UNREADABLE = """() => [...document.querySelectorAll(".jp-MarkdownCell .myst, .jp-RenderedMarkdown")]
  .map((cell) => { const copy = cell.cloneNode(true);
    copy.querySelectorAll("code, pre, annotation").forEach((e) => e.remove()); return copy.textContent; })
  .filter((text) => /\\{[a-z][\\w:-]*\\}|:::|\\$\\$|is not allowed|Unknown/.test(text))"""


@pytest.fixture(params=NAMES)
def notebook(request: pytest.FixtureRequest, site: Path) -> NotebookNode:
    return nbformat.read(site / "notebooks" / request.param, as_version=4)


def prose(notebook: NotebookNode) -> str:
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def test_a_notebook_is_valid_and_has_no_outputs(notebook: NotebookNode) -> None:
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells)


def test_no_role_is_left(notebook: NotebookNode) -> None:
    text = NOT_PROSE.sub("", prose(notebook))
    assert ROLE.findall(text) == []
    assert set(re.findall(r"^ *:{3,}\{([\w:-]+)\}", text, re.MULTILINE)) <= UNDERSTOOD
    assert "glue(" not in "".join(cell.source for cell in notebook.cells if cell.cell_type == "code")


def test_links_between_notebooks_hold(site: Path) -> None:
    broken = []
    for name in NAMES:
        path = site / "notebooks" / name
        for target in re.findall(r"\]\(([^)\s]+\.ipynb)\)", prose(nbformat.read(path, as_version=4))):
            if not (path.parent / target).is_file():
                broken.append(f"{name}: {target}")
    assert broken == []


@pytest.mark.parametrize("chapter", sources(), ids=lambda path: path.stem)
def test_a_notebook_is_written_the_same_twice(chapter: Path, site: Path) -> None:
    written = site / "notebooks" / chapter.relative_to(BOOK).with_suffix(".ipynb")
    assert nbformat.writes(notebooks.convert(chapter)).strip() == written.read_text("utf-8").strip()


@pytest.mark.parametrize("chapter", sources(), ids=lambda path: path.stem)
def test_page_and_notebook_give_things_the_same_numbers(chapter: Path, site: Path) -> None:
    page = (site / chapter.relative_to(ROOT).with_suffix(".html")).read_text(encoding="utf-8")
    here = [reference.text for reference in labels.references().values() if reference.page == chapter]
    numbered = [text for text in here if re.search(r"\d\.\d+\)?$", text)]
    assert [text for text in numbered if text not in page] == []


# the rendering itself


@pytest.fixture
def renderer() -> Renderer:
    glued = {"answer": {"text/plain": "3.14159"}, "formula": {"text/latex": r"$\displaystyle x^2$"}}
    return Renderer(sources()[0], glued)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("It is {glue:text}`answer:.2f`.", "It is 3.14."),
        ("{cite:t}`kingma2015adam`", "Kingma and Ba (2015)"),
        ("{cite:p}`kingma2015adam,reddi2018convergence`", "(Kingma and Ba, 2015; Reddi et al., 2018)"),
        ("Write `{glue:text}` so.", "Write `{glue:text}` so."),
        ("```python\n{cite:t}`x`\n```", "```python\n{cite:t}`x`\n```"),
        (r"{math}`\R`", r"$\mathbb{R}$"),
        ("a\n\n<!-- deck: a -->\nb", "a\n\nb"),
        ("```{glue} formula\n```", "$$\n\\begin{equation*}\nx^2\n\\end{equation*}\n$$"),
        (
            "$$\n\\begin{align} a &= b \\\\ c &= d \\end{align}\n$$",
            "$$\n\\begin{equation*}\n\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}\n\\end{equation*}\n$$",
        ),
        (
            ":::{admonition} A *claim*\n:class: claim\n{glue:text}`answer:.1f`\n:::",
            ":::{admonition} A *claim*\n:class: claim\n3.1\n:::",
        ),
        (
            "::::{note}\n:::{tip}\nx\n:::\n::::",
            "::::{admonition} Note\n:class: note\n:::{admonition} Tip\n:class: note\nx\n:::\n::::",
        ),
    ],
)
def test_rendering(renderer: Renderer, source: str, text: str) -> None:
    assert renderer.cell(source) == text


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{glue:text}`nothing:.2f`", "no cell glues 'nothing'"),
        ("{cite:t}`nobody1900nothing`", "'nobody1900nothing' is no key"),
        ("{eq}`eq-nothing`", "nothing is labelled 'eq-nothing'"),
        ("{abbr}`x`", "the role {abbr} has no reading"),
        ("```{mermaid}\nx\n```", "the directive {mermaid} has no reading"),
        ("[a page](nowhere.md)", "there is no page nowhere.md"),
        (":::{note}\nx", "is never closed"),
        ("$$ x", "is never closed"),
    ],
)
def test_what_cannot_be_shown_is_refused(renderer: Renderer, source: str, message: str) -> None:
    with pytest.raises(MystError, match=re.escape(message)):
        renderer.cell(source)


def test_a_solution_is_gathered_and_goes_on_over_cells(renderer: Renderer, monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"ex-a": labels.Reference("Exercise 1.1", sources()[0])}
    monkeypatch.setattr(labels, "references", lambda: known)
    first = renderer.cell("```{solution-start} ex-a\n:class: dropdown\n```\nFirst.")
    assert first == ":::{admonition} Solution to Exercise 1.1\n:class: dropdown\nFirst.\n:::"
    assert renderer.in_solution
    last = renderer.cell("Last.\n```{solution-end}\n```\nAfter.")
    assert last == ":::{admonition} Solution to Exercise 1.1, continued\n:class: dropdown\nLast.\n:::\n\nAfter."
    assert not renderer.in_solution


def test_blocks_of_a_cell() -> None:
    source = "text\n\n$$\nx\n$$ (eq-x)\n\n```{math}\n:label: eq-y\ny\n```\n% a comment\nmore"
    assert parse(source) == [
        Text("text"),
        Math("x", "eq-x"),
        Directive("math", "", {"label": "eq-y"}, "y"),
        Text("more"),
    ]


@pytest.mark.parametrize(
    ("source", "left"),
    [
        ("x = 1\nglue('a', x, display=False)", "x = 1"),
        ("from myst_nb import glue\nglue('a', 1 + 1)", "display(1 + 1)"),
        ("for k in d:\n    glue(k, d[k], display=False)\nprint(d)", "print(d)"),
        ("glued = 1", "glued = 1"),
    ],
)
def test_glue_is_left_out_of_a_cell(source: str, left: str) -> None:
    assert notebooks.without_glue(source) == left


def test_glue_inside_a_function_is_refused() -> None:
    with pytest.raises(MystError, match="glue in statements of their own"):
        notebooks.without_glue("def f():\n    glue('a', 1)\n    return 1")


# a JupyterLab made from the lock


@dataclass
class Lab:
    """A running JupyterLab."""

    address: str
    workspaces: int = 0

    def open(self, page: Page, name: str) -> None:
        """Open a notebook in a workspace of its own, or the last one's tabs would come back."""
        self.workspaces += 1
        page.goto(f"{self.address}/lab/workspaces/w{self.workspaces}/tree/notebooks/{name}?reset")
        page.wait_for_function(
            "() => globalThis.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'",
            timeout=SLOWEST,
        )


@pytest.fixture(scope="session")
def fresh_environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment that the lock alone makes, with the package in it."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [folder / "bin" / "pip", "--disable-pip-version-check", "-qq", "install"]
    subprocess.run([*pip, "--require-hashes", "-r", ROOT / "requirements.txt"], check=True)
    source = folder.parent / "source"
    for name in ("code", "pyproject.toml", "README.md"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("*.egg-info", "__pycache__"))
        elif (ROOT / name).exists():
            shutil.copy(ROOT / name, source / name)
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", source], check=True)
    return folder


@pytest.fixture(scope="session")
def lab(fresh_environment: Path, site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    home = tmp_path_factory.mktemp("lab")
    shutil.copytree(site / "notebooks", home / "notebooks")
    settings = fresh_environment / "share" / "jupyter" / "lab" / "settings"
    settings.mkdir(parents=True, exist_ok=True)
    # every cell in the page at once, and no question about news
    overrides = {
        "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
        "@jupyterlab/apputils-extension:notification": {"fetchNews": "false"},
    }
    (settings / "overrides.json").write_text(json.dumps(overrides))
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("JUPYTER", "PYTHON", "DOWNSLOPE"))}
    environment = kept | {
        "HOME": str(home),
        "PATH": f"{fresh_environment / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "JUPYTER_PREFER_ENV_PATH": "1",
    }
    command = [
        fresh_environment / "bin" / "jupyter-lab", "--no-browser", "--allow-root", "--ip=127.0.0.1", "--port=0",
        "--IdentityProvider.token=", f"--ServerApp.root_dir={home}", "--LabApp.expose_app_in_browser=True",
    ]  # fmt: skip
    with (home / "lab.log").open("w") as log:
        process = subprocess.Popen(command, cwd=home, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        yield Lab(_address(home, process))
    finally:
        process.terminate()
        process.wait(timeout=30)


def _address(home: Path, process: "subprocess.Popen[Any]") -> str:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        files = list(home.rglob("jpserver-*.json"))
        if files:
            address = str(json.loads(files[0].read_text())["url"]).rstrip("/")
            with urllib.request.urlopen(f"{address}/api"):
                return address
        time.sleep(0.2)
    pytest.fail(f"JupyterLab does not start:\n{(home / 'lab.log').read_text()}")


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_in_jupyterlab(name: str, lab: Lab, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 1600})
    log = Log(lab.address)
    page.on("request", lambda request: log.requested.append(request.url))
    lab.open(page, name)
    page.wait_for_selector(".jp-MarkdownCell .myst h1")
    page.evaluate(RUN_ALL)
    page.wait_for_function("() => window.ended", timeout=SLOWEST)
    assert page.evaluate(ERRORS) == []
    assert page.evaluate(UNREADABLE) == []
    assert log.elsewhere == []
    for handle in page.locator(".jp-OutputArea .widget-slider .noUi-handle").all():
        figure = handle.locator("xpath=ancestor::*[contains(@class, 'jp-OutputArea-output')]").element_handle()
        before = figure.eval_on_selector(".ds-frame", "frame => frame.innerHTML")
        at_the_end = handle.get_attribute("aria-valuenow") == handle.get_attribute("aria-valuemax")
        handle.press("ArrowLeft" if at_the_end else "ArrowRight")
        page.wait_for_function("([f, was]) => f.querySelector('.ds-frame').innerHTML !== was", arg=[figure, before])
    page.close()
