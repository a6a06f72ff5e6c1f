"""The order in which an author writes a sum's terms and a product's factors.

SymPy sorts both by its own canonical key, which gives `-beta^t + 1` and `g (1 - beta)`.
Nothing here changes a value: the functions only say what is printed first.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

from sympy import Add, Derivative, Expr, Function, Integral, Limit, Max, Min, Mul, Pow, S, Sum, Symbol
from sympy.core.function import AppliedUndef
from sympy.tensor.indexed import Indexed

RATES = {"eta", "alpha"}
SCALES = {"lambda", "lambd", "h"}
WEIGHTS = {"w", "u"}
MEMORIES = {"beta", "nu", "rho", "gamma", "delta", "tau"}
POSITIONS = {"w", "theta"}
LAST = {"epsilon", "varepsilon", "eps"}
IDENTITY = {"I"}


def stem(symbol: Expr) -> str:
    r"""The bare letter of a symbol: ``beta`` for ``\beta_1``, ``eta`` for ``\hat{\eta}_t``."""
    found = re.match(r"(?:\\(?:hat|bar|tilde)\{)?\\?([A-Za-z]+)", str(symbol))
    return found.group(1).rstrip("0123456789") if found else str(symbol)


def _base(factor: Expr) -> Expr:
    return factor.base if isinstance(factor, Pow) else factor


def _is_kind(factor: Expr, kind: set[str]) -> bool:
    base = _base(factor)
    if not isinstance(base, Symbol) or stem(base) not in kind:
        return False
    return stem(base) != "h" or _subscript(base.name)[0] != "t"  # a curvature that a rule keeps is a quantity


def _is_constant(factor: Expr) -> bool:
    """Whether a factor holds hyperparameters only, so that it stands before the quantity it scales."""
    base = _base(factor)
    if isinstance(base, Add):
        return all(all(_is_constant(part) for part in Mul.make_args(term)) for term in base.args)
    return base.is_number or _is_kind(factor, RATES | SCALES | MEMORIES)


def _is_coefficient(sum_: Add) -> bool:
    """Whether a sum in brackets scales what follows: ``1 - beta`` and ``1 - eta h`` do, ``1 - x`` does not."""
    has_setting = any(_is_kind(symbol, RATES | MEMORIES) for symbol in sum_.atoms(Symbol))
    return _is_constant(sum_) or (has_setting and sum_.as_coeff_Add()[0] != 0)


def _is_one_number(expr: Expr) -> bool:
    """Whether a factor is a positive number for a whole array: its size, its norm, a setting."""
    if expr.is_Symbol or getattr(expr, "leads", False):
        return bool(expr.is_positive)
    return all(map(_is_one_number, expr.args))


def _subscript(name: str) -> tuple[Any, ...]:
    """A sortable reading of the last subscript: ``t-1`` comes before ``t``, 2 before 10."""
    _, _, tail = name.rpartition("_")
    tail = tail.strip("{}")
    offset = re.fullmatch(r"([A-Za-z]*)\s*([+-]?)\s*(\d*)", tail)
    if tail == name or offset is None:
        return ("", 0)
    letter, sign, digits = offset.groups()
    return (letter, int(digits or 0) * (-1 if sign == "-" else 1))


def _place(factor: Expr) -> tuple[Any, ...]:
    """Where in time or in a vector a quantity stands."""
    base = _base(factor)
    if isinstance(base, Indexed):
        index = base.indices[0]
        constant, rest = index.as_coeff_Add()
        return (str(rest) if rest != 0 else "", int(constant) if constant.is_Integer else 0)
    if isinstance(base, Symbol):
        return _subscript(base.name)
    quantities = [part for part in base.atoms(Indexed, Symbol) if not _is_constant(part)]
    return min(map(_place, quantities), default=("", 0))


def _chain(partials: list[Expr]) -> list[Expr]:
    """Order partial derivatives so that each numerator is the denominator before it."""
    left, ordered = list(partials), []
    while left:
        below = {variable for p in left for variable in p.variables}
        top = next((p for p in left if p.expr not in below), left[0])
        while top is not None:
            ordered.append(top)
            left.remove(top)
            top = next((p for p in left if p.expr in ordered[-1].variables), None)
    return ordered


def _factor_rank(factor: Expr) -> tuple[Any, ...]:
    base = _base(factor)
    if base.is_number:
        return (0, "")
    if isinstance(base, Sum | Integral | Limit):
        return (8, "")
    if isinstance(base, Add):
        return (2 if _is_coefficient(base) else 6, "")
    if _is_kind(factor, RATES):
        return (1, str(base))
    if _is_kind(factor, SCALES):
        return (3, "")
    if _is_kind(factor, MEMORIES):
        return (3, str(base))
    if isinstance(base, Max | Min) or getattr(base, "leads", False):
        return (3, "~") if _is_one_number(base) else (5, str(base))
    if isinstance(base, Function) and not isinstance(base, AppliedUndef):
        return (5, str(base))
    if _is_kind(factor, IDENTITY):
        return (7, "")
    is_weight = _is_kind(factor, WEIGHTS) and factor.is_Symbol and not _subscript(factor.name)[0]
    return (4, "" if is_weight else "later")


def is_unevaluated(expr: Expr) -> bool:
    """Whether a sum or product was made with ``evaluate=False``, so that its order is the author's."""
    return expr.func(*expr.args).args != expr.args


