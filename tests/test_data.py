import socket

import numpy as np
import pytest
from downslope import data
from downslope.data import samples

EVERY = [
    data.diabetes,
    data.digits,
    data.hillside,
    data.paragraphs,
    data.share_price,
    data.text,
    data.wine,
]


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
    table = samples._matplotlib_sample("goog.npz")["price_data"]
    np.testing.assert_array_equal(table["close"], table["adj_close"])


def test_hillside():
    h = data.hillside()
    assert h.elevation.shape == (344, 403)
    assert (h.elevation.min(), h.elevation.max()) == (236, 1076)
    sphere = 6371e3 * np.pi / 180 / 1200  # 3 arc seconds, as on a round earth
    assert h.north == pytest.approx(sphere, rel=5e-3)
    assert h.east == pytest.approx(sphere * np.cos(np.deg2rad(36.59)), rel=5e-3)


def test_the_first_row_of_the_hillside_is_its_southern_edge():
    raw = samples._matplotlib_sample("jacksboro_fault_dem.npz")
    assert raw["ymin"] > raw["ymax"]  # the file counts southward
    np.testing.assert_array_equal(data.hillside().elevation[0], raw["elevation"][-1])


def test_diabetes_is_in_its_own_units_and_nearly_says_one_thing_twice():
    d = data.diabetes()
    assert (d.x.shape, d.y.shape, len(d.features)) == ((442, 10), (442,), 10)
    total, ldl = (d.x[:, d.features.index(f"{name} cholesterol")] for name in ("total", "LDL"))
    assert (d.y.min(), d.y.max(), d.x[:, 1].min(), d.x[:, 1].max()) == (25, 346, 1, 2)
    assert np.corrcoef(total, ldl)[0, 1] == pytest.approx(0.90, abs=0.005)


def test_text_is_the_manual_in_characters_that_never_change():
    t = data.text()
    assert (len(t.vocabulary), t.vocabulary[0], t.vocabulary[1], t.vocabulary[-1]) == (96, "\n", " ", "~")
    for part in (t.train, t.test):
        assert part.dtype == np.int64
        assert 0 <= part.min() <= part.max() < 96
    both = len(t.train) + len(t.test)
    assert len(t.train) == both * 9 // 10
    assert both > 300_000
    assert t.decode(t.train).count(" the ") > 1000
    assert np.mean(t.train == t.encode("?")[0]) < 1e-4  # what has no place in ASCII is rare


def test_no_paragraph_of_the_test_text_stands_in_the_training_text():
    t = data.text()
    train, test = (set(t.decode(part).split("\n\n")) for part in (t.train, t.test))
    assert len(test) > 100
    assert not train & test


def test_text_is_encoded_and_decoded():
    t = data.text()
    words = 'def f(x):\n    return "~"'
    assert t.decode(t.encode(words)) == words
    with pytest.raises(ValueError, match=r"^words must consist of characters of the vocabulary, got 'é'$"):
        t.encode("café")


@pytest.mark.parametrize("i", [-1, 96])
def test_only_places_in_the_vocabulary_are_decoded(i):
    with pytest.raises(ValueError, match=rf"^ids must be in \[0, 96\), got {i}$"):
        data.text().decode(np.array([0, i]))
    assert data.text().decode(np.array([], dtype=int)) == ""


def test_windows_are_the_text_in_pieces_and_their_targets_one_character_later():
    t = data.text()
    w = t.windows(64)
    for x, y, ids in ((w.x_train, w.y_train, t.train), (w.x_test, w.y_test, t.test)):
        assert x.shape == y.shape == ((len(ids) - 1) // 64, 64)
        np.testing.assert_array_equal(x.ravel(), ids[: x.size])
        np.testing.assert_array_equal(y.ravel(), ids[1 : y.size + 1])
        assert not x.flags.writeable


@pytest.mark.parametrize("length", [0, 10**6])
def test_windows_have_a_length_that_the_text_has(length):
    with pytest.raises(ValueError, match=r"^length must be in \[1, \d+\), got " + str(length)):
        data.text().windows(length)


def test_the_length_of_a_window_is_an_integer():
    with pytest.raises(TypeError, match=r"^length must be an integer in \[1, \d+\), got 3\.5$"):
        data.text().windows(3.5)


def test_the_words_of_a_paragraph_are_sparse():
    p = data.paragraphs()
    assert p.x_train.shape[1] == p.x_test.shape[1] == len(p.words) == len(set(p.words))
    assert set(np.unique(p.x_train)) == {0, 1}
    assert (p.x_train != 0).mean() < 0.02
    seen = p.x_train.sum(axis=0)
    assert seen.min() == 2
    assert np.median(seen) <= 5
    assert len(p.y_test) == (len(p.y_train) + len(p.y_test)) // 5


def test_every_topic_has_paragraphs_to_learn_from():
    p = data.paragraphs()
    assert len(p.topics) == 8
    assert np.bincount(p.y_train, minlength=8).min() >= 40
    assert np.bincount(p.y_test, minlength=8).min() >= 5


def test_a_feature_says_whether_its_word_occurs():
    p = data.paragraphs()
    with_dictionary = p.x_train[:, p.words.index("dictionary")] == 1
    dictionaries = p.y_train == p.topics.index("dictionaries")
    assert dictionaries[with_dictionary].mean() > 2 * dictionaries.mean()


def test_words_tell_the_topic():
    p = data.paragraphs()
    W, b = np.zeros((8, len(p.words))), np.zeros(8)
    right = np.eye(8)[p.y_train]
    for _ in range(100):
        scores = p.x_train @ W.T + b
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        error = (odds / odds.sum(axis=1, keepdims=True) - right) / len(right)
        W, b = W - 2 * error.T @ p.x_train, b - 2 * error.sum(axis=0)
    assert np.mean((p.x_test @ W.T + b).argmax(axis=1) == p.y_test) > 0.75
