"""What holds of every optimizer, and what each of them promises."""

import copy
import sys
from dataclasses import fields, replace

import downslope as ds
import numpy as np
import pytest
from downslope.catalogue import CATALOGUE
from downslope.optimizers import Elementwise, Optimizer
from downslope.trees import leaves
from hypothesis import given, settings
from hypothesis import strategies as st
from settings import ALL, ELEMENTWISE, gradient, walk

seeds = st.integers(0, 2**32 - 1)
quick = settings(max_examples=25, deadline=None)


def point(seed: int, size: int = 6) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=size)


@pytest.mark.parametrize("opt", ALL)
def test_update_changes_none_of_its_inputs(opt):
    params = {"W": point(0), "inner": {"b": point(1)}}
    state = opt.init(params)
    for seed in (2, 3):
        grads = {"W": point(seed), "inner": {"b": point(seed + 10)}}
        before = copy.deepcopy((grads, state, params))
        _, new_state = opt.update(grads, state, params)
        for old, now in zip(before, (grads, state, params), strict=True):
            assert all(np.array_equal(a, b) for (_, a), (_, b) in zip(leaves(old), leaves(now), strict=True))
        state = new_state


@pytest.mark.parametrize("opt", ELEMENTWISE)
def test_a_dict_of_arrays_steps_as_its_arrays_do_one_by_one(opt):
    params = {"W": point(0).reshape(2, 3), "inner": {"b": point(1)}}
    state = opt.init(params)
    for _ in range(5):
        at = opt.lookahead(params, state)
        steps, state = opt.update({"W": gradient(at["W"]), "inner": {"b": gradient(at["inner"]["b"])}}, state, params)
        params = {"W": params["W"] + steps["W"], "inner": {"b": params["inner"]["b"] + steps["inner"]["b"]}}
    assert np.array_equal(params["W"], walk(opt, point(0).reshape(2, 3), 5)[-1])
    assert np.array_equal(params["inner"]["b"], walk(opt, point(1), 5)[-1])


@pytest.mark.parametrize("opt", ALL)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_run_keeps_the_dtype_of_its_parameters(opt, dtype):
    w = point(0).astype(dtype)
    state = opt.init(w)
    for _ in range(3):
        v, state = opt.update(gradient(w), state, w)
        assert v.dtype == dtype
        assert all(state[slot].dtype == dtype for slot in opt.stored)


@pytest.mark.parametrize("opt", ALL)
def test_a_constant_schedule_is_the_number_it_returns(opt):
    scheduled = replace(opt, lr=lambda taken: opt.lr)
    assert np.array_equal(walk(scheduled, point(0), 10), walk(opt, point(0), 10))


@pytest.mark.parametrize("opt", ELEMENTWISE)
def test_a_schedule_is_read_at_the_number_of_steps_taken(opt):
    asked = []

    def lr(taken: int) -> float:
        asked.append(taken)
        return 0.01

    scheduled, state, w = replace(opt, lr=lr), opt.init(point(0)), point(0)
    for _ in range(3):
        _, state = scheduled.update(gradient(w), state, w)
    assert asked == [0, 1, 2]


@pytest.mark.parametrize("opt", ELEMENTWISE)
def test_a_column_of_rates_is_one_run_a_rate(opt):
    rates = np.array([[0.001], [0.01], [0.1]])
    together = walk(replace(opt, lr=rates), np.tile(point(0), (3, 1)), 8)
    for k, rate in enumerate(rates[:, 0]):
        assert np.array_equal(together[:, k], walk(replace(opt, lr=float(rate)), point(0), 8))


@pytest.mark.parametrize("opt", ALL)
def test_the_memory_is_that_of_the_slots_it_stores(opt):
    params = {"W": np.zeros((3, 4), np.float32), "b": np.zeros(5, np.float32)}
    assert ds.state_bytes(opt, params) == len(opt.stored) * 17 * 4


