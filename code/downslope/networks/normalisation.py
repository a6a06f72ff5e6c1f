"""Layers that give the signal mean zero and variance one, and then a scale and a shift that are learned."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from downslope.networks.layer import Layer
from downslope.networks.shapes import check_shape
from downslope.trees import Tree
from downslope.validation import Count, NonNegative, check_fields

__all__ = ["BatchNorm", "FixedNorm", "LayerNorm"]


@dataclass(frozen=True)
class LayerNorm(Layer):
    """Every example by itself: its `n` numbers get mean zero and variance one.

    Parameters
    ----------
    n : int
        How many numbers an example has.
    eps : float
        Added to the variance.

    Raises
    ------
    ValueError
        The last axis of the input has another length.

    Notes
    -----
    ``scale`` and ``shift`` have the shape (n,), the input (..., n). With the normalised numbers ``u`` and the
    gradient ``du`` by them, ``dx = (du - mean(du) - u mean(u du)) / sigma``: what would change the mean or the size
    of the whole example is taken out. `ba2016layer`.

    Examples
    --------
    >>> layer = LayerNorm(2)
    >>> params = layer.init(np.random.default_rng(0))
    >>> layer.forward(params, np.array([[1.0, 3.0], [100.0, 300.0]]))[0].round(3)
    array([[-1.,  1.],
           [-1.,  1.]])
    """

    n: Count
    eps: NonNegative = 1e-5

    def __post_init__(self) -> None:
        check_fields(self)

    def init(self, rng: np.random.Generator) -> Tree:
        return _identity(self.n)

    def forward(self, params: Tree, x: Any) -> tuple[Any, Any]:
        check_shape("x", x, (*x.shape[:-1], self.n))
        u, inverse = _normalised(x, -1, self.eps)
        return u * params["scale"] + params["shift"], (u, inverse)

    def backward(self, params: Tree, cache: Any, dy: Any) -> tuple[Any, Tree]:
        return _backward(params, cache, dy, -1)


@dataclass(frozen=True)
class BatchNorm(Layer):
    """Every one of the `n` features over the whole batch: it gets mean zero and variance one.

    Parameters
    ----------
    n : int
        How many features the last axis has.
    eps : float
        Added to the variance.

    Raises
    ------
    ValueError
        The last axis of the input has another length.

    Notes
    -----
    ``scale`` and ``shift`` have the shape (n,), the input (..., n); all axes but the last count as examples. The
    backward pass is `LayerNorm`'s with the means over the examples: the gradient of one example depends on the
    others. `ioffe2015batch`, Algorithm 1.

    Examples
    --------
    >>> layer = BatchNorm(2)
    >>> params = layer.init(np.random.default_rng(0))
    >>> layer.forward(params, np.array([[1.0, 300.0], [3.0, 100.0]]))[0].round(3)
    array([[-1.,  1.],
           [ 1., -1.]])
    """

    n: Count
    eps: NonNegative = 1e-5

    def __post_init__(self) -> None:
        check_fields(self)

    def init(self, rng: np.random.Generator) -> Tree:
        return _identity(self.n)

    def forward(self, params: Tree, x: Any) -> tuple[Any, Any]:
        check_shape("x", x, (*x.shape[:-1], self.n))
        u, inverse = _normalised(x, _examples(x), self.eps)
        return u * params["scale"] + params["shift"], (u, inverse)

    def backward(self, params: Tree, cache: Any, dy: Any) -> tuple[Any, Tree]:
        return _backward(params, cache, dy, _examples(dy))

    def fixed(self, x: np.ndarray) -> "FixedNorm":
        """The layer to predict with: mean and variance are those of `x`, whatever comes in later.

        Parameters
        ----------
        x : array, shape (..., n)
            What enters this layer for the training examples.

        Examples
        --------
        >>> layer = BatchNorm(1).fixed(np.array([[1.0], [3.0]]))
        >>> params = BatchNorm(1).init(np.random.default_rng(0))
        >>> layer.forward(params, np.array([[3.0]]))[0].round(3)
        array([[1.]])
        """
        return FixedNorm(x.mean(axis=_examples(x)), x.var(axis=_examples(x)), self.eps)


@dataclass(frozen=True, eq=False)
class FixedNorm(Layer):
    """A trained `BatchNorm` with a mean and a variance that stay: one example no longer depends on the others.

    Parameters
    ----------
    mean, variance : array, shape (n,)
    eps : float
        Added to the variance.

    Raises
    ------
    ValueError
        The last axis of the input has another length.

    Notes
    -----
    The parameters are those of `BatchNorm`. `ioffe2015batch`, Algorithm 2.

    Examples
    --------
    >>> params = {"scale": np.array([1.0]), "shift": np.array([5.0])}
    >>> FixedNorm(np.array([2.0]), np.array([4.0]), eps=0.0).forward(params, np.array([[4.0]]))[0]
    array([[6.]])
    """

    mean: np.ndarray
    variance: np.ndarray
    eps: float = 1e-5

    def init(self, rng: np.random.Generator) -> Tree:
        return _identity(len(self.mean))

    def forward(self, params: Tree, x: Any) -> tuple[Any, Any]:
        check_shape("x", x, (*x.shape[:-1], len(self.mean)))
        inverse = (1 / np.sqrt(self.variance + self.eps)).astype(x.dtype)
        u = (x - self.mean.astype(x.dtype)) * inverse
        return u * params["scale"] + params["shift"], (u, inverse)

    def backward(self, params: Tree, cache: Any, dy: Any) -> tuple[Any, Tree]:
        u, inverse = cache
        return dy * params["scale"] * inverse, _by_parameters(u, dy)


def _identity(n: int) -> Tree:
    return {"scale": np.ones(n), "shift": np.zeros(n)}


def _examples(x: Any) -> tuple[int, ...]:
    return tuple(range(x.ndim - 1))


def _normalised(x: Any, axes: Any, eps: float) -> tuple[Any, Any]:
    """The input with mean zero and variance one along the axes, and what its deviations were multiplied with."""
    deviation = x - x.mean(axis=axes, keepdims=True)
    inverse = 1 / np.sqrt((deviation * deviation).mean(axis=axes, keepdims=True) + eps)
    return deviation * inverse, inverse


def _backward(params: Tree, cache: Any, dy: Any, axes: Any) -> tuple[Any, Tree]:
    u, inverse = cache
    du = dy * params["scale"]
    along = (u * du).mean(axis=axes, keepdims=True)
    return (du - du.mean(axis=axes, keepdims=True) - u * along) * inverse, _by_parameters(u, dy)


def _by_parameters(u: Any, dy: Any) -> Tree:
    axes = _examples(dy)
    return {"scale": (u * dy).sum(axis=axes), "shift": dy.sum(axis=axes)}
