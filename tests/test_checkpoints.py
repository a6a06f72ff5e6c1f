"""Checkpoints: a run that was stopped, in whatever way, ends as one that was not."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import downslope as ds
import numpy as np
import pytest
from downslope import checkpoints
from downslope.data import Split
from downslope.networks import MLP

OPTIMIZERS = [
    ds.SGD(lr=ds.schedules.cosine(0.5, steps=30)),
    ds.SGD(lr=ds.schedules.Plateau(4.0)),
    ds.Nesterov(lr=0.1),
    ds.Adam(lr=0.03),
    ds.fused(ds.Adam(lr=0.03)),
    ds.Sophia(lr=0.01),
    ds.MARS(lr=0.03),
    ds.Lookahead(ds.Clip(ds.AMSGrad(lr=0.03), max_norm=0.1)),
    ds.PolyakAverage(ds.Momentum(lr=0.1)),
    ds.Quantized(ds.Adam(lr=0.03)),
    ds.Partition(lambda path, w: w.ndim == 2, {True: ds.Muon(), False: ds.AdamW()}),
]


def setting():
    d = ds.data.digits()
    data = Split(d.x_train[:70], d.y_train[:70], d.x_test[:30], d.y_test[:30])
    return MLP([64, 8, 10], rng=np.random.default_rng(0)), data


def train(opt, *, model=None, data=None, epochs=6, batch_size=16, seed=3, **rest):
    a_model, some_data = setting()
    rest = {"rng": np.random.default_rng(seed)} | rest
    return ds.fit(model or a_model, data or some_data, opt, epochs=epochs, batch_size=batch_size, **rest)


def assert_same(one, other):
    """Bit for bit."""
    np.testing.assert_equal(vars(one), vars(other))


class Interrupted(MLP):
    """A network at which somebody presses Ctrl-C, in the middle of a step."""

    def __init__(self, at):
        super().__init__([64, 8, 10], rng=np.random.default_rng(0))
        self.left = at

    def gradient(self, params, x, y):
        self.left -= 1
        if self.left == 0:
            signal.raise_signal(signal.SIGINT)
        return super().gradient(params, x, y)


@pytest.mark.parametrize("opt", OPTIMIZERS, ids=repr)
def test_a_run_resumed_after_an_epoch_equals_the_one_never_stopped(opt, tmp_path):
    whole = train(opt)
    train(opt, epochs=2, checkpoint=tmp_path / "run.npz")
    assert_same(train(opt, checkpoint=tmp_path / "run.npz", seed=99), whole)


@pytest.fixture
def keyboard():
    """Ctrl-C as in a terminal: a process that was started in the background ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("keyboard")
@pytest.mark.parametrize("opt", OPTIMIZERS, ids=repr)
@pytest.mark.parametrize("at", [1, 8, 22])
def test_an_interrupted_run_leaves_a_checkpoint_in_the_middle_of_an_epoch(opt, at, tmp_path):
    whole, path = train(opt), tmp_path / "run.npz"
    with pytest.raises(KeyboardInterrupt):
        train(opt, model=Interrupted(at), checkpoint=path)
    header, _ = checkpoints.read(path)
    if not opt.needs:  # one gradient is one step
        assert (len(header["epochs"]), header["done"]) == divmod(at - 1, 5)
    assert_same(train(opt, checkpoint=path, seed=99), whole)


@pytest.mark.usefixtures("keyboard")
@pytest.mark.parametrize("kind", [np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64])
def test_every_generator_goes_on_where_it_was(kind, tmp_path):
    path, opt = tmp_path / "run.npz", ds.Sophia(lr=0.01)
    whole = train(opt, rng=np.random.Generator(kind(5)))
    with pytest.raises(KeyboardInterrupt):
        train(opt, rng=np.random.Generator(kind(5)), model=Interrupted(9), checkpoint=path)
    assert_same(train(opt, rng=np.random.Generator(kind(6)), checkpoint=path), whole)


