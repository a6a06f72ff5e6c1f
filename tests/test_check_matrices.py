"""The exercises of "Backpropagation in matrices" know the right answers and the common mistakes."""

import downslope as ds
import numpy as np
import pytest


def test_right_answers_are_praised():
    assert ds.check.parameter_count(2410)
    assert ds.check.dense_backward(lambda W, x, dz: (dz @ W, dz.T @ x, dz.sum(axis=0)))
    assert ds.check.stable_cross_entropy(lambda z, k: np.log(np.exp(z - z.max()).sum()) - (z - z.max())[k])
    assert ds.check.leaky_variance(lambda n_in, slope: 2 / (n_in * (1 + slope**2)))


@pytest.mark.parametrize(("number", "said"), [(2368, "biases are missing"), (2474, "inputs have no bias")])
def test_a_wrong_count_is_explained(number, said):
    verdict = ds.check.parameter_count(number)
    assert not verdict
    assert said in verdict.message


@pytest.mark.parametrize("number", [2408, 2409, 2411, 2412])
def test_a_count_that_is_close_is_wrong(number):
    assert not ds.check.parameter_count(number)


def test_a_forgotten_transpose_is_an_exception_that_is_shown():
    verdict = ds.check.dense_backward(lambda W, x, dz: (dz @ W.T, dz.T @ x, dz.sum(axis=0)))
    assert not verdict
    assert "raises ValueError" in verdict.message


def test_averaging_the_batch_again_is_named():
    verdict = ds.check.dense_backward(lambda W, x, dz: (dz @ W, dz.T @ x / len(x), dz.mean(axis=0)))
    assert "averaged twice" in verdict.message


def square(W):
    return W.shape[0] == W.shape[1]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda W, x, dz: (dz @ W, dz.T @ x / len(x), dz.sum(axis=0)), "dW is averaged"),
        (lambda W, x, dz: (dz @ (W.T if square(W) else W), dz.T @ x, dz.sum(axis=0)), "dx is dz times W"),
        (lambda W, x, dz: (dz @ W, x.T @ dz if square(W) else dz.T @ x, dz.sum(axis=0)), "a row for each output"),
    ],
)
def test_a_mistake_in_one_of_the_three_gradients_is_named(answer, said):
    verdict = ds.check.dense_backward(answer)
    assert not verdict
    assert said in verdict.message


def probability(z, k):
    return np.exp(z[k]) / np.exp(z).sum()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda z, k: -np.log(probability(z - z.max(), k) + 1e-12), "kept at 1e-12 or more caps the loss at 27.6"),
        (lambda z, k: -np.log(probability(z - z.max(), k) + 1e-8), "1e-08 added to every probability"),
        (lambda z, k: -np.log(max(probability(z - z.max(), k), 1e-7)), "kept at 1e-07 or more"),
        (lambda z, k: -np.log(np.clip(probability(z - z.max(), k), 1e-15, 1 - 1e-15)), "caps the loss at 34.5"),
        (lambda z, k: -np.log(probability(z, k) + 1e-12), "subtract the largest score first"),
    ],
)
def test_a_probability_kept_from_zero_is_named(answer, said):
    verdict = ds.check.stable_cross_entropy(answer)
    assert not verdict
    assert said in verdict.message


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda z, k: np.log(np.exp(z).sum()) - z[k], "overflows"),
        (lambda z, k: -np.log(np.exp(z[k]) / np.exp(z).sum()), "quotient"),
        (lambda z, k: z[k] - z.max() - np.log(np.exp(z - z.max()).sum()), "sign"),
    ],
)
def test_an_overflow_is_named(answer, said):
    verdict = ds.check.stable_cross_entropy(answer)
    assert not verdict
    assert said in verdict.message


def test_he_is_not_for_leaky_rectifiers():
    assert "passes with the slope" in ds.check.leaky_variance(lambda n_in, slope: 2 / n_in).message
