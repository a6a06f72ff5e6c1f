"""The schedules give the step sizes of the libraries, and what they say after their last step."""

import json
from pathlib import Path

import downslope as ds
import numpy as np
import pytest
from downslope import schedules
from hypothesis import given
from hypothesis import strategies as st
from oracles.cases.schedules import SCHEDULES
from settings import gradient, quick

RECORDED = {r["id"]: r for r in json.loads((Path(__file__).parent / "oracles/recorded/schedules.json").read_text())}
EVERY = [
    schedules.constant(0.1),
    schedules.step_decay(0.1, every=3),
    schedules.exponential(0.1, rate=0.2),
    schedules.inverse_time(0.1, rate=0.2),
    schedules.inverse_sqrt(0.1, steps=4),
    schedules.cosine(0.1, steps=8, lr_min=0.01),
    schedules.warm_restarts(0.1, period=3, factor=2, lr_min=0.01),
    schedules.warmup(0.1, steps=5),
    schedules.warmup(schedules.cosine(0.1, steps=8), steps=5),
    schedules.Plateau(0.1).after(1.0).after(2.0),
]
each = pytest.mark.parametrize("schedule", EVERY, ids=repr)


@pytest.mark.parametrize("case", SCHEDULES, ids=lambda case: case.id)
def test_the_step_sizes_are_the_oracles(case):
    schedule, sizes = getattr(schedules, case.schedule)(**case.settings), []
    for t in range(case.steps):
        sizes.append(schedule(t))
        if case.losses:
            schedule = schedule.after(case.losses[t])
    np.testing.assert_allclose(sizes, RECORDED[case.id]["points"], rtol=0, atol=1e-12)


def test_every_schedule_is_tried():
    assert {type(schedule).__name__ for schedule in EVERY} == set(schedules.__all__)
    assert {case.schedule for case in SCHEDULES} == set(schedules.__all__) - {"inverse_sqrt"}


@quick
@given(st.integers(1, 1000), st.integers(0, 10**6))
def test_inverse_sqrt_is_vaswanis(steps, taken):
    t = taken + 1
    expected = min(t**-0.5, t * steps**-1.5) * steps**0.5
    np.testing.assert_allclose(schedules.inverse_sqrt(1.0, steps)(taken), expected, rtol=1e-12)


@each
def test_many_steps_at_once_are_the_steps_one_by_one(schedule):
    many = schedule(np.arange(30))
    assert many.shape == (30,)
    np.testing.assert_allclose(many, [schedule(t) for t in range(30)], rtol=1e-15)
    assert (many >= 0).all()
    assert (many <= 0.1).all()


@each
def test_a_schedule_goes_where_a_rate_goes(schedule):
    w = np.array([1.0, -2.0], np.float32)
    opt, plain = ds.Adam(lr=schedule), ds.Adam(lr=1.0)
    state = opt.init(w)
    for t in range(12):
        v, after = opt.update(gradient(w), state, w)
        u, _ = plain.update(gradient(w), state, w)
        np.testing.assert_allclose(v, schedule(t) * u, rtol=1e-5)
        assert v.dtype == np.float32
        state = after
    assert ds.formula(opt) == ds.formula(plain)


@pytest.mark.parametrize(
    ("schedule", "last", "then"),
    [
        (schedules.cosine(0.1, steps=8, lr_min=0.01), 8, lambda t: 0.01),
        (schedules.cosine(0.1, steps=8), 8, lambda t: 0.0),
        (schedules.warmup(0.1, steps=5), 4, lambda t: 0.1),
        (schedules.warmup(schedules.cosine(0.1, steps=8), steps=5), 12, lambda t: 0.0),
        (schedules.warm_restarts(0.1, period=3), 0, lambda t: schedules.warm_restarts(0.1, period=3)(t % 3)),
        (schedules.step_decay(0.1, every=3), 0, lambda t: 0.1 * 0.5 ** (t // 3)),
    ],
)
def test_what_comes_after_the_last_step(schedule, last, then):
    for t in [last, last + 1, last + 10, last + 1000]:
        np.testing.assert_allclose(schedule(t), then(t), rtol=1e-12, atol=1e-17)


@quick
@given(st.floats(0.01, 1.0), st.integers(1, 50), st.integers(1, 50))
def test_a_warm_up_meets_what_follows_it(lr, steps, rest):
    schedule = schedules.warmup(schedules.cosine(lr, steps=rest), steps=steps)
    sizes = schedule(np.arange(steps + rest))
    assert np.argmax(sizes) == steps - 1
    np.testing.assert_allclose(sizes[: steps - 1], lr * np.arange(1, steps) / steps, rtol=1e-12)
    np.testing.assert_allclose(sizes[steps - 1 :], schedules.cosine(lr, steps=rest)(np.arange(rest + 1)), rtol=1e-12)


def sizes_after(plateau, losses):
    sizes = []
    for loss in losses:
        plateau = plateau.after(loss)
        sizes.append(plateau(0))
    return sizes


def test_against_the_best_or_against_the_previous_loss():
    losses = (1.0, 0.5, 0.8, 0.7, 0.4, 0.4)
    assert sizes_after(schedules.Plateau(1.0), losses) == [1, 1, 0.5, 0.25, 0.25, 0.125]
    assert sizes_after(schedules.Plateau(1.0, against="previous"), losses) == [1, 1, 0.5, 0.5, 0.5, 0.5]


@quick
@given(st.lists(st.floats(-10, 10), min_size=1, max_size=30), st.integers(0, 3))
def test_a_plateau_never_raises_the_rate_and_a_falling_loss_never_cuts_it(losses, patience):
    sizes = sizes_after(schedules.Plateau(1.0, patience=patience), losses)
    assert all(b <= a for a, b in zip([1.0, *sizes], sizes, strict=False))
    assert sizes_after(schedules.Plateau(1.0), sorted(set(losses), reverse=True))[-1] == 1.0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: schedules.constant(-0.1), "lr must be at least 0 and finite, got -0.1"),
        (lambda: schedules.step_decay(0.1, every=0), "every must be at least 1 and finite, got 0"),
        (lambda: schedules.step_decay(0.1, every=1, factor=1.5), "factor must be in [0, 1], got 1.5"),
        (lambda: schedules.exponential(0.1, rate=-1), "rate must be at least 0 and finite, got -1"),
        (lambda: schedules.cosine(0.1, steps=0), "steps must be at least 1 and finite, got 0"),
        (lambda: schedules.warm_restarts(0.1, period=1, factor=0.5), "factor must be at least 1 and finite, got 0.5"),
        (lambda: schedules.Plateau(0.1, against="last"), "against must be 'best' or 'previous', got 'last'"),
        (lambda: schedules.Plateau(0.1, patience=-1), "patience must be at least 0 and finite, got -1"),
        (lambda: schedules.Plateau(0.1).after(float("nan")), "loss must be greater than -inf and finite, got nan"),
    ],
)
def test_a_setting_out_of_range_is_named(make, message):
    with pytest.raises(ValueError) as error:
        make()
    assert str(error.value) == message
