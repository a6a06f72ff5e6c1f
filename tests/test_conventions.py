"""The table of conventions: each form differs by a measured number, and not at all under the condition it names."""

import json
from pathlib import Path

import downslope as ds
import numpy as np
import pandas as pd
import pytest
from downslope import conventions
from downslope.conventions import CONVENTIONS, Convention, Form, Table, series, walk
from oracles.cases import CASES

PAIRS = [(convention, form) for convention in CONVENTIONS for form in convention.forms]
FRAMEWORKS = ("PyTorch", "Optax", "Keras")
RECORDED = Path(__file__).parent / "oracles" / "recorded"


def pairs(parametrize: list[tuple[Convention, Form]]) -> pytest.MarkDecorator:
    names = [f"{convention.name}-{form.who}" for convention, form in parametrize]
    return pytest.mark.parametrize(("convention", "form"), parametrize, ids=names)


@pairs([pair for pair in PAIRS if not pair[1].when.startswith("always")])
def test_the_forms_differ(convention, form):
    assert convention.difference(form) > 1e-7


@pairs(PAIRS)
def test_they_agree_under_the_condition(convention, form):
    assert form.when
    assert convention.agreement(form) < 1e-13


@pytest.mark.parametrize("convention", CONVENTIONS, ids=lambda c: c.name)
def test_the_book_runs_its_own_form(convention):
    assert convention.book.who.startswith("this book")
    made = convention.book.make(**{k: v for k, v in convention.settings.items() if k not in ("shape", "at")})
    if isinstance(made, ds.Optimizer):
        assert type(made).__module__.startswith("downslope.optimizers")


def test_every_rule_that_a_framework_runs_is_held_to_a_recording():
    ours = {"AdamWAfter"}  # lecture notes
    rules = {
        name
        for name in conventions.coordinatewise.__all__ + conventions.tensorwise.__all__
        if issubclass(getattr(conventions, name), ds.Ruled)
    }
    assert rules - {case.optimizer for case in CASES} == ours


@pairs([pair for pair in PAIRS if any(name in pair[1].who for name in FRAMEWORKS)])
def test_who_runs_a_form_stands_in_a_recording_of_it(convention, form):
    made = form.make(**{k: v for k, v in convention.settings.items() if k not in ("shape", "at")})
    if not isinstance(made, ds.Ruled):
        return
    libraries = {case.library for case in CASES if case.optimizer == type(made).__name__}
    named = {name.lower().replace("pytorch", "torch") for name in FRAMEWORKS if name in form.who}
    assert named <= libraries


@pytest.mark.parametrize(
    ("name", "ours"),
    [("waving", series.waving(steps=10)), ("from_nothing", series.from_nothing(steps=10))],
)
def test_other_schedules_are_those_of_the_frameworks(name, ours):
    recorded = json.loads((RECORDED / "conventions.json").read_text())
    theirs = next(r["points"] for r in recorded if r["id"].startswith(f"{name}-"))
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-15)


def test_pandas_averages_are_pandas():
    x = pd.Series(series.numbers())
    np.testing.assert_allclose(series.weighted_mean(0.9), x.ewm(alpha=0.1).mean(), atol=1e-14)
    np.testing.assert_allclose(series.from_first(0.9), x.ewm(alpha=0.1, adjust=False).mean(), atol=1e-14)


def test_a_short_clip_is_what_pytorch_makes_of_three_and_four():
    w = np.array([3.0, 4.0])
    opt = conventions.ClipShort(ds.SGD(lr=1.0), max_norm=1.0)
    step, _ = opt.update(w, opt.init(w), w)
    np.testing.assert_allclose(-step, [0.59999988, 0.79999984], atol=1e-8)


def test_the_half_corrected_amsgrad_starts_ten_times_too_far():
    w = np.array([1.0])
    first = {}
    for make in (ds.AMSGrad, conventions.AMSGradHalfCorrected):
        opt = make(lr=1.0)
        first[make] = -opt.update(w, opt.init(w), w)[0].item()
    assert first[ds.AMSGrad] == pytest.approx(1)
    assert first[conventions.AMSGradHalfCorrected] == pytest.approx(1 / np.sqrt(0.001))


def test_the_gradient_of_the_problem_has_the_diagonal_that_sophia_sees():
    w, h = conventions.start((5,)), 1e-6
    slopes = (conventions.gradient(3, w + h) - conventions.gradient(3, w - h)) / (2 * h)
    np.testing.assert_allclose(slopes, conventions.hessian_diag(w), atol=1e-7)


def test_a_walk_has_twenty_steps_whatever_the_shape():
    assert walk(ds.Muon(lr=0.01)).shape == (21, 3, 5)
    assert walk(ds.Clip(ds.LAMB(lr=0.01), 1.0)).shape == (21, 3, 5)
    assert walk(ds.SGD(lr=0.01), shape=(2, 2)).shape == (21, 2, 2)


def test_the_table_has_a_row_for_each_form():
    lines = Table(CONVENTIONS).markdown.splitlines()
    assert len(lines) == 2 + len(CONVENTIONS) + len(PAIRS)
    assert {line.count("|") for line in lines} == {6}
