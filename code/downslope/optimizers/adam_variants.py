"""What was changed in Adam, one thing at a time."""

from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Self

import numpy as np

from downslope.averages import average, debias
from downslope.optimizers.base import Elementwise
from downslope.schedules import Schedule
from downslope.validation import Beta, Interval, NonNegative, Positive, Rate, check_interval

__all__ = ["AdaBelief", "AdaBound", "AdaMax", "NAdam", "RAdam", "Yogi"]


@dataclass(frozen=True, repr=False)
class _TwoMoments(Elementwise):
    """The settings that all of the family share."""

    lr: Rate = 1e-3
    beta1: Beta = 0.9
    beta2: Beta = 0.999
    eps: NonNegative = 1e-8

    slots: ClassVar[tuple[str, ...]] = ("m", "s")
    nonnegative: ClassVar[tuple[str, ...]] = ("s",)


@dataclass(frozen=True, repr=False)
class AdaMax(_TwoMoments):
    r"""Adam with the largest recent gradient in place of the root mean square.

    Parameters
    ----------
    lr, beta1, eps
        As in `Adam`.
    beta2 : float in [0, 1)
        What each step leaves of the largest gradient.

    Notes
    -----
    Two slots, from zero. `kingma2015adam`, Algorithm 2, which has no `eps`. Keras adds it to the maximum, as here;
    PyTorch and Optax add it to the gradient, inside the maximum.

    Examples
    --------
    >>> w = np.array([1.0, -2.0])
    >>> opt = AdaMax(lr=0.1)
    >>> opt.update(w, opt.init(w), w)[0].round(6)
    array([-0.1,  0.1])
    """

    lr: Rate = 2e-3

    slots = ("m", "u")
    nonnegative = ("u",)

    def rule(self, t, w, g, m, u):
        m = average(m, g, self.beta1)
        u = np.maximum(self.beta2 * u, np.abs(g))
        m_hat = debias(m, self.beta1, t)
        return -self.lr * m_hat / (u + self.eps), m, u


@dataclass(frozen=True, repr=False)
class NAdam(_TwoMoments):
    r"""Adam that steps along the mean as it would be after one more gradient like this one.

    Parameters
    ----------
    lr, beta1, beta2, eps
        As in `Adam`; `beta1` stays what it is, without the paper's schedule.

    Notes
    -----
    Two slots, from zero; one gradient a step, at the parameters. `dozat2016incorporating`, in the form of Optax.
    PyTorch and Keras raise `beta1` slowly from half its value. The first step is ``1 + beta1 / (1 + beta1)`` times
    `lr`.

    Examples
    --------
    >>> w = np.array([1.0, -2.0])
    >>> opt = NAdam(lr=0.1)
    >>> opt.update(w, opt.init(w), w)[0].round(6)
    array([-0.147368,  0.147368])
    """

    lr: Rate = 2e-3

    def rule(self, t, w, g, m, s):
        m = average(m, g, self.beta1)
        s = average(s, g**2, self.beta2)
        m_bar = self.beta1 * debias(m, self.beta1, t + 1) + (1 - self.beta1) * debias(g, self.beta1, t)
        s_hat = debias(s, self.beta2, t)
        return -self.lr * m_bar / (np.sqrt(s_hat) + self.eps), m, s


@dataclass(frozen=True, repr=False)
class RAdam(_TwoMoments):
    r"""Adam that trusts its mean square only as far as it has seen gradients.

    Parameters
    ----------
    lr, beta1, beta2, eps
        As in `Adam`. With ``beta2 <= 0.6`` the mean square is never trusted.
    threshold : float, at least 4
        How many gradients the mean square must be worth before it divides. The paper's 4 is reached at step 5, the 5
        of PyTorch and Optax at step 6.

    Notes
    -----
    Two slots, from zero. `liu2020variance`, Algorithm 2. Until then the step is that of momentum, and scales with
    the gradient.

    Examples
    --------
    >>> w = np.array([1.0, -2.0])
    >>> opt = RAdam(lr=0.1)
    >>> opt.update(w, opt.init(w), w)[0].round(6)     # not yet divided by its size
    array([-0.1,  0.2])
    """

    threshold: Annotated[Any, Interval(4)] = 4.0

    def step(self, t: int, w: np.ndarray, g: np.ndarray, *kept: np.ndarray, **needed: Any) -> tuple[np.ndarray, ...]:
        # at beta2 = 0.6 a quotient that goes unused has a zero below
        with np.errstate(divide="ignore", invalid="ignore"):
            return super().step(t, w, g, *kept, **needed)

    def rule(self, t, w, g, m, s):
        m = average(m, g, self.beta1)
        s = average(s, g**2, self.beta2)
        m_hat = debias(m, self.beta1, t)
        s_hat = debias(s, self.beta2, t)
        rho_inf = 2 / (1 - self.beta2) - 1
        rho = rho_inf - 2 * t * self.beta2**t / (1 - self.beta2**t)
        r_bar = np.divide((rho - 4) * (rho - 2) * rho_inf, (rho_inf - 4) * (rho_inf - 2) * rho)
        r = np.sqrt(np.maximum(r_bar, 0))
        u = np.where(rho > self.threshold, r * m_hat / (np.sqrt(s_hat) + self.eps), m_hat)
        return -self.lr * u, m, s


