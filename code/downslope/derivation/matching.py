"""Using a hypothesis such as "the mean of g_k is mu, whatever k" wherever it applies."""

from collections.abc import Iterator, Mapping
from typing import Any

import sympy as sp
from sympy.tensor.indexed import Indexed


def indices(expr: sp.Basic) -> set[sp.Symbol]:
    """The symbols that count something in an expression, as ``k`` does in ``g[k]``."""
    return {s for entry in expr.atoms(Indexed) for index in entry.indices for s in index.free_symbols}


def for_every_index(hypotheses: Mapping[sp.Basic, sp.Basic]) -> dict[sp.Basic, sp.Basic]:
    """Those that may be used before a sum is written out.

    In a double sum two different indices may meet, and there a hypothesis about different ones does not hold.
    """
    return {pattern: value for pattern, value in hypotheses.items() if len(indices(pattern)) < 2}


def substitute(expr: sp.Basic, hypotheses: Mapping[sp.Basic, sp.Basic]) -> sp.Basic:
    """Replace every instance of each hypothesis's left side by its right side.

    The indices of the left side stand for any index, different ones for different indices.

    Examples
    --------
    >>> x, k, c = sp.IndexedBase("x"), sp.Symbol("k"), sp.Symbol("c")
    >>> substitute(x[1] + x[2] ** 2, {x[k]: c * k})
    4*c**2 + c
    """
    for pattern, value in hypotheses.items():
        free = indices(pattern)
        found = {}
        for candidate in sp.preorder_traversal(expr):
            binding = next(_unify(pattern, candidate, free, {}), None)
            if binding is not None:
                found[candidate] = value.xreplace(binding)
        expr = expr.xreplace(found)
    return expr


def _unify(pattern: Any, expr: Any, free: set[Any], known: dict[Any, Any]) -> Iterator[dict[Any, Any]]:
    """Every way to name the free indices so that the pattern becomes the expression."""
    if pattern in free:
        if known.get(pattern, expr) == expr and all(v != expr for k, v in known.items() if k != pattern):
            yield {**known, pattern: expr}
    elif not pattern.has(*free):
        if pattern == expr:
            yield known
    elif pattern.func == expr.func and len(pattern.args) == len(expr.args):
        yield from _unify_all(pattern.args, expr.args, free, known, ordered=not (pattern.is_Mul or pattern.is_Add))


def _unify_all(
    patterns: tuple[Any, ...], exprs: tuple[Any, ...], free: set[Any], known: dict[Any, Any], ordered: bool
) -> Iterator[dict[Any, Any]]:
    if not patterns:
        yield known
        return
    for i in range(1 if ordered else len(exprs)):
        for binding in _unify(patterns[0], exprs[i], free, known):
            yield from _unify_all(patterns[1:], exprs[:i] + exprs[i + 1 :], free, binding, ordered)
