"""From tokens to vectors: a row of a table for each token, and one for each place."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from downslope.networks.layer import Layer
from downslope.networks.shapes import check_ids, check_shape
from downslope.trees import Tree
from downslope.validation import Count, NonNegative, check_fields

__all__ = ["Embedding", "Position"]


@dataclass(frozen=True)
class Embedding(Layer):
    """Each token is a whole number, and picks its row of a table.

    Parameters
    ----------
    n_tokens : int
        How many different tokens there are.
    width : int
        How many numbers describe one.
    scale : float
        The standard deviation of the table to start with.

    Raises
    ------
    TypeError
        A token is no whole number.
    ValueError
        A token is not in the table, or the table has no row or no column.

    Notes
    -----
    ``W`` has the shape (n_tokens, width); the input, whole numbers from 0, may have any shape, and the output one axis
    more. A token that comes twice gets the sum of both gradients. Whole numbers have no gradient: that of the
    input is None. `bengio2003neural`.

    Examples
    --------
    >>> layer = Embedding(3, 2)
    >>> params = {"W": np.array([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]])}
    >>> y, cache = layer.forward(params, np.array([2, 2, 1]))
    >>> layer.backward(params, cache, np.ones((3, 2)))[1]["W"].tolist()
    [[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]
    """

    n_tokens: Count
    width: Count
    scale: NonNegative = 0.02

    def __post_init__(self) -> None:
        check_fields(self)

    def init(self, rng: np.random.Generator) -> Tree:
        return {"W": rng.normal(scale=self.scale, size=(self.n_tokens, self.width))}

    def forward(self, params: Tree, x: Any) -> tuple[Any, Any]:
        check_ids("x", x, self.n_tokens)
        return params["W"][x], x

    def backward(self, params: Tree, cache: Any, dy: Any) -> tuple[Any, Tree]:
        check_shape("dy", dy, (*cache.shape, self.width))
        tokens = cache.ravel()
        order = np.argsort(tokens, kind="stable")  # equal tokens side by side: one sum for each
        found, starts = np.unique(tokens[order], return_index=True)
        table = np.zeros_like(params["W"])
        table[found] = np.add.reduceat(dy.reshape(-1, self.width)[order], starts, axis=0)
        return None, {"W": table}


@dataclass(frozen=True)
class Position(Layer):
    """Adds a vector for the place in the sequence, which attention alone does not see.

    Parameters
    ----------
    length : int
        The longest sequence.
    width : int
        How many numbers describe a token.
    scale : float
        The standard deviation of the table to start with.

    Raises
    ------
    ValueError
        A sequence is longer, or has another width.

    Notes
    -----
    ``W`` has the shape (length, width), the input (..., time, width). `vaswani2017attention`, section 3.5: learned.

    Examples
    --------
    >>> layer = Position(3, 1)
    >>> layer.forward({"W": np.array([[10.0], [20.0], [30.0]])}, np.array([[[1.0], [2.0]]]))[0].tolist()
    [[[11.0], [22.0]]]
    """

    length: Count
    width: Count
    scale: NonNegative = 0.02

    def __post_init__(self) -> None:
        check_fields(self)

    def init(self, rng: np.random.Generator) -> Tree:
        return {"W": rng.normal(scale=self.scale, size=(self.length, self.width))}

    def forward(self, params: Tree, x: Any) -> tuple[Any, Any]:
        check_shape("x", x, (*x.shape[:-1], self.width))
        time = x.shape[-2]
        if time > self.length:
            raise ValueError(f"x may have at most {self.length} places, got {time}")
        return x + params["W"][:time], None

    def backward(self, params: Tree, cache: Any, dy: Any) -> tuple[Any, Tree]:
        table = np.zeros_like(params["W"])
        table[: dy.shape[-2]] = dy.reshape(-1, *dy.shape[-2:]).sum(axis=0)
        return dy, {"W": table}
