"""A step size for each coordinate, from the squares of its past gradients."""

from dataclasses import dataclass

import numpy as np

from downslope.averages import average
from downslope.optimizers.base import Elementwise
from downslope.validation import Beta, NonNegative, Rate

__all__ = ["AdaDelta", "AdaGrad", "RMSProp"]


@dataclass(frozen=True, repr=False)
class AdaGrad(Elementwise):
    r"""Divide by the root of the sum of all squared gradients so far.

    Parameters
    ----------
    lr : float, array or schedule
        Step size, in the parameter's unit: the first step of each coordinate.
    eps : float
        Added outside the root, in units of the gradient.

    Notes
    -----
    One slot, from zero. `duchi2011adaptive`. Optax and Keras put `eps` inside the root and start the sum at 0.1.

    Examples
    --------
    >>> import numpy as np
    >>> w, opt = np.array([1.0, -100.0]), AdaGrad(lr=0.1)
    >>> opt.update(w, opt.init(w), w)[0].round(6)
    array([-0.1,  0.1])
    """

    lr: Rate = 1e-2
    eps: NonNegative = 1e-10

    slots = ("s",)
    nonnegative = ("s",)

    def rule(self, t, w, g, s):
        s = s + g**2
        return -self.lr * g / (np.sqrt(s) + self.eps), s


@dataclass(frozen=True, repr=False)
class RMSProp(Elementwise):
    r"""Divide by a running root mean square of the gradient.

    Parameters
    ----------
    lr : float, array or schedule
        Step size, in the parameter's unit.
    beta2 : float in [0, 1)
        Memory of the mean square.
    eps : float
        Added outside the root, in units of the gradient.
    momentum : float in [0, 1)
        Heavy-ball momentum on the scaled gradient; at 0 its slot is not stored.
    centered : bool
        Subtract the square of the running mean, so that the root is a standard deviation.

    Notes
    -----
    One slot, one more for each of the last two settings, from zero and without correction: the first step is
    ``lr / sqrt(1 - beta2)``. `tieleman2012rmsprop`; centred with momentum, `graves2013generating`, which puts `eps`
    inside the root, as Optax and Keras do.

    Examples
    --------
    >>> import numpy as np
    >>> w, opt = np.array([1.0]), RMSProp(lr=0.1)
    >>> opt.update(2 * w, opt.init(w), w)[0].round(6)
    array([-0.316228])
    """

    lr: Rate = 1e-3
    beta2: Beta = 0.9
    eps: NonNegative = 1e-8
    momentum: Beta = 0.0
    centered: bool = False

    slots = ("s", "a", "m")
    nonnegative = ("s",)

    @property
    def stored(self) -> tuple[str, ...]:
        """The mean square, the mean if `centered`, the velocity if there is `momentum`."""
        kept = {"s": True, "a": self.centered, "m": np.any(self.momentum != 0)}
        return tuple(s for s in self.slots if kept[s])

    def rule(self, t, w, g, s, a, m):
        s = average(s, g**2, self.beta2)
        a = average(a, g, self.beta2)
        s_bar = np.maximum(s - a**2, 0.0) if self.centered else s
        m = self.momentum * m + g / (np.sqrt(s_bar) + self.eps)
        return -self.lr * m, s, a, m


@dataclass(frozen=True, repr=False)
class AdaDelta(Elementwise):
    r"""Divide by the root mean square of past gradients, multiply by that of past steps.

    Parameters
    ----------
    lr : float, array or schedule
        A factor on the step; the paper has none.
    rho : float in [0, 1)
        Memory of both mean squares.
    eps : float
        Added inside both roots. It is the hidden step size: with ``eps=0`` nothing moves.

    Notes
    -----
    Two slots, from zero. `zeiler2012adadelta`, Algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> w, opt = np.array([1.0]), AdaDelta()
    >>> opt.update(w, opt.init(w), w)[0].round(6)
    array([-0.004472])
    """

    lr: Rate = 1.0
    rho: Beta = 0.95
    eps: NonNegative = 1e-6

    slots = ("s", "u")
    nonnegative = ("s", "u")

    def rule(self, t, w, g, s, u):
        s = average(s, g**2, self.rho)
        d = -np.sqrt(u + self.eps) / np.sqrt(s + self.eps) * g
        u = average(u, d**2, self.rho)
        return self.lr * d, s, u
