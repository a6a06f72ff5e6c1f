"""The 2-2-1 network: two inputs, two sigmoid units, one linear output; nine parameters, each with its own name.

``w1_21`` is the weight of layer 1 that leads to unit 2 from input 1: destination first, then source.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from downslope.networks.activations import sigmoid

__all__ = ["NAMES", "Params", "Run", "backward", "forward", "initial", "loss"]

Params = dict[str, Any]  # of numbers; arrays of shape () after a step
Run = dict[str, np.ndarray]

NAMES = ("w1_11", "w1_12", "b1_1", "w1_21", "w1_22", "b1_2", "w2_11", "w2_12", "b2_1")
"""The parameters: three of each hidden unit, then three of the output."""


def forward(params: Params, x: np.ndarray) -> Run:
    """The prediction and every quantity on the way to it.

    Parameters
    ----------
    params : dict
        A number for each of `NAMES`.
    x : array, shape (..., 2)
        One example, or many.

    Returns
    -------
    dict
        ``x1, x2, z1, z2, a1, a2, y_hat``, each of shape (...): what `backward` needs.

    Examples
    --------
    >>> params = dict.fromkeys(NAMES, 1.0)
    >>> run = forward(params, np.array([1.0, -2.0]))
    >>> print(run["z1"], round(run["y_hat"], 6))
    0.0 2.0
    """
    p, x1, x2 = params, x[..., 0], x[..., 1]
    z1 = p["w1_11"] * x1 + p["w1_12"] * x2 + p["b1_1"]
    z2 = p["w1_21"] * x1 + p["w1_22"] * x2 + p["b1_2"]
    a1, a2 = sigmoid(z1), sigmoid(z2)
    y_hat = p["w2_11"] * a1 + p["w2_12"] * a2 + p["b2_1"]
    run = {"x1": x1, "x2": x2, "z1": z1, "z2": z2}
    return run | {"a1": a1, "a2": a2, "y_hat": y_hat}


def loss(params: Params, x: np.ndarray, y: ArrayLike) -> Any:
    """Half the squared error, averaged over the examples.

    Examples
    --------
    >>> print(loss(dict.fromkeys(NAMES, 1.0), np.array([1.0, -2.0]), 5.0))
    4.5
    """
    return np.mean((y - forward(params, x)["y_hat"]) ** 2) / 2


def backward(params: Params, run: Run, y: ArrayLike) -> Params:
    """The gradient of `loss`, one number for each parameter.

    Parameters
    ----------
    params : dict
        The parameters that `run` was made with.
    run : dict
        What `forward` returned.
    y : array, shape (...)
        The targets.

    Notes
    -----
    A delta is the derivative of an example's loss by what enters a unit. `rumelhart1986learning`.

    Examples
    --------
    >>> params, x = dict.fromkeys(NAMES, 1.0), np.array([1.0, -2.0])
    >>> grads = backward(params, forward(params, x), 5.0)
    >>> print(grads["w2_11"], grads["w1_12"])
    -1.5 1.5
    """
    x1, x2, a1, a2 = run["x1"], run["x2"], run["a1"], run["a2"]
    delta = run["y_hat"] - y
    delta1 = delta * params["w2_11"] * a1 * (1 - a1)
    delta2 = delta * params["w2_12"] * a2 * (1 - a2)
    grads = {"w1_11": delta1 * x1, "w1_12": delta1 * x2, "b1_1": delta1}
    grads |= {"w1_21": delta2 * x1, "w1_22": delta2 * x2, "b1_2": delta2}
    grads |= {"w2_11": delta * a1, "w2_12": delta * a2, "b2_1": delta}
    return {name: np.mean(grad) for name, grad in grads.items()}


def initial(rng: np.random.Generator) -> Params:
    """Weights drawn from the standard normal distribution, biases zero.

    Examples
    --------
    >>> print(initial(np.random.default_rng(0))["b1_1"])
    0.0
    """
    return {name: np.array(0.0 if name[0] == "b" else rng.normal()) for name in NAMES}
