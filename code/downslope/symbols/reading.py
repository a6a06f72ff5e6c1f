"""The second reading of a rule: symbols go in, the formula comes out."""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from functools import partial
from types import FrameType
from typing import Any

import numpy as np
import sympy as sp

from downslope.optimizers.base import Elementwise, Optimizer, Ruled
from downslope.symbols.notation import NEEDED, after, before, g, hyperparameter, t, w
from downslope.symbols.tensors import Tensor
from downslope.symbols.tracer import Symbolic, expression


@dataclass(frozen=True)
class Reading:
    """A rule, read: every quantity it names, in the order of its lines, the step ``v`` last.

    ``equations`` maps a name to its expression in the symbols of the names before it; ``hyperparameters`` maps a
    field to its symbol; ``slots`` are the names of the state that the rule keeps, ``needed`` those of what it wants
    besides the gradient.
    """

    equations: dict[str, sp.Expr]
    hyperparameters: dict[str, sp.Symbol]
    slots: tuple[str, ...]
    needed: tuple[str, ...] = ()

    def expanded(self, name: str) -> sp.Expr:
        """A quantity in terms of t, w, g, what is needed, the slots before the step and the hyperparameters alone."""
        named = {after(key): key for key, expr in self.equations.items() if expr != after(key)}
        expr = self.equations[name]
        while inner := {s: self.equations[named[s]] for s in expr.free_symbols if s in named}:
            expr = expr.xreplace(inner)
        return expr


def read(opt: Optimizer) -> Reading:
    """Call the rule with symbols, and note each quantity under the name that the rule itself gives it.

    Hyperparameters become symbols, except flags, words, and those that are zero: what a zero switches off does not
    show. Those that only say how a slot starts are left out.

    Raises
    ------
    TypeError
        The optimizer has no rule of its own: it is a wrapper.
    """
    if not isinstance(opt, Ruled):
        raise TypeError(f"opt must be an optimizer with a rule of its own, got {type(opt).__name__}")
    stand_in = Symbolic if isinstance(opt, Elementwise) else Tensor
    symbolic = object.__new__(type(opt))
    hyperparameters = {}
    for field in fields(opt):
        value = getattr(opt, field.name)
        if not isinstance(value, bool | str) and (callable(value) or np.any(value != 0)):
            hyperparameters[field.name] = hyperparameter(field.name)
            value = stand_in(hyperparameters[field.name])
        object.__setattr__(symbolic, field.name, value)
    stored = opt.stored
    slots = [stand_in(before(s)) if s in stored else stand_in(0) for s in opt.slots]
    unnamed = {"v", *opt.slots} - set(stored)
    needed = {name: stand_in(NEEDED[name]) for name in opt.needs}
    rule = partial(symbolic.rule, **needed)
    (v, *after_step), equations = _named(rule, unnamed, *map(stand_in, (t, w, g)), *slots)
    for slot, value in zip(opt.slots, after_step, strict=True):
        if slot in stored:
            equations.setdefault(slot, expression(value))
    equations["v"] = expression(v)
    seen = set().union(*(expr.free_symbols for expr in equations.values()))
    hyperparameters = {name: symbol for name, symbol in hyperparameters.items() if symbol in seen}
    return Reading(equations, hyperparameters, stored, opt.needs)


def lookahead(opt: Optimizer) -> sp.Expr:
    r"""The point at which an optimizer wants its gradient, in the symbols of its formula.

    Examples
    --------
    >>> from downslope import SGD, Nesterov
    >>> lookahead(SGD()), lookahead(Nesterov())
    (w_t, -\beta*\eta*m_{t-1} + w_t)
    """
    reading = read(opt)
    symbolic = object.__new__(type(opt))
    for name, value in vars(opt).items():
        letter = reading.hyperparameters.get(name)
        object.__setattr__(symbolic, name, value if letter is None else Symbolic(letter))
    state = {slot: Symbolic(before(slot)) for slot in reading.slots}
    return symbolic.lookahead(Symbolic(w), {"t": 0} | state).expr


def _named(rule: Callable[..., Any], unnamed: set[str], *arguments: Symbolic) -> tuple[Any, dict[str, sp.Expr]]:
    """Call a rule; a quantity that it assigns to a local name is noted, and from then on stands for itself."""
    equations: dict[str, sp.Expr] = {}

    def note(frame: FrameType, event: str, _: Any) -> Any:
        for name, value in frame.f_locals.items():
            if isinstance(value, Symbolic) and name not in unnamed and not value.expr.is_Atom:
                equations[name] = value.expr
                value.expr = after(name)
        return note

    def call() -> Any:
        sys.settrace(lambda frame, event, _: note if frame.f_code.co_name == "rule" else None)
        return rule(*arguments)

    with ThreadPoolExecutor(1) as own_thread:  # a trace function belongs to its thread: a debugger's stays untouched
        return own_thread.submit(call).result(), equations
