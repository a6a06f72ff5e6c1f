"""What the variants of Adam promise."""

import downslope as ds
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from settings import diagonal, point, quick, seeds, walk


def steps_under(opt, gradients):
    """The steps of an optimizer that is handed these gradients."""
    w = np.zeros_like(gradients[0])
    state, steps = opt.init(w), []
    for g in gradients:
        v, state = opt.update(g, state, w)
        steps.append(v)
    return np.array(steps)


def noise(seed, steps=12, size=4):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(steps, size)) * rng.lognormal(sigma=2, size=(steps, 1))


@quick
@given(seeds, diagonal(4))
@pytest.mark.parametrize("make", [ds.AdaMax, ds.NAdam, ds.AdaBelief])
def test_without_eps_no_scale_of_a_coordinate_matters(make, seed, scale):
    gradients = noise(seed)
    plain, scaled = steps_under(make(eps=0.0), gradients), steps_under(make(eps=0.0), scale * gradients)
    # a mean square around the mean is a difference of equals: it has fewer digits to offer
    np.testing.assert_allclose(scaled, plain, rtol=1e-6 if make is ds.AdaBelief else 1e-9)


@quick
@given(seeds, st.floats(0.0, 0.99), st.floats(0.0, 0.999))
@pytest.mark.parametrize(
    ("make", "factor"),
    [
        (ds.AdaMax, lambda b1: 1.0),
        (ds.NAdam, lambda b1: 1 + b1 / (1 + b1)),
        (ds.AdaBelief, lambda b1: 1 / b1),
    ],
)
def test_the_first_step_is_known(make, factor, seed, beta1, beta2):
    assume(make is not ds.AdaBelief or beta1 > 0.01)
    g = point(seed)
    (first,) = steps_under(make(lr=0.1, beta1=beta1, beta2=beta2, eps=0.0), [g])
    np.testing.assert_allclose(first, -0.1 * factor(beta1) * np.sign(g), rtol=1e-9)


@quick
@given(seeds)
def test_adamaxs_scale_is_at_least_the_gradient_and_forgets_at_a_fixed_pace(seed):
    opt, gradients = ds.AdaMax(beta2=0.9), noise(seed)
    w = gradients[0]
    state = opt.init(w)
    for g in gradients:
        _, after = opt.update(g, state, w)
        assert (after["u"] >= np.abs(g)).all()
        assert (after["u"] >= 0.9 * state["u"]).all()
        state = after


@quick
@given(seeds, st.floats(0.0, 0.99), st.floats(0.9, 0.9999))
def test_adamaxs_step_never_exceeds_its_bound(seed, beta1, beta2):
    q = beta1 / beta2
    assume(q < 0.999)
    steps = steps_under(
        ds.AdaMax(lr=1.0, beta1=beta1, beta2=beta2, eps=0.0), np.exp(np.clip(noise(seed, 60, 1), -50, 50))
    )
    t = np.arange(1, 61)[:, None]
    assert (np.abs(steps) <= (1 - beta1) * (1 - q**t) / ((1 - q) * (1 - beta1**t)) * (1 + 1e-9)).all()


def test_adamax_can_exceed_lr():
    gradients = 0.999 ** np.arange(1.0, 3000.0)[:, None]
    assert 1.009 < np.abs(steps_under(ds.AdaMax(lr=1.0, eps=0.0), gradients)).max() < 1.0092


@quick
@given(seeds)
def test_without_a_mean_nadam_is_adam(seed):
    gradients = noise(seed)
    adam = steps_under(ds.Adam(lr=0.1, beta1=0.0), gradients)
    np.testing.assert_allclose(steps_under(ds.NAdam(lr=0.1, beta1=0.0), gradients), adam, rtol=1e-12)


@quick
@given(seeds, st.floats(0.0, 0.95))
def test_radam_is_momentum_for_four_steps_and_a_shortened_adam_after_them(seed, beta1):
    gradients = noise(seed, 40)
    radam = steps_under(ds.RAdam(lr=1.0, beta1=beta1, beta2=0.99), gradients)
    adam = steps_under(ds.Adam(lr=1.0, beta1=beta1, beta2=0.99), gradients)
    m_hat = [ds.ewma(gradients[:t], beta1, bias_correction=True)[-1] for t in range(1, 5)]
    np.testing.assert_allclose(radam[:4], -np.array(m_hat), rtol=1e-9)
    r = radam[4:] / adam[4:]
    np.testing.assert_allclose(r, r[:, :1] * np.ones(4), rtol=1e-9)
    assert (r > 0).all()
    assert (r < 1).all()
    assert (np.diff(r[:, 0]) > 0).all()


@quick
@given(seeds, diagonal(4))
def test_radam_follows_the_scale_of_a_coordinate_until_it_divides_by_it(seed, scale):
    gradients = noise(seed)
    plain, scaled = (steps_under(ds.RAdam(eps=0.0), x) for x in (gradients, scale * gradients))
    np.testing.assert_allclose(scaled[:4], scale * plain[:4], rtol=1e-9)
    np.testing.assert_allclose(scaled[4:], plain[4:], rtol=1e-9)


