"""Training: what a step sees, what an epoch is, what the history says."""

import sys
from dataclasses import dataclass, replace
from io import StringIO
from types import SimpleNamespace

import downslope as ds
import numpy as np
import pytest
from downslope.data import Split
from downslope.networks import MLP, Tanh, cross_entropy
from downslope.networks.tape import hvp
from downslope.optimizers import Matrixwise
from downslope.trees import leaves, tree_map
from settings import ALL


def examples(n=10, test=3):
    """Numbers that say which example they are."""
    x = np.arange(1.0, n + test + 1)[:, None]
    return Split(x[:n], x[:n, 0], x[n:], x[n:, 0])


@dataclass
class Bowl:
    """Half of (w - x)^2, averaged, with everything it was asked for."""

    start: float = 0.0

    def __post_init__(self):
        self.params = {"w": np.full(1, self.start)}
        self.batches, self.at = [], []

    def loss(self, params, x, y):
        return ((params["w"] - y) ** 2).mean() / 2

    def gradient(self, params, x, y):
        self.batches.append(y.tolist())
        self.at.append(float(params["w"][0]))
        return self.loss(params, x, y), {"w": (params["w"] - y).mean(keepdims=True)}


class Slope(Bowl):
    """A loss that falls for ever: every gradient is one, every loss the same."""

    def loss(self, params, x, y):
        return 1.0

    def gradient(self, params, x, y):
        return 1.0, {"w": np.ones(1)}


def run(model, opt, epochs=2, batch_size=4, data=None, **rest):
    return ds.fit(model, data or examples(), opt, epochs=epochs, batch_size=batch_size, rng=rng(), **rest)


def rng(seed=7):
    return np.random.default_rng(seed)


def tiny(**data):
    """A network of 34 parameters and some digits."""
    d = ds.data.digits()
    split = Split(d.x_train[:40, 20:24], d.y_train[:40], d.x_test[:20, 20:24], d.y_test[:20])
    return MLP([4, 3, 10], rng=rng(0)), replace(split, **data)


def test_an_epoch_uses_every_example_once_in_a_new_order_and_keeps_the_short_batch():
    model = Bowl()
    run(model, ds.SGD())
    assert list(map(len, model.batches)) == [4, 4, 2, 4, 4, 2]
    first, second = ([y for batch in model.batches[k : k + 3] for y in batch] for k in (0, 3))
    assert sorted(first) == sorted(second) == list(range(1, 11))
    assert first != second


def test_fit_is_the_loop_that_one_would_write():
    model, data = tiny()
    history = run(model, ds.Adam(lr=0.01), epochs=3, batch_size=16, data=data)
    generator, opt, params = rng(), ds.Adam(lr=0.01), model.params
    state, losses = opt.init(params), []
    for _ in range(3):
        order = generator.permutation(40)
        for k in range(0, 40, 16):
            batch = order[k : k + 16]
            loss, grads = model.gradient(params, data.x_train[batch], data.y_train[batch])
            updates, state = opt.update(grads, state, params)
            params = tree_map(np.add, params, updates)
            losses.append(loss)
    np.testing.assert_equal(history.params, params)
    np.testing.assert_equal(history.state, state)
    np.testing.assert_array_equal(history.step_loss, losses)
    sizes = np.array([16, 16, 8])
    np.testing.assert_allclose(history.train_loss, np.reshape(losses, (3, 3)) @ sizes / 40, rtol=1e-15)
    assert history.test_loss[-1] == pytest.approx(model.loss(params, data.x_test, data.y_test), rel=1e-14)
    assert history.test_accuracy[-1] == model.accuracy(params, data.x_test, data.y_test)


def test_the_model_stays_as_it_is_so_that_two_optimizers_start_at_one_point():
    model, data = tiny()
    before = tree_map(np.copy, model.params)
    first = run(model, ds.SGD(lr=0.1), data=data)
    np.testing.assert_equal(model.params, before)
    np.testing.assert_equal(run(model, ds.SGD(lr=0.1), data=data).params, first.params)


def test_the_test_split_is_measured_whole_though_not_at_once():
    data = examples(n=4, test=1100)
    model = Bowl()
    history = run(model, ds.SGD(), data=data)
    assert history.test_loss[-1] == pytest.approx(model.loss(history.params, data.x_test, data.y_test), rel=1e-12)


