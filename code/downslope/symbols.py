"""The second reading of a rule: symbols go in, the formula comes out."""

import ast
import inspect
import sys
import textwrap
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from functools import partial
from types import FrameType
from typing import Any

import numpy as np
import sympy as sp
from numpy.lib.mixins import NDArrayOperatorsMixin
from sympy.core.alphabets import greeks

from downslope.optimizers.base import Elementwise, Optimizer
from downslope.printing import latex

LETTERS = {
    "lr": r"\eta",
    "momentum": r"\beta",
    "eps": r"\epsilon",
    "final_lr": r"\eta^{\ast}",
    "threshold": r"\rho_{\min}",
    "weight_decay": r"\lambda",
    "dampening": r"\tau",
}
ACCENTS = {
    "hat": r"\hat{%s}_t",
    "bar": r"\bar{%s}_t",
    "tilde": r"\tilde{%s}_t",
    "min": r"%s^{\min}_t",
    "max": r"%s^{\max}_t",
    "inf": r"%s_\infty",
    "prev": r"%s_t",
}

t = sp.Symbol("t", positive=True, integer=True)
w = sp.Symbol("w_t", real=True)
g = sp.Symbol("g_t", real=True)

_SYMBOLS: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "true_divide": lambda a, b: a / b,
    "power": lambda a, b: a**b,
    "negative": lambda a: -a,
    "square": lambda a: a**2,
    "sqrt": sp.sqrt,
    "absolute": sp.Abs,
    "sign": sp.sign,
    "exp": sp.exp,
    "log": sp.log,
    "maximum": sp.Max,
    "minimum": sp.Min,
    "greater": sp.Gt,
    "greater_equal": sp.Ge,
    "less": sp.Lt,
    "less_equal": sp.Le,
    "clip": lambda x, low, high: sp.Min(sp.Max(x, low), high),
    "where": lambda condition, a, b: sp.Piecewise((a, condition), (b, True)),
}


class Symbolic(NDArrayOperatorsMixin):
    """A SymPy expression that NumPy's functions accept as if it were an array."""

    def __init__(self, expr: Any) -> None:
        self.expr = sp.sympify(expr)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> "Symbolic":
        if method != "__call__" or ufunc.__name__ not in _SYMBOLS:
            raise TypeError(f"a rule that calls numpy.{ufunc.__name__} has no symbolic reading yet")
        return Symbolic(_SYMBOLS[ufunc.__name__](*map(_expression, inputs)))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> "Symbolic":
        if function.__name__ not in _SYMBOLS or kwargs:
            raise TypeError(f"a rule that calls numpy.{function.__name__} has no symbolic reading yet")
        return Symbolic(_SYMBOLS[function.__name__](*map(_expression, args)))


def hyperparameter(name: str) -> sp.Symbol:
    r"""The symbol that the book writes for a hyperparameter, positive like every one of them.

    Examples
    --------
    >>> hyperparameter("beta1"), hyperparameter("lr")
    (\beta_1, \eta)
    """
    stem = name.rstrip("0123456789")
    index = f"_{name.removeprefix(stem)}" if stem != name else ""
    return sp.Symbol(LETTERS.get(name, _letter(stem) + index), positive=True)


def _letter(word: str) -> str:
    if word in LETTERS:
        return LETTERS[word]
    return word if len(word) == 1 else rf"\{word}" if word in greeks else rf"\mathrm{{{word}}}"


def before(slot: str) -> sp.Symbol:
    """The symbol of a slot before the step.

    Examples
    --------
    >>> before("m")
    m_{t-1}
    """
    return sp.Symbol(after(slot).name.replace("_t", "_{t-1}"), real=True)


def after(name: str) -> sp.Symbol:
    r"""The symbol of a slot, or of any quantity that a rule names, at step t.

    Examples
    --------
    >>> after("m"), after("m_hat")
    (m_t, \hat{m}_t)
    """
    stem, _, accent = name.rpartition("_")
    if accent in ACCENTS:
        return sp.Symbol(ACCENTS[accent] % _letter(stem), real=True)
    return sp.Symbol(f"{_letter(name)}_t", real=True)


