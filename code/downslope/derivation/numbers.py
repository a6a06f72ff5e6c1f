"""Comparing two expressions at reproducible random points, exactly or to fifty digits."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef, UndefinedFunction
from sympy.tensor.indexed import Indexed

from downslope.derivation.matching import for_every_index, indices, substitute
from downslope.derivation.operators import E, sigmoid
from downslope.derivation.sums import write_out

POINTS = 12
DIGITS = 50
SEED = 1986
REACH = 3  # how far from zero, or from the end of a half-line, a real number is drawn
COUNTS = 8  # how many successive integers a count, such as the number of steps, runs through
TOLERANCE = sp.Rational(1, 10**DIGITS)


class Different(Exception):
    """Two expressions have different values at a point."""

    def __init__(self, point: dict[Any, Any], left: sp.Expr, right: sp.Expr) -> None:
        super().__init__(point, left, right)
        self.point, self.left, self.right = point, left, right


class Undecided(Exception):
    """Neither SymPy nor numbers could tell."""


def compare_at_points(left: sp.Expr, right: sp.Expr, assuming: Mapping[Any, Any], within: Mapping[Any, Any]) -> str:
    """Raise unless two expressions agree at every point where both have a value; else say what was done.

    Raises
    ------
    Different
        With the point and the two values.
    Undecided
        Fewer points than needed gave both sides a value.
    """
    agreed, reason = 0, ""
    for number in range(3 * POINTS):
        point = Point(number, _counts(left, right), assuming, within)
        try:
            values = point.value(left), point.value(right)
        except Undecided as undecided:
            reason = str(undecided)
            continue
        if not _agree(*values):
            raise Different(point.values, *values)
        agreed += 1
        if agreed == POINTS:
            return f"numerically, {POINTS} points, {DIGITS} digits"
    raise Undecided(f"both sides have a value at {agreed} of {3 * POINTS} points only: {reason}")


def _agree(left: sp.Expr, right: sp.Expr) -> bool:
    if left.is_infinite or right.is_infinite:
        return left == right
    return bool(abs(left - right) <= TOLERANCE * (1 + abs(left) + abs(right)))


def _counts(*sides: sp.Expr) -> set[sp.Symbol]:
    """The symbols that have to be integers: those declared so, ends of sums, and indices."""
    found = {s for side in sides for s in side.free_symbols if s.is_integer}
    for side in sides:
        found |= indices(side) & side.free_symbols
        for whole in side.atoms(sp.Sum):
            found |= {s for _, low, high in whole.limits for s in low.free_symbols | high.free_symbols}
    return {s for s in found if isinstance(s, sp.Symbol)}


class Point:
    """One assignment of values to whatever two expressions leave open; the same name gets the same value."""

    def __init__(
        self, number: int, counts: set[sp.Symbol], assuming: Mapping[Any, Any], within: Mapping[Any, Any]
    ) -> None:
        self.number, self.counts, self.assuming, self.within = number, counts, assuming, within
        self.values: dict[Any, Any] = {}

    def value(self, expr: sp.Expr) -> sp.Expr:
        """The number an expression is at this point: exact, or to ten digits more than are compared."""
        expr = expr.replace(lambda e: isinstance(e, AppliedUndef), self._function)
        expr = self._suppose(expr, for_every_index(self.assuming))
        expr = write_out(self._put(expr, self.counts & expr.free_symbols))
        expr = expr.xreplace({d: d.doit() for d in expr.atoms(sp.Derivative)})
        expr = self._suppose(expr, self.assuming)
        expr = self._put(expr, expr.atoms(Indexed, E))
        expr = self._put(expr, expr.free_symbols)
        expr = expr.replace(sigmoid, lambda z: sigmoid(z).rewrite(sp.exp))
        number = expr if expr.is_Rational else sp.N(expr.doit(), DIGITS + 10)
        if number.is_number and (number.is_finite or number.is_infinite):
            return number
        raise Undecided(f"{expr} has no value")

    def _put(self, expr: sp.Expr, atoms: Iterable[Any]) -> sp.Expr:
        """The expression with values for these atoms, outermost first: E[x] before the x inside it."""
        for atom in sorted(atoms, key=sp.default_sort_key):
            if expr.has(atom) and atom not in self.values:
                self.values[atom] = self._draw(atom)
            expr = expr.subs(atom, self.values.get(atom, atom))
        return expr

    def _suppose(self, expr: sp.Expr, assuming: Mapping[Any, Any]) -> sp.Expr:
        return substitute(expr.xreplace({e: e.linear() for e in expr.atoms(E)}), assuming)

    def _function(self, call: AppliedUndef) -> sp.Expr:
        """A smooth function with nothing special about it, in place of an unknown one."""
        if call.func not in self.values:
            self.values[call.func] = self._smooth(call.func, len(call.args))
        return self.values[call.func](*call.args)

    def _smooth(self, name: UndefinedFunction, arity: int) -> sp.Lambda:
        rng = self._generator(str(name), self.number)
        x = sp.symbols(f"x:{arity}", cls=sp.Dummy)
        slope, height, phase = ([sp.Rational(int(n), 10) for n in rng.integers(1, 30, arity)] for _ in range(3))
        waves = (slope[i] * x[i] + height[i] * sp.sin(x[i] + phase[i]) for i in range(arity))
        return sp.Lambda(x, sp.Mul(*x) + sp.Add(*waves))

    def _draw(self, atom: Any) -> sp.Rational:
        low, high = self._range(atom)
        if atom.is_integer or atom in self.counts:
            order = self._generator(sp.srepr(atom), self.number // COUNTS).permutation(COUNTS)
            return sp.Integer(int(low) + int(order[self.number % COUNTS]))
        rng = self._generator(sp.srepr(atom), self.number)
        return sp.Rational(int(rng.integers(int(1000 * low) + 1, int(1000 * high))), 1000)

    def _range(self, atom: Any) -> tuple[Any, Any]:
        given = self.within.get(atom, self.within.get(getattr(atom, "base", None)))
        if given is not None:
            low, high = map(sp.sympify, given)
            return (high - REACH if low == -sp.oo else low), (low + REACH if high == sp.oo else high)
        if atom.is_integer or atom in self.counts:
            return (0 if atom.is_nonnegative and not atom.is_positive else 1), sp.oo
        return (0 if atom.is_nonnegative else -REACH), (0 if atom.is_nonpositive else REACH)

    def _generator(self, name: str, number: int) -> np.random.Generator:
        return np.random.default_rng([SEED, number, *name.encode()])
