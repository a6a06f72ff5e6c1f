"""Seconds a step: the NumPy rule, the compiled rule, and PyTorch and Optax where they are installed, in one process.

`make bench` prints a table for every optimizer and number of float32 parameters, and last the ratios to the best peer.

- The candidates take turns, round after round, so that whatever else the machine does falls on all alike. Every
  sitting allocates all arrays anew, for it matters where in memory they lie.
- The time is the median of all rounds; beside it the fastest one, which is what a busy machine falsifies least, and
  the upper quartile. The ratio is the median's over the compiled rule's, above 1 if the candidate is slower.
- "memory alone" is a compiled pass that makes one addition to each array that the optimizer writes. No optimizer
  that keeps these arrays can be much faster once they do not fit the cache.
- MB is the peak of a step above what the process held before the candidate was set up (on Linux): parameters,
  gradient, state and what the step allocates on the way. Only where an array has more than 32 MiB: smaller ones may
  lie in memory that was freed before.

The peers are no part of the book or of its lock file. `.venv/bin/pip install torch jax optax pytorch_optimizer` brings
them (the last one for its Lion); a peer that is not installed has no row.
"""

import argparse
import gc
import os
import platform
import time
from pathlib import Path

import numpy as np

from benchmarks.candidates import OURS, Step, optax, ours, torch

SIZES = (2, 1_000, 100_000, 1_000_000, 10_000_000)
SITTINGS = 3
ROUNDS = 15
SECONDS_A_TURN = 0.005
HOUSE = "memory alone", "fused rule", "NumPy rule"
SURELY_RETURNED = 32 << 20
"""Bytes from which an array that is freed leaves the process, so that what it holds tells of the candidates."""


def sitting(name: str, size: int) -> tuple[dict[str, list[float]], dict[str, float]]:
    """Seconds a step in each round, and megabytes, of every candidate."""
    rng = np.random.default_rng(0)
    w, g = rng.normal(size=(2, size)).astype(np.float32)
    steps, repeats, megabytes = {}, {}, {}
    for label, make in (one for family in (ours, torch, optax) for one in family(name, w, g)):
        held = _memory("VmRSS")
        steps[label] = make()
        turn(steps[label], 3)
        _forget_the_peak()
        repeats[label] = max(1, int(SECONDS_A_TURN / turn(steps[label], 1)))
        megabytes[label] = _memory("VmHWM") - held
    seconds: dict[str, list[float]] = {label: [] for label in steps}
    for k in range(ROUNDS):
        order = list(steps)[k % len(steps) :] + list(steps)[: k % len(steps)]
        for label in order:
            turn(steps[label], 1)  # its arrays are in the cache again, as far as they fit
            seconds[label].append(turn(steps[label], repeats[label]))
    return seconds, megabytes


def turn(step: Step, repeats: int) -> float:
    """Seconds a step."""
    start = time.perf_counter()
    for _ in range(repeats):
        step()
    return (time.perf_counter() - start) / repeats


def measure(name: str, size: int) -> str:
    """Print the table of one optimizer at one size; the ratio of the compiled rule to the best peer as a line."""
    seconds: dict[str, list[float]] = {}
    held: dict[str, float] = {}
    for _ in range(SITTINGS):
        rounds, megabytes = sitting(name, size)
        for label, times in rounds.items():
            seconds.setdefault(label, []).extend(times)
            held[label] = max(megabytes[label], held.get(label, 0.0))
        gc.collect()
    fused = summary(seconds["fused rule"])
    print(f"\n{name}, {size:,} parameters (load {os.getloadavg()[0]:.1f})")
    for label, times in seconds.items():
        fastest, median, upper = summary(times)
        spread = f"[{fastest:.3g}, {upper:.3g}]"
        memory = f"{held[label]:8.0f} MB" if size * 4 > SURELY_RETURNED else ""
        print(f"  {label:14}{median:10.3g} s  {spread:22}{median / fused[1]:8.2f} x fused{memory}")
    peers = {label: summary(times) for label, times in seconds.items() if label not in HOUSE}
    if not peers:
        return f"  {name:10}{size:>12,}   no peer is installed"
    best = min(peers, key=lambda label: peers[label][1])
    at_best = fused[0] / min(fastest for fastest, _, _ in peers.values())
    return f"  {name:10}{size:>12,}{fused[1] / peers[best][1]:8.2f}{at_best:8.2f}   {best}"


def summary(times: list[float]) -> tuple[float, float, float]:
    """Fastest, median and upper quartile."""
    fastest, median, upper = np.quantile(times, [0.0, 0.5, 0.75])
    return fastest, median, upper


def _memory(kind: str) -> float:
    """Megabytes that the process holds, or has held at its peak."""
    status = Path("/proc/self/status")
    lines = status.read_text(encoding="utf-8").splitlines() if status.exists() else []
    return next((int(line.split()[1]) / 1000 for line in lines if line.startswith(kind)), float("nan"))


def _forget_the_peak() -> None:
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5", encoding="utf-8")


def allowed_memory() -> float:
    """Gigabytes that the process may hold: the machine's, or what its control group leaves of it."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for path in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        if Path(path).exists() and (text := Path(path).read_text(encoding="utf-8").strip()).isdigit():
            limits.append(int(text))
    return min(limits) / 1e9


def main() -> None:
    """Measure every optimizer at every size."""
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--optimizers", nargs="+", choices=OURS, default=list(OURS))
    chosen = parser.parse_args()
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, float32, {os.cpu_count()} cores,")
    print(f"{allowed_memory():.1f} GB of memory; {SITTINGS} sittings of {ROUNDS} rounds")
    ratios = [measure(name, size) for name in chosen.optimizers for size in chosen.sizes]
    print(
        "\nThe compiled rule's time over the best peer's: of the medians, of the fastest rounds\n" + "\n".join(ratios)
    )


if __name__ == "__main__":
    main()
