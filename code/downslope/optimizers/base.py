"""What every optimizer shares: state, checks, schedules, and the call of its one rule."""

from abc import ABC, abstractmethod
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Self

import numpy as np

from downslope.trees import Tree, as_parameters, check_gradients, leaves, tree_map
from downslope.validation import Rate, check_fields

State = dict[str, Any]
"""The step count under ``"t"``, then each slot under its name, shaped like the parameters."""


@dataclass(frozen=True)
class Optimizer(ABC):
    """Hyperparameters and one pure rule; nothing is ever changed in place.

    A subclass declares its hyperparameters as fields, the names of its state in ``slots``, and ``rule``. A slot
    that a setting switches off is left out by ``stored``: it costs no memory, and the rule is handed 0 for it.

    Examples
    --------
    >>> from downslope import Momentum
    >>> isinstance(Momentum(), Optimizer), Momentum.slots
    (True, ('m',))
    """

    lr: Rate

    slots: ClassVar[tuple[str, ...]] = ()
    needs: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def name(self) -> str:
        """The name in figures and tables."""
        return type(self).__name__

    @property
    def stored(self) -> tuple[str, ...]:
        """The slots that these settings keep between steps."""
        return self.slots

    @abstractmethod
    def rule(self, t: Any, w: Any, g: Any, *slots: Any) -> tuple[Any, ...]:
        """The step ``v`` and the new slots, from the step count (1 first), the point and its gradient."""

    def at(self, taken: int) -> Self:
        """These settings with the schedule, if there is one, read after ``taken`` steps."""
        return replace(self, lr=self.lr(taken)) if callable(self.lr) else self

    def initial(self, slot: str, w: np.ndarray) -> np.ndarray:
        """What a slot holds before the first step."""
        return np.zeros_like(w)

    def init(self, params: Tree) -> State:
        """The state before the first step.

        Raises
        ------
        TypeError
            A parameter holds no floating-point numbers.
        """
        params = as_parameters(params, "params")
        return {"t": 0} | {s: tree_map(lambda w, s=s: self.initial(s, w), params) for s in self.stored}

    def lookahead(self, params: Tree, state: State) -> Tree:
        """Where this optimizer wants its gradient: at the parameters, unless it says otherwise."""
        return params

    def update(self, grads: Tree, state: State, params: Tree, **needed: Any) -> tuple[Tree, State]:
        """The step to add to the parameters, and the state after it.

        Parameters
        ----------
        grads, params : array or nested dict of arrays
            The same keys and shapes. `grads` is taken at ``lookahead(params, state)``.
        state : dict
            From ``init`` or the last ``update``.
        **needed
            What ``needs`` names, for the optimizers that want more than a gradient.

        Raises
        ------
        TypeError
            Integer parameters, or an argument in ``needs`` that is missing.
        ValueError
            Keys or shapes that differ, or a gradient that is not finite.
        """
        if missing := [name for name in self.needs if name not in needed]:
            raise TypeError(f"{self.name}.update needs the keyword argument {missing[0]!r}")
        if unknown := [name for name in needed if name not in self.needs]:
            raise TypeError(f"{self.name}.update takes no keyword argument {unknown[0]!r}")
        params = as_parameters(params, "params")
        check_gradients(grads, params)
        t = state["t"] + 1
        settings = self.at(state["t"])
        columns = [dict(leaves(tree)) for tree in (grads, *(state[s] for s in self.stored))]
        results = {
            path: settings.step(t, w, *(column[path] for column in columns), **needed) for path, w in leaves(params)
        }
        trees = [_rebuild(params, results, k) for k in range(1 + len(self.stored))]
        return trees[0], {"t": t} | dict(zip(self.stored, trees[1:], strict=True))

    def step(self, t: int, w: np.ndarray, g: np.ndarray, *kept: np.ndarray, **needed: Any) -> tuple[np.ndarray, ...]:
        """One call of the rule on one array: switched-off slots filled in, and the parameter's dtype kept."""
        held = dict(zip(self.stored, kept, strict=True))
        v, *slots = self.rule(t, w, np.asarray(g, w.dtype), *(held.get(s, 0.0) for s in self.slots), **needed)
        after = dict(zip(self.slots, slots, strict=True))
        return tuple(np.asarray(x, w.dtype) for x in (v, *(after[s] for s in self.stored)))

    def __repr__(self) -> str:
        settings = ", ".join(f"{f.name}={getattr(self, f.name)!r}" for f in fields(self))
        return f"{type(self).__name__}({settings})"


class Elementwise(Optimizer):
    """An optimizer whose rule treats each coordinate by itself: it has all four readings.

    Examples
    --------
    A new one is its hyperparameters and its rule:

    >>> @dataclass(frozen=True, repr=False)
    ... class SignDescent(Elementwise):
    ...     lr: Rate = 1e-3
    ...
    ...     def rule(self, t, w, g):
    ...         return (-self.lr * np.sign(g),)
    >>> w = np.array([3.0, -0.2])
    >>> opt = SignDescent(lr=0.5)
    >>> opt.update(w, opt.init(w), w)[0]
    array([-0.5,  0.5])
    """


def _rebuild(params: Tree, results: dict[str, tuple[np.ndarray, ...]], k: int, name: str = "") -> Tree:
    if isinstance(params, dict):
        return {key: _rebuild(w, results, k, f"{name}.{key}" if name else str(key)) for key, w in params.items()}
    return results[name][k]


def state_bytes(opt: Optimizer, params: Tree) -> int:
    """Bytes of the arrays that an optimizer keeps for these parameters.

    Examples
    --------
    >>> from downslope import Adam
    >>> state_bytes(Adam(), np.zeros(1000, dtype=np.float32))
    8000
    """
    state = opt.init(params)
    return sum(array.nbytes for slot in opt.stored for _, array in leaves(state[slot]))
