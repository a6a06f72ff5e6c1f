"""What a layer is, and how layers are put together."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from downslope.networks.shapes import check_shape
from downslope.trees import Tree

__all__ = ["Chain", "Layer", "Residual"]


class Layer(ABC):
    """A function of parameters and input, with the backward pass that belongs to it. It holds no numbers itself.

    Examples
    --------
    >>> from downslope.networks import Dense, Tanh
    >>> layer = Chain({"dense": Dense(2, 3), "tanh": Tanh()})
    >>> params = layer.init(np.random.default_rng(0))
    >>> y, cache = layer.forward(params, np.ones((5, 2)))
    >>> dx, grads = layer.backward(params, cache, np.ones_like(y))
    >>> y.shape, dx.shape, grads["dense"]["W"].shape
    ((5, 3), (5, 2), (3, 2))
    """

    def init(self, rng: np.random.Generator) -> Tree:
        """The parameters to start from.

        Parameters
        ----------
        rng : numpy.random.Generator
            Where they are drawn from.

        Returns
        -------
        nested dict of arrays
            In float64; empty if there are none.
        """
        return {}

    @abstractmethod
    def forward(self, params: Tree, x: Any) -> tuple[Any, Any]:
        """The output, and what `backward` will want to know.

        Parameters
        ----------
        params : nested dict of arrays
            As `init` makes them.
        x : array
            The batch is the first axis.

        Returns
        -------
        y : array
            The output.
        cache
            What `backward` asks for.
        """

    @abstractmethod
    def backward(self, params: Tree, cache: Any, dy: Any) -> tuple[Any, Tree]:
        """The gradients of a loss by the input and by the parameters, from its gradient by the output.

        Parameters
        ----------
        params : nested dict of arrays
            Those of `forward`.
        cache
            What `forward` returned beside the output.
        dy : array
            The gradient by the output, of its shape.

        Returns
        -------
        dx : array
            The gradient by the input; None where the input has none.
        grads : nested dict of arrays
            Those by the parameters, with their keys.
        """


@dataclass(frozen=True, eq=False)
class Chain(Layer):
    """Layers one after the other; the parameters of each stand under its name.

    Parameters
    ----------
    layers : mapping of str to Layer
        In the order in which the signal passes them.

    Raises
    ------
    KeyError
        A parameter is missing; the error has its path, with dots.

    Examples
    --------
    >>> from downslope.networks import Dense, Sigmoid
    >>> network = Chain({"hidden": Dense(2, 3), "sigmoid": Sigmoid(), "output": Dense(3, 1)})
    >>> list(network.init(np.random.default_rng(0)))
    ['hidden', 'output']
    """

    layers: Mapping[str, Layer]

    def init(self, rng: np.random.Generator) -> Tree:
        params = {name: layer.init(rng) for name, layer in self.layers.items()}
        return {name: made for name, made in params.items() if made}

    def forward(self, params: Tree, x: Any) -> tuple[Any, Any]:
        caches = {}
        for name, layer in self.layers.items():
            try:
                x, caches[name] = layer.forward(params.get(name, {}), x)
            except KeyError as missing:
                raise KeyError(f"{name}.{missing.args[0]}") from None
        return x, caches

    def backward(self, params: Tree, cache: Any, dy: Any) -> tuple[Any, Tree]:
        grads = {}
        for name in reversed(list(self.layers)):
            dy, grads[name] = self.layers[name].backward(params.get(name, {}), cache[name], dy)
        return dy, {name: grads[name] for name in params}


@dataclass(frozen=True, eq=False)
class Residual(Layer):
    """What a layer makes of its input, added to the input.

    Parameters
    ----------
    layer : Layer
        Its output has the shape of its input.

    Raises
    ------
    ValueError
        It has another.

    Notes
    -----
    The derivative by the input is the identity plus the layer's own. `he2016deep`.

    Examples
    --------
    >>> from downslope.networks import Dense
    >>> layer = Residual(Dense(2, 2))
    >>> params = {"W": np.zeros((2, 2)), "b": np.zeros(2)}
    >>> layer.forward(params, np.array([[1.0, 2.0]]))[0]
    array([[1., 2.]])
    """

    layer: Layer

    def init(self, rng: np.random.Generator) -> Tree:
        return self.layer.init(rng)

    def forward(self, params: Tree, x: Any) -> tuple[Any, Any]:
        y, cache = self.layer.forward(params, x)
        check_shape("the layer's output", y, x.shape)
        return x + y, cache

    def backward(self, params: Tree, cache: Any, dy: Any) -> tuple[Any, Tree]:
        dx, grads = self.layer.backward(params, cache, dy)
        return dy + dx, grads
