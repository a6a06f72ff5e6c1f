"""Exponentially weighted averages: against their definition, against pandas, against their own weights."""

import downslope as ds
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

betas = st.floats(0.0, 0.99)
series = st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=40)


@settings(deadline=None)
@given(series, betas)
def test_the_average_is_the_weighted_sum_of_its_data(x, beta):
    last = ds.ewma(x, beta)[-1]
    np.testing.assert_allclose(last, ds.ewma_weights(beta, len(x)) @ np.array(x), rtol=1e-9, atol=1e-9)


@settings(deadline=None)
@given(series, st.floats(0.0, 0.98))
def test_the_corrected_average_is_pandas_default(x, beta):
    theirs = pd.Series(x).ewm(alpha=1 - beta).mean()
    np.testing.assert_allclose(ds.ewma(x, beta, bias_correction=True), theirs, rtol=1e-9, atol=1e-9)


@settings(deadline=None)
@given(series, betas)
def test_the_unadjusted_pandas_average_starts_at_the_first_value(x, beta):
    theirs = pd.Series(x).ewm(alpha=1 - beta, adjust=False).mean()
    np.testing.assert_allclose(ds.ewma(x, beta, initial=x[0]), theirs, rtol=1e-9, atol=1e-9)


@given(betas, st.integers(1, 200))
def test_the_weights_sum_to_what_the_correction_divides_by(beta, t):
    np.testing.assert_allclose(ds.ewma_weights(beta, t).sum(), 1 - beta**t, rtol=1e-12)


def test_columns_are_averaged_one_by_one():
    x = np.random.default_rng(0).normal(size=(10, 3))
    assert np.array_equal(ds.ewma(x, 0.9)[:, 1], ds.ewma(x[:, 1], 0.9))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: ds.ewma([1.0], 1.0), "beta must be in [0, 1), got 1.0"),
        (lambda: ds.ewma(3.0, 0.9), "x must have at least one axis, got a scalar"),
        (
            lambda: ds.ewma([1.0], 0.9, bias_correction=True, initial=2.0),
            "initial must be 0 when bias_correction is on, got 2.0",
        ),
        (lambda: ds.ewma_weights(0.9, 0), "t must be at least 1 and finite, got 0"),
        (lambda: ds.effective_window(-0.5), "beta must be in [0, 1), got -0.5"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError) as error:
        call()
    assert str(error.value) == message
