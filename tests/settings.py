"""Every optimizer setting of the catalogue, for the tests that hold of all of them."""

from typing import Any

import numpy as np
import pytest
from downslope.catalogue import CATALOGUE
from downslope.optimizers import Elementwise, Matrixwise, Optimizer, Ruled, State, Tensorwise
from downslope.trees import Tree, tree_map
from hypothesis import settings
from hypothesis import strategies as st

ALL = [pytest.param(opt, id=repr(opt)) for entry in CATALOGUE for opt in entry.instances()]
RULED = [p for p in ALL if isinstance(p.values[0], Ruled)]
TENSORWISE = [p for p in RULED if isinstance(p.values[0], Tensorwise)]
ELEMENTWISE = [p for p in ALL if isinstance(p.values[0], Elementwise)]

seeds = st.integers(0, 2**32 - 1)
quick = settings(max_examples=25, deadline=None)


def diagonal(size: int) -> st.SearchStrategy[np.ndarray]:
    """A scale for each coordinate."""
    return st.lists(st.floats(1e-6, 1e6), min_size=size, max_size=size).map(np.array)


def point(seed: int, size: int | tuple[int, ...] = 6) -> np.ndarray:
    """Numbers from a normal distribution."""
    return np.random.default_rng(seed).normal(size=size)


def shape_for(opt: Optimizer) -> tuple[int, ...]:
    """A shape that the optimizer takes: six numbers, as a matrix where it has to be one."""
    return (2, 3) if isinstance(opt, Matrixwise) else (6,)


def gradient(w: np.ndarray) -> np.ndarray:
    """A smooth gradient with both signs, so that no rule is tested on a bowl alone."""
    return 2 * w + 1.5 * np.cos(3 * w)


def curvature(w: np.ndarray) -> np.ndarray:
    """The gradient's derivative, coordinate by coordinate: it changes sign."""
    return 2 - 4.5 * np.sin(3 * w)


def extras(opt: Optimizer, taken: int, params: Tree, before: Tree | None) -> dict[str, Any]:
    """What the optimizer needs besides the gradient; the curvature is refreshed in every third step."""
    answers = {
        "hessian": lambda: tree_map(lambda w: curvature(w)[..., None] * np.eye(w.shape[-1], dtype=w.dtype), params),
        "hessian_diag": lambda: None if taken % 3 else tree_map(curvature, params),
        "inputs": lambda: tree_map(lambda w: point(taken, (2, w.shape[1])).astype(w.dtype), params),
        "output_grads": lambda: tree_map(lambda w: point(taken + 99, (2, w.shape[0])).astype(w.dtype), params),
        "previous_grads": lambda: tree_map(np.zeros_like, params) if before is None else tree_map(gradient, before),
    }
    return {name: answers[name]() for name in opt.needs}


def walk(opt: Optimizer, params: Tree, steps: int) -> list[Tree]:
    """The points of a run, the start included, stepped through ``init`` and ``update`` alone."""
    state, points = opt.init(params), [params]
    for taken in range(steps):
        params, state = stepped(opt, taken, params, points[-2] if taken else None, state)
        points.append(params)
    return points


def stepped(opt: Optimizer, taken: int, params: Tree, before: Tree | None, state: State) -> tuple[Tree, State]:
    """The point and the state one step further."""
    grads = tree_map(gradient, opt.lookahead(params, state))
    steps, state = opt.update(grads, state, params, **extras(opt, taken, params, before))
    return tree_map(np.add, params, steps), state


def updates(opt: Optimizer, w: np.ndarray, gradients: np.ndarray) -> np.ndarray:
    """The steps that given gradients lead to, all at one point."""
    state, steps = opt.init(w), []
    for g in gradients:
        v, state = opt.update(g, state, w)
        steps.append(v)
    return np.array(steps)
