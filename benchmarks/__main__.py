"""Seconds a step: the NumPy rule, the compiled rule, and PyTorch and Optax where they are installed, in one process."""

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator

import downslope as ds
import numpy as np
from downslope.optimizers import Elementwise

SIZES = (2, 1_000, 100_000, 1_000_000, 10_000_000)
ROUNDS = 7
SECONDS_A_ROUND = 0.2

OPTIMIZERS: dict[str, Elementwise] = {
    "Momentum": ds.Momentum(lr=1e-3),
    "Adam": ds.Adam(),
    "AdamW": ds.AdamW(),
}
TORCH = {
    "Momentum": ("SGD", {"lr": 1e-3, "momentum": 0.9}),
    "Adam": ("Adam", {"lr": 1e-3}),
    "AdamW": ("AdamW", {"lr": 1e-3, "weight_decay": 1e-2}),
}
OPTAX = {
    "Momentum": ("sgd", {"learning_rate": 1e-3, "momentum": 0.9}),
    "Adam": ("adam", {"learning_rate": 1e-3}),
    "AdamW": ("adamw", {"learning_rate": 1e-3, "weight_decay": 1e-2}),
}


def ours(name: str, w: np.ndarray, g: np.ndarray) -> Iterator[tuple[str, Callable[[], object]]]:
    """The plain rule and the compiled one."""
    opt, fast = OPTIMIZERS[name], ds.fused(OPTIMIZERS[name])
    plain, compiled = {"state": opt.init(w)}, {"state": fast.init(w)}
    plain_w, compiled_w = w.copy(), w.copy()

    def step() -> None:
        nonlocal plain_w
        v, plain["state"] = opt.update(g, plain["state"], plain_w)
        plain_w = plain_w + v

    def fused_step() -> None:
        compiled["state"] = fast.apply_(g, compiled["state"], compiled_w)

    yield "NumPy rule", step
    yield "fused rule", fused_step


def torch_peers(name: str, w: np.ndarray, g: np.ndarray) -> Iterator[tuple[str, Callable[[], object]]]:
    """PyTorch as it comes, and with each of its two fast paths."""
    try:
        import torch
    except ModuleNotFoundError:
        return
    kind, settings = TORCH[name]
    for label, path in (("torch", {}), ("torch foreach", {"foreach": True}), ("torch fused", {"fused": True})):
        parameter = torch.nn.Parameter(torch.tensor(w))
        parameter.grad = torch.tensor(g)
        yield label, getattr(torch.optim, kind)([parameter], **settings, **path).step


def optax_peers(name: str, w: np.ndarray, g: np.ndarray) -> Iterator[tuple[str, Callable[[], object]]]:
    """Optax under jit, with its buffers donated so that it may write in place."""
    try:
        import jax
        import optax
    except ModuleNotFoundError:
        return
    kind, settings = OPTAX[name]
    transform = getattr(optax, kind)(**settings)
    held = {"w": jax.numpy.asarray(w), "state": transform.init(jax.numpy.asarray(w))}
    gradient = jax.numpy.asarray(g)

    def take(gradient: object, state: object, w: object) -> tuple[object, object]:
        updates, state = transform.update(gradient, state, w)
        return optax.apply_updates(w, updates), state

    take = jax.jit(take, donate_argnums=(1, 2))

    def step() -> None:
        held["w"], held["state"] = take(gradient, held["state"], held["w"])
        held["w"].block_until_ready()

    yield "optax jit", step


def seconds(step: Callable[[], object]) -> list[float]:
    """Seconds a step in each round, after the warm-up that compiles."""
    for _ in range(3):
        step()
    start = time.perf_counter()
    step()
    repeats = max(1, int(SECONDS_A_ROUND / (time.perf_counter() - start)))
    rounds = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        for _ in range(repeats):
            step()
        rounds.append((time.perf_counter() - start) / repeats)
    return rounds


def main() -> None:
    """Print one table an optimizer and size: median, spread, and the ratio to the compiled rule."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    sizes = parser.parse_args().sizes
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {os.cpu_count()} cores, float32")
    for name in OPTIMIZERS:
        for size in sizes:
            rng = np.random.default_rng(0)
            w, g = rng.normal(size=(2, size)).astype(np.float32)
            measured = {
                label: seconds(step) for peers in (ours, torch_peers, optax_peers) for label, step in peers(name, w, g)
            }
            base = statistics.median(measured["fused rule"])
            print(f"\n{name}, {size:,} parameters (a copy of them in memory runs at the limit {_copy_time(w):.3g} s)")
            for label, rounds in measured.items():
                median = statistics.median(rounds)
                spread = f"[{min(rounds):.3g}, {max(rounds):.3g}]"
                print(f"  {label:14} {median:10.3g} s  {spread:22} {median / base:8.2f} x fused")


def _copy_time(w: np.ndarray) -> float:
    target = np.empty_like(w)
    return statistics.median(seconds(lambda: np.copyto(target, w)))


if __name__ == "__main__":
    main()
