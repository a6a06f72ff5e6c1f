"""The checks of the chapter on batches: they accept what is right and name what is wrong."""

import numpy as np
import pytest
from downslope import check

VARIANCES = {
    "this is drawing with replacement": lambda s, b, n: s / b,
    "n - 1 belongs below": lambda s, b, n: s / b * (1 - b / n),
    "the division by the batch size is missing": lambda s, b, n: s * (n - b) / (n - 1),
    "this is the standard deviation": lambda s, b, n: (s / b * (n - b) / (n - 1)) ** 0.5,
    "variances add": lambda s, b, n: s * b * (n - b) / (n - 1),
}

GRADIENTS = {
    "the mean of the means": lambda m, s: np.mean(m, axis=0),
    "never divided": lambda m, s: sum(m),
    "not divided by their number": lambda m, s: sum(g * k for g, k in zip(m, s, strict=True)),
    "not of examples": lambda m, s: sum(g * k for g, k in zip(m, s, strict=True)) / len(s),
}


def test_right_answers_are_accepted():
    assert check.batch_variance(lambda s, b, n: s / b * (1 - (b - 1) / (n - 1)))
    assert check.accumulated(lambda means, sizes: np.average(means, axis=0, weights=sizes))


@pytest.mark.parametrize("diagnosis", VARIANCES)
def test_a_mistake_in_the_variance_is_named(diagnosis):
    verdict = check.batch_variance(VARIANCES[diagnosis])
    assert not verdict
    assert diagnosis in verdict.message


@pytest.mark.parametrize("diagnosis", GRADIENTS)
def test_a_mistake_in_the_accumulation_is_named(diagnosis):
    verdict = check.accumulated(GRADIENTS[diagnosis])
    assert not verdict
    assert diagnosis in verdict.message
