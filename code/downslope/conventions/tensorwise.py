"""Rules that go by the name of one of ours elsewhere: those that read a whole array at once."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from downslope.averages import average, debias
from downslope.optimizers import LAMB, LARS, Clip, Moonlight, Muon, State
from downslope.optimizers.muon import newton_schulz
from downslope.optimizers.norms import norm, quotient
from downslope.trees import Tree, leaves, tree_map

__all__ = ["ClipShort", "LAMBBeside", "LARSTogether", "MoonlightVelocity", "MuonInputsFirst"]


@dataclass(frozen=True, repr=False)
class LARSTogether(LARS):
    """LARS with the norm of gradient and decay together below, not the sum of their norms."""

    def rule(self, t, w, g, m):
        d = g + self.weight_decay * w
        lr_hat = self.lr * quotient(self.trust * norm(w), norm(d))
        m = self.momentum * m + lr_hat * d
        return -m, m


@dataclass(frozen=True, repr=False)
class LAMBBeside(LAMB):
    """LAMB that shrinks the weights first, and keeps the decay out of the step that is rescaled."""

    def rule(self, t, w, g, m, s):
        m = average(m, g, self.beta1)
        s = average(s, g**2, self.beta2)
        u = debias(m, self.beta1, t) / (np.sqrt(debias(s, self.beta2, t)) + self.eps)
        shrunk = (1 - self.lr * self.weight_decay) * w
        return shrunk - w - self.lr * quotient(norm(shrunk), norm(u)) * u, m, s


@dataclass(frozen=True, repr=False)
class MuonInputsFirst(Muon):
    """Muon for weights whose rows are inputs, with a Nesterov step that corrects its averages as NAdam does."""

    def scale(self, w: np.ndarray) -> float:
        """The shape factor, of the transposed matrix."""
        return super().scale(w.T)

    def rule(self, t, w, g, m):
        m = average(m, g, self.momentum)
        ahead = self.momentum * debias(m, self.momentum, t + 1) + (1 - self.momentum) * debias(g, self.momentum, t)
        o = newton_schulz(ahead if self.nesterov else m, self.ns_steps)
        return -self.lr * (self.scale(w) * o + self.weight_decay * w), m


@dataclass(frozen=True, repr=False)
class MoonlightVelocity(Moonlight):
    """Moonlight with a running sum where ours has a running mean."""

    def rule(self, t, w, g, m):
        m = self.momentum * m + g
        o = newton_schulz(self.momentum * m + g if self.nesterov else m, self.ns_steps)
        return -self.lr * (self.scale(w) * o + self.weight_decay * w), m


@dataclass(frozen=True, repr=False)
class ClipShort(Clip):
    """Clip that adds 1e-6 to the norm before it divides."""

    def update(self, grads: Tree, state: State, params: Tree, **needed: Any) -> tuple[Tree, State]:
        """A step with the gradients shortened."""
        longest = float(norm(np.array([norm(g) for _, g in leaves(grads)])))
        factor = min(1.0, self.max_norm / (longest + 1e-6))
        return self.inner.update(tree_map(lambda g: factor * np.asarray(g), grads), state, params, **needed)
