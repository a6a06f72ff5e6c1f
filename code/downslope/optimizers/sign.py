"""Only the direction of each coordinate counts, not its size."""

from dataclasses import dataclass

import numpy as np

from downslope.averages import average
from downslope.optimizers.base import Elementwise
from downslope.validation import Beta, NonNegative, Rate

__all__ = ["Lion", "SignSGD"]


@dataclass(frozen=True, repr=False)
class SignSGD(Elementwise):
    r"""Step by `lr` against the sign of each coordinate's gradient, or of its average.

    Parameters
    ----------
    lr : float, array or schedule
        The length of every step of every coordinate, in the parameter's unit.
    momentum : float in [0, 1)
        Memory of the average whose sign is taken (Signum); at 0 its slot is not stored.

    Notes
    -----
    No slot, or one from zero. `bernstein2018signsgd`, Algorithms 1 and 2.

    Examples
    --------
    >>> w = np.array([1.0, -200.0, 0.0])
    >>> opt = SignSGD(lr=0.1)
    >>> opt.update(w, opt.init(w), w)[0]
    array([-0.1,  0.1, -0. ])
    """

    lr: Rate = 1e-3
    momentum: Beta = 0.0

    slots = ("m",)

    @property
    def stored(self) -> tuple[str, ...]:
        """The average, if there is momentum."""
        return self.slots if np.any(self.momentum != 0) else ()

    def rule(self, t, w, g, m):
        m = average(m, g, self.momentum)
        return -self.lr * np.sign(m), m


@dataclass(frozen=True, repr=False)
class Lion(Elementwise):
    r"""Step by `lr` against the sign of an average that remembers less than the one it keeps.

    Parameters
    ----------
    lr : float, array or schedule
        The length of every step of every coordinate, in the parameter's unit.
    beta1 : float in [0, 1)
        How much of the kept average goes into the sign; the rest is the newest gradient.
    beta2 : float in [0, 1)
        Memory of the kept average.
    weight_decay : float
        Each step also takes ``lr * weight_decay * w`` away.

    Notes
    -----
    One slot, from zero. `chen2023symbolic`, Algorithm 2.

    Examples
    --------
    >>> w = np.array([1.0, -200.0])
    >>> opt = Lion(lr=0.1)
    >>> opt.update(w, opt.init(w), w)[0]
    array([-0.1,  0.1])
    """

    lr: Rate = 1e-4
    beta1: Beta = 0.9
    beta2: Beta = 0.99
    weight_decay: NonNegative = 0.0

    slots = ("m",)

    def rule(self, t, w, g, m):
        c = average(m, g, self.beta1)
        m = average(m, g, self.beta2)
        return -self.lr * (np.sign(c) + self.weight_decay * w), m
