"""The layer in which every place of a sequence asks the others, and takes what answers."""

from dataclasses import dataclass
from functools import cache as remembered
from typing import Any

import numpy as np

from downslope.networks.activations import softmax
from downslope.networks.layer import Layer
from downslope.networks.shapes import check_axes
from downslope.trees import Tree
from downslope.validation import Count, check_fields

__all__ = ["Attention"]


@dataclass(frozen=True)
class Attention(Layer):
    """Each place gets a mean of all values, weighted by how well its query meets their keys; in several heads.

    Parameters
    ----------
    heads : int
        How many such means, each of ``width / heads`` numbers.
    causal : bool
        A place sees itself and those before it, and nothing that comes later.

    Raises
    ------
    ValueError
        There is no head, or the input cannot be cut into queries, keys and values for so many.

    Notes
    -----
    From (batch, time, 3 width), queries, keys and values side by side as a `Dense` layer makes them, to (batch, time,
    width). For each head, with ``d = width / heads``: ``P = softmax(Q K^T / sqrt(d))`` and ``O = P V``. Backward, with
    sums along a row: ``dV = P^T dO``, ``dS = P (dO V^T - sum(O dO)) / sqrt(d)``, ``dQ = dS K``, ``dK = dS^T Q``.
    `vaswani2017attention`, equation 1.

    Examples
    --------
    >>> equal = np.array([[[0.0, 0.0, 6.0], [0.0, 0.0, 2.0], [0.0, 0.0, 1.0]]])  # no query, no key: any place will do
    >>> Attention(heads=1).forward({}, equal)[0].ravel()
    array([6., 4., 3.])
    >>> Attention(heads=1, causal=False).forward({}, equal)[0].ravel()
    array([3., 3., 3.])
    """

    heads: Count
    causal: bool = True

    def __post_init__(self) -> None:
        check_fields(self)

    def forward(self, params: Tree, x: Any) -> tuple[Any, Any]:
        _check_input(x, self.heads)
        batch, time, _ = x.shape
        parts = x.reshape(batch, time, 3, self.heads, -1).transpose(2, 0, 3, 1, 4)
        q, k, v = parts[0], parts[1], parts[2]
        scores = q @ k.swapaxes(-1, -2) * _scale(q)
        p = softmax(scores + _future(time, scores.dtype) if self.causal else scores)
        y = (p @ v).swapaxes(1, 2).reshape(batch, time, -1)
        return y, (q, k, v, p, y)

    def backward(self, params: Tree, cache: Any, dy: Any) -> tuple[Any, Tree]:
        q, k, v, p, y = cache
        batch, heads, time, d = q.shape
        d_out = dy.reshape(batch, time, heads, d).swapaxes(1, 2)
        # each row's sum of p dp, from the shorter side: dp = d_out v^T and y = p v
        along = (dy * y).reshape(batch, time, heads, d).sum(axis=-1)
        along = along.swapaxes(1, 2)[..., None]
        d_scores = (d_out @ v.swapaxes(-1, -2) - along) * p * _scale(q)
        dx = np.empty((batch, time, 3, heads, d), dy.dtype)
        dx[:, :, 0] = (d_scores @ k).swapaxes(1, 2)
        dx[:, :, 1] = (d_scores.swapaxes(-1, -2) @ q).swapaxes(1, 2)
        dx[:, :, 2] = (p.swapaxes(-1, -2) @ d_out).swapaxes(1, 2)
        return dx.reshape(batch, time, -1), {}


def _check_input(x: Any, heads: int) -> None:
    check_axes("x", x, "batch", "time", "3 width")
    if x.shape[-1] % (3 * heads):
        raise ValueError(f"the last axis of x must be a multiple of 3 heads = {3 * heads}, got {x.shape[-1]}")


def _scale(q: Any) -> float:
    """Makes the scores of independent queries and keys of variance one again of variance one."""
    return float(1 / np.sqrt(q.shape[-1]))


@remembered
def _future(time: int, dtype: Any) -> np.ndarray:
    """Minus infinity where a place may not look, so that the weight there is zero; else zero."""
    return np.where(np.tri(time, dtype=bool), 0, -np.inf).astype(dtype)
