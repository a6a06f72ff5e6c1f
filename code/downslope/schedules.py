"""The step size as a function of the steps already taken: 0 at the first.

A schedule is a small frozen object that is called with the number of steps taken, an integer or an array of them, and
goes wherever an optimizer takes an ``lr``. Each says what it gives after its last step.
"""

# ruff: noqa: N801, D102  (a schedule is called for like a function, and what the call gives its class says)

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal, Self

import numpy as np

from downslope.validation import Count, Interval, NonNegative, Rate, UpToOne, check_fields, check_interval

__all__ = [
    "Plateau",
    "constant",
    "cosine",
    "exponential",
    "inverse_sqrt",
    "inverse_time",
    "step_decay",
    "warm_restarts",
    "warmup",
]


@dataclass(frozen=True)
class Schedule:
    """A schedule's settings, held to what they allow."""

    lr: NonNegative

    def __post_init__(self) -> None:
        check_fields(self)

    @property
    def base(self) -> Any:
        """The step size that it scales, of the innermost where one is in another."""
        return self.lr.base if isinstance(self.lr, Schedule) else self.lr

    def __call__(self, taken: Any) -> Any:
        """The step size after `taken` steps."""
        raise NotImplementedError


@dataclass(frozen=True)
class constant(Schedule):
    """The same step size for ever.

    Examples
    --------
    >>> constant(0.1)(1000)
    0.1
    """

    def __call__(self, taken: Any) -> Any:
        return self.lr + 0 * taken