def test_there_is_no_accuracy_without_classes():
    table = ds.data.wine()
    y = table.y[:, None]
    data = Split(table.x[:100], y[:100], table.x[100:], y[100:])
    model = MLP([2, 1], loss=ds.networks.half_squared_error, rng=rng())
    assert np.isnan(run(model, ds.SGD(), data=data).test_accuracy).all()
    assert np.isnan(run(Bowl(), ds.SGD()).test_accuracy).all()


def test_a_full_batch_is_gradient_descent():
    trace = run(Bowl(), ds.SGD(lr=0.5), epochs=4, batch_size=10)
    assert trace.params["w"][0] == pytest.approx(5.5 * (1 - 0.5**4), rel=1e-14)


def test_characters_are_trained_as_rows_of_numbers_are():
    class Bigrams:
        """Which character follows which."""

        params = np.zeros((96, 96))

        def loss(self, params, x, y):
            return cross_entropy(params[x], y)[0]

        def gradient(self, params, x, y):
            loss, dy = cross_entropy(params[x], y)
            grads = np.zeros_like(params)
            np.add.at(grads, x, dy)
            return loss, grads

    windows = ds.data.text().windows(32)
    data = Split(windows.x_train[:640], windows.y_train[:640], windows.x_test[:64], windows.y_test[:64])
    history = run(Bigrams(), ds.Adam(lr=0.1), batch_size=64, data=data)
    assert history.step_loss[0] == pytest.approx(np.log(96))
    assert history.test_loss[-1] < 3.2


def test_a_schedule_counts_mini_batches():
    schedule = ds.schedules.step_decay(0.5, every=4)
    history = run(Slope(), ds.SGD(lr=schedule), epochs=2)
    assert history.params["w"][0] == -(0.5 * 4 + 0.25 * 2)


@pytest.mark.parametrize(
    "around",
    [
        lambda lr: ds.SGD(lr=lr),
        lambda lr: ds.Clip(ds.SGD(lr=lr), max_norm=5.0),
        lambda lr: ds.Partition(lambda path, w: "all", {"all": ds.SGD(lr=lr)}),
        lambda lr: ds.SGD(lr=ds.schedules.warmup(lr, steps=1)),
        lambda lr: ds.fused(ds.SGD(lr=lr)),
    ],
    ids=["alone", "in a wrapper", "in a partition", "in a schedule", "compiled"],
)
def test_a_plateau_sees_the_training_loss_of_each_epoch(around):
    plateau = ds.schedules.Plateau(0.8)  # the first loss sets the mark, each of the same size cuts
    history = run(Slope(), around(plateau), epochs=4)
    assert history.params["w"][0] == pytest.approx(-3 * (0.8 + 0.8 + 0.4 + 0.2), rel=1e-15)


def test_the_gradient_is_taken_where_the_optimizer_looks():
    model = Bowl()
    run(model, ds.Nesterov(lr=0.1, momentum=0.5), epochs=3, batch_size=10)
    w, m, seen = 0.0, 0.0, []
    for _ in range(3):
        seen.append(w - 0.1 * 0.5 * m)
        m = 0.5 * m + (seen[-1] - 5.5)
        w -= 0.1 * m
    assert model.at == pytest.approx(seen, rel=1e-13)


def test_previous_gradients_are_taken_on_the_same_mini_batch_at_the_point_before():
    model = Bowl()
    run(model, ds.MARS(lr=0.1), epochs=1)
    assert len(model.batches) == 5  # no gradient before the first step
    for here, there in ((1, 2), (3, 4)):
        assert model.batches[here] == model.batches[there]
    points = [model.at[k] for k in (0, 1, 3)]
    assert [model.at[2], model.at[4]] == points[:2]


def test_the_hessians_diagonal_is_estimated_and_only_now_and_then():
    class Quadratic(Bowl):
        """Curvatures 1, 2 and 3, and no mixed ones: one vector of signs gives them exactly."""

        def __post_init__(self):
            super().__post_init__()
            self.params = {"w": np.ones(3)}

        def gradient(self, params, x, y):
            self.at.append(params["w"])
            return self.loss(params, x, y[:1]), {"w": np.array([1.0, 2.0, 3.0]) * params["w"]}

    model = Quadratic()
    state = run(model, ds.Sophia(beta2=0.0), epochs=2, hessian_every=4).state
    np.testing.assert_allclose(state["h"]["w"], [1, 2, 3], rtol=1e-9)
    assert len(model.at) == 6 + 2 * 2  # in the first and in the fifth of six steps


