"""The recorded run of the chapter on transformers is what its script makes, and the figures show what they say."""

from zlib import crc32

import downslope as ds
import numpy as np
import pytest
from downslope.figures.transformer import attention_weights, smoothed
from downslope.networks import recorded_gpt

from benchmarks import record_gpt

# The manual differs between versions of Python: then the curves are alike, and no more.
SAME_TEXT = crc32(ds.data.text().train.tobytes()) == recorded_gpt().about["text"]


def test_the_script_makes_the_recorded_curve():
    history, recorded = record_gpt.full_run(epochs=1), recorded_gpt().step_loss
    np.testing.assert_allclose(history.step_loss[:30], recorded[:30], rtol=1e-3 if SAME_TEXT else 0.05)
    assert history.test_loss[0] == pytest.approx(recorded_gpt().test_loss[0], abs=0.05 if SAME_TEXT else 0.2)


def test_the_recorded_weights_have_the_recorded_loss():
    run, data = recorded_gpt(), ds.data.text().windows(64)
    loss = run.model.loss(run.params, data.x_test, data.y_test)
    assert loss == pytest.approx(run.test_loss[-1], abs=0.01 if SAME_TEXT else 0.2)
    assert len(run.test_loss) == record_gpt.EPOCHS
    assert run.samples.keys() == set(record_gpt.SAMPLED)


def test_the_recorded_race_is_that_of_the_script():
    race = recorded_gpt().race
    assert {name: tuple(row) for name, row in race.items()} == record_gpt.RATES
    assert race["SGD"][1.0][0] == pytest.approx(record_gpt.race("SGD", 1.0, seed=0), abs=0.02 if SAME_TEXT else 0.2)
    assert race["SGD"][3.0] == [np.inf, np.inf]


def test_attention_weights_are_causal_and_sum_to_one():
    run = recorded_gpt()
    weights = attention_weights(run.model, run.params, ds.data.text().encode("the object"))
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-5)
    assert (np.triu(weights, 1) == 0).all()


def test_a_smoothed_curve_keeps_its_mean():
    loss = np.random.default_rng(0).normal(size=1000)
    ends, means = smoothed(loss)
    assert ends[-1] == 1000
    assert (np.diff(ends, prepend=0) * means).sum() == pytest.approx(loss.sum())