@pytest.mark.parametrize(("threshold", "step"), [(4.0, 5), (5.0, 6)])
@pytest.mark.parametrize("beta2", [0.9, 0.99, 0.999])
def test_radam_starts_to_divide_at_a_known_step(threshold, step, beta2):
    steps = steps_under(ds.RAdam(lr=1.0, beta2=beta2, threshold=threshold), 1000 * np.ones((10, 1)))
    assert 1 + np.argmax(np.abs(steps[:, 0]) < 100) == step


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("beta2", [0.0, 0.3, 0.6])
def test_radam_with_a_short_memory_never_divides(beta2):
    steps = steps_under(ds.RAdam(lr=1.0, beta2=beta2), 1000 * np.ones((50, 1)))
    np.testing.assert_allclose(steps, -1000.0, rtol=1e-9)


@quick
@given(seeds, st.floats(0.0, 0.999))
def test_yogis_mean_square_moves_by_the_size_of_the_gradient(seed, beta2):
    opt, gradients = ds.Yogi(beta2=beta2), noise(seed)
    state = opt.init(gradients[0])
    for g in gradients:
        _, after = opt.update(g, state, g)
        assert (after["s"] >= 0).all()
        np.testing.assert_allclose(np.abs(after["s"] - state["s"]), (1 - beta2) * g**2, rtol=1e-6, atol=1e-9)
        state = after


@quick
@given(st.floats(10.0, 1e3))
def test_yogi_changes_its_mind_more_slowly_than_adam(burst):
    gradients = np.array([[burst], [1e-3], [1e-3], [1e-3]])
    states = []
    for opt in (ds.Adam(beta2=0.9), ds.Yogi(beta2=0.9, initial=0.0)):
        state = opt.init(gradients[0])
        for g in gradients:
            _, state = opt.update(g, state, g)
        states.append(state["s"][0])
    assert states[0] < 0.8 * 0.1 * burst**2
    assert states[1] > 0.99 * 0.1 * burst**2


def test_adabelief_walks_faster_and_faster_under_a_steady_gradient():
    steps = np.abs(steps_under(ds.AdaBelief(lr=1.0), np.ones((199, 1))))[:, 0]
    assert [round(steps[t - 1], 2) for t in (1, 2, 10, 50, 199)] == [1.11, 1.17, 1.64, 3.46, 7.17]
    assert (np.diff(steps) > 0).all()


@quick
@given(seeds, st.floats(1e-3, 1.0), st.floats(1e-3, 1.0), st.floats(1e-4, 1.0))
def test_adabounds_rate_stays_in_its_band(seed, lr, final_lr, gamma):
    opt, gradients = ds.AdaBound(lr=lr, final_lr=final_lr, gamma=gamma), noise(seed)
    state = opt.init(gradients[0])
    for t, g in enumerate(gradients, 1):
        v, state = opt.update(g, state, g)
        rate = -v / state["m"]
        assert (rate >= final_lr * (1 - 1 / (gamma * t + 1)) * (1 - 1e-9)).all()
        assert (rate <= final_lr * (1 + 1 / (gamma * t)) * (1 + 1e-9)).all()


@quick
@given(seeds)
def test_adabound_ends_as_the_averaged_momentum(seed):
    w = point(seed)
    tight = ds.AdaBound(lr=1e-3, final_lr=0.05, gamma=1e9)
    average = ds.Momentum(lr=0.05, momentum=0.9, dampening=0.9)
    np.testing.assert_allclose(walk(tight, w, 20), walk(average, w, 20), rtol=1e-6, atol=1e-8)


@quick
@given(seeds, st.integers(1, 40))
@pytest.mark.parametrize(
    "lr",
    [
        ds.schedules.cosine(0.01, steps=20),
        ds.schedules.warmup(ds.schedules.cosine(0.01, steps=20), steps=5),
        lambda taken: 0.01 * 0.9**taken,
    ],
    ids=["cosine", "warmup", "function"],
)
def test_a_schedule_scales_adabounds_whole_rate(lr, seed, taken):
    """Its band too, or the steps would go on when the rate has come to zero."""
    g = point(seed)
    scheduled, plain = (ds.AdaBound(lr=x, final_lr=0.1, gamma=0.5) for x in (lr, 0.01))
    state = plain.init(g) | {"t": taken, "m": 0.1 * g, "s": 0.01 * g**2}
    steps = [opt.update(g, state, g)[0] for opt in (scheduled, plain)]
    np.testing.assert_allclose(steps[0], lr(taken) / 0.01 * steps[1], rtol=1e-12, atol=1e-18)


def test_adabound_has_no_scale_in_a_function_that_starts_at_zero():
    opt, w = ds.AdaBound(lr=lambda taken: 0.1 * taken), np.ones(2)
    with pytest.raises(
        ValueError, match=r"^lr, where it scales final_lr, must be greater than 0 and finite, got 0\.0$"
    ):
        opt.update(w, opt.init(w), w)
