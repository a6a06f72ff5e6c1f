"""What goes into each dense layer and what comes back to it, example by example: what K-FAC wants to know."""

from typing import Any

import numpy as np

from downslope.networks.dense import Dense
from downslope.networks.layer import Chain, Layer, Residual
from downslope.networks.model import Model
from downslope.trees import Tree

__all__ = ["layer_signals"]


def layer_signals(model: Model, params: Tree, x: Any, y: Any) -> dict[str, Tree]:
    """The inputs of every dense layer, and each example's gradient by its outputs.

    Parameters
    ----------
    model : Model
        Of dense layers, and layers without parameters.
    params : nested dict of arrays
    x, y : array
        Examples; a layer that is applied in several places of an example counts each of them.

    Returns
    -------
    dict
        ``inputs`` and ``output_grads``, each with the keys of `params`: at the weights arrays of shape (batch, in) and
        (batch, out), at the bias, which is a weight from a constant 1, (batch, 1) and (batch, out).

    Raises
    ------
    TypeError
        A layer with parameters is not dense.

    Examples
    --------
    >>> from downslope.networks import MLP
    >>> model = MLP([3, 2], rng=np.random.default_rng(0))
    >>> found = layer_signals(model, model.params, np.ones((5, 3)), np.zeros(5, dtype=int))
    >>> found["inputs"]["dense1"]["W"].shape, found["output_grads"]["dense1"]["W"].shape
    ((5, 3), (5, 2))
    """
    y_hat, cache = model.layer.forward(params, x)
    _, dy = model.loss_function(y_hat, y)
    # the loss is a mean: each example's own gradient is larger by their number
    _, inputs, output_grads = _walk(model.layer, params, cache, dy * (dy.size // dy.shape[-1]))
    return {"inputs": inputs, "output_grads": output_grads}


def _walk(layer: Layer, params: Tree, cache: Any, dy: Any) -> tuple[Any, Tree, Tree]:
    """The gradient by the input, and both trees; a backward pass that keeps what `Dense` sums away."""
    if isinstance(layer, Chain):
        inputs, output_grads = {}, {}
        for name in reversed(list(layer.layers)):
            found = _walk(layer.layers[name], params.get(name, {}), cache[name], dy)
            dy, inputs[name], output_grads[name] = found
        return dy, {name: inputs[name] for name in params}, {name: output_grads[name] for name in params}
    if isinstance(layer, Residual):
        dx, entering, leaving = _walk(layer.layer, params, cache, dy)
        return dy + dx, entering, leaving
    dx, grads = layer.backward(params, cache, dy)
    if grads and not isinstance(layer, Dense):
        raise TypeError(
            f"model must be made of dense layers and layers without parameters, got a {type(layer).__name__}"
        )
    if not grads:
        return dx, {}, {}
    entering, leaving = cache.reshape(-1, cache.shape[-1]), dy.reshape(-1, dy.shape[-1])
    ones = np.ones((len(entering), 1), entering.dtype)
    return dx, {"W": entering, "b": ones}, {"W": leaving, "b": leaving}
