"""Where an optimizer keeps its state: in eight bits a number, or in files."""

from abc import abstractmethod
from dataclasses import dataclass
from functools import cache, partial
from os import SEEK_CUR
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import numpy as np

from downslope.optimizers.base import Ruled, State
from downslope.optimizers.checks import steps_taken
from downslope.optimizers.wrappers import Wrapper, check_optimizer
from downslope.trees import Tree, check_keys, tree_map
from downslope.validation import Count

ALIGNED = 64
"""Bytes: whatever the type of a number, it may begin at a multiple of these."""

__all__ = ["Paged", "Quantized", "dequantize", "dynamic_code", "quantize"]


@dataclass(frozen=True, repr=False)
class Stored(Wrapper):
    """An optimizer whose slots stand in the state as something else than arrays in memory."""

    inner: Ruled

    def __post_init__(self) -> None:
        super().__post_init__()
        check_optimizer("inner", self.inner, Ruled, "an optimizer with a rule, not a wrapper around one")

    @abstractmethod
    def load(self, slot: str, held: Any) -> np.ndarray:
        """The array for what the state holds."""

    def lookahead(self, params: Tree, state: State) -> Tree:
        steps_taken(self.name, state, self.inner.stored)
        for slot in self.inner.stored:
            check_keys(state[slot], params, f"state[{slot!r}]", deeper=True)
        slots = {s: tree_map(lambda _, held, s=s: self.load(s, held), params, state[s]) for s in self.inner.stored}
        return self.inner.lookahead(params, {"t": state["t"]} | slots)


@cache
def dynamic_code(signed: bool) -> np.ndarray:
    """The 256 numbers that a byte can stand for, rising, the largest 1.

    Seven decades, each with twice as many numbers as the one below: relative accuracy for large numbers, and small
    ones that are not lost. Signed it reaches from -0.993, unsigned from 0 with twice as many numbers.

    Notes
    -----
    `dettmers2022optimizers`, as its authors' code makes it.

    Examples
    --------
    >>> dynamic_code(signed=True)[[0, 126, 127, 128, 255]]
    array([-9.9296875e-01, -5.5000000e-07,  0.0000000e+00,  5.5000000e-07,
            1.0000000e+00])
    """
    positive = []
    for decade in range(7):
        edges = np.linspace(0.1, 1, 2 ** (decade if signed else decade + 1) + 1)
        positive.append(10.0 ** (decade - 6) * (edges[:-1] + edges[1:]) / 2)
    numbers = np.concatenate([*positive, *(-x for x in positive if signed), [0.0, 1.0]])
    numbers.sort()
    numbers.flags.writeable = False
    return numbers


