"""The fourth reading: a rule and a landscape as JavaScript, so that a page without a kernel can run them.

Every source is one ES2020 expression, printed by SymPy from what NumPy runs.
"""

import json
from typing import Any

import numpy as np
import sympy as sp
from sympy.printing.jscode import JavascriptCodePrinter

from downslope import symbols
from downslope.optimizers.base import Elementwise, Optimizer
from downslope.surface import Landscape, derivatives

__all__ = ["expression", "landscape", "lookahead", "optimizer", "rule"]


class _Printer(JavascriptCodePrinter):
    def _print_Pow(self, expr: sp.Pow) -> str:  # noqa: N802
        # NumPy squares by multiplying; Math.pow may differ in the last bit
        if expr.exp == 2 and expr.base.is_Atom:
            base = self._print(expr.base)
            return f"({base}*{base})"
        printed: str = super()._print_Pow(expr)
        return printed

    def _print_NaN(self, expr: sp.Expr) -> str:  # noqa: N802
        return "Number.NaN"


def expression(expr: sp.Expr) -> str:
    """One SymPy expression in JavaScript; symbols keep their names.

    Raises
    ------
    NotImplementedError
        The expression calls a function that JavaScript does not have.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> expression(sp.sqrt(x) + sp.Max(x, 0) ** 2)
    'Math.sqrt(x) + Math.pow(Math.max(0, x), 2)'
    """
    printer = _Printer({"strict": True})
    try:
        return " ".join(printer.doprint(expr).split())
    except sp.printing.codeprinter.PrintMethodNotImplementedError as error:
        raise NotImplementedError(f"no JavaScript for {expr}") from error


def _body(expressions: tuple[sp.Expr, ...], many: bool) -> str:
    """A function body in braces: common parts first, then what it returns."""
    shared, results = sp.cse(expressions, symbols=sp.numbered_symbols("u"))
    lines = [f"const {name} = {expression(part)};" for name, part in shared]
    printed = ", ".join(map(expression, results))
    return "{ " + " ".join([*lines, f"return {f'[{printed}]' if many else printed};"]) + " }"


def landscape(landscape: Landscape) -> str:
    """A landscape as a JavaScript object.

    Returns
    -------
    str
        An expression: ``{value(w), gradient(w)}``. `w` is an array of d numbers; ``value`` returns a number,
        ``gradient`` an array of d numbers, equal to NumPy's but for the last bits. Infinite and missing
        numbers go through.

    Raises
    ------
    NotImplementedError
        The landscape uses a function that JavaScript does not have.

    Examples
    --------
    >>> from downslope.landscapes import saddle
    >>> print(landscape(saddle()))
    (() => {
      return {
        value: (w) => { return (w[0]*w[0]) - (w[1]*w[1]); },
        gradient: (w) => { return [2*w[0], -2*w[1]]; },
      };
    })()
    """
    places = {sp.Symbol(s.name, real=True): sp.Symbol(f"w[{k}]", real=True) for k, s in enumerate(landscape.symbols)}
    value, gradient = (
        tuple(entry.xreplace(places) for entry in derivatives(landscape.expr, landscape.symbols, order))
        for order in (0, 1)
    )
    needed = sorted({f.func for f in landscape.expr.atoms(sp.Function) if hasattr(f, "javascript")}, key=str)
    return "\n".join(
        [
            "(() => {",
            *(function.javascript() for function in needed),
            "  return {",
            f"    value: (w) => {_body(value, many=False)},",
            f"    gradient: (w) => {_body(gradient, many=True)},",
            "  };",
            "})()",
        ]
    )


