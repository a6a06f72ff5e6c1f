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
MEASURE = """async ([width, height]) => {
const measured = [];
for (const slide of Reveal.getSlides()) {
  const {h, v} = Reveal.getIndices(slide);
  Reveal.slide(h, v);
  // a playground takes its height when it has come into sight
  const undrawn = () => [...slide.querySelectorAll(".pg-map")].some((map) => !map.style.height);
  while (undrawn()) await new Promise(requestAnimationFrame);
  slide.querySelectorAll(".fragment").forEach((fragment) => fragment.classList.add("visible"));
  const box = slide.getBoundingClientRect();
  let right = slide.scrollWidth - width, bottom = slide.scrollHeight - height, what = "";
  for (const code of slide.querySelectorAll("pre")) {
    const cut = code.scrollWidth - code.clientWidth;
    if (cut > right) [right, what] = [cut, code.outerHTML];
  }
  for (const element of slide.querySelectorAll("*")) {
    if (element.closest("aside, .katex-mathml, .ds-announce, script, style") || element.ownerSVGElement) continue;
    const inner = element.getBoundingClientRect();
    if (inner.width === 0 || inner.height === 0) continue;
    const overRight = inner.right - box.left - width, overBottom = inner.bottom - box.top - height;
    if (overRight > right || overBottom > bottom) what = element.outerHTML;
    right = Math.max(right, overRight);
    bottom = Math.max(bottom, overBottom);
  }
  measured.push({
    title: (slide.querySelector("h1, h2") ?? slide).textContent.trim().slice(0, 60),
    right: Math.round(right), bottom: Math.round(bottom), what: what.slice(0, 150),
    notes: (slide.querySelector("aside.notes")?.textContent ?? "").trim(),
    live: slide.querySelectorAll(".ds-explore input, ds-playground").length,
  });
}
return measured;
}"""


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


def test_an_arrow_on_a_slider_does_not_turn_the_slide(deck: Deck) -> None:
    live = next(i for i, slide in enumerate(deck.slides) if slide["live"])
    deck.page.evaluate(f"Reveal.slide({live})")
    control = deck.page.locator("section.present input[type=range]").first
    before = control.input_value()
    control.press("ArrowLeft" if before == control.get_attribute("max") else "ArrowRight")
    assert control.input_value() != before
    assert deck.page.evaluate("Reveal.getIndices().h") == live


@pytest.fixture(scope="module", params=DECKS)
def printed(request: pytest.FixtureRequest, browser: Browser, host: str) -> Iterator[Page]:
    """A deck as it is printed: all slides one below the other."""
    path = f"slides/{request.param}.html?print-pdf"
    with opened(browser, host, path, width=WIDTH, height=HEIGHT) as (page, _):
        page.wait_for_selector(".pdf-page")
        yield page


def test_printing_gives_one_page_for_each_slide(printed: Page) -> None:
    slides = printed.locator("section:not(.stack):has(aside.notes)").count()
    pages = printed.pdf(prefer_css_page_size=True, print_background=True).count(b"/Type /Page\n")
    assert (printed.locator(".pdf-page").count(), pages) == (slides, slides)


def test_a_printed_slide_keeps_its_margins(printed: Page) -> None:
    outside = """() => [...document.querySelectorAll(".pdf-page")].flatMap((page) => {
      const paper = page.getBoundingClientRect();
      return [...page.querySelectorAll("h1, h2, p, li, figure, pre, canvas")].flatMap((element) => {
        const box = element.getBoundingClientRect();
        const inside = box.left >= paper.left + 72 && box.right <= paper.right - 71 && box.bottom <= paper.bottom;
        const hidden = box.width === 0 || element.closest("aside, .pg-hidden");
        return hidden || inside ? [] : [element.outerHTML.slice(0, 150)];
      });
    })"""
    assert printed.evaluate(outside) == []


def test_what_was_never_in_sight_is_printed_too(printed: Page) -> None:
    printed.pdf()
    drawn = """all => all.map((canvas) => {
      const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
      return pixels.some((value) => value > 0);
    })"""
    maps = printed.eval_on_selector_all("ds-playground .pg-map", drawn)
    assert maps == [True] * len(maps)


def test_axe_finds_nothing_on_the_slides(printed: Page) -> None:
    # on paper too, reveal.js tells screen readers of the first slide alone
    printed.eval_on_selector_all("section", "all => all.forEach(s => s.removeAttribute('aria-hidden'))")
    assert accessibility_problems(printed) == ""


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
