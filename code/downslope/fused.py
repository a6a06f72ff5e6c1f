"""The third reading of a rule: Numba compiles it, unchanged, into one pass over memory."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any

import numpy as np

from downslope.optimizers.base import Elementwise, Optimizer, State
from downslope.optimizers.checks import steps_taken
from downslope.trees import (
    Tree,
    as_numbers,
    as_parameters,
    check_finite,
    check_keys,
    check_shape,
    label,
    leaves,
    tree_map,
)

__all__ = ["Fused", "fused"]

WORTH_ALL_CORES = 32_768
"""Parameters in an array from which on waking the other cores costs less than it saves."""

_COMPILED = np.dtype(np.float32), np.dtype(np.float64)


class Fused(Optimizer):
    """An elementwise optimizer whose step is one compiled loop; made by `fused`.

    The state is the optimizer's own, so a run may change from one to the other in the middle.
    """

    def __init__(self, opt: Elementwise) -> None:
        self.opt = opt
        self._fixed = _fixed(opt)
        self._passes: dict[Any, Callable[..., bool]] = {}

    @property
    def name(self) -> str:
        """The optimizer's own, since its path is the same."""
        return self.opt.name

    @property
    def needs(self) -> tuple[str, ...]:
        """What the optimizer needs."""
        return self.opt.needs

    def __repr__(self) -> str:
        return f"fused({self.opt!r})"

    def init(self, params: Tree) -> State:
        """The state before the first step."""
        return self.opt.init(params)

    def lookahead(self, params: Tree, state: State) -> Tree:
        """Where the optimizer wants its gradient."""
        return self.opt.lookahead(params, state)

    def update(self, grads: Tree, state: State, params: Tree, **needed: Any) -> tuple[Tree, State]:
        """The step to add to the parameters, and the state after it; nothing is changed in place."""
        params = as_parameters(params, "params")
        steps = tree_map(lambda w: np.empty(w.shape, w.dtype), params)
        steps_taken(self.name, state, self.opt.stored)
        for s in self.opt.stored:
            check_keys(state[s], params, f"state[{s!r}]")
        slots = {s: tree_map(lambda w, x: np.array(x, w.dtype, order="C"), params, state[s]) for s in self.opt.stored}
        return steps, self._step(grads, state | slots, params, needed, steps)

    def apply_(self, grads: Tree, state: State, params: Tree, **needed: Any) -> State:
        """Take the step in place: `params` and the slots of `state` are overwritten, and the new state returned.

        Gradients are looked at on the way, since a look beforehand is one more trip to memory. Where one is not
        finite, it and its neighbours, a block of up to 16,384 numbers, are left as they were; others may have been
        stepped.

        Raises
        ------
        ValueError
            An array is not contiguous in memory, or read-only, besides what ``update`` raises.
        """
        return self._step(grads, state, params, needed, params)

    def _step(self, grads: Tree, state: State, params: Tree, needed: dict[str, Any], out: Tree) -> State:
        in_place, taken = out is params, steps_taken(self.name, state, self.opt.stored)
        given = self.opt.given(needed)
        looked_at = {"grads": grads} | given
        read = looked_at if in_place else looked_at | {"params": params}
        written = {f"state[{s!r}]": state[s] for s in self.opt.stored} | {"params" if in_place else "steps": out}
        rows = list(_side_by_side(params, read, written))
        now = self.opt.at(taken)
        # a schedule may scale more than the rate
        fixed = self._fixed if now is self.opt else {n: _number(getattr(now, n)) for n in self._fixed}
        settings = float(now.lr), *fixed.values()
        for row in rows:
            one_pass = self._compiled(tuple(given), in_place, row[-1].size >= WORTH_ALL_CORES)
            if not one_pass(*row, taken + 1.0, *settings):
                types = {path: x.dtype for path, x in leaves(out)}
                for name, tree in looked_at.items():
                    for path, gradient in leaves(tree):
                        # in the parameter's type, as the loop saw it: float32 may not hold what float64 does
                        check_finite(as_numbers(gradient, types[path], name, path), name, path)
        return state | {"t": taken + 1}

    def _compiled(self, given: tuple[str, ...], in_place: bool, parallel: bool) -> Callable[..., bool]:
        variant = given, in_place, parallel
        if variant not in self._passes:
            from downslope.machine_code import one_pass  # Numba is an extra, and takes a second to import

            settings = ("lr", float), *((name, type(value)) for name, value in self._fixed.items())
            self._passes[variant] = one_pass(type(self.opt), settings, self.opt.stored, *variant)
        return self._passes[variant]


def _side_by_side(params: Tree, read: dict[str, Tree], written: dict[str, Tree]) -> Iterator[list[np.ndarray]]:
    """For each parameter the arrays that the loop takes, in one dimension."""
    trees = read | written
    at, columns = dict(leaves(params)), {name: dict(leaves(tree)) for name, tree in trees.items()}
    for name, column in columns.items():
        if column.keys() != at.keys():
            check_keys(trees[name], params, name)
    for path, leaf in at.items():
        w = np.asarray(leaf)
        if w.dtype not in _COMPILED:
            raise TypeError(f"{label('params', path)} must be float32 or float64 to be fused, got {w.dtype}")
        yield [_flat(column[path], w, name, path, name in written) for name, column in columns.items()]


def _flat(x: Any, w: np.ndarray, name: str, path: str, written: bool) -> np.ndarray:
    array = x if written else as_numbers(x, w.dtype, name, path)
    array = np.asarray(array, w.dtype, order="C")
    if array.shape != w.shape:
        check_shape(x, w, name, path)
    if written and not (array is x and x.flags.writeable):
        must = f"must be a C-contiguous, writeable array of {w.dtype} to be stepped in place"
        got = f"{x.dtype} with strides {x.strides}" if isinstance(x, np.ndarray) else type(x).__name__
        raise ValueError(f"{label(name, path)} {must}, got {got}")
    return array.reshape(-1)


def fused(opt: Optimizer) -> Fused:
    """The optimizer with its rule compiled into one loop, for parameters large enough to care.

    Parameters
    ----------
    opt : Elementwise
        Its hyperparameters are numbers or a schedule, not arrays.

    Raises
    ------
    TypeError
        The optimizer works on whole tensors, or a hyperparameter is an array.
    ModuleNotFoundError
        Numba is missing; ``pip install downslope[fused]`` brings it.

    Examples
    --------
    >>> import downslope as ds
    >>> w = np.array([1.0, -2.0])
    >>> fast = fused(ds.Adam(lr=0.1))
    >>> state = fast.apply_(2 * w, fast.init(w), w)
    >>> w.round(6)
    array([ 0.9, -1.9])
    """
    if not isinstance(opt, Elementwise):
        raise TypeError(f"opt must be an elementwise optimizer, got {type(opt).__name__}")
    for field in fields(opt):
        if np.ndim(getattr(opt, field.name)):
            raise TypeError(f"{field.name} must be a number or a schedule in a fused optimizer, got an array")
    return Fused(opt)


def _fixed(opt: Elementwise) -> dict[str, float | bool]:
    """What a rule reads of its optimizer besides ``lr``: numbers as floats, and flags."""
    kind = type(opt)
    names = [f.name for f in fields(opt)] + [n for n in dir(kind) if isinstance(getattr(kind, n), property)]
    values = {name: getattr(opt, name) for name in names if name != "lr"}
    return {n: _number(v) for n, v in values.items() if isinstance(v, bool | int | float)}


def _number(value: Any) -> float | bool:
    return value if isinstance(value, bool) else float(value)