def rule(opt: Optimizer) -> str:
    """The rule of an elementwise optimizer as a JavaScript function of one coordinate.

    Returns
    -------
    str
        ``(t, w, g, h, ...slots, ...needed) => [v, ...slots]``: `t` is 1 for the first step, `h` is an object with
        the hyperparameters under their Python names, and the slots are those of ``opt.stored``, in that order;
        what ``opt.needs`` names comes last.
        What is zero in `opt` is left out of the rule, so a momentum that a slider may raise must not be zero
        here.

    Raises
    ------
    TypeError
        The optimizer works on whole tensors.

    Examples
    --------
    >>> from downslope import Momentum
    >>> print(rule(Momentum()))
    (t, w, g, h, m_prev) => { const m_t = g + h.momentum*m_prev; const v_t = -h.lr*m_t; return [v_t, m_t]; }
    """
    reading = _read(opt)
    names = {symbols.after(name): sp.Symbol(f"{name}_t") for name in reading.equations} | _names(reading)
    lines = [f"const {name}_t = {expression(expr.xreplace(names))};" for name, expr in reading.equations.items()]
    arguments = ", ".join(["t", "w", "g", "h", *(f"{slot}_prev" for slot in reading.slots), *reading.needed])
    results = ", ".join(f"{name}_t" for name in ("v", *reading.slots))
    return f"({arguments}) => {{ {' '.join(lines)} return [{results}]; }}"


def lookahead(opt: Optimizer) -> str:
    """Where an elementwise optimizer wants its gradient, as a JavaScript function of one coordinate.

    Returns
    -------
    str
        ``(w, h, ...slots) => point``, arguments as in `rule`; for most optimizers the point is `w`.

    Examples
    --------
    >>> from downslope import SGD, Nesterov
    >>> lookahead(SGD()), lookahead(Nesterov())
    ('(w, h) => w', '(w, h, m_prev) => -h.lr*h.momentum*m_prev + w')
    """
    reading = _read(opt)
    arguments = ", ".join(["w", "h", *(f"{slot}_prev" for slot in reading.slots)])
    return f"({arguments}) => {expression(symbols.lookahead(opt).xreplace(_names(reading)))}"


def optimizer(opt: Elementwise) -> str:
    """Everything that a loop in the browser needs of an elementwise optimizer, as a JavaScript object.

    Returns
    -------
    str
        ``{name, hyperparameters, initial, rule, lookahead}``: the hyperparameters' values in `opt`, what
        each slot holds before the first step, and the two functions of `rule` and `lookahead`. One step of
        one coordinate::

            g = gradient at lookahead(w, h, ...slots)
            [v, ...slots] = rule(t, w, g, h, ...slots)
            w = w + v

    Raises
    ------
    TypeError
        The optimizer works on whole tensors, or a hyperparameter is a schedule or an array.

    Examples
    --------
    >>> from downslope import SGD
    >>> print(optimizer(SGD(lr=0.1)))
    {
      name: "SGD",
      hyperparameters: {"lr": 0.1},
      initial: [],
      rule: (t, w, g, h) => { const v_t = -g*h.lr; return [v_t]; },
      lookahead: (w, h) => w,
    }
    """
    reading = _read(opt)
    settings = {}
    for name in reading.hyperparameters:
        value = getattr(opt, name)
        if callable(value) or np.ndim(value):
            raise TypeError(f"{name} must be a number to go into a page, got {value!r}")
        settings[name] = float(value)
    initial = [float(opt.initial_slot(slot, np.zeros(1))[0]) for slot in reading.slots]
    parts: dict[str, Any] = {
        "name": json.dumps(opt.name),
        "hyperparameters": json.dumps(settings),
        "initial": json.dumps(initial),
        "rule": rule(opt),
        "lookahead": lookahead(opt),
    }
    return "\n".join(["{", *(f"  {key}: {value}," for key, value in parts.items()), "}"])


def _read(opt: Optimizer) -> symbols.Reading:
    if not isinstance(opt, Elementwise):
        raise TypeError(f"opt must be an elementwise optimizer, got {type(opt).__name__}")
    return symbols.read(opt)


def _names(reading: symbols.Reading) -> dict[sp.Symbol, sp.Symbol]:
    """What the arguments of a rule are called in JavaScript; the suffix keeps clear of its reserved words."""
    arguments = {symbols.t: sp.Symbol("t"), symbols.w: sp.Symbol("w"), symbols.g: sp.Symbol("g")}
    slots = {symbols.before(slot): sp.Symbol(f"{slot}_prev") for slot in reading.slots}
    needed = {symbols.NEEDED[name]: sp.Symbol(name) for name in reading.needed}
    return arguments | slots | needed | {s: sp.Symbol(f"h.{name}") for name, s in reading.hyperparameters.items()}
