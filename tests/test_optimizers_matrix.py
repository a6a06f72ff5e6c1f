"""What the methods that work on whole matrices promise."""

from dataclasses import replace

import downslope as ds
import numpy as np
import pytest
import scipy.linalg
from downslope.optimizers.matrix import inverse_root
from downslope.optimizers.muon import newton_schulz
from downslope.optimizers.norms import norm, rms
from hypothesis import given
from hypothesis import strategies as st
from settings import point, quick, seeds, updates

shapes = st.sampled_from([(4, 6), (6, 4), (5, 5), (1, 7), (3, 1)])
ORTHOGONAL = [ds.Muon(), ds.Muon(nesterov=False), ds.Moonlight(weight_decay=0.0), ds.NorMuon(eps=0.0), ds.REG()]
by_name = pytest.mark.parametrize("opt", ORTHOGONAL, ids=repr)


def rotation(seed, n):
    return np.linalg.qr(point(seed, (n, n)))[0]


@quick
@given(seeds, st.integers(1, 6))
def test_newton_reaches_the_bottom_of_a_paraboloid_in_one_step(seed, d):
    A, b, w = point(seed, (d, d)), point(seed + 1, d), point(seed + 2, d)
    hessian = A @ A.T + np.eye(d)
    opt = ds.Newton()
    after = w + opt.update(hessian @ w - b, opt.init(w), w, hessian=hessian)[0]
    np.testing.assert_allclose(hessian @ after, b, atol=1e-9)


@quick
@given(seeds)
def test_newton_minds_no_change_of_coordinates(seed):
    """With w = B z the step in z, carried over, is the step in w."""
    B, H, g = point(seed, (4, 4)) + 4 * np.eye(4), point(seed + 1, (4, 4)), point(seed + 2, 4)
    H, opt, w = H @ H.T + np.eye(4), ds.Newton(), np.zeros(4)
    in_w = opt.update(g, opt.init(w), w, hessian=H)[0]
    in_z = opt.update(B.T @ g, opt.init(w), w, hessian=B.T @ H @ B)[0]
    np.testing.assert_allclose(B @ in_z, in_w, rtol=1e-6, atol=1e-9)


def test_newton_walks_to_a_saddle_unless_it_is_damped():
    saddle = ds.landscapes.saddle()
    assert np.array_equal(ds.descend(saddle, ds.Newton(), [1.0, 0.5], 1).points[-1], [0.0, 0.0])
    damped = ds.descend(saddle, ds.Newton(damping=10.0), [1.0, 0.5], 5).points
    assert (np.diff(np.abs(damped[:, 1])) > 0).all()


def test_newton_takes_many_runs_at_once():
    ravine, starts = ds.landscapes.ravine(), [[1.0, 1.0], [-2.0, 3.0]]
    together = ds.descend(ravine, ds.Newton(lr=0.5), starts, 3).points
    for k, start in enumerate(starts):
        np.testing.assert_array_equal(together[:, k], ds.descend(ravine, ds.Newton(lr=0.5), start, 3).points)


def test_newton_on_a_plain_says_that_the_hessian_is_singular():
    opt, w = ds.Newton(), np.ones(2)
    with pytest.raises(np.linalg.LinAlgError):
        opt.update(w, opt.init(w), w, hessian=np.zeros((2, 2)))


@quick
@given(seeds, st.sampled_from([1, 2, 4]))
def test_an_inverse_root_is_one(seed, p):
    A = point(seed, (4, 4))
    A = A @ A.T + 0.1 * np.eye(4)
    root = inverse_root(A, p)
    np.testing.assert_allclose(np.linalg.matrix_power(root, p) @ A, np.eye(4), atol=1e-8)


@quick
@given(seeds, shapes)
def test_turning_rows_and_columns_turns_shampoos_steps(seed, shape):
    Q, P, gradients = rotation(seed, shape[0]), rotation(seed + 1, shape[1]), point(seed + 2, (3, *shape))
    w = np.zeros(shape)
    turned = updates(ds.Shampoo(eps=1e-2), w, Q @ gradients @ P)
    np.testing.assert_allclose(turned, Q @ updates(ds.Shampoo(eps=1e-2), w, gradients) @ P, atol=1e-12)


