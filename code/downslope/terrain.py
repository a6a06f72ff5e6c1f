"""A real hillside as one smooth function: SymPy differentiates it, NumPy and a browser evaluate it."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from downslope import data

SPACING = 350.0
"""Metres between two knots of the spline, in both directions."""

UNIT = 0.5
"""Metres: coefficients are whole multiples, so that a page can carry them as integers."""

SMOOTHING = 150.0
"""Metres, the standard deviation of the Gaussian that smooths the land before the knots sample it."""


@cache
def coefficients() -> np.ndarray:
    """The spline's control heights in multiples of `UNIT`, rows from south to north; read-only integers.

    Examples
    --------
    >>> coefficients().shape
    (91, 86)
    """
    from scipy import ndimage

    raw = data.hillside()
    steps = (raw.north, raw.east)
    smooth = ndimage.gaussian_filter(raw.elevation, [SMOOTHING / step for step in steps], mode="nearest")
    knots = [np.arange(0, (n - 1) * step, SPACING) / step for n, step in zip(raw.elevation.shape, steps, strict=True)]
    heights = ndimage.map_coordinates(smooth, np.meshgrid(*knots, indexing="ij"), order=1)
    result: np.ndarray = np.rint(heights / UNIT).astype(np.int64)
    result.flags.writeable = False
    return result


def extent() -> tuple[tuple[float, float], tuple[float, float]]:
    """The ranges of metres east and metres north that the map covers.

    Examples
    --------
    >>> (west, east), (south, north) = extent()
    >>> 29_000 < east < 31_000, 30_000 < north < 33_000
    (True, True)
    """
    rows, columns = coefficients().shape
    return (0.0, (columns - 1) * SPACING), (0.0, (rows - 1) * SPACING)


@cache
def basis(order: int) -> tuple[sp.Expr, ...]:
    """The four uniform cubic B-splines that meet in a cell, as polynomials in s from 0 to 1, differentiated.

    Parameters
    ----------
    order : {0, 1, 2}
        How often. The third derivative jumps at the knots.

    Examples
    --------
    >>> sp.simplify(sum(basis(0))), sp.simplify(sum(basis(1)))
    (1, 0)
    """
    s = sp.Symbol("s", real=True)
    pieces = ((1 - s) ** 3, 3 * s**3 - 6 * s**2 + 4, 3 * (1 - s) ** 3 - 6 * (1 - s) ** 2 + 4, s**3)
    return tuple(sp.horner(sp.diff(sp.expand(piece) / 6, s, order)) for piece in pieces)


@cache
def _basis_function(order: int) -> Callable[[Any], tuple[Any, ...]]:
    function: Callable[[Any], tuple[Any, ...]] = sp.lambdify(sp.Symbol("s", real=True), basis(order), modules="numpy")
    return function


def _height(x: Any, y: Any, i: int = 0, j: int = 0) -> Any:
    """The height at metres east and north, differentiated i times eastward and j times northward."""
    heights = coefficients()
    rows, columns = heights.shape
    (column, across), (row, up) = _cell(x, columns), _cell(y, rows)
    weights_x, weights_y = _basis_function(i)(across), _basis_function(j)(up)
    total: Any = 0.0
    for a in range(4):
        line = heights[np.clip(row + a - 1, 0, rows - 1)[..., None], _four(column, columns)]
        total = total + weights_y[a] * sum(weights_x[b] * line[..., b] for b in range(4))
    return total * (UNIT / SPACING ** (i + j))


def _four(column: np.ndarray, columns: int) -> np.ndarray:
    return np.clip(column[..., None] + np.arange(-1, 3), 0, columns - 1)


def _cell(x: Any, n: int) -> tuple[np.ndarray, Any]:
    """The knot to the left, and how far beyond it as a fraction of the spacing.

    Two cells outside the map all four coefficients are the edge's, so that farther out nothing changes.
    """
    u = np.clip(np.asarray(x, dtype=float) / SPACING, -2.0, n + 1.0)
    knot = np.floor(u)
    return np.nan_to_num(knot).astype(np.int64), u - knot


class elevation(sp.Function):  # noqa: N801
    """The height above sea level as a SymPy function of metres east and metres north.

    Two further arguments count derivatives: ``elevation(x, y, 1, 0)`` is the slope eastward.

    Examples
    --------
    >>> x, y = sp.symbols("x y", real=True)
    >>> sp.diff(2 * elevation(x, y), x)
    2*elevation(x, y, 1, 0)
    """

    nargs = (2, 4)
    is_real = True
    _imp_ = staticmethod(_height)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """The partial derivative with respect to the first or the second argument."""
        x, y, *orders = self.args
        raised = list(orders or (sp.Integer(0), sp.Integer(0)))
        if argindex not in (1, 2) or sum(raised) == 2:
            raise sp.core.function.ArgumentIndexError(self, argindex)
        raised[argindex - 1] += 1
        return self.func(x, y, *raised)

    def _latex(self, printer: Any) -> str:
        x, y, *orders = self.args
        subscript = "".join(printer.doprint(a) * int(n) for a, n in zip((x, y), orders, strict=False))
        name = f"h_{{{subscript}}}" if subscript else "h"
        return rf"{name}\left({printer.doprint(x)}, {printer.doprint(y)}\right)"

    def _javascript(self, printer: Any) -> str:
        return f"elevation({', '.join(printer.doprint(a) for a in self.args)})"

    @staticmethod
    def javascript() -> str:
        """The same function in JavaScript, coefficients included, about 11 KB after compression.

        They travel as differences of neighbours' differences: small numbers compress best.
        """
        from downslope.javascript import expression

        heights = coefficients()
        rows, columns = heights.shape
        twice = np.diff(np.diff(heights, axis=0, prepend=0), axis=1, prepend=0)
        arrays = (f"(s) => [{', '.join(map(expression, basis(order)))}]" for order in range(3))
        fill = {
            "ROWS": rows,
            "COLUMNS": columns,
            "SPACING": SPACING,
            "UNIT": UNIT,
            "DIFFERENCES": json.dumps(twice.ravel().tolist(), separators=(",", ":")),
            "BASIS": ",\n    ".join(arrays),
        }
        source = _JAVASCRIPT
        for key, value in fill.items():
            source = source.replace(f"${key}", str(value))
        return source


_JAVASCRIPT = """\
const elevation = (() => {
  const rows = $ROWS, columns = $COLUMNS, spacing = $SPACING, unit = $UNIT;
  const heights = Float64Array.from($DIFFERENCES);
  for (let k = 0; k < heights.length; k++) {
    const west = k % columns > 0, south = k >= columns;
    heights[k] += (west ? heights[k - 1] : 0) + (south ? heights[k - columns] : 0)
      - (west && south ? heights[k - columns - 1] : 0);
  }
  const basis = [
    $BASIS,
  ];
  const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
  const cell = (x, n) => {
    const u = clamp(x / spacing, -2, n + 1), knot = Math.floor(u);
    return [knot, u - knot];
  };
  return (x, y, i = 0, j = 0) => {
    const [column, across] = cell(x, columns), [row, up] = cell(y, rows);
    const weightsX = basis[i](across), weightsY = basis[j](up);
    let total = 0;
    for (let a = 0; a < 4; a++) {
      const start = clamp(row + a - 1, 0, rows - 1) * columns;
      let line = 0;
      for (let b = 0; b < 4; b++) {
        line += weightsX[b] * heights[start + clamp(column + b - 1, 0, columns - 1)];
      }
      total += weightsY[a] * line;
    }
    return total * (unit / spacing ** (i + j));
  };
})();"""


@cache
def local_minima() -> tuple[tuple[float, float], ...]:
    """Every hollow of the land inside the map, the lowest first: Newton's method downhill from every knot.

    Examples
    --------
    >>> x, y = local_minima()[0]
    >>> round(float(_height(x, y)))
    266
    """
    ends = np.array(extent())[:, 1]
    points = np.argwhere(coefficients().T > 0) * SPACING
    for _ in range(40):
        points = points - _newton_steps(points)
    settled = np.hypot(*_newton_steps(points).T) < 1e-6
    points = points[settled & np.all((points > 0) & (points < ends), axis=1)]
    points = points[np.linalg.eigvalsh(_curvature(points))[:, 0] > 0]
    _, first = np.unique(points.round(2), axis=0, return_index=True)
    points = points[first]
    points = points[np.argsort(_height(*points.T))]
    return tuple((float(x), float(y)) for x, y in points)


def _curvature(points: np.ndarray) -> np.ndarray:
    x, y = points.T
    cross = _height(x, y, 1, 1)
    return np.stack([_height(x, y, 2, 0), cross, cross, _height(x, y, 0, 2)], axis=-1).reshape(-1, 2, 2)


def _newton_steps(points: np.ndarray) -> np.ndarray:
    """Newton's step, with curvatures made positive so that it goes down, and no longer than half a cell."""
    x, y = points.T
    slopes = np.stack([_height(x, y, 1, 0), _height(x, y, 0, 1)], axis=-1)
    curvatures, axes = np.linalg.eigh(_curvature(points))
    along = np.einsum("nij,ni->nj", axes, slopes) / np.maximum(np.abs(curvatures), 1e-9)
    steps = np.einsum("nij,nj->ni", axes, along)
    length = np.maximum(np.hypot(*steps.T), 1e-300)
    limited: np.ndarray = steps * np.minimum(1, SPACING / 2 / length)[:, None]
    return limited
