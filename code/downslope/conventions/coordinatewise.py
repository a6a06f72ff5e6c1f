"""Rules that go by the name of one of ours elsewhere: those that work coordinate by coordinate."""

# mypy: disable-error-code="arg-type"
# a rule that calls the one it changes is handed arrays and numbers

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from downslope.averages import average, debias
from downslope.optimizers import (
    AdaBelief,
    AdaGrad,
    Adam,
    AdaMax,
    AdamW,
    Adan,
    AMSGrad,
    Momentum,
    NAdam,
    RAdam,
    RMSProp,
    Sophia,
)
from downslope.validation import NonNegative

__all__ = [
    "AMSGradCorrectedLast",
    "AMSGradHalfCorrected",
    "AdaBeliefPlain",
    "AdaGradInside",
    "AdaMaxInside",
    "AdamEpsHat",
    "AdamWAfter",
    "AdamWUnscaled",
    "AdanExplicit",
    "AdanSlip",
    "MomentumDecoupled",
    "MomentumFirstWhole",
    "NAdamScheduled",
    "RAdamEpsHat",
    "RMSPropInside",
    "RMSPropVelocity",
    "SophiaWide",
]


@dataclass(frozen=True, repr=False)
class AdamEpsHat(Adam):
    """Adam with `eps` beside the root of the uncorrected mean square."""

    def rule(self, t, w, g, m, s):
        m = average(m, g, self.beta1)
        s = average(s, g**2, self.beta2)
        lr_hat = self.lr * np.sqrt(1 - self.beta2**t) / (1 - self.beta1**t)
        return -lr_hat * m / (np.sqrt(s) + self.eps), m, s


@dataclass(frozen=True, repr=False)
class AdaGradInside(AdaGrad):
    """AdaGrad with `eps` inside the root, and a sum that starts at `initial`."""

    initial: NonNegative = 0.1

    def initial_slot(self, slot: str, w: np.ndarray) -> np.ndarray:
        """The sum before the first gradient."""
        return np.full_like(w, self.initial)

    def rule(self, t, w, g, s):
        s = s + g**2
        return -self.lr * g / np.sqrt(s + self.eps), s


@dataclass(frozen=True, repr=False)
class RMSPropInside(RMSProp):
    """RMSProp with `eps` inside the root, and `lr` inside the velocity."""

    def rule(self, t, w, g, s, a, m):
        s = average(s, g**2, self.beta2)
        a = average(a, g, self.beta2)
        s_bar = np.maximum(s - a**2, 0.0) if self.centered else s
        m = self.momentum * m + self.lr * g / np.sqrt(s_bar + self.eps)
        return -m, s, a, m


@dataclass(frozen=True, repr=False)
class RMSPropVelocity(RMSProp):
    """RMSProp with `lr` inside the velocity, `eps` outside the root."""

    def rule(self, t, w, g, s, a, m):
        s = average(s, g**2, self.beta2)
        a = average(a, g, self.beta2)
        s_bar = np.maximum(s - a**2, 0.0) if self.centered else s
        m = self.momentum * m + self.lr * g / (np.sqrt(s_bar) + self.eps)
        return -m, s, a, m


@dataclass(frozen=True, repr=False)
class AdaMaxInside(AdaMax):
    """AdaMax with `eps` beside the gradient, inside the maximum."""

    def rule(self, t, w, g, m, u):
        m = average(m, g, self.beta1)
        u = np.maximum(self.beta2 * u, np.abs(g) + self.eps)
        m_hat = debias(m, self.beta1, t)
        return -self.lr * m_hat / u, m, u


@dataclass(frozen=True, repr=False)
class AdaBeliefPlain(AdaBelief):
    """AdaBelief that adds `eps` beside the root alone, not to the mean square as well."""

    def rule(self, t, w, g, m, s):
        m = average(m, g, self.beta1)
        s = average(s, (g - m) ** 2, self.beta2)
        m_hat = debias(m, self.beta1, t)
        s_hat = debias(s, self.beta2, t)
        return -self.lr * m_hat / (np.sqrt(s_hat) + self.eps), m, s


@dataclass(frozen=True, repr=False)
class RAdamEpsHat(RAdam):
    """RAdam with `eps` beside the root of the uncorrected mean square."""

    def rule(self, t, w, g, m, s):
        eps = self.eps / np.sqrt(1 - self.beta2**t)
        return RAdam.rule(replace(self, eps=eps), t, w, g, m, s)


@dataclass(frozen=True, repr=False)
class MomentumFirstWhole(Momentum):
    """Momentum whose dampening spares the first gradient."""

    def rule(self, t, w, g, m):
        m = np.where(t == 1, g, self.momentum * m + (1 - self.dampening) * g)
        return -self.lr * m, m


