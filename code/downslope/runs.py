"""A training run as far as it has come: what it has measured, and how it is put away and taken up again."""

import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from downslope import checkpoints
from downslope.fused import Fused, fused
from downslope.optimizers.base import Optimizer, State
from downslope.schedules import Plateau, Schedule
from downslope.trees import Tree, leaves

__all__ = ["History", "Run", "identity", "resumed", "save"]


@dataclass(frozen=True, eq=False, repr=False)
class History:
    """What a training run leaves.

    Parameters
    ----------
    train_loss : array, shape (epochs,)
        Mean over the epoch's examples of the loss at the moment when each was used.
    test_loss, test_accuracy : array, shape (epochs,)
        On the test split after each epoch; the accuracy is NaN where the targets are no classes.
    step_loss : array, shape (steps,)
        Of each mini-batch, before its step.
    params : nested dict of arrays
        After the last step.
    state : dict
        The optimizer's, after the last step.

    Examples
    --------
    >>> import downslope as ds
    >>> model = ds.networks.MLP([64, 10], rng=np.random.default_rng(0))
    >>> opt, rng = ds.SGD(lr=0.1), np.random.default_rng(1)
    >>> history = ds.fit(model, ds.data.digits(), opt, epochs=2, batch_size=100, rng=rng)
    >>> len(history.train_loss), len(history.step_loss), history.state["t"]
    (2, 30, 30)
    >>> history
    History(epochs=2, steps=30, train_loss=2.04, test_loss=1.93, test_accuracy=0.411)
    """

    train_loss: np.ndarray
    test_loss: np.ndarray
    test_accuracy: np.ndarray
    step_loss: np.ndarray
    params: Tree
    state: State

    def __repr__(self) -> str:
        epochs, said = len(self.train_loss), [f"epochs={len(self.train_loss)}", f"steps={len(self.step_loss)}"]
        if epochs:
            last = {name: getattr(self, name)[-1] for name in ("train_loss", "test_loss", "test_accuracy")}
            said += [f"{name}={value:.3g}" for name, value in last.items()]
        return f"History({', '.join(said)})"


@dataclass(frozen=True, eq=False)
class Run:
    """How far a run has come. Never changed: who is interrupted, between any two lines, holds a whole one."""

    opt: Optimizer
    params: Tree
    state: State
    previous: Tree | None  # the point before, for those that want its gradient
    rng: Mapping[str, Any]  # the generator's state
    order: np.ndarray  # of the examples in this epoch
    losses: np.ndarray  # of this epoch's mini-batches, of which the first are known:
    done: int = 0
    earlier: tuple[np.ndarray, ...] = ()  # the losses of the epochs before
    epochs: tuple[tuple[float, float, float], ...] = ()  # train loss, test loss, test accuracy

    @property
    def steps(self) -> int:
        """Mini-batches in all."""
        return sum(map(len, self.earlier)) + self.done

    def history(self) -> History:
        """What there is to see."""
        train, test, accuracy = np.array(self.epochs).reshape(-1, 3).T
        steps = np.concatenate([*self.earlier, self.losses[: self.done]])
        return History(train, test, accuracy, steps, self.params, self.state)

    def closed(self, train_loss: float, test_loss: float, accuracy: float) -> "Run":
        """The run at the end of an epoch; a `Plateau` in the optimizer has seen its training loss."""
        opt = _after(self.opt, train_loss)
        epochs = (*self.epochs, (train_loss, test_loss, accuracy))
        return replace(self, opt=opt, earlier=(*self.earlier, self.losses), epochs=epochs, done=0)


def _after(thing: Any, loss: float) -> Any:
    """The same settings, in which every `Plateau`, however deep, has seen one loss more."""
    if isinstance(thing, Plateau):
        return thing.after(loss)
    if isinstance(thing, Mapping):
        return {key: _after(value, loss) for key, value in thing.items()}
    if isinstance(thing, Fused):
        return fused(_after(thing.opt, loss))
    if not isinstance(thing, Optimizer | Schedule) or not is_dataclass(thing):
        return thing
    return replace(thing, **{field.name: _after(getattr(thing, field.name), loss) for field in fields(thing)})


def identity(run: Run, **settings: Any) -> dict[str, Any]:
    """What two runs have in common of which one may go on where the other has stopped.

    Examples
    --------
    >>> import downslope as ds
    >>> w, nothing = np.zeros(2), np.empty(0)
    >>> run = Run(ds.SGD(), w, {"t": 0}, None, {"bit_generator": "PCG64"}, nothing, nothing)
    >>> identity(run, batch_size=32)
    {'optimizer': 'SGD(lr=0.01)', 'generator': 'PCG64', 'params': {'': [[2], 'float64']}, 'batch_size': 32}
    """
    return {
        "optimizer": re.sub(r" at 0x[0-9a-f]+", "", repr(run.opt)),  # a function's address is another in each process
        "generator": run.rng["bit_generator"],
        "params": {path: [list(w.shape), str(w.dtype)] for path, w in leaves(run.params)},
    } | {name: _fingerprint(value) for name, value in settings.items()}


def _fingerprint(value: Any) -> Any:
    if not isinstance(value, np.ndarray):
        return value
    return [list(value.shape), str(value.dtype), zlib.crc32(np.ascontiguousarray(value).data)]


def save(run: Run, path: Path, identity: dict[str, Any]) -> None:
    """Put a run away, whole or not at all."""
    trees = {"params": run.params, "state": run.state} | ({} if run.previous is None else {"previous": run.previous})
    arrays = {f"{name}.{at}": np.asarray(leaf) for name, tree in trees.items() for at, leaf in leaves(tree)}
    arrays |= {"order": run.order, "losses": run.losses, "earlier": np.array(run.earlier)}
    header = {"identity": identity, "rng": run.rng, "done": run.done, "epochs": run.epochs}
    header |= {"previous": run.previous is not None}
    checkpoints.write(path, header, arrays)


def resumed(run: Run, path: Path, identity: dict[str, Any]) -> Run:
    """The run of a checkpoint, in place of one that has not begun.

    Raises
    ------
    ValueError
        The checkpoint belongs to another run, or is none.
    """
    header, arrays = checkpoints.read(path)
    theirs = header.get("identity", {})
    for name, ours in json.loads(json.dumps(identity)).items():
        if theirs.get(name) != ours:
            raise ValueError(
                f"checkpoint {str(path)!r} is of another run: its {name} is {theirs.get(name)}, not {ours}"
            )
    opt = run.opt
    for train_loss, _, _ in header["epochs"]:
        opt = _after(opt, train_loss)
    return Run(
        opt=opt,
        params=checkpoints.restored(run.params, arrays, "params"),
        state=checkpoints.restored(run.state, arrays, "state"),
        previous=checkpoints.restored(run.params, arrays, "previous") if header["previous"] else None,
        rng=header["rng"],
        order=arrays["order"],
        losses=arrays["losses"],
        done=header["done"],
        earlier=tuple(arrays["earlier"]),
        epochs=tuple(map(tuple, header["epochs"])),
    )
