"""Losses that can be seen: every landscape of the book."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

from downslope.surface import Landscape, Point
from downslope.terrain import elevation, extent, local_minima

__all__ = [
    "Landscape",
    "beale",
    "from_expression",
    "himmelblau",
    "plateau",
    "quadratic",
    "rastrigin",
    "ravine",
    "rosenbrock",
    "saddle",
    "terrain",
]


_x, _y = sp.symbols("x y", real=True)


def ravine(condition: float = 20) -> Landscape:
    """A long valley: curvature 1 along x, `condition` along y.

    Parameters
    ----------
    condition : float, positive
        The ratio of the two curvatures.

    Raises
    ------
    ValueError
        `condition` is not positive.

    Examples
    --------
    >>> ravine(50).hessian([0.0, 0.0])
    array([[ 1.,  0.],
           [ 0., 50.]])
    """
    if not 0 < condition < np.inf:
        raise ValueError(f"condition must be greater than 0 and finite, got {condition!r}")
    expr = (_x**2 + _exact(condition) * _y**2) / 2
    return Landscape(
        name=f"Ravine, condition number {condition:g}",
        expr=sp.expand(expr),
        symbols=(_x, _y),
        box=((-5.0, 5.0), (-2.0, 2.0)),
        start=(-4.0, 1.0),
        minima=((0.0, 0.0),),
        lr=1.5 / max(1.0, float(condition)),
    )


def quadratic(A: ArrayLike) -> Landscape:
    """``w @ A @ w / 2``, in as many dimensions as `A` has rows.

    Parameters
    ----------
    A : array, shape (d, d)
        Symmetric: it is the Hessian.

    Raises
    ------
    ValueError
        `A` is not square, not finite, or not symmetric.

    Examples
    --------
    >>> bowl = quadratic([[2.0, 1.0], [1.0, 2.0]])
    >>> bowl.gradient([1.0, 0.0])
    array([2., 1.])
    """
    matrix = np.asarray(A, dtype=float)
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.size:
        raise ValueError(f"A must have shape (d, d), got {matrix.shape}")
    if not np.all(np.isfinite(matrix)):
        raise ValueError("A must be finite, got an infinite or missing entry")
    if not np.array_equal(matrix, matrix.T):
        gap = float(np.max(np.abs(matrix - matrix.T)))
        raise ValueError(f"A must be symmetric, got entries that differ from their mirror image by {gap:.3g}")
    d = len(matrix)
    symbols = sp.symbols(f"w_1:{d + 1}", real=True)
    rows = [
        symbols[i] * sp.Add(*(_exact(matrix[i, j] / (2 if i == j else 1)) * symbols[j] for j in range(i, d)))
        for i in range(d)
    ]
    curvatures = np.linalg.eigvalsh(matrix)
    steepest = float(np.max(np.abs(curvatures)))
    return Landscape(
        name=f"Quadratic in {d} dimension{'s' * (d > 1)}",
        expr=sp.Add(*rows),
        symbols=symbols,
        box=((-3.0, 3.0),) * d,
        start=(2.0,) * d,
        minima=((0.0,) * d,) if curvatures[0] > 0 else (),
        lr=1 / steepest if steepest else 0.1,
    )


def saddle() -> Landscape:
    """``x² - y²``: a minimum one way, a maximum the other, and no lowest point.

    Examples
    --------
    >>> saddle().hessian([0.0, 0.0])
    array([[ 2.,  0.],
           [ 0., -2.]])
    """
    return Landscape(
        name="Saddle",
        expr=_x**2 - _y**2,
        symbols=(_x, _y),
        box=((-2.0, 2.0), (-2.0, 2.0)),
        start=(1.5, 1e-3),
        lr=0.1,
    )


def rosenbrock() -> Landscape:
    """A curved valley with steep walls and a nearly flat floor.

    Examples
    --------
    >>> float(rosenbrock()([1.0, 1.0]))
    0.0
    """
    return Landscape(
        name="Rosenbrock's valley",
        expr=(1 - _x) ** 2 + 100 * (_y - _x**2) ** 2,
        symbols=(_x, _y),
        box=((-2.0, 2.0), (-1.0, 3.0)),
        start=(-1.2, 1.0),
        minima=((1.0, 1.0),),
        lr=1e-3,
    )


def beale() -> Landscape:
    """A flat valley between walls that rise with the sixth power.

    Examples
    --------
    >>> float(beale()([3.0, 0.5]))
    0.0
    """
    expr = (
        (sp.Rational(3, 2) - _x + _x * _y) ** 2
        + (sp.Rational(9, 4) - _x + _x * _y**2) ** 2
        + (sp.Rational(21, 8) - _x + _x * _y**3) ** 2
    )
    return Landscape(
        name="Beale's function",
        expr=expr,
        symbols=(_x, _y),
        box=((-4.5, 4.5), (-2.0, 2.0)),
        start=(1.0, 1.5),
        minima=((3.0, 0.5),),
        lr=5e-3,
    )


def himmelblau() -> Landscape:
    """Four minima of equal depth: where you end depends on where you start.

    Examples
    --------
    >>> len(himmelblau().minima)
    4
    """
    return Landscape(
        name="Himmelblau's function",
        expr=(_x**2 + _y - 11) ** 2 + (_x + _y**2 - 7) ** 2,
        symbols=(_x, _y),
        box=((-5.0, 5.0), (-5.0, 5.0)),
        start=(0.0, -1.0),
        minima=(
            (3.0, 2.0),
            (-2.8051180869527448, 3.1313125182505730),
            (-3.7793102533777469, -3.2831859912861694),
            (3.5844283403304917, -1.8481265269644034),
        ),
        lr=1e-2,
    )


def rastrigin() -> Landscape:
    """A bowl covered with dents, one near every point with whole coordinates; `minima` lists the deepest.

    Examples
    --------
    >>> rastrigin().minima
    ((0.0, 0.0),)
    """
    dents = sum(s**2 - 10 * sp.cos(2 * sp.pi * s) for s in (_x, _y))
    return Landscape(
        name="Rastrigin's function",
        expr=20 + dents,
        symbols=(_x, _y),
        box=((-5.12, 5.12), (-5.12, 5.12)),
        start=(-3.3, 2.7),
        minima=((0.0, 0.0),),
        lr=2e-3,
    )


def plateau() -> Landscape:
    """A plain with one hollow: far out the slope fades with the cube of the distance, but it never ends.

    Examples
    --------
    >>> p = plateau()
    >>> p.gradient([[0.5, 0.0], [5.0, 0.0]])[:, 0].round(4)
    array([0.64  , 0.0148])
    """
    r2 = _x**2 + 2 * _y**2
    return Landscape(
        name="Plateau",
        expr=r2 / (1 + r2),
        symbols=(_x, _y),
        box=((-5.0, 5.0), (-4.0, 4.0)),
        start=(-3.5, 2.0),
        minima=((0.0, 0.0),),
        lr=0.3,
    )


def terrain() -> Landscape:
    """A real hillside, along the Jacksboro fault in Tennessee: height in metres at metres east and north.

    Notes
    -----
    The elevation model that ships with Matplotlib (`downslope.data.hillside`), smoothed to a bicubic spline
    with a knot every 350 m, so that value, gradient and Hessian are exact and continuous. Beyond the map's
    edge it levels out. The gradient has no unit (metres per metre) and a step size is in metres.

    Examples
    --------
    >>> hill = terrain()
    >>> hill.symbols, round(float(hill(hill.start)))
    ((x, y), 1007)
    """
    return Landscape(
        name="The Jacksboro hillside",
        expr=elevation(_x, _y),
        symbols=(_x, _y),
        box=extent(),
        start=(16500.0, 4500.0),
        minima=local_minima(),
        lr=500.0,
    )


def from_expression(
    expr: Any,
    symbols: Sequence[sp.Symbol],
    *,
    name: str = "Landscape",
    box: Sequence[tuple[float, float]] | None = None,
    start: Sequence[float] | None = None,
    minima: Sequence[Sequence[float]] = (),
    lr: float = 0.1,
) -> Landscape:
    """A landscape of your own.

    Parameters
    ----------
    expr : sympy.Expr
        The loss, in `symbols` alone.
    symbols : sequence of sympy.Symbol
        Its coordinates, in order.
    name, box, start, minima, lr
        As in `Landscape`. Without them the box runs from -3 to 3 and the start is at 2 in each coordinate.

    Raises
    ------
    TypeError
        `symbols` holds something else than symbols.
    ValueError
        `symbols` is empty, repeats one, or lacks one that `expr` uses; a point or a box has the wrong length.

    Examples
    --------
    >>> w = sp.Symbol("w")
    >>> parabola = from_expression(w**2, [w])
    >>> parabola.gradient([[1.0], [-3.0]])
    array([[ 2.],
           [-6.]])
    """
    expr, symbols = sp.sympify(expr), tuple(symbols)
    if wrong := [s for s in symbols if not isinstance(s, sp.Symbol)]:
        raise TypeError(f"symbols must be SymPy symbols, got {wrong[0]!r}")
    if not symbols or len({s.name for s in symbols}) < len(symbols):
        raise ValueError(f"symbols must be at least one and all different, got {symbols!r}")
    if unknown := sorted(s.name for s in expr.free_symbols - set(symbols)):
        raise ValueError(f"symbols must hold every symbol of expr, got none for {', '.join(unknown)}")
    d = len(symbols)
    box = tuple((float(low), float(high)) for low, high in box) if box is not None else ((-3.0, 3.0),) * d
    start = _point("start", start, d) if start is not None else (2.0,) * d
    if len(box) != d:
        raise ValueError(f"box must have {d} ranges, got {len(box)}")
    points = tuple(_point("minima", minimum, d) for minimum in minima)
    return Landscape(name=name, expr=expr, symbols=symbols, box=box, start=start, minima=points, lr=lr)


def _point(name: str, values: Sequence[float], d: int) -> Point:
    if len(values) != d:
        raise ValueError(f"{name} must have {d} coordinates, got {len(values)}")
    return tuple(map(float, values))


def _exact(number: float) -> sp.Expr:
    """The number itself where it is whole, so that a formula reads 20 and not 20.0."""
    return sp.Integer(int(number)) if float(number).is_integer() else sp.Float(float(number))
