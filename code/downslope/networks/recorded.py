"""A training run that is too long for a page, written down by ``python -m benchmarks.record_gpt``."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from downslope.networks.transformer import GPT
from downslope.trees import Tree

__all__ = ["RecordedGPT", "recorded_gpt"]

FILE = Path(__file__).with_name("recorded_gpt.npz")


@dataclass(frozen=True, eq=False)
class RecordedGPT:
    """What a run of the small `GPT` left, and a race of optimizers on a smaller one.

    Attributes
    ----------
    model : GPT
        As it was before training, float32.
    params : nested dict of arrays
        After it; stored with half precision.
    step_loss : array, shape (steps,)
        Of each mini-batch, in nats a character.
    test_loss : array, shape (epochs,)
        After each epoch.
    samples : dict
        What the model wrote, by the number of epochs that it had seen.
    race : dict
        For each optimizer and step size, the test losses of the seeds after 300 steps.
    race_loss : dict
        The losses of the steps of each optimizer with its best step size, from the first seed.
    longer : dict
        As `race`, after one pass through the whole text.
    cold : dict
        AdamW without a warm-up: for each step size, the test losses of the seeds.
    broken : dict
        For each part that a block lacks, the test losses of the seeds with Muon.
    about : dict
        Command, versions, seconds of one core, and what else is needed to do it again.
    """

    model: GPT
    params: Tree
    step_loss: np.ndarray
    test_loss: np.ndarray
    samples: dict[int, str]
    race: dict[str, dict[float, list[float]]]
    race_loss: dict[str, np.ndarray]
    longer: dict[str, dict[float, list[float]]]
    cold: dict[float, list[float]]
    broken: dict[str, list[float]]
    about: dict[str, Any]


@cache
def recorded_gpt() -> RecordedGPT:
    """The recorded run of the chapter on transformers.

    Notes
    -----
    The text is the manual of the Python that recorded it, `downslope.data.text`.

    Examples
    --------
    >>> run = recorded_gpt()
    >>> run.params["token"]["W"].shape, bool(run.test_loss[-1] < run.test_loss[0])
    ((96, 64), True)
    """
    with np.load(FILE) as stored:
        words = json.loads(str(stored["words"]))
        params: Tree = {}
        for name in stored.files:
            if name.startswith("params."):
                *outer, last = name.split(".")[1:]
                branch = params
                for key in outer:
                    branch = branch.setdefault(key, {})
                branch[last] = stored[name].astype(np.float32)
        step_loss, test_loss = stored["step_loss"], stored["test_loss"]
        race_loss = {name: stored[f"race.{name}"] for name in words["race"]}
    return RecordedGPT(
        GPT(96, rng=np.random.default_rng(0)),
        params,
        step_loss,
        test_loss,
        {int(epoch): sample for epoch, sample in words["samples"].items()},
        {name: _by_rate(row) for name, row in words["race"].items()},
        race_loss,
        {name: _by_rate(row) for name, row in words["longer"].items()},
        _by_rate(words["cold"]),
        words["broken"],
        words["about"],
    )


def _by_rate(row: dict[str, list[float]]) -> dict[float, list[float]]:
    return {float(lr): losses for lr, losses in row.items()}
