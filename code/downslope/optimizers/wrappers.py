"""Optimizers around an optimizer: the same three calls, something more or less in between."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from downslope.optimizers.base import Optimizer, State
from downslope.optimizers.checks import steps_taken
from downslope.optimizers.norms import norm
from downslope.trees import (
    Tree,
    as_parameters,
    check_gradients,
    check_keys,
    check_shape,
    leaves,
    tree_map,
)
from downslope.validation import Count, NonNegative, Positive, UpToOne, check_fields

__all__ = ["Clip", "CoupledL2", "Lookahead", "PolyakAverage"]


@dataclass(frozen=True, repr=False)
class Wrapper(Optimizer):
    """What an optimizer does with another one inside; by default, what that one does."""

    inner: Optimizer

    def __post_init__(self) -> None:
        check_fields(self)
        check_optimizer("inner", self.inner)

    @property
    def needs(self) -> tuple[str, ...]:
        return self.inner.needs

    def init(self, params: Tree) -> State:
        return self.inner.init(params)

    def lookahead(self, params: Tree, state: State) -> Tree:
        return self.inner.lookahead(params, state)

    @abstractmethod
    def update(self, grads: Tree, state: State, params: Tree, **needed: Any) -> tuple[Tree, State]: ...


def check_optimizer(name: str, value: Any, kind: type = Optimizer, what: str = "an optimizer") -> None:
    """Raise unless the argument is an optimizer, or one of a kind.

    Raises
    ------
    TypeError
        It is something else.
    """
    if not isinstance(value, kind):
        raise TypeError(f"{name} must be {what}, got {value!r}")


@dataclass(frozen=True, repr=False)
class Clip(Wrapper):
    r"""Shorten the gradient, all parameters together, to a norm, before the optimizer sees it.

    Parameters
    ----------
    inner : Optimizer
    max_norm : float
        The longest gradient, in its own units; a shorter one passes as it is.

    Notes
    -----
    No slot of its own. `pascanu2013difficulty`, Algorithm 1. PyTorch adds 1e-6 to the norm, so it shortens a little
    more. What the optimizer needs besides the gradient is not clipped.

    Examples
    --------
    >>> from downslope import SGD
    >>> w, opt = np.array([3.0, 4.0]), Clip(SGD(lr=1.0), max_norm=1.0)
    >>> opt.update(w, opt.init(w), w)[0]
    array([-0.6, -0.8])
    """

    max_norm: Positive

    def update(self, grads: Tree, state: State, params: Tree, **needed: Any) -> tuple[Tree, State]:
        check_gradients(grads, as_parameters(params, "params"))
        # in float64: the norm of what float32 can hold may be more than it can
        longest = float(norm(np.array([norm(np.asarray(g, float)) for _, g in leaves(grads)])))
        if longest > self.max_norm:
            grads = tree_map(lambda g: self.max_norm / longest * np.asarray(g, float), grads)
        return self.inner.update(grads, state, params, **needed)


@dataclass(frozen=True, repr=False)
class CoupledL2(Wrapper):
    r"""Add the gradient of ``weight_decay / 2 * |w|**2`` to the loss's, before the optimizer sees it.

    Parameters
    ----------
    inner : Optimizer
    weight_decay : float
        The penalty's weight, in units of the loss over the parameter squared.

    Notes
    -----
    No slot of its own. What PyTorch calls ``weight_decay`` in all but AdamW and a few others. For gradient descent
    it is decoupled decay; for an adaptive method it is not, since the penalty too is divided by the gradients' size:
    `loshchilov2019decoupled`, section 2.

    Examples
    --------
    >>> from downslope import SGD
    >>> w, opt = np.array([3.0, 4.0]), CoupledL2(SGD(lr=1.0), weight_decay=0.5)
    >>> opt.update(0 * w, opt.init(w), w)[0]
    array([-1.5, -2. ])
    """

    weight_decay: NonNegative

    def update(self, grads: Tree, state: State, params: Tree, **needed: Any) -> tuple[Tree, State]:
        params = as_parameters(params, "params")
        check_gradients(grads, params)
        at = self.inner.lookahead(params, state)
        penalised = tree_map(lambda g, w: np.asarray(g) + self.weight_decay * np.asarray(w), grads, at)
        return self.inner.update(penalised, state, params, **needed)


@dataclass(frozen=True, repr=False)
class Accompanied(Wrapper):
    """An optimizer whose state stands beside a copy of the parameters, which starts where they do."""

    copy: ClassVar[str]

    def init(self, params: Tree) -> State:
        inner = self.inner.init(params)
        return {"t": 0, "inner": inner, self.copy: tree_map(np.array, params)}

    def lookahead(self, params: Tree, state: State) -> Tree:
        self.taken(state, params)
        return self.inner.lookahead(params, state["inner"])

    def taken(self, state: State, params: Tree) -> int:
        """How many steps a state has seen, that fits; raise where it does not."""
        taken, argument = steps_taken(self.name, state, ("inner", self.copy)), f"state[{self.copy!r}]"
        check_keys(state[self.copy], params, argument)
        wanted = dict(leaves(params))
        for path, x in leaves(state[self.copy]):
            check_shape(x, wanted[path], argument, path)
        return taken


@dataclass(frozen=True, repr=False)
class Lookahead(Accompanied):
    r"""Let the optimizer run ahead, and every few steps go part of the way after it.

    Parameters
    ----------
    inner : Optimizer
        The fast one; it keeps its state when its weights are pulled back.
    sync_period : int
        After how many steps the slow weights follow.
    slow_step : float in [0, 1]
        Which part of the way they go: 1 is `inner` alone, 0 goes back to the start.

    Notes
    -----
    One copy of the parameters, from where they are at the start. `zhang2019lookahead`, Algorithm 1.

    Examples
    --------
    >>> from downslope import SGD
    >>> w, opt = np.array([1.0]), Lookahead(SGD(lr=0.1), sync_period=2)
    >>> state = opt.init(w)
    >>> for _ in range(2):
    ...     step, state = opt.update(np.array([1.0]), state, w)
    ...     w = w + step
    >>> w.round(6)     # two steps of 0.1, and half of the way back
    array([0.9])
    """

    sync_period: Count = 5
    slow_step: UpToOne = 0.5

    copy = "slow"

    def update(self, grads: Tree, state: State, params: Tree, **needed: Any) -> tuple[Tree, State]:
        t = self.taken(state, params) + 1
        steps, inner = self.inner.update(grads, state["inner"], params, **needed)
        slow = state["slow"]
        if t % self.sync_period == 0:
            slow = tree_map(self._followed, slow, params, steps)
            steps = tree_map(np.subtract, slow, params)
        return steps, {"t": t, "inner": inner, "slow": slow}

    def _followed(self, slow: Any, w: Any, v: Any) -> np.ndarray:
        return np.asarray(slow + self.slow_step * (w + v - slow), slow.dtype)


@dataclass(frozen=True, repr=False)
class PolyakAverage(Accompanied):
    r"""Walk as the optimizer does, and keep the mean of all points: the answer is in ``state["mean"]``.

    Parameters
    ----------
    inner : Optimizer

    Notes
    -----
    One copy of the parameters: the mean of the points after each step, without the start, which is what it is
    before the first. Of Polyak and Ruppert; `polyak1992acceleration`.

    Examples
    --------
    >>> from downslope import SGD
    >>> w, opt = np.array([1.0]), PolyakAverage(SGD(lr=0.1))
    >>> state = opt.init(w)
    >>> for _ in range(3):
    ...     step, state = opt.update(np.array([1.0]), state, w)
    ...     w = w + step
    >>> w.round(6), state["mean"].round(6)
    (array([0.7]), array([0.8]))
    """

    copy = "mean"

    def update(self, grads: Tree, state: State, params: Tree, **needed: Any) -> tuple[Tree, State]:
        t = self.taken(state, params) + 1
        steps, inner = self.inner.update(grads, state["inner"], params, **needed)
        mean = tree_map(lambda mean, w, v: mean + (w + v - mean) / t, state["mean"], params, steps)
        return steps, {"t": t, "inner": inner, "mean": mean}
