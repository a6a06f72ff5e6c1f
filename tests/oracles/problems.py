"""The problems on which the recorder and the tests run: closed forms in NumPy, no random numbers.

Each gradient is ill-conditioned and nonlinear, and carries noise fixed by the step number. It is fed back
through each implementation's own iterate, so a wrong term in a rule grows from step to step.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray


def wave(shape: tuple[int, ...], phase: float) -> Array:
    """Numbers in [-1, 1] without visible pattern, the same on every NumPy."""
    index = np.arange(np.prod(shape), dtype=float).reshape(shape)
    return np.sin(phase + 1.7 * index + 0.31 * index**2)


def spread() -> Array:
    """Numbers over many decades, as an optimizer's state holds them, for blocks of bytes; the last is not full."""
    return wave((40, 30), 0.7) ** 5 * np.exp(3 * wave((40, 30), 1.9))


@dataclass(frozen=True)
class Problem:
    """Where to start, and the gradient after ``taken`` steps; the Hessian where an oracle asks for it."""

    start: Array
    gradient: Callable[[int, Array], Array]
    hessian: Callable[[Array], Array] | None = None


SCALE = np.sqrt([0.1, 0.4, 1.0, 3.0, 10.0])
CURVATURE = SCALE[:, None] * (np.full((5, 5), 0.3) + 0.7 * np.eye(5)) * SCALE
TARGET = np.array([1.0, -2.0, 0.5, 3.0, -1.0])


def noisy_gradient(taken: int, w: Array) -> Array:
    """A w - b + 0.3 cos 3w, and noise that differs from step to step."""
    return CURVATURE @ w - TARGET + 0.3 * np.cos(3 * w) + 0.3 * wave(w.shape, 2.3 * taken)


def noisy_hessian(w: Array) -> Array:
    """A - 0.9 diag(sin 3w): its diagonal changes sign along the way."""
    return CURVATURE - 0.9 * np.diag(np.sin(3 * w))


def convex_gradient(w: Any) -> Any:
    """A w - b + w^3, without noise, in operators only: NumPy and JAX both read it."""
    return CURVATURE @ w - TARGET + w**3


def convex_hessian(w: Array) -> Array:
    """A + 3 diag(w^2)."""
    return CURVATURE + 3 * np.diag(w**2)


def regression(rows: int, columns: int) -> Problem:
    """X'(XW - Y)/n + 0.2 cos 2W, and noise: a weight matrix as a layer has it."""
    inputs = wave((8, rows), 0.5) * np.logspace(-0.7, 0.5, rows)
    outputs = 2 * wave((8, columns), 1.1)

    def gradient(taken: int, w: Array) -> Array:
        misfit = inputs.T @ (inputs @ w - outputs) / len(inputs)
        return misfit + 0.2 * np.cos(2 * w) + 0.2 * wave(w.shape, 2.9 * taken)

    return Problem(start=wave((rows, columns), 0.2), gradient=gradient)


START = np.array([1.0, -0.5, 2.0, -1.5, 0.8])

PROBLEMS = {
    "vector": Problem(START, noisy_gradient, noisy_hessian),
    "convex": Problem(START, lambda taken, w: convex_gradient(w), convex_hessian),
    "wide": regression(3, 5),
    "tall": regression(5, 3),
}


def decaying(taken: int) -> float:
    """A step size that falls fast enough to pull apart the conventions that a constant one hides."""
    return 0.05 * 0.8**taken


def needed(names: tuple[str, ...], problem: Problem, taken: int, points: list[Array], every: int) -> dict[str, Any]:
    """What an optimizer asks for besides its gradient; between refreshes the curvature is None.

    The previous gradient is the one that was used, noise and all, and zero before the first.
    """
    w = points[-1]
    answers = {
        "hessian": lambda: problem.hessian(w),
        "hessian_diag": lambda: None if taken % every else np.diag(problem.hessian(w)),
        "previous_grads": lambda: problem.gradient(taken - 1, points[-2]) if taken else np.zeros_like(w),
    }
    return {name: answers[name]() for name in names}
