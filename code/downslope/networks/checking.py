"""Gradients without calculus, to hold a backward pass against: one weight at a time, slow and dependable."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from downslope.trees import Tree, as_parameters, check_gradients, label, leaves, tree_map

__all__ = ["GradientReport", "GradientRow", "central_difference", "complex_step", "gradient_check", "gradient_errors"]


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
        below 1e-6 is agreement, above 1e-3 is a mistake, unless rounding drowns the gradient: `gradient_check` says so.

    Raises
    ------
    TypeError
        A parameter holds no floating-point numbers.
    ValueError
        Keys or shapes differ, a parameter is empty, a gradient is not finite, or `h` is not positive.

    Examples
    --------
    >>> params = {"a": np.array(2.0), "b": np.array(3.0)}
    >>> errors = gradient_errors(lambda p: p["a"] * p["b"], params, {"a": np.array(3.0), "b": np.array(-2.0)})
    >>> {name: round(error, 6) for name, error in errors.items()}
    {'a': 0.0, 'b': 2.0}
    """
    return {row.name: row.error for row in gradient_check(lambda p: (loss(p), grads), params, h).rows}


@dataclass(frozen=True)
class GradientRow:
    """What `gradient_check` found for one parameter.

    Attributes
    ----------
    name : str
        The parameter's path, with dots.
    error : float
        ``|given - measured| / max(|given|, |measured|)``, with the Euclidean norm over the parameter's entries.
    index : tuple of int
        Its worst entry, and of this one:
    given, measured : float
        The gradient that was handed in, and that of central differences.
    verdict : {"agrees", "WRONG", "too small to tell"}
        They agree as far as central differences can tell, they do not, or the gradient is so small beside the loss that
        with a wrong sign it would agree as well.
    """

    name: str
    error: float
    index: tuple[int, ...]
    given: float
    measured: float
    verdict: str

    @property
    def ok(self) -> bool:
        """The gradient was not found wrong."""
        return self.verdict != "WRONG"

    @property
    def entry(self) -> str:
        """The worst entry, as one writes it."""
        return self.name + (str(list(self.index)) if self.index else "")


@dataclass(frozen=True)
class GradientReport:
    """What `gradient_check` found, a row for each parameter; it prints as a table.

    Attributes
    ----------
    rows : tuple of GradientRow
    """

    rows: tuple[GradientRow, ...]

    @property
    def ok(self) -> bool:
        """No parameter's gradient was found wrong; one that is too small to tell was not."""
        return all(row.ok for row in self.rows)

    def __repr__(self) -> str:
        wide = max([len("worst entry"), *(len(row.entry) for row in self.rows)])
        head = f"{'worst entry':<{wide}}  {'given':>12}  {'measured':>12}  {'error':>8}  verdict"
        lines = [
            f"{row.entry:<{wide}}  {row.given:>12.5g}  {row.measured:>12.5g}  {row.error:>8.1e}  {row.verdict}"
            for row in self.rows
        ]
        return "\n".join([head, *lines])


def gradient_check(f: Callable[[Tree], tuple[Any, Tree]], params: Tree, h: float = 6e-6) -> GradientReport:
    """Hold a gradient against central differences, in float64, and say which entry is wrong and by how much.

    Parameters
    ----------
    f : function
        Of the parameters alone; returns the loss and its gradient, as a model's ``gradient`` does.
    params : array or nested dict of arrays
        Where. `f` runs twice for each number in it.
    h : float
        As in `central_difference`.

    Returns
    -------
    GradientReport
        Two gradients agree where they differ by less than one in a million, or by less than what rounding makes of a
        difference of two losses. Where that is more than the gradient itself, nothing can be told: the report stays
        ``ok``, and its verdict says so. At a corner, as a rectifier has one, central differences themselves are wrong.

    Raises
    ------
    TypeError
        A parameter holds no floating-point numbers.
    ValueError
        Keys or shapes differ, a parameter is empty, a gradient is not finite, or `h` is not positive.

    Notes
    -----
    Central differences: `griewank2008evaluating`.

    Examples
    --------
    >>> params = {"a": np.array(2.0), "b": np.array([3.0, 1.0])}
    >>> def f(p):  # the gradient by b has a wrong sign
    ...     return p["a"] * p["b"][0], {"a": p["b"][0], "b": np.array([-p["a"], 0.0])}
    >>> gradient_check(f, params)
    worst entry         given      measured     error  verdict
    a                       3             3   ...  agrees
    b[0]                   -2             2   2.0e+00  WRONG
    """
    params = tree_map(lambda leaf: leaf.astype(float), as_parameters(params, "params"))
    for path, leaf in leaves(params):
        if not leaf.size:
            raise ValueError(f"{label('params', path)} must hold at least one number, got shape {leaf.shape}")
    loss, grads = f(params)
    check_gradients(grads, params)
    measured = dict(leaves(central_difference(lambda p: f(p)[0], params, h)))
    noise = 8 * np.finfo(float).eps * abs(loss) / h
    return GradientReport(tuple(_row(name, np.asarray(given), measured[name], noise) for name, given in leaves(grads)))


def _row(name: str, given: np.ndarray, measured: np.ndarray, noise: float) -> GradientRow:
    off, size = float(np.linalg.norm(given - measured)), float(max(np.linalg.norm(given), np.linalg.norm(measured)))
    index = tuple(int(i) for i in np.unravel_index(np.abs(given - measured).argmax(), given.shape))
    allowed = 1e-6 * size + noise * np.sqrt(given.size)
    # a test that a wrong sign would pass as well proves nothing
    telling = not size or np.linalg.norm(given + measured) > allowed
    verdict = "WRONG" if off > allowed else "agrees" if telling else "too small to tell"
    return GradientRow(name, off / size if size else 0.0, index, float(given[index]), float(measured[index]), verdict)


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
