"""A layer that reads a sequence one place after the other, and remembers."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from downslope.networks.initialisation import glorot
from downslope.networks.layer import Layer
from downslope.networks.shapes import check_axes, check_shape
from downslope.trees import Tree
from downslope.validation import Count, check_fields

__all__ = ["RNN"]


@dataclass(frozen=True)
class RNN(Layer):
    """What it remembers is a tanh of what it reads and of what it remembered.

    Parameters
    ----------
    n_in : int
        How many numbers each place of the sequence has.
    n_hidden : int
        How many numbers are remembered.

    Raises
    ------
    ValueError
        The input or the gradient has another shape, or the sequence no place.

    Notes
    -----
    ``h_t = tanh(W x_t + U h_{t-1} + b)`` from ``h_0 = 0``, with ``W`` of shape (n_hidden, n_in), ``U`` (n_hidden,
    n_hidden), ``b`` (n_hidden,); from (batch, time, n_in) to (batch, time, n_hidden), every ``h_t``. Backward, from
    the last place to the first: ``delta_t = (1 - h_t^2) (dy_t + U^T delta_{t+1})``. The gradient is multiplied with
    ``U`` once for every place, which is why it vanishes or explodes. `elman1990finding`, `pascanu2013difficulty`.

    Examples
    --------
    >>> layer = RNN(1, 1)
    >>> params = {"W": np.array([[1.0]]), "U": np.array([[0.5]]), "b": np.zeros(1)}
    >>> layer.forward(params, np.array([[[1.0], [0.0], [0.0]]]))[0].round(3).ravel()
    array([0.762, 0.363, 0.18 ])
    """

    n_in: Count
    n_hidden: Count

    def __post_init__(self) -> None:
        check_fields(self)

    def init(self, rng: np.random.Generator) -> Tree:
        W = glorot(rng, self.n_hidden, self.n_in)
        return {"W": W, "U": glorot(rng, self.n_hidden, self.n_hidden), "b": np.zeros(self.n_hidden)}

    def forward(self, params: Tree, x: Any) -> tuple[Any, Any]:
        check_axes("x", x, "batch", "time", self.n_in)
        if not x.shape[1]:
            raise ValueError(f"x must have at least one place in time, got shape {x.shape}")
        read = x @ params["W"].T + params["b"]
        states = [np.tanh(read[:, 0])]
        for t in range(1, x.shape[1]):
            states.append(np.tanh(read[:, t] + states[-1] @ params["U"].T))
        h = np.stack(states, axis=1)
        return h, (x, h)

    def backward(self, params: Tree, cache: Any, dy: Any) -> tuple[Any, Tree]:
        x, h = cache
        check_shape("dy", dy, h.shape)
        delta = dy * (1 - h * h)
        for t in reversed(range(x.shape[1] - 1)):
            delta[:, t] += (1 - h[:, t] ** 2) * (delta[:, t + 1] @ params["U"])
        rows = delta.reshape(-1, self.n_hidden)
        by_U = delta[:, 1:].reshape(-1, self.n_hidden).T @ h[:, :-1].reshape(-1, self.n_hidden)
        grads = {"W": rows.T @ x.reshape(-1, self.n_in), "U": by_U, "b": rows.sum(axis=0)}
        return delta @ params["W"], grads
