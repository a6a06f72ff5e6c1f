"""The numbers under the figures of the chapter on averages."""

import numpy as np
import pandas as pd
import pytest
from downslope.figures import averages

PANDAS = {"corrected": True, "from the first value": False}


@pytest.mark.parametrize("start", averages.STARTS)
@pytest.mark.parametrize("beta", [0.0, 0.5, 0.95])
def test_the_weights_are_those_of_the_average(start, beta):
    x = np.random.default_rng(0).normal(size=30)
    weights = averages.started_weights(beta, 30, start)
    np.testing.assert_allclose(averages.started(x, beta, start)[-1], weights @ x, rtol=1e-12)


@pytest.mark.parametrize("start", PANDAS)
def test_two_starts_are_pandas(start):
    x = np.random.default_rng(1).normal(size=30)
    theirs = pd.Series(x).ewm(alpha=0.2, adjust=PANDAS[start]).mean()
    np.testing.assert_allclose(averages.started(x, 0.8, start), theirs, rtol=1e-12)


def test_a_delay_is_found():
    x = np.random.default_rng(2).normal(size=500)
    assert averages.best_lag(x, np.roll(x, 17), skip=200) == 17


def test_the_gain_that_is_drawn_is_that_of_the_filter():
    curve = averages.gain([0.9]).axes[0].lines[0]
    period, drawn = curve.get_xdata()[60], curve.get_ydata()[60]
    t = np.arange(4000)
    wave = np.exp(2j * np.pi * t / period)
    parts = [averages.started(part, 0.9, "from zero")[-1] for part in (wave.real, wave.imag)]
    assert abs(complex(*parts)) == pytest.approx(drawn, rel=1e-9)


def test_a_weight_that_does_not_fit_is_written_beside_its_bar():
    bottom = averages.memory(np.linspace(100, 200, 60), 0.98, "from the first value").axes[1]
    assert "0.45" in [text.get_text() for text in bottom.texts]
