"""The layer that every network has: weights, and a bias."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from downslope.networks.initialisation import glorot
from downslope.networks.layer import Layer
from downslope.networks.shapes import check_shape
from downslope.trees import Tree
from downslope.validation import Count, check_fields

__all__ = ["Dense"]


@dataclass(frozen=True)
class Dense(Layer):
    """Each output is a weighted sum of all inputs, and a bias.

    Parameters
    ----------
    n_in, n_out : int
        How many numbers enter, and how many leave.
    initialisation : function
        Draws the weights: `glorot` or `he`, or another of their signature.

    Raises
    ------
    ValueError
        The input or the gradient has another shape, or a number of units is not positive.

    Notes
    -----
    ``W`` has the shape (n_out, n_in), a row for each output; ``b`` has (n_out,). The input may have any number of
    leading axes: (..., n_in).

    Examples
    --------
    >>> layer = Dense(2, 1)
    >>> params = {"W": np.array([[1.0, -1.0]]), "b": np.array([0.5])}
    >>> y, x = layer.forward(params, np.array([[3.0, 2.0]]))
    >>> dx, grads = layer.backward(params, x, np.array([[1.0]]))
    >>> y.tolist(), dx.tolist(), grads["W"].tolist()
    ([[1.5]], [[1.0, -1.0]], [[3.0, 2.0]])
    """

    n_in: Count
    n_out: Count
    initialisation: Callable[[np.random.Generator, int, int], np.ndarray] = glorot

    def __post_init__(self) -> None:
        check_fields(self)

    def init(self, rng: np.random.Generator) -> Tree:
        return {"W": self.initialisation(rng, self.n_out, self.n_in), "b": np.zeros(self.n_out)}

    def forward(self, params: Tree, x: Any) -> tuple[Any, Any]:
        check_shape("x", x, (*x.shape[:-1], self.n_in))
        # every leading axis counts examples: one product for all of them
        y = x.reshape(-1, self.n_in) @ params["W"].T + params["b"]
        return y.reshape(*x.shape[:-1], self.n_out), x

    def backward(self, params: Tree, cache: Any, dy: Any) -> tuple[Any, Tree]:
        x = cache
        check_shape("dy", dy, (*x.shape[:-1], self.n_out))
        delta, inputs = dy.reshape(-1, self.n_out), x.reshape(-1, self.n_in)
        dx = (delta @ params["W"]).reshape(x.shape)
        return dx, {"W": delta.T @ inputs, "b": delta.sum(axis=0)}
