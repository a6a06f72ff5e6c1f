"""Milliseconds an epoch of a network on the digits, ours and PyTorch's: `python -m benchmarks.training`.

Both train the same widths on the same examples with Adam in float32, draw an order for each epoch, and measure the
test split after it. The rounds take turns, so that whatever else the machine does slows down both.
"""

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import fields
from itertools import pairwise

import downslope as ds
import numpy as np
from downslope.data import Split

WIDTHS = ([64, 64, 10], [64, 128, 64, 10], [64, 512, 512, 10])
LR = 3e-3
EPOCHS = 5
ROUNDS = 15

Epochs = Callable[[], float]
"""Trains for `EPOCHS` from the start, and returns the accuracy on the test split."""


def digits() -> Split:
    """Return the digits in float32, as PyTorch has them."""
    arrays = {field.name: getattr(ds.data.digits(), field.name) for field in fields(Split)}
    return Split(**{name: array.astype(np.float32 if name[0] == "x" else np.int64) for name, array in arrays.items()})


def ours(widths: list[int], batch_size: int) -> Epochs:
    """`ds.fit` as the book calls it."""
    data = digits()
    model = ds.networks.MLP(widths, rng=np.random.default_rng(0), dtype=np.float32)

    def train() -> float:
        opt, rng = ds.Adam(lr=LR), np.random.default_rng(1)
        return float(ds.fit(model, data, opt, epochs=EPOCHS, batch_size=batch_size, rng=rng).test_accuracy[-1])

    return train


def torch_peer(widths: list[int], batch_size: int) -> Epochs | None:
    """PyTorch's eager loop as its users write it, with tensors in place of a loader's workers."""
    try:
        import torch
    except ModuleNotFoundError:
        return None
    data = digits()
    x_train, y_train, x_test, y_test = (torch.tensor(getattr(data, field.name)) for field in fields(Split))
    measure = torch.nn.functional.cross_entropy

    def train() -> float:
        torch.manual_seed(0)
        layers = []
        for n_in, n_out in pairwise(widths):
            layers += [torch.nn.Linear(n_in, n_out), torch.nn.ReLU()]
        model = torch.nn.Sequential(*layers[:-1])
        opt = torch.optim.Adam(model.parameters(), lr=LR)
        for _ in range(EPOCHS):
            order = torch.randperm(len(x_train))
            for batch in order.split(batch_size):
                opt.zero_grad()
                measure(model(x_train[batch]), y_train[batch]).backward()
                opt.step()
            with torch.no_grad():
                scores = model(x_test)
                measure(scores, y_test).item()
                accuracy = (scores.argmax(dim=1) == y_test).float().mean().item()
        return accuracy

    return train


def main() -> None:
    """Print a line for each network and batch size: medians, spread and ratio."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__)
    parser.add_argument("--batch-sizes", type=int, nargs="+", default=(32, 128))
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {os.cpu_count()} cores, float32")
    for widths in WIDTHS:
        for batch_size in parser.parse_args().batch_sizes:
            trains = {"ours": ours(widths, batch_size)}
            if peer := torch_peer(widths, batch_size):
                trains["torch"] = peer
            accuracy = {name: train() for name, train in trains.items()}  # warms up, too
            taken: dict[str, list[float]] = {name: [] for name in trains}
            for _ in range(ROUNDS):
                for name, train in trains.items():
                    start = time.perf_counter()
                    train()
                    taken[name].append(1e3 * (time.perf_counter() - start) / EPOCHS)
            print(f"\n{'-'.join(map(str, widths))}, batches of {batch_size}")
            last = list(taken)[-1]
            base = statistics.median(taken[last])
            for name, times in taken.items():
                median = statistics.median(times)
                print(
                    f"  {name:6} {median:7.2f} ms an epoch  [{min(times):.2f}, {max(times):.2f}]"
                    f"  {median / base:5.2f} x {last}  accuracy {accuracy[name]:.3f} after {EPOCHS} epochs"
                )


if __name__ == "__main__":
    main()
