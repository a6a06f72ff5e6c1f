"""The 2-2-1 network, the gradient checks, and the figures' factors."""

import downslope as ds
import numpy as np
import pytest
from downslope.figures import by_hand
from downslope.networks import central_difference, complex_step, gradient_errors, sigmoid, two_two_one


def example(seed: int, examples: int = 1) -> tuple[two_two_one.Params, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    params = {name: rng.normal() for name in two_two_one.NAMES}
    return params, rng.normal(size=(examples, 2)), rng.normal(size=examples)


@pytest.mark.parametrize("examples", [1, 7])
def test_the_backward_pass_is_the_complex_steps_gradient(examples):
    for seed in range(20):
        params, x, y = example(seed, examples)
        grads = two_two_one.backward(params, two_two_one.forward(params, x), y)
        exact = complex_step(lambda p, x=x, y=y: two_two_one.loss(p, x, y), params)
        assert all(np.isclose(grads[n], exact[n], rtol=1e-13, atol=1e-16) for n in two_two_one.NAMES)


def test_the_gradient_of_many_is_the_mean_of_the_gradients_of_each():
    params, x, y = example(0, examples=5)
    whole = two_two_one.backward(params, two_two_one.forward(params, x), y)
    each = [two_two_one.backward(params, two_two_one.forward(params, a), b) for a, b in zip(x, y, strict=True)]
    assert all(np.isclose(whole[n], np.mean([g[n] for g in each])) for n in two_two_one.NAMES)


def test_the_sigmoid_keeps_its_digits_on_the_negative_side_without_a_warning(recwarn):
    assert sigmoid(np.float64(-700.0)) == pytest.approx(np.exp(-700.0), rel=1e-12)
    assert sigmoid(np.float64(-1e4)) == 0.0
    assert not recwarn.list


def test_the_sigmoid_takes_complex_numbers_down_to_where_its_docstring_says():
    for z in (-709.0, -30.0, 0.0, 30.0, 1e4):
        slope = complex_step(sigmoid, np.array(z))
        assert slope == pytest.approx(sigmoid(z) * sigmoid(-z), rel=1e-12)


def test_a_wrong_entry_is_named_and_the_right_ones_are_not():
    params, x, y = example(1, examples=4)
    grads = two_two_one.backward(params, two_two_one.forward(params, x), y)
    errors = gradient_errors(lambda p: two_two_one.loss(p, x, y), params, grads | {"w1_21": grads["w1_21"] * 1.01})
    assert [name for name, error in errors.items() if error > 1e-6] == ["w1_21"]


def test_numerical_gradients_keep_the_shapes_of_nested_parameters():
    rng = np.random.default_rng(0)
    params = {"layer": {"W": rng.normal(size=(2, 3)), "b": rng.normal(size=2)}}

    def loss(p):
        return np.sum((p["layer"]["W"] ** 2).sum(axis=1) * p["layer"]["b"])

    for numerical in (central_difference, complex_step):
        grads = numerical(loss, params)["layer"]
        np.testing.assert_allclose(grads["W"], 2 * params["layer"]["W"] * params["layer"]["b"][:, None], rtol=1e-8)
        np.testing.assert_allclose(grads["b"], (params["layer"]["W"] ** 2).sum(axis=1), rtol=1e-8)


def test_two_names_of_one_array_are_moved_one_at_a_time():
    shared = np.array(3.0)
    grads = central_difference(lambda p: p["a"] * p["b"], {"a": shared, "b": shared})
    np.testing.assert_allclose([grads["a"], grads["b"]], [3.0, 3.0], rtol=1e-9)


def test_single_precision_parameters_are_checked_in_double():
    grad = central_difference(lambda w: np.exp(w).sum(), np.zeros(2, dtype=np.float32))
    np.testing.assert_allclose(grad, 1.0, rtol=1e-9)


@pytest.mark.parametrize("numerical", [central_difference, complex_step])
@pytest.mark.parametrize("h", [0.0, -1e-3, float("nan")])
def test_a_step_that_is_not_positive_is_refused(numerical, h):
    with pytest.raises(ValueError, match=f"^h must be positive, got {h}$"):
        numerical(lambda w: w, np.array(1.0), h)


@pytest.mark.parametrize("name", two_two_one.NAMES)
def test_the_factors_in_the_figure_multiply_to_the_gradient(name):
    params, x, y = example(2)
    grads = two_two_one.backward(params, two_two_one.forward(params, x[0]), y[0])
    assert np.prod(list(by_hand.factors(name, params, x[0], y[0]).values())) == pytest.approx(float(grads[name]))


def test_a_units_parameters_share_all_factors_but_the_last():
    params, x, y = example(3)
    chains = [list(by_hand.factors(name, params, x[0], y[0]).items()) for name in ("w1_21", "w1_22", "b1_2")]
    assert chains[0][:-1] == chains[1][:-1] == chains[2][:-1]
    assert len({chain[-1] for chain in chains}) == 3


def test_a_functions_source_is_shown_without_its_docstring():
    text = ds.source(two_two_one.backward)
    assert text.startswith("def backward(")
    assert "delta1 = " in text
    assert '"""' not in text
