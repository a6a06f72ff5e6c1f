"""The figures: equal from build to build, readable in both themes, and answering to every control."""

import json
import re

import downslope as ds
import numpy as np
import pytest
from downslope import figures
from downslope.figures import style
from matplotlib.figure import Figure


def damped(beta: float, lr: float = 0.1) -> Figure:
    fig, ax = style.figure()
    ax.plot([(beta - lr) ** k for k in range(15)], marker="o", color=style.colour("Momentum"))
    ax.set(ylim=(-1, 1), xlabel="step")
    style.label(ax, 2, 0.5, "a < b & c", style.BLUE)
    return fig


def explored() -> figures.Explore:
    return figures.explore(
        damped,
        beta=[0.2, 0.5, 0.9],
        lr=[0.05, 0.1],
        caption=lambda beta, lr: f"β = {beta:g} & η = {lr:g}",
        alt=lambda beta, lr: f'Decays with "{beta - lr:g}"',
    )


@pytest.fixture
def static(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOWNSLOPE_STATIC", "1")


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOWNSLOPE_STATIC", raising=False)


# -- one picture ------------------------------------------------------------


def test_two_builds_give_the_same_bytes() -> None:
    assert explored().html == explored().html
    bowl = ds.landscapes.terrain()
    first, second = (figures.show(figures.paths(bowl, {}), caption="c", alt="a").html for _ in range(2))
    assert first == second


def test_neutral_colours_follow_the_theme_and_no_other_neutral_is_left() -> None:
    bowl = ds.landscapes.ravine()
    traces = {"Adam": ds.descend(bowl, ds.Adam(lr=0.3), bowl.start, 20)}
    for fig in (figures.paths(bowl, traces), figures.losses(traces), damped(0.5)):
        svg = figures.show(fig, caption="c", alt="a").svg
        for colour, variable in style.THEME.items():
            assert colour not in svg.replace(variable, "")
        for colour in re.findall(r"#[0-9a-f]{6}\b", re.sub(r"var\([^)]*\)", "", svg)):
            assert colour in {*style.PALETTE, *style.colours.values()}


def test_ids_are_few_and_no_other_figure_has_them() -> None:
    first = figures.show(damped(0.5), caption="c", alt="a").html
    second = figures.show(damped(0.6), caption="c", alt="a").html
    ids = re.findall(r' id="([^"]+)"', first + second + explored().html.partition("<script")[0])
    assert len(ids) == len(set(ids)) > 0
    for html in (first, second):
        referenced = set(re.findall(r'(?:href="#|url\(#)([^")]+)', html))
        assert set(re.findall(r' id="([^"]+)"', html)) == referenced


def test_a_picture_tells_what_it_shows() -> None:
    html = figures.show(lambda: damped(0.5), caption="1 < 2", alt='A "quick" fall & rise')._repr_html_()
    assert 'role="img" aria-label="A &quot;quick&quot; fall &amp; rise"' in html
    assert "<figcaption>1 &lt; 2</figcaption>" in html
    assert "a &lt; b &amp; c" in html


def test_a_notebook_output_brings_its_style_and_a_page_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    picture = figures.show(damped(0.5), caption="c", alt="a")
    monkeypatch.delenv("DOWNSLOPE_STATIC", raising=False)
    assert picture._repr_html_().startswith("<style>")
    monkeypatch.setenv("DOWNSLOPE_STATIC", "1")
    assert picture._repr_html_() == picture.html
    assert "<style" not in picture.html


def test_shortened_paths_stay_where_matplotlib_drew_them() -> None:
    fig = Figure(figsize=(4, 3))
    x = np.linspace(0, 1, 400)
    fig.add_axes((0, 0, 1, 1)).plot(x, 0.5 + 0.4 * np.sin(40 * x), color=style.BLUE)
    fig.axes[0].set(xlim=(0, 1), ylim=(0, 1))
    svg = figures.show(fig, caption="c", alt="a").svg
    path = next(line for line in svg.split("\n") if f"stroke:{style.BLUE}" in line)
    data = re.search(r' d="M([^l]+)l([^"]+)"', path)
    assert data
    numbers = [[float(n) for n in re.findall(r"-?\d*\.?\d+", part)] for part in data.groups()]
    points = np.cumsum(np.array(numbers[0] + numbers[1]).reshape(-1, 2), axis=0) / (288, 216)
    expected = 1 - (0.5 + 0.4 * np.sin(40 * points[:, 0]))
    assert np.abs(points[:, 1] - expected).max() < 0.01
    assert points[-1, 0] == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"caption": " ", "alt": "a"}, ValueError, "caption must be a text that says something, got ' '"),
        ({"caption": "c", "alt": None}, ValueError, "alt must be a text that says something, got None"),
    ],
)
def test_a_picture_wants_words(options: dict, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=re.escape(message)):
        figures.show(damped(0.5), **options)


def test_a_drawing_is_a_figure() -> None:
    with pytest.raises(TypeError, match=r"a drawing must be a matplotlib Figure, .* got 3"):
        figures.show(3, caption="c", alt="a")  # type: ignore[arg-type]


def test_powers_of_ten_are_text() -> None:
    fig, ax = style.figure()
    ax.set(yscale="log", ylim=(1e-6, 1e6))
    svg = figures.show(fig, caption="c", alt="a").svg
    assert ">10⁻⁴</text>" in svg
    assert "tspan" not in svg


