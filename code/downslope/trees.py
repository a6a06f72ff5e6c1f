"""Parameters as an array or a nested dict of arrays: walk them, map over them, check that two agree."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

Tree = Any  # an array, or a dict of trees: a recursive type that mypy cannot spell usefully


def leaves(tree: Tree, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every array of a tree with its dotted path, in the order of the keys.

    Examples
    --------
    >>> [path for path, _ in leaves({"layer": {"W": 0.0, "b": 1.0}})]
    ['layer.W', 'layer.b']
    """
    if isinstance(tree, dict):
        for key, branch in tree.items():
            yield from leaves(branch, f"{name}.{key}" if name else str(key))
    else:
        yield name, tree


def tree_map(function: Callable[..., Any], tree: Tree, *others: Tree) -> Tree:
    """The tree of ``function(leaf, *other_leaves)``; the others have the first one's keys.

    Examples
    --------
    >>> tree_map(lambda a, b: a + b, {"W": 1, "b": 2}, {"W": 10, "b": 20})
    {'W': 11, 'b': 22}
    """
    if isinstance(tree, dict):
        return {key: tree_map(function, branch, *(other[key] for other in others)) for key, branch in tree.items()}
    return function(tree, *others)


def label(argument: str, path: str) -> str:
    """How an error names a leaf: the argument alone, or with its key.

    Examples
    --------
    >>> label("params", ""), label("params", "layer.W")
    ('params', "params['layer.W']")
    """
    return f"{argument}[{path!r}]" if path else argument


def as_parameters(tree: Tree, argument: str) -> Tree:
    """The tree with every leaf a float array, float32 and float64 kept as they are.

    Raises
    ------
    TypeError
        A leaf holds no floating-point numbers (an integer array would round every step away), or others than these
        (in float16 the squares of ordinary gradients vanish).
    """

    def check(leaf: Any, path: str) -> np.ndarray:
        array = np.asarray(leaf)
        if array.dtype.type not in (np.float32, np.float64):
            must = "be float32 or float64" if array.dtype.kind == "f" else "hold floating-point numbers"
            raise TypeError(f"{label(argument, path)} must {must}, got dtype {array.dtype}")
        return array

    return _map_named(check, tree, "")


def check_paths(params: Tree) -> None:
    """Refuse parameters of which two have one dotted path: an error, a partition, a checkpoint would mix them up.

    Raises
    ------
    ValueError
        There are two such.
    """
    paths = [path for path, _ in leaves(params)]
    for path in paths:
        if paths.count(path) > 1:
            raise ValueError(f"params must have one array under each dotted path, got two under {path!r}")


def _map_named(function: Callable[[Any, str], Any], tree: Tree, name: str) -> Tree:
    if isinstance(tree, dict):
        return {k: _map_named(function, v, f"{name}.{k}" if name else str(k)) for k, v in tree.items()}
    return function(tree, name)


def check_keys(tree: Tree, params: Tree, argument: str, deeper: bool = False) -> None:
    """Refuse a tree whose leaves are not where those of the parameters are, or below them where ``deeper``.

    Raises
    ------
    ValueError
        Keys are missing, or there are others.
    """
    if not is_like(tree, params, deeper):
        wanted, given = (sorted(path for path, _ in leaves(x)) for x in (params, tree))
        if wanted == given:  # the paths hide what differs: a dot in a key, a number for a word, an empty dict
            wanted, given = (tree_map(lambda _: "array", x) for x in (params, tree))
        raise ValueError(f"{argument} must have the keys of params, {wanted}, got {given}")


def is_like(tree: Tree, params: Tree, deeper: bool = False) -> bool:
    """Whether a tree has the keys of the parameters, level by level; where ``deeper``, maybe with more below.

    Examples
    --------
    >>> is_like({"a": {"b": 0}}, {"a": 0}), is_like({"a": {"b": 0}}, {"a": 0}, deeper=True)
    (False, True)
    """
    if not isinstance(params, dict):
        return deeper or not isinstance(tree, dict)
    return (
        isinstance(tree, dict)
        and tree.keys() == params.keys()
        and all(is_like(branch, params[key], deeper) for key, branch in tree.items())
    )


def check_shape(x: Any, w: Any, argument: str, path: str) -> None:
    """Refuse a leaf that has not the shape of its parameter.

    Raises
    ------
    ValueError
        The shapes differ; the message names the parameter.
    """
    if np.shape(x) != np.shape(w):
        raise ValueError(f"{label(argument, path)} must have shape {np.shape(w)}, got {np.shape(x)}")


def check_gradients(grads: Tree, params: Tree, argument: str = "grads") -> None:
    """Refuse gradients that do not fit their parameters.

    Raises
    ------
    TypeError
        A gradient holds no real numbers.
    ValueError
        Keys or shapes differ, or a gradient is not finite in its parameter's type; the message names the parameter.
    """
    check_keys(grads, params, argument)
    wanted = dict(leaves(params))
    for path, gradient in leaves(grads):
        check_shape(gradient, wanted[path], argument, path)
        check_finite(as_numbers(gradient, wanted[path].dtype, argument, path), argument, path)


def as_numbers(x: Any, dtype: np.dtype, argument: str, path: str) -> np.ndarray:
    """The array in a parameter's type; what float32 cannot hold becomes infinite.

    Raises
    ------
    TypeError
        It holds no real numbers.
    """
    array = np.asarray(x)
    if array.dtype == dtype:
        return array
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{label(argument, path)} must hold real numbers, got dtype {array.dtype}")
    with np.errstate(over="ignore"):  # who is handed the infinity says what is wrong with it
        return array.astype(dtype)


def check_finite(gradient: Any, argument: str, path: str) -> None:
    """Refuse a gradient that holds an infinity or NaN.

    Raises
    ------
    ValueError
        It does; the message names the parameter and the first such place.
    """
    fine = np.isfinite(gradient)
    if not fine.all():
        index = tuple(int(i) for i in np.argwhere(~fine)[0])
        where = label(argument, path)
        raise ValueError(f"{where} must be finite, got {np.asarray(gradient)[index]} at index {index}")
