"""Gradients without calculus, to hold a backward pass against: one weight at a time, slow and dependable."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from downslope.trees import Tree, as_parameters, check_gradients, leaves, tree_map

__all__ = ["central_difference", "complex_step", "gradient_errors"]


def central_difference(loss: Callable[[Tree], Any], params: Tree, h: float = 6e-6) -> Tree:
    """The gradient from two evaluations of the loss for each weight.

    Parameters
    ----------
    loss : function
        Of the parameters alone; returns a number.
    params : array or nested dict of arrays
    h : float
        How far each weight is moved either way; the default is about the cube root of the rounding unit.

    Returns
    -------
    array or nested dict of arrays
        Like `params`.

    Raises
    ------
    TypeError
        A parameter holds no floating-point numbers.
    ValueError
        `h` is not positive.

    Examples
    --------
    >>> grad = central_difference(lambda w: (w**3).sum(), np.array([1.0, 2.0]))
    >>> grad.round(6).tolist()
    [3.0, 12.0]
    """
    _check_step(h)
    return _by_entry(lambda at: (loss(at(h)) - loss(at(-h))) / (2 * h), as_parameters(params, "params"))


def complex_step(loss: Callable[[Tree], Any], params: Tree, h: float = 1e-20) -> Tree:
    """The gradient from the imaginary part of the loss, one weight moved off the real axis at a time.

    Nothing is subtracted, so nothing cancels: exact to rounding for any small `h`. The loss has to be analytic
    and computed in complex arithmetic: no ``abs``, ``max``, comparison or conjugate.

    Parameters
    ----------
    loss : function
        Of the parameters alone; returns a number, complex if a parameter is.
    params : array or nested dict of arrays
    h : float
        How far each weight is moved.

    Raises
    ------
    TypeError
        A parameter holds no floating-point numbers.
    ValueError
        `h` is not positive.

    Examples
    --------
    >>> complex_step(lambda w: (w**3).sum(), np.array([1.0, 2.0])).tolist()
    [3.0, 12.0]
    """
    _check_step(h)
    return _by_entry(lambda at: np.imag(loss(at(1j * h))) / h, as_parameters(params, "params"))


def gradient_errors(loss: Callable[[Tree], Any], params: Tree, grads: Tree, h: float = 6e-6) -> dict[str, float]:
    """How far a gradient is from central differences, for each parameter by name.

    Parameters
    ----------
    loss : function
        Of the parameters alone; returns a number.
    params, grads : array or nested dict of arrays
        Where, and the gradient to check.
    h : float
        As in `central_difference`.

    Returns
    -------
    dict
        ``|g - n| / max(|g|, |n|)`` with the Euclidean norm over a parameter's entries, 0 where both are 0:
        below 1e-6 is agreement, above 1e-3 is a mistake.

    Raises
    ------
    ValueError
        Keys or shapes differ, a gradient is not finite, or `h` is not positive.

    Examples
    --------
    >>> params = {"a": np.array(2.0), "b": np.array(3.0)}
    >>> errors = gradient_errors(lambda p: p["a"] * p["b"], params, {"a": np.array(3.0), "b": np.array(-2.0)})
    >>> {name: round(error, 6) for name, error in errors.items()}
    {'a': 0.0, 'b': 2.0}
    """
    params = as_parameters(params, "params")
    check_gradients(grads, params)
    numerical = dict(leaves(central_difference(loss, params, h)))
    return {name: _relative(np.asarray(grad), numerical[name]) for name, grad in leaves(grads)}


def _relative(grad: np.ndarray, numerical: np.ndarray) -> float:
    larger = max(np.linalg.norm(grad), np.linalg.norm(numerical))
    return float(np.linalg.norm(grad - numerical) / larger) if larger else 0.0


def _check_step(h: float) -> None:
    if not h > 0:
        raise ValueError(f"h must be positive, got {h}")


def _by_entry(slope: Callable[[Callable[[complex], Tree]], Any], params: Tree) -> Tree:
    """`slope` for every entry; it gets a function that moves this entry alone by an offset."""
    params = tree_map(lambda leaf: leaf.astype(float), params)  # copies: two names may share one array

    def moved(leaf: np.ndarray, index: tuple[int, ...], offset: complex) -> Tree:
        one = np.zeros(leaf.shape, dtype=type(offset))
        one[index] = offset
        return tree_map(lambda other: other + one if other is leaf else other, params)

    def of_leaf(leaf: np.ndarray) -> np.ndarray:
        slopes = [slope(partial(moved, leaf, index)) for index in np.ndindex(leaf.shape)]
        return np.array(slopes).reshape(leaf.shape)

    return tree_map(of_leaf, params)
