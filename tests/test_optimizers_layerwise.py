"""What the layer-wise methods promise."""

import downslope as ds
import numpy as np
import pytest
from downslope.optimizers.norms import norm, rms
from hypothesis import given
from hypothesis import strategies as st
from settings import point, quick, seeds, updates

shapes = st.sampled_from([(5,), (3, 4), (4, 3), (2, 3, 4)])


@quick
@given(seeds, shapes, st.floats(1e-3, 1.0), st.floats(1e-3, 1.0), st.floats(0.0, 2.0))
def test_larss_first_step_is_at_most_its_share_of_the_weights(seed, shape, lr, trust, decay):
    w, g = point(seed, (2, *shape))
    opt = ds.LARS(lr=lr, trust=trust, weight_decay=decay)
    assert norm(opt.update(g, opt.init(w), w)[0]) <= lr * trust * norm(w) * (1 + 1e-12)
    plain = ds.LARS(lr=lr, trust=trust)
    np.testing.assert_allclose(norm(plain.update(g, plain.init(w), w)[0]), lr * trust * norm(w), rtol=1e-12)


@quick
@given(seeds, st.floats(0.01, 1.0), st.floats(0.0, 1.0))
def test_every_step_of_lamb_has_the_length_of_lr_times_the_weights(seed, lr, decay):
    gradients = point(seed, (4, 3, 5))
    w = point(seed + 1, (3, 5))
    for v in updates(ds.LAMB(lr=lr, weight_decay=decay), w, gradients):
        np.testing.assert_allclose(norm(v), lr * norm(w), rtol=1e-12)


@quick
@given(seeds, st.floats(1e-6, 1e6))
@pytest.mark.parametrize(
    "opt", [ds.LARS(), ds.LAMB(eps=0.0), ds.AdaFactor(eps1=0.0)], ids=lambda opt: type(opt).__name__
)
def test_no_scale_of_a_layers_gradient_matters(opt, seed, scale):
    w, gradients = point(seed, (3, 4)), point(seed + 1, (3, 3, 4))
    plain, scaled = updates(opt, w, gradients), updates(opt, w, scale * gradients)
    np.testing.assert_allclose(scaled, plain, rtol=1e-9)


def test_layers_do_not_see_one_another():
    big, small = np.full(3, 100.0), np.full(3, 0.01)
    opt = ds.LAMB(lr=0.1, weight_decay=0.0)
    params = {"big": big, "small": small}
    steps, _ = opt.update(params, opt.init(params), params)
    np.testing.assert_allclose(norm(steps["big"]) / norm(steps["small"]), 1e4)


def test_a_layer_without_gradient_takes_larss_plain_step():
    w = np.array([3.0, 4.0])
    opt = ds.LARS(lr=1.0, weight_decay=0.1)
    np.testing.assert_allclose(opt.update(0 * w, opt.init(w), w)[0], -0.1 * w, rtol=1e-12)


def test_without_trust_lars_stands_still():
    w = np.array([3.0, 4.0])
    opt = ds.LARS(lr=1.0, weight_decay=0.1, trust=0.0)
    np.testing.assert_array_equal(opt.update(w, opt.init(w), w)[0], 0 * w)


@pytest.mark.parametrize("opt", [ds.LARS(lr=0.1), ds.LAMB(lr=0.1)], ids=lambda opt: type(opt).__name__)
def test_a_layer_of_zeros_can_leave_zero_and_one_without_gradient_stays(opt):
    zeros, ones = np.zeros(3), np.ones(3)
    assert (opt.update(ones, opt.init(zeros), zeros)[0] < -0.05).all()
    still = type(opt)(lr=0.1, weight_decay=0.0)
    assert np.array_equal(still.update(zeros, still.init(ones), ones)[0], zeros)


@quick
@given(seeds)
def test_adafactors_rows_and_columns_have_the_means_of_the_full_mean_square(seed):
    opt, gradients = ds.AdaFactor(), point(seed, (6, 3, 4))
    w, full = gradients[0], np.zeros((3, 4))
    state = opt.init(w)
    for t, g in enumerate(gradients, 1):
        _, state = opt.update(g, state, w)
        full = (1 - t**-0.8) * full + t**-0.8 * g**2
        kept = np.outer(state["r"], state["c"]) / state["r"].mean()
        np.testing.assert_allclose(kept.mean(axis=1), full.mean(axis=1), rtol=1e-12)
        np.testing.assert_allclose(kept.mean(axis=0), full.mean(axis=0), rtol=1e-12)


@quick
@given(seeds)
def test_adafactor_is_exact_where_the_squares_have_rank_one(seed):
    w, (rows, columns) = point(seed, (3, 4)), (point(seed + 1, 3), point(seed + 2, 4))
    g = np.outer(rows, columns)
    opt = ds.AdaFactor(eps1=0.0)
    v = opt.update(g, opt.init(w), w)[0]
    np.testing.assert_allclose(v, -rms(w) * 1e-2 * np.sign(g), rtol=1e-9)


@quick
@given(seeds, shapes, st.floats(0.1, 2.0), st.floats(1e-3, 1.0))
def test_adafactors_step_is_at_most_its_share_of_the_weights(seed, shape, clip, lr):
    w, gradients = point(seed, shape), point(seed + 1, (5, *shape))
    for t, v in enumerate(updates(ds.AdaFactor(lr=lr, clip=clip), w, gradients), 1):
        assert rms(v) <= max(1e-3, rms(w)) * min(lr, t**-0.5) * clip * (1 + 1e-9)


def test_adafactor_keeps_a_row_and_a_column_of_each_matrix_of_a_stack():
    state = ds.AdaFactor().init({"stack": np.zeros((2, 3, 4)), "bias": np.zeros(5), "scale": np.zeros(())})
    assert state["r"]["stack"].shape == (2, 3, 1)
    assert state["c"]["stack"].shape == (2, 1, 4)
    assert (state["r"]["bias"].shape, state["c"]["bias"].shape) == ((5,), (0,))
    assert state["r"]["scale"].shape == ()


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_and_columns_without_gradient_stay_where_they_are(dtype):
    g = np.ones((3, 4), dtype)
    g[1], g[:, 2] = 0, 0
    opt = ds.AdaFactor()
    v, state = opt.update(g, opt.init(g), g)
    assert np.isfinite(v).all()
    assert np.array_equal(v != 0, g != 0)
    assert np.isfinite(opt.update(0 * g, state, g)[0]).all()
    np.testing.assert_array_equal(opt.update(0 * g, opt.init(g), g)[0], 0 * g)


@quick
@given(seeds, st.sampled_from([2.0**-100, 1.0, 2.0**63, 2.0**120]))
def test_a_norm_neither_overflows_nor_vanishes(seed, scale):
    x = point(seed, (3, 4)).astype(np.float32)
    assert norm(x).dtype == np.float32
    np.testing.assert_allclose(norm(x), np.linalg.norm(x.astype(float)), rtol=1e-6)
    huge = np.float32(scale) * x
    np.testing.assert_allclose(norm(huge), np.linalg.norm(huge.astype(float)), rtol=1e-6)
    assert norm(0 * x) == 0