@quick
@given(seeds)
def test_shampoo_on_one_number_is_adagrad(seed):
    gradients, w = point(seed, (5, 1, 1)), np.zeros((1, 1))
    np.testing.assert_allclose(
        updates(ds.Shampoo(lr=0.1, eps=0.0), w, gradients),
        updates(ds.AdaGrad(lr=0.1, eps=0.0), w, gradients),
        rtol=1e-9,
    )


@quick
@given(seeds, shapes)
def test_shampoos_first_step_is_the_orthogonal_factor(seed, shape):
    g = point(seed, shape)
    opt = ds.Shampoo(lr=1.0, eps=0.0)
    v = opt.update(g, opt.init(g), g)[0]
    np.testing.assert_allclose(-v, scipy.linalg.polar(g)[0], atol=1e-5)


@quick
@given(seeds, shapes)
def test_shampoos_statistics_only_grow(seed, shape):
    opt, w = ds.Shampoo(), np.zeros(shape)
    state = opt.init(w)
    for g in point(seed, (4, *shape)):
        _, after = opt.update(g, state, w)
        for slot in ("L", "R"):
            assert np.array_equal(after[slot], after[slot].T)
            assert np.linalg.eigvalsh(after[slot] - state[slot]).min() > -1e-12 * norm(after[slot])
        state = after


@quick
@given(seeds, shapes, st.floats(1e-3, 1e3))
def test_newton_schulz_minds_neither_scale_nor_rotation_nor_transposition(seed, shape, scale):
    G, Q, P = point(seed, shape), rotation(seed + 1, shape[0]), rotation(seed + 2, shape[1])
    np.testing.assert_allclose(newton_schulz(scale * G), newton_schulz(G), atol=1e-12)
    np.testing.assert_allclose(newton_schulz(G.T), newton_schulz(G).T, atol=1e-12)
    np.testing.assert_allclose(newton_schulz(Q @ G @ P), Q @ newton_schulz(G) @ P, atol=1e-12)


@pytest.mark.parametrize(("least", "low", "high"), [(0.01, 0.68, 1.13), (0.002, 0.68, 1.20), (0.001, 0.47, 1.20)])
def test_newton_schulz_brings_singular_values_near_one(least, low, high):
    for x in np.geomspace(least, 1.0, 2000):
        rest = np.sqrt(1 - x**2)
        value = np.abs(newton_schulz(np.diag([x, rest]))[0, 0])
        assert low - 0.005 <= value <= high + 0.005


def test_newton_schulz_does_not_settle_on_the_orthogonal_factor():
    G = point(0, (4, 6))
    assert np.abs(newton_schulz(G, 50) - scipy.linalg.polar(G)[0]).max() > 0.01


@quick
@given(seeds, shapes, st.floats(1e-2, 1e3))
@by_name
def test_no_scale_of_the_gradient_matters(opt, seed, shape, scale):
    w, gradients = point(seed, shape), point(seed + 1, (3, *shape))
    np.testing.assert_allclose(updates(opt, w, scale * gradients), updates(opt, w, gradients), rtol=1e-6, atol=1e-12)


@quick
@given(seeds, shapes)
@pytest.mark.parametrize("opt", [ds.NorMuon(eps=0.0), ds.REG()], ids=repr)
def test_every_step_has_the_root_mean_square_of_a_fifth_of_lr(opt, seed, shape):
    for v in updates(opt, np.zeros(shape), point(seed, (4, *shape))):
        np.testing.assert_allclose(rms(v), 0.2 * opt.lr, rtol=1e-9)


@quick
@given(seeds, st.permutations(range(4)), st.permutations(range(6)))
@by_name
def test_the_order_of_rows_and_of_columns_is_nothing_to_them(opt, seed, rows, columns):
    gradients, w = point(seed, (3, 4, 6)), np.zeros((4, 6))
    moved = updates(opt, w, gradients[:, rows][:, :, columns])
    np.testing.assert_allclose(moved, updates(opt, w, gradients)[:, rows][:, :, columns], atol=1e-12)