def test_float32_stays_float32_through_a_checkpoint(tmp_path):
    model = MLP([64, 8, 10], rng=np.random.default_rng(0), dtype=np.float32)
    train(ds.Adam(), model=model, epochs=2, checkpoint=tmp_path / "run.npz")
    resumed = train(ds.Adam(), model=model, checkpoint=tmp_path / "run.npz")
    assert resumed.params["dense1"]["W"].dtype == resumed.state["m"]["dense1"]["W"].dtype == np.float32
    assert_same(resumed, train(ds.Adam(), model=model))


def test_a_batch_size_may_be_a_number_of_numpys(tmp_path):
    path, numbers = tmp_path / "run.npz", {"batch_size": np.int64(16), "hessian_every": np.int32(10)}
    train(ds.Adam(), epochs=2, checkpoint=path, **numbers)
    assert_same(train(ds.Adam(), checkpoint=path, **numbers), train(ds.Adam()))


@pytest.mark.parametrize("place", ["nowhere/run.npz", ""])
def test_a_checkpoint_that_has_no_place_is_refused_before_the_first_step(place, tmp_path):
    path, untouched = tmp_path / place, Interrupted(1)
    with pytest.raises(ValueError) as info:
        train(ds.Adam(), model=untouched, checkpoint=path)
    assert str(info.value) == f"checkpoint must be a file in a folder that exists, got {str(path)!r}"
    assert untouched.left == 1


def test_a_run_that_is_finished_is_read_and_not_run_again(tmp_path):
    whole = train(ds.Adam(), checkpoint=tmp_path / "run.npz")
    untouched = Interrupted(1)
    assert_same(train(ds.Adam(), model=untouched, checkpoint=tmp_path / "run.npz"), whole)
    assert untouched.left == 1


def test_a_checkpoint_may_be_taken_further_and_not_back(tmp_path):
    path = tmp_path / "run.npz"
    train(ds.Adam(), epochs=3, checkpoint=path)
    message = f"epochs must be at least 3 to go on from checkpoint {str(path)!r}, got 2"
    with pytest.raises(ValueError) as info:
        train(ds.Adam(), epochs=2, checkpoint=path)
    assert str(info.value) == message


