import socket

import numpy as np
import pytest
from downslope import data

EVERY = [data.diabetes, data.digits, data.wine, data.share_price, data.hillside]


def arrays(dataset):
    return {name: value for name, value in vars(dataset).items() if isinstance(value, np.ndarray)}


@pytest.mark.parametrize("load", EVERY)
def test_loading_asks_nobody_and_gives_the_same_every_time(load, monkeypatch):
    def refuse(*_):
        raise AssertionError("a data set opened a network connection")

    first = arrays(load())
    load.cache_clear()
    monkeypatch.setattr(socket.socket, "connect", refuse)
    again = arrays(load())
    assert first
    assert first.keys() == again.keys()
    for name, array in first.items():
        np.testing.assert_array_equal(again[name], array)


@pytest.mark.parametrize("load", EVERY)
def test_arrays_are_read_only(load):
    for array in arrays(load()).values():
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[0]


def test_digits():
    from sklearn.datasets import load_digits

    d = data.digits()
    assert (d.x_train.shape, d.y_train.shape) == ((1437, 64), (1437,))
    assert (d.x_test.shape, d.y_test.shape) == ((360, 64), (360,))
    assert (d.x_train.min(), d.x_train.max()) == (0, 1)
    assert set(d.y_train) == set(d.y_test) == set(range(10))
    both = np.vstack([np.c_[d.x_train * 16, d.y_train], np.c_[d.x_test * 16, d.y_test]])
    x, y = load_digits(return_X_y=True)
    assert sorted(map(tuple, both)) == sorted(map(tuple, np.c_[x, y]))  # each example once: nothing in both parts


def test_wine_is_standardised():
    w = data.wine()
    assert (w.x.shape, w.y.shape) == ((178, 2), (178,))
    for column in (*w.x.T, w.y):
        assert column.mean() == pytest.approx(0, abs=1e-12)
        assert column.std() == pytest.approx(1)


def test_two_sigmoid_units_learn_the_wines_much_better_than_a_plane():
    w = data.wine()
    plane = np.c_[w.x, np.ones(len(w.y))]
    explained = 1 - np.var(w.y - plane @ np.linalg.lstsq(plane, w.y, rcond=None)[0])
    assert explained == pytest.approx(0.290, abs=5e-4)
    for seed in range(3):
        assert 1 - 2 * trained_loss(w, np.random.default_rng(seed)) == pytest.approx(0.627, abs=0.004)


def trained_loss(table, rng, lr=0.5, steps=3000):
    """Half the mean squared error of a 2-2-1 network after plain descent."""
    W, b, u, c = rng.normal(size=(2, 2)), np.zeros(2), rng.normal(size=2), 0.0
    for _ in range(steps):
        a = 1 / (1 + np.exp(-(table.x @ W.T + b)))
        error = (a @ u + c - table.y) / len(table.y)
        dz = error[:, None] * u * a * (1 - a)
        W, b, u, c = W - lr * dz.T @ table.x, b - lr * dz.sum(0), u - lr * a.T @ error, c - lr * error.sum()
    return np.mean((a @ u + c - table.y) ** 2) / 2


def test_share_price():
    p = data.share_price()
    assert p.date.shape == p.close.shape == (1047,)
    assert p.date.dtype == np.dtype("datetime64[D]")
    assert np.all(np.diff(p.date) > np.timedelta64(0, "D"))
    assert (str(p.date[0]), str(p.date[-1])) == ("2004-08-19", "2008-10-14")
    assert (p.close[0], p.close[-1]) == (100.34, 362.71)


def test_the_close_needs_no_adjustment():
    table = data._matplotlib_sample("goog.npz")["price_data"]
    np.testing.assert_array_equal(table["close"], table["adj_close"])


def test_hillside():
    h = data.hillside()
    assert h.elevation.shape == (344, 403)
    assert (h.elevation.min(), h.elevation.max()) == (236, 1076)
    sphere = 6371e3 * np.pi / 180 / 1200  # 3 arc seconds, as on a round earth
    assert h.north == pytest.approx(sphere, rel=5e-3)
    assert h.east == pytest.approx(sphere * np.cos(np.deg2rad(36.59)), rel=5e-3)


def test_the_first_row_of_the_hillside_is_its_southern_edge():
    raw = data._matplotlib_sample("jacksboro_fault_dem.npz")
    assert raw["ymin"] > raw["ymax"]  # the file counts southward
    np.testing.assert_array_equal(data.hillside().elevation[0], raw["elevation"][-1])


def test_diabetes_is_in_its_own_units_and_nearly_says_one_thing_twice():
    d = data.diabetes()
    assert (d.x.shape, d.y.shape, len(d.features)) == ((442, 10), (442,), 10)
    total, ldl = (d.x[:, d.features.index(f"{name} cholesterol")] for name in ("total", "LDL"))
    assert (d.y.min(), d.y.max(), d.x[:, 1].min(), d.x[:, 1].max()) == (25, 346, 1, 2)
    assert np.corrcoef(total, ldl)[0, 1] == pytest.approx(0.90, abs=0.005)
