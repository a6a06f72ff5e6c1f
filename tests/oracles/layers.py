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

GPT_SIZE = {"n_tokens": 5, "context": 4, "width": 4, "heads": 2, "depth": 2}
TEXT = np.array([[0, 1, 2, 3, 4], [3, 3, 0, 1, 1]])


def gpt_params() -> dict[str, np.ndarray]:
    """The weights of the small `GPT` by their names, large enough that every part matters."""
    n, wide = GPT_SIZE["width"], GPT_SIZE["n_tokens"]
    norm = {"scale": (n,), "shift": (n,)}
    block = {f"attend.norm.{k}": v for k, v in norm.items()} | {f"think.norm.{k}": v for k, v in norm.items()}
    for path, n_in, n_out in (
        ("attend.qkv", n, 3 * n),
        ("attend.out", n, n),
        ("think.hidden", n, 4 * n),
        ("think.out", 4 * n, n),
    ):
        block |= {f"{path}.W": (n_out, n_in), f"{path}.b": (n_out,)}
    shapes = {"token.W": (wide, n), "position.W": (GPT_SIZE["context"], n), "head.W": (wide, n), "head.b": (wide,)}
    shapes |= {f"norm.{k}": v for k, v in norm.items()}
    shapes |= {f"block{k}.{path}": shape for k in range(1, GPT_SIZE["depth"] + 1) for path, shape in block.items()}
    return {path: draw("GPT", path, shape) for path, shape in shapes.items()}


def draw(name: str, what: str, shape: tuple[int, ...]) -> np.ndarray:
    """Normal numbers, the same ones every time for a case and an array of it."""
    return np.random.default_rng(crc32(f"{name}, {what}".encode())).normal(size=shape)


def numbers(name: str) -> dict[str, np.ndarray]:
    """The input, as ``x``, and the parameters of a case."""
    return {what: draw(name, what, shape) for what, shape in NUMBERS[name].items()}
