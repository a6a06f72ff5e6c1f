"""LaTeX as the book writes it: one printer for every formula, whether derived or read out of a rule."""

# ruff: noqa: N802  (SymPy finds a printer method by the name of the class it prints)

import sys
from typing import Any

from sympy import Add, Expr, Mul, Pow, Rational, S, Symbol
from sympy.core._print_helpers import Printable
from sympy.core.function import AppliedUndef
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE

from downslope import written

TALL = (r"\frac", r"\sum", r"\int", r"\begin", r"\lim")


def in_brackets(tex: str, pair: str = "()") -> str:
    """Brackets, which grow only where what they hold is tall."""
    if any(mark in tex for mark in TALL):
        return rf"\left{pair[0]}{tex}\right{pair[1]}"
    return f"{pair[0]}{tex}{pair[1]}"


class BookPrinter(LatexPrinter):
    """SymPy's LaTeX printer with the book's order, brackets and partial derivatives."""

    def _add_parens(self, s: str) -> str:
        return in_brackets(s)

    def _print_Add(self, expr: Add, order: Any = None) -> str:
        tex = ""
        for term in written.terms(expr):
            term_tex = self._print(term)
            if isinstance(term, Add):
                term_tex = in_brackets(term_tex)
            if not tex:
                tex = term_tex
            elif term_tex.startswith("-"):
                tex += " - " + term_tex[1:].lstrip()
            else:
                tex += " + " + term_tex
        return tex

    def _print_Mul(self, expr: Expr) -> str:
        sign, ordered = written.settle_signs(written.factors(expr))
        coefficient = S.One
        if ordered[0] == -1:
            sign, ordered = -sign, ordered[1:]
        elif ordered[0].is_Rational and not written.is_unevaluated(expr):
            coefficient = abs(ordered[0])
            sign *= -1 if ordered[0].is_negative else 1
            ordered = ordered[1:]
        above = [f for f in ordered if not _is_reciprocal(f)]
        below = [1 / f for f in ordered if _is_reciprocal(f)]
        tex = self._fraction(coefficient, above, below)
        if sign > 0:
            return tex
        is_sum = not below and coefficient is S.One and len(above) == 1 and above[0].is_Add
        return f"- {in_brackets(tex) if is_sum or tex.startswith('-') else tex}"

    def _fraction(self, coefficient: Expr, above: list[Expr], below: list[Expr]) -> str:
        if not below:
            number = [] if coefficient is S.One else [coefficient]
            return self._product(number + above)
        top = [S(coefficient.p)] * (coefficient.p != 1) + above
        bottom = [S(coefficient.q)] * (coefficient.q != 1) + below
        return rf"\frac{{{self._product(top) or '1'}}}{{{self._product(bottom)}}}"

    def _product(self, ordered: list[Expr]) -> str:
        pieces: list[str] = []
        ordered = _under_one_root(ordered)
        for i, factor in enumerate(ordered):
            tex = self._print(factor)
            last = i == len(ordered) - 1
            bare = len(ordered) == 1 or (isinstance(factor, Rational) and i == 0)
            if not bare and (tex.startswith("-") or self._needs_mul_brackets(factor, i == 0, last)):
                tex = in_brackets(tex)
            if pieces and _wants_dot(pieces[-1], tex):
                tex = r"\cdot " + tex
            pieces.append(tex)
        return " ".join(pieces)

    def _print_Pow(self, expr: Pow) -> str:
        sign, (settled,) = written.settle_signs([expr])
        if sign < 0:
            return f"- {self._print(settled)}"
        base, power = settled.base, settled.exp
        if power.is_Rational and abs(power.p) == 1 and power.q != 1:
            return super()._print_Pow(expr)
        if _is_reciprocal(settled):
            return rf"\frac{{1}}{{{self._print(1 / settled)}}}"
        tex = self._print(base)
        if isinstance(base, Symbol) or base.is_Indexed:
            tex = in_brackets(tex) if "^" in tex else tex
        elif not base.is_Function:
            tex = self.parenthesize(base, PRECEDENCE["Pow"])
        return f"{tex}^{{{self._print(power)}}}"

    def _print_Function(self, expr: Any, exp: str | None = None) -> str:
        name = expr.func.__name__
        if hasattr(self, "_print_" + name) and not isinstance(expr, AppliedUndef):
            tex = getattr(self, "_print_" + name)(expr)
        else:
            arguments = ", ".join(self._print(a) for a in expr.args)
            tex = self._hprint_Function(name) + in_brackets(arguments)
        return tex if exp is None else f"{tex}^{{{exp}}}"

    def _print_log(self, expr: Any, exp: str | None = None) -> str:
        tex = rf"\log {in_brackets(self._print(expr.args[0]))}"
        return tex if exp is None else f"{in_brackets(tex)}^{{{exp}}}"

    def _print_Indexed(self, expr: Any) -> str:
        return f"{self._print(expr.base)}_{{{','.join(self._print(i) for i in expr.indices)}}}"

    def _print_matrix_contents(self, expr: Any) -> str:
        tex = super()._print_matrix_contents(expr)
        # fractions one below the other would touch
        return tex.replace(r"\\", r"\\[0.15em]") if r"\frac" in tex else tex

    def _print_Sum(self, expr: Any) -> str:
        heads = [
            rf"\sum_{{{self._print(k)}={self._print(low)}}}^{{{self._print(high)}}}"
            for k, low, high in reversed(expr.limits)
        ]
        body = self._print(expr.function)
        if isinstance(expr.function, Add) or body.startswith("-"):
            body = in_brackets(body)
        return " ".join([*heads, body])

    def _print_Limit(self, expr: Any) -> str:
        body, variable, point, direction = expr.args
        side = "" if point.is_infinite or str(direction) == "+-" else f"^{{{direction}}}"
        tex = self._print(body)
        if isinstance(body, Add) or tex.startswith("-"):
            tex = in_brackets(tex)
        return rf"\lim_{{{self._print(variable)} \to {self._print(point)}{side}}} {tex}"

    def _print_Derivative(self, expr: Any) -> str:
        inner, count = expr.expr, expr.derivative_count
        order = "" if count == 1 else f"^{{{count}}}"
        below = " ".join(
            rf"\partial {self._print(x)}" + ("" if n == 1 else f"^{{{n}}}") for x, n in expr.variable_count
        )
        if isinstance(inner, Symbol | AppliedUndef) or inner.is_Indexed:
            top = self._hprint_Function(inner.func.__name__) if inner.is_Function else self._print(inner)
            return rf"\frac{{\partial{order} {top}}}{{{below}}}"
        body = self._print(inner)
        if isinstance(inner, Add) or body.startswith("-"):
            body = in_brackets(body)
        return rf"\frac{{\partial{order}}}{{{below}}} {body}"


