"""A running mean of the gradient over a running root mean square."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from downslope.averages import average, debias
from downslope.optimizers.base import Elementwise
from downslope.validation import Beta, NonNegative, Rate

__all__ = ["AMSGrad", "Adam", "AdamW"]


@dataclass(frozen=True, repr=False)
class Adam(Elementwise):
    r"""A running mean of the gradient over a running root mean square.

    Parameters
    ----------
    lr : float, array or schedule
        Step size, in the parameter's unit. A steady gradient moves a coordinate by `lr`, whatever its scale.
    beta1, beta2 : float in [0, 1)
        Memory of the mean and of the mean square: about ``1 / (1 - beta)`` steps.
    eps : float
        Added outside the root, in units of the gradient.
    bias_correction : bool
        Divide the averages, which start at zero, by the weight that they have seen.

    Notes
    -----
    Two slots, from zero. `kingma2015adam`, Algorithm 1. Keras adds its `epsilon` before the correction.

    Examples
    --------
    >>> w = np.array([1.0, -2.0])
    >>> adam = Adam(lr=0.1)
    >>> step, _ = adam.update(2 * w, adam.init(w), w)
    >>> step.round(6)                     # the first step is lr times the sign
    array([-0.1,  0.1])
    """

    lr: Rate = 1e-3
    beta1: Beta = 0.9
    beta2: Beta = 0.999
    eps: NonNegative = 1e-8
    bias_correction: bool = True

    slots: ClassVar[tuple[str, ...]] = ("m", "s")
    nonnegative: ClassVar[tuple[str, ...]] = ("s",)

    def rule(self, t, w, g, m, s):
        m = average(m, g, self.beta1)
        s = average(s, g**2, self.beta2)
        m_hat = debias(m, self.beta1, t) if self.bias_correction else m
        s_hat = debias(s, self.beta2, t) if self.bias_correction else s
        return -self.lr * m_hat / (np.sqrt(s_hat) + self.eps), m, s


@dataclass(frozen=True, repr=False)
class AdamW(Adam):
    r"""Adam, and beside it a shrinking of the weights that the averages never see.

    Parameters
    ----------
    lr, beta1, beta2, eps, bias_correction
        As in `Adam`.
    weight_decay : float
        Each step also takes ``lr * weight_decay * w`` away, both terms read at the same point.

    Notes
    -----
    Two slots, from zero. `loshchilov2019decoupled`, Algorithm 2, except that there the decay is not multiplied by
    `lr`; PyTorch, Optax and this book do multiply.

    Examples
    --------
    >>> w = np.array([1.0])
    >>> opt = AdamW(lr=0.1, weight_decay=0.5)
    >>> opt.update(0 * w, opt.init(w), w)[0]     # no gradient: only the decay
    array([-0.05])
    """

    weight_decay: NonNegative = 1e-2

    def rule(self, t, w, g, m, s):
        v, m, s = Adam.rule(self, t, w, g, m, s)
        return v - self.lr * self.weight_decay * w, m, s


@dataclass(frozen=True, repr=False)
class AMSGrad(Adam):
    r"""Adam with a mean square that never falls.

    Parameters
    ----------
    lr, beta1, beta2, eps
        As in `Adam`.
    bias_correction : bool
        On: the maximum runs over the corrected mean square. Off: over the plain one and with the plain mean, the
        paper's form.

    Notes
    -----
    Three slots, from zero. `reddi2018convergence`, Algorithm 2. Optax corrects before the maximum, as here; PyTorch
    and Keras after it, so their denominator can fall.

    Examples
    --------
    >>> w = np.array([1.0])
    >>> opt = AMSGrad(lr=0.1)
    >>> opt.update(w, opt.init(w), w)[0].round(6)
    array([-0.1])
    """

    slots = ("m", "s", "s_max")
    nonnegative = ("s", "s_max")

    def rule(self, t, w, g, m, s, s_max):
        m = average(m, g, self.beta1)
        s = average(s, g**2, self.beta2)
        m_hat = debias(m, self.beta1, t) if self.bias_correction else m
        s_hat = debias(s, self.beta2, t) if self.bias_correction else s
        s_max = np.maximum(s_max, s_hat)
        return -self.lr * m_hat / (np.sqrt(s_max) + self.eps), m, s, s_max
