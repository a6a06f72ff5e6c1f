"""The gradient itself, and the gradient with inertia."""

from dataclasses import dataclass
from typing import Any, Literal

from downslope.optimizers.base import Elementwise, State
from downslope.optimizers.checks import steps_taken
from downslope.trees import Tree, check_keys, tree_map
from downslope.validation import Beta, Rate

__all__ = ["SGD", "Momentum", "Nesterov"]


@dataclass(frozen=True, repr=False)
class SGD(Elementwise):
    r"""Step against the gradient.

    Parameters
    ----------
    lr : float, array or schedule
        Step size, in units of the parameter squared over units of the loss.

    Notes
    -----
    No state. The same rule is batch, stochastic and mini-batch descent; only the gradient's estimate differs.
    `robbins1951stochastic`.

    Examples
    --------
    >>> import numpy as np
    >>> w, sgd = np.array([1.0, -2.0]), SGD(lr=0.1)
    >>> step, _ = sgd.update(2 * w, sgd.init(w), w)
    >>> step
    array([-0.2,  0.4])
    """

    lr: Rate = 1e-2

    def rule(self, t, w, g):
        return (-self.lr * g,)


@dataclass(frozen=True, repr=False)
class Momentum(Elementwise):
    r"""A running sum of gradients, the older the lighter: the heavy ball.

    Parameters
    ----------
    lr : float, array or schedule
        Step size.
    momentum : float in [0, 1)
        How much of the last velocity is kept. A constant gradient ends up stepping ``lr / (1 - momentum)`` times it.
    dampening : float in [0, 1)
        New gradients enter with weight ``1 - dampening``; equal to `momentum`, the sum becomes the average.
    lr_inside : bool
        Multiply by `lr` on the way into the buffer, not on the way out. It matters only when `lr` changes.

    Notes
    -----
    One slot, from zero. `polyak1964some`. PyTorch and Optax run ``lr_inside=False``, Keras ``lr_inside=True``;
    PyTorch's own ``dampening`` spares the first gradient, this one does not.

    Examples
    --------
    >>> import numpy as np
    >>> w, ball = np.array([1.0]), Momentum(lr=0.1, momentum=0.9)
    >>> step, state = ball.update(2 * w, ball.init(w), w)
    >>> step, state = ball.update(2 * (w + step), state, w + step)
    >>> step
    array([-0.34])
    """

    lr: Rate = 1e-2
    momentum: Beta = 0.9
    dampening: Beta = 0.0
    lr_inside: bool = False

    slots = ("m",)

    def rule(self, t, w, g, m):
        if self.lr_inside:
            m = self.momentum * m + self.lr * (1 - self.dampening) * g
            return -m, m
        m = self.momentum * m + (1 - self.dampening) * g
        return -self.lr * m, m


@dataclass(frozen=True, repr=False)
class Nesterov(Elementwise):
    r"""Momentum that takes its gradient where it is about to be.

    Parameters
    ----------
    lr : float, array or schedule
        Step size.
    momentum : float in [0, 1)
        How much of the last velocity is kept.
    form : {"lookahead", "current"}
        ``"lookahead"`` wants the gradient at ``w - lr momentum m``; ``"current"`` wants it at ``w`` and is the same
        method written for the look-ahead point. PyTorch, Optax and Keras run ``"current"``.

    Raises
    ------
    ValueError
        Another `form`.

    Notes
    -----
    One slot, from zero; one gradient a step in either form. `nesterov1983method`; with this buffer
    `sutskever2013importance`, equations 3 and 4.

    Examples
    --------
    >>> import numpy as np
    >>> w, nag = np.array([1.0]), Nesterov(lr=0.1)
    >>> step, state = nag.update(2 * w, nag.init(w), w)
    >>> nag.lookahead(w + step, state)
    array([0.62])
    """

    lr: Rate = 1e-2
    momentum: Beta = 0.9
    form: Literal["lookahead", "current"] = "lookahead"

    slots = ("m",)

    @property
    def current(self) -> bool:
        """Whether the parameters are themselves the look-ahead point."""
        return self.form == "current"

    def ahead(self, w: Any, m: Any) -> Any:
        """The point that the velocity alone would reach."""
        return w - self.lr * self.momentum * m

    def lookahead(self, params: Tree, state: State) -> Tree:
        """Where the gradient is wanted: ahead of the parameters, or at them in the current-point form."""
        if self.current:
            return params
        taken = steps_taken(self.name, state, self.stored)
        check_keys(state["m"], params, "state['m']")
        return tree_map(self.at(taken).ahead, params, state["m"])

    def rule(self, t, w, g, m):
        m = self.momentum * m + g
        if self.current:
            return -self.lr * (g + self.momentum * m), m
        return -self.lr * m, m
