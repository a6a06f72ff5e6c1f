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
        For each optimizer and step size, the test losses of the seeds.
    about : dict
        Command, versions, seconds of one core, and what else is needed to do it again.
    """

    model: GPT
    params: Tree
    step_loss: np.ndarray
    test_loss: np.ndarray
    samples: dict[int, str]
    race: dict[str, dict[float, list[float]]]
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
    return RecordedGPT(
        GPT(96, rng=np.random.default_rng(0)),
        params,
        step_loss,
        test_loss,
        {int(epoch): sample for epoch, sample in words["samples"].items()},
        {name: {float(lr): found for lr, found in row.items()} for name, row in words["race"].items()},
        words["about"],
    )
