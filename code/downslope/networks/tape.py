"""Automatic differentiation: a NumPy function runs unchanged, and what it did is written down and differentiated."""

from collections.abc import Callable
from numbers import Real
from typing import Any

import numpy as np

from downslope.networks.graph import Entry, Graph, graph
from downslope.networks.traced import Dual, Node, Traced, backward, belongs, below, numbers
from downslope.trees import Tree, as_parameters, check_keys, label, leaves, tree_map

__all__ = ["Dual", "Entry", "Graph", "Node", "grad", "graph", "hessian_diag", "hvp", "jvp", "value_and_grad"]


def value_and_grad(f: Callable[[Tree], Any]) -> Callable[[Tree], tuple[Any, Tree]]:
    """The function that returns the value of `f` and its gradient, in one pass forward and one back.

    Parameters
    ----------
    f : function
        Of the parameters, an array or a nested dict of arrays; written in NumPy; returns a number.

    Returns
    -------
    function
        Of the parameters; returns the value, and the gradient in the shapes and types of the parameters.

    Raises
    ------
    TypeError
        A parameter holds no floating-point numbers, `f` returns no array, or it calls something that the tape has no
        derivative of.
    ValueError
        `f` returns more than one number.

    Notes
    -----
    Where ``maximum`` or ``max`` has several largest arguments, they share the derivative. A plain array counts as it
    was when `f` used it, even if `f` has written into it since. `griewank2008evaluating`.

    Examples
    --------
    >>> params = {"a": np.array([1.0, 2.0]), "b": np.array(3.0)}
    >>> value, grads = value_and_grad(lambda p: np.sum(p["a"] * p["b"]))(params)
    >>> print(value, grads["a"], grads["b"])
    9.0 [3. 3.] 3.0
    """

    def differentiated(params: Tree) -> tuple[Any, Tree]:
        params, level = _checked(params, "params"), next(numbers)
        nodes = tree_map(lambda leaf: Node(leaf, level), params)
        output = _returned(f(nodes), "one number to have a gradient")
        if np.shape(output) != ():
            raise ValueError(f"f must return one number to have a gradient, got an array of shape {np.shape(output)}")
        grads = {node.number: dy for node, dy in backward(output) if not node.inputs} if belongs(output, level) else {}
        return _value(output, level), tree_map(lambda node: _like(grads.get(node.number, 0.0), node.value), nodes)

    return differentiated


def grad(f: Callable[[Tree], Any]) -> Callable[[Tree], Tree]:
    """The gradient of `f`, a function of the parameters that is NumPy again: it can be traced and differentiated.

    Parameters
    ----------
    f : function
        As for `value_and_grad`, which says what is raised.

    Examples
    --------
    >>> print(grad(lambda x: x**3)(np.array(2.0)), grad(grad(lambda x: x**3))(np.array(2.0)))
    12.0 12.0
    """
    return lambda params: value_and_grad(f)(params)[1]


def jvp(f: Callable[[Tree], Any], params: Tree, direction: Tree) -> tuple[Any, Any]:
    """The value of `f` and its derivative along a direction, in one pass forward with dual numbers.

    Parameters
    ----------
    f : function
        Of the parameters; returns an array, or a nested dict of arrays.
    params, direction : array or nested dict of arrays

    Returns
    -------
    value, derivative : array or nested dict of arrays
        As `f` returns it, both.

    Raises
    ------
    TypeError
        As for `value_and_grad`.
    ValueError
        The direction has other keys or shapes than the parameters.

    Examples
    --------
    >>> value, slope = jvp(lambda x: x**2, np.array([1.0, 2.0]), np.array([1.0, 0.5]))
    >>> print(value, slope)
    [1. 4.] [2. 2.]
    """
    params, direction, level = _checked(params, "params"), _checked(direction, "direction"), next(numbers)
    check_keys(direction, params, "direction")
    wanted = dict(leaves(params))
    for path, leaf in leaves(direction):
        if np.shape(leaf) != np.shape(wanted[path]):
            where = label("direction", path)
            raise ValueError(f"{where} must have shape {np.shape(wanted[path])}, got {np.shape(leaf)}")
    output = f(tree_map(lambda value, tangent: Dual(value, _like(tangent, value), level), params, direction))
    output = tree_map(lambda y: _returned(y, "an array or a nested dict of arrays"), output)
    value = tree_map(lambda y: _value(y, level), output)
    return value, tree_map(lambda y, v: _like(y.tangent, v) if belongs(y, level) else np.zeros_like(v), output, value)


