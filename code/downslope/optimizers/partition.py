"""One optimizer made of several, each for its own parameters."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from downslope.optimizers.base import Optimizer, State
from downslope.optimizers.checks import check_state
from downslope.optimizers.wrappers import check_optimizer
from downslope.trees import Tree, as_parameters, check_gradients, check_keys, check_paths, label, leaves, tree_map

__all__ = ["Partition"]


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
        if not callable(self.choose):
            raise TypeError(f"choose must be a function of a path and an array, got {self.choose!r}")
        if not isinstance(self.optimizers, Mapping):
            raise TypeError(f"optimizers must be a dict of optimizers, got {self.optimizers!r}")
        for key, opt in self.optimizers.items():
            check_optimizer(f"optimizers[{key!r}]", opt)

    @property
    def needs(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for opt in self.optimizers.values() for name in opt.needs))

    def init(self, params: Tree) -> State:
        params = as_parameters(params, "params")
        check_paths(params)
        return {key: self.optimizers[key].init(part) for key, part in self._parts(params, params).items()}

    def lookahead(self, params: Tree, state: State) -> Tree:
        parts = self._parts(params, params)
        check_state(self.name, state, parts)
        return _whole(params, [self.optimizers[key].lookahead(part, state[key]) for key, part in parts.items()])

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
        steps, after, parts = [], {}, self._parts(params, params)
        check_state(self.name, state, parts)
        for key, part in parts.items():
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
