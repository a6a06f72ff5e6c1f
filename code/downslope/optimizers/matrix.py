"""Family G: preconditioning with matrices."""

from dataclasses import dataclass

import numpy as np

from downslope.optimizers.base import Matrixwise, Tensorwise
from downslope.optimizers.norms import operator
from downslope.validation import NonNegative, Rate

__all__ = ["Newton", "Shampoo"]


@dataclass(frozen=True, repr=False)
class Newton(Tensorwise):
    r"""Step to where the gradient would vanish, were the loss a paraboloid.

    Parameters
    ----------
    lr : float, array or schedule
        A factor on the step; 1 goes all the way.
    damping : float
        Added to the diagonal of the Hessian: large, it turns the step towards the gradient and shortens it.

    Raises
    ------
    numpy.linalg.LinAlgError
        The Hessian, with its damping, is singular.

    Notes
    -----
    No state. ``update`` wants ``hessian``, of shape ``(..., d, d)`` for a parameter of shape ``(..., d)``; leading
    axes are independent runs, and each array of a dict has a Hessian of its own. Without damping it goes to the
    nearest stationary point, a saddle or a maximum too. `nocedal2006numerical`, section 3.3.

    Examples
    --------
    >>> w, hessian = np.array([1.0, -2.0]), np.array([[3.0, 1.0], [1.0, 2.0]])
    >>> opt = Newton()
    >>> opt.update(hessian @ w, opt.init(w), w, hessian=hessian)[0]
    array([-1.,  2.])
    """

    lr: Rate = 1.0
    damping: NonNegative = 0.0

    needs = ("hessian",)

    def rule(self, t, w, g, hessian):
        identity = np.eye(w.shape[-1], like=w)
        return (-self.lr * np.linalg.solve(hessian + self.damping * identity, g[..., None])[..., 0],)


@operator
def inverse_root(A: np.ndarray, p: int) -> np.ndarray:
    """The inverse p-th root of a symmetric positive semidefinite matrix, of its range where it is singular.

    Examples
    --------
    >>> inverse_root(np.diag([16.0, 81.0, 0.0]), 4).round(6)
    array([[0.5     , 0.      , 0.      ],
           [0.      , 0.333333, 0.      ],
           [0.      , 0.      , 0.      ]])
    """
    values, vectors = np.linalg.eigh(A)
    smallest = values[-1] * len(A) * np.finfo(A.dtype).eps
    roots = np.where(values > smallest, np.maximum(values, smallest), np.inf) ** (-1 / p)
    return (vectors * roots) @ vectors.T


@dataclass(frozen=True, repr=False)
class Shampoo(Matrixwise):
    r"""Whiten the rows and the columns of the gradient by all gradients so far: AdaGrad for matrices.

    Parameters
    ----------
    lr : float, array or schedule
        Step size, in the parameter's unit.
    eps : float
        Both statistics start as this times the identity, in units of the gradient squared. At 0, directions that
        no gradient has had yet do not move.

    Notes
    -----
    Two slots, m by m and n by n. `gupta2018shampoo`, Algorithm 1; a root of a Kronecker-factored approximation of
    full-matrix AdaGrad's statistics. Large implementations average the statistics, graft a step length on, and take
    the roots only now and then.

    Examples
    --------
    >>> w = np.array([[2.0, 0.0], [0.0, 5.0]])
    >>> opt = Shampoo(lr=0.1)
    >>> abs(opt.update(w, opt.init(w), w)[0]).round(6)     # both directions at one pace
    array([[0.1, 0. ],
           [0. , 0.1]])
    """

    lr: Rate = 1e-3
    eps: NonNegative = 1e-6

    slots = ("L", "R")

    def initial_slot(self, slot: str, w: np.ndarray) -> np.ndarray:
        return self.eps * np.eye(w.shape[0 if slot == "L" else 1], dtype=w.dtype)

    def rule(self, t, w, g, L, R):
        L = L + g @ g.T
        R = R + g.T @ g
        return -self.lr * inverse_root(L, 4) @ g @ inverse_root(R, 4), L, R
