"""Train the small GPT for its chapter, and smaller ones for its race, and write down what came of it.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.record_gpt

A good minute for the run on one core, and about five for the smaller models: every optimizer with several step sizes,
the longer race, the runs without a warm-up, and the blocks with something left out. With ``short`` behind the command
only these are run again. Another processor rounds its sums differently: the curve comes out alike, the samples do not.
"""

import json
import platform
import sys
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from zlib import crc32

import downslope as ds
import numpy as np
from downslope.figures.transformer import variant
from downslope.networks.recorded import FILE
from downslope.optimizers import Optimizer
from downslope.trees import leaves

EPOCHS, BATCH = 12, 16
SAMPLED = (0, 1, 3, 12)
PROMPT, TEMPERATURE = "If the object is ", 0.6
RATES = {
    "SGD": (0.1, 0.3, 1.0, 3.0),
    "Momentum": (0.03, 0.1, 0.3, 1.0),
    "AdamW": (1e-3, 3e-3, 6e-3, 1e-2, 3e-2),
    "Lion": (3e-4, 1e-3, 3e-3, 6e-3, 1e-2),
    "Sophia": (1e-3, 3e-3, 6e-3, 1e-2, 3e-2),
    "Muon": (1e-2, 3e-2, 6e-2, 1e-1),
}
LONGER = {"Momentum": (0.1, 0.3, 1.0), "AdamW": (3e-3, 6e-3, 1e-2)}
LEFT_OUT = {"no mask": "causal", "no sums": "add", "no layer norm": "norm", "no attention": "attention"}
SEEDS = (0, 1, 2)
SHORT = 300

Recording = tuple[dict[str, np.ndarray], dict[str, Any]]
"""Arrays for the file, and what is written in words."""


