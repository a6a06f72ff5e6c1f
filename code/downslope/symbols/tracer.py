"""SymPy expressions that go through a rule as if they were numbers."""

from collections.abc import Callable
from typing import Any, ClassVar, Self

import numpy as np
import sympy as sp
from numpy.lib.mixins import NDArrayOperatorsMixin

from downslope.printing import in_brackets


class Clip(sp.Function):
    """A number moved to the nearer end of an interval that it lies outside of."""

    is_extended_real = True

    @classmethod
    def eval(cls, x: sp.Expr, low: sp.Expr, high: sp.Expr) -> sp.Expr | None:
        """Numbers are clipped at once."""
        return sp.Min(sp.Max(x, low), high) if x.is_number and low.is_number and high.is_number else None

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        tex = rf"\operatorname{{clip}} {in_brackets(', '.join(map(printer.doprint, self.args)))}"
        return tex if exp is None else f"{tex}^{{{exp}}}"

    def _code(self, printer: Any) -> str:
        x, low, high = self.args
        code: str = printer._print(sp.Min(sp.Max(x, low), high))
        return code

    _numpycode = _javascript = _code


class Symbolic(NDArrayOperatorsMixin):
    """A SymPy expression that NumPy's functions accept as if it were an array."""

    functions: ClassVar[dict[str, Callable[..., Any]]] = {
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
        "clip": lambda x, low, high: Clip(x, low, high),
        "where": lambda condition, a, b: sp.Piecewise((a, condition), (b, True)),
    }

    def __init__(self, expr: Any) -> None:
        self.expr = sp.sympify(expr)

    def __bool__(self) -> bool:
        if self.expr in (sp.true, sp.false):
            return bool(self.expr)
        raise TypeError(f"a rule that branches on {self.expr} has no symbolic reading")

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Self:
        if method != "__call__":
            raise TypeError(f"a rule that calls numpy.{ufunc.__name__}.{method} has no symbolic reading yet")
        return self._called(ufunc.__name__, inputs, options)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Self:
        return self._called(function.__name__, args, kwargs)

    def _called(self, name: str, args: Any, options: dict[str, Any]) -> Self:
        if name not in self.functions:
            raise TypeError(f"a rule that calls numpy.{name} has no symbolic reading yet")
        return type(self)(self.functions[name](*map(expression, args), **options))


def expression(value: Any) -> Any:
    """The expression for what a rule holds: a symbolic value's own, and a number as exactly as it was written."""
    if isinstance(value, Symbolic):
        return value.expr
    if not isinstance(value, float):
        return sp.sympify(value)
    written = sp.Rational(repr(value))
    return written if written == sp.Rational(value) else sp.Float(repr(value))  # 1/2 is meant, and so is 0.2
