"""Every page as a reader's browser sees it: alone with its host, silent, light enough, open to everyone."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from playwright.sync_api import Browser, Locator, Page

from tests.browsing import Log, Scheme, accessibility_problems, opened, transferred
from tools.paths import ROOT, decks, numbered, pages

MOST_BYTES = 1_500_000
CHAPTERS = [page.relative_to(ROOT).with_suffix(".html").as_posix() for page in numbered()]
PAGES = [page.relative_to(ROOT).with_suffix(".html").as_posix() for page in pages()] + ["search.html"]
SLIDES = [f"slides/{deck.stem}.html" for deck in decks()] + ["slides/index.html"]
REDIRECTS = ["index.html"]
MACHINE_NAME = re.compile(r"^(?:[0-9a-f]{16,}|\S*\.(?:png|svg|jpe?g|webp))$|^$")
RAW = re.compile(r"\{(?:glue|cite|numref|eq|ref|doc|prf:ref)[:\w]*\}|:::+|Traceback \(most recent call last\)")


@dataclass
class Visit:
    """One page, opened by two readers, one of whom likes the dark."""

    name: str
    light: Page
    dark: Page
    log: Log


@pytest.fixture(scope="module", params=PAGES)
def visit(request: pytest.FixtureRequest, browser: Browser, host: str) -> Iterator[Visit]:
    with ExitStack() as stack:
        light, log = stack.enter_context(opened(browser, host, request.param))
        dark, dark_log = stack.enter_context(opened(browser, host, request.param, "dark"))
        for page in (light, dark):
            page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
            page.wait_for_load_state("networkidle")
        both = Log(host, log.requested, log.failed + dark_log.failed, log.said + dark_log.said)
        yield Visit(request.param, light, dark, both)


@cache
def parsed(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def test_the_site_has_the_pages_of_the_contents_and_no_others(site: Path) -> None:
    found = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    found = {name for name in found if "_static" not in name}
    assert found == {*PAGES, *SLIDES, *REDIRECTS}, "after removing or renaming a page: `make clean`"


def test_no_request_leaves_the_host(visit: Visit) -> None:
    assert visit.log.elsewhere == []


def test_everything_asked_for_is_there(visit: Visit) -> None:
    assert visit.log.failed == []


def test_the_console_is_silent(visit: Visit) -> None:
    assert visit.log.said == []


def test_a_page_is_light(visit: Visit, site: Path) -> None:
    files = [site / unquote(path).lstrip("/") for path in visit.log.files]
    sizes = {path.relative_to(site).as_posix(): len(transferred(path)) for path in files if path.is_file()}
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:5]
    assert sum(sizes.values()) <= MOST_BYTES, f"gzip bytes in all; the largest: {largest}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(visit: Visit, scheme: Scheme, width: int) -> None:
    page = visit.light if scheme == "light" else visit.dark
    page.set_viewport_size({"width": width, "height": 900})
    assert accessibility_problems(page) == ""


@pytest.mark.parametrize("width", [390, 1280])
def test_a_page_never_scrolls_sideways(visit: Visit, width: int) -> None:
    visit.light.set_viewport_size({"width": width, "height": 900})
    wide = visit.light.evaluate(
        """() => { const page = document.scrollingElement, wide = [];
            if (page.scrollWidth <= innerWidth) return wide;
            for (const e of document.body.querySelectorAll("*"))
                if (e.getBoundingClientRect().right > innerWidth + 1) wide.push(e.outerHTML.slice(0, 150));
            return [`${page.scrollWidth} px`, ...wide.slice(0, 8)]; }"""
    )
    assert wide == []


def test_no_formula_is_wider_than_its_column(visit: Visit) -> None:
    visit.light.set_viewport_size({"width": 1280, "height": 900})
    wide = visit.light.eval_on_selector_all(
        ".bd-article div.math",
        "all => all.filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.textContent.trim().slice(0, 80))",
    )
    assert wide == []


def test_every_slider_changes_its_figure_by_keyboard_and_by_mouse(visit: Visit) -> None:
    visit.light.set_viewport_size({"width": 1280, "height": 900})
    sliders = visit.light.locator(".ds-explore input[type=range]")
    for slider in sliders.all():
        low, high, value = (float(slider.get_attribute(name) or 0) for name in ("min", "max", "value"))
        before = _picture(slider)
        slider.press("ArrowLeft" if value == high else "ArrowRight")
        after_key = _picture(slider)
        box = slider.bounding_box()
        assert box
        at_low_end = float(slider.input_value()) > (low + high) / 2
        slider.click(position={"x": box["width"] * (0.02 if at_low_end else 0.98), "y": box["height"] / 2})
        after_click = _picture(slider)
        name = slider.get_attribute("id")
        for how, one, other in (("key", before, after_key), ("mouse", after_key, after_click)):
            assert one[0] != other[0], f"{name}: the {how} does not change the picture"
            assert one[1] != other[1], f"{name}: the {how} does not change the alt text {one[1]!r}"


def _picture(slider: Locator) -> list[str]:
    """The picture beside a slider, and the text that stands for it."""
    found: list[str] = slider.evaluate(
        """input => { const frame = input.closest(".ds-explore").querySelector(".ds-frame");
            const named = frame.querySelector("[aria-label], img[alt]");
            return [frame.innerHTML, named?.getAttribute("aria-label") ?? named?.getAttribute("alt") ?? ""]; }"""
    )
    return found


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_has_a_figure_that_answers(name: str, site: Path) -> None:
    assert parsed(site / name).select(".ds-explore input[type=range], ds-playground")


@pytest.mark.parametrize("name", PAGES + SLIDES)
def test_every_internal_link_leads_somewhere(name: str, site: Path) -> None:
    broken = []
    for element in parsed(site / name).select("[href], [src]"):
        url = urlsplit(str(element.get("href") or element.get("src")))
        if url.scheme or url.netloc or (url.path == "" and not url.fragment):
            continue
        target = (site / name).parent / unquote(url.path) if url.path else site / name
        target = target / "index.html" if target.is_dir() else target
        if not target.is_file() or not _has_anchor(target, unquote(url.fragment)):
            broken.append(url.geturl())
    assert broken == []


def _has_anchor(target: Path, fragment: str) -> bool:
    return not fragment or target.suffix != ".html" or parsed(target).find(id=fragment) is not None


@pytest.mark.parametrize("name", PAGES + SLIDES)
def test_every_picture_has_words(name: str, site: Path) -> None:
    page = parsed(site / name)
    nameless = [str(i)[:200] for i in page.select("article img, .slides img") if MACHINE_NAME.match(_alt(i))]
    for drawing in page.select("article svg[role=img], .slides svg[role=img]"):
        if not (drawing.get("aria-label") or drawing.find("title")):
            nameless.append(str(drawing)[:200])
    assert nameless == []


def _alt(image: Tag) -> str:
    return str(image.get("alt", "")).strip()


@pytest.mark.parametrize("name", PAGES + SLIDES)
def test_nothing_is_left_raw(name: str, site: Path) -> None:
    page = BeautifulSoup(str(parsed(site / name).body), "html.parser")
    for element in page(["script", "style", "code", "pre", "annotation"]):
        element.decompose()
    assert RAW.findall(page.get_text(" ")) == []
