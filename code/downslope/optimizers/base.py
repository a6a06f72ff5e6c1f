"""What every optimizer shares: state, checks, schedules, and the call of its one rule."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Self

import numpy as np

from downslope.optimizers.checks import check_broadcast, owned, steps_taken
from downslope.trees import (
    Tree,
    as_parameters,
    check_gradients,
    check_keys,
    check_paths,
    is_like,
    label,
    leaves,
    tree_map,
)
from downslope.validation import Rate, check_fields

__all__ = ["Elementwise", "Matrixwise", "Optimizer", "Ruled", "State", "Tensorwise", "state_bytes"]

State = dict[str, Any]
"""The step count under ``"t"``, then each slot under its name, shaped like the parameters."""

Holding = Callable[[str, Any], Any]
"""From a slot's name and its array to what stands for it in the state, or back."""


def _as_it_is(slot: str, array: Any) -> Any:
    return array


class Optimizer(ABC):
    """What a training loop asks of an optimizer; nothing is ever changed in place.

    Examples
    --------
    >>> from downslope import Adam, Clip
    >>> isinstance(Adam(), Optimizer), isinstance(Clip(Adam(), max_norm=1.0), Optimizer)
    (True, True)
    """

    @property
    def name(self) -> str:
        """The name in figures and tables."""
        return type(self).__name__

    @property
    def needs(self) -> tuple[str, ...]:
        """What ``update`` wants besides the gradient, as keyword arguments."""
        return ()

    @abstractmethod
    def init(self, params: Tree) -> State:
        """The state before the first step.

        Raises
        ------
        TypeError
            A parameter holds no floating-point numbers.
        ValueError
            A parameter has a shape that the method has no rule for.
        """

    def lookahead(self, params: Tree, state: State) -> Tree:
        """Where this optimizer wants its gradient: at the parameters, unless it says otherwise."""
        return params

    @abstractmethod
    def update(self, grads: Tree, state: State, params: Tree, **needed: Any) -> tuple[Tree, State]:
        """The step to add to the parameters, and the state after it.

        Parameters
        ----------
        grads, params : array or nested dict of arrays
            The same keys and shapes. `grads` is taken at ``lookahead(params, state)``.
        state : dict
            From ``init`` or the last ``update``.
        **needed
            What ``needs`` names: ``previous_grads`` and ``hessian_diag`` with the keys and shapes of `params`,
            ``hessian`` with one more axis, as long as the last one, ``inputs`` and ``output_grads`` with a row for each
            example. ``hessian_diag`` may be None: no refresh.

        Raises
        ------
        TypeError
            Integer parameters, gradients that are no real numbers, or an argument in ``needs`` that is missing.
        ValueError
            Keys or shapes that differ, a gradient that is not finite, or a state of another optimizer.
        """

    def __repr__(self) -> str:
        settings = ", ".join(f"{f.name}={getattr(self, f.name)!r}" for f in fields(self))  # type: ignore[arg-type]
        return f"{type(self).__name__}({settings})"


