"""Every optimizer setting of the catalogue, for the tests that hold of all of them."""

import numpy as np
import pytest
from downslope.catalogue import CATALOGUE
from downslope.optimizers import Elementwise, Optimizer

ALL = [pytest.param(opt, id=repr(opt)) for entry in CATALOGUE for opt in entry.instances()]
ELEMENTWISE = [p for p in ALL if isinstance(p.values[0], Elementwise)]


def gradient(w: np.ndarray) -> np.ndarray:
    """A smooth gradient with both signs, so that no rule is tested on a bowl alone."""
    return 2 * w + 1.5 * np.cos(3 * w)


def walk(opt: Optimizer, w: np.ndarray, steps: int) -> np.ndarray:
    """The points of a run, the start included, stepped through ``init`` and ``update`` alone."""
    state, points = opt.init(w), [w]
    for _ in range(steps):
        v, state = opt.update(gradient(opt.lookahead(w, state)), state, w)
        w = w + v
        points.append(w)
    return np.array(points)