@dataclass(frozen=True)
class step_decay(Schedule):
    """Times `factor` after every `every` steps, for ever.

    Examples
    --------
    >>> step_decay(0.8, every=10)(np.array([0, 9, 10, 20]))
    array([0.8, 0.8, 0.4, 0.2])
    """

    every: Count
    factor: UpToOne = 0.5

    def __call__(self, taken: Any) -> Any:
        return self.lr * self.factor ** (taken // self.every)


@dataclass(frozen=True)
class exponential(Schedule):
    """``lr * exp(-rate * taken)``: the same share less in every step, for ever.

    Examples
    --------
    >>> exponential(0.8, rate=np.log(2) / 10)(np.array([0, 10, 20])).round(6)
    array([0.8, 0.4, 0.2])
    """

    rate: NonNegative

    def __call__(self, taken: Any) -> Any:
        return self.lr * np.exp(-self.rate * taken)


@dataclass(frozen=True)
class inverse_time(Schedule):
    """``lr / (1 + rate * taken)``, for ever: half after ``1 / rate`` steps, and yet it may travel any distance.

    Examples
    --------
    >>> inverse_time(0.8, rate=0.1)(np.array([0, 10, 30]))
    array([0.8, 0.4, 0.2])
    """

    rate: NonNegative

    def __call__(self, taken: Any) -> Any:
        return self.lr / (1 + self.rate * taken)


@dataclass(frozen=True)
class inverse_sqrt(Schedule):
    """In a line up to `lr` in step `steps`, then as one over the root of the step, for ever.

    `vaswani2017attention`, equation 3, whose height is set by the width of the model instead.

    Examples
    --------
    >>> inverse_sqrt(0.8, steps=4)(np.array([0, 3, 15, 63]))
    array([0.2, 0.8, 0.4, 0.2])
    """

    steps: Count = 1

    def __call__(self, taken: Any) -> Any:
        t = (taken + 1) / self.steps
        return self.lr * np.minimum(t, t**-0.5)


@dataclass(frozen=True)
class cosine(Schedule):
    """Half a cosine wave from `lr` down to `lr_min`, which it has after `steps` steps and keeps.

    PyTorch's rises again. `loshchilov2017sgdr`, equation 5.

    Examples
    --------
    >>> cosine(0.8, steps=10)(np.array([0, 5, 10, 99])).round(6)
    array([0.8, 0.4, 0. , 0. ])
    """

    steps: Count
    lr_min: NonNegative = 0.0

    def __call__(self, taken: Any) -> Any:
        return _wave(self.lr, self.lr_min, np.minimum(taken / self.steps, 1))


def _wave(lr: Any, lr_min: Any, share: Any) -> Any:
    """A cosine from lr at share 0 to lr_min at share 1."""
    return lr_min + (lr - lr_min) * (1 + np.cos(np.pi * share)) / 2


@dataclass(frozen=True)
class warm_restarts(Schedule):
    """Half cosine waves one after the other, each `factor` times as long as the one before, for ever.

    `period` is the length of the first, in steps; each begins at `lr` and ends before `lr_min`. `loshchilov2017sgdr`.

    Examples
    --------
    >>> warm_restarts(0.8, period=2, factor=2)(np.arange(7)).round(6)
    array([0.8     , 0.4     , 0.8     , 0.682843, 0.4     , 0.117157,
           0.8     ])
    """

    period: Count
    factor: Annotated[Any, Interval(1)] = 1
    lr_min: NonNegative = 0.0

    def __call__(self, taken: Any) -> Any:
        if np.ndim(taken):
            return np.array([self(t) for t in taken])
        start, length = 0, self.period
        while taken >= start + length:
            start, length = start + length, length * self.factor
        return _wave(self.lr, self.lr_min, (taken - start) / length)


@dataclass(frozen=True)
class warmup(Schedule):
    """In a line up to `lr` in step `steps`, and then `lr`, which may be another schedule.

    The first step has ``lr / steps``, not 0. Another schedule starts in step `steps`, where the line ends at its
    first value. `goyal2017accurate`, section 2.2.

    Examples
    --------
    >>> warmup(0.8, steps=4)(np.array([0, 1, 3, 99]))
    array([0.2, 0.4, 0.8, 0.8])
    >>> warmup(cosine(0.8, steps=10), steps=4)(np.array([0, 3, 8, 13])).round(6)
    array([0.2, 0.8, 0.4, 0. ])
    """

    lr: Rate
    steps: Count

    def __call__(self, taken: Any) -> Any:
        then: Callable[[Any], Any] = self.lr if callable(self.lr) else constant(self.lr)
        return np.minimum((taken + 1) / self.steps, 1) * then(np.maximum(taken + 1 - self.steps, 0))


@dataclass(frozen=True)
class Plateau(Schedule):
    """Times `factor` when the loss has stopped falling; for ever, at least 0.

    A frozen object like the others: ``after(loss)`` is the schedule that has seen one loss more, to be put into the
    optimizer for the next epoch, ``replace(opt, lr=opt.lr.after(loss))``. The number of steps plays no part.

    Parameters
    ----------
    lr, factor : float
        The step size before the first cut, and what a cut leaves of it.
    patience : int
        How many losses in a row may fail before the next one that fails cuts.
    against : {"best", "previous"}
        A loss fails that is not below the best so far, PyTorch's rule, or one that is above the one before.
    losses : tuple of float
        What it has seen.

    Raises
    ------
    ValueError
        Another `against`, or a loss that is not a number.

    Examples
    --------
    >>> lr = Plateau(0.8)
    >>> for loss in (1.0, 0.5, 0.6):
    ...     lr = lr.after(loss)
    >>> lr(taken=0)
    0.4
    """

    factor: UpToOne = 0.5
    patience: Annotated[Any, Interval(0)] = 0
    against: Literal["best", "previous"] = "best"
    losses: tuple[float, ...] = ()

    def after(self, loss: float) -> Self:
        """The schedule that has seen one loss more."""
        check_interval("loss", loss, low=-np.inf, open_low=True)
        return replace(self, losses=(*self.losses, float(loss)))

    def __call__(self, taken: Any) -> Any:
        cuts = failed = 0
        best = previous = np.inf
        for loss in self.losses:
            fails = loss >= best if self.against == "best" else loss > previous
            best, previous = min(best, loss), loss
            failed = failed + 1 if fails else 0
            if failed > self.patience:
                cuts, failed = cuts + 1, 0
        return self.lr * self.factor**cuts + 0 * taken