def other_data():
    _, data = setting()
    return replace(data, x_train=data.x_train[::-1])


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("optimizer", {"opt": ds.Adam(lr=0.02)}),
        ("optimizer", {"opt": ds.SGD()}),
        ("batch_size", {"batch_size": 17}),
        ("x_train", {"data": other_data()}),
        ("params", {"model": MLP([64, 9, 10], rng=np.random.default_rng(0))}),
        ("hessian_every", {"hessian_every": 3}),
        ("generator", {"rng": np.random.Generator(np.random.Philox(0))}),
    ],
    ids=str,
)
def test_the_checkpoint_of_another_run_is_refused(name, other, tmp_path):
    path = tmp_path / "run.npz"
    train(ds.Adam(), checkpoint=path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=rf"^checkpoint '.*run\.npz' is of another run: its {name} is .+, not .+"):
        train(**({"opt": ds.Adam()} | other), checkpoint=path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", "half of one", "another archive", "a list"], ids=str)
def test_a_file_that_is_no_checkpoint_is_refused(content, tmp_path):
    path = tmp_path / "run.npz"
    if content == "half of one":
        train(ds.Adam(), epochs=1, checkpoint=path)
        content = path.read_bytes()[: path.stat().st_size // 2]
    if content in ("another archive", "a list"):
        np.savez(path, **{"w": np.zeros(3)} if content == "another archive" else {"downslope": np.array("[1, 2]")})
    else:
        path.write_bytes(content)
    with pytest.raises(ValueError) as info:
        train(ds.Adam(), checkpoint=path)
    assert str(info.value) == f"checkpoint must be a file that fit has written, got {str(path)!r}"


@pytest.mark.parametrize("failing", ["savez", "fsync", "replace"])
def test_a_checkpoint_is_written_whole_or_not_at_all(failing, tmp_path, monkeypatch):
    path = tmp_path / "run.npz"
    train(ds.Adam(), epochs=2, checkpoint=path)
    before = path.read_bytes()

    def fail(*_, **__):
        raise OSError("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(np if failing == "savez" else os, failing, fail)
        with pytest.raises(OSError, match="the disk is full"):
            train(ds.Adam(), checkpoint=path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
    assert_same(train(ds.Adam(), checkpoint=path), train(ds.Adam()))


@pytest.mark.usefixtures("keyboard")
@pytest.mark.parametrize("moment", ["savez", "fsync", "replace"])
def test_ctrl_c_pressed_twice_waits_until_the_checkpoint_is_there(moment, tmp_path, monkeypatch):
    """The first one comes in the middle of a step, the next ones while it is being put away."""
    path, where = tmp_path / "run.npz", np if moment == "savez" else os
    does = getattr(where, moment)

    def pressed(*arguments, **named):
        signal.raise_signal(signal.SIGINT)
        done = does(*arguments, **named)
        signal.raise_signal(signal.SIGINT)
        return done

    with monkeypatch.context() as patch:
        patch.setattr(where, moment, pressed)
        with pytest.raises(KeyboardInterrupt):
            train(ds.Adam(), model=Interrupted(3), checkpoint=path)
    assert checkpoints.read(path)[0]["done"] == 2
    assert list(tmp_path.iterdir()) == [path]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_checkpoint_can_be_written_beside_the_main_thread(tmp_path):
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(train, ds.Adam(), checkpoint=tmp_path / "run.npz").result()
    assert_same(train(ds.Adam(), checkpoint=tmp_path / "run.npz"), found)


def test_any_wrong_bit_is_found_or_does_no_harm(tmp_path):
    path, header, w = tmp_path / "run.npz", {"epoch": 3}, np.arange(2.0)
    checkpoints.write(path, header, {"w": w})
    written, refused = path.read_bytes(), 0
    for k in range(0, 8 * len(written), 3):
        damaged = bytearray(written)
        damaged[k // 8] ^= 1 << k % 8
        path.write_bytes(damaged)
        try:
            found = checkpoints.read(path)
        except ValueError:  # and no other
            refused += 1
        else:
            np.testing.assert_equal(found, (header, {"w": w}))
    assert refused > 8 * len(written) / 6  # half of those tried


def test_a_checkpoint_holds_no_pickle(tmp_path):
    train(ds.Adam(), epochs=1, checkpoint=tmp_path / "run.npz")
    with np.load(tmp_path / "run.npz", allow_pickle=False) as file:
        assert all(array.dtype != object for array in dict(file).values())


CHILD = """
import sys, time
import downslope as ds
from test_checkpoints import EPOCHS, train
print("ready", flush=True)
train(ds.Adam(lr=0.03), epochs=EPOCHS, checkpoint=sys.argv[1])
time.sleep(600)
"""
EPOCHS = 120


def test_ten_kills_at_random_moments_lose_nothing(tmp_path):
    """Each time the checkpoint on the disk is whole, and the run that goes on from it ends with the same weights."""
    whole = train(ds.Adam(lr=0.03), epochs=EPOCHS)
    reached = []
    for kill, moment in enumerate(np.random.default_rng(0).uniform(0, 0.15, size=10)):
        path = tmp_path / f"{kill}.npz"
        command = [sys.executable, "-c", CHILD, str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parent) as child:
            child.stdout.readline()
            time.sleep(moment)
            child.kill()
        assert child.returncode == -signal.SIGKILL
        if path.exists():
            reached.append(len(checkpoints.read(path)[0]["epochs"]))
        assert_same(train(ds.Adam(lr=0.03), epochs=EPOCHS, checkpoint=path), whole)
    assert len([epochs for epochs in reached if 0 < epochs < EPOCHS]) >= 5, reached
