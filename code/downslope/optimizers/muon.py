"""Updates whose singular values are all about one."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from downslope.averages import average
from downslope.optimizers.base import Matrixwise
from downslope.optimizers.norms import clipped, corrected, norm, operator, sized
from downslope.validation import Beta, Count, NonNegative, Positive, Rate

__all__ = ["MARSM", "REG", "Moonlight", "Muon", "NorMuon"]

QUINTIC = (3.4445, -4.7750, 2.0315)
"""`jordan2024muon`: steep at 0, so that small singular values grow fast; it does not settle at 1, only near it."""


@operator
def newton_schulz(G: np.ndarray, steps: int = 5) -> np.ndarray:
    r"""About the orthogonal factor ``U V'`` of ``G = U S V'``, by matrix products alone.

    Each step maps every singular value ``x`` to ``a x + b x**3 + c x**5``, from ``x`` over the root of the sum of
    their squares. Five steps bring what is at least a hundredth of that norm into [0.68, 1.13].

    Parameters
    ----------
    G : array, shape (m, n)
    steps : int

    Returns
    -------
    array, shape (m, n)

    Notes
    -----
    `jordan2024muon`; of the kind of `schulz1933iterative`. Libraries run it in bfloat16; here it runs in the type
    of `G`.

    Examples
    --------
    >>> np.linalg.svd(newton_schulz(np.diag([5.0, 2.0])), compute_uv=False).round(3)
    array([1.047, 0.731])
    """
    a, b, c = QUINTIC
    X = (G.T if G.shape[0] > G.shape[1] else G) / max(norm(G), 1e-7)
    for _ in range(steps):
        A = X @ X.T
        X = a * X + (b * A + c * A @ A) @ X
    return X.T if G.shape[0] > G.shape[1] else X


def matched(shape: tuple[Any, Any]) -> float:
    """The factor that gives an orthogonal matrix of a shape the root mean square 0.2, about that of Adam's steps.

    `liu2025muon`, section 2.2.

    Examples
    --------
    >>> float(matched((25, 4)))
    1.0
    """
    return 0.2 * np.sqrt(np.maximum(*shape)).item()


@dataclass(frozen=True, repr=False)
class Muon(Matrixwise):
    r"""Momentum, then the nearest orthogonal matrix: every direction of the layer moves at one pace.

    Parameters
    ----------
    lr : float, array or schedule
        The size of each of the step's singular values, up to ``sqrt(max(1, rows / columns))``.
    momentum : float in [0, 1)
        Memory of the average.
    nesterov : bool
        Average the gradient in once more before it is made orthogonal.
    weight_decay : float
        Each step also takes ``lr * weight_decay * w`` away.
    ns_steps : int
        How many Newton-Schulz steps to take.

    Notes
    -----
    One slot, from zero. `jordan2024muon`. For the matrices between hidden layers; embeddings, output layers and
    vectors want another optimizer (`Partition`). Rows are a layer's outputs; Optax assumes that they are its inputs,
    and weighs Nesterov's average differently.

    Examples
    --------
    >>> w = np.array([[2.0, 0.0], [0.0, 5.0]])
    >>> opt = Muon(lr=0.1)
    >>> opt.update(w, opt.init(w), w)[0].round(3) + 0
    array([[-0.105,  0.   ],
           [ 0.   , -0.073]])
    """

    lr: Rate = 2e-2
    momentum: Beta = 0.95
    nesterov: bool = True
    weight_decay: NonNegative = 0.0
    ns_steps: Count = 5

    slots = ("m",)

    def scale(self, w: np.ndarray) -> float:
        """How large the singular values of a step are, in units of `lr`."""
        rows, columns = w.shape
        return np.sqrt(np.maximum(1, rows / columns)).item()

    def rule(self, t, w, g, m):
        m = average(m, g, self.momentum)
        u = average(m, g, self.momentum) if self.nesterov else m
        o = newton_schulz(u, self.ns_steps)
        return -self.lr * (self.scale(w) * o + self.weight_decay * w), m


@dataclass(frozen=True, repr=False)
class Moonlight(Muon):
    r"""Muon whose steps have the size of Adam's, so that both can share their rate and decay.

    Parameters
    ----------
    lr : float, array or schedule
        Five times the root mean square of a step, about.
    momentum, nesterov, weight_decay, ns_steps
        As in `Muon`.

    Notes
    -----
    One slot, from zero. `liu2025muon`, section 2.2. Newton-Schulz stops short of an orthogonal matrix, so the root
    mean square is nearer to 0.18 than to 0.2 times `lr`.

    Examples
    --------
    >>> w = np.array([[2.0, 0.0], [0.0, 5.0]])
    >>> opt = Moonlight(lr=0.1, weight_decay=0.0)
    >>> opt.update(w, opt.init(w), w)[0].round(3) + 0
    array([[-0.03 ,  0.   ],
           [ 0.   , -0.021]])
    """

    lr: Rate = 1e-3
    weight_decay: NonNegative = 0.1

    def scale(self, w: np.ndarray) -> float:
        return matched(w.shape)


@dataclass(frozen=True, repr=False)
class NorMuon(Matrixwise):
    r"""Muon whose rows are then evened out by a running mean of their squares.

    Parameters
    ----------
    lr : float, array or schedule
        Five times the root mean square of every step.
    beta1 : float in [0, 1)
        Memory of the average gradient.
    beta2 : float in [0, 1)
        Memory of the mean square of each row of the orthogonal update.
    eps : float
        Added outside the root, and to the norm by which the update is divided in the end.
    weight_decay : float
        Each step also takes ``lr * weight_decay * w`` away.

    Notes
    -----
    Two slots, from zero: the average, and a column of one number a row. `li2025normuon`, Algorithm 1; five
    Newton-Schulz steps.

    Examples
    --------
    >>> w = np.array([[2.0, 0.0], [0.0, 5.0]])
    >>> opt = NorMuon(lr=0.1)
    >>> opt.update(w, opt.init(w), w)[0].round(3) + 0     # at first all rows are alike
    array([[-0.028,  0.   ],
           [ 0.   , -0.028]])
    """

    lr: Rate = 1e-3
    beta1: Beta = 0.95
    beta2: Beta = 0.95
    eps: NonNegative = 1e-10
    weight_decay: NonNegative = 0.0

    slots = ("m", "s")
    nonnegative = ("s",)

    def initial_slot(self, slot: str, w: np.ndarray) -> np.ndarray:
        return np.zeros_like(w if slot == "m" else w[:, :1])

    def rule(self, t, w, g, m, s):
        m = average(m, g, self.beta1)
        o = newton_schulz(m, steps=5)
        s = average(s, np.mean(o**2, axis=1, keepdims=True), self.beta2)
        u = o / (np.sqrt(s) + self.eps)
        q = 0.2 * np.sqrt(u.size).item() / (norm(u) + self.eps)
        return -self.lr * (q * u + self.weight_decay * w), m, s


@operator
def balanced(M: np.ndarray, p: float) -> np.ndarray:
    """Rows over their p-norms, then columns over theirs; zeros stay.

    Examples
    --------
    >>> balanced(np.array([[1.0, 0.0], [30.0, 40.0]]), p=2).round(3)
    array([[0.857, 0.   ],
           [0.514, 1.   ]])
    """
    for axis in (1, 0):
        norms = np.linalg.norm(M, ord=p, axis=axis, keepdims=True)
        M = M / np.where(norms > 0, norms, 1)
    return M


@dataclass(frozen=True, repr=False)
class REG(Matrixwise):
    r"""Momentum whose rows and columns are balanced by their norms, in the place of Muon's orthogonal matrix.

    Parameters
    ----------
    lr : float, array or schedule
        Step size.
    beta1 : float in [0, 1)
        Memory of the average gradient.
    p : float
        Which norm the rows, and then the columns, are divided by.
    target : float
        The root mean square of every step, in units of `lr`.
    weight_decay : float
        Each step also takes ``lr * weight_decay * w`` away.

    Notes
    -----
    One slot, from zero. **A reconstruction of ours.** `liu2025reg` scales rows and columns to balance the matrix; how
    exactly could not be read, so the balancing here (rows by their norms, then columns by theirs, once) and the
    defaults are this book's.

    Examples
    --------
    >>> w = np.array([[2.0, 0.0], [0.0, 5.0]])
    >>> opt = REG(lr=0.1)
    >>> opt.update(w, opt.init(w), w)[0].round(3) + 0
    array([[-0.028,  0.   ],
           [ 0.   , -0.028]])
    """

    lr: Rate = 1e-3
    beta1: Beta = 0.95
    p: Positive = 2.0
    target: Positive = 0.2
    weight_decay: NonNegative = 0.0

    slots = ("m",)

    def rule(self, t, w, g, m):
        m = average(m, g, self.beta1)
        o = balanced(m, self.p)
        u = sized(o, self.target)
        return -self.lr * (u + self.weight_decay * w), m


@dataclass(frozen=True, repr=False)
class MARSM(Matrixwise):
    r"""Moonlight on a gradient from which the noise that it shares with the last point's is partly taken out.

    Parameters
    ----------
    lr : float, array or schedule
        Five times the root mean square of a step, about.
    beta1 : float in [0, 1)
        Memory of the average.
    gamma : float
        How much of the correction is used, as in `MARS`.
    weight_decay : float
        Each step also takes ``lr * weight_decay * w`` away.
    ns_steps : int
        How many Newton-Schulz steps to take.

    Notes
    -----
    One slot, from zero; ``update`` wants ``previous_grads``, as `MARS` does. `liu2025marsm`.

    Examples
    --------
    >>> w = np.array([[2.0, 0.0], [0.0, 5.0]])
    >>> opt = MARSM(lr=0.1)
    >>> opt.update(w, opt.init(w), w, previous_grads=0 * w)[0].round(3) + 0
    array([[-0.03 ,  0.   ],
           [ 0.   , -0.021]])
    """

    lr: Rate = 3e-3
    beta1: Beta = 0.95
    gamma: NonNegative = 0.025
    weight_decay: NonNegative = 0.0
    ns_steps: Count = 5

    slots = ("m",)
    needs = ("previous_grads",)

    def rule(self, t, w, g, m, previous_grads):
        d = corrected(g, previous_grads, self.gamma, self.beta1)
        c = clipped(d, 1.0)
        m = average(m, c, self.beta1)
        o = newton_schulz(m, self.ns_steps)
        return -self.lr * (matched(w.shape) * o + self.weight_decay * w), m
