"""The cheat sheet: complete, narrowed down by keyboard, whole without scripts, four pages on paper."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import downslope as ds
import pytest
from bs4 import BeautifulSoup, Tag
from downslope.catalogue import CATALOGUE, Entry
from downslope.figures.cheat_sheet import facets
from downslope.optimizers import Ruled
from playwright.sync_api import Browser, Page

from tests.browsing import opened
from tools.paths import BOOK, pages

ADDRESS = "book/cheat-sheet.html"
NAMES = [entry.name for entry in CATALOGUE]
each_entry = pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.name)


def rows(text: str) -> dict[str, Tag]:
    """The rows of a page by their ids."""
    return {str(row["id"]): row for row in BeautifulSoup(text, "html.parser").select("ds-cheat-sheet tr[data-family]")}


@pytest.fixture(scope="module")
def in_notebook() -> dict[str, Tag]:
    return rows(ds.figures.cheat_sheet()._repr_html_())


@pytest.fixture(scope="module")
def on_page(site: Path) -> dict[str, Tag]:
    return rows((site / ADDRESS).read_text(encoding="utf-8"))


@pytest.fixture
def page(browser: Browser, host: str) -> Iterator[Page]:
    with opened(browser, host, ADDRESS) as (page, _):
        yield page


def shown(page: Page) -> list[str]:
    """The ids of the rows that a reader sees, in their order."""
    ids: list[str] = page.eval_on_selector_all(
        "ds-cheat-sheet tr[data-family]", "rows => rows.filter(r => r.checkVisibility()).map(r => r.id)"
    )
    return ids


def matching(**chosen: str) -> list[str]:
    return [entry.name.lower() for entry in CATALOGUE if chosen.items() <= facets(entry).items()]


def test_the_notebook_and_the_page_bring_the_sheet_each_in_its_way(monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = ds.figures.cheat_sheet()
    assert sheet._repr_markdown_() is None
    assert "customElements.define" in sheet._repr_html_()
    monkeypatch.setenv("DOWNSLOPE_STATIC", "1")
    assert sheet._repr_html_() is None
    assert "{cite:t}`kingma2015adam`" in sheet._repr_markdown_()


@each_entry
def test_a_row_says_all_that_the_catalogue_says(entry: Entry, in_notebook: dict[str, Tag]) -> None:
    text = re.sub(r"\s+", " ", in_notebook[entry.name.lower()].get_text(" "))
    for part in (entry.name, entry.hook, entry.paper, entry.notes, entry.downsides, entry.gradients, entry.shapes):
        assert part in text


@each_entry
def test_a_rows_formula_is_the_rules(entry: Entry, in_notebook: dict[str, Tag]) -> None:
    text, opt = in_notebook[entry.name.lower()].get_text(), entry.default
    if isinstance(opt, Ruled):
        assert all(line in text for line in ds.formula(entry.shown).latex.splitlines()[1:-1])
        for name in ds.symbols.read(opt).hyperparameters:
            assert f"{name} = {ds.figures.style.number(getattr(opt, name))}" in text
    else:
        assert "$$" not in text, "a wrapper has no formula of its own"


def test_a_gradient_from_elsewhere_is_said_to_be_from_there(in_notebook: dict[str, Tag]) -> None:
    elsewhere = [name for name, row in in_notebook.items() if r"\nabla L" in row.get_text()]
    assert elsewhere == ["nesterov"]


def test_a_slot_that_does_not_start_at_zero_says_where(in_notebook: dict[str, Tag]) -> None:
    assert "$s_0$ = 10⁻⁶" in in_notebook["yogi"].get_text()
    assert "$L_0$ = 10⁻⁶ $I$, $R_0$ = 10⁻⁶ $I$" in in_notebook["shampoo"].get_text()
    assert "_0$" not in in_notebook["adam"].get_text()


def test_a_decay_that_is_off_at_first_is_in_the_formula() -> None:
    lion = next(entry for entry in CATALOGUE if entry.name == "Lion")
    assert ds.symbols.hyperparameter("weight_decay") in ds.formula(lion.shown)["v"].free_symbols


@each_entry
def test_a_chapter_that_is_named_exists(entry: Entry) -> None:
    assert not entry.chapter or BOOK / f"{entry.chapter}.md" in pages()


def test_every_family_stands_together() -> None:
    families = [entry.family for entry in CATALOGUE]
    assert families == sorted(families, key=families.index)


def test_the_page_has_every_optimizer(on_page: dict[str, Tag]) -> None:
    assert list(on_page) == [name.lower() for name in NAMES]


@each_entry
def test_the_page_typesets_and_links(entry: Entry, on_page: dict[str, Tag], site: Path) -> None:
    row = on_page[entry.name.lower()]
    assert bool(row.select(".katex-display")) == isinstance(entry.default, Ruled)
    links = [unquote(str(link["href"])) for link in row.select("a[href]")]
    (paper,) = [link.partition("#")[2] for link in links if link.startswith("bibliography.html#")]
    assert f'id="{paper}"' in (site / "book/bibliography.html").read_text(encoding="utf-8")
    assert any(re.fullmatch(rf"api/\w+\.html#downslope\.{entry.name}", link) for link in links)
    if entry.chapter:
        assert f"{entry.chapter}.html" in links


def test_the_form_offers_what_the_rows_have(on_page: dict[str, Tag], page: Page) -> None:
    for name in ("family", "shapes", "memory", "needs"):
        offered = page.locator(f"select[name={name}] option").all_inner_texts()[1:]
        assert set(offered) == {row[f"data-{name}"] for row in on_page.values()}


def test_the_keyboard_narrows_the_table_down(page: Page) -> None:
    page.get_by_label("Family").focus()
    page.keyboard.type("Orth")
    assert shown(page) == matching(family="Orthogonal")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("one")
    assert page.evaluate("document.activeElement.name") == "memory"
    assert shown(page) == matching(family="Orthogonal", memory="one copy")
    assert page.locator("ds-cheat-sheet tbody:visible").count() == 1
    said = page.get_by_role("status").inner_text()
    assert said == f"{len(shown(page))} of {len(NAMES)} optimizers"


def test_the_address_keeps_the_choice(page: Page) -> None:
    page.get_by_label("Shapes").select_option("matrices alone")
    page.get_by_label("Needs").select_option("the gradient at the last point")
    narrowed = shown(page)
    assert narrowed == ["marsm"]
    page.reload()
    assert shown(page) == narrowed
    page.get_by_role("button", name="Show all").press("Enter")
    page.wait_for_function("!location.hash")
    assert len(shown(page)) == len(NAMES)


def test_an_address_is_read_whenever_it_changes_and_its_errors_are_ignored(page: Page) -> None:
    page.evaluate("location.hash = '#memory=two+copies&family=Nobody'")
    page.wait_for_function("document.querySelector('select[name=memory]').value")
    assert shown(page) == matching(memory="two copies")
    page.evaluate("location.hash = '#adam'")
    page.wait_for_function("!document.querySelector('select[name=memory]').value")
    assert len(shown(page)) == len(NAMES)


def test_without_scripts_the_table_is_whole(browser: Browser, host: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{host}/{ADDRESS}")
    assert page.locator("ds-cheat-sheet tr[data-family]:visible").count() == len(NAMES)
    assert page.locator("ds-cheat-sheet form:visible").count() == 0
    context.close()


def test_a_notebooks_sheet_answers_without_the_sites_files(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(f"<p>A cell's output:</p>{ds.figures.cheat_sheet()._repr_html_()}")
    page.get_by_label("Family").select_option("Signs")
    assert shown(page) == matching(family="Signs")
    page.close()


def test_it_prints_on_four_pages_of_a4(page: Page) -> None:
    paper = page.pdf(prefer_css_page_size=True)
    assert len(re.findall(rb"/Type /Page\b", paper)) <= 4
    sizes = {tuple(map(float, box.split())) for box in re.findall(rb"/MediaBox \[([^\]]+)\]", paper)}
    assert [[round(x / 72 * 25.4) for x in size] for size in sizes] == [[0, 0, 210, 297]]


def test_on_paper_there_is_the_table_and_no_form(page: Page) -> None:
    page.emulate_media(media="print")
    assert len(shown(page)) == len(NAMES)
    assert page.locator("ds-cheat-sheet form:visible, .bd-sidebar-primary:visible").count() == 0
    assert page.get_by_role("heading", name="Cheat sheet").is_visible()


def test_on_a_narrow_screen_a_row_is_a_card_of_one_column(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 800})
    lefts = page.eval_on_selector_all(
        "#adam > *", "cells => cells.map(c => Math.round(c.getBoundingClientRect().left))"
    )
    assert len(set(lefts)) == 1
    assert page.locator("#adam").get_by_role("cell").count() == 3
