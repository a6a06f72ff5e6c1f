"""The third reading of a rule: Numba compiles it, unchanged, into one pass over memory."""

from collections import namedtuple
from collections.abc import Callable
from dataclasses import fields
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from downslope.optimizers.base import Elementwise, Optimizer, Ruled, State
from downslope.trees import Tree, as_parameters, label, leaves, tree_map

__all__ = ["Fused", "fused"]

WORTH_ALL_CORES = 50_000
"""Parameters in an array from which on waking the other cores costs less than it saves."""

# fused multiply-add and division by a constant may round differently in the last bit; infinities and NaN stay theirs
_COMPILER: dict[str, Any] = {"error_model": "numpy", "fastmath": {"contract", "arcp"}}

_PASS = """
def one_pass(settings, t, w, g, out, {columns}):
    for i in prange(w.size):
        v, {results} = rule(settings, t, w[i], g[i], {inputs})
        out[i] {assign} v
"""


class Fused(Optimizer):
    """An elementwise optimizer whose step is one compiled loop; made by `fused`.

    The state is the optimizer's own, so a run may change from one to the other in the middle.
    """

    def __init__(self, opt: Elementwise) -> None:
        self.opt = opt

    @property
    def name(self) -> str:
        """The optimizer's own: its path is the same."""
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
        after = {"t": state["t"]} | {s: tree_map(lambda x: np.array(x, order="C"), state[s]) for s in self.opt.stored}
        return steps, self._step(grads, after, params, needed, steps, "=")

    def apply_(self, grads: Tree, state: State, params: Tree, **needed: Any) -> State:
        """Take the step in place: `params` and the slots of `state` are overwritten, and the new state returned.

        Raises
        ------
        ValueError
            A parameter is not contiguous in memory, besides what ``update`` raises.
        """
        for path, w in leaves(as_parameters(params, "params")):
            if not w.flags.c_contiguous:
                where = label("params", path)
                raise ValueError(f"{where} must be C-contiguous to be stepped in place, got strides {w.strides}")
        return self._step(grads, state, params, needed, params, "+=")

    def _step(self, grads: Tree, state: State, params: Tree, needed: dict[str, Any], out: Tree, assign: str) -> State:
        given = self.opt.checked(grads, params, needed)
        taken = int(state["t"])
        settings = _settings(self.opt.at(taken))
        t = float(taken + 1)  # a power with a float exponent is one instruction that leaves the loop
        columns = [dict(leaves(x)) for x in (grads, out, *(state[s] for s in self.opt.stored), *given.values())]
        for path, w in leaves(params):
            flat = (np.asarray(column[path], w.dtype).reshape(-1) for column in columns)
            parallel = w.size >= WORTH_ALL_CORES
            one_pass = _compiled(type(self.opt), self.opt.stored, tuple(given), assign, parallel)
            one_pass(settings, t, w.reshape(-1), *flat)
        return state | {"t": taken + 1}


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


@cache
def _compiled(
    cls: type[Elementwise], stored: tuple[str, ...], given: tuple[str, ...], assign: str, parallel: bool
) -> Callable[..., None]:
    from numba import njit, prange

    kept = [s if s in stored else None for s in cls.slots]
    inputs = [f"{s}[i]" if s else "0.0" for s in kept]
    inputs += [f"{name}[i]" if name in given else "None" for name in cls.needs]
    code = _PASS.format(
        columns=", ".join([*stored, *given]),
        results=", ".join(f"{s}[i]" if s else "_" for s in kept),
        inputs=", ".join(inputs),
        assign=assign,
    )
    names: dict[str, Any] = {"prange": prange, "rule": _machine_code(cls.rule)}
    exec(code, names)
    return njit(parallel=parallel, **_COMPILER)(names["one_pass"])


def _machine_code(function: Any) -> Any:
    """Compile a rule together with the functions, and the other optimizers' rules, that it calls by name."""
    from numba import njit

    names = dict(function.__globals__) | {"np": _numpy_of_numbers()}
    for name in function.__code__.co_names:
        value = names.get(name)
        if isinstance(value, FunctionType):
            names[name] = _machine_code(value)
        elif isinstance(value, type) and issubclass(value, Ruled):
            names[name] = ModuleType(name)  # Numba looks attributes up in modules, not in classes
            names[name].rule = _machine_code(value.rule)
    return njit(**_COMPILER)(FunctionType(function.__code__, names, function.__name__))


@cache
def _numpy_of_numbers() -> ModuleType:
    """NumPy, with the branches of single numbers: Numba's own are for arrays."""
    from numba import njit

    module = ModuleType("numpy")
    vars(module).update(vars(np))
    vars(module).update(
        where=njit(lambda condition, a, b: a if condition else b, **_COMPILER),
        clip=njit(lambda x, low, high: np.minimum(np.maximum(x, low), high), **_COMPILER),
    )
    return module


@cache
def _settings_type(name: str, keys: tuple[str, ...]) -> Any:
    return namedtuple(name, keys)


def _settings(opt: Elementwise) -> Any:
    """The hyperparameters as a named tuple of numbers and flags, which is what compiled code takes for ``self``."""
    flags = [name for name, member in vars(type(opt)).items() if isinstance(member, property)]
    values = {name: getattr(opt, name) for name in [f.name for f in fields(opt)] + flags}
    values = {n: v if isinstance(v, bool) else float(v) for n, v in values.items() if isinstance(v, bool | int | float)}
    return _settings_type(type(opt).__name__, tuple(values))(**values)
