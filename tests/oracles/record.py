"""Walk every case of the table with the library that it names, and write down where it went.

    python tests/oracles/record.py            # record everything anew
    python tests/oracles/record.py --check    # record in memory, and fail where that differs from the files

Float64 throughout. Numbers are written as Python's shortest text that reads back as the same float, keys in
a fixed order, so recording twice on one machine gives the same bytes. Another processor rounds its sums
differently, which is why ``--check`` compares numbers and not bytes. The files are never edited by hand.
"""

import json
import math
import os
import sys
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from typing import Any

os.environ["KERAS_BACKEND"] = "torch"

import adabound
import jax
import jax.numpy as jnp
import keras
import numpy as np
import optax
import optimistix
import pytorch_optimizer
import torch
from pytorch_optimizer.base.optimizer import BaseOptimizer
from pytorch_optimizer.optimizer.muon import normuon

sys.path.insert(0, str(Path(__file__).parents[1]))

from oracles.cases import CASES, conventions
from oracles.cases.case import Case
from oracles.cases.schedules import SCHEDULES, ScheduleCase
from oracles.problems import PROBLEMS, convex_gradient, decaying, needed

jax.config.update("jax_enable_x64", True)
keras.config.set_floatx("float64")
# PyTorch keeps step counts in the default type: in float32, NAdam would lose eight digits.
torch.set_default_dtype(torch.float64)

# Newton-Schulz runs in bfloat16 in the libraries; here in the parameter's type.
torch.Tensor.bfloat16 = lambda tensor, *args, **kwargs: tensor.clone()
normuon.zero_power_via_newton_schulz_5 = partial(normuon.zero_power_via_newton_schulz_5, dtype=torch.float64)
# pytorch_optimizer adds 1e-15 under a root, which no paper has and which shows in MARS.
BaseOptimizer.apply_ams_bound = staticmethod(partial(BaseOptimizer.apply_ams_bound, exp_avg_sq_eps=0.0))

RECORDED = Path(__file__).parent / "recorded"
RESTS_ON = {
    "adabound": "torch",
    "keras": "torch",
    "optax": "jax",
    "optimistix": "jax",
    "pytorch_optimizer": "torch",
    "torch": "torch",
}


class Clipping:
    """A PyTorch optimizer and, before each of its steps, PyTorch's own clipping of the gradient."""

    def __init__(self, opt: torch.optim.Optimizer, max_norm: float) -> None:
        self.opt, self.max_norm = opt, max_norm

    def step(self) -> None:
        """Clip, then step."""
        torch.nn.utils.clip_grad_norm_(self.opt.param_groups[0]["params"], self.max_norm)
        self.opt.step()


NAMES = {
    "adabound": adabound,
    "clipping": Clipping,
    "decaying": decaying,
    "keras": keras,
    "math": math,
    "optax": optax,
    "optimistix": optimistix,
    "pytorch_optimizer": pytorch_optimizer,
    "torch": torch,
}

Array = np.ndarray
Step = Callable[..., Array]


def torch_walker(call: str, start: Array) -> Step:
    """A step of a PyTorch optimizer, with or without a scheduler around it."""
    w = torch.nn.Parameter(torch.tensor(start))
    made = eval(call, NAMES | {"w": w})
    scheduler = made if isinstance(made, torch.optim.lr_scheduler.LRScheduler) else None
    opt = scheduler.optimizer if scheduler else made

    def step(g: Array, hessian_diag: Array | None = None) -> Array:
        w.grad = torch.tensor(g)
        opt.step(**({} if hessian_diag is None else {"hessian": [torch.tensor(hessian_diag)]}))
        if scheduler:
            scheduler.step()
        return w.detach().numpy().copy()

    return step


def optax_walker(call: str, start: Array) -> Step:
    """A step of an Optax transformation."""
    opt, w = eval(call, NAMES), jnp.asarray(start)
    state = opt.init(w)

    def step(g: Array) -> Array:
        nonlocal w, state
        updates, state = opt.update(jnp.asarray(g), state, w)
        w = optax.apply_updates(w, updates)
        return np.asarray(w)

    return step


def keras_walker(call: str, start: Array) -> Step:
    """A step of a Keras optimizer."""
    opt, w = eval(call, NAMES), keras.Variable(start)

    def step(g: Array) -> Array:
        opt.apply([keras.ops.convert_to_tensor(g)], [w])
        return keras.ops.convert_to_numpy(w).copy()

    return step


