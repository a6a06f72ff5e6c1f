"""How the gradient changes, from step to step or with the weights."""

# mypy: disable-error-code="arg-type"
# MARS hands itself to AdamW's rule, which asks no more of it than the fields that it has

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from downslope.averages import average, debias
from downslope.optimizers.adam import AdamW
from downslope.optimizers.base import Elementwise, Tensorwise
from downslope.optimizers.norms import clipped, corrected
from downslope.validation import Beta, NonNegative, Positive, Rate

__all__ = ["MARS", "Adan", "Sophia"]


@dataclass(frozen=True, repr=False)
class Adan(Elementwise):
    r"""Adam on the gradient and on its change since the last step, Nesterov's look ahead without leaving the point.

    Parameters
    ----------
    lr : float, array or schedule
        Step size, in the parameter's unit.
    beta1, beta2, beta3 : float in [0, 1)
        Memory of the mean gradient, of the mean change, and of the mean square.
    eps : float
        Added outside the root, in units of the gradient.
    weight_decay : float
        The new point is divided by ``1 + lr * weight_decay``.

    Notes
    -----
    Four slots, from zero; the first change counts as zero. `xie2024adan`, Algorithm 1, in the convention of the
    authors' code, whose betas are the paper's ``1 - beta``, and with its bias correction. Optax 0.2.8 has
    ``1 - beta2`` in two places where `beta2` belongs.

    Examples
    --------
    >>> w = np.array([1.0, -2.0])
    >>> opt = Adan(lr=0.1)
    >>> opt.update(w, opt.init(w), w)[0].round(6)
    array([-0.1,  0.1])
    """

    lr: Rate = 1e-3
    beta1: Beta = 0.98
    beta2: Beta = 0.92
    beta3: Beta = 0.99
    eps: NonNegative = 1e-8
    weight_decay: NonNegative = 0.0

    slots = ("m", "u", "s", "g_prev")
    nonnegative = ("s",)

    def rule(self, t, w, g, m, u, s, g_prev):
        d = np.where(t > 1, g - g_prev, 0)
        m = average(m, g, self.beta1)
        u = average(u, d, self.beta2)
        s = average(s, (g + self.beta2 * d) ** 2, self.beta3)
        m_hat = debias(m, self.beta1, t)
        u_hat = debias(u, self.beta2, t)
        s_hat = debias(s, self.beta3, t)
        u_bar = (m_hat + self.beta2 * u_hat) / (np.sqrt(s_hat) + self.eps)
        return -self.lr * (u_bar + self.weight_decay * w) / (1 + self.lr * self.weight_decay), m, u, s, g


@dataclass(frozen=True, repr=False)
class Sophia(Elementwise):
    r"""A running mean of the gradient over a running curvature, clipped to `lr`.

    Parameters
    ----------
    lr : float, array or schedule
        The longest step of a coordinate, in the parameter's unit.
    beta1, beta2 : float in [0, 1)
        Memory of the mean gradient, and of the curvature from refresh to refresh.
    rho : float
        Where the clip begins: a coordinate steps ``lr / rho * m / h`` until that is longer than `lr`.
    eps : float
        The least curvature, times `rho`. Where the curvature is negative or flat, the step is `lr` by the sign.
    weight_decay : float
        Each step also takes ``lr * weight_decay * w`` away.

    Notes
    -----
    Two slots, from zero. ``update`` wants ``hessian_diag``: a new estimate of the Hessian's diagonal, with the
    shape of the parameters, or None in the steps between refreshes, about nine in ten. `liu2024sophia`, Algorithm 3,
    in the form of the authors' code; the paper's `lr` is ours over `rho`. The estimate is the caller's: Hutchinson's
    ``u * (H u)``, or Gauss-Newton-Bartlett's square of a gradient whose labels the model drew itself.

    Examples
    --------
    >>> w = np.array([1.0, -2.0])
    >>> opt = Sophia(lr=0.1, beta1=0.0, beta2=0.0, rho=0.5)
    >>> step, state = opt.update(w, opt.init(w), w, hessian_diag=np.array([10.0, 1.0]))
    >>> step
    array([-0.02,  0.1 ])
    >>> opt.update(w, state, w, hessian_diag=None)[0]     # no refresh: the same curvature
    array([-0.02,  0.1 ])
    """

    lr: Rate = 1e-3
    beta1: Beta = 0.965
    beta2: Beta = 0.99
    rho: Positive = 0.04
    eps: NonNegative = 1e-12
    weight_decay: NonNegative = 0.0

    slots = ("m", "h")
    needs = ("hessian_diag",)

    def rule(self, t, w, g, m, h, hessian_diag):
        m = average(m, g, self.beta1)
        if hessian_diag is not None:
            h = average(h, hessian_diag, self.beta2)
        u = np.clip(m / np.maximum(self.rho * h, self.eps), -1, 1)
        return -self.lr * (u + self.weight_decay * w), m, h


@dataclass(frozen=True, repr=False)
class MARS(Tensorwise):
    r"""AdamW on a gradient from which the noise that it shares with the last point's is partly taken out.

    Parameters
    ----------
    lr, beta1, beta2, eps, weight_decay
        As in `AdamW`.
    gamma : float
        How much of the correction is used: 0 is AdamW on a clipped gradient, 1 is the full correction.

    Notes
    -----
    Two slots, from zero. ``update`` wants ``previous_grads``, the gradient at the point before this one: on this
    step's sample (two gradients a step, the method as derived), or the one that was used there (one gradient, its
    approximation); zeros in the first step. The corrected gradient of each array is clipped to norm 1.
    `yuan2025mars`, MARS-AdamW.

    Examples
    --------
    >>> w = np.array([1.0, -2.0])
    >>> opt = MARS(lr=0.1)
    >>> opt.update(w, opt.init(w), w, previous_grads=0 * w)[0].round(6)
    array([-0.1,  0.1])
    """

    lr: Rate = 3e-3
    beta1: Beta = 0.95
    beta2: Beta = 0.99
    gamma: NonNegative = 0.025
    eps: NonNegative = 1e-8
    weight_decay: NonNegative = 0.0

    slots = ("m", "s")
    nonnegative = ("s",)
    needs = ("previous_grads",)
    bias_correction: ClassVar[bool] = True

    def rule(self, t, w, g, m, s, previous_grads):
        d = corrected(g, previous_grads, self.gamma, self.beta1)
        c = clipped(d, 1.0)
        return AdamW.rule(self, t, w, c, m, s)