def factors(expr: Expr) -> list[Expr]:
    """The factors of a product in written order: numbers, rates, ``1 - beta``, memories, quantities, sums."""
    if not isinstance(expr, Mul):
        return [expr]
    if is_unevaluated(expr):
        return list(expr.args)
    partials = [f for f in expr.args if isinstance(f, Derivative) or getattr(f, "is_partial", False)]
    others = [f for f in expr.as_ordered_factors() if f not in partials]
    return sorted(others, key=_factor_rank) + _chain(partials)


def terms(expr: Expr) -> list[Expr]:
    """The terms of a sum in written order: past before present, a plus first, epsilon last."""
    if is_unevaluated(expr):
        return list(expr.args)
    ordered = _by_degree(expr) or sorted(expr.as_ordered_terms(), key=_term_key(expr))
    if ordered[0].could_extract_minus_sign():
        ordered.sort(key=lambda term: term.could_extract_minus_sign())
    return ordered


def _by_degree(expr: Expr) -> list[Expr] | None:
    """Descending powers, where the sum is a polynomial of degree two or more in one symbol."""
    squares = [
        p.base
        for term in expr.args
        for p in Mul.make_args(term)
        if isinstance(p, Pow) and isinstance(p.base, Symbol) and p.exp.is_Integer and p.exp > 1
    ]
    for symbol in sorted(set(squares), key=str):
        degrees = [_degree(term, symbol) for term in expr.args]
        if stem(symbol) not in MEMORIES and len(set(degrees)) == len(degrees) and 1 in degrees:
            return [term for _, term in sorted(zip(degrees, expr.args, strict=True), key=lambda pair: -pair[0])]
    return None


def _degree(term: Expr, symbol: Expr) -> int:
    exponents = [p.as_base_exp()[1] for p in Mul.make_args(term) if p.as_base_exp()[0] == symbol]
    return int(exponents[0]) if exponents and exponents[0].is_Integer else 0


def _term_key(whole: Expr) -> Callable[[Expr], tuple[Any, ...]]:
    settings = any(_is_kind(a, MEMORIES | RATES) for a in whole.atoms(Symbol))
    number_first = settings or bool(whole.atoms(Function))

    def key(term: Expr) -> tuple[Any, ...]:
        parts = [p for p in Mul.make_args(term) if not p.is_number]
        if not parts:
            return (-2 if number_first else 8,)
        if all(_is_kind(p, MEMORIES) for p in parts):
            return (-1, sorted(str(p.as_base_exp()[1]) for p in parts))
        quantities = [p for p in parts if not _is_constant(p)]
        if all(_is_kind(p, LAST) for p in parts) or any(_is_kind(p, IDENTITY) for p in parts):
            return (9,)
        scales = [p for p in parts if _is_constant(p)]
        return (
            0,
            -len(quantities),
            sorted(_place(q) for q in quantities),
            sum(isinstance(_base(s), Add) for s in scales),
            len(scales),
            [stem(_base(q)) not in POSITIONS for q in quantities],
            [str(p.as_base_exp()[::-1]) for p in scales],
        )

    return key


def flip(expr: Expr) -> Expr:
    """``beta - 1`` as the author's ``1 - beta`` with the sign taken out, or the same expression."""
    if not isinstance(expr, Add) or is_unevaluated(expr):
        return expr
    number = expr.as_coeff_Add()[0]
    shrinks = any(_is_kind(a, MEMORIES) for a in expr.atoms(Symbol))
    rest = Add.make_args(expr - number)
    if number == -1 and shrinks and not any(term.could_extract_minus_sign() for term in rest):
        return -expr
    return expr


def settle_signs(args: Iterable[Expr]) -> tuple[int, list[Expr]]:
    """Turn every ``beta - 1`` among some factors to ``1 - beta``, and the sign that leaves."""
    sign, settled = 1, []
    for factor in args:
        base, power = factor.as_base_exp() if isinstance(factor, Pow) else (factor, S.One)
        flipped = flip(base)
        if flipped is base or not power.is_Integer:
            settled.append(factor)
            continue
        sign *= -1 if power % 2 else 1
        settled.append(flipped**power)
    return sign, settled
