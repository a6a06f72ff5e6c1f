"""Train the small GPT for its chapter and write down what came of it.

    OPENBLAS_NUM_THREADS=1 python -m benchmarks.record_gpt

About a minute and a half for the run on one core, and two more for the race, in which every optimizer trains a smaller
one with several step sizes. Another processor rounds its sums differently: the curve comes out alike, the samples do
not.
"""

import json
import platform
import time
from collections.abc import Callable
from typing import Any
from zlib import crc32

import downslope as ds
import numpy as np
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
SEEDS = (0, 1)


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


def racers(lr: float) -> dict[str, Optimizer]:
    """Every optimizer with one step size, which rises for 30 steps and falls to zero in 270."""
    plan, fixed = (ds.schedules.warmup(ds.schedules.cosine(x, steps=270), steps=30) for x in (lr, 6e-3))
    rest = ds.AdamW(lr=fixed, beta2=0.99, weight_decay=0.1)
    return {
        "SGD": ds.SGD(lr=plan),
        "Momentum": ds.Momentum(lr=plan, momentum=0.9),
        "AdamW": ds.AdamW(lr=plan, beta2=0.99, weight_decay=0.1),
        "Lion": ds.Lion(lr=plan, weight_decay=0.1),
        "Sophia": ds.Sophia(lr=plan, weight_decay=0.1),
        "Muon": ds.Partition(_kind, {"hidden": ds.Muon(lr=plan), "rest": rest}),
    }


def _kind(path: str, w: np.ndarray) -> str:
    return "hidden" if path.startswith("block") and w.ndim == 2 else "rest"


def race(name: str, lr: float, seed: int) -> float:
    """The test loss after 300 steps of the smaller model; infinite if it diverges."""
    pieces = ds.data.text().windows(32)
    every = slice(0, 9600, 2)
    data = ds.data.Split(pieces.x_train[every], pieces.y_train[every], pieces.x_test[:256], pieces.y_test[:256])
    model = ds.networks.GPT(96, context=32, width=32, heads=2, rng=np.random.default_rng(seed))
    rng = np.random.default_rng(seed + 1)
    try:
        history = ds.fit(model, data, racers(lr)[name], epochs=1, batch_size=BATCH, rng=rng, progress=False)
    except ds.DivergedError:
        return float("inf")
    return float(history.test_loss[-1])


def main() -> None:
    """Run both, and write one file."""
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
    finals = {n: {str(lr): [race(n, lr, seed) for seed in SEEDS] for lr in rates} for n, rates in RATES.items()}
    params = {f"params.{path}": leaf.astype(np.float16) for path, leaf in leaves(history.params)}
    words = json.dumps({"samples": samples, "race": finals, "about": about})
    curves = {"step_loss": history.step_loss.astype(np.float32), "test_loss": history.test_loss}
    np.savez_compressed(FILE, words=np.array(words), **curves, **params)


if __name__ == "__main__":
    main()