def quantize(x: np.ndarray, block: int = 256, signed: bool = True) -> dict[str, np.ndarray]:
    """An array in one byte a number.

    Parameters
    ----------
    x : array
    block : int
        How many numbers, in the array's order, share one scale.
    signed : bool
        Whether there are negative numbers.

    Returns
    -------
    dict
        ``"codes"``: uint8, of the shape of `x`, places in `dynamic_code`; ``"absmax"``: each block's largest
        absolute value, in the type of `x`.

    Examples
    --------
    >>> held = quantize(np.array([0.5, -2.0, 0.0]))
    >>> held["codes"], held["absmax"]
    (array([201,   0, 127], dtype=uint8), array([2.]))
    """
    code = dynamic_code(signed)
    padded = np.zeros(-(-x.size // block) * block, x.dtype)
    padded[: x.size] = x.reshape(-1)
    blocks = padded.reshape(-1, block)
    absmax = np.abs(blocks).max(axis=1)
    scaled = blocks / np.where(absmax > 0, absmax, 1)[:, None]
    codes = np.searchsorted((code[:-1] + code[1:]) / 2, scaled).astype(np.uint8)
    return {"codes": codes.reshape(-1)[: x.size].reshape(x.shape), "absmax": absmax}


def dequantize(held: dict[str, np.ndarray], block: int = 256, signed: bool = True) -> np.ndarray:
    """The array that `quantize` put away, as far as a byte can tell.

    Examples
    --------
    >>> dequantize(quantize(np.array([0.5, -2.0, 0.0]))).round(4)
    array([ 0.4953, -1.9859,  0.    ])
    """
    codes, absmax = held["codes"], held["absmax"]
    scale = np.repeat(absmax, block)[: codes.size].reshape(codes.shape)
    return dynamic_code(signed).astype(absmax.dtype)[codes] * scale


@dataclass(frozen=True, repr=False)
class Quantized(Stored):
    r"""An optimizer that keeps every number of its state in one byte.

    Parameters
    ----------
    inner : Optimizer
        One with a rule, not a wrapper.
    block : int
        How many numbers share one scale; an outlier costs only its own block its accuracy.

    Notes
    -----
    Each slot's arrays become bytes and one scale a block: 1 + 4/256 bytes a number for float32 parameters. Slots
    that are never negative use the finer, unsigned code. `dettmers2022optimizers`. The rule sees what the bytes
    stand for, so the walk is near to the optimizer's own, and not the same.

    Examples
    --------
    >>> from downslope import Adam, state_bytes
    >>> w = np.zeros(2560, dtype=np.float32)
    >>> state_bytes(Adam(), w), state_bytes(Quantized(Adam()), w)
    (20480, 5200)
    """

    block: Count = 256

    def init(self, params: Tree) -> State:
        return self.inner.started(params, self.store)

    def update(self, grads: Tree, state: State, params: Tree, **needed: Any) -> tuple[Tree, State]:
        return self.inner.stepped(grads, state, params, needed, self.load, self.store)

    def load(self, slot: str, held: Any) -> np.ndarray:
        """The array that the bytes stand for."""
        if not isinstance(held, dict) or held.keys() != {"codes", "absmax"}:
            raise ValueError(f"state[{slot!r}] must hold codes and absmax for each array, got {type(held).__name__}")
        scales, blocks = held["absmax"].size, -(-held["codes"].size // self.block)
        if scales != blocks:
            raise ValueError(f"state[{slot!r}] must have a scale for each of {blocks} blocks, got {scales}")
        return dequantize(held, self.block, slot not in self.inner.nonnegative)

    def store(self, slot: str, array: np.ndarray) -> Any:
        """The array in bytes."""
        return quantize(array, self.block, slot not in self.inner.nonnegative)


@dataclass(frozen=True, repr=False)
class Paged(Stored):
    r"""An optimizer that keeps its state in a file, of which only what is being used is in memory.

    Parameters
    ----------
    inner : Optimizer
        One with a rule, not a wrapper.
    path : str or Path
        The folder for the file; it has to exist. The file has no name, and goes when the state goes.

    Raises
    ------
    FileNotFoundError
        There is no such folder.

    Notes
    -----
    The numbers are the optimizer's own, bit for bit. A step reads and writes one array of the parameters at a time:
    what it keeps in memory is the largest array's share of the state, not the whole, so a model in one array gains
    nothing. While it is being taken, there are two files, the old state's and the new. `dettmers2023qlora` pages
    between a GPU and its host.

    Examples
    --------
    >>> from tempfile import gettempdir
    >>> from downslope import Adam
    >>> w, opt = np.zeros(3), Paged(Adam(), gettempdir())
    >>> type(opt.init(w)["m"])
    <class 'numpy.memmap'>
    """

    path: str | Path

    def __post_init__(self) -> None:
        super().__post_init__()
        if not Path(self.path).is_dir():
            raise FileNotFoundError(f"path must be a folder, got {str(self.path)!r}")

    def init(self, params: Tree) -> State:
        with TemporaryFile(dir=self.path) as file:
            return _mapped(file, self.inner.started(params, partial(_written, file)))

    def update(self, grads: Tree, state: State, params: Tree, **needed: Any) -> tuple[Tree, State]:
        with TemporaryFile(dir=self.path) as file:
            steps, after = self.inner.stepped(grads, state, params, needed, self.load, partial(_written, file))
            return steps, _mapped(file, after)

    def load(self, slot: str, held: Any) -> np.ndarray:
        return np.asarray(held)


@dataclass(frozen=True)
class _Place:
    """Where in a file an array stands."""

    start: int
    like: np.ndarray

    def of(self, whole: np.ndarray) -> np.ndarray:
        """The array, out of the bytes of the file."""
        stop = self.start + self.like.dtype.itemsize * int(np.prod(self.like.shape))
        return whole[self.start : stop].view(self.like.dtype).reshape(self.like.shape)


def _written(file: IO[bytes], slot: str, array: np.ndarray) -> _Place | np.ndarray:
    """Put an array behind those before it, where numbers of every size may begin."""
    if array.size == 0:
        return array  # no file can be mapped that has nothing in it
    file.seek(-file.tell() % ALIGNED, SEEK_CUR)
    place = _Place(file.tell(), np.broadcast_to(array.dtype.type(0), array.shape))
    file.write(np.ascontiguousarray(array).data)
    return place


def _mapped(file: IO[bytes], state: State) -> State:
    """The state with arrays in the place of their places, all in one map: each map holds the file open once more."""
    file.flush()
    if not file.tell():
        return state
    whole = np.memmap(file, np.uint8, mode="r+")
    mapped: State = tree_map(lambda x: x.of(whole) if isinstance(x, _Place) else x, state)
    return mapped