@quick
@given(seeds, shapes)
def test_muons_step_has_the_singular_values_of_its_shape(seed, shape):
    v = updates(ds.Muon(lr=1.0), np.zeros(shape), point(seed, (1, *shape)))[0]
    values = np.linalg.svd(v, compute_uv=False)
    assert values.max() <= 1.21 * np.sqrt(max(1, shape[0] / shape[1]))


@quick
@given(seeds, shapes)
def test_moonlight_is_muon_in_other_units(seed, shape):
    gradients = point(seed, (3, *shape))
    muon = updates(ds.Muon(lr=1.0), np.zeros(shape), gradients)
    moonlight = updates(ds.Moonlight(lr=1.0, weight_decay=0.0), np.zeros(shape), gradients)
    factor = 0.2 * np.sqrt(max(shape)) / np.sqrt(max(1, shape[0] / shape[1]))
    np.testing.assert_allclose(moonlight, factor * muon, rtol=1e-12)


@quick
@given(seeds)
def test_normuons_first_rows_are_all_alike(seed):
    v = updates(ds.NorMuon(), np.zeros((4, 6)), point(seed, (1, 4, 6)))[0]
    np.testing.assert_allclose(np.linalg.norm(v, axis=1), np.linalg.norm(v[0]), rtol=1e-6)


@quick
@given(seeds, st.floats(0.0, 0.5), st.floats(0.1, 5.0))
def test_marsm_is_moonlight_on_corrected_gradients(seed, gamma, scale):
    marsm = ds.MARSM(lr=0.1, gamma=gamma, weight_decay=0.1)
    moonlight = ds.Moonlight(lr=0.1, nesterov=False, weight_decay=0.1)
    w, gradients = point(seed, (3, 5)), scale * point(seed + 1, (5, 3, 5))
    state, other, previous = marsm.init(w), moonlight.init(w), np.zeros((3, 5))
    for g in gradients:
        c = g + gamma * 0.95 / 0.05 * (g - previous)
        v, state = marsm.update(g, state, w, previous_grads=previous)
        u, other = moonlight.update(c / max(1, np.linalg.norm(c)), other, w)
        np.testing.assert_allclose(v, u, rtol=1e-9, atol=1e-12)
        previous = g


@quick
@given(seeds, shapes)
def test_marsm_minds_no_transposition(seed, shape):
    opt, (w, *gradients) = ds.MARSM(lr=0.1, gamma=0.2, weight_decay=0.1), point(seed, (5, *shape))
    state, turned = opt.init(w), opt.init(w.T)
    for g, previous in zip(gradients, [0 * w, *gradients], strict=False):
        v, state = opt.update(g, state, w, previous_grads=previous)
        u, turned = opt.update(g.T, turned, w.T, previous_grads=previous.T)
        np.testing.assert_allclose(u, v.T, rtol=1e-9, atol=1e-12)


@by_name
def test_a_gradient_of_zeros_moves_nothing(opt):
    w = np.ones((2, 3))
    opt = replace(opt, eps=1e-10) if isinstance(opt, ds.NorMuon) else opt
    assert np.array_equal(opt.update(0 * w, opt.init(w), w)[0], 0 * w)


MATRICES_ALONE = [ds.Shampoo(), ds.Muon(), ds.Moonlight(), ds.NorMuon(), ds.REG(), ds.MARSM()]


@pytest.mark.parametrize("opt", MATRICES_ALONE, ids=repr)
@pytest.mark.parametrize("shape", [(), (3,), (2, 3, 4)])
def test_what_is_not_a_matrix_is_refused_by_name(opt, shape):
    params = {"W": np.zeros((2, 3)), "b": np.zeros(shape)}
    with pytest.raises(ValueError) as error:
        opt.init(params)
    assert str(error.value) == (
        f"params['b'] must be a matrix for {opt.name}, got shape {shape}; "
        "give other parameters another optimizer with Partition"
    )


def kfac_step(opt, g, inputs, output_grads):
    w = np.zeros_like(g)
    return opt.update(g, opt.init(w), w, inputs=inputs, output_grads=output_grads)[0]


