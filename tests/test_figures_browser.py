"""Figures in a real page: sliders by mouse and keyboard, both themes, phone and desk, and inside a deck."""

from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from downslope import figures
from downslope.figures import style
from matplotlib.figure import Figure
from playwright.sync_api import Browser, Page, expect

HEAD = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Figures</title>
<meta name="viewport" content="width=device-width"><style>
:root { --pst-color-text-base: #323130; --pst-color-background: #fff; --pst-color-primary: #0a7d91 }
[data-theme="dark"] { --pst-color-text-base: #ced6dd; --pst-color-background: #14181e; color-scheme: dark }
body { background: var(--pst-color-background); color: var(--pst-color-text-base); margin: 12px }
body { font: 16px sans-serif }
</style>"""

Open = Callable[..., Page]


def draw(beta: float, lr: float) -> Figure:
    fig, ax = style.figure()
    ax.plot([(beta - lr) ** k for k in range(15)], **style.line("Momentum"))
    ax.set(ylim=(-1, 1), xlabel="step")
    style.label(ax, 2, 0.5, "decay", style.BLUE)
    return fig


@pytest.fixture(scope="module")
def figure() -> figures.Explore:
    return figures.explore(
        draw,
        beta=[0.2, 0.5, 0.9],
        lr=[0.05, 0.1],
        caption=lambda beta, lr: f"β = {beta:g}, η = {lr:g}",
        alt=lambda beta, lr: f"Decays with {beta - lr:g}",
    )


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a page with the figures' style sheet and script; its console stays silent."""
    complaints: list[str] = []
    contexts = []

    def open_(body: str, *, width: int = 1280, script: bool = True) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=script)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        sources = {
            name: files("downslope.figures").joinpath(f"figures.{name}").read_text("utf-8") for name in ("css", "js")
        }
        file = tmp_path / f"{len(contexts)}.html"
        page.on("request", lambda request: request.url == file.as_uri() or complaints.append(request.url))
        file.write_text(
            f"{HEAD}<style>{sources['css']}</style></head><body>{body}<script>{sources['js']}</script></body></html>",
            encoding="utf-8",
        )
        page.goto(file.as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


def shown(page: Page) -> str:
    return page.locator(".ds-frame svg").get_attribute("aria-label") or ""


def test_keys_move_a_slider_and_everything_follows(figure: figures.Explore, open_page: Open) -> None:
    page = open_page(f"<main>{figure.html}</main>")
    assert shown(page) == "Decays with 0.4"
    beta = page.get_by_role("slider", name="β")
    beta.focus()
    page.keyboard.press("ArrowRight")
    assert shown(page) == "Decays with 0.8"
    assert page.locator("figcaption").inner_text() == "β = 0.9, η = 0.1"
    assert beta.get_attribute("aria-valuetext") == "0.9"
    assert page.locator("output").first.inner_text() == "0.9"
    expect(page.locator("[aria-live=polite]")).to_have_text("Decays with 0.8")
    page.keyboard.press("Tab")
    page.keyboard.press("Home")
    assert shown(page) == "Decays with 0.85"
    assert page.get_by_role("slider", name="learning rate η").get_attribute("aria-valuetext") == "0.05"


def test_the_mouse_reaches_every_frame_and_each_is_its_own(figure: figures.Explore, open_page: Open) -> None:
    page = open_page(f"<main>{figure.html}</main>")
    seen = set()
    for i in range(3):
        for j in range(2):
            for name, k, last in (("β", i, 2), ("learning rate η", j, 1)):
                box = page.get_by_role("slider", name=name).bounding_box()
                assert box
                x = box["x"] + 8 + (box["width"] - 16) * k / last
                page.mouse.click(x, box["y"] + box["height"] / 2)
            assert page.locator("figcaption").inner_text() == figure.frames[2 * i + j].caption
            assert shown(page) == figure.frames[2 * i + j].alt
            seen.add(page.locator(".ds-frame").inner_html())
    assert len(seen) == 6


def test_two_figures_on_a_page_do_not_mix(figure: figures.Explore, open_page: Open) -> None:
    other = figures.explore(lambda beta: draw(beta, 0.0), beta=[0.1, 0.3], caption="c", alt=lambda beta: f"β {beta}")
    page = open_page(f"<main>{figure.html}{other.html}</main>")
    page.locator("input").last.focus()
    page.keyboard.press("ArrowLeft")
    labels = page.locator(".ds-frame svg").evaluate_all("svgs => svgs.map(s => s.getAttribute('aria-label'))")
    assert labels == ["Decays with 0.4", "β 0.1"]


def test_without_scripts_picture_and_caption_stand_and_dead_controls_do_not(
    figure: figures.Explore, open_page: Open
) -> None:
    page = open_page(f"<main>{figure.html}</main>", script=False)
    assert page.locator(".ds-frame svg").is_visible()
    assert page.locator("figcaption").inner_text() == "β = 0.5, η = 0.1"
    assert not page.locator(".ds-controls").is_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_figures_fit_and_axe_finds_nothing(figure: figures.Explore, open_page: Open, theme: str, width: int) -> None:
    still = figures.show(draw(0.7, 0.1), caption="A still.", alt="A still curve").html
    page = open_page(f"<main><h1>Figures</h1>{figure.html}{still}</main>", width=width)
    page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    ink = page.locator(".ds-frame text").first.evaluate("text => getComputedStyle(text).fill")
    assert ink == {"light": "rgb(50, 49, 48)", "dark": "rgb(206, 214, 221)"}[theme]
    size = page.locator(".ds-frame text").first.evaluate(
        "text => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a"
    )
    assert size >= 8.5
    for label in page.locator("label").all():
        box = label.locator("..").bounding_box()
        assert box
        assert box["height"] >= 44


def test_a_deck_shows_the_figure_whole_and_its_arrows_move_the_slider(figure: figures.Explore, open_page: Open) -> None:
    reveal = files("sphinx_revealjs") / "_static" / "revealjs" / "dist"
    css, js = ((reveal / f"reveal.{kind}").read_text("utf-8") for kind in ("css", "js"))
    slides = f"<section><h2>Momentum</h2>{figure.html}</section><section>two</section>"
    page = open_page(
        f"<style>{css} .reveal h2 {{ font-size: 64px; margin: 0 }} .reveal {{ font-size: 42px }}</style>"
        f'<div class="reveal"><div class="slides">{slides}</div></div><script>{js}</script>'
        "<script>Reveal.initialize({transition: 'none'})</script>"
    )
    page.wait_for_function("Reveal.isReady()")
    page.locator("input").first.focus()
    page.keyboard.press("ArrowRight")
    assert shown(page) == "Decays with 0.8"
    assert page.evaluate("Reveal.getIndices().h") == 0
    section = page.locator("section.present")
    assert section.evaluate("slide => slide.scrollHeight") <= 700
    page.locator("input").first.blur()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("Reveal.getIndices().h") == 1
