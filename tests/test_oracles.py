"""Our optimizers walk where PyTorch, Optax and Keras walked: recorded trajectories, replayed in float64.

``tests/oracles/record.py`` (``make oracles``) makes the recordings from the table in ``tests/oracles/cases``.
An exported class without a case fails here; forms of ``downslope.conventions`` are held to theirs as well.
"""

import inspect
import json
from functools import cache
from pathlib import Path
from typing import Any

import downslope.conventions
import downslope.optimizers
import numpy as np
import pytest
from oracles.cases import CASES, conventions
from oracles.cases.case import Case
from oracles.cases.schedules import SCHEDULES
from oracles.problems import PROBLEMS, decaying, needed

FOLDER = Path(__file__).parent / "oracles"
NAMED = {"decaying": decaying}
WITHOUT_ORACLE = {
    "KFAC",  # asks for a layer's inputs and signals: test_optimizers_matrix.py holds it to the Kronecker product
    "MARSM",  # only a repository has it; Muon and MARS hold its parts, and test_optimizers_matrix.py the whole
    "REG",  # our reconstruction: the paper's definition could not be read, and nobody has published code
    "Partition",  # only hands on: test_wrappers.py holds it to the optimizers that it hands on to
    "PolyakAverage",  # a mean: test_wrappers.py holds it to NumPy's
    "Quantized",  # lossy: its code is held to bitsandbytes' in test_storage.py, its walk to the plain one
    "Paged",  # the plain walk itself, bit for bit: test_storage.py
}

EXPORTED = {
    name
    for name in downslope.optimizers.__all__
    if inspect.isclass(made := getattr(downslope.optimizers, name))
    and hasattr(made, "update")
    and not inspect.isabstract(made)
}


@cache
def recordings(optimizer: str) -> dict[str, dict[str, Any]]:
    """The recordings of one method, by the case's id."""
    return {r["id"]: r for r in json.loads((FOLDER / "recorded" / f"{optimizer}.json").read_text())}


def build(optimizer: str, settings: dict[str, Any]) -> Any:
    """Our optimizer with the settings of a case."""
    given = dict(settings)
    if isinstance(given.get("lr"), str):
        given["lr"] = NAMED[given["lr"]]
    if "inner" in given:
        inner = dict(given["inner"])
        given["inner"] = build(inner.pop("optimizer"), inner)
    home = downslope.optimizers if optimizer in EXPORTED else downslope.conventions
    return getattr(home, optimizer)(**given)


def walk(case: Case) -> np.ndarray:
    """The points that our optimizer visits, or those at which it looks."""
    problem, opt = PROBLEMS[case.problem], build(case.optimizer, case.settings)
    params, state = problem.start, opt.init(problem.start)
    points, looked = [params], [opt.lookahead(params, state)]
    for taken in range(case.steps):
        extra = needed(opt.needs, problem, taken, points, case.hessian_every)
        updates, state = opt.update(problem.gradient(taken, looked[-1]), state, params, **extra)
        params = params + updates
        points.append(params)
        looked.append(opt.lookahead(params, state))
    return np.array(looked if case.compare == "lookahead" else points)


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.id)
def test_the_trajectory_is_the_oracles(case):
    theirs = np.array(recordings(case.optimizer)[case.id]["points"])
    np.testing.assert_allclose(walk(case), theirs, rtol=0, atol=case.tolerance)


def test_every_exported_optimizer_has_an_oracle():
    assert EXPORTED - {case.optimizer for case in CASES} == WITHOUT_ORACLE


def test_the_recordings_are_those_of_the_table():
    recorded = {
        r["id"]: (path.stem, r["call"], r["settings"], np.shape(r["points"]))
        for path in (FOLDER / "recorded").glob("*.json")
        for r in recordings(path.stem).values()
    }
    shapes = {name: problem.start.shape for name, problem in PROBLEMS.items()}
    table = {c.id: (c.optimizer, c.call, c.settings, (c.steps + 1, *shapes[c.problem])) for c in CASES}
    table |= {c.id: ("schedules", c.call, c.settings, (c.steps,)) for c in SCHEDULES}
    table |= {c.id: ("conventions", c.call, c.settings, (c.steps,)) for c in conventions.SCHEDULES}
    assert len(table) == len(CASES) + len(SCHEDULES) + len(conventions.SCHEDULES), "two cases share an id"
    assert recorded == table


def test_the_recordings_were_made_with_the_pinned_versions():
    lines = (FOLDER / "requirements.txt").read_text().splitlines()
    pins = dict(line.split("==") for line in lines if "==" in line)
    for path in (FOLDER / "recorded").glob("*.json"):
        for recording in recordings(path.stem).values():
            assert recording["versions"]
            assert recording["versions"].items() <= pins.items(), recording["id"]


def test_a_looser_tolerance_has_a_reason():
    assert all(case.tolerance == 1e-12 or case.reason for case in CASES)


@pytest.mark.parametrize("name", [name for name, problem in PROBLEMS.items() if problem.hessian])
def test_the_problems_hessian_is_the_gradients_derivative(name):
    problem = PROBLEMS[name]
    h = 1e-6
    slopes = [
        (problem.gradient(3, problem.start + e) - problem.gradient(3, problem.start - e)) / (2 * h)
        for e in h * np.eye(problem.start.size)
    ]
    np.testing.assert_allclose(np.array(slopes).T, problem.hessian(problem.start), atol=1e-8)
