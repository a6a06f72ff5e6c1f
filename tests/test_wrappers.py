"""What the optimizers around an optimizer promise."""

import downslope as ds
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from settings import extras, gradient, point, quick, seeds, walk

INNER = [ds.SGD(lr=0.05), ds.Momentum(), ds.Nesterov(), ds.Adam(lr=0.01), ds.Sophia(lr=0.01), ds.MARS()]
inner = pytest.mark.parametrize("inner", INNER, ids=lambda opt: opt.name)


@quick
@given(seeds, st.integers(1, 7))
@inner
def test_a_scout_that_is_followed_all_the_way_is_the_optimizer(inner, seed, period):
    w = point(seed)
    ahead = ds.Lookahead(inner, sync_period=period, slow_step=1.0)
    np.testing.assert_allclose(walk(ahead, w, 12), walk(inner, w, 12), rtol=1e-9, atol=1e-11)


@quick
@given(seeds, st.integers(1, 6))
@inner
def test_a_scout_that_is_not_followed_leads_back_to_the_start(inner, seed, period):
    w = point(seed)
    points = np.array(walk(ds.Lookahead(inner, sync_period=period, slow_step=0.0), w, 12))
    np.testing.assert_allclose(points[::period], np.broadcast_to(w, points[::period].shape), atol=1e-14)


