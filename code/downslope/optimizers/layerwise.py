"""One factor for a whole layer, or one for each of its rows and columns."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from downslope.averages import average, debias
from downslope.optimizers.base import Tensorwise
from downslope.optimizers.norms import norm, quotient, rms
from downslope.validation import Beta, NonNegative, Positive, Rate

__all__ = ["LAMB", "LARS", "AdaFactor"]


def layer_rate(w: np.ndarray, g: np.ndarray, trust: Any, weight_decay: Any) -> Any:
    """A share of the weights' norm over the norms of gradient and decay; 1 where weights or gradient are zero.

    Examples
    --------
    >>> w, g = np.array([3.0, 4.0]), np.array([0.0, 10.0])
    >>> float(layer_rate(w, g, 0.1, 0.0)), layer_rate(w, 0 * g, 0.1, 0.0)
    (0.05, 1.0)
    """
    size, slope = norm(w), norm(g)
    return trust * size / (slope + weight_decay * size) if size > 0 and slope > 0 else 1.0


@dataclass(frozen=True, repr=False)
class LARS(Tensorwise):
    r"""Momentum in which every layer steps by the same share of its own norm.

    Parameters
    ----------
    lr : float, array or schedule
        A factor on `trust`; it enters on the way into the buffer.
    momentum : float in [0, 1)
        How much of the last velocity is kept.
    weight_decay : float
        Added to the gradient as ``weight_decay * w``, and to its norm as that of the weights.
    trust : float
        The share of its norm by which a layer steps, at most.

    Notes
    -----
    One slot, from zero. `you2017large`, Algorithm 1. A layer whose weights or gradient are all zero takes the plain
    step, ``lr * (g + weight_decay * w)``. Optax takes the norm of the sum of gradient and decay, not the sum of their
    norms.

    Examples
    --------
    >>> w = np.array([3.0, 4.0])
    >>> opt = LARS(lr=1.0, trust=0.1)
    >>> opt.update(100 * w, opt.init(w), w)[0]     # a tenth of the norm, however large the gradient
    array([-0.3, -0.4])
    """

    lr: Rate = 1.0
    momentum: Beta = 0.9
    weight_decay: NonNegative = 0.0
    trust: NonNegative = 1e-3

    slots = ("m",)

    def rule(self, t, w, g, m):
        lr_hat = self.lr * layer_rate(w, g, self.trust, self.weight_decay)
        m = self.momentum * m + lr_hat * (g + self.weight_decay * w)
        return -m, m


@dataclass(frozen=True, repr=False)
class LAMB(Tensorwise):
    r"""AdamW in which every layer's step has `lr` times the length of its weights.

    Parameters
    ----------
    lr : float, array or schedule
        The share of its norm by which a layer steps.
    beta1, beta2, eps
        As in `Adam`.
    weight_decay : float
        Adds ``weight_decay * w`` to the direction, before its length is set.

    Notes
    -----
    Two slots, from zero. `you2020large`, Algorithm 2, with the identity for its scaling function. A layer whose
    weights are all zero takes Adam's step.

    Examples
    --------
    >>> w = np.array([3.0, 4.0])
    >>> opt = LAMB(lr=0.1, weight_decay=0.0)
    >>> opt.update(w, opt.init(w), w)[0].round(6)
    array([-0.353553, -0.353553])
    """

    lr: Rate = 1e-3
    beta1: Beta = 0.9
    beta2: Beta = 0.999
    eps: NonNegative = 1e-6
    weight_decay: NonNegative = 1e-2

    slots = ("m", "s")
    nonnegative = ("s",)

    def rule(self, t, w, g, m, s):
        m = average(m, g, self.beta1)
        s = average(s, g**2, self.beta2)
        m_hat = debias(m, self.beta1, t)
        s_hat = debias(s, self.beta2, t)
        u = m_hat / (np.sqrt(s_hat) + self.eps) + self.weight_decay * w
        return -self.lr * quotient(norm(w), norm(u)) * u, m, s


@dataclass(frozen=True, repr=False)
class AdaFactor(Tensorwise):
    r"""A mean square that is kept only as its row and column means, and steps in shares of the layer's own size.

    Parameters
    ----------
    lr : float, array or schedule
        The largest step, as a share of the parameters' root mean square; after step ``1 / lr**2`` it is
        ``1 / sqrt(t)``.
    decay : float
        The memory of the mean square in step t is ``1 - t**-decay``: it grows, and needs no correction.
    eps1 : float
        Added to every squared gradient.
    eps2 : float
        The least root mean square that a parameter is taken to have, so that zeros can move.
    clip : float
        The largest root mean square of a step before it is scaled.

    Notes
    -----
    `shazeer2018adafactor`, Algorithms 4 and 5, without momentum. An m by n matrix keeps m + n numbers, its last two
    axes' means; a vector keeps its mean square whole. All from zero.

    Examples
    --------
    >>> w = np.array([[3.0, 4.0], [3.0, 4.0]])
    >>> opt = AdaFactor(lr=0.1)
    >>> opt.update(w, opt.init(w), w)[0].round(6)     # a tenth of the root mean square
    array([[-0.353553, -0.353553],
           [-0.353553, -0.353553]])
    """

    lr: Rate = 1e-2
    decay: NonNegative = 0.8
    eps1: NonNegative = 1e-30
    eps2: NonNegative = 1e-3
    clip: Positive = 1.0

    slots = ("r", "c")
    nonnegative = ("r", "c")

    def initial_slot(self, slot: str, w: np.ndarray) -> np.ndarray:
        if w.ndim < 2:
            return np.zeros_like(w) if slot == "r" else np.zeros(0, w.dtype)
        return np.zeros_like(w[..., :1] if slot == "r" else w[..., :1, :])

    def rule(self, t, w, g, r, c):
        beta = 1 - t**-self.decay
        q = g**2 + self.eps1
        if w.ndim < 2:
            r = average(r, q, beta)
            u = g / np.sqrt(r)
        else:
            r = average(r, np.mean(q, axis=-1, keepdims=True), beta)
            c = average(c, np.mean(q, axis=-2, keepdims=True), beta)
            r_bar = r / np.mean(r, axis=-2, keepdims=True)
            u = g / (np.sqrt(r_bar) * np.sqrt(c))  # r c would underflow
        u_bar = u / np.maximum(1, rms(u) / self.clip)
        return -np.maximum(self.eps2, rms(w)) * np.minimum(self.lr, t**-0.5) * u_bar, r, c