@dataclass(frozen=True, repr=False)
class Yogi(_TwoMoments):
    r"""Adam whose mean square moves by the size of the last gradient only, never by its own.

    Parameters
    ----------
    lr, beta1, beta2, eps
        As in `Adam`.
    initial : float
        What both averages start from.

    Notes
    -----
    Two slots, from `initial`. `zaheer2018adaptive`, Algorithm 2. The bias correction and the start are those of
    Optax; the paper has no correction, and starts from the squares of one large batch.

    Examples
    --------
    >>> w = np.array([1.0, -2.0])
    >>> opt = Yogi(lr=0.1)
    >>> opt.update(w, opt.init(w), w)[0].round(4)
    array([-0.0999,  0.0999])
    """

    lr: Rate = 1e-2
    eps: NonNegative = 1e-3
    initial: NonNegative = 1e-6

    def initial_slot(self, slot: str, w: np.ndarray) -> np.ndarray:
        return np.full_like(w, self.initial)

    def rule(self, t, w, g, m, s):
        m = average(m, g, self.beta1)
        s = s - (1 - self.beta2) * np.sign(s - g**2) * g**2
        m_hat = debias(m, self.beta1, t)
        s_hat = debias(s, self.beta2, t)
        return -self.lr * m_hat / (np.sqrt(s_hat) + self.eps), m, s


@dataclass(frozen=True, repr=False)
class AdaBelief(_TwoMoments):
    r"""Adam that divides by how far the gradient strays from its own mean.

    Parameters
    ----------
    lr, beta1, beta2
        As in `Adam`.
    eps : float
        Added outside the root, in units of the gradient, and to the mean square in each step, in their square.

    Notes
    -----
    Two slots, from zero. `zhuang2020adabelief`, Algorithm 2. A gradient that does not change is believed more and
    more, so its steps grow.

    Examples
    --------
    >>> w = np.array([1.0, -2.0])
    >>> opt = AdaBelief(lr=0.1)
    >>> opt.update(w, opt.init(w), w)[0].round(6)     # lr over beta1
    array([-0.111111,  0.111111])
    """

    eps: NonNegative = 1e-16

    def rule(self, t, w, g, m, s):
        m = average(m, g, self.beta1)
        s = average(s, (g - m) ** 2, self.beta2) + self.eps
        m_hat = debias(m, self.beta1, t)
        s_hat = debias(s, self.beta2, t)
        return -self.lr * m_hat / (np.sqrt(s_hat) + self.eps), m, s


@dataclass(frozen=True, repr=False)
class AdaBound(_TwoMoments):
    r"""Adam whose rates are clipped to a band that narrows around one rate: it ends as plain momentum.

    Parameters
    ----------
    lr, beta1, beta2, eps
        As in `Adam`; `eps` is added before the correction.
    final_lr : float
        The rate in which the band ends, in the parameter's unit squared over the loss's. A schedule scales it as it
        scales its own `lr`, another function as it scales its first value.
    gamma : float
        How fast the band narrows: after ``1 / gamma`` steps its lower edge is half of `final_lr`.

    Notes
    -----
    Two slots, from zero. `luo2019adaptive`, Algorithm 2, with the bias correction of the authors' code and without
    the paper's extra ``1 / sqrt(t)``.

    Examples
    --------
    >>> w = np.array([1.0, -2.0])
    >>> opt = AdaBound(lr=0.01)
    >>> opt.update(w, opt.init(w), w)[0].round(6)
    array([-0.01,  0.01])
    """

    final_lr: NonNegative = 0.1
    gamma: Positive = 1e-3

    def at(self, taken: int) -> Self:
        now = super().at(taken)
        if now is self:
            return self
        base = self.lr.base if isinstance(self.lr, Schedule) else self.lr(0)
        check_interval("lr, where it scales final_lr,", base, low=0, open_low=True)
        return replace(now, final_lr=self.final_lr * (now.lr / base))

    def rule(self, t, w, g, m, s):
        m = average(m, g, self.beta1)
        s = average(s, g**2, self.beta2)
        lr_hat = self.lr * np.sqrt(1 - self.beta2**t) / (1 - self.beta1**t) / (np.sqrt(s) + self.eps)
        lr_min = self.final_lr * (1 - 1 / (self.gamma * t + 1))
        lr_max = self.final_lr * (1 + 1 / (self.gamma * t))
        lr_bar = np.clip(lr_hat, lr_min, lr_max)
        return -lr_bar * m, m, s