@dataclass(frozen=True, repr=False)
class Ruled(Optimizer):
    """Hyperparameters and one pure rule.

    A subclass declares its hyperparameters as fields, the names of its state in ``slots``, and ``rule``. A slot
    that a setting switches off is left out by ``stored``: it costs no memory, and the rule is handed 0 for it.
    ``nonnegative`` names the slots that never hold a negative number, which matters to whoever compresses them.

    Examples
    --------
    >>> from downslope import Momentum
    >>> isinstance(Momentum(), Ruled), Momentum.slots
    (True, ('m',))
    """

    lr: Rate

    needs: ClassVar[tuple[str, ...]] = ()
    slots: ClassVar[tuple[str, ...]] = ()
    nonnegative: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def stored(self) -> tuple[str, ...]:
        """The slots that these settings keep between steps."""
        return self.slots

    @abstractmethod
    def rule(self, t: Any, w: Any, g: Any, *slots: Any, **needed: Any) -> tuple[Any, ...]:
        """The step ``v`` and the new slots, from the step count (1 first), the point and its gradient."""

    def at(self, taken: int) -> Self:
        """These settings with the schedule, if there is one, read after ``taken`` steps."""
        if not callable(self.lr):
            return self
        if callable(rate := self.lr(taken)):
            raise TypeError(f"lr must give a number at least 0 and finite, got {rate!r} after {taken} steps")
        return replace(self, lr=rate)

    def initial_slot(self, slot: str, w: np.ndarray) -> np.ndarray:
        """What a slot holds before the first step."""
        return np.zeros_like(w)

    def slot_shape(self, slot: str, w: np.ndarray) -> tuple[int, ...]:
        """The shape that a slot keeps."""
        return self.initial_slot(slot, w).shape

    def check_shape(self, where: str, w: np.ndarray) -> None:
        """Refuse a parameter of a shape that the rule is not for."""

    def init(self, params: Tree) -> State:
        return self.started(params)

    def started(self, params: Tree, store: Holding = _as_it_is) -> State:
        """The state before the first step, each array held as ``store`` gives it."""
        params = as_parameters(params, "params")
        check_paths(params)
        for path, w in leaves(params):
            self.check_shape(label("params", path), w)
        self.check_settings(params)
        return {"t": 0} | {s: tree_map(lambda w, s=s: store(s, self.initial_slot(s, w)), params) for s in self.stored}

    def update(self, grads: Tree, state: State, params: Tree, **needed: Any) -> tuple[Tree, State]:
        return self.stepped(grads, state, params, needed)

    def stepped(
        self,
        grads: Tree,
        state: State,
        params: Tree,
        needed: dict[str, Any],
        load: Holding = _as_it_is,
        store: Holding = _as_it_is,
    ) -> tuple[Tree, State]:
        """One update, one array after the other, of a state that ``load`` reads and ``store`` writes."""
        params = as_parameters(params, "params")
        given = self.checked(grads, params, needed)
        stored = self.stored
        taken = steps_taken(self.name, state, stored)
        for slot in stored:
            if not is_like(state[slot], params, deeper := load is not _as_it_is):
                check_keys(state[slot], params, f"state[{slot!r}]", deeper)
        settings = self.at(taken)
        settings.check_settings(params)

        def one(w: np.ndarray, g: Any, *rest: Any) -> tuple[Any, ...]:
            held, extra = rest[: len(stored)], dict(zip(given, rest[len(stored) :], strict=True))
            kept = [np.asarray(load(s, x)) for s, x in zip(stored, held, strict=True)]
            for slot, x in zip(stored, kept, strict=True):
                if x.shape != (wanted := self.slot_shape(slot, w)):
                    path = next(path for path, leaf in leaves(params) if leaf is w)
                    raise ValueError(f"{label(f'state[{slot!r}]', path)} must have shape {wanted}, got {x.shape}")
            v, *slots = settings.step(taken + 1, w, g, *kept, **dict.fromkeys(self.needs) | extra)
            return v, *map(store, stored, slots)

        results = tree_map(one, params, grads, *(state[s] for s in stored), *given.values())
        trees = [tree_map(lambda w, result, k=k: result[k], params, results) for k in range(1 + len(stored))]
        return trees[0], {"t": taken + 1} | dict(zip(stored, trees[1:], strict=True))

    def check_settings(self, params: Tree) -> None:
        """Refuse an array of settings that a parameter would have to be enlarged for."""
        for name, value in vars(self).items():
            if isinstance(value, np.ndarray):
                for path, w in leaves(params):
                    check_broadcast(value, w, name, label("params", path))

    def checked(self, grads: Tree, params: Tree, needed: dict[str, Any]) -> dict[str, Tree]:
        """What is ``given``, and it and the gradients fit; raise where they do not."""
        given = self.given(needed)
        check_gradients(grads, params)
        for name, tree in given.items():
            self.check_needed(name, tree, params)
        return given

    def check_needed(self, name: str, tree: Tree, params: Tree) -> None:
        """Refuse what comes besides the gradients and does not fit the parameters."""
        check_gradients(tree, tree_map(_square, params) if name == "hessian" else params, name)

    def given(self, needed: dict[str, Any]) -> dict[str, Tree]:
        """What was given besides the gradients, without a refresh that is left out."""
        for name in self.needs:
            if name not in needed:
                raise TypeError(f"{self.name}.update needs the keyword argument {name!r}")
        for name, tree in needed.items():
            if name not in self.needs:
                raise TypeError(f"{self.name}.update takes no keyword argument {name!r}")
            if tree is None and name != "hessian_diag":
                raise TypeError(f"{name} must have the keys and shapes that {self.name} wants, got None")
        return {name: tree for name, tree in needed.items() if tree is not None}

    def step(self, t: int, w: np.ndarray, g: np.ndarray, *kept: np.ndarray, **needed: Any) -> tuple[np.ndarray, ...]:
        """One call of the rule on one array: switched-off slots filled in, and the parameter's dtype kept."""
        stored = self.stored
        held = dict(zip(stored, kept, strict=True))
        extra = {name: None if x is None else np.asarray(x, w.dtype) for name, x in needed.items()}
        g = np.asarray(g, w.dtype)
        v, *slots = self.rule(t, w, g, *(held.get(s, 0.0) for s in self.slots), **extra)
        after = dict(zip(self.slots, slots, strict=True))
        came_in = {id(w), id(g), *map(id, kept), *map(id, extra.values())}
        return tuple([owned(x, w.dtype, came_in) for x in (v, *[after[s] for s in stored])])


class Elementwise(Ruled):
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

    def slot_shape(self, slot: str, w: np.ndarray) -> tuple[int, ...]:
        return w.shape


class Tensorwise(Ruled):
    """An optimizer whose rule reads a whole array at once: a layer's norm, a mean, a matrix product.

    Examples
    --------
    >>> from downslope import LAMB, Adam
    >>> isinstance(LAMB(), Tensorwise), isinstance(Adam(), Tensorwise)
    (True, False)
    """


class Matrixwise(Tensorwise):
    """A whole-tensor optimizer for matrices alone: rows are a layer's outputs, columns its inputs.

    Examples
    --------
    >>> from downslope import Muon
    >>> Muon().init(np.zeros(3))
    Traceback (most recent call last):
        ...
    ValueError: params must be a matrix for Muon, got shape (3,); give other parameters another optimizer with Partition
    """

    def check_shape(self, where: str, w: np.ndarray) -> None:
        """Refuse what is not a matrix.

        Raises
        ------
        ValueError
            The parameter does not have two axes, or nothing in them.
        """
        if w.ndim != 2 or w.size == 0:
            must = "be a matrix" if w.ndim != 2 else "have a row and a column"
            raise ValueError(
                f"{where} must {must} for {self.name}, got shape {w.shape}; "
                "give other parameters another optimizer with Partition"
            )


def _square(w: np.ndarray) -> np.ndarray:
    """Something of a Hessian's shape: each row of the last axis against itself."""
    return np.broadcast_to(w[..., None], (*w.shape, *w.shape[-1:]))


def state_bytes(opt: Optimizer, params: Tree) -> int:
    """Bytes of the arrays that an optimizer keeps for these parameters.

    Examples
    --------
    >>> from downslope import Adam
    >>> state_bytes(Adam(), np.zeros(1000, dtype=np.float32))
    8000
    """
    return sum(held.nbytes for _, held in leaves(opt.init(params)) if isinstance(held, np.ndarray))