@dataclass(frozen=True, repr=False)
class MomentumDecoupled(Momentum):
    """Momentum, and beside it a decay that the velocity never sees."""

    weight_decay: NonNegative = 0.0

    def rule(self, t, w, g, m):
        v, m = Momentum.rule(self, t, w, g, m)
        return v - self.lr * self.weight_decay * w, m


@dataclass(frozen=True, repr=False)
class AdamWUnscaled(AdamW):
    """AdamW whose decay is not multiplied by `lr`."""

    def rule(self, t, w, g, m, s):
        v, m, s = Adam.rule(self, t, w, g, m, s)
        return v - self.weight_decay * w, m, s


@dataclass(frozen=True, repr=False)
class AdamWAfter(AdamW):
    """AdamW that shrinks the weights after the step, which is shrunk with them."""

    def rule(self, t, w, g, m, s):
        v, m, s = Adam.rule(self, t, w, g, m, s)
        return v - self.lr * self.weight_decay * (w + v), m, s


@dataclass(frozen=True, repr=False)
class AdanExplicit(Adan):
    """Adan that takes the decay away instead of dividing by it."""

    def rule(self, t, w, g, m, u, s, g_prev):
        v, *slots = Adan.rule(replace(self, weight_decay=0.0), t, w, g, m, u, s, g_prev)
        return v - self.lr * self.weight_decay * w, *slots


@dataclass(frozen=True, repr=False)
class AdanSlip(Adan):
    """Adan with ``1 - beta2`` before the difference, where the averages are written with `beta2`."""

    def rule(self, t, w, g, m, u, s, g_prev):
        d = np.where(t > 1, g - g_prev, 0)
        m = average(m, g, self.beta1)
        u = average(u, d, self.beta2)
        s = average(s, (g + (1 - self.beta2) * d) ** 2, self.beta3)
        m_hat = debias(m, self.beta1, t)
        u_hat = debias(u, self.beta2, t)
        s_hat = debias(s, self.beta3, t)
        return -self.lr * (m_hat + (1 - self.beta2) * u_hat) / (np.sqrt(s_hat) + self.eps), m, u, s, g


@dataclass(frozen=True, repr=False)
class SophiaWide(Sophia):
    """Sophia that clips at `rho` and divides by the curvature itself."""

    def rule(self, t, w, g, m, h, hessian_diag):
        m = average(m, g, self.beta1)
        if hessian_diag is not None:
            h = average(h, hessian_diag, self.beta2)
        u = np.clip(m / np.maximum(h, self.eps), -self.rho, self.rho)
        return -self.lr * (u + self.weight_decay * w), m, h


@dataclass(frozen=True, repr=False)
class AMSGradCorrectedLast(AMSGrad):
    """AMSGrad that corrects the maximum of the uncorrected mean squares."""

    def rule(self, t, w, g, m, s, s_max):
        m = average(m, g, self.beta1)
        s = average(s, g**2, self.beta2)
        s_max = np.maximum(s_max, s)
        m_hat = debias(m, self.beta1, t)
        s_hat = debias(s_max, self.beta2, t)
        return -self.lr * m_hat / (np.sqrt(s_hat) + self.eps), m, s, s_max


@dataclass(frozen=True, repr=False)
class AMSGradHalfCorrected(AMSGrad):
    """AMSGrad that corrects the mean, and never the mean square."""

    def rule(self, t, w, g, m, s, s_max):
        m = average(m, g, self.beta1)
        s = average(s, g**2, self.beta2)
        s_max = np.maximum(s_max, s)
        m_hat = debias(m, self.beta1, t)
        return -self.lr * m_hat / (np.sqrt(s_max) + self.eps), m, s, s_max


@dataclass(frozen=True, repr=False)
class NAdamScheduled(NAdam):
    """NAdam whose momentum rises from half of `beta1` to `beta1`; ``product`` is that of all so far."""

    decay: NonNegative = 0.004

    slots: ClassVar[tuple[str, ...]] = ("m", "s", "product")

    def initial_slot(self, slot: str, w: np.ndarray) -> np.ndarray:
        """An empty product is one."""
        return np.ones_like(w) if slot == "product" else np.zeros_like(w)

    def momentum_at(self, t):
        """The share of the old mean in step t."""
        return self.beta1 * (1 - 0.5 * 0.96 ** (t * self.decay))

    def rule(self, t, w, g, m, s, product):
        m = average(m, g, self.beta1)
        s = average(s, g**2, self.beta2)
        now, soon = self.momentum_at(t), self.momentum_at(t + 1)
        product = product * now
        m_bar = soon * m / (1 - product * soon) + (1 - now) * g / (1 - product)
        s_hat = debias(s, self.beta2, t)
        return -self.lr * m_bar / (np.sqrt(s_hat) + self.eps), m, s, product
