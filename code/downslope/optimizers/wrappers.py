"""Optimizers around an optimizer: the same three calls, something more or less in between."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from downslope.optimizers.base import Optimizer, State
from downslope.optimizers.norms import norm
from downslope.trees import Tree, as_parameters, check_gradients, check_keys, label, leaves, tree_map
from downslope.validation import Count, NonNegative, Positive, UpToOne, check_fields

__all__ = ["Clip", "CoupledL2", "Lookahead", "Partition", "PolyakAverage"]


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
        check_gradients(grads, params)
        longest = float(norm(np.array([norm(g) for _, g in leaves(grads)])))
        factor = min(1.0, self.max_norm / longest) if longest > 0 else 1.0
        return self.inner.update(tree_map(lambda g: factor * np.asarray(g), grads), state, params, **needed)


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
        check_gradients(grads, params)
        at = self.inner.lookahead(params, state)
        penalised = tree_map(lambda g, w: np.asarray(g) + self.weight_decay * np.asarray(w), grads, at)
        return self.inner.update(penalised, state, params, **needed)


@dataclass(frozen=True, repr=False)
class Lookahead(Wrapper):
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

    def init(self, params: Tree) -> State:
        inner = self.inner.init(params)
        return {"t": 0, "inner": inner, "slow": tree_map(np.array, params)}

    def lookahead(self, params: Tree, state: State) -> Tree:
        return self.inner.lookahead(params, state["inner"])

    def update(self, grads: Tree, state: State, params: Tree, **needed: Any) -> tuple[Tree, State]:
        steps, inner = self.inner.update(grads, state["inner"], params, **needed)
        t, slow = int(state["t"]) + 1, state["slow"]
        if t % self.sync_period == 0:
            slow = tree_map(lambda slow, w, v: slow + self.slow_step * (w + v - slow), slow, params, steps)
            steps = tree_map(np.subtract, slow, params)
        return steps, {"t": t, "inner": inner, "slow": slow}


@dataclass(frozen=True, repr=False)
class PolyakAverage(Wrapper):
    r"""Walk as the optimizer does, and keep the mean of all points: the answer is in ``state["mean"]``.

    Parameters
    ----------
    inner : Optimizer

    Notes
    -----
    One copy of the parameters: the mean of the points after each step, without the start, which is what it is
    before the first. Of Polyak and Ruppert; `kingma2015adam`, section 7.2.

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

    def init(self, params: Tree) -> State:
        inner = self.inner.init(params)
        return {"t": 0, "inner": inner, "mean": tree_map(np.array, params)}

    def lookahead(self, params: Tree, state: State) -> Tree:
        return self.inner.lookahead(params, state["inner"])

    def update(self, grads: Tree, state: State, params: Tree, **needed: Any) -> tuple[Tree, State]:
        steps, inner = self.inner.update(grads, state["inner"], params, **needed)
        t = int(state["t"]) + 1
        mean = tree_map(lambda mean, w, v: mean + (w + v - mean) / t, state["mean"], params, steps)
        return steps, {"t": t, "inner": inner, "mean": mean}


@dataclass(frozen=True, repr=False)
class Partition(Optimizer):
    r"""Different optimizers for different parameters.

    Parameters
    ----------
    choose : callable
        From a parameter's dotted path and its array to a key of `optimizers`.
    optimizers : dict of Optimizer
        One for each answer of `choose`.

    Raises
    ------
    ValueError
        `choose` gives a key that `optimizers` does not have; from ``init`` and ``update``.

    Notes
    -----
    No slot of its own. `jordan2024muon` runs Muon for hidden matrices and AdamW for the rest.

    Examples
    --------
    >>> from downslope import AdamW, Muon
    >>> opt = Partition(lambda path, w: "hidden" if w.ndim == 2 else "rest", {"hidden": Muon(), "rest": AdamW()})
    >>> params = {"W": np.ones((2, 3)), "b": np.zeros(2)}
    >>> state = opt.init(params)
    >>> list(state["hidden"]["m"]), list(state["rest"]["m"])
    (['W'], ['b'])
    """

    choose: Callable[[str, np.ndarray], Any]
    optimizers: Mapping[Any, Optimizer]

    def __post_init__(self) -> None:
        for key, opt in self.optimizers.items():
            check_optimizer(f"optimizers[{key!r}]", opt)

    @property
    def needs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for opt in self.optimizers.values() for name in opt.needs))

    def init(self, params: Tree) -> State:
        params = as_parameters(params, "params")
        return {key: self.optimizers[key].init(part) for key, part in self._parts(params, params).items()}

    def lookahead(self, params: Tree, state: State) -> Tree:
        parts = self._parts(params, params).items()
        return _whole(params, [self.optimizers[key].lookahead(part, state[key]) for key, part in parts])

    def update(self, grads: Tree, state: State, params: Tree, **needed: Any) -> tuple[Tree, State]:
        params = as_parameters(params, "params")
        check_gradients(grads, params)
        if unknown := [name for name in needed if name not in self.needs]:
            raise TypeError(f"{self.name}.update takes no keyword argument {unknown[0]!r}")
        for name, tree in needed.items():
            if tree is not None:
                check_keys(tree, params, name)
        gradients = self._parts(params, grads)
        extras = {name: {} if tree is None else self._parts(params, tree) for name, tree in needed.items()}
        steps, after = [], {}
        for key, part in self._parts(params, params).items():
            opt = self.optimizers[key]
            own = {name: extra.get(key) for name, extra in extras.items() if name in opt.needs}
            step, after[key] = opt.update(gradients[key], state[key], part, **own)
            steps.append(step)
        return _whole(params, steps), after

    def _parts(self, params: Tree, tree: Tree) -> dict[Any, Tree]:
        """What of a tree, which has the keys of the parameters, is for whom; who has nothing is left out."""
        keys = {path: self.choose(path, w) for path, w in leaves(params)}
        for path, key in keys.items():
            if key not in self.optimizers:
                where = label("params", path)
                raise ValueError(f"choose must give one of {list(self.optimizers)}, got {key!r} for {where}")
        return {key: _pruned(tree, keys, key) for key in self.optimizers if key in keys.values()}


def _pruned(tree: Tree, keys: dict[str, Any], key: Any, name: str = "") -> Tree:
    """The tree without the leaves that are not one optimizer's; None where nothing is left."""
    if not isinstance(tree, dict):
        return tree if keys[name] == key else None
    branches = {k: _pruned(branch, keys, key, f"{name}.{k}" if name else str(k)) for k, branch in tree.items()}
    return {k: branch for k, branch in branches.items() if branch is not None} or None


def _whole(params: Tree, parts: list[Tree]) -> Tree:
    """The leaves of all parts, in the place of the parameters."""
    found = {path: leaf for part in parts for path, leaf in leaves(part)}
    paths = iter([path for path, _ in leaves(params)])
    return tree_map(lambda _: found[next(paths)], params)
