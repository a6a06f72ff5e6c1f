"""The playground: what Python hands over, and what a browser makes of it."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import downslope as ds
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from downslope import catalogue, landscapes
from downslope.averages import average
from downslope.figures import Playground, playground
from downslope.optimizers import Elementwise
from downslope.validation import Beta, Rate
from playwright.sync_api import Browser, Locator, Page

PAGE = """<!doctype html>
<html lang="en" data-theme="{theme}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Playground</title><style>
html {{ --pst-color-text-base: #222832; --pst-color-background: #ffffff; --pst-color-primary: #0a6474; }}
html[data-theme=dark] {{
  --pst-color-text-base: #ced6dd; --pst-color-background: #14181e; --pst-color-primary: #3fb1c5;
  color-scheme: dark;
}}
body {{ background: var(--pst-color-background); color: var(--pst-color-text-base); font: 16px sans-serif; }}
</style></head><body><main><h1>Playground</h1><p><a href="#">Before</a></p>
{body}
<p><a href="#">After</a></p></main></body></html>"""

DROPPED_AT = "e => e.stage.map.left + e.stage.map.view.x(e.start[0])"

Open = Callable[..., Page]


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens pages with playgrounds; their consoles must have been silent, and nothing else fetched."""
    complaints: list[str] = []
    fetched: list[str] = []
    contexts = []

    def open_(*shown: Playground, theme: str = "light", width: int = 1280, wrap: str = "{}", **options: Any) -> Page:
        options = {"viewport": {"width": width, "height": 900}, "reduced_motion": "reduce"} | options
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        file = tmp_path / f"{len(contexts)}.html"
        body = wrap.format("\n".join(s._repr_html_() for s in shown))
        file.write_text(PAGE.format(theme=theme, body=body), encoding="utf-8")
        page.on("requestfinished", lambda request: fetched.append(request.url))
        page.goto(file.as_uri())
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []
    assert all(url.startswith(tmp_path.as_uri()) for url in fetched)


def element(page: Page, k: int = 0) -> Locator:
    return page.locator("ds-playground").nth(k)


def numbers(page: Page, k: int = 0) -> list[list[str]]:
    rows = element(page, k).locator(".pg-numbers > .pg-scroll tbody tr").all()
    return [[cell.inner_text() for cell in row.locator("th, td").all()] for row in rows]


def start(page: Page, k: int = 0) -> list[float]:
    return element(page, k).evaluate("e => e.start")


def pixels(page: Page) -> str:
    return element(page).locator(".pg-map").evaluate("c => c.toDataURL()")


def spec_of(shown: Playground) -> dict[str, Any]:
    found = re.search(r'<script type="application/json">(.*?)</script>', shown._repr_html_())
    assert found
    return json.loads(found.group(1))


@dataclass(frozen=True, repr=False)
class Quasi(Elementwise):
    """Quasi-hyperbolic momentum: an optimizer that the package has never heard of."""

    lr: Rate = 1e-2
    beta: Beta = 0.9
    nu: Beta = 0.7
    slots = ("m",)

    def rule(self, t: Any, w: Any, g: Any, m: Any) -> tuple[Any, ...]:
        m = average(m, g, self.beta)
        return -self.lr * ((1 - self.nu) * g + self.nu * m), m


TWO = [ds.SGD(lr=0.02), ds.Adam(lr=0.1)]
EVERY = [
    opt for entry in catalogue.CATALOGUE for opt in entry.instances() if isinstance(opt, Elementwise) and not opt.needs
]


class TestHandedOver:
    def test_by_default_every_landscape_and_every_elementwise_optimizer(self) -> None:
        spec = spec_of(playground())
        assert [o["name"] for o in spec["optimizers"]] == [opt.name for opt in catalogue.elementwise() if not opt.needs]
        assert {landscapes.terrain().name, landscapes.rosenbrock().name} <= {x["name"] for x in spec["landscapes"]}

    def test_asked_for_optimizers_keep_their_settings_and_are_all_ticked(self) -> None:
        adam = spec_of(playground(landscapes.saddle(), ds.Adam(lr=0.3, beta2=0.99)))["optimizers"][0]
        assert adam["chosen"]
        assert {s["name"]: s["value"] for s in adam["settings"]} == {
            "lr": 0.3,
            "beta1": 0.9,
            "beta2": 0.99,
            "eps": 1e-8,
        }

    def test_two_of_a_kind_are_told_apart_by_what_differs(self) -> None:
        slow, fast = spec_of(playground(landscapes.saddle(), [ds.Adam(lr=0.1), ds.Adam(lr=0.2)]))["optimizers"]
        assert (slow["name"], fast["name"]) == ("Adam, lr=0.1", "Adam, lr=0.2")
        assert slow["colour"] == fast["colour"]
        assert slow["dash"] != fast["dash"]

    def test_coefficients_of_the_terrain_travel_only_with_it(self) -> None:
        assert len(playground(landscapes.ravine(), TWO)._repr_html_()) + 30_000 < len(
            playground(landscapes.terrain(), TWO)._repr_html_()
        )

    def test_on_the_site_the_page_links_style_and_script(self, monkeypatch: pytest.MonkeyPatch) -> None:
        shown = playground(landscapes.ravine(), TWO)
        assert all(part in shown._repr_html_() for part in ("<style>", "customElements"))
        monkeypatch.setenv("DOWNSLOPE_STATIC", "1")
        assert not any(part in shown._repr_html_() for part in ("<style>", "customElements"))

    def test_a_caption_cannot_end_the_script(self) -> None:
        assert spec_of(playground(landscapes.ravine(), TWO, caption="</script><b>"))["caption"] == "</script><b>"

    @pytest.mark.parametrize(
        ("arguments", "error", "message"),
        [
            ({"landscapes": []}, ValueError, "landscapes must not be empty"),
            ({"landscapes": ["ravine"]}, TypeError, "landscapes must be Landscape instances, got 'ravine'"),
            ({"optimizers": [ds.SGD]}, TypeError, "optimizers must be Elementwise instances, got <class"),
            ({"optimizers": [ds.SGD(), ds.SGD()]}, ValueError, "optimizers must differ from one another"),
            ({"optimizers": ds.Sophia()}, TypeError, "optimizers must want nothing but the gradient, got Sophia("),
            ({"optimizers": ds.SGD(lr=lambda t: 0.1)}, TypeError, "lr must be a number"),
            (
                {"landscapes": landscapes.quadratic(np.eye(3))},
                ValueError,
                "landscapes must have two dimensions",
            ),
            ({"steps": 0}, ValueError, "steps must be at least 1"),
            ({"start": [1.0]}, ValueError, "start must be two finite numbers"),
            ({"start": [1.0, np.nan]}, ValueError, "start must be two finite numbers"),
        ],
    )
    def test_bad_input(self, arguments: Any, error: type[Exception], message: str) -> None:
        with pytest.raises(error, match=re.escape(message)):
            playground(**{"landscapes": landscapes.ravine(), "optimizers": TWO, **arguments})


class TestRuns:
    @pytest.mark.parametrize(
        ("landscape", "lr"),
        [(landscapes.ravine(), 5e-3), (landscapes.beale(), 2e-3), (landscapes.terrain(), 3.0)],
        ids=lambda value: getattr(value, "name", None),
    )
    def test_every_optimizer_walks_where_descend_walks(self, opened: Open, landscape: Any, lr: float) -> None:
        opts = [replace(opt, lr=lr) for opt in [*EVERY, Quasi()]]
        shown = playground(landscape, opts)
        page = opened(shown)
        for opt, name in zip(opts, [o["name"] for o in spec_of(shown)["optimizers"]], strict=True):
            points = element(page).evaluate(
                "(e, [land, name, start]) => e.downslope.run(land, name, start, 200)",
                [landscape.name, name, landscape.start],
            )
            trace = ds.descend(landscape, opt, landscape.start, 200)
            np.testing.assert_allclose(points, trace.points, rtol=1e-12, atol=1e-12, err_msg=name)

    def test_adam_keeps_pace_along_a_bent_valley(self, opened: Open) -> None:
        land = landscapes.rosenbrock()
        page = opened(playground(land, ds.Adam(lr=0.1)))
        points = element(page).evaluate("e => e.downslope.run(e.landscape.name, 'Adam', [-1.2, 1], 200)")
        trace = ds.descend(land, ds.Adam(lr=0.1), [-1.2, 1.0], 200)
        np.testing.assert_allclose(points, trace.points, rtol=1e-12, atol=1e-12)

    def test_hyperparameters_are_those_of_the_package(self, opened: Open) -> None:
        land = landscapes.ravine()
        page = opened(playground(land, ds.Adam(lr=0.1)))
        points = element(page).evaluate(
            "(e, h) => e.downslope.run(e.landscape.name, 'Adam', [-4, 1], 50, h)",
            {"lr": 0.5, "beta1": 0, "beta2": 0.9, "eps": 0.1},
        )
        trace = ds.descend(land, ds.Adam(lr=0.5, beta1=0.0, beta2=0.9, eps=0.1), [-4.0, 1.0], 50)
        np.testing.assert_allclose(points, trace.points, rtol=1e-12, atol=1e-12)


class TestControls:
    def test_the_default_page_walks_from_every_landscape(self, opened: Open) -> None:
        page = opened(playground())
        chooser = element(page).get_by_label("Landscape", exact=True)
        for k, name in enumerate(chooser.locator("option").all_inner_texts()):
            chooser.select_option(index=k)
            rows = numbers(page)
            assert [row[0] for row in rows] == ["SGD", "Momentum", "Adam"], name
            assert all(row[1] == "200" for row in rows), (name, rows)

    def test_step_sizes_that_nobody_gave_descend_without_climbing_above_the_start(self, opened: Open) -> None:
        page = opened(playground(landscapes.rosenbrock()))
        for values in element(page).evaluate("e => e.walks.map((w) => w.values)"):
            assert values[-1] < values[0] / 5
            assert max(values) == values[0]

    def test_a_click_drops_a_ball_where_it_points(self, opened: Open) -> None:
        page = opened(playground(landscapes.ravine(), TWO))
        page.locator(".pg-map").click(position={"x": 200, "y": 120})
        x, y = start(page)
        assert abs(element(page).evaluate(DROPPED_AT) - 200) < 1.5
        assert y > 0
        assert numbers(page) != []
        expected = ds.descend(landscapes.ravine(), TWO[0], [x, y], 200).values[-1]
        assert element(page).evaluate("e => e.walks[0].values.at(-1)") == pytest.approx(expected, rel=1e-9)

    def test_a_click_points_right_on_a_scaled_slide(self, opened: Open) -> None:
        wrap = '<div style="transform: scale(0.5); transform-origin: 0 0; width: 1000px">{}</div>'
        page = opened(playground(landscapes.ravine(), TWO), wrap=wrap)
        page.locator(".pg-map").click(position={"x": 100, "y": 60})
        assert abs(element(page).evaluate(DROPPED_AT) - 200) < 2.5

    def test_a_tap_drops_a_ball(self, opened: Open) -> None:
        page = opened(playground(landscapes.ravine(), TWO), width=390, has_touch=True)
        before = start(page)
        page.locator(".pg-map").tap(position={"x": 200, "y": 60})
        assert start(page) != before

    def test_dragging_moves_the_start(self, opened: Open) -> None:
        page = opened(playground(landscapes.ravine(), TWO))
        box = page.locator(".pg-map").bounding_box()
        assert box
        page.mouse.move(box["x"] + 100, box["y"] + 100)
        page.mouse.down()
        page.mouse.move(box["x"] + 250, box["y"] + 100)
        dragged = start(page)
        page.mouse.move(box["x"] + 400, box["y"] + 100)
        assert start(page)[0] > dragged[0]
        assert start(page)[1] == dragged[1]
        page.mouse.up()

    def test_the_keys_move_the_cross_hairs_and_drop_and_nobody_else_hears_them(self, opened: Open) -> None:
        page = opened(playground(landscapes.ravine(), TWO))
        page.evaluate("window.heard = []; document.addEventListener('keydown', (e) => heard.push(e.key))")
        x, y = start(page)
        page.locator(".pg-map").focus()
        for key in ["ArrowRight", "Shift+ArrowRight", "ArrowDown"]:
            page.keyboard.press(key)
        assert start(page) == [x, y]
        page.keyboard.press("Enter")
        moved = start(page)
        assert moved[0] - x == pytest.approx(6 * (y - moved[1]))
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Space")
        assert start(page)[1] == pytest.approx(y)
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.tagName") == "BUTTON"
        assert page.evaluate("heard") == ["Tab"]

    def test_the_start_can_be_typed(self, opened: Open) -> None:
        page = opened(playground(landscapes.ravine(), TWO))
        element(page).get_by_label("Start x").fill("2.5")
        page.keyboard.press("Enter")
        assert start(page) == [2.5, 1.0]

    def test_stepping(self, opened: Open) -> None:
        page = opened(playground(landscapes.ravine(), TWO, steps=30))
        slider = element(page).get_by_label("Step", exact=True)
        assert slider.input_value() == "30"
        page.get_by_label("Back to the start").click()
        assert {row[1] for row in numbers(page)} == {"0"}
        page.get_by_label("One step forward").click()
        page.get_by_label("One step forward").press("Enter")
        assert {row[1] for row in numbers(page)} == {"2"}
        page.get_by_label("One step back").click()
        assert {row[1] for row in numbers(page)} == {"1"}
        slider.focus()
        page.keyboard.press("End")
        assert {row[1] for row in numbers(page)} == {"30"}

    def test_play_rolls_to_the_end_and_pause_holds(self, opened: Open) -> None:
        page = opened(playground(landscapes.ravine(), TWO, steps=1000))
        element(page).get_by_label("Speed").select_option("200")
        page.get_by_label("Play").click()
        page.wait_for_function("5 < document.querySelector('ds-playground').t")
        page.get_by_label("Pause").click()
        held = element(page).evaluate("e => e.t")
        assert page.get_by_label("Play").count() == 1
        page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        assert element(page).evaluate("e => e.t") == held
        element(page).get_by_label("Steps", exact=True).select_option("20")
        page.get_by_label("Play").click()
        page.wait_for_function("document.querySelector('ds-playground').t === 20")
        assert page.get_by_label("Play").count() == 1

    @pytest.mark.parametrize("motion", ["reduce", "no-preference"])
    def test_a_drop_rolls_only_for_those_who_like_motion(self, opened: Open, motion: str) -> None:
        page = opened(playground(landscapes.ravine(), TWO), reduced_motion=motion)
        page.locator(".pg-map").click(position={"x": 200, "y": 120})
        assert page.get_by_label("Pause").count() == (motion == "no-preference")

    def test_optimizers_are_ticked_and_tuned_by_keyboard_and_reset(self, opened: Open) -> None:
        page = opened(playground(landscapes.ravine(), TWO))
        first = numbers(page)
        page.get_by_role("slider", name="Adam: lr").focus()
        page.keyboard.press("ArrowRight")
        assert numbers(page)[0] == first[0]
        assert numbers(page)[1] != first[1]
        page.get_by_role("checkbox", name="SGD").press("Space")
        assert [row[0] for row in numbers(page)] == ["Adam"]
        element(page).get_by_text("beta1, beta2, eps").press("Enter")
        page.get_by_role("slider", name="Adam: beta1").press("Home")
        assert element(page).evaluate("e => e.settings[1].beta1") == 0
        page.get_by_role("button", name="Reset").click()
        assert numbers(page) == first

    def test_tune_finds_step_sizes_for_this_start(self, opened: Open) -> None:
        page = opened(playground(landscapes.ravine(), [ds.SGD(lr=1e-4)]))
        before = element(page).evaluate("e => e.walks[0].values.at(-1)")
        page.get_by_role("button", name="Tune every lr").click()
        assert element(page).evaluate("e => e.walks[0].values.at(-1)") < before / 1000

    def test_divergence_is_said(self, opened: Open) -> None:
        page = opened(playground(landscapes.ravine(), ds.SGD(lr=0.5)))
        assert re.fullmatch(r"diverged at step \d+", numbers(page)[0][1])
        page.get_by_label("Back to the start").click()
        assert numbers(page)[0][1] == "0"

    def test_nobody_walks_off_the_map(self, opened: Open) -> None:
        page = opened(playground(landscapes.terrain(), ds.SGD(lr=1e5)))
        assert re.fullmatch(r"left the map at step \d+", numbers(page)[0][1])

    def test_the_first_and_last_steps(self, opened: Open) -> None:
        page = opened(playground(landscapes.ravine(), TWO, steps=50))
        element(page).get_by_text("The first and last steps").click()
        table = element(page).locator(".pg-numbers details tbody")
        table.wait_for()
        steps = [row.locator("td").first.inner_text() for row in table.locator("tr").all()]
        assert steps == ["0", "1", "2", "3", "4", "5", "48", "49", "50"] * 2

    def test_the_outcome_is_announced(self, opened: Open) -> None:
        page = opened(playground(landscapes.ravine(), TWO, steps=50))
        page.locator(".pg-map").click(position={"x": 200, "y": 120})
        page.wait_for_function("document.querySelector('ds-playground [aria-live]').textContent !== ''")
        said = element(page).locator("[aria-live]").inner_text()
        assert re.match(r"SGD: after 50 steps loss \S+ at \(.*\)\. Adam: after 50 steps loss ", said)

    def test_two_on_a_page_do_not_meet(self, opened: Open) -> None:
        page = opened(playground(landscapes.ravine(), TWO), playground(landscapes.saddle(), TWO))
        before = numbers(page, 1)
        page.locator(".pg-map").first.click(position={"x": 200, "y": 120})
        assert start(page, 0) != [-4.0, 1.0]
        assert numbers(page, 1) == before

    def test_added_later_as_in_a_notebook(self, opened: Open) -> None:
        page = opened(playground(landscapes.ravine(), TWO))
        page.evaluate("document.querySelector('main').append(document.querySelector('ds-playground'))")
        page.locator(".pg-map").click(position={"x": 200, "y": 120})
        assert start(page) != [-4.0, 1.0]
        assert page.locator(".pg-map").count() == 1


class TestLook:
    def test_the_map_follows_the_theme(self, opened: Open) -> None:
        page = opened(playground(landscapes.ravine(), TWO))
        light = pixels(page)
        page.evaluate("document.documentElement.dataset.theme = 'dark'")
        page.wait_for_function("document.querySelector('ds-playground').stage.map.theme.dark")
        assert pixels(page) != light

    @pytest.mark.parametrize("width", [390, 1280])
    @pytest.mark.parametrize("theme", ["light", "dark"])
    def test_axe_finds_nothing_and_nothing_sticks_out(self, opened: Open, theme: str, width: int) -> None:
        page = opened(playground(steps=100, caption="Eight landscapes."), theme=theme, width=width)
        for summary in element(page).locator("summary:visible").all():
            summary.click()
        report = Axe().run(page)
        assert report.violations_count == 0, report.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    def test_without_javascript_a_sentence_stands_there(self, opened: Open) -> None:
        page = opened(playground(landscapes.ravine(), TWO), java_script_enabled=False)
        assert "Ravine, condition number 20" in page.locator("ds-playground").inner_text()