def test_every_optimizer_of_the_package_is_in_the_catalogue():
    def concrete(cls):
        return {cls} - {Optimizer, Elementwise} | {c for sub in cls.__subclasses__() for c in concrete(sub)}

    def exists(cls):  # other than the class of a doctest, which is gone when its example ends
        return getattr(sys.modules[cls.__module__], cls.__name__, None) is cls

    ours = {cls for cls in concrete(Optimizer) if cls.__module__.startswith("downslope.") and exists(cls)}
    listed = [entry.optimizer for entry in CATALOGUE]
    assert {c.__name__ for c in ours} == {c.__name__ for c in listed}
    assert len(set(listed)) == len(listed)
    assert all(getattr(ds, cls.__name__) is cls for cls in listed)


# Promises of single methods


@quick
@given(seeds, st.floats(1e-4, 1.0))
def test_momentum_without_memory_is_gradient_descent(seed, lr):
    plain = walk(ds.SGD(lr=lr), point(seed), 10)
    assert np.array_equal(walk(ds.Momentum(lr=lr, momentum=0.0), point(seed), 10), plain)
    assert np.array_equal(walk(ds.Nesterov(lr=lr, momentum=0.0), point(seed), 10), plain)


@quick
@given(seeds, st.floats(0.0, 0.99), st.floats(1e-4, 0.05))
def test_the_average_is_the_heavy_ball_at_a_scaled_rate(seed, beta, lr):
    ball = walk(ds.Momentum(lr=lr * (1 - beta), momentum=beta), point(seed), 20)
    average = walk(ds.Momentum(lr=lr, momentum=beta, dampening=beta), point(seed), 20)
    velocity = walk(ds.Momentum(lr=lr * (1 - beta), momentum=beta, lr_inside=True), point(seed), 20)
    np.testing.assert_allclose(average, ball, rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(velocity, ball, rtol=1e-9, atol=1e-11)


@quick
@given(seeds, st.floats(0.0, 0.95), st.floats(1e-4, 0.05))
def test_the_current_form_of_nesterov_walks_the_lookahead_points(seed, beta, lr):
    ahead = ds.Nesterov(lr=lr, momentum=beta)
    w, state, seen = point(seed), ahead.init(point(seed)), []
    for _ in range(15):
        seen.append(ahead.lookahead(w, state))
        v, state = ahead.update(gradient(seen[-1]), state, w)
        w = w + v
    current = walk(ds.Nesterov(lr=lr, momentum=beta, form="current"), point(seed), 14)
    np.testing.assert_allclose(current, seen, rtol=1e-9, atol=1e-11)


@quick
@given(seeds, st.floats(1e-6, 1e6))
@pytest.mark.parametrize("make", [ds.AdaGrad, ds.RMSProp, ds.Adam, ds.AMSGrad])
def test_without_eps_no_scale_of_the_gradient_matters(make, seed, scale):
    opt, w = make(eps=0.0), point(seed)
    state, scaled = opt.init(w), opt.init(w)
    for k in range(8):
        g = np.random.default_rng([seed, k]).normal(size=w.shape)
        v, state = opt.update(g, state, w)
        u, scaled = opt.update(scale * g, scaled, w)
        np.testing.assert_allclose(u, v, rtol=1e-9)


@quick
@given(seeds, st.floats(1e-4, 1.0))
@pytest.mark.parametrize("make", [ds.AdaGrad, ds.Adam, ds.AMSGrad])
def test_the_first_step_is_lr_times_the_sign(make, seed, lr):
    opt, g = make(lr=lr, eps=0.0), point(seed)
    np.testing.assert_allclose(opt.update(g, opt.init(g), g)[0], -lr * np.sign(g), rtol=1e-12)


@quick
@given(st.floats(0.0, 0.999), st.floats(0.5, 0.9999))
def test_without_correction_the_first_step_is_off_by_a_known_factor(beta1, beta2):
    opt, g = ds.Adam(lr=1.0, beta1=beta1, beta2=beta2, eps=0.0, bias_correction=False), np.array([3.0])
    np.testing.assert_allclose(opt.update(g, opt.init(g), g)[0], -(1 - beta1) / np.sqrt(1 - beta2), rtol=1e-9)
    rms = ds.RMSProp(lr=1.0, beta2=beta2, eps=0.0)
    np.testing.assert_allclose(rms.update(g, rms.init(g), g)[0], -1 / np.sqrt(1 - beta2), rtol=1e-9)


@quick
@given(seeds, st.floats(0.0, 0.999), st.floats(0.9, 0.999))
def test_adams_step_never_exceeds_its_bound(seed, beta1, beta2):
    if beta1**2 >= 0.99 * beta2:
        beta1 = 0.9 * np.sqrt(beta2) * 0.99
    opt, w = ds.Adam(lr=1.0, beta1=beta1, beta2=beta2, eps=0.0), np.zeros(1)
    bound = (1 - beta1) / np.sqrt((1 - beta2) * (1 - beta1**2 / beta2))
    rng, state = np.random.default_rng(seed), opt.init(w)
    for _ in range(200):
        v, state = opt.update(np.exp(rng.normal(scale=5, size=1)), state, w)
        assert abs(v[0]) <= max(bound, 1.0) * (1 + 1e-9)


@quick
@given(seeds, st.floats(0.0, 2.0), st.floats(1e-4, 0.1))
def test_with_no_gradient_decoupled_decay_shrinks_geometrically(seed, decay, lr):
    opt, w = ds.AdamW(lr=lr, weight_decay=decay), point(seed)
    state, start = opt.init(w), w
    for _ in range(10):
        v, state = opt.update(np.zeros_like(w), state, w)
        w = w + v
    np.testing.assert_allclose(w, start * (1 - lr * decay) ** 10, rtol=1e-12, atol=1e-15)


@quick
@given(seeds)
def test_without_decay_adamw_is_adam(seed):
    assert np.array_equal(walk(ds.AdamW(weight_decay=0.0), point(seed), 10), walk(ds.Adam(), point(seed), 10))


@quick
@given(seeds)
@pytest.mark.parametrize("corrected", [True, False])
def test_amsgrads_maximum_never_falls(corrected, seed):
    opt, w = ds.AMSGrad(bias_correction=corrected), point(seed)
    state, rng = opt.init(w), np.random.default_rng(seed)
    for _ in range(30):
        _, after = opt.update(rng.normal(scale=rng.exponential(), size=w.shape), state, w)
        assert (after["s_max"] >= state["s_max"]).all()
        state = after


@quick
@given(seeds)
def test_adagrads_rate_never_grows(seed):
    opt, w = ds.AdaGrad(), point(seed)
    state, rng = opt.init(w), np.random.default_rng(seed)
    for _ in range(20):
        _, after = opt.update(rng.normal(size=w.shape), state, w)
        assert (after["s"] >= state["s"]).all()
        state = after


def test_adadelta_without_eps_never_moves():
    opt, w = ds.AdaDelta(eps=0.0), np.array([1.0, -2.0])
    assert np.array_equal(opt.update(w, opt.init(w), w)[0], [0.0, 0.0])


def test_two_steps_of_adam_by_hand():
    points = walk_square(ds.Adam(lr=0.1, eps=0.0), 2)
    m, s = 0.1 * 2 * 0.9 + 0.9 * 0.1 * 2.0, 0.001 * 1.8**2 + 0.999 * 0.001 * 4.0
    second = 0.9 - 0.1 * (m / (1 - 0.81)) / np.sqrt(s / (1 - 0.999**2))
    np.testing.assert_allclose(points, [1.0, 0.9, second], rtol=1e-14)
    assert round(second, 6) == 0.800412


def walk_square(opt: Optimizer, steps: int) -> list[float]:
    w, points = np.array([1.0]), [1.0]
    state = opt.init(w)
    for _ in range(steps):
        v, state = opt.update(2 * w, state, w)
        w = w + v
        points.append(float(w[0]))
    return points


# Bad input: the exact messages

BAD_SETTINGS = [
    *[
        (entry.optimizer, {field.name: value}, message.format(field.name))
        for entry in CATALOGUE
        for field in fields(entry.optimizer)
        for names, value, message in [
            (("beta1", "beta2", "momentum", "dampening", "rho"), 1.0, "{} must be in [0, 1), got 1.0"),
            (("beta1", "beta2", "momentum", "dampening", "rho"), -0.1, "{} must be in [0, 1), got -0.1"),
            (("lr", "eps", "weight_decay"), -1e-3, "{} must be at least 0 and finite, got -0.001"),
            (("lr", "eps", "weight_decay"), float("nan"), "{} must be at least 0 and finite, got nan"),
        ]
        if field.name in names
    ],
    (ds.Nesterov, {"form": "backward"}, "form must be 'lookahead' or 'current', got 'backward'"),
]


@pytest.mark.parametrize(("make", "bad", "message"), BAD_SETTINGS)
def test_a_setting_out_of_range_is_named(make, bad, message):
    with pytest.raises(ValueError) as error:
        make(**bad)
    assert str(error.value) == message


def test_a_setting_that_is_no_number_is_named():
    with pytest.raises(TypeError, match=r"^beta1 must be a number in \[0, 1\), got 'high'$"):
        ds.Adam(beta1="high")


W = np.array([1.0, 2.0])
BAD_UPDATES = [
    (W, np.array([1.0, np.nan]), ValueError, "grads must be finite, got nan at index (1,)"),
    (
        {"W": W},
        {"W": np.array([np.inf, 0.0])},
        ValueError,
        "grads['W'] must be finite, got inf at index (0,)",
    ),
    (
        {"a": {"b": W}},
        {"a": {"b": W * np.nan}},
        ValueError,
        "grads['a.b'] must be finite, got nan at index (0,)",
    ),
    (W, np.ones(3), ValueError, "grads must have shape (2,), got (3,)"),
    ({"W": W}, {"W": np.ones((2, 1))}, ValueError, "grads['W'] must have shape (2,), got (2, 1)"),
    ({"W": W}, {"V": W}, ValueError, "grads must have the keys of params, ['W'], got ['V']"),
]


@pytest.mark.parametrize("opt", ALL)
@pytest.mark.parametrize(("params", "grads", "kind", "message"), BAD_UPDATES)
def test_a_gradient_that_does_not_fit_is_named(opt, params, grads, kind, message):
    with pytest.raises(kind) as error:
        opt.update(grads, opt.init(params), params)
    assert str(error.value) == message


@pytest.mark.parametrize("opt", ALL)
@pytest.mark.parametrize(
    ("params", "message"),
    [
        (np.array([1, 2]), "params must hold floating-point numbers, got dtype int64"),
        ({"W": np.array([1, 2])}, "params['W'] must hold floating-point numbers, got dtype int64"),
    ],
)
def test_integer_parameters_are_refused(opt, params, message):
    with pytest.raises(TypeError) as error:
        opt.init(params)
    assert str(error.value) == message


@pytest.mark.parametrize("opt", ALL)
def test_an_argument_that_the_optimizer_does_not_want_is_refused(opt):
    with pytest.raises(TypeError, match=f"{opt.name}.update takes no keyword argument 'hessian'"):
        opt.update(W, opt.init(W), W, hessian=np.eye(2))


def test_an_argument_that_the_optimizer_needs_is_asked_for():
    class Curved(ds.SGD):
        needs = ("hessian",)

    with pytest.raises(TypeError, match=r"Curved\.update needs the keyword argument 'hessian'"):
        Curved().update(W, Curved().init(W), W)
