"""What signs, differences of gradients and clipped curvature promise."""

import downslope as ds
import numpy as np
import pytest
from downslope.averages import average as average_of
from downslope.optimizers.norms import clipped, corrected, norm
from hypothesis import given
from hypothesis import strategies as st
from settings import diagonal, gradient, point, quick, seeds, walk

betas = st.floats(0.0, 0.99)


@quick
@given(seeds, st.floats(1e-4, 1.0), betas, betas)
def test_every_step_of_a_sign_method_has_the_length_of_lr(seed, lr, beta1, beta2):
    rng = np.random.default_rng(seed)
    for opt in (ds.SignSGD(lr=lr), ds.SignSGD(lr=lr, momentum=beta1), ds.Lion(lr=lr, beta1=beta1, beta2=beta2)):
        w = point(seed)
        state = opt.init(w)
        for _ in range(5):
            v, state = opt.update(rng.normal(size=6), state, w)
            assert (np.abs(v) == lr).all()


@quick
@given(seeds, st.sampled_from([2.0**-30, 0.5, 2.0**40]))
def test_no_scale_of_the_gradient_changes_a_sign(seed, scale):
    for opt in (ds.SignSGD(), ds.SignSGD(momentum=0.9), ds.Lion()):
        w, rng = point(seed), np.random.default_rng(seed)
        state, scaled = opt.init(w), opt.init(w)
        for _ in range(5):
            g = rng.normal(size=6)
            v, state = opt.update(g, state, w)
            u, scaled = opt.update(scale * g, scaled, w)
            assert np.array_equal(u, v)


@quick
@given(seeds, betas)
def test_lion_with_one_memory_is_signum(seed, beta):
    lion = ds.Lion(lr=0.01, beta1=beta, beta2=beta)
    assert np.array_equal(walk(lion, point(seed), 10), walk(ds.SignSGD(lr=0.01, momentum=beta), point(seed), 10))


@quick
@given(seeds)
def test_adam_without_memory_is_sign_descent(seed):
    adam = ds.Adam(lr=0.01, beta1=0.0, beta2=0.0, eps=0.0)
    np.testing.assert_allclose(walk(adam, point(seed), 10), walk(ds.SignSGD(lr=0.01), point(seed), 10), rtol=1e-12)


@quick
@given(seeds, betas, betas, betas)
def test_adan_under_a_steady_gradient_is_adam(seed, beta1, beta2, beta3):
    adan = ds.Adan(lr=0.1, beta1=beta1, beta2=beta2, beta3=beta3)
    adam = ds.Adam(lr=0.1, beta1=beta1, beta2=beta3)
    g = w = point(seed)
    state, other = adan.init(w), adam.init(w)
    for _ in range(6):
        v, state = adan.update(g, state, w)
        u, other = adam.update(g, other, w)
        np.testing.assert_allclose(v, u, rtol=1e-9)


@quick
@given(seeds, diagonal(6))
def test_adan_without_eps_minds_no_scale_and_starts_with_the_sign(seed, scale):
    opt, w, rng = ds.Adan(lr=0.1, eps=0.0), point(seed), np.random.default_rng(seed)
    state, scaled = opt.init(w), opt.init(w)
    for t in range(6):
        g = rng.normal(size=6)
        v, state = opt.update(g, state, w)
        u, scaled = opt.update(scale * g, scaled, w)
        np.testing.assert_allclose(u, v, rtol=1e-8)
        if t == 0:
            np.testing.assert_allclose(v, -0.1 * np.sign(g), rtol=1e-12)


@quick
@given(seeds, st.floats(0.0, 1e6))
def test_adans_decay_never_overshoots_zero(seed, decay):
    opt, w = ds.Adan(lr=1.0, weight_decay=decay), point(seed)
    after = w + opt.update(np.zeros_like(w), opt.init(w), w)[0]
    assert (np.abs(after) <= np.abs(w)).all()
    np.testing.assert_allclose(after, w / (1 + decay), rtol=1e-6, atol=1e-9)


@quick
@given(seeds, st.floats(1e-3, 1.0), st.floats(1e-3, 10.0))
def test_sophias_step_is_at_most_lr_and_a_sign_where_the_ground_is_not_convex(seed, lr, rho):
    opt, w, rng = ds.Sophia(lr=lr, rho=rho), point(seed), np.random.default_rng(seed)
    state = opt.init(w)
    for _ in range(8):
        v, state = opt.update(rng.normal(size=6), state, w, hessian_diag=rng.normal(size=6))
        assert (np.abs(v) <= lr).all()
        flat = state["h"] <= 0
        np.testing.assert_allclose(v[flat], -lr * np.sign(state["m"][flat]), rtol=1e-9)