@quick
@given(seeds, st.floats(0.0, 1.0))
def test_the_slow_weights_go_part_of_the_way(seed, part):
    opt, w = ds.Lookahead(ds.SGD(lr=0.05), sync_period=3, slow_step=part), point(seed)
    points = walk(opt, w, 3)
    fast = walk(ds.SGD(lr=0.05), w, 3)
    np.testing.assert_allclose(points[:3], fast[:3], rtol=1e-12)
    np.testing.assert_allclose(points[3], (1 - part) * w + part * fast[3], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("part", [np.float64(0.5), np.full(6, 0.5)])
def test_the_slow_weights_keep_their_dtype(part):
    opt, w = ds.Lookahead(ds.SGD(), sync_period=1, slow_step=part), point(0).astype(np.float32)
    v, state = opt.update(w, opt.init(w), w)
    assert (v.dtype, state["slow"].dtype) == (np.float32, np.float32)


@quick
@given(seeds, st.integers(1, 12))
@inner
def test_the_mean_lies_among_the_points(inner, seed, steps):
    opt, w = ds.PolyakAverage(inner), point(seed)
    state, points = opt.init(w), []
    for taken in range(steps):
        v, state = opt.update(gradient(w), state, w, **extras(opt, taken, w, None))
        w = w + v
        points.append(w)
    assert (np.min(points, axis=0) - 1e-12 <= state["mean"]).all()
    assert (state["mean"] <= np.max(points, axis=0) + 1e-12).all()


@quick
@given(seeds)
@inner
def test_the_mean_is_that_of_the_points_and_changes_none_of_them(inner, seed):
    opt, w = ds.PolyakAverage(inner), point(seed)
    state, points = opt.init(w), [w]
    assert np.array_equal(state["mean"], w)
    for taken in range(9):
        at, before = opt.lookahead(w, state), points[-2] if taken else None
        v, state = opt.update(gradient(at), state, w, **extras(opt, taken, w, before))
        w = w + v
        points.append(w)
    np.testing.assert_array_equal(points, walk(inner, points[0], 9))
    np.testing.assert_allclose(state["mean"], np.mean(points[1:], axis=0), rtol=1e-12, atol=1e-14)


@quick
@given(seeds, st.floats(0.01, 100.0))
def test_all_parameters_are_clipped_together(seed, longest):
    grads = {"W": point(seed, (2, 3)), "b": 3 * point(seed + 1, 4)}
    opt = ds.Clip(ds.SGD(lr=1.0), max_norm=longest)
    steps, _ = opt.update(grads, opt.init(grads), grads)
    flat = np.concatenate([grads["W"].ravel(), grads["b"]])
    stepped = np.concatenate([steps["W"].ravel(), steps["b"]])
    assert np.linalg.norm(stepped) <= longest * (1 + 1e-12)
    np.testing.assert_allclose(stepped, -flat * min(1, longest / np.linalg.norm(flat)), rtol=1e-12)
    again, _ = opt.update(steps, opt.init(grads), grads)
    np.testing.assert_allclose(again["b"], -steps["b"], rtol=1e-12)


@quick
@given(seeds)
@inner
def test_a_gradient_that_is_short_enough_passes_as_it_is(inner, seed):
    w = point(seed)
    np.testing.assert_array_equal(walk(ds.Clip(inner, max_norm=1e9), w, 6), walk(inner, w, 6))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("size", [1e-30, 1e19, 1e25, 3e38])
def test_a_gradient_of_any_size_is_shortened_and_not_lost(size):
    """In float32 a square overflows above 1.8e19, a norm of many where one number does not."""
    w = np.zeros(10_000, np.float32)
    g = np.full_like(w, size)
    v, _ = ds.Clip(ds.SGD(lr=1.0), max_norm=1.0).update(g, {"t": 0}, w)
    assert v.dtype == np.float32
    np.testing.assert_allclose(v, -min(size, 0.01), rtol=1e-6)


def test_zeros_are_not_clipped():
    opt, w = ds.Clip(ds.SGD(), max_norm=1.0), np.ones(3)
    assert np.array_equal(opt.update(0 * w, opt.init(w), w)[0], 0 * w)


@quick
@given(seeds, st.floats(0.0, 1.0), st.floats(1e-3, 0.1))
def test_for_gradient_descent_and_only_there_both_decays_are_one(seed, decay, lr):
    w = point(seed)
    coupled = walk(ds.CoupledL2(ds.SGD(lr=lr), decay), w, 8)
    decoupled = [w]
    for _ in range(8):
        decoupled.append(decoupled[-1] - lr * gradient(decoupled[-1]) - lr * decay * decoupled[-1])
    np.testing.assert_allclose(coupled, decoupled, rtol=1e-9, atol=1e-12)


def test_in_adam_the_two_decays_differ():
    w = point(0)
    coupled = np.array(walk(ds.CoupledL2(ds.Adam(lr=0.01), 0.5), w, 20))
    decoupled = np.array(walk(ds.AdamW(lr=0.01, weight_decay=0.5), w, 20))
    assert np.abs(coupled - decoupled).max() > 1e-2


@quick
@given(seeds)
def test_a_penalty_is_taken_where_the_gradient_is(seed):
    """Both forms of Nesterov stay one method when the loss gets a penalty."""
    ahead, w = ds.CoupledL2(ds.Nesterov(lr=0.02), 0.5), point(seed)
    state, seen = ahead.init(w), []
    for _ in range(10):
        seen.append(ahead.lookahead(w, state))
        v, state = ahead.update(gradient(seen[-1]), state, w)
        w = w + v
    current = walk(ds.CoupledL2(ds.Nesterov(lr=0.02, form="current"), 0.5), point(seed), 9)
    np.testing.assert_allclose(current, seen, rtol=1e-9, atol=1e-11)


def by_shape(path, w):
    return "hidden" if w.ndim == 2 and "embedding" not in path else "rest"


@quick
@given(seeds)
def test_each_part_goes_as_its_optimizer_goes(seed):
    params = {"a": {"W": point(seed, (3, 4)), "b": point(seed, 3)}, "embedding": point(seed + 1, (5, 2))}
    hidden, rest = ds.Muon(), ds.Nesterov()
    end = walk(ds.Partition(by_shape, {"hidden": hidden, "rest": rest}), params, 6)[-1]
    np.testing.assert_array_equal(end["a"]["W"], walk(hidden, params["a"]["W"], 6)[-1])
    np.testing.assert_array_equal(end["a"]["b"], walk(rest, params["a"]["b"], 6)[-1])
    np.testing.assert_array_equal(end["embedding"], walk(rest, params["embedding"], 6)[-1])


@quick
@given(seeds, st.lists(st.sampled_from("ab"), min_size=3, max_size=3))
@inner
def test_parts_that_all_go_alike_go_as_the_whole(inner, seed, chosen):
    params = {"x": point(seed, 4), "y": {"z": point(seed + 1, (2, 3)), "u": point(seed + 2, ())}}
    keys = dict(zip(("x", "y.z", "y.u"), chosen, strict=True))
    parted = ds.Partition(lambda path, w: keys[path], {"a": inner, "b": inner})
    np.testing.assert_equal(walk(parted, params, 5), walk(inner, params, 5))


def test_what_the_parts_need_reaches_them():
    opt = ds.Partition(by_shape, {"hidden": ds.MARSM(), "rest": ds.Sophia()})
    assert opt.needs == ("previous_grads", "hessian_diag")
    params = {"W": point(0, (3, 4)), "b": point(1, 3)}
    end = walk(opt, params, 5)[-1]
    np.testing.assert_array_equal(end["W"], walk(ds.MARSM(), params["W"], 5)[-1])
    np.testing.assert_array_equal(end["b"], walk(ds.Sophia(), params["b"], 5)[-1])


def test_a_choice_that_is_not_offered_is_named():
    opt = ds.Partition(lambda path, w: "other", {"rest": ds.SGD()})
    with pytest.raises(ValueError) as error:
        opt.init({"W": np.ones(2)})
    assert str(error.value) == "choose must give one of ['rest'], got 'other' for params['W']"


def test_wrappers_go_around_wrappers():
    opt = ds.Clip(ds.Lookahead(ds.CoupledL2(ds.Quantized(ds.Nesterov()), 0.1)), max_norm=2.0)
    points = walk(opt, point(0), 12)
    assert np.isfinite(points).all()
    assert np.abs(points[-1] - points[0]).max() > 1e-3


@pytest.mark.parametrize(
    ("make", "kind", "message"),
    [
        (lambda: ds.Clip(ds.SGD, max_norm=1.0), TypeError, "inner must be an optimizer, got <class 'downslope."),
        (lambda: ds.Partition(by_shape, {"rest": 3}), TypeError, "optimizers['rest'] must be an optimizer, got 3"),
        (lambda: ds.Partition(None, {}), TypeError, "choose must be a function of a path and an array, got None"),
        (lambda: ds.Partition(by_shape, [ds.SGD()]), TypeError, "optimizers must be a dict of optimizers, got [SGD("),
        (
            lambda: ds.Clip(ds.SGD(), max_norm=len),
            TypeError,
            "max_norm must be a number greater than 0 and finite, got",
        ),
        (
            lambda: ds.Lookahead(ds.SGD(), 2.5),
            TypeError,
            "sync_period must be an integer at least 1 and finite, got 2.",
        ),
        (lambda: ds.Clip(ds.SGD(), max_norm=0.0), ValueError, "max_norm must be greater than 0 and finite, got 0.0"),
        (lambda: ds.CoupledL2(ds.SGD(), -1), ValueError, "weight_decay must be at least 0 and finite, got -1"),
        (lambda: ds.Lookahead(ds.SGD(), sync_period=0), ValueError, "sync_period must be at least 1 and finite, got 0"),
        (lambda: ds.Lookahead(ds.SGD(), slow_step=1.5), ValueError, "slow_step must be in [0, 1], got 1.5"),
    ],
)
def test_a_wrapper_says_what_it_takes(make, kind, message):
    with pytest.raises(kind) as error:
        make()
    assert str(error.value).startswith(message)


@pytest.mark.parametrize("opt", [ds.Lookahead(ds.SGD()), ds.PolyakAverage(ds.SGD())], ids=lambda opt: opt.name)
def test_a_state_that_is_not_the_wrappers_is_named(opt):
    params = {"W": np.ones((4, 1))}
    state, copy = opt.init(params), opt.copy
    for bad, message in [
        (
            ds.SGD().init(params),
            f"state must have the keys that {opt.name}.init gives it, ['t', 'inner', '{copy}'], got",
        ),
        (state | {"t": -1}, "state['t'] must be at least 0, got -1"),
        (state | {copy: np.ones(2)}, f"state['{copy}'] must have the keys of params, ['W'], got ['']"),
        (state | {copy: {"W": np.ones((1, 3))}}, f"state['{copy}']['W'] must have shape (4, 1), got (1, 3)"),
        (state | {"inner": {}}, "state must have the keys that SGD.init gives it, ['t'], got []"),
    ]:
        with pytest.raises(ValueError) as error:
            opt.update(params, bad, params)
        assert str(error.value).startswith(message)


def test_a_state_of_other_parts_is_named():
    opt = ds.Partition(by_shape, {"hidden": ds.SGD(), "rest": ds.SGD()})
    params = {"W": np.ones((2, 2)), "b": np.ones(2)}
    for call in (lambda: opt.update(params, {"t": 0}, params), lambda: opt.lookahead(params, {"t": 0})):
        with pytest.raises(ValueError) as error:
            call()
        assert str(error.value).startswith("state must have the keys that Partition.init gives it, ['hidden', 'rest']")