@quick
@given(seeds, st.floats(1e-3, 10))
def test_kfac_solves_with_the_kronecker_product_of_its_damped_factors(seed, damping):
    x, delta, g = point(seed, (7, 3)), point(seed + 1, (7, 2)), point(seed + 2, (2, 3))
    A, S = x.T @ x / 7, delta.T @ delta / 7
    share = np.sqrt(np.trace(A) / 3 / (np.trace(S) / 2))
    fisher = np.kron(S + np.sqrt(damping) / share * np.eye(2), A + np.sqrt(damping) * share * np.eye(3))
    v = kfac_step(ds.KFAC(lr=1.0, damping=damping), g, x, delta)
    np.testing.assert_allclose(v.ravel(), -np.linalg.solve(fisher, g.ravel()), rtol=1e-8, atol=1e-10)


@quick
@given(seeds)
def test_kfac_minds_no_linear_change_of_what_enters_a_layer(seed):
    """With x = B z and weights on z, the change of the layer's outputs is the same."""
    x, delta, B = point(seed, (9, 3)), point(seed + 1, (9, 2)), point(seed + 2, (3, 3)) + 4 * np.eye(3)
    opt, z = ds.KFAC(damping=0.0), x @ np.linalg.inv(B).T
    in_x, in_z = (kfac_step(opt, delta.T @ e / 9, e, delta) for e in (x, z))
    np.testing.assert_allclose(z @ in_z.T, x @ in_x.T, rtol=1e-6, atol=1e-9)


def test_kfac_with_much_damping_is_gradient_descent():
    x, delta, g = point(0, (7, 3)), point(1, (7, 2)), point(2, (2, 3))
    v = kfac_step(ds.KFAC(lr=1.0, damping=1e12), g, x, delta)
    np.testing.assert_allclose(v * 1e12, -g, rtol=1e-4)


def test_kfac_reaches_the_least_squares_solution_in_one_step_where_the_outputs_count_the_same():
    """One linear layer with half the squared error: with S the identity, its Fisher matrix is the Hessian."""
    x, W = point(0, (50, 4)), point(1, (3, 4))
    y, w = x @ W.T, np.zeros((3, 4))
    g = -(y.T @ x) / 50
    white = np.sqrt(50) * np.linalg.qr(point(2, (50, 3)))[0]
    np.testing.assert_allclose(kfac_step(ds.KFAC(lr=1.0, damping=0.0), g, x, white), W, atol=1e-9)
    assert w.any() == 0


def test_a_landscape_cannot_give_what_only_a_network_has():
    class Flat:
        def __call__(self, w):
            return w.sum()

        def gradient(self, w):
            return np.ones_like(w)

    with pytest.raises(ValueError, match=r"^opt must need nothing that only a network has, and this one needs inputs"):
        ds.descend(Flat(), ds.KFAC(), np.ones((2, 3)), steps=1)


def test_layer_signals_make_the_gradient():
    model = ds.networks.MLP([5, 4, 3], rng=np.random.default_rng(0))
    x, y = point(1, (20, 5)), np.arange(20) % 3
    found = ds.networks.layer_signals(model, model.params, x, y)
    _, grads = model.gradient(model.params, x, y)
    for name in ("dense1", "dense2"):
        for key in "Wb":
            inputs, outputs = found["inputs"][name][key], found["output_grads"][name][key]
            ours = outputs.T @ inputs / 20
            np.testing.assert_allclose(ours.reshape(grads[name][key].shape), grads[name][key], atol=1e-15)


def test_layer_signals_of_other_layers_with_parameters_are_refused():
    layers = {"norm": ds.networks.LayerNorm(5), "dense": ds.networks.Dense(5, 3)}
    model = ds.networks.Model(ds.networks.Chain(layers), ds.networks.cross_entropy, rng=np.random.default_rng(0))
    with pytest.raises(TypeError, match=r"^model must be made of dense layers .* got a LayerNorm$"):
        ds.networks.layer_signals(model, model.params, point(0, (4, 5)), np.zeros(4, dtype=int))
