"""The loop: an optimizer walks a landscape and leaves a trace."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from downslope.optimizers.base import Optimizer
from downslope.validation import check_interval

__all__ = ["DivergedError", "Trace", "descend"]


@dataclass(frozen=True)
class Trace:
    """Where a walk has been.

    ``points`` (steps + 1, ..., d) and ``values`` (steps + 1, ...) include the start; ``gradients`` and ``updates``
    (steps, ..., d) belong to the steps. The leading axes are independent runs.

    Examples
    --------
    >>> import downslope as ds
    >>> trace = descend(ds.landscapes.ravine(condition=1), ds.SGD(lr=0.5), [2.0, 0.0], steps=3)
    >>> trace.points[:, 0]
    array([2.  , 1.  , 0.5 , 0.25])
    >>> trace.updates[:, 0]
    array([-1.  , -0.5 , -0.25])
    """

    points: np.ndarray
    values: np.ndarray
    gradients: np.ndarray
    updates: np.ndarray

    @property
    def steps(self) -> int:
        """How many steps were taken."""
        return len(self.updates)


class DivergedError(ArithmeticError):
    """A walk or a training run left the finite numbers, and is kept up to the last finite point.

    ``trace`` holds the `Trace` of `descend`; for `fit` the same is called ``history``, and is a `History`.

    Examples
    --------
    >>> import downslope as ds
    >>> try:
    ...     descend(ds.landscapes.ravine(condition=1), ds.SGD(lr=1e100), [1.0, 1.0], steps=50)
    ... except DivergedError as error:
    ...     error.trace.steps
    1
    """

    def __init__(self, message: str, so_far: Any) -> None:
        super().__init__(message)
        self.trace = self.history = so_far

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.trace), self.__dict__  # a pool of processes sends its errors pickled


def descend(
    landscape: Any,
    opt: Optimizer,
    start: ArrayLike,
    steps: int,
    *,
    rng: np.random.Generator | None = None,
    noise: float = 0.0,
) -> Trace:
    """Walk an optimizer over a landscape.

    Parameters
    ----------
    landscape : Landscape
        Gives value, gradient and, for optimizers that need it, Hessian or its diagonal, anew in each step. The
        gradient at the previous point, for those that need that, comes with the noise of this step: one sample.
    opt : Optimizer
        Hyperparameters of an elementwise optimizer may be arrays that broadcast against `start`.
    start : array, shape (..., d)
        Leading axes are independent runs.
    steps : int
        How many steps to take.
    rng : numpy.random.Generator, optional
        Where the noise comes from; needed when `noise` is not zero.
    noise : float
        Standard deviation of the normal noise on every coordinate of every gradient.

    Returns
    -------
    Trace

    Raises
    ------
    DivergedError
        A point, value or gradient stopped being finite; its ``trace`` holds the walk so far.
    ValueError
        Negative `steps` or `noise`, `noise` without `rng`, or a `start` that is not finite.

    Examples
    --------
    >>> import downslope as ds
    >>> trace = descend(ds.landscapes.ravine(condition=20), ds.SGD(lr=0.05), [1.0, 1.0], steps=2)
    >>> trace.points.shape, trace.values.shape, trace.updates.shape
    ((3, 2), (3,), (2, 2))
    """
    check_interval("steps", steps, low=0)
    check_interval("noise", noise, low=0)
    if noise and rng is None:
        raise ValueError(f"rng must be a numpy.random.Generator when noise is not zero, got noise={noise} and rng=None")
    w = np.asarray(start, dtype=np.result_type(np.asarray(start), np.float32))
    if not np.isfinite(w).all():
        raise ValueError(f"start must be finite, got {w}")
    state = opt.init(w)
    points, values = [w], [landscape(w)]
    gradients: list[np.ndarray] = []
    updates: list[np.ndarray] = []
    with np.errstate(over="ignore", invalid="ignore"):
        for t in range(1, steps + 1):
            drawn = noise * rng.standard_normal(w.shape) if noise else 0.0  # type: ignore[union-attr]
            g = landscape.gradient(opt.lookahead(w, state)) + drawn
            if np.isfinite(g).all():
                needed = {name: _needed(name, landscape, points, drawn) for name in opt.needs}
                v, state = opt.update(g, state, w, **needed)
                w = w + v
                value = landscape(w)
            if not (np.isfinite(g).all() and np.isfinite(w).all() and np.isfinite(value).all()):
                message = f"{opt!r} left the finite numbers at step {t} of {steps} from {points[0].tolist()}"
                raise DivergedError(message, _trace(points, values, gradients, updates))
            for history, entry in zip((points, values, gradients, updates), (w, value, g, v), strict=True):
                history.append(entry)
    return _trace(points, values, gradients, updates)


def _needed(name: str, landscape: Any, points: list[np.ndarray], drawn: Any) -> np.ndarray:
    w = points[-1]
    if name == "previous_grads":
        return landscape.gradient(points[-2]) + drawn if len(points) > 1 else np.zeros_like(w)
    if name not in ("hessian", "hessian_diag"):
        raise ValueError(f"opt must need nothing that only a network has, and this one needs {name}; train it with fit")
    hessian = landscape.hessian(w)
    return hessian if name == "hessian" else np.diagonal(hessian, axis1=-2, axis2=-1)


def _trace(
    points: list[np.ndarray], values: list[np.ndarray], gradients: list[np.ndarray], updates: list[np.ndarray]
) -> Trace:
    empty = np.empty((0, *points[0].shape))
    return Trace(
        np.array(points),
        np.array(values),
        np.array(gradients) if gradients else empty,
        np.array(updates) if updates else empty,
    )
