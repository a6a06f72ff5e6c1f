"""Two forms of what goes by one name, run side by side."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from downslope.optimizers import Optimizer, Tensorwise

__all__ = ["Convention", "Form", "gradient", "hessian_diag", "start", "walk"]

STEPS = 20
Settings = Mapping[str, Any]


def start(shape: tuple[int, ...]) -> np.ndarray:
    """Weights between -2 and 2 without visible pattern.

    Examples
    --------
    >>> start((5,)).round(2)
    array([ 0. ,  1.8, -2. ,  2. , -1.4])
    """
    k = np.arange(np.prod(shape), dtype=float).reshape(shape)
    return 2 * np.sin(1.7 * k + 0.31 * k**2).round(1)


def curvature(w: np.ndarray) -> np.ndarray:
    """From 0.1 in the first weight to 10 in the last, whatever the shape."""
    return np.logspace(-1, 1, w.size).reshape(w.shape)


def gradient(t: int, w: np.ndarray) -> np.ndarray:
    """The gradient of step `t`: of a bowl, with waves on it and a noise that the step decides.

    Examples
    --------
    >>> gradient(1, np.array([0.0, 1.0])).round(3)
    array([-0.476,  8.476])
    """
    k = np.arange(w.size, dtype=float).reshape(w.shape)
    return curvature(w) * w - 1 + 0.3 * np.cos(3 * w) + 0.3 * np.sin(2.3 * t + 1.7 * k)


def hessian_diag(w: np.ndarray) -> np.ndarray:
    """The diagonal of the Hessian of that loss."""
    return curvature(w) - 0.9 * np.sin(3 * w)


def walk(opt: Optimizer, shape: tuple[int, ...] | None = None, at: str = "params") -> np.ndarray:
    """The points of 20 steps on the problem of the conventions, the start first.

    Parameters
    ----------
    opt : Optimizer
    shape : tuple, optional
        The weights': five in a row, or three by five for an optimizer that reads whole arrays.
    at : {"params", "lookahead"}
        Where the optimizer stands, or where it wants its gradient.

    Examples
    --------
    >>> from downslope import SGD
    >>> walk(SGD(lr=0.1)).shape
    (21, 5)
    """
    inner = getattr(opt, "inner", opt)
    params = start(shape or ((3, 5) if isinstance(inner, Tensorwise) else (5,)))
    state = opt.init(params)
    points = [params]
    looked = [opt.lookahead(params, state)]
    for t in range(1, STEPS + 1):
        needed = {"hessian_diag": hessian_diag(params)} if opt.needs else {}
        updates, state = opt.update(gradient(t, looked[-1]), state, params, **needed)
        params = params + updates
        points.append(params)
        looked.append(opt.lookahead(params, state))
    return np.array(points if at == "params" else looked)


@dataclass(frozen=True)
class Form:
    """What somebody means by a name.

    ``who`` means it, ``says`` tells what; ``make`` turns settings into an optimizer, or into the numbers themselves.
    ``when`` says under which condition the form agrees with the book's, and ``then`` are the settings of that
    condition, ``own`` those of them that the form has for itself.
    """

    who: str
    says: str
    make: Callable[..., Any]
    when: str = ""
    then: Settings = field(default_factory=dict)
    own: Settings = field(default_factory=dict)

    def path(self, settings: Settings) -> np.ndarray:
        """Where these settings lead."""
        given = dict(settings)
        way = {name: given.pop(name) for name in ("shape", "at") if name in given}
        made = self.make(**given)
        return walk(made, **way) if isinstance(made, Optimizer) else np.asarray(made)


@dataclass(frozen=True)
class Convention:
    """One name, the book's form of it, and the others' forms.

    Examples
    --------
    >>> from downslope.conventions import CONVENTIONS
    >>> adagrad = next(c for c in CONVENTIONS if c.name == "AdaGrad")
    >>> [form.who for form in adagrad.forms]
    ['Optax, Keras']
    >>> bool(adagrad.difference(adagrad.forms[0]) > 0.01), bool(adagrad.agreement(adagrad.forms[0]) < 1e-12)
    (True, True)
    """

    group: str
    name: str
    settings: Settings
    book: Form
    forms: tuple[Form, ...]

    def difference(self, form: Form) -> float:
        """The largest difference in a number over the whole run, with the same settings."""
        return _distance(self.book.path(self.settings), form.path(self.settings))

    def agreement(self, form: Form) -> float:
        """The largest difference under the condition that the form names."""
        settings = {**self.settings, **form.then}
        return _distance(self.book.path(settings), form.path({**settings, **form.own}))


def _distance(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.max(np.abs(one - other)))