NEEDED = {"hessian_diag": after("h_hat")}
"""The symbols of what an elementwise rule may want besides the gradient."""


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
        The optimizer's rule does not work coordinate by coordinate.
    """
    if not isinstance(opt, Elementwise):
        raise TypeError(f"opt must be an elementwise optimizer, got {type(opt).__name__}")
    symbolic = object.__new__(type(opt))
    hyperparameters = {}
    for field in fields(opt):
        value = getattr(opt, field.name)
        if not isinstance(value, bool | str) and (callable(value) or np.any(value != 0)):
            hyperparameters[field.name] = hyperparameter(field.name)
            value = Symbolic(hyperparameters[field.name])
        object.__setattr__(symbolic, field.name, value)
    stored = opt.stored
    slots = [Symbolic(before(s)) if s in stored else Symbolic(0) for s in opt.slots]
    unnamed = {"v", *opt.slots} - set(stored)
    needed = {name: Symbolic(NEEDED[name]) for name in opt.needs}
    rule = partial(symbolic.rule, **needed)
    (v, *after_step), equations = _named(rule, unnamed, Symbolic(t), Symbolic(w), Symbolic(g), *slots)
    for slot, value in zip(opt.slots, after_step, strict=True):
        if slot in stored:
            equations.setdefault(slot, _expression(value))
    equations["v"] = _expression(v)
    seen = set().union(*(expr.free_symbols for expr in equations.values()))
    hyperparameters = {name: symbol for name, symbol in hyperparameters.items() if symbol in seen}
    return Reading(equations, hyperparameters, stored, opt.needs)


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


def _expression(value: Any) -> Any:
    if isinstance(value, Symbolic):
        return value.expr
    return sp.Rational(repr(value)) if isinstance(value, float) else sp.sympify(value)


class Formula(dict[str, sp.Expr]):
    """The equations of a rule by name, typeset in a notebook line by line as an author would print them."""

    @property
    def latex(self) -> str:
        """The equations as one aligned block."""
        lines = [f"{latex(after(name))} &= {latex(expr)}" for name, expr in self.items()]
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"


def formula(opt: Optimizer) -> Formula:
    r"""The update rule in the book's notation, read out of the code that runs.

    Parameters
    ----------
    opt : Elementwise
        Any optimizer that works coordinate by coordinate.

    Returns
    -------
    Formula
        A dict from each quantity that the rule names to its expression, in the rule's order; the step is ``"v"``.

    Raises
    ------
    TypeError
        The optimizer works on whole tensors.

    Examples
    --------
    >>> from downslope import Adam
    >>> f = formula(Adam())
    >>> list(f)
    ['m', 's', 'm_hat', 's_hat', 'v']
    >>> f["m_hat"]
    m_t/(1 - \beta_1**t)
    """
    return Formula({name: expr for name, expr in read(opt).equations.items() if expr != after(name)})


class Source(str):
    """Python source that shows itself highlighted in a notebook."""

    def _repr_markdown_(self) -> str:
        return f"```python\n{self}\n```"


def source(thing: Any) -> Source:
    """The source of a rule, a function or a class, as the package runs it; a function's without its docstring.

    Examples
    --------
    >>> from downslope import SGD
    >>> print(source(SGD.rule))
    def rule(self, t, w, g):
        return (-self.lr * g,)
    """
    text = textwrap.dedent(inspect.getsource(thing))
    lines, definition = text.splitlines(), ast.parse(text).body[0]
    if isinstance(definition, ast.FunctionDef) and ast.get_docstring(definition) and len(definition.body) > 1:
        docstring = definition.body[0]
        del lines[docstring.lineno - 1 : docstring.end_lineno]  # the page that shows it says what it does
    return Source("\n".join(lines).strip())
