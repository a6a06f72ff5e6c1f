"""The compiled loop takes the steps of the NumPy rule."""

import copy

import downslope as ds
import numba
import numpy as np
import pytest
from downslope.machine_code import BLOCK
from downslope.optimizers import Tensorwise
from downslope.trees import tree_map
from settings import ELEMENTWISE, extras, gradient, walk


def start(dtype=np.float64):
    rng = np.random.default_rng(3)
    return {"W": rng.normal(size=(4, 3)).astype(dtype), "inner": {"b": rng.normal(size=5).astype(dtype)}}


def slopes(params):
    return tree_map(gradient, params)


@pytest.mark.parametrize("opt", ELEMENTWISE)
@pytest.mark.parametrize(("dtype", "ulps"), [(np.float64, 8), (np.float32, 8)])
def test_a_fused_run_is_the_plain_run_to_the_last_bits(opt, dtype, ulps):
    fast, params = ds.fused(opt), start(dtype)
    state = fast.init(params)
    plain_W = walk(opt, params["W"], 30)[-1]
    plain_b = walk(opt, params["inner"]["b"], 30)[-1]
    for taken in range(30):
        extra = extras(opt, taken, params, None)
        state = fast.apply_(slopes(fast.lookahead(params, state)), state, params, **extra)
    assert state["t"] == 30
    for ours, plain in ((params["W"], plain_W), (params["inner"]["b"], plain_b)):
        assert ours.dtype == dtype
        np.testing.assert_allclose(ours, plain, rtol=ulps * np.finfo(dtype).eps, atol=ulps * np.finfo(dtype).eps)


@pytest.mark.parametrize("opt", ELEMENTWISE)
def test_a_fused_update_changes_nothing_and_equals_the_step_in_place(opt):
    fast, params = ds.fused(opt), start()
    state = fast.init(params)
    for taken in range(3):
        before, extra = copy.deepcopy((params, state)), extras(opt, taken, params, None)
        steps, after = fast.update(slopes(params), state, params, **extra)
        np.testing.assert_equal((params, state), before)
        in_place = fast.apply_(slopes(params), state, params, **extra)
        np.testing.assert_allclose(params["W"], before[0]["W"] + steps["W"], rtol=1e-14)
        for slot in opt.stored:
            np.testing.assert_allclose(in_place[slot]["W"], after[slot]["W"], rtol=1e-14)
        state = in_place


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_large_array_is_stepped_on_all_cores_as_a_small_one(dtype):
    opt, rng = ds.Adam(lr=0.01), np.random.default_rng(1)
    w = rng.normal(size=60_001).astype(dtype)
    expected, fast = walk(opt, w, 3)[-1], ds.fused(opt)
    state = fast.init(w)
    for _ in range(3):
        state = fast.apply_(gradient(w), state, w)
    np.testing.assert_allclose(w, expected, rtol=64 * np.finfo(dtype).eps, atol=64 * np.finfo(dtype).eps)


def test_a_run_may_change_to_the_compiled_loop_in_the_middle():
    opt, w = ds.Adam(lr=0.01), start()["W"]
    expected = walk(opt, w, 20)[-1]
    state = opt.init(w)
    for k in range(20):
        v, state = (opt if k % 2 else ds.fused(opt)).update(gradient(w), state, w)
        w = w + v
    np.testing.assert_allclose(w, expected, rtol=1e-13)


def test_a_fused_schedule_is_read_at_the_steps_taken():
    opt = ds.Momentum(lr=lambda taken: 0.1 / (1 + taken), lr_inside=True)
    fast, w = ds.fused(opt), start()["W"]
    expected, state = walk(opt, w, 10)[-1], fast.init(w)
    for _ in range(10):
        state = fast.apply_(gradient(w), state, w)
    np.testing.assert_allclose(w, expected, rtol=1e-13)


@pytest.mark.parametrize("lr", [ds.schedules.cosine(0.1, steps=6), lambda taken: 0.1 * 0.5**taken])
def test_what_a_schedule_scales_besides_the_rate_is_scaled_in_the_loop(lr):
    opt = ds.AdaBound(lr=lr, gamma=0.5)
    fast, w = ds.fused(opt), start()["W"]
    expected, state = walk(opt, w, 10)[-1], fast.init(w)
    for _ in range(10):
        state = fast.apply_(gradient(w), state, w)
    np.testing.assert_allclose(w, expected, rtol=1e-13)


@pytest.mark.parametrize("number", [np.float32(0.5), np.float64(0.5), np.array(0.5)])
def test_a_number_of_numpys_goes_into_the_loop(number):
    fast, w = ds.fused(ds.Adam(beta1=number)), start()["W"]
    v, _ = fast.update(gradient(w), fast.init(w), w)
    np.testing.assert_allclose(v, ds.fused(ds.Adam(beta1=0.5)).update(gradient(w), fast.init(w), w)[0], rtol=1e-15)


