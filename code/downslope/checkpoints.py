"""Files that are written whole or not at all: arrays, and what JSON can say about them."""

import json
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import numpy as np

from downslope.trees import Tree, label, leaves, tree_map

__all__ = ["read", "restored", "write"]

HEADER = "downslope"


def write(path: Path, header: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Put a checkpoint in the place of the last one, at once.

    It is written beside its place and reaches the disk before it is moved there, so that whoever comes after a crash
    finds the old one or the new one. Ctrl-C waits until it is there.

    Parameters
    ----------
    path : Path
        The folder has to exist.
    header : dict
        Whatever JSON can hold; arrays become lists.
    arrays : dict of arrays
        By name.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write(Path(folder) / "run.npz", {"epoch": 3}, {"w": np.arange(2)})
    ...     read(Path(folder) / "run.npz")
    ({'epoch': 3}, {'w': array([0, 1])})
    """
    said = np.array(json.dumps({"header": header, "arrays": list(arrays)}, default=lambda x: x.tolist()))
    beside = path.with_name(path.name + ".part")
    with _undisturbed():
        try:
            with beside.open("wb") as file:
                np.savez(file, allow_pickle=False, **{HEADER: said}, **{f"array {n}": x for n, x in arrays.items()})
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
        if os.name == "posix":  # the move itself is on the disk when its folder is
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold Ctrl-C back: in the middle of an archive it ends in an error of zipfile's that hides it."""
    before = signal.getsignal(signal.SIGINT)
    if before is None or threading.current_thread() is not threading.main_thread():  # not ours to hold
        yield
        return
    pressed: list[Any] = []
    signal.signal(signal.SIGINT, lambda *at: pressed.append(at))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if pressed:
        signal.raise_signal(signal.SIGINT)


def read(path: Path) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """The header and the arrays of a checkpoint.

    Raises
    ------
    ValueError
        The file is not one that `write` has made.
    """
    with path.open("rb") as file:  # a file that cannot be opened is another matter
        try:
            with np.load(file, allow_pickle=False) as archive:
                said = json.loads(cast(str, archive[HEADER].item()))
                return said["header"], {name: archive[f"array {name}"] for name in said["arrays"]}
        except Exception as error:  # one wrong bit, and zipfile, NumPy and tokenize raise a dozen kinds between them
            raise ValueError(f"checkpoint must be a file that fit has written, got {str(path)!r}") from error


def restored(tree: Tree, arrays: dict[str, np.ndarray], name: str) -> Tree:
    """A tree like another one, with the leaves that stand under its name in a checkpoint.

    Raises
    ------
    ValueError
        A leaf is missing, or has another shape or dtype.

    Examples
    --------
    >>> restored({"t": 0, "m": np.zeros(2)}, {"state.t": np.array(7), "state.m": np.ones(2)}, "state")
    {'t': 7, 'm': array([1., 1.])}
    """
    paths = iter([path for path, _ in leaves(tree)])

    def one(leaf: Any) -> Any:
        path = next(paths)
        found = arrays.get(f"{name}.{path}" if path else name)
        wanted = np.asarray(leaf)
        if found is None or (found.shape, found.dtype) != (wanted.shape, wanted.dtype):
            kept = "nothing" if found is None else f"{found.dtype} of shape {found.shape}"
            where = label(name, path)
            raise ValueError(f"checkpoint must hold {wanted.dtype} of shape {wanted.shape} for {where}, got {kept}")
        return found if isinstance(leaf, np.ndarray) else type(leaf)(found.item())

    return tree_map(one, tree)