def hvp(f: Callable[[Tree], Any], params: Tree, direction: Tree) -> Tree:
    """The Hessian of `f` times a direction: the derivative of the gradient along it, never the matrix.

    Parameters
    ----------
    f : function
        As for `value_and_grad`.
    params, direction : array or nested dict of arrays

    Returns
    -------
    array or nested dict of arrays
        Like `params`.

    Notes
    -----
    Forward mode through reverse mode, as in `pearlmutter1994fast`; `jvp` says what is raised.

    Examples
    --------
    >>> hvp(lambda w: w[0] ** 2 * w[1], np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([4., 2.])
    """
    return tree_map(_like, jvp(grad(f), params, direction)[1], _checked(params, "params"))


def hessian_diag(f: Callable[[Tree], Any], params: Tree, rng: np.random.Generator, samples: int = 1) -> Tree:
    """An unbiased estimate of the Hessian's diagonal: the mean of u times Hu, for u of random signs.

    Parameters
    ----------
    f : function
        As for `value_and_grad`.
    params : array or nested dict of arrays
    rng : numpy.random.Generator
    samples : int
        How many u; each costs one `hvp`.

    Returns
    -------
    array or nested dict of arrays
        Like `params`; Sophia takes it as ``hessian_diag``.

    Raises
    ------
    ValueError
        `samples` is not positive.

    Notes
    -----
    Exact for a diagonal Hessian; else the off-diagonal entries are its noise. `bekas2007estimator`.

    Examples
    --------
    >>> hessian_diag(lambda w: np.sum(w**4), np.array([1.0, 2.0]), np.random.default_rng(0))
    array([12., 48.])
    """
    if samples < 1:
        raise ValueError(f"samples must be at least 1, got {samples}")
    params = _checked(params, "params")
    total = tree_map(np.zeros_like, params)
    for _ in range(samples):
        signs = tree_map(lambda leaf: rng.choice([-1.0, 1.0], size=leaf.shape).astype(leaf.dtype), params)
        total = tree_map(lambda s, u, hu: s + u * hu / samples, total, signs, hvp(f, params, signs))
    return total


def _checked(params: Tree, argument: str, path: str = "") -> Tree:
    if isinstance(params, dict):
        return {key: _checked(leaf, argument, f"{path}.{key}" if path else str(key)) for key, leaf in params.items()}
    return params if isinstance(params, Traced) else as_parameters(params, label(argument, path))


def _returned(output: Any, wanted: str) -> Any:
    """What `f` returned, if it is an array of real numbers or one number."""
    if not isinstance(output, Traced | Real) and not (isinstance(output, np.ndarray) and output.dtype.kind in "fiub"):
        kind = "None: is a return missing?" if output is None else type(output).__name__
        raise TypeError(f"f must return {wanted}, got {kind}")
    return output


def _value(output: Any, level: int) -> Any:
    """What the next outer differentiation sees of an output, in memory of its own."""
    value = below([output], level)[0]
    return value.copy() if isinstance(value, np.ndarray) else value


def _like(derivative: Any, value: Any) -> Any:
    """The derivative in the shape and type of the value, in memory of its own."""
    if isinstance(derivative, Traced):
        return derivative
    return np.array(np.broadcast_to(derivative, np.shape(value)), dtype=value.dtype)
