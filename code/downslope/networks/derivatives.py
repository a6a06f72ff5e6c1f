"""The derivative of every NumPy function that the tape can follow, in NumPy.

The rules are called with what the tape traces, so a derivative can be traced, and differentiated, again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, reduce, wraps
from inspect import Signature, signature
from math import log, pi, prod, sqrt
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from scipy.special import erf, expit

__all__ = ["COMPOSED", "CONSTANT", "RULES", "Rule", "unbroadcast"]


@dataclass(frozen=True)
class Rule:
    """How a change passes through a function, forwards and backwards, by one of its arguments.

    ``push(i, dx, y, args, kwargs)`` is the change of the output when argument `i` changes by `dx`;
    ``pull(i, dy, y, args, kwargs)`` is the derivative of a loss by argument `i`, when `dy` is that by the output;
    ``takes`` says which arguments it holds for; None: any.
    """

    push: Callable[..., Any]
    pull: Callable[..., Any]
    takes: Signature | None = None


def unbroadcast(dy: Any, shape: tuple[int, ...]) -> Any:
    """The derivative by an array of `shape` that was broadcast: what it was copied to, summed.

    Examples
    --------
    >>> unbroadcast(np.ones((2, 3)), (3,)), unbroadcast(np.ones((2, 3)), (2, 1)).tolist()
    (array([2., 2., 2.]), [[3.0], [3.0]])
    """
    if extra := np.ndim(dy) - len(shape):
        dy = np.sum(dy, axis=tuple(range(extra)))
    sizes = zip(shape, np.shape(dy), strict=True)
    stretched = tuple(axis for axis, (n, m) in enumerate(sizes) if n == 1 != m)
    return np.sum(dy, axis=stretched, keepdims=True) if stretched else dy


_ONE = object()  # a slope that costs no multiplication


def _elementwise(*partials: Callable[..., Any]) -> Rule:
    """Broadcasting functions, by the partial derivative for each argument, a function of (output, *arguments)."""

    def times(i: int, d: Any, y: Any, args: Any) -> Any:
        slope = partials[i](y, *args)
        return d if slope is _ONE else slope * d

    def push(i: int, dx: Any, y: Any, args: Any, kwargs: Any) -> Any:
        return np.broadcast_to(times(i, dx, y, args), np.shape(y))

    def pull(i: int, dy: Any, y: Any, args: Any, kwargs: Any) -> Any:
        return unbroadcast(times(i, dy, y, args), np.shape(args[i]))

    return Rule(push, pull)


def _linear(function: Callable[..., Any], *pulls: Callable[..., Any]) -> Rule:
    """Functions linear in each argument, by the transposed map for each: a function of (dy, *arguments)."""

    def push(i: int, dx: Any, y: Any, args: Any, kwargs: Any) -> Any:
        return function(*args[:i], dx, *args[i + 1 :], **kwargs)

    def pull(i: int, dy: Any, y: Any, args: Any, kwargs: Any) -> Any:
        return pulls[i](dy, *args, **kwargs)

    return Rule(push, pull, signature(partial(pulls[0], None)))


def _primitive(function: Callable[..., Any]) -> Callable[..., Any]:
    """Let traced arrays answer a function of ours as they answer NumPy's."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        for arg in args:
            if hasattr(arg, "__array_function__") and not isinstance(arg, np.ndarray | np.generic):
                return arg.__array_function__(call, (type(arg),), args, kwargs)
        return function(*args, **kwargs)

    return call


@_primitive
def getitem(x: Any, key: Any) -> Any:
    """``x[key]``."""
    return x[key]


@_primitive
def scatter(dy: Any, key: Any, shape: tuple[int, ...]) -> Any:
    """Zeros of `shape` with `dy` added at `key`, as often as the key names a place."""
    x = np.zeros(shape, dtype=dy.dtype)
    np.add.at(x, key, dy)
    return x