def test_the_estimate_is_what_the_tape_says_of_the_same_signs():
    model = MLP([4, 3, 10], activation=Tanh(), rng=rng(0))  # ReLU has kinks, over which no two methods need agree
    _, data = tiny()
    found = run(model, ds.Sophia(lr=0.0, beta2=0.0), epochs=1, batch_size=40, data=data).state["h"]
    generator = rng()
    generator.permutation(40)
    signs = tree_map(lambda w: generator.choice([-1.0, 1.0], w.shape), model.params)
    product = hvp(lambda params: model.loss(params, data.x_train, data.y_train), model.params, signs)
    for (_, estimate), (_, u), (_, Hu) in zip(*map(leaves, (found, signs, product)), strict=True):
        np.testing.assert_allclose(estimate, u * Hu, rtol=1e-6, atol=1e-8)


def test_the_estimated_diagonal_is_right_on_average():
    model, data = tiny()
    x, y = data.x_train, data.y_train
    w = model.params["dense2"]["b"]

    def with_bias(b):
        return model.params | {"dense2": model.params["dense2"] | {"b": b}}

    def slope(b):
        return model.gradient(with_bias(b), x, y)[1]["dense2"]["b"]

    exact = [(slope(w + 1e-5 * e) - slope(w - 1e-5 * e)) @ e / 2e-5 for e in np.eye(10)]
    drawn = [
        ds.fit(model, data, ds.Sophia(lr=0.0, beta2=0.0), epochs=1, batch_size=40, rng=rng(seed)).state
        for seed in range(300)
    ]
    estimates = np.array([state["h"]["dense2"]["b"] for state in drawn])
    error = estimates.std(axis=0) / np.sqrt(300)
    assert (np.abs(estimates.mean(axis=0) - exact) < 4 * error).all()


@pytest.mark.parametrize("opt", [ds.Adam(lr=0.01), ds.Sophia(lr=0.01)], ids=repr)
def test_a_compiled_optimizer_trains_as_its_rule_does(opt):
    model, data = tiny()
    rule, compiled = (run(model, o, epochs=5, batch_size=8, data=data) for o in (opt, ds.fused(opt)))
    np.testing.assert_allclose(compiled.step_loss, rule.step_loss, rtol=1e-12)


@pytest.mark.parametrize("opt", ALL)
def test_every_optimizer_trains_a_network(opt):
    if opt.needs == ("hessian",):
        with pytest.raises(ValueError, match=r"^opt must do without the whole Hessian to train a network, got Newton"):
            run(*tiny()[:1], opt, data=tiny()[1])
        return
    if isinstance(opt, Matrixwise):
        opt = ds.Partition(lambda path, w: w.ndim == 2, {True: opt, False: ds.AdamW()})
    model, data = tiny()
    history = run(model, opt, epochs=1, batch_size=14, data=data)
    assert len(history.step_loss) == 3  # an even number of signs might cancel
    for (path, start), (_, end) in zip(leaves(model.params), leaves(history.params), strict=True):
        assert end.shape == start.shape
        assert not np.array_equal(start, end), f"{path} has not moved"


def test_a_run_that_diverges_keeps_its_history():
    model, data = tiny()
    with pytest.raises(
        ds.DivergedError, match=r"^SGD\(lr=1e\+200\) left the finite numbers after \d steps, in epoch 1$"
    ) as info:
        run(model, ds.SGD(lr=1e200), epochs=20, batch_size=20, data=data)
    history = info.value.history
    assert 1 <= len(history.step_loss) == history.state["t"] < 40
    assert np.isfinite(history.step_loss).all()
    assert all(np.isfinite(w).all() for _, w in leaves(history.params))


def test_a_test_loss_that_is_not_finite_is_a_divergence_too():
    class Blind(Bowl):
        def loss(self, params, x, y):
            return np.inf if x.max() > 10 else super().loss(params, x, y)

    with pytest.raises(ds.DivergedError, match=r"after 3 steps, in epoch 1$") as info:
        run(Blind(), ds.SGD())
    assert len(info.value.history.train_loss) == 0
    assert len(info.value.history.step_loss) == 3


