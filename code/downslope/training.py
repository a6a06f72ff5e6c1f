"""The loop: an optimizer trains a model on mini-batches, and leaves a history."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np

from downslope import runs
from downslope.data import Split
from downslope.descent import DivergedError
from downslope.networks import Model, layer_signals
from downslope.optimizers.base import Optimizer
from downslope.progress import Progress
from downslope.runs import History, Run
from downslope.trees import Tree, leaves, tree_map
from downslope.validation import check_interval

__all__ = ["History", "fit"]

EVALUATED_AT_ONCE = 512
"""Examples of which the loss on the test split is computed together."""


class Trainable(Protocol):
    """What `fit` asks of a model; ``accuracy(params, x, y)`` is used where there is one.

    Examples
    --------
    >>> from downslope.networks import MLP
    >>> model: Trainable = MLP([2, 1], rng=np.random.default_rng(0))
    """

    params: Tree

    def loss(self, params: Tree, x: Any, y: Any) -> Any:
        """The mean loss over the examples."""

    def gradient(self, params: Tree, x: Any, y: Any) -> tuple[Any, Tree]:
        """The mean loss over the examples, and its gradient by the parameters."""


def fit(
    model: Trainable,
    data: Split,
    opt: Optimizer,
    *,
    epochs: int,
    batch_size: int,
    rng: np.random.Generator,
    progress: bool = True,
    checkpoint: str | PathLike[str] | None = None,
    hessian_every: int = 10,
    on_epoch: Callable[[History], None] | None = None,
) -> History:
    """Train a model on mini-batches; ``model.params`` stays as it is.

    In each epoch the examples come in a new order, every one once; the last mini-batch may be smaller.

    Parameters
    ----------
    model : Model
        Gives the parameters to start from, the loss and its gradient.
    data : Split
        Inputs and targets; the first axis of each array counts the examples.
    opt : Optimizer
        Compiled by `fused`, if you like. Its schedule, if it has one, counts mini-batches. A `Plateau` sees
        ``train_loss`` after each epoch.
        ``previous_grads`` are taken on the same mini-batch. ``hessian_diag`` is estimated from one random vector of
        signs u as u times the change of the gradient along u, by central differences: two more gradients. What goes
        into each dense layer and comes back to it, for K-FAC, costs another pass.
    epochs : int
        How many times every example is used, those before a resumed checkpoint included.
    batch_size : int
        From 1 to the number of examples, which is the full batch.
    rng : numpy.random.Generator
        Where the order of the examples comes from.
    progress : bool
        Whether to show a bar, where it can be seen: in a terminal or a live notebook.
    checkpoint : path, optional
        A file in a folder that exists, written after each epoch and when the run is interrupted from the keyboard. If
        it is there already, the run goes on from it, and ends with the same bits as one that was never stopped.
    hessian_every : int
        After how many mini-batches ``hessian_diag`` is estimated anew, for an optimizer that needs it.
    on_epoch : function, optional
        Called after each epoch with the `History` so far.

    Returns
    -------
    History

    Raises
    ------
    DivergedError
        A loss, a gradient or a parameter stopped being finite; ``history`` holds the run up to there.
    TypeError
        `rng` is not a generator.
    ValueError
        Numbers out of range, an optimizer that needs the whole Hessian, or the checkpoint of another run.

    Notes
    -----
    The gradient is taken where ``opt.lookahead`` says, and so is the loss of a step. What decides whether a checkpoint
    belongs to a run: optimizer, batch size, data, the shapes of the parameters, ``hessian_every`` and the kind of
    generator. Its generator goes on where the checkpoint's was; the seed is not compared. Of a function in the
    optimizer, as ``lr=lambda t: 0.1 / t``, only the name is compared, and every lambda has the same.

    Examples
    --------
    >>> import downslope as ds
    >>> model = ds.networks.MLP([64, 32, 10], rng=np.random.default_rng(0))
    >>> opt, rng = ds.Adam(lr=3e-3), np.random.default_rng(1)
    >>> history = ds.fit(model, ds.data.digits(), opt, epochs=5, batch_size=32, rng=rng)
    >>> bool(history.test_accuracy[-1] > 0.9)
    True
    """
    _check(data, opt, rng, epochs=epochs, batch_size=batch_size, hessian_every=hessian_every)
    loop = _Loop(model, data, int(batch_size), rng, int(hessian_every))
    run = loop.start(opt)
    keep: Callable[[Run], None] = lambda run: None  # noqa: E731
    if checkpoint is not None:
        run, keep = loop.kept(run, Path(checkpoint), epochs)
    with Progress(epochs * loop.batches, run.steps, progress) as bar, np.errstate(over="ignore", invalid="ignore"):
        try:
            while len(run.epochs) < epochs:
                run = loop.step(run)
                bar.step()
                if run.done == 0:
                    bar.say("train loss {:.3g}, test loss {:.3g}".format(*run.epochs[-1]))
                    keep(run)
                    if on_epoch is not None:
                        on_epoch(run.history())
        except KeyboardInterrupt:
            keep(run)
            raise
    return run.history()


@dataclass(frozen=True, eq=False)
class _Loop:
    """What stays the same from step to step."""

    model: Trainable
    data: Split
    batch_size: int
    rng: np.random.Generator
    hessian_every: int

    @property
    def batches(self) -> int:
        return -(-len(self.data.x_train) // self.batch_size)

    def start(self, opt: Optimizer) -> Run:
        params = self.model.params
        nothing = np.empty(0)
        return Run(opt, params, opt.init(params), None, self.rng.bit_generator.state, nothing.astype(int), nothing)

    def kept(self, run: Run, path: Path, epochs: int) -> tuple[Run, Callable[[Run], None]]:
        """The run, or that of the checkpoint if there is one, and what writes the next checkpoint."""
        if path.is_dir() or not path.parent.is_dir():
            raise ValueError(f"checkpoint must be a file in a folder that exists, got {str(path)!r}")
        settings = {"batch_size": self.batch_size, "hessian_every": self.hessian_every}
        arrays = {name: np.asarray(getattr(self.data, name)) for name in ("x_train", "y_train", "x_test", "y_test")}
        identity = runs.identity(run, **settings, **arrays)
        if path.exists():
            run = runs.resumed(run, path, identity)
            begun = len(run.epochs) + (run.done > 0)
            if begun > epochs:
                raise ValueError(
                    f"epochs must be at least {begun} to go on from checkpoint {str(path)!r}, got {epochs}"
                )
            self.rng.bit_generator.state = run.rng
        return run, lambda run: runs.save(run, path, identity)

    def step(self, run: Run) -> Run:
        """One mini-batch further; before the first of an epoch an order is drawn, after the last it is closed."""
        if run.done == 0:
            order = self.rng.permutation(len(self.data.x_train))
            run = replace(run, order=order, losses=np.empty(self.batches), rng=self.rng.bit_generator.state)
        batch = run.order[run.done * self.batch_size :][: self.batch_size]
        run = self._stepped(run, self.data.x_train[batch], self.data.y_train[batch])
        return self._closed(run) if run.done == self.batches else run

    def _stepped(self, run: Run, x: np.ndarray, y: np.ndarray) -> Run:
        loss, grads = self.model.gradient(run.opt.lookahead(run.params, run.state), x, y)
        if not (np.isfinite(loss) and _finite(grads)):
            raise self._diverged(run)
        needed = self._needed(run, x, y)
        updates, state = run.opt.update(grads, run.state, run.params, **needed)
        params = tree_map(np.add, run.params, updates)
        if not _finite(params):
            raise self._diverged(run)
        run.losses[run.done] = loss
        previous = run.params if "previous_grads" in needed else None
        rng = self.rng.bit_generator.state if "hessian_diag" in needed else run.rng
        return replace(run, params=params, state=state, previous=previous, rng=rng, done=run.done + 1)

    def _closed(self, run: Run) -> Run:
        sizes = np.full(self.batches, self.batch_size)
        sizes[-1] = len(run.order) - sizes[:-1].sum()
        train_loss = float(run.losses @ sizes / len(run.order))
        test_loss, accuracy = self._tested(run.params)
        if not np.isfinite(test_loss):
            raise self._diverged(run)
        return run.closed(train_loss, test_loss, accuracy)

    def _tested(self, params: Tree) -> tuple[float, float]:
        x, y = self.data.x_test, self.data.y_test
        parts = [slice(k, k + EVALUATED_AT_ONCE) for k in range(0, len(x), EVALUATED_AT_ONCE)]

        def mean(measure: Callable[..., Any]) -> float:
            return float(sum(measure(params, x[part], y[part]) * len(x[part]) for part in parts) / len(x))

        counts = hasattr(self.model, "accuracy") and np.issubdtype(y.dtype, np.integer)
        return mean(self.model.loss), mean(self.model.accuracy) if counts else np.nan  # type: ignore[attr-defined]

    def _needed(self, run: Run, x: np.ndarray, y: np.ndarray) -> dict[str, Tree | None]:
        found: dict[str, Tree | None] = {}
        if "previous_grads" in run.opt.needs:
            zeros = tree_map(np.zeros_like, run.params)
            found["previous_grads"] = zeros if run.previous is None else self.model.gradient(run.previous, x, y)[1]
        if "hessian_diag" in run.opt.needs:
            due = run.steps % self.hessian_every == 0
            found["hessian_diag"] = self._curvature(run.params, x, y) if due else None
        if "inputs" in run.opt.needs:
            found |= layer_signals(cast(Model, self.model), run.params, x, y)
        return found

    def _curvature(self, params: Tree, x: np.ndarray, y: np.ndarray) -> Tree:
        """An estimate of the Hessian's diagonal without bias: u times (H u), for random signs u."""
        signs = tree_map(lambda w: self.rng.choice(np.array([-1, 1], w.dtype), w.shape), params)

        def moved(way: int) -> Tree:
            return self.model.gradient(tree_map(lambda w, u: w + way * _small(w) * u, params, signs), x, y)[1]

        return tree_map(lambda w, u, a, b: u * (a - b) / (2 * _small(w)), params, signs, moved(1), moved(-1))

    def _diverged(self, run: Run) -> DivergedError:
        where = f"after {run.steps} steps, in epoch {len(run.epochs) + 1}"
        return DivergedError(f"{run.opt!r} left the finite numbers {where}", run.history())


def _small(w: np.ndarray) -> Any:
    """How far to go for a central difference: truncation and rounding are about equal there."""
    return np.cbrt(np.finfo(w.dtype).eps)


def _finite(tree: Tree) -> bool:
    return all(np.isfinite(leaf).all() for _, leaf in leaves(tree))


def _check(data: Split, opt: Optimizer, rng: Any, **counts: Any) -> None:
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng must be a numpy.random.Generator, got {rng!r}")
    if "hessian" in opt.needs:
        raise ValueError(f"opt must do without the whole Hessian to train a network, got {opt!r}")
    for part in ("train", "test"):
        x, y = (len(getattr(data, f"{name}_{part}")) for name in "xy")
        if not x == y > 0:
            raise ValueError(f"data must have as many x_{part} as y_{part}, and one at least, got {x} and {y}")
    for name, count in counts.items():
        if not isinstance(count, int | np.integer):
            raise TypeError(f"{name} must be an integer, got {count!r}")
        check_interval(name, count, low=1, high=len(data.x_train) + 1 if name == "batch_size" else np.inf)