def optimistix_walker(call: str, start: Array) -> Step:
    """A step of a root finder on the convex problem's gradient, which it differentiates itself."""
    solver, w = eval(call, NAMES), jnp.asarray(start)

    def step(g: Array) -> Array:
        nonlocal w
        w = optimistix.root_find(lambda w, _: convex_gradient(w), solver, w, max_steps=1, throw=False).value
        return np.asarray(w)

    return step


WALKERS = {
    "adabound": torch_walker,
    "keras": keras_walker,
    "optax": optax_walker,
    "optimistix": optimistix_walker,
    "pytorch_optimizer": torch_walker,
    "torch": torch_walker,
}


def walk(case: Case) -> list[Array]:
    """The start, and the point after each step."""
    problem = PROBLEMS[case.problem]
    step = WALKERS[case.library](case.call, problem.start)
    points = [problem.start]
    for taken in range(case.steps):
        extra = needed(case.needs, problem, taken, points, case.hessian_every)
        points.append(step(problem.gradient(taken, points[-1]), **extra))
    if not np.isfinite(points).all() or points[-1].dtype != np.float64:
        raise ValueError(f"{case.id}: {points[-1].dtype}, ends at {points[-1]}")
    return points


def walk_schedule(case: ScheduleCase) -> list[float]:
    """The step size of each step."""
    made = eval(case.call, NAMES | {"w": torch.nn.Parameter(torch.zeros(1))})
    if case.library != "torch":
        return [float(made(t)) for t in range(case.steps)]
    sizes = []
    for t in range(case.steps):
        sizes.append(float(made.optimizer.param_groups[0]["lr"]))
        made.optimizer.step()
        made.step(*case.losses[t : t + 1])
    return sizes


def record(case: Case | ScheduleCase) -> dict[str, Any]:
    """A case with its versions and its points, as it is written down."""
    libraries = sorted({case.library, RESTS_ON[case.library]})
    return {
        "call": case.call,
        "id": case.id,
        "settings": case.settings,
        # the release without the build, which differs between machines: 2.13.0+cpu
        "versions": {name: version(name).split("+")[0] for name in libraries},
    } | (
        {"problem": case.problem, "points": np.array(walk(case)).tolist()}
        if isinstance(case, Case)
        else {"losses": case.losses, "points": walk_schedule(case)}
    )


def as_text(recordings: list[dict[str, Any]]) -> str:
    """JSON with one line for each point."""
    blocks = []
    for recording in recordings:
        head = {key: value for key, value in recording.items() if key != "points"}
        rows = ",\n".join(f"  {json.dumps(point)}" for point in recording["points"])
        blocks.append(json.dumps(head, indent=1, sort_keys=True)[:-2] + f',\n "points": [\n{rows}\n ]\n}}')
    return "[\n" + ",\n".join(blocks) + "\n]\n"


def differences(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[str]:
    """What differs between two recordings of one method, in words."""
    if [r["id"] for r in old] != [r["id"] for r in new]:
        return ["the cases are not those of the table"]
    found = []
    for before, after in zip(old, new, strict=True):
        found += [f"{after['id']}: {key}" for key in before if key != "points" and before[key] != after[key]]
        ours, theirs = np.array(before["points"]), np.array(after["points"])
        if ours.shape != theirs.shape or np.abs(ours - theirs).max() > 1e-12:
            found.append(f"{after['id']}: points")
    return found


def main(check: bool) -> int:
    """Record everything; return the exit status."""
    files = {
        method: list(group)
        for method, group in groupby(sorted(CASES, key=lambda c: c.optimizer), key=lambda c: c.optimizer)
    } | {"schedules": SCHEDULES, "conventions": conventions.SCHEDULES}
    found = []
    for name, cases in files.items():
        recordings = json.loads(json.dumps([record(case) for case in cases]))
        path = RECORDED / f"{name}.json"
        if check:
            found += differences(json.loads(path.read_text()) if path.exists() else [], recordings)
        else:
            path.write_text(as_text(recordings))
        print(f"{name}: {len(recordings)}", flush=True)
    for line in found:
        print("DIFFERS", line)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