def _is_reciprocal(factor: Expr) -> bool:
    """Whether a factor belongs under the line: ``1/x`` and ``x**-n`` do, ``beta**(t - k)`` does not."""
    if not isinstance(factor, Pow) or not factor.base.is_commutative:
        return False
    power = factor.exp
    return bool(power.is_negative) if power.is_number else power.as_coeff_Mul()[0].is_negative


def _under_one_root(ordered: list[Expr]) -> list[Expr]:
    """The roots of two counts, which SymPy takes apart, as the root of their product."""
    roots = [f for f in ordered if isinstance(f, Pow) and f.exp == S.Half and f.base.is_Symbol and f.base.is_integer]
    if len(roots) < 2:
        return ordered
    together = Pow(Mul(*(root.base for root in roots)), S.Half, evaluate=False)
    return [together if f is roots[0] else f for f in ordered if f not in roots[1:]]


def _wants_dot(before: str, after: str) -> bool:
    """Between two numbers, and between two fractions, a space would read as one thing."""
    return after[0].isdigit() or (before.startswith((r"\frac", r"\cdot \frac")) and after.startswith(r"\frac"))


def latex(expr: Any) -> str:
    r"""The LaTeX of an expression in the book's notation and order.

    Parameters
    ----------
    expr : SymPy object
        Symbols are named by their LaTeX: ``Symbol(r"\beta_1")``, ``Symbol(r"\hat{m}_t")``.

    Returns
    -------
    str
        Without dollar signs.

    Examples
    --------
    >>> from sympy import symbols
    >>> beta, m, g, t = symbols(r"\beta_1 m_{t-1} g_t t")
    >>> print(latex(beta * m + (1 - beta) * g**2))
    \beta_{1} m_{t-1} + (1 - \beta_{1}) g_{t}^{2}
    >>> print(latex(1 - beta**t))
    1 - \beta_{1}^{t}
    """
    return BookPrinter().doprint(expr)


def typeset_notebooks() -> None:
    """In a notebook, show every SymPy object, and glue it, as the book prints it."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if shell is not None:
        formatter = shell.display_formatter.formatters["text/latex"]
        formatter.for_type(Printable, lambda expr: rf"$\displaystyle {latex(expr)}$")


typeset_notebooks()
