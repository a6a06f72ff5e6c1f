"""State in eight bits, and in files."""

import json
from pathlib import Path
from tempfile import gettempdir

import downslope as ds
import numpy as np
import pytest
from downslope.optimizers.storage import dequantize, dynamic_code, quantize
from hypothesis import given
from hypothesis import strategies as st
from oracles.problems import spread
from settings import RULED, point, quick, seeds, shape_for, updates, walk

THEIRS = json.loads((Path(__file__).parent / "oracles/bytes.json").read_text())
kinds = pytest.mark.parametrize("signed", [True, False])


@kinds
def test_the_bytes_are_those_of_bitsandbytes(signed):
    recorded = THEIRS["signed" if signed else "unsigned"]
    held = quantize(spread() if signed else np.abs(spread()), 256, signed)
    assert held["codes"].ravel().tolist() == recorded["codes"]
    np.testing.assert_allclose(held["absmax"], recorded["absmax"], rtol=1e-7)  # theirs are float32


@kinds
def test_a_byte_stands_for_256_numbers(signed):
    code = dynamic_code(signed)
    assert len(set(code)) == len(code) == 256
    assert (np.diff(code) > 0).all()
    assert code[-1] == 1
    assert 0 in code
    np.testing.assert_allclose(code[code > 0][0], 5.5e-7 if signed else 3.25e-7)
    np.testing.assert_allclose(code[0], -0.9929687 if signed else 0, rtol=1e-6)


def wild(seed, n=700, signed=True):
    x = point(seed, n) * np.exp(3 * point(seed + 1, n))
    return x if signed else np.abs(x)


@quick
@given(seeds, st.integers(1, 300))
@kinds
def test_what_comes_back_is_near_by_the_measure_of_its_block(signed, seed, block):
    x = wild(seed, signed=signed)
    held = quantize(x, block, signed)
    back = dequantize(held, block, signed)
    scale = np.repeat(held["absmax"], block)[: x.size]
    assert (np.abs(back - x) <= (0.00703 if signed else 0.00352) * scale * 1.001).all()
    assert (back * x >= 0).all()
    if not signed:
        again = quantize(back, block, signed)
        assert np.array_equal(again["codes"], held["codes"])
        assert np.array_equal(again["absmax"], held["absmax"])


def test_a_signed_block_may_lose_a_little_of_a_negative_extreme():
    x = np.array([-1.0, 0.5])
    back = dequantize(quantize(x))
    np.testing.assert_allclose(back[0], -0.9929687, rtol=1e-6)


@quick
@given(seeds)
def test_an_outlier_hurts_its_own_block_only(seed):
    x = wild(seed, 512)
    spoiled = x.copy()
    spoiled[3] = 1e9
    assert np.array_equal(dequantize(quantize(spoiled))[256:], dequantize(quantize(x))[256:])


