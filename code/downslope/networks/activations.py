"""What bends the signal between two layers, one number at a time, and softmax."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from downslope.networks.layer import Layer
from downslope.trees import Tree

__all__ = ["GELU", "Activation", "ReLU", "Sigmoid", "Softmax", "Tanh", "sigmoid", "softmax"]


class Activation(Layer):
    """One function for every number, without parameters.

    Examples
    --------
    >>> y, cache = Tanh().forward({}, np.array([0.0]))
    >>> Tanh().backward({}, cache, np.array([2.0]))
    (array([2.]), {})
    """

    @abstractmethod
    def value(self, x: Any) -> Any:
        """The function."""

    @abstractmethod
    def slope(self, x: Any, y: Any) -> Any:
        """Its derivative at `x`, where it has the value `y`."""

    def forward(self, params: Tree, x: Any) -> tuple[Any, Any]:
        y = self.value(x)
        return y, (x, y)

    def backward(self, params: Tree, cache: Any, dy: Any) -> tuple[Any, Tree]:
        return dy * self.slope(*cache), {}


def sigmoid(z: Any) -> Any:
    """The logistic function.

    Parameters
    ----------
    z : array
        Any finite numbers; of complex ones, the real part is above -709, or the result is not a number.

    Returns
    -------
    array
        From 0 to 1 where `z` is real.

    Examples
    --------
    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    with np.errstate(over="ignore"):  # exp(1000) is inf, and 1 / (1 + inf) is 0, as it should be
        return 1 / (1 + np.exp(-z))


@dataclass(frozen=True)
class Sigmoid(Activation):
    """From 0 to 1; its slope is never more than a quarter.

    Examples
    --------
    >>> Sigmoid().forward({}, np.array([0.0, 100.0]))[0]
    array([0.5, 1. ])
    """

    def value(self, x: Any) -> Any:
        return sigmoid(x)

    def slope(self, x: Any, y: Any) -> Any:
        return y * (1 - y)


@dataclass(frozen=True)
class Tanh(Activation):
    """From -1 to 1, with slope 1 at zero.

    Examples
    --------
    >>> Tanh().forward({}, np.array([0.0, 100.0]))[0]
    array([0., 1.])
    """

    def value(self, x: Any) -> Any:
        return np.tanh(x)

    def slope(self, x: Any, y: Any) -> Any:
        return 1 - y**2


@dataclass(frozen=True)
class ReLU(Activation):
    """What is positive passes, the rest becomes zero; at zero itself the slope is taken as 0.

    Examples
    --------
    >>> ReLU().forward({}, np.array([-2.0, 3.0]))[0]
    array([0., 3.])
    """

    def value(self, x: Any) -> Any:
        return np.maximum(x, 0)

    def slope(self, x: Any, y: Any) -> Any:
        return x > 0


@dataclass(frozen=True)
class GELU(Layer):
    """A number times about the probability that a standard normal one is smaller: a rectifier without the corner.

    Notes
    -----
    The form with tanh, which is what GPT-2 runs: within 5e-4 of the exact one. `hendrycks2016gaussian`.

    Examples
    --------
    >>> GELU().forward({}, np.array([-1.0, 0.0, 1.0]))[0].round(4)
    array([-0.1588,  0.    ,  0.8412])
    """

    def forward(self, params: Tree, x: Any) -> tuple[Any, Any]:
        # the gate is what costs time: it is kept for the way back
        gate = (1 + np.tanh(_SCALE * x * (1 + _CUBE * x * x))) / 2
        return x * gate, (x, gate)

    def backward(self, params: Tree, cache: Any, dy: Any) -> tuple[Any, Tree]:
        x, gate = cache
        return dy * gate * (1 + 2 * _SCALE * x * (1 + 3 * _CUBE * x * x) * (1 - gate)), {}


_SCALE = float(np.sqrt(2 / np.pi))
_CUBE = 0.044715


def softmax(z: Any) -> Any:
    """Positive numbers that sum to one, in the proportion of the exponentials; along the last axis.

    Parameters
    ----------
    z : array, shape (..., n)
        Scores, of any size.

    Returns
    -------
    array, shape (..., n)

    Notes
    -----
    `goodfellow2016deep`, section 6.2.2.3.

    Examples
    --------
    >>> softmax(np.array([0.0, np.log(3.0)]))
    array([0.25, 0.75])
    >>> softmax(np.array([1000.0, 1000.0]))
    array([0.5, 0.5])
    """
    # a shift changes no proportion, and without it exp overflows
    weights = np.exp(z - z.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


@dataclass(frozen=True)
class Softmax(Layer):
    """Probabilities from scores, along the last axis.

    Examples
    --------
    >>> p, cache = Softmax().forward({}, np.array([0.0, 0.0]))
    >>> Softmax().backward({}, cache, np.array([1.0, 0.0]))[0]
    array([ 0.25, -0.25])
    """

    def forward(self, params: Tree, x: Any) -> tuple[Any, Any]:
        p = softmax(x)
        return p, p

    def backward(self, params: Tree, cache: Any, dy: Any) -> tuple[Any, Tree]:
        p = cache
        return p * (dy - (p * dy).sum(axis=-1, keepdims=True)), {}
