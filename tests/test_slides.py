"""The decks: their length, their notes, a live figure each, and nothing that does not fit its slide."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from playwright.sync_api import Browser, Page

from tests.browsing import Log, accessibility_problems, opened
from tools.fragments import FragmentError, expand
from tools.paths import BOOK, decks, numbered

WIDTH, HEIGHT = 1280, 720
DECKS = [deck.stem for deck in decks()]
READY = "() => window.Reveal && Reveal.isReady()"
# every slide with all its fragments: how far it, or anything in it, goes beyond its box
MEASURE = """([width, height]) => Reveal.getSlides().map((slide) => {
  const {h, v} = Reveal.getIndices(slide);
  Reveal.slide(h, v);
  slide.querySelectorAll(".fragment").forEach((fragment) => fragment.classList.add("visible"));
  const box = slide.getBoundingClientRect();
  let right = slide.scrollWidth - width, bottom = slide.scrollHeight - height, what = "";
  for (const element of slide.querySelectorAll("*")) {
    if (element.closest("aside, .katex-mathml, .ds-announce, script, style") || element.ownerSVGElement) continue;
    const inner = element.getBoundingClientRect();
    if (inner.width === 0 || inner.height === 0) continue;
    const overRight = inner.right - box.left - width, overBottom = inner.bottom - box.top - height;
    if (overRight > right || overBottom > bottom) what = element.outerHTML;
    right = Math.max(right, overRight);
    bottom = Math.max(bottom, overBottom);
  }
  return {
    title: (slide.querySelector("h1, h2") ?? slide).textContent.trim().slice(0, 60),
    right: Math.round(right), bottom: Math.round(bottom), what: what.slice(0, 150),
    notes: (slide.querySelector("aside.notes")?.textContent ?? "").trim(),
    live: slide.querySelectorAll(".ds-explore input, ds-playground").length,
  };
})"""


@dataclass
class Deck:
    """A deck on the screen, and what was measured on each slide."""

    page: Page
    log: Log
    slides: list[dict[str, Any]]


@pytest.fixture(scope="module", params=DECKS)
def deck(request: pytest.FixtureRequest, browser: Browser, host: str) -> Iterator[Deck]:
    path = f"slides/{request.param}.html"
    with opened(browser, host, path, width=WIDTH, height=HEIGHT) as (page, log):
        page.wait_for_function(READY)
        yield Deck(page, log, page.evaluate(MEASURE, [WIDTH, HEIGHT]))


def test_every_chapter_has_a_deck() -> None:
    assert set(DECKS) == {chapter.stem for chapter in numbered()}


def test_a_deck_fills_fifty_minutes(deck: Deck) -> None:
    assert 12 <= len(deck.slides) <= 20


def test_every_slide_has_notes(deck: Deck) -> None:
    assert [slide["title"] for slide in deck.slides if len(slide["notes"]) < 20] == []


def test_a_deck_has_a_live_figure(deck: Deck) -> None:
    assert any(slide["live"] for slide in deck.slides)


def test_every_slide_fits(deck: Deck) -> None:
    over = [
        f"{number}. {slide['title']}: {slide['right']} px too wide, {slide['bottom']} px too high; {slide['what']}"
        for number, slide in enumerate(deck.slides, start=1)
        if slide["right"] > 0 or slide["bottom"] > 0
    ]
    assert over == []


def test_a_deck_is_silent_and_alone(deck: Deck) -> None:
    assert (deck.log.said, deck.log.failed, deck.log.elsewhere) == ([], [], [])


def test_axe_finds_nothing_on_the_slides(deck: Deck) -> None:
    deck.page.evaluate("Reveal.slide(0)")
    found = set()
    for _ in deck.slides:
        found.add(accessibility_problems(deck.page))
        deck.page.evaluate("Reveal.next()")
    assert found == {""}


def test_an_arrow_on_a_slider_does_not_turn_the_slide(deck: Deck) -> None:
    live = next(i for i, slide in enumerate(deck.slides) if slide["live"])
    deck.page.evaluate(f"Reveal.slide({live})")
    control = deck.page.locator("section.present input[type=range]").first
    before = control.input_value()
    control.press("ArrowLeft" if before == control.get_attribute("max") else "ArrowRight")
    assert control.input_value() != before
    assert deck.page.evaluate("Reveal.getIndices().h") == live


@pytest.mark.parametrize("name", DECKS)
def test_printing_gives_one_page_for_each_slide(name: str, browser: Browser, host: str) -> None:
    with opened(browser, host, f"slides/{name}.html?print-pdf", width=WIDTH, height=HEIGHT) as (page, _):
        page.wait_for_selector(".pdf-page")
        slides = page.locator(".pdf-page").count()
        printed = page.pdf(prefer_css_page_size=True, print_background=True)
        assert printed.count(b"/Type /Page\n") == slides
        assert page.locator("section:not(.stack):has(aside.notes)").count() == slides


@pytest.mark.parametrize("name", DECKS)
def test_notes_are_not_shown_to_the_class(name: str, site: Path) -> None:
    page = BeautifulSoup((site / "slides" / f"{name}.html").read_text("utf-8"), "html.parser")
    assert all(note.find_parent("section") for note in page.select("aside.notes"))
    assert not page.select(".reveal > aside.notes")


@pytest.mark.parametrize("name", DECKS)
def test_a_deck_takes_statements_from_its_chapter(name: str) -> None:
    used: list[Path] = []
    expand((BOOK / "slides" / f"{name}.md").read_text("utf-8"), BOOK / "slides" / f"{name}.md", used)
    assert name in {path.stem for path in used}


INCLUDE = '```{{include}} chapter.md\n:start-after: "<!-- deck: {} -->"\n:end-before: "<!-- /deck -->"\n```'


@pytest.mark.parametrize(
    ("chapter", "message"),
    [
        ("no marker", "which has it 0 times"),
        ("<!-- deck: a -->\nx\n<!-- /deck -->\n<!-- deck: a -->\ny\n<!-- /deck -->", "which has it 2 times"),
        ("<!-- deck: a -->\nnever ends", "has no '<!-- /deck -->'"),
    ],
)
def test_an_include_that_names_no_fragment_is_refused(tmp_path: Path, chapter: str, message: str) -> None:
    (tmp_path / "chapter.md").write_text(chapter)
    with pytest.raises(FragmentError, match=message):
        expand(INCLUDE.format("a"), tmp_path / "deck.md")


def test_an_include_brings_the_code_cells_with_it(tmp_path: Path) -> None:
    cell = "```{code-cell} ipython3\n1 + 1\n```"
    (tmp_path / "chapter.md").write_text(f"before\n<!-- deck: a -->\n{cell}\n<!-- /deck -->\nafter")
    assert expand(INCLUDE.format("a"), tmp_path / "deck.md") == cell
