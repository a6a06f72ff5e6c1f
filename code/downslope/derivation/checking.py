"""Deciding whether two expressions are equal: by SymPy where it can, else by numbers at many points."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import sympy as sp

from downslope.derivation.matching import for_every_index, substitute
from downslope.derivation.numbers import Different, Undecided, compare_at_points
from downslope.derivation.operators import Definitions, E, Partial
from downslope.derivation.sums import generic, normal_form

SYMPY = "SymPy"
MANAGEABLE = 120  # operations up to which simplify is tried, since nothing else bounds it


@dataclass(frozen=True)
class Setting:
    """What a link is checked under: what names mean, what is assumed, and where symbols lie."""

    where: Definitions
    assuming: dict[sp.Expr, sp.Expr]
    within: Mapping[Any, tuple[Any, Any]]

    def supposing(self, hypotheses: Mapping[sp.Expr, sp.Expr]) -> "Setting":
        """The same setting with more assumed."""
        return replace(self, assuming={**self.assuming, **hypotheses})

    def decide(self, left: Any, right: Any) -> str:
        """How the equality was established; raises `Different` or `Undecided` where it was not."""
        if left == right:
            return SYMPY
        entries = _entries(self._resolve(left), self._resolve(right))
        return max((self._decide_entry(a, b) for a, b in entries), key=len)

    def _resolve(self, expr: Any) -> Any:
        slopes = {p: self._slope(p) for p in expr.atoms(Partial)}
        return self.where.to_the_bottom(expr.xreplace(slopes))

    def _slope(self, slope: Partial) -> sp.Expr:
        quantity, variable = slope.args
        meaning = self.where.to_the_bottom(quantity, keep=variable)
        if meaning == quantity and not quantity.has(variable):
            raise Undecided(f"where does not say what {quantity} is")
        return sp.diff(meaning, variable)

    def _decide_entry(self, left: sp.Expr, right: sp.Expr) -> str:
        difference = self._symbolic(left) - self._symbolic(right)
        if sp.expand(difference) == 0:
            return SYMPY
        numbers = compare_at_points(left, right, self.assuming, self.within)
        hopeful = difference.count_ops() <= MANAGEABLE and not difference.has(sp.Sum, sp.Limit, sp.Integral)
        if hopeful and sp.simplify(difference.rewrite(sp.exp)) == 0:
            return SYMPY
        return numbers

    def _symbolic(self, expr: sp.Expr) -> sp.Expr:
        """The expression with its derivatives, sums and limits worked out as far as SymPy can do it safely."""
        expr = expand_expectations(expr)
        expr = substitute(expr, for_every_index(self.assuming))
        expr = expr.xreplace({d: d.doit() for d in expr.atoms(sp.Derivative)})
        work = expr.atoms(sp.Limit, sp.Integral, sp.Determinant, sp.Trace)
        safe = [x for x in work if x.count_ops() <= MANAGEABLE and not x.has(sp.Sum)]
        expr = expr.xreplace({x: generic(_worked_out(x)) for x in safe})
        return normal_form(expr)


def _worked_out(expr: sp.Expr) -> sp.Expr:
    try:
        return expr.doit()
    except NotImplementedError:  # a limit that depends on where a symbol lies: numbers can still decide
        return expr


def expand_expectations(expr: sp.Expr) -> sp.Expr:
    """Take sums and constants out of every expectation."""
    return expr.xreplace({e: e.linear() for e in expr.atoms(E)})


def _entries(left: Any, right: Any) -> list[tuple[sp.Expr, sp.Expr]]:
    """The pairs of entries of two matrices, or the two expressions themselves."""
    left, right = (side.doit().as_explicit() if getattr(side, "is_Matrix", False) else side for side in (left, right))
    shapes = [side.shape if getattr(side, "is_Matrix", False) else () for side in (left, right)]
    if shapes[0] != shapes[1]:
        raise Undecided(f"the left side has shape {shapes[0]} and the right side {shapes[1]}")
    return list(zip(left, right, strict=True)) if shapes[0] else [(left, right)]


__all__ = ["Different", "Setting", "Undecided"]
