"""A normal form for sums, so that equal sums look alike."""

import sympy as sp

LONGEST = 50  # terms up to which a sum between two numbers is written out
MOST_ENDS = 4  # terms that are split off an end: sums further apart are left to numbers


def write_out(expr: sp.Basic) -> sp.Basic:
    """Replace every sum between two numbers by its terms, from the outside in.

    Examples
    --------
    >>> k, x = sp.Symbol("k"), sp.IndexedBase("x")
    >>> write_out(sp.Sum(k * x[k], (k, 1, 2)))
    x[1] + 2*x[2]
    """
    if not expr.has(sp.Sum):
        return expr
    if not isinstance(expr, sp.Sum):
        return expr.func(*map(write_out, expr.args))
    *inside, (k, low, high) = expr.limits
    body = sp.Sum(expr.function, *inside) if inside else expr.function
    if not (low.is_Integer and high.is_Integer):
        return sp.Sum(write_out(body), (k, low, high))
    return sp.Add(*(write_out(body.subs(k, i)) for i in range(int(low), int(high) + 1)))


def normal_form(expr: sp.Basic) -> sp.Basic:
    """Every sum from index 0 to a limit without an offset, constants taken out, and closed where SymPy can.

    Examples
    --------
    >>> k, t = sp.symbols("k t", integer=True, positive=True)
    >>> x = sp.IndexedBase("x")
    >>> whole = sp.Sum(3 * x[k], (k, 1, t))
    >>> normal_form(whole - 3 * sp.Sum(x[k], (k, 1, t - 1)))
    3*x[t]
    """
    if not expr.has(sp.Sum):
        return expr
    if not isinstance(expr, sp.Sum):
        return sp.expand(expr.func(*map(normal_form, expr.args)))
    *inside, limits = expr.limits
    if limits[1].is_Integer and limits[2].is_Integer and limits[2] - limits[1] < LONGEST:
        return normal_form(write_out(expr))
    body = normal_form(sp.Sum(expr.function, *inside) if inside else expr.function)
    return sp.Add(*(_one_term(term, *limits) for term in sp.Add.make_args(sp.expand(body))))


def _one_term(term: sp.Expr, k: sp.Symbol, low: sp.Expr, high: sp.Expr) -> sp.Expr:
    inner, constant = sp.sift(sp.Mul.make_args(term), lambda factor: factor.has(k), binary=True)
    if low.is_Integer and low != 0:
        inner = [sp.expand(factor.subs(k, k + low)) for factor in inner]
        low, high = sp.S.Zero, high - low
    body = sp.powsimp(sp.expand(sp.Mul(*inner)))
    shifted, moved = sp.sift(sp.Mul.make_args(sp.expand(body)), lambda factor: factor.has(k), binary=True)
    body, constant = sp.Mul(*shifted), sp.Mul(*constant, *moved)
    offset, end = sp.expand(high).as_coeff_Add()
    if end == 0 or not offset.is_Integer or abs(offset) > MOST_ENDS:
        return constant * _closed(sp.Sum(body, (k, low, high)))
    added = [body.subs(k, end + i) for i in range(1, int(offset) + 1)]
    dropped = [body.subs(k, end + i) for i in range(int(offset) + 1, 1)]
    return sp.expand(constant * (_closed(sp.Sum(body, (k, low, end))) + sp.Add(*added) - sp.Add(*dropped)))


def _closed(whole: sp.Sum) -> sp.Expr:
    """The closed form of a sum of plain expressions; where SymPy tells cases apart, the general one."""
    plain = all(isinstance(atom, sp.Symbol | sp.Number) for atom in whole.atoms()) and not whole.has(
        sp.Indexed, sp.Function, sp.Integral, sp.Limit
    )
    if not plain or whole.function.count_ops() > 12:
        return whole
    return generic(whole.doit())


def generic(expr: sp.Basic) -> sp.Basic:
    """Drop the cases that hold for single values only, such as a geometric sum's ``beta = 1``."""
    pieces = expr.atoms(sp.Piecewise)
    general = {p: p.args[-1].expr for p in pieces if all(isinstance(c, sp.Eq) for _, c in p.args[:-1])}
    return expr.xreplace(general)