# -- sliders on a page ------------------------------------------------------------


def data_of(html: str) -> dict:
    return json.loads(re.search(r'class="ds-frames">(.*)</script>', html, re.DOTALL)[1])  # type: ignore[index]


def test_every_control_changes_the_frame() -> None:
    frames = np.array(explored().frames, dtype=object).reshape(3, 2)
    for axis in (0, 1):
        pairs = zip(np.delete(frames, 0, axis).flat, np.delete(frames, -1, axis).flat, strict=True)
        assert all(a.svg != b.svg and a.alt != b.alt and a.caption != b.caption for a, b in pairs)


def test_the_pool_holds_each_frame_exactly(static: None) -> None:
    figure = explored()
    data = data_of(figure._repr_mimebundle_()["text/html"])
    neutral = [
        re.sub(r"ds[0-9a-f]{8}-\d+", "ID", "\n".join(data["pool"][i] for i in frame)) for frame in data["frames"]
    ]
    assert neutral == [re.sub(r"ds[0-9a-f]{8}-\d+", "ID", frame.svg) for frame in figure.frames]
    assert len(set(data["pool"])) == len(data["pool"])
    assert data["captions"] == [frame.caption for frame in figure.frames]
    assert data["alts"] == [frame.alt for frame in figure.frames]


def test_the_first_frame_stands_in_the_page(static: None) -> None:
    html = explored()._repr_mimebundle_()["text/html"]
    shown = html[html.index("<svg") : html.index("</svg>") + 6]
    data = data_of(html)
    assert shown == "\n".join(data["pool"][i] for i in data["frames"][3])  # beta 0.5, lr 0.1: the middle values
    assert "<figcaption>β = 0.5 &amp; η = 0.1</figcaption>" in html


def test_no_text_ends_the_data_early() -> None:
    figure = figures.explore(damped, beta=[0.1, 0.2], caption="c", alt="</script><!-- <script>")
    assert figure.html.count("</script") == 1
    assert "<!--" not in figure.html
    assert data_of(figure.html)["alts"][0] == "</script><!-- <script>"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "explore takes one or two parameters, got 0: "),
        ({"a": [1, 2], "b": [1, 2], "c": [1, 2]}, "explore takes one or two parameters, got 3: a, b, c"),
        ({"beta": [0.5]}, "beta must be a list of two or more different values, got [0.5]"),
        ({"beta": [0.5, 0.5]}, "beta must be a list of two or more different values, got [0.5, 0.5]"),
        ({"beta": [0.5, 0.9], "initial": {"beta": 0.7}}, "initial beta must be one of [0.5, 0.9], got 0.7"),
        (
            {"beta": [0.5, 0.9], "initial": {"lr": 1}},
            "initial and labels must name parameters (beta), got 'lr'",
        ),
        (
            {"beta": [0.5, 0.9], "labels": {"lr": "η"}},
            "initial and labels must name parameters (beta), got 'lr'",
        ),
    ],
)
def test_explore_says_what_is_wrong(options: dict, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        figures.explore(damped, caption="c", alt="a", **options)


# -- sliders with a kernel ------------------------------------------------------------


def test_a_notebook_gets_live_sliders_that_take_any_value(live: None) -> None:
    figure = explored()
    bundle = figure._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert "<svg" in bundle["text/html"]
    view = figure.widget.children[0]
    before = view.value
    figure.sliders["beta"].value = 0.64  # between two of the listed values
    assert figure.frame(beta=0.64, lr=0.1).html in view.value
    assert view.value != before
    assert "β = 0.64" in view.value
    figure.sliders["lr"].value = 0.075
    assert "β = 0.64 &amp; η = 0.075" in view.value


def test_each_kind_of_value_has_its_slider(live: None) -> None:
    def slider(values: list) -> tuple[str, object]:
        figure = figures.explore(lambda x: damped(0.5), x=values, caption="c", alt="a")
        return type(figure.sliders["x"]).__name__, figure.sliders["x"].value

    assert slider([1, 5, 20]) == ("IntSlider", 5)
    assert slider([0.5, 0.9]) == ("FloatSlider", 0.9)
    assert slider([1e-4, 1e-2, 1]) == ("FloatLogSlider", 1e-2)
    assert slider(["sum", "mean"]) == ("SelectionSlider", "mean")
    assert slider(list(np.array([0.25, 0.5]))) == ("FloatSlider", 0.5)


@pytest.mark.parametrize("values", [[0.01, 0.02, 0.08], [0.0, 0.5, 0.95], [0.9, 0.99, 0.999]])
def test_a_live_slider_can_stand_on_each_listed_value(values: list[float], live: None) -> None:
    slider = figures.explore(lambda x: damped(0.5), x=values, caption="c", alt="a").sliders["x"]
    steps = (np.array(values) - slider.min) / slider.step
    assert np.allclose(steps, np.rint(steps), atol=1e-6)
    assert 50 <= (slider.max - slider.min) / slider.step <= 500


def test_drawing_leaves_matplotlib_as_it_was() -> None:
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    figures.show(lambda: damped(0.5), caption="c", alt="a")
    assert explored().html
    assert dict(mpl.rcParams) == before