@pytest.mark.parametrize("shape", [(), (0,), (1,), (257,), (3, 5, 7)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_shape_and_type_comes_back(shape, dtype):
    x = point(0, shape) * np.ones(shape, dtype)
    back = dequantize(quantize(x.astype(dtype)))
    assert back.shape == shape
    assert back.dtype == dtype
    np.testing.assert_array_equal(dequantize(quantize(np.zeros(shape, dtype))), np.zeros(shape, dtype))


@pytest.mark.parametrize("opt", RULED)
def test_the_first_step_in_eight_bits_is_the_optimizers_own(opt):
    """The state starts as zeros, or as other equal numbers, and those a byte can hold."""
    w = point(0, shape_for(opt))
    np.testing.assert_allclose(walk(ds.Quantized(opt), w, 1), walk(opt, w, 1), rtol=1e-12)


@pytest.mark.parametrize("opt", [ds.Momentum(), ds.Adam(lr=0.01), ds.Nesterov(), ds.AdaGrad(lr=0.05), ds.AdaFactor()])
def test_a_walk_in_eight_bits_stays_near(opt):
    w = point(0, (8, 32))
    plain, bytes_ = (np.array(walk(o, w, 20)) for o in (opt, ds.Quantized(opt)))
    assert not np.array_equal(plain, bytes_)
    assert np.abs(plain - bytes_).mean() < 0.05 * np.abs(plain[-1] - plain[0]).mean()


def test_the_state_is_a_quarter_as_large_and_really_bytes():
    w = np.zeros(256 * 40, np.float32)
    state = ds.Quantized(ds.Adam()).init({"W": w})
    assert state["m"]["W"]["codes"].dtype == np.uint8
    assert ds.state_bytes(ds.Quantized(ds.Adam()), w) == 2 * (w.size + 4 * 40)
    assert ds.state_bytes(ds.Adam(), w) == 8 * w.size


@pytest.mark.parametrize("opt", RULED)
def test_a_walk_with_state_in_files_is_the_same_walk(opt, tmp_path):
    w = point(0, shape_for(opt))
    np.testing.assert_array_equal(walk(ds.Paged(opt, tmp_path), w, 6), walk(opt, w, 6))


@quick
@given(seeds)
@pytest.mark.parametrize("inner", [ds.AdaGrad(lr=0.1), ds.RMSProp(lr=0.1)], ids=lambda opt: opt.name)
def test_a_byte_and_a_scale_for_each_number_that_is_not_negative_lose_nothing(inner, seed):
    np.testing.assert_array_equal(walk(ds.Quantized(inner, block=1), point(seed), 8), walk(inner, point(seed), 8))


@quick
@given(seeds, st.integers(-30, 30), st.integers(1, 9))
def test_a_power_of_two_goes_through_the_bytes(seed, exponent, block):
    opt, gradients = ds.Quantized(ds.Momentum(), block), point(seed, (6, 20))
    plain, scaled = (updates(opt, 0 * gradients[0], x) for x in (gradients, 2.0**exponent * gradients))
    np.testing.assert_array_equal(scaled, 2.0**exponent * plain)


shapes = st.lists(st.sampled_from([(), (0,), (1,), (3,), (2, 5), (4, 1, 3)]), max_size=5)


@quick
@given(seeds, shapes, st.sampled_from([np.float32, np.float64]))
def test_files_hold_arrays_of_every_shape_and_type(seed, shapes, dtype):
    params = {
        str(k): point(seed + k, shape) * np.ones(shape, dtype if k % 2 else float) for k, shape in enumerate(shapes)
    }
    inner = ds.Adam(lr=0.1)
    np.testing.assert_equal(walk(ds.Paged(inner, gettempdir()), params, 3), walk(inner, params, 3))


@quick
@given(seeds)
def test_a_step_leaves_the_old_file_as_it_was(seed):
    opt, w = ds.Paged(ds.Adam(lr=0.1), gettempdir()), point(seed)
    states = [opt.init(w)]
    for _ in range(4):
        states.append(opt.update(w, states[-1], w)[1])
    plain = ds.Adam(lr=0.1)
    state = plain.init(w)
    for paged in states:
        np.testing.assert_equal(dict(paged), dict(state))
        state = plain.update(w, state, w)[1]


def test_a_state_of_many_arrays_is_one_open_file(tmp_path):
    opt, params = ds.Paged(ds.Adam(), tmp_path), {str(k): np.ones(3) for k in range(300)}
    before = len(list(Path("/dev/fd").iterdir()))
    state = opt.init(params)
    assert len(list(Path("/dev/fd").iterdir())) == before + 1
    state = opt.update(params, state, params)[1]
    assert len(list(Path("/dev/fd").iterdir())) == before + 1
    assert len({x.ctypes.data for slot in ("m", "s") for x in state[slot].values()}) == 600


def test_bytes_of_another_block_and_a_state_of_no_bytes_are_named():
    w = {"W": np.ones(512)}
    state = ds.Quantized(ds.Momentum(), block=128).init(w)
    for opt, bad, message in [
        (ds.Quantized(ds.Momentum()), state, "state['m'] must have a scale for each of 2 blocks, got 4"),
        (
            ds.Quantized(ds.Momentum()),
            ds.Momentum().init(w),
            "state['m'] must hold codes and absmax for each array, got ",
        ),
        (ds.Momentum(), state, "state['m'] must have the keys of params, ['W'], got ['W.absmax', 'W.codes']"),
    ]:
        with pytest.raises(ValueError) as error:
            opt.update(w, bad, w)
        assert str(error.value).startswith(message)


def test_the_files_are_in_the_folder_and_leave_nothing_behind(tmp_path):
    opt, w = ds.Paged(ds.Adam(), tmp_path), np.ones(1000)
    state = opt.init({"W": w})
    assert isinstance(state["m"]["W"], np.memmap)
    before = state["m"]["W"].copy()
    _, after = opt.update({"W": w}, state, {"W": w})
    assert isinstance(after["s"]["W"], np.memmap)
    assert np.array_equal(state["m"]["W"], before)
    assert ds.state_bytes(opt, {"W": w}) == 2 * 8000
    del state, after
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("make", [ds.Quantized, lambda inner: ds.Paged(inner, ".")])
def test_a_wrapper_has_no_slots_to_store(make):
    with pytest.raises(TypeError, match=r"^inner must be an optimizer with a rule, not a wrapper around one, got Clip"):
        make(ds.Clip(ds.Adam(), max_norm=1.0))


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"path must be a folder, got '.*nowhere'"):
        ds.Paged(ds.Adam(), tmp_path / "nowhere")


def test_a_block_of_nothing_is_refused():
    with pytest.raises(ValueError, match="block must be at least 1 and finite, got 0"):
        ds.Quantized(ds.Adam(), block=0)
