"""What a landscape is: one SymPy expression, read as value, gradient and Hessian."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike

Point = tuple[float, ...]
Box = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Landscape:
    """A loss with everything that descent asks of it, from one expression.

    Parameters
    ----------
    name : str
        Its title, for people.
    expr : sympy.Expr
        The loss.
    symbols : tuple of sympy.Symbol
        The coordinates, in the order of a point's last axis.
    box : tuple of (low, high)
        For each coordinate the range worth showing.
    start : tuple of float
        A point from which descent has something to tell.
    minima : tuple of tuple of float
        The known local minimisers, the lowest first; empty where there is none.
    lr : float
        A step size with which plain gradient descent does well from `start`.

    Examples
    --------
    >>> from downslope.landscapes import ravine
    >>> bowl = ravine(condition=10)
    >>> bowl.expr
    x**2/2 + 5*y**2
    >>> w = np.array([[2.0, 1.0], [0.0, 0.0]])      # any leading axes, the last one holds the coordinates
    >>> bowl(w)
    array([7., 0.])
    >>> bowl.gradient(w)
    array([[ 2., 10.],
           [ 0.,  0.]])
    >>> bowl.hessian(w).shape
    (2, 2, 2)
    """

    name: str
    expr: sp.Expr
    symbols: tuple[sp.Symbol, ...]
    box: Box
    start: Point
    minima: tuple[Point, ...] = field(default=(), repr=False)
    lr: float = 0.1

    @property
    def dimension(self) -> int:
        """How many coordinates a point has."""
        return len(self.symbols)

    def __call__(self, w: ArrayLike) -> Any:
        """The loss at each point.

        Parameters
        ----------
        w : array, shape (..., d)
            The points.

        Returns
        -------
        array, shape (...)
            In float32 for points in float32, else in float64.

        Raises
        ------
        ValueError
            The last axis of `w` does not hold d coordinates.
        """
        return self._evaluate(w, 0)

    def gradient(self, w: ArrayLike) -> Any:
        """The gradient at each point, shape (..., d); otherwise as the value."""
        return self._evaluate(w, 1)

    def hessian(self, w: ArrayLike) -> Any:
        """The matrix of second derivatives at each point, shape (..., d, d); otherwise as the value."""
        return self._evaluate(w, 2)

    def _evaluate(self, w: ArrayLike, order: int) -> Any:
        w = np.asarray(w)
        if not np.issubdtype(w.dtype, np.inexact):
            w = w.astype(np.float64)
        d = self.dimension
        if w.ndim == 0 or w.shape[-1] != d:
            raise ValueError(f"w must have shape (..., {d}), got {w.shape}")
        # one axis of points, always: a scalar's power and an array's may differ in the last bit
        points = w.reshape(-1, d)
        result = np.empty((len(points), d**order), w.dtype)
        for k, entry in enumerate(_compiled(self.expr, self.symbols, order)(*points.T)):
            result[:, k] = entry
        return result.reshape(w.shape[:-1] + (d,) * order)[()]


@lru_cache(maxsize=256)
def derivatives(expr: sp.Expr, symbols: tuple[sp.Symbol, ...], order: int) -> tuple[sp.Expr, ...]:
    """All partial derivatives of one order, row by row, in real symbols of the same names.

    A kink, as of ``|x|`` at 0, contributes no second derivative.

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> derivatives(x**2 * y, (x, y), 1)
    (2*x*y, x**2)
    """
    real = [sp.Symbol(s.name, real=True) for s in symbols]
    if order == 0:
        return (expr.xreplace(dict(zip(symbols, real, strict=True))),)
    return tuple(_smooth(sp.diff(entry, s)) for entry in derivatives(expr, symbols, order - 1) for s in real)


def _smooth(expr: sp.Expr) -> sp.Expr:
    expr = expr.replace(sp.DiracDelta, lambda *_: sp.Integer(0))
    return expr.replace(sp.Heaviside, lambda x, *_: (1 + sp.sign(x)) / 2)


@lru_cache(maxsize=128)
def _compiled(expr: sp.Expr, symbols: tuple[sp.Symbol, ...], order: int) -> Callable[..., tuple[Any, ...]]:
    real = [sp.Symbol(s.name, real=True) for s in symbols]
    function: Callable[..., tuple[Any, ...]] = sp.lambdify(
        real, derivatives(expr, symbols, order), modules="numpy", cse=True
    )
    return function