@quick
@given(seeds)
def test_sophia_before_its_first_curvature_steps_by_the_sign(seed):
    opt, g = ds.Sophia(lr=0.1), point(seed)
    v, state = opt.update(g, opt.init(g), g, hessian_diag=None)
    assert np.array_equal(v, -0.1 * np.sign(g))
    assert np.array_equal(state["h"], np.zeros(6))


@quick
@given(seeds, st.floats(1e3, 1e6))
def test_where_the_curvature_is_large_sophia_divides_by_it(seed, curvature):
    opt, g = ds.Sophia(lr=0.1, rho=0.5, beta1=0.0, beta2=0.0), np.random.default_rng(seed).uniform(-1, 1, 6)
    v, _ = opt.update(g, opt.init(g), g, hessian_diag=np.full(6, curvature))
    np.testing.assert_allclose(v, -0.1 / 0.5 * g / curvature, rtol=1e-12)


@quick
@given(seeds, st.floats(0.1, 10.0))
def test_mars_without_correction_is_adamw_on_clipped_gradients(seed, scale):
    mars, adamw = ds.MARS(gamma=0.0, weight_decay=0.1), ds.AdamW(lr=3e-3, beta1=0.95, beta2=0.99, weight_decay=0.1)
    w, rng = point(seed), np.random.default_rng(seed)
    state, other = mars.init(w), adamw.init(w)
    for _ in range(5):
        g = scale * rng.normal(size=6)
        v, state = mars.update(g, state, w, previous_grads=rng.normal(size=6))
        u, other = adamw.update(clipped(g, 1.0), other, w)
        np.testing.assert_allclose(v, u, rtol=1e-12)


@quick
@given(seeds, st.floats(0.0, 1.0))
def test_where_the_gradient_does_not_change_mars_corrects_nothing(seed, gamma):
    full, none = ds.MARS(gamma=gamma), ds.MARS(gamma=0.0)
    w, gradients = point(seed), point(seed + 1, (5, 6))
    state, other = full.init(w), none.init(w)
    for g in gradients:
        v, state = full.update(g, state, w, previous_grads=g)
        u, other = none.update(g, other, w, previous_grads=g)
        np.testing.assert_array_equal(v, u)


@quick
@given(seeds, st.floats(0.0, 1.0), st.floats(0.0, 0.99))
def test_a_corrected_gradient_is_never_longer_than_one(seed, gamma, beta):
    g, previous = np.random.default_rng(seed).normal(scale=3, size=(2, 6))
    assert norm(clipped(corrected(g, previous, gamma, beta), 1.0)) <= 1 + 1e-12


@quick
@given(seeds, st.floats(0.01, 0.99))
def test_the_full_correction_follows_the_gradient_in_spite_of_the_noise(seed, beta):
    """With gamma = 1 an average of corrected gradients is the gradient and what is left of the first noise."""
    rng = np.random.default_rng(seed)
    path = 0.01 * np.cumsum(rng.normal(size=(200, 3)), axis=0)
    average, before = None, None
    for w in path:
        noise = 0.01 * rng.normal(size=3)
        if before is None:
            average = gradient(w) * 0.01 + noise
        else:
            g, previous = 0.01 * gradient(w) + noise, 0.01 * gradient(before) + noise
            average = average_of(average, corrected(g, previous, 1.0, beta), beta)
        before = w
    spread = 0.01 * np.sqrt((1 - beta) / (1 + beta)) + 0.01 * beta**199
    assert np.abs(average - 0.01 * gradient(path[-1])).max() < 6 * spread


@pytest.mark.parametrize("longest", [0.5, 1.0, 100.0])
def test_clipping_keeps_the_direction_and_is_done_once(longest):
    x = np.array([3.0, -4.0])
    short = clipped(x, longest)
    assert norm(short) <= longest * (1 + 1e-15)
    np.testing.assert_allclose(short / norm(short), x / 5, rtol=1e-15)
    np.testing.assert_allclose(clipped(short, longest), short, rtol=1e-15)
    assert np.array_equal(clipped(0 * x, longest), 0 * x)
