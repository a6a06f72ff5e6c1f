"""The chapters' sources: all eleven parts, cells that can be read in one look, labels that hold."""

import re
from functools import cache
from pathlib import Path

import pytest
from nbformat import NotebookNode

from tools import labels
from tools.fragments import read_notebook
from tools.paths import ROOT, numbered

LONGEST_CELL = 25
PARTS = (
    "question", "objectives", "derive", "implement", "watch", "break", "data", "claims", "wild", "exercises",
    "reading",
)  # fmt: skip
MARKER = re.compile(r"^<!-- part: (\w+) -->$", re.MULTILINE)
CODE = re.compile(r"^```\{code-cell\}.*?^```$", re.MULTILINE | re.DOTALL)
HIDDEN = re.compile(r"remove-(?:cell|input)|hide-(?:cell|input)")
LABEL = re.compile(r"^(?:\((?P<target>[\w:.-]+)\)=|:label: *(?P<option>\S+)|\$\$ *\((?P<equation>[\w:.-]+)\))\s*$",
                   re.MULTILINE)  # fmt: skip

each_chapter = pytest.mark.parametrize("chapter", numbered(), ids=lambda path: path.stem)


@cache
def parts(chapter: Path) -> dict[str, str]:
    """The text of each part, by its name."""
    _, *pieces = MARKER.split(chapter.read_text(encoding="utf-8"))
    return dict(zip(pieces[::2], pieces[1::2], strict=True))


def cells(text: str) -> list[str]:
    return CODE.findall(text)


@each_chapter
def test_a_chapter_has_its_eleven_parts_in_order(chapter: Path) -> None:
    assert MARKER.findall(chapter.read_text(encoding="utf-8")) == list(PARTS)


@each_chapter
def test_the_question_comes_with_a_picture(chapter: Path) -> None:
    assert cells(parts(chapter)["question"])


@each_chapter
def test_a_chapter_promises_two_to_four_things(chapter: Path) -> None:
    assert 2 <= len(re.findall(r"^[-*] ", parts(chapter)["objectives"], re.MULTILINE)) <= 4


@each_chapter
def test_the_derivation_stands_in_a_visible_cell(chapter: Path) -> None:
    assert any("Derivation" in cell and not HIDDEN.search(cell) for cell in cells(parts(chapter)["derive"]))


@each_chapter
def test_the_implementation_is_held_against_something(chapter: Path) -> None:
    held = re.compile(r"==|allclose|array_equal|assert ")
    assert any(held.search(cell) for cell in cells(parts(chapter)["implement"]))


@each_chapter
def test_there_is_a_figure_that_answers(chapter: Path) -> None:
    assert re.search(r"\b(?:explore|playground)\(", parts(chapter)["watch"])


@each_chapter
@pytest.mark.parametrize("part", ["break", "data"])
def test_failure_and_real_data_are_run(chapter: Path, part: str) -> None:
    assert cells(parts(chapter)[part])


@each_chapter
def test_every_claim_has_a_verdict_and_a_cell(chapter: Path) -> None:
    claims = parts(chapter)["claims"]
    verdicts = re.findall(r":class: claim claim-(true-if|true|false)\n+(\*\*[^*]+\*\*)", claims)
    expected = {"true": "**True", "false": "**False", "true-if": "**True if"}
    assert len(verdicts) >= 3
    assert [pair for pair in verdicts if not pair[1].startswith(expected[pair[0]])] == []
    assert len(cells(claims)) >= len(verdicts)


@each_chapter
def test_the_three_frameworks_are_named(chapter: Path) -> None:
    assert [name for name in ("PyTorch", "Keras", "Optax") if name not in parts(chapter)["wild"]] == []


@each_chapter
def test_every_exercise_has_a_solution_and_one_is_checked(chapter: Path) -> None:
    text = parts(chapter)["exercises"]
    exercises = re.findall(r"\{exercise(?:-start)?\}.*\n(?::.*\n)*?:label: (\S+)", text)
    assert len(exercises) >= 3
    assert sorted(re.findall(r"\{solution(?:-start)?\} (\S+)", text)) == sorted(exercises)
    assert any("ds.check." in cell for cell in cells(text))


@each_chapter
def test_there_is_something_to_read_on(chapter: Path) -> None:
    cited = re.findall(r"\{cite:[tp]\}`([^`]+)`", parts(chapter)["reading"])
    assert len({key for keys in cited for key in keys.split(",")}) >= 2


@each_chapter
def test_a_cell_can_be_read_in_one_look(chapter: Path) -> None:
    notebook: NotebookNode = read_notebook(chapter)
    lines = [
        f"line {line + 1}: {cell.source.count(chr(10)) + 1} lines"
        for cell, line in zip(notebook.cells, notebook.metadata["source_map"], strict=True)
        if cell.cell_type == "code" and cell.source.count("\n") >= LONGEST_CELL
    ]
    assert lines == []


@each_chapter
def test_every_cited_key_is_in_the_bibliography(chapter: Path) -> None:
    cited = re.findall(r"\{cite[:\w]*\}`([^`]+)`", chapter.read_text(encoding="utf-8"))
    keys = {key.strip() for keys in cited for key in keys.split(",")}
    assert sorted(key for key in keys if not labels.is_known(key)) == []


def test_a_label_stands_for_one_thing() -> None:
    found: dict[str, list[str]] = {}
    for chapter in numbered():
        for match in LABEL.finditer(chapter.read_text(encoding="utf-8")):
            label = next(filter(None, match.groups()))
            found.setdefault(label, []).append(str(chapter.relative_to(ROOT)))
    assert {label: where for label, where in found.items() if len(where) > 1} == {}