def test_strided_parameters_are_updated_but_not_in_place():
    opt, w = ds.Adam(lr=0.1), np.linspace(-5.0, 6.0, 12).reshape(3, 4)[:, ::2]
    fast = ds.fused(opt)
    v, _ = fast.update(gradient(w), fast.init(w), w)
    np.testing.assert_allclose(v, opt.update(gradient(w), opt.init(w), w)[0], rtol=1e-13)
    with pytest.raises(ValueError, match="must be a C-contiguous, writeable array of float64"):
        fast.apply_(gradient(w), fast.init(w), w)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_number_of_threads_changes_no_bit(dtype):
    opt, rng = ds.AdamW(lr=0.01), np.random.default_rng(1)
    w, ends, threads = rng.normal(size=60_001).astype(dtype), [], numba.get_num_threads()
    for number in {1, threads}:
        numba.set_num_threads(number)
        fast, at = ds.fused(opt), w.copy()
        state = fast.init(at)
        for _ in range(3):
            state = fast.apply_(gradient(at), state, at)
        ends.append(at)
    numba.set_num_threads(threads)
    assert all(np.array_equal(ends[0], at) for at in ends)


def test_a_block_with_a_bad_gradient_is_left_alone():
    fast, w = ds.fused(ds.SGD(lr=1.0)), np.zeros(5 * BLOCK, np.float32)
    grads = np.ones_like(w)
    grads[3 * BLOCK + 7] = np.inf
    with pytest.raises(ValueError, match=rf"^grads must be finite, got inf at index \({3 * BLOCK + 7},\)$"):
        fast.apply_(grads, fast.init(w), w)
    expected = -np.ones_like(w)
    expected[3 * BLOCK : 4 * BLOCK] = 0
    np.testing.assert_array_equal(w, expected)


def test_what_an_optimizer_needs_is_looked_at_in_the_loop():
    fast, w = ds.fused(ds.Sophia()), {"W": np.ones(3)}
    with pytest.raises(ValueError, match=r"^hessian_diag\['W'\] must be finite, got nan at index \(1,\)$"):
        fast.apply_(w, fast.init(w), w, hessian_diag={"W": np.array([1.0, np.nan, 1.0])})
    np.testing.assert_array_equal(w["W"], np.ones(3))


READ_ONLY = np.broadcast_to(1.0, 3)
STATE = ds.Adam().init(np.ones(3))


@pytest.mark.parametrize(
    ("params", "state", "message"),
    [
        (
            np.ones(6)[::2],
            STATE,
            r"params must be a C-contiguous, .*, got float64 with strides \(16,\)",
        ),
        (READ_ONLY, STATE, "params must be a C-contiguous, writeable array of float64 to be stepped in place"),
        ([1.0, 1.0, 1.0], STATE, "params must .*, got list"),
        (np.ones(3), STATE | {"m": np.zeros(3, np.float32)}, r"state\['m'\] must .* of float64 .*, got float32"),
        (np.ones(3), STATE | {"s": np.zeros(4)}, r"state\['s'\] must have shape \(3,\), got \(4,\)"),
        (np.ones(3), ds.SGD().init(np.ones(3)), r"state must have the keys that Adam.init gives it, .*, got \['t'\]"),
        (np.ones(3), STATE | {"t": -1}, r"state\['t'\] must be at least 0, got -1"),
        (np.ones(3), STATE | {"s": {"W": np.zeros(3)}}, r"state\['s'\] must have the keys of params"),
    ],
)
def test_what_cannot_be_overwritten_is_refused(params, state, message):
    with pytest.raises(ValueError, match=message):
        ds.fused(ds.Adam()).apply_(np.ones(3), state, params)


def test_bad_input_is_refused_before_anything_is_overwritten():
    fast, w = ds.fused(ds.SGD()), np.array([1.0, 2.0])
    with pytest.raises(ValueError, match="grads must be finite"):
        fast.apply_(np.array([1.0, np.nan]), fast.init(w), w)
    assert np.array_equal(w, [1.0, 2.0])
    with pytest.raises(TypeError, match=r"^grads must hold real numbers, got dtype complex128$"):
        fast.apply_(w + 0j, fast.init(w), w)
    half = np.ones(2, np.float16)
    with pytest.raises(TypeError, match=r"^params must be float32 or float64, got dtype float16$"):
        fast.init(half)
    with pytest.raises(TypeError, match=r"^params must be float32 or float64 to be fused, got float16$"):
        fast.apply_(half, {"t": 0}, half)
    with pytest.raises(TypeError, match="lr must be a number or a schedule in a fused optimizer, got an array"):
        ds.fused(ds.SGD(lr=np.array([0.1, 0.2])))

    class Whole(Tensorwise):
        def rule(self, t, w, g):
            return (-g,)

    with pytest.raises(TypeError, match="opt must be an elementwise optimizer, got Whole"):
        ds.fused(Whole(lr=0.1))


@pytest.mark.filterwarnings("error")
def test_a_gradient_that_its_parameter_cannot_hold_is_refused():
    fast, w = ds.fused(ds.SGD(lr=0.1)), np.ones(3, np.float32)
    with pytest.raises(ValueError, match=r"^grads must be finite, got inf at index \(1,\)$"):
        fast.apply_(np.array([1.0, 1e39, 2.0]), fast.init(w), w)
    assert w.tolist() == [1.0, 1.0, 1.0]
