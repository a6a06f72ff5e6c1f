"""The numbers that the layers and the losses are tried on, here and in PyTorch: small, so that SymPy can follow."""

from typing import Any
from zlib import crc32

import numpy as np

Shapes = dict[str, Any]

MEAN, VARIANCE = np.array([0.3, -0.2]), np.array([1.7, 0.4])  # of FixedNorm

NUMBERS: dict[str, Shapes] = {
    "Attention": {"x": (1, 3, 12)},
    "Attention, not causal": {"x": (1, 3, 12)},
    "BatchNorm": {"x": (3, 2), "scale": (2,), "shift": (2,)},
    "Chain": {"x": (2, 3), "first.W": (2, 3), "first.b": (2,), "last.W": (1, 2), "last.b": (1,)},
    "Conv2D": {"x": (1, 3, 4, 2), "W": (2, 2, 2, 2), "b": (2,)},
    "Conv2D, same": {"x": (1, 3, 4, 2), "W": (2, 3, 3, 2), "b": (2,)},
    "Dense": {"x": (2, 3), "W": (2, 3), "b": (2,)},
    "Embedding": {"W": (3, 2)},
    "FixedNorm": {"x": (3, 2), "scale": (2,), "shift": (2,)},
    "GELU": {"x": (2, 3)},
    "LayerNorm": {"x": (2, 3), "scale": (3,), "shift": (3,)},
    "MaxPool2D": {"x": (1, 2, 4, 1)},
    "Position": {"x": (2, 2, 2), "W": (3, 2)},
    "RNN": {"x": (2, 3, 2), "W": (2, 2), "U": (2, 2), "b": (2,)},
    "ReLU": {"x": (2, 3)},
    "Reshape": {"x": (2, 4)},
    "Residual": {"x": (2, 3), "W": (3, 3), "b": (3,)},
    "Sigmoid": {"x": (2, 3)},
    "Softmax": {"x": (2, 3)},
    "Tanh": {"x": (2, 3)},
}
"""For each layer, the shapes of its input and of its parameters; Embedding's input is `TOKENS`."""

TOKENS = np.array([[1, 0, 1, 1]])

LOSSES: dict[str, tuple[int, ...]] = {
    "cross_entropy": (2, 3),
    "half_squared_error": (2, 3),
    "mean_squared_error": (2, 3),
}
"""For each loss, the shape of the predictions."""

LABELS = np.array([2, 0])


def draw(name: str, what: str, shape: tuple[int, ...]) -> np.ndarray:
    """Normal numbers, the same ones every time for a case and an array of it."""
    return np.random.default_rng(crc32(f"{name}, {what}".encode())).normal(size=shape)


def numbers(name: str) -> dict[str, np.ndarray]:
    """The input, as ``x``, and the parameters of a case."""
    return {what: draw(name, what, shape) for what, shape in NUMBERS[name].items()}