@_primitive
def join(*arrays: Any, axis: int = 0) -> Any:
    """``concatenate``, with an argument for each array."""
    return np.concatenate(arrays, axis=axis)


def _join_push(i: int, dx: Any, y: Any, args: Any, kwargs: Any) -> Any:
    return join(*(dx if j == i else np.zeros_like(arg) for j, arg in enumerate(args)), **kwargs)


def _join_pull(i: int, dy: Any, y: Any, args: Any, kwargs: Any) -> Any:
    axis = kwargs.get("axis", 0) % np.ndim(dy)
    start = sum(np.shape(arg)[axis] for arg in args[:i])
    return dy[(slice(None),) * axis + (slice(start, start + np.shape(args[i])[axis]),)]


def _kept(reduced: Any, axis: Any, keepdims: bool) -> Any:
    return reduced if keepdims or axis is None else np.expand_dims(reduced, axis)


def _sum_pull(dy: Any, x: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    return np.broadcast_to(_kept(dy, axis, keepdims), np.shape(x))


def _mean_pull(dy: Any, x: Any, axis: Any = None, *, keepdims: bool = False) -> Any:
    spread = _sum_pull(dy, x, axis, keepdims=keepdims)
    return spread / (prod(np.shape(x)) // max(prod(np.shape(dy)), 1))


def _share(y: Any, x: Any, axis: Any = None, *, keepdims: bool = False) -> np.ndarray:
    """1 at the maximum; several that are equal share it."""
    largest = x == _kept(y, axis, keepdims)
    return (largest / np.sum(largest, axis=axis, keepdims=True)).astype(x.dtype)


def _max_push(i: int, dx: Any, y: Any, args: Any, kwargs: Any) -> Any:
    return np.sum(_share(y, *args, **kwargs) * dx, *args[1:], **kwargs)


def _max_pull(i: int, dy: Any, y: Any, args: Any, kwargs: Any) -> Any:
    return _share(y, *args, **kwargs) * _sum_pull(dy, *args, **kwargs)


def _matrices(dy: Any, a: Any, b: Any) -> tuple[Any, Any, Any]:
    """The three as ``matmul`` sees them: a vector is a row on its left, a column on its right."""
    if np.ndim(b) == 1:
        dy, b = dy[..., None], b[:, None]
    if np.ndim(a) == 1:
        dy, a = dy[..., None, :], a[None, :]
    return dy, a, b


def _matmul_left(dy: Any, a: Any, b: Any) -> Any:
    dy, rows, columns = _matrices(dy, a, b)
    return np.reshape(unbroadcast(dy @ np.swapaxes(columns, -1, -2), np.shape(rows)), np.shape(a))


def _matmul_right(dy: Any, a: Any, b: Any) -> Any:
    dy, rows, columns = _matrices(dy, a, b)
    return np.reshape(unbroadcast(np.swapaxes(rows, -1, -2) @ dy, np.shape(columns)), np.shape(b))


def _select(function: Callable[..., Any], dy: Any, x: Any, *args: Any, **kwargs: Any) -> Any:
    """Any function that picks and arranges entries: let it arrange their numbers, and add at these."""
    places = function(np.arange(prod(np.shape(x))).reshape(np.shape(x)), *args, **kwargs)
    return np.reshape(scatter(dy, (places,), (prod(np.shape(x)),)), np.shape(x))


def _inverse(axes: Any) -> Any:
    return None if axes is None else np.argsort(np.mod(axes, len(axes)))


def _unpad(dy: Any, x: Any, pad_width: Any) -> Any:
    widths = np.broadcast_to(pad_width, (np.ndim(x), 2))
    return dy[tuple(slice(before, before + n) for (before, _), n in zip(widths, np.shape(x), strict=True))]


def _power_by_base(y: Any, a: Any, b: Any) -> Any:
    if np.any(b == 0):
        a = np.where((a == 0) & (b == 0), 1, a)  # 0 times infinity, where the slope is 0
    return b * a ** (b - 1)


def _power_by_exponent(y: Any, a: Any, b: Any) -> Any:
    return y * np.log(np.where((a == 0) & (b >= 0), 1, a))  # of 0, the powers are 0 on and on


reshape = _primitive(np.reshape)

RULES: dict[Any, Rule] = {
    np.add: _elementwise(lambda y, a, b: _ONE, lambda y, a, b: _ONE),
    np.subtract: _elementwise(lambda y, a, b: _ONE, lambda y, a, b: -1),
    np.multiply: _elementwise(lambda y, a, b: b, lambda y, a, b: a),
    np.divide: _elementwise(lambda y, a, b: 1 / b, lambda y, a, b: -y / b),
    np.power: _elementwise(_power_by_base, _power_by_exponent),
    np.maximum: _elementwise(lambda y, a, b: (np.sign(a - b) + 1) / 2, lambda y, a, b: (np.sign(b - a) + 1) / 2),
    np.minimum: _elementwise(lambda y, a, b: (np.sign(b - a) + 1) / 2, lambda y, a, b: (np.sign(a - b) + 1) / 2),
    np.where: _elementwise(lambda y, c, a, b: 0, lambda y, c, a, b: c, lambda y, c, a, b: np.logical_not(c)),
    np.negative: _elementwise(lambda y, x: -1),
    np.square: _elementwise(lambda y, x: 2 * x),
    np.reciprocal: _elementwise(lambda y, x: -y * y),
    np.sqrt: _elementwise(lambda y, x: 0.5 / y),
    np.absolute: _elementwise(lambda y, x: np.sign(x)),
    np.exp: _elementwise(lambda y, x: y),
    np.expm1: _elementwise(lambda y, x: np.exp(x)),
    np.log: _elementwise(lambda y, x: 1 / x),
    np.log2: _elementwise(lambda y, x: 1 / (log(2) * x)),
    np.log10: _elementwise(lambda y, x: 1 / (log(10) * x)),
    np.log1p: _elementwise(lambda y, x: 1 / (1 + x)),
    np.sin: _elementwise(lambda y, x: np.cos(x)),
    np.cos: _elementwise(lambda y, x: -np.sin(x)),
    np.tan: _elementwise(lambda y, x: 1 + y * y),
    np.arctan: _elementwise(lambda y, x: 1 / (1 + x * x)),
    np.sinh: _elementwise(lambda y, x: np.cosh(x)),
    np.cosh: _elementwise(lambda y, x: np.sinh(x)),
    np.tanh: _elementwise(lambda y, x: 1 - y * y),  # 0 from 20 on, as in the layer: it costs no second function
    expit: _elementwise(lambda y, x: y * expit(-x)),  # 1 - y would be 0 from 37 on
    erf: _elementwise(lambda y, x: 2 / sqrt(pi) * np.exp(-x * x)),
    np.matmul: _linear(np.matmul, _matmul_left, _matmul_right),
    np.sum: _linear(np.sum, _sum_pull),
    np.mean: _linear(np.mean, _mean_pull),
    np.max: Rule(_max_push, _max_pull, signature(partial(_share, None))),
    np.transpose: _linear(np.transpose, lambda dy, x, axes=None: np.transpose(dy, _inverse(axes))),
    np.swapaxes: _linear(np.swapaxes, lambda dy, x, axis1, axis2: np.swapaxes(dy, axis1, axis2)),
    np.broadcast_to: _linear(np.broadcast_to, lambda dy, x, shape: unbroadcast(dy, np.shape(x))),
    np.pad: _linear(np.pad, _unpad),
    getitem: _linear(getitem, lambda dy, x, key: scatter(dy, key, np.shape(x))),
    scatter: _linear(scatter, lambda dy, x, key, shape: getitem(dy, key)),
    join: Rule(_join_push, _join_pull),
    reshape: _linear(reshape, lambda dy, x, shape, order: reshape(dy, np.shape(x), order)),
    np.expand_dims: _linear(np.expand_dims, lambda dy, x, axis: np.reshape(dy, np.shape(x))),
    np.squeeze: _linear(np.squeeze, lambda dy, x, axis=None: np.reshape(dy, np.shape(x))),
    np.take: _linear(np.take, lambda dy, x, indices, axis=None: _select(np.take, dy, x, indices, axis)),
}
_SELECTING: tuple[Any, ...] = (np.moveaxis, np.repeat, np.take_along_axis, np.flip, np.roll, sliding_window_view)
RULES |= {f: _linear(f, partial(_select, f)) for f in _SELECTING}

CONSTANT = {
    *(np.greater, np.greater_equal, np.less, np.less_equal, np.equal, np.not_equal, np.sign, np.floor, np.isfinite),
    *(np.argmax, np.argmin, np.argsort, np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.isnan),
}
"""Functions that do not change with their argument, or only by jumps: they see plain numbers."""


def _reshape(x: Any, shape: Any, order: str = "C") -> Any:
    if order not in ("C", "F"):
        raise TypeError(f"the tape cannot follow reshape with order={order!r}: it depends on where the numbers lie")
    return reshape(x, shape, order)


def _variance(x: Any, axis: Any = None, *, ddof: float = 0, keepdims: bool = False) -> Any:
    squares = (x - np.mean(x, axis=axis, keepdims=True)) ** 2
    total = np.sum(squares, axis=axis, keepdims=keepdims)
    return total / (prod(np.shape(x)) // max(prod(np.shape(total)), 1) - ddof)


def _norm(x: Any, *, axis: Any = None, keepdims: bool = False) -> Any:
    if axis is None and not keepdims:
        return np.sqrt(_dot(np.ravel(x), np.ravel(x)))  # NumPy's way, to the last digit
    return np.sqrt(np.sum(x * x, axis, keepdims=keepdims))


def _clip(x: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Any:
    low, high = a_min if min is None else min, a_max if max is None else max
    x = x if low is None else np.maximum(x, low)
    return x if high is None else np.minimum(x, high)


def _dot(a: Any, b: Any) -> Any:
    if max(np.ndim(a), np.ndim(b)) > 2:
        raise TypeError(f"the tape follows numpy.dot up to two axes, got {np.ndim(a)} and {np.ndim(b)}: write a @ b")
    return a @ b if min(np.ndim(a), np.ndim(b)) else a * b


COMPOSED: dict[Any, Callable[..., Any]] = {
    np.concatenate: lambda arrays, axis=0: join(*arrays, axis=axis),
    np.stack: lambda arrays, axis=0: join(*(np.expand_dims(array, axis) for array in arrays), axis=axis),
    np.min: lambda x, axis=None, keepdims=False: -np.max(-x, axis=axis, keepdims=keepdims),
    np.var: _variance,
    np.std: lambda *args, **kwargs: np.sqrt(np.var(*args, **kwargs)),
    np.prod: lambda x, axis=None: reduce(np.multiply, np.ravel(x) if axis is None else np.moveaxis(x, axis, 0)),
    np.linalg.norm: _norm,
    np.clip: _clip,
    np.dot: _dot,
    np.inner: lambda a, b: _dot(a, np.transpose(b)),
    np.outer: lambda a, b: np.reshape(a, (-1, 1)) * np.reshape(b, -1),
    np.reshape: _reshape,
    np.ravel: lambda x, order="C": _reshape(x, -1, order),
    np.copy: lambda x: x,
    np.hstack: lambda arrays: join(*arrays, axis=int(np.ndim(arrays[0]) > 1)),
    np.vstack: lambda arrays: join(*(a if np.ndim(a) > 1 else np.reshape(a, (1, -1)) for a in arrays)),
}
"""Functions that are written in others."""
