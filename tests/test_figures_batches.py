"""The numbers under the figures of the chapter on batches."""

import downslope as ds
import numpy as np
import pytest
from downslope.figures import batches

WINE = ds.data.wine().x, ds.data.wine().y


@pytest.mark.parametrize("size", [1, 8, 60])
def test_a_batch_gradient_is_right_on_average_and_its_variance_is_the_derived_one(size):
    per_example = np.random.default_rng(3).normal(2, 1, size=(60, 2)) ** 2
    drawn = batches.batch_gradients(per_example, size, draws=4000)
    left = (60 - size) / 59
    variance = per_example.var(axis=0) / size * left
    np.testing.assert_allclose(
        drawn.mean(axis=0), per_example.mean(axis=0), atol=5 * np.sqrt(variance.max() / 4000) + 1e-12
    )
    np.testing.assert_allclose(drawn.var(axis=0), variance, rtol=0.12, atol=1e-12)


def test_with_replacement_the_variance_is_that_of_independent_draws():
    per_example = np.random.default_rng(3).normal(2, 1, size=(60, 2)) ** 2
    drawn = batches.batch_gradients(per_example, 30, draws=4000, replace=True)
    np.testing.assert_allclose(drawn.var(axis=0), per_example.var(axis=0) / 30, rtol=0.12)


def test_the_batch_sizes_are_told_apart_by_more_than_colour():
    lines = batches.by_rate({size: {0.1: 1.0, 0.2: 0.5} for size in (8, 32, 128, 512, 1437)}).axes[0].lines
    assert len({line.get_marker() for line in lines}) == 5


def test_a_walk_with_the_full_batch_is_gradient_descent():
    x, y = WINE
    points = batches.walk(x, y, batch_size=len(y), lr=0.3, steps=200)
    assert batches.excess(x, y, points[-1]) == pytest.approx(0, abs=1e-12)
    loss = ((x @ points[3] - y) ** 2).mean() / 2
    lowest = ((x @ points[-1] - y) ** 2).mean() / 2
    assert batches.excess(x, y, points[3]) == pytest.approx(loss - lowest, rel=1e-9)


@pytest.mark.parametrize(("size", "lr"), [(4, 0.1), (16, 0.2), (64, 0.05)])
def test_the_floor_is_where_the_walk_stays(size, lr):
    x, y = WINE
    walked = batches.excess(x, y, batches.walk(x, y, size, lr, steps=6000))[1000:].mean()
    assert walked == pytest.approx(batches.noise_floor(x, y, size, lr), rel=0.15)
