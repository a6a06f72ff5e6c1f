"""Layers for pictures: a small window that looks everywhere, and what makes a picture smaller or flat."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from downslope.networks.initialisation import he
from downslope.networks.layer import Layer
from downslope.networks.shapes import check_axes, check_shape
from downslope.trees import Tree
from downslope.validation import Count, check_fields

__all__ = ["Conv2D", "MaxPool2D", "Reshape"]


@dataclass(frozen=True)
class Conv2D(Layer):
    """Each output pixel is a weighted sum of a window around it, with the same weights everywhere.

    Parameters
    ----------
    n_in, n_out : int
        Channels that enter, and that leave.
    size : int
        The window's height and width.
    padding : {"valid", "same"}
        Windows that fit the picture, or zeros around it so that it keeps its size; then `size` is odd.

    Raises
    ------
    ValueError
        Another padding, an even size with "same", or a picture that is smaller than the window.

    Notes
    -----
    Pictures have the shape (batch, height, width, channels), ``W`` (n_out, size, size, n_in), ``b`` (n_out,). The
    windows, laid out as rows, make it a `Dense` layer; on the way back each pixel collects the gradients of all
    windows that saw it. What deep learning calls convolution is correlation: the window is not turned over.
    `lecun1998gradient`.

    Examples
    --------
    >>> layer = Conv2D(1, 1, size=2)
    >>> params = {"W": np.array([1.0, 0.0, 0.0, -1.0]).reshape(1, 2, 2, 1), "b": np.zeros(1)}
    >>> picture = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 7.0]]).reshape(1, 2, 3, 1)
    >>> layer.forward(params, picture)[0].ravel()
    array([-4., -5.])
    """

    n_in: Count
    n_out: Count
    size: Count = 3
    padding: Literal["valid", "same"] = "valid"

    def __post_init__(self) -> None:
        check_fields(self)
        if self.padding == "same" and self.size % 2 == 0:
            raise ValueError(f"size must be odd where padding is 'same', got {self.size}")

    def init(self, rng: np.random.Generator) -> Tree:
        flat = he(rng, self.n_out, self.size**2 * self.n_in)
        return {"W": flat.reshape(self.n_out, self.size, self.size, self.n_in), "b": np.zeros(self.n_out)}

    def forward(self, params: Tree, x: Any) -> tuple[Any, Any]:
        self._check_input(x)
        around = _framed(x, self._frame)
        windows = np.concatenate([around[place] for place in self._places(around.shape)], axis=-1)
        return windows @ params["W"].reshape(self.n_out, -1).T + params["b"], (windows, around.shape)

    def backward(self, params: Tree, cache: Any, dy: Any) -> tuple[Any, Tree]:
        windows, shape = cache
        check_shape("dy", dy, (*windows.shape[:-1], self.n_out))
        delta = dy.reshape(-1, self.n_out)
        W = delta.T @ windows.reshape(len(delta), -1)
        by_place = np.split(dy @ params["W"].reshape(self.n_out, -1), self.size**2, axis=-1)
        around = np.zeros(shape, dy.dtype)
        for place, part in zip(self._places(shape), by_place, strict=True):
            around[place] += part
        inside = slice(self._frame, -self._frame or None)
        return around[:, inside, inside], {"W": W.reshape(params["W"].shape), "b": delta.sum(axis=0)}

    def _check_input(self, x: Any) -> None:
        check_axes("x", x, "batch", "height", "width", self.n_in)
        fewest, (height, width) = self.size - 2 * self._frame, x.shape[1:3]
        if min(height, width) < fewest:
            raise ValueError(f"x must have a height and a width of at least {fewest}, got {height} and {width}")

    @property
    def _frame(self) -> int:
        return self.size // 2 if self.padding == "same" else 0

    def _places(self, shape: tuple[int, ...]) -> list[tuple[slice, ...]]:
        """For each weight of the window, row by row, the pixels that it meets."""
        height, width = (n - self.size + 1 for n in shape[1:3])
        starts = np.ndindex(self.size, self.size)
        return [(slice(None), slice(i, i + height), slice(j, j + width)) for i, j in starts]


def _framed(x: Any, frame: int) -> Any:
    """The pictures with so many zeros on every side."""
    for axis in (1, 2) if frame else ():
        zeros = np.zeros([frame if k == axis else n for k, n in enumerate(x.shape)], x.dtype)
        x = np.concatenate([zeros, x, zeros], axis=axis)
    return x


@dataclass(frozen=True)
class MaxPool2D(Layer):
    """Of each block of `size` by `size` pixels, the largest.

    Parameters
    ----------
    size : int
        The block's height and width.

    Raises
    ------
    ValueError
        The size is not positive, or the picture is not made of whole blocks.

    Notes
    -----
    Pictures have the shape (batch, height, width, channels). The gradient goes to the largest pixel; equal ones
    share it.

    Examples
    --------
    >>> y, cache = MaxPool2D(2).forward({}, np.array([[1.0, 2.0], [4.0, 3.0]]).reshape(1, 2, 2, 1))
    >>> dx, _ = MaxPool2D(2).backward({}, cache, np.full((1, 1, 1, 1), 5.0))
    >>> y.item(), dx.ravel()
    (4.0, array([0., 0., 5., 0.]))
    """

    size: Count = 2

    def __post_init__(self) -> None:
        check_fields(self)

    def forward(self, params: Tree, x: Any) -> tuple[Any, Any]:
        check_axes("x", x, "batch", "height", "width", "channels")
        batch, height, width, channels = x.shape
        if height % self.size or width % self.size:
            raise ValueError(f"x must have a height and a width that {self.size} divides, got {height} and {width}")
        blocks = x.reshape(batch, height // self.size, self.size, width // self.size, self.size, channels)
        y = blocks.max(axis=(2, 4))
        return y, (blocks, y)

    def backward(self, params: Tree, cache: Any, dy: Any) -> tuple[Any, Tree]:
        blocks, y = cache
        largest = blocks == y[:, :, None, :, None]
        share = dy / largest.sum(axis=(2, 4), dtype=dy.dtype)
        batch, height, _, width, _, channels = blocks.shape
        dx = (largest * share[:, :, None, :, None]).reshape(batch, height * self.size, width * self.size, channels)
        return dx, {}


@dataclass(frozen=True)
class Reshape(Layer):
    """Every example in another shape: numbers as a picture, or a picture as numbers.

    Parameters
    ----------
    shape : tuple of int
        That of one example; one entry may be -1.

    Examples
    --------
    >>> Reshape((8, 8, 1)).forward({}, np.zeros((5, 64)))[0].shape
    (5, 8, 8, 1)
    >>> Reshape((-1,)).forward({}, np.zeros((5, 3, 3, 4)))[0].shape
    (5, 36)
    """

    shape: tuple[int, ...]

    def forward(self, params: Tree, x: Any) -> tuple[Any, Any]:
        return x.reshape(len(x), *self.shape), x.shape

    def backward(self, params: Tree, cache: Any, dy: Any) -> tuple[Any, Tree]:
        return dy.reshape(cache), {}