def full_run(epochs: int = EPOCHS, on_epoch: Callable[[ds.History], None] | None = None) -> ds.History:
    """Train the small GPT on the whole text; the step size follows a plan for `EPOCHS` epochs."""
    model, data = ds.networks.GPT(96, rng=np.random.default_rng(0)), ds.data.text().windows(64)
    steps = EPOCHS * -(-len(data.x_train) // BATCH)
    lr = ds.schedules.warmup(ds.schedules.cosine(3e-3, steps=steps - 100), steps=100)
    opt = ds.AdamW(lr=lr, beta2=0.99, weight_decay=0.1)
    rng = np.random.default_rng(1)
    return ds.fit(model, data, opt, epochs=epochs, batch_size=BATCH, rng=rng, on_epoch=on_epoch)


def sample(params: Any) -> str:
    """What the model writes."""
    text, model = ds.data.text(), ds.networks.GPT(96, rng=np.random.default_rng(0))
    return text.decode(model.generate(params, text.encode(PROMPT), 240, np.random.default_rng(0), TEMPERATURE))


def racers(lr: float, steps: int = SHORT, warmup: int = 30) -> dict[str, Optimizer]:
    """Every optimizer with one step size, which rises for `warmup` steps and falls to zero in the rest."""

    def plan(top: float) -> Any:
        falling = ds.schedules.cosine(top, steps=steps - warmup)
        return ds.schedules.warmup(falling, steps=warmup) if warmup else falling

    lr, rest = plan(lr), ds.AdamW(lr=plan(6e-3), beta2=0.99, weight_decay=0.1)
    return {
        "SGD": ds.SGD(lr=lr),
        "Momentum": ds.Momentum(lr=lr, momentum=0.9),
        "AdamW": ds.AdamW(lr=lr, beta2=0.99, weight_decay=0.1),
        "Lion": ds.Lion(lr=lr, weight_decay=0.1),
        "Sophia": ds.Sophia(lr=lr, weight_decay=0.1),
        "Muon": ds.Partition(_kind, {"hidden": ds.Muon(lr=lr), "rest": rest}),
    }


def _kind(path: str, w: np.ndarray) -> str:
    return "hidden" if path.startswith("block") and w.ndim == 2 else "rest"


def pieces(longer: bool = False) -> ds.data.Split:
    """What the smaller model learns from, half of the text or all of it, and the whole text to test on."""
    found = ds.data.text().windows(32)
    every = slice(None) if longer else slice(0, 2 * SHORT * BATCH, 2)
    return ds.data.Split(found.x_train[every], found.y_train[every], found.x_test, found.y_test)


def race(
    name: str,
    lr: float,
    seed: int,
    *,
    longer: bool = False,
    warmup: int = 30,
    block: Any = ds.networks.transformer_block,
) -> tuple[float, np.ndarray]:
    """The smaller model's test loss after one pass, infinite if it diverges, and the losses of the steps."""
    data = pieces(longer)
    opt = racers(lr, -(-len(data.x_train) // BATCH), warmup)[name]
    model = ds.networks.GPT(96, context=32, width=32, heads=2, block=block, rng=np.random.default_rng(seed))
    rng = np.random.default_rng(seed + 1)
    try:
        history = ds.fit(model, data, opt, epochs=1, batch_size=BATCH, rng=rng, progress=False)
    except ds.DivergedError as stopped:
        return float("inf"), stopped.history.step_loss
    return float(history.test_loss[-1]), history.step_loss


def sweep(name: str, rates: Iterable[float], **settings: Any) -> dict[float, list[float]]:
    """The test losses of all seeds, by step size."""
    return {lr: [race(name, lr, seed, **settings)[0] for seed in SEEDS] for lr in rates}


def best(row: dict[float, list[float]]) -> float:
    """The step size whose mean test loss is the smallest."""
    return min(row, key=lambda lr: np.mean(row[lr]))


def long_run() -> Recording:
    """The run on the whole text: its curves and weights, what it wrote, and how it was made."""
    samples = {0: sample(ds.networks.GPT(96, rng=np.random.default_rng(0)).params)}

    def keep(history: ds.History) -> None:
        if (epoch := len(history.train_loss)) in SAMPLED:
            samples[epoch] = sample(history.params)

    start = time.process_time()  # others may want the processor too
    history = full_run(on_epoch=keep)
    about = {
        "command": "OPENBLAS_NUM_THREADS=1 python -m benchmarks.record_gpt",
        "seconds": round(time.process_time() - start),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "text": crc32(ds.data.text().train.tobytes()),
    }
    curves = {"step_loss": history.step_loss.astype(np.float32), "test_loss": history.test_loss}
    params = {f"params.{path}": leaf.astype(np.float16) for path, leaf in leaves(history.params)}
    return curves | params, {"samples": samples, "about": about}


def short_runs() -> Recording:
    """The runs of the smaller model: the curves of the race, and everybody's test losses."""
    finals = {name: sweep(name, rates) for name, rates in RATES.items()}
    curves = {f"race.{name}": race(name, best(row), seed=0)[1].astype(np.float32) for name, row in finals.items()}
    broken = {
        name: sweep("Muon", [0.03], block=partial(variant, **{part: False}))[0.03] for name, part in LEFT_OUT.items()
    }
    longer = {name: sweep(name, rates, longer=True) for name, rates in LONGER.items()}
    cold = sweep("AdamW", RATES["AdamW"], warmup=0)
    return curves, {"race": finals, "longer": longer, "cold": cold, "broken": broken}


def kept() -> Recording:
    """The run on the whole text as it stands in the file."""
    with np.load(FILE) as stored:
        words = json.loads(str(stored["words"]))
        arrays = {name: stored[name] for name in stored.files if name != "words" and not name.startswith("race.")}
    return arrays, {name: words[name] for name in ("samples", "about")}


def main(what: list[str]) -> None:
    """Run all of it, or with the word ``short`` the smaller models only, and write one file."""
    arrays, words = kept() if what == ["short"] else long_run()
    curves, losses = short_runs()
    np.savez_compressed(FILE, words=np.array(json.dumps(words | losses)), **arrays, **curves)


if __name__ == "__main__":
    main(sys.argv[1:])