def test_what_is_called_after_each_epoch_sees_the_history_so_far():
    lengths = []
    run(Bowl(), ds.SGD(), epochs=3, on_epoch=lambda h: lengths.append((len(h.train_loss), len(h.step_loss))))
    assert lengths == [(1, 3), (2, 6), (3, 9)]


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ({"epochs": 0}, ValueError, "epochs must be at least 1 and finite, got 0"),
        ({"epochs": 1.5}, TypeError, "epochs must be an integer, got 1.5"),
        ({"batch_size": 0}, ValueError, "batch_size must be in [1, 11), got 0"),
        ({"batch_size": 11}, ValueError, "batch_size must be in [1, 11), got 11"),
        ({"batch_size": "all"}, TypeError, "batch_size must be an integer, got 'all'"),
        ({"hessian_every": 0}, ValueError, "hessian_every must be at least 1 and finite, got 0"),
        ({"rng": 7}, TypeError, "rng must be a numpy.random.Generator, got 7"),
        (
            {"data": replace(examples(), y_train=np.zeros(3))},
            ValueError,
            "data must have as many x_train as y_train, and one at least, got 10 and 3",
        ),
        (
            {"data": examples(test=0)},
            ValueError,
            "data must have as many x_test as y_test, and one at least, got 0 and 0",
        ),
    ],
    ids=str,
)
def test_bad_input_is_named(wrong, error, message):
    given = {"data": examples(), "epochs": 1, "batch_size": 2, "rng": rng()} | wrong
    with pytest.raises(error) as info:
        ds.fit(Bowl(), given.pop("data"), ds.SGD(), **given)
    assert str(info.value) == message


def test_a_small_network_reads_the_digits():
    model = MLP([64, 64, 10], rng=rng(0))
    history = ds.fit(model, ds.data.digits(), ds.Adam(lr=3e-3), epochs=20, batch_size=32, rng=rng(1))
    assert history.test_accuracy[-1] >= 0.97


class Bar:
    """tqdm, to look at."""

    def __init__(self, **settings):
        self.settings, self.steps, self.said, self.closed = settings, 0, [], False
        Bar.last = self

    def update(self):
        self.steps += 1

    def set_postfix_str(self, words):
        self.said.append(words)

    def close(self):
        self.closed = True


@pytest.fixture
def watched(monkeypatch):
    """A terminal, and a tqdm that remembers."""
    Bar.last = None
    monkeypatch.setitem(sys.modules, "tqdm", SimpleNamespace())
    monkeypatch.setitem(sys.modules, "tqdm.auto", SimpleNamespace(tqdm=Bar))
    monkeypatch.setattr(ds.progress, "sys", SimpleNamespace(modules={}, stderr=SimpleNamespace(isatty=lambda: True)))
    monkeypatch.delenv("DOWNSLOPE_STATIC", raising=False)
    return monkeypatch


def test_a_bar_moves_with_every_step_where_it_can_be_seen(watched):
    history = run(Bowl(), ds.SGD())
    bar = Bar.last
    assert (bar.settings["total"], bar.settings["initial"], bar.steps, bar.closed) == (6, 0, 6, True)
    assert bar.said[0] == f"train loss {history.train_loss[0]:.3g}, test loss {history.test_loss[0]:.3g}"


@pytest.mark.parametrize("why", ["not wanted", "a static page", "no terminal"])
def test_a_bar_is_quiet(watched, why):
    if why == "a static page":
        watched.setenv("DOWNSLOPE_STATIC", "1")
    if why == "no terminal":
        watched.setattr(ds.progress.sys.stderr, "isatty", lambda: False)
    run(Bowl(), ds.SGD(), progress=why != "not wanted")
    assert Bar.last is None


def closed():
    stream = StringIO()
    stream.close()
    return stream


@pytest.mark.parametrize("stderr", [None, SimpleNamespace(), closed()], ids=["none", "no stream", "closed"])
def test_training_does_without_a_place_for_the_bar(watched, stderr):
    watched.setattr(ds.progress.sys, "stderr", stderr)
    assert len(run(Bowl(), ds.SGD()).train_loss) == 2
    assert Bar.last is None


def test_training_does_without_tqdm(watched):
    watched.setitem(sys.modules, "tqdm.auto", None)
    assert len(run(Bowl(), ds.SGD()).train_loss) == 2
