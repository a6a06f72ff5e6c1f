"""A network with its loss: what is trained."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from downslope.networks.activations import ReLU
from downslope.networks.dense import Dense
from downslope.networks.initialisation import he
from downslope.networks.layer import Chain, Layer
from downslope.networks.losses import cross_entropy
from downslope.trees import Tree, tree_map
from downslope.validation import Interval

__all__ = ["MLP", "Loss", "Model"]

Loss = Callable[[Any, Any], tuple[Any, Any]]
"""From predictions and targets to the loss and its gradient by the predictions."""


class Model:
    """A layer, a loss, and the parameters to start from; training does not change it.

    Parameters
    ----------
    layer : Layer
        From inputs to predictions.
    loss : function
        From predictions and targets to a number and its gradient by the predictions.
    rng : numpy.random.Generator
        Where the starting parameters come from.
    dtype : numpy dtype
        That of the parameters.

    Attributes
    ----------
    params : nested dict of arrays
        Where training starts.
    layer : Layer
    loss_function : function

    Examples
    --------
    >>> from downslope.networks import half_squared_error
    >>> line = Model(Dense(1, 1), half_squared_error, rng=np.random.default_rng(0))
    >>> params = {"W": np.array([[2.0]]), "b": np.array([0.0])}
    >>> loss, grads = line.gradient(params, np.array([[3.0]]), np.array([[5.0]]))
    >>> print(loss, grads["W"], grads["b"])
    0.5 [[3.]] [1.]
    """

    def __init__(self, layer: Layer, loss: Loss, *, rng: np.random.Generator, dtype: Any = np.float64) -> None:
        self.layer = layer
        self.loss_function = loss
        self.params = tree_map(lambda w: w.astype(dtype), layer.init(rng))
        _keep_freed_memory()

    def predict(self, params: Tree, x: Any) -> Any:
        """The predictions: scores for a classifier."""
        return self.layer.forward(params, x)[0]

    def loss(self, params: Tree, x: Any, y: Any) -> Any:
        """The mean loss over the examples."""
        return self.loss_function(self.predict(params, x), y)[0]

    def gradient(self, params: Tree, x: Any, y: Any) -> tuple[Any, Tree]:
        """The mean loss over the examples, and its gradient by the parameters."""
        y_hat, cache = self.layer.forward(params, x)
        loss, dy = self.loss_function(y_hat, y)
        return loss, self.layer.backward(params, cache, dy)[1]

    def accuracy(self, params: Tree, x: Any, y: Any) -> float:
        """The share of examples whose highest score is that of the right class."""
        return float((self.predict(params, x).argmax(axis=-1) == y).mean())


class MLP(Model):
    """Dense layers with an activation between them: a multilayer perceptron.

    Parameters
    ----------
    widths : sequence of int
        How many numbers enter, how many each hidden layer has, and how many leave.
    activation : Layer
        After each layer but the last.
    loss : function
        Of scores and targets.
    initialisation : function
        Draws the weights of each layer.
    rng : numpy.random.Generator
        Where they come from.
    dtype : numpy dtype
        That of the parameters.

    Raises
    ------
    ValueError
        Fewer than two widths, or one that is not positive.

    Examples
    --------
    >>> model = MLP([64, 32, 10], rng=np.random.default_rng(0))
    >>> {name: layer["W"].shape for name, layer in model.params.items()}
    {'dense1': (32, 64), 'dense2': (10, 32)}
    >>> model.predict(model.params, np.zeros((5, 64))).shape
    (5, 10)
    """

    def __init__(
        self,
        widths: Sequence[int],
        *,
        activation: Layer = ReLU(),  # noqa: B008  (it holds nothing)
        loss: Loss = cross_entropy,
        initialisation: Callable[[np.random.Generator, int, int], np.ndarray] = he,
        rng: np.random.Generator,
        dtype: Any = np.float64,
    ) -> None:
        if len(widths) < 2:
            raise ValueError(f"widths must be two or more, those of the input and of the output, got {list(widths)}")
        for width in widths:
            Interval(1, whole=True).check("widths", width)
        layers: dict[str, Layer] = {}
        for k, (n_in, n_out) in enumerate(pairwise(widths), start=1):
            layers[f"dense{k}"] = Dense(n_in, n_out, initialisation)
            layers[f"activation{k}"] = activation
        del layers[f"activation{k}"]
        super().__init__(Chain(layers), loss, rng=rng, dtype=dtype)


def _keep_freed_memory() -> None:
    """Let the next step have the memory of the last one, which halves the time of a transformer's step.

    The C library of Linux hands what a step frees back to the system, and every page has to be asked for again. Once
    it has seen a block of up to 32 MB come and go, it keeps blocks up to that size. Elsewhere this does nothing.
    """
    np.empty(31 * 2**20, np.uint8)
