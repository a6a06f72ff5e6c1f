"""Seconds a training step of the small GPT, ours and PyTorch's, in one process: `python -m benchmarks.gpt`.

The same model, the same weights, the same batch, AdamW in both; PyTorch is left out where it is not installed. The
rounds take turns, so that whatever else the machine does slows down both.
"""

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator

import downslope as ds
import numpy as np
from downslope.trees import leaves, tree_map

SIZE = {"n_tokens": 103, "context": 64, "width": 64, "heads": 4, "depth": 2}
BATCH = 16
ROUNDS, STEPS = 30, 5


def ours(model: ds.networks.GPT, x: np.ndarray, y: np.ndarray) -> Callable[[], object]:
    """Loss, gradient and update, as a training loop takes them."""
    opt, params = ds.AdamW(lr=1e-3), model.params
    state = opt.init(params)

    def step() -> None:
        nonlocal params, state
        _, grads = model.gradient(params, x, y)
        updates, state = opt.update(grads, state, params)
        params = tree_map(np.add, params, updates)

    return step


def peers(model: ds.networks.GPT, x: np.ndarray, y: np.ndarray) -> Iterator[tuple[str, Callable[[], object]]]:
    """PyTorch's eager step."""
    try:
        import torch
    except ModuleNotFoundError:
        return
    from tests.oracles.torch_gpt import GPT

    theirs = GPT(**SIZE).load(dict(leaves(model.params)))
    opt = torch.optim.AdamW(theirs.parameters(), lr=1e-3, weight_decay=1e-2)

    def step() -> None:
        opt.zero_grad()
        theirs.loss(x, y).backward()
        opt.step()

    yield "PyTorch, eager", step


def main() -> None:
    """Print the median of each, its spread, and the ratio."""
    rng = np.random.default_rng(0)
    model = ds.networks.GPT(**SIZE, rng=rng)
    text = rng.integers(SIZE["n_tokens"], size=(BATCH, SIZE["context"] + 1))
    x, y = text[:, :-1], text[:, 1:]
    count = sum(w.size for _, w in leaves(model.params))
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {os.cpu_count()} cores, float32")
    print(f"GPT of {count:,} parameters, a batch of {BATCH} texts of {SIZE['context']}")
    steps = dict([("NumPy", ours(model, x, y)), *peers(model, x, y)])
    taken: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(ROUNDS + 1):  # the first warms up
        for name, step in steps.items():
            start = time.perf_counter()
            for _ in range(STEPS):
                step()
            taken[name].append(1e3 * (time.perf_counter() - start) / STEPS)
    *_, last = taken.values()
    for name, (_, *times) in taken.items():
        ratio, best = statistics.median(times) / statistics.median(last[1:]), min(times) / min(last[1:])
        spread = f"[{min(times):.2f}, {max(times):.2f}]"
        print(f"  {name:15} {statistics.median(times):7.2f} ms {spread:16} {ratio:5.2f} x, of the fastest {best:.2f} x")


if __name__ == "__main__":
    main()
