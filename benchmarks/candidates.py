"""Who takes part: each candidate is a name and a function that takes one step in place."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import downslope as ds
import numpy as np
from downslope.optimizers import Elementwise

Step = Callable[[], object]

OURS: dict[str, Elementwise] = {
    "Momentum": ds.Momentum(lr=1e-3),
    "Adam": ds.Adam(),
    "AdamW": ds.AdamW(),
    "Lion": ds.Lion(),
}
TORCH: dict[str, tuple[str, dict[str, float]]] = {
    "Momentum": ("SGD", {"lr": 1e-3, "momentum": 0.9}),
    "Adam": ("Adam", {"lr": 1e-3}),
    "AdamW": ("AdamW", {"lr": 1e-3, "weight_decay": 1e-2}),
}
OPTAX: dict[str, tuple[str, dict[str, float]]] = {
    "Momentum": ("sgd", {"learning_rate": 1e-3, "momentum": 0.9}),
    "Adam": ("adam", {"learning_rate": 1e-3}),
    "AdamW": ("adamw", {"learning_rate": 1e-3, "weight_decay": 1e-2}),
    "Lion": ("lion", {"learning_rate": 1e-4, "weight_decay": 0.0}),
}


@dataclass(frozen=True, repr=False)
class OneAddition(Elementwise):
    """An addition to every array of an optimizer with one slot: hardly more than the trip to memory."""

    slots = ("m",)

    def rule(self, t: Any, w: Any, g: Any, m: Any) -> tuple[Any, ...]:  # noqa: D102
        return g, m + g


@dataclass(frozen=True, repr=False)
class OneAdditionMore(OneAddition):
    """The same for an optimizer with two slots."""

    slots = ("m", "s")

    def rule(self, t: Any, w: Any, g: Any, m: Any, s: Any) -> tuple[Any, ...]:  # noqa: D102
        return g, m + g, s + g


def fused(opt: Elementwise, w: np.ndarray, g: np.ndarray) -> Step:
    """One compiled step of an optimizer, of parameters and a state of its own."""
    fast, w, g = ds.fused(opt), w.copy(), g.copy()
    state = fast.init(w)

    def step() -> None:
        nonlocal state
        state = fast.apply_(g, state, w)

    return step


def ours(name: str, w: np.ndarray, g: np.ndarray) -> Iterator[tuple[str, Callable[[], Step]]]:
    """The memory's own pace, the compiled rule and the plain one."""
    opt = OURS[name]
    pace = OneAdditionMore if len(opt.stored) == 2 else OneAddition
    yield "memory alone", lambda: fused(pace(lr=1.0), w, g)
    yield "fused rule", lambda: fused(opt, w, g)

    def plain() -> Step:
        at, state, slope = w.copy(), opt.init(w), g.copy()

        def step() -> None:
            nonlocal at, state
            v, state = opt.update(slope, state, at)
            at = at + v

        return step

    yield "NumPy rule", plain


def torch(name: str, w: np.ndarray, g: np.ndarray) -> Iterator[tuple[str, Callable[[], Step]]]:
    """PyTorch as it comes, and by each of its two fast paths; for Lion, which it lacks, pytorch_optimizer's."""
    try:
        import torch
    except ModuleNotFoundError:
        return

    def stepping(kind: Any, **settings: Any) -> Step:
        parameter = torch.nn.Parameter(torch.tensor(w))
        parameter.grad = torch.tensor(g)
        return kind([parameter], **settings).step

    if name in TORCH:
        kind, settings = TORCH[name]
        for label, path in (("torch", {}), ("torch foreach", {"foreach": True}), ("torch fused", {"fused": True})):
            yield label, lambda path=path: stepping(getattr(torch.optim, kind), **settings, **path)
        return
    try:
        from pytorch_optimizer import Lion
    except ModuleNotFoundError:
        return
    yield "pytorch_opt.", lambda: stepping(Lion, lr=1e-4, weight_decay=0.0)


def optax(name: str, w: np.ndarray, g: np.ndarray) -> Iterator[tuple[str, Callable[[], Step]]]:
    """Optax under jit, with its buffers donated so that it may write in place."""
    try:
        import jax
        import optax
    except ModuleNotFoundError:
        return
    kind, settings = OPTAX[name]
    transform = getattr(optax, kind)(**settings)

    def take(gradient: Any, state: Any, w: Any) -> tuple[Any, Any]:
        updates, state = transform.update(gradient, state, w)
        return optax.apply_updates(w, updates), state

    def stepping() -> Step:
        at, gradient = jax.numpy.array(w), jax.numpy.array(g)
        state, compiled = transform.init(at), jax.jit(take, donate_argnums=(1, 2))

        def step() -> None:
            nonlocal at, state
            at, state = compiled(gradient, state, at)
            at.block_until_ready()

        return step

    yield "optax jit", stepping
