"""What the baselines, the adaptive methods and Adam promise."""

import downslope as ds
import numpy as np
import pytest
from downslope.optimizers import Optimizer
from hypothesis import given
from hypothesis import strategies as st
from settings import diagonal, gradient, point, quick, seeds, walk


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
@given(seeds, diagonal(6))
@pytest.mark.parametrize("make", [ds.AdaGrad, ds.RMSProp, ds.Adam, ds.AMSGrad])
def test_without_eps_no_scale_of_a_coordinate_matters(make, seed, scale):
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


@quick
@given(seeds, st.floats(0.0, 0.99), st.floats(1e-8, 1e-2))
def test_adadeltas_first_step_comes_from_eps(seed, rho, eps):
    opt, g = ds.AdaDelta(rho=rho, eps=eps), point(seed)
    expected = -np.sqrt(eps) / np.sqrt((1 - rho) * g**2 + eps) * g
    np.testing.assert_allclose(opt.update(g, opt.init(g), g)[0], expected, rtol=1e-12)


@quick
@given(st.floats(0.0, 0.9), st.floats(0.1, 10.0), st.floats(1.0, 1e4))
def test_a_spike_lengthens_adadeltas_step_by_a_bounded_factor(rho, steady, spike):
    opt, g = ds.AdaDelta(rho=rho, eps=1e-14), np.array([steady])
    state = opt.init(g)
    for _ in range(100):
        _, state = opt.update(g, state, g)
    plain, spiked = (opt.update(k * g, state, g)[0] for k in (1.0, spike))
    assert 1 - 1e-9 <= spiked / plain <= (1 + 1e-4) / np.sqrt(1 - rho)


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
