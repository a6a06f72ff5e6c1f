"""The recorded run of the chapter on transformers is what its script makes, and the figures show what they say."""

from functools import partial
from zlib import crc32

import downslope as ds
import numpy as np
import pytest
from downslope.figures.transformer import attention_weights, smoothed, variant
from downslope.networks import GPT, recorded_gpt
from downslope.trees import leaves

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
    assert race["SGD"][1.0][0] == pytest.approx(record_gpt.race("SGD", 1.0, seed=0)[0], abs=0.02 if SAME_TEXT else 0.2)
    assert race["SGD"][3.0] == [np.inf] * len(record_gpt.SEEDS)


def test_the_recorded_curves_are_those_of_the_best_step_sizes():
    run = recorded_gpt()
    lr = record_gpt.best(run.race["AdamW"])
    loss, steps = record_gpt.race("AdamW", lr, seed=0)
    assert run.race["AdamW"][lr][0] == pytest.approx(loss, abs=0.02 if SAME_TEXT else 0.2)
    np.testing.assert_allclose(run.race_loss["AdamW"][:30], steps[:30], rtol=1e-3 if SAME_TEXT else 0.05)
    assert {name: len(curve) for name, curve in run.race_loss.items()} == dict.fromkeys(run.race, record_gpt.SHORT)


def test_the_recorded_runs_without_a_warm_up_and_without_a_part_are_those_of_the_script():
    run, near = recorded_gpt(), 0.02 if SAME_TEXT else 0.2
    assert tuple(run.cold) == record_gpt.RATES["AdamW"]
    assert run.cold[3e-3][1] == pytest.approx(record_gpt.race("AdamW", 3e-3, seed=1, warmup=0)[0], abs=near)
    assert run.broken.keys() == record_gpt.LEFT_OUT.keys()
    alone = partial(variant, attention=False)
    assert run.broken["no attention"][0] == pytest.approx(record_gpt.race("Muon", 0.03, 0, block=alone)[0], abs=near)


def test_the_recorded_longer_race_is_that_of_the_script():
    longer = recorded_gpt().longer
    assert {name: tuple(row) for name, row in longer.items()} == record_gpt.LONGER
    again = record_gpt.race("Momentum", 0.3, seed=0, longer=True)[0]
    assert longer["Momentum"][0.3][0] == pytest.approx(again, abs=0.02 if SAME_TEXT else 0.2)


def test_a_block_with_nothing_left_out_is_the_block():
    whole, other = (GPT(5, width=8, heads=2, rng=np.random.default_rng(0), **kind) for kind in ({}, {"block": variant}))
    tokens = np.array([[0, 1, 2, 3]])
    assert [path for path, _ in leaves(whole.params)] == [path for path, _ in leaves(other.params)]
    np.testing.assert_array_equal(other.predict(other.params, tokens), whole.predict(whole.params, tokens))


@pytest.mark.parametrize("part", ["norm", "add", "attention"])
def test_a_block_lacks_what_is_left_out(part):
    x = np.random.default_rng(0).normal(size=(1, 4, 8))
    whole, other = (
        block.forward(block.init(np.random.default_rng(0)), x)[0]
        for block in (variant(8, 2, 1), variant(8, 2, 1, **{part: False}))
    )
    assert not np.allclose(whole, other, rtol=1e-6)


@pytest.mark.parametrize("causal", [True, False])
def test_only_without_a_mask_the_first_place_sees_the_last(causal):
    block, x = variant(8, heads=2, depth=1, causal=causal), np.random.default_rng(0).normal(size=(1, 4, 8))
    params, other = block.init(np.random.default_rng(0)), x.copy()
    other[:, -1] = -x[:, -1]
    first, moved = (block.forward(params, seen)[0][:, 0] for seen in (x, other))
    assert np.array_equal(first, moved) == causal


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
