"""Preconditioning with matrices."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from downslope.averages import average, debias
from downslope.optimizers.base import Matrixwise, Tensorwise
from downslope.optimizers.norms import operator, quotient
from downslope.trees import Tree, check_gradients, check_keys, label, leaves, tree_map
from downslope.validation import Beta, NonNegative, Rate

__all__ = ["KFAC", "Newton", "Shampoo"]


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


@operator
def second_moment(x: np.ndarray) -> np.ndarray:
    """The mean over the rows of each row's outer product with itself.

    Examples
    --------
    >>> second_moment(np.array([[1.0, 0.0], [1.0, 2.0]]))
    array([[1., 1.],
           [1., 2.]])
    """
    return x.T @ x / len(x)


@operator
def mean_eigenvalue(A: np.ndarray) -> Any:
    """The mean of a matrix's eigenvalues, which is the mean of its diagonal.

    Examples
    --------
    >>> float(mean_eigenvalue(np.array([[1.0, 5.0], [5.0, 3.0]])))
    2.0
    """
    return np.trace(A) / len(A)


@dataclass(frozen=True, repr=False)
class KFAC(Matrixwise):
    r"""Natural gradient for a dense layer, whose Fisher matrix is taken as the product of two small ones.

    Parameters
    ----------
    lr : float, array or schedule
        A factor on the step; near 1 where the damping is small and the loss near a paraboloid.
    beta : float in [0, 1)
        Memory of both statistics: about ``1 / (1 - beta)`` steps.
    damping : float
        What is added to the Fisher matrix, in units of a gradient squared, shared between its two factors.

    Notes
    -----
    For weights of shape (out, in), one slot of in by in, the second moment of what enters the layer, and one of out by
    out, that of the gradients by what leaves it; both averages are corrected for their start. ``update`` wants both:
    ``inputs`` (batch, in) and ``output_grads`` (batch, out), a row for each example and for its own loss, as
    ``networks.layer_signals`` gives them and ``fit`` does. With the labels of the data, as there, the Fisher matrix is
    the empirical one; `martens2015optimizing` draws labels from the model, adapts rate and damping, and has momentum
    as well, while rate and damping here stay where they are set. Give biases another optimizer with `Partition`.

    Examples
    --------
    A layer whose outputs all count the same, and whose first input is ten times as large as the second:

    >>> x, delta = np.diag([10.0, 1.0]), np.eye(2)
    >>> opt, w = KFAC(lr=1.0, damping=0.0), np.zeros((2, 2))
    >>> g = delta.T @ x / 2
    >>> abs(opt.update(g, opt.init(w), w, inputs=x, output_grads=delta)[0]).round(3)
    array([[0.2, 0. ],
           [0. , 2. ]])
    """

    lr: Rate = 1e-2
    beta: Beta = 0.95
    damping: NonNegative = 1e-3

    needs = ("inputs", "output_grads")
    slots = ("A", "S")

    def initial_slot(self, slot: str, w: np.ndarray) -> np.ndarray:
        return np.zeros((w.shape[slot == "A"],) * 2, dtype=w.dtype)

    def checked(self, grads: Tree, params: Tree, needed: dict[str, Any]) -> dict[str, Tree]:
        given = super().checked(grads, params, needed)
        for path, x in leaves(given["inputs"]):
            rows, others = len(x), len(dict(leaves(given["output_grads"]))[path])
            if rows != others or rows == 0:
                must = "have as many rows as inputs, one at least"
                raise ValueError(f"{label('output_grads', path)} must {must}, got {others} for {rows}")
        return given

    def check_needed(self, name: str, tree: Tree, params: Tree) -> None:
        check_keys(tree, params, name)
        axis = 1 if name == "inputs" else 0
        wanted = tree_map(
            lambda w, x: np.broadcast_to(w.dtype.type(0), (*np.shape(x)[:1], w.shape[axis])), params, tree
        )
        check_gradients(tree, wanted, name)

    def rule(self, t, w, g, A, S, inputs, output_grads):
        A = average(A, second_moment(inputs), self.beta)
        S = average(S, second_moment(output_grads), self.beta)
        A_hat, S_hat = debias(A, self.beta, t), debias(S, self.beta, t)
        pi = np.sqrt(quotient(mean_eigenvalue(A_hat), mean_eigenvalue(S_hat)))
        P = A_hat + pi * np.sqrt(self.damping) * np.eye(w.shape[1], like=w)
        Q = S_hat + np.sqrt(self.damping) / pi * np.eye(w.shape[0], like=w)
        return -self.lr * inverse_root(Q, 1) @ g @ inverse_root(P, 1), A, S
