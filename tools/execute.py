"""Execute notebooks in parallel into the jupyter-cache that Sphinx reads.

jupyter-cache keys an execution by the code of its cells alone. Here every state of the package, of the
lock and of Python has a cache folder of its own, so that no page shows what an older package computed.
"""

import hashlib
import os
import platform
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import cache
from pathlib import Path

import yaml
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn, JupyterCacheAbstract
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from traitlets.config import Config

from tools.fragments import read_notebook
from tools.paths import CACHE, ROOT, chapters, decks

# The figures module draws pre-rendered frames for the static site, and widgets otherwise. One thread a
# kernel, since there is one kernel a core, and sums in one order, so that two builds agree.
ENVIRONMENT = {"DOWNSLOPE_STATIC": "1", "OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "0"}
CACHES_KEPT = 5
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class NotebookError(Exception):
    """A cell failed or wrote to stderr."""


@cache
def digest() -> str:
    """What an execution depends on beside its own cells: the package with its data, the lock, Python."""
    state = hashlib.sha256(platform.python_version().encode())
    package = (p for p in (ROOT / "code").rglob("*") if p.is_file())
    for path in [ROOT / "requirements.txt", *sorted(package)]:
        if "__pycache__" not in path.parts and not path.parent.name.endswith(".egg-info"):
            state.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return state.hexdigest()[:16]


def cache_path() -> Path:
    """The folder of executions that are valid now."""
    return CACHE / digest()


def execute_all() -> None:
    """Execute every chapter and deck that the cache does not hold; raise `SystemExit` if any fails."""
    run(chapters() + decks())


def run(paths: Iterable[Path]) -> None:
    """Execute those of `paths` that the cache does not hold, one line each; raise `SystemExit` if any fails."""
    os.environ.update(ENVIRONMENT)
    executed = _open_cache()
    todo = {path: nb for path in paths if not _is_cached(executed, nb := read_notebook(path))}
    if not todo:
        print("Nothing to execute: every chapter and deck is in the cache.")
        return
    workers = os.cpu_count() or 1
    print(f"Executing {len(todo)} of the notebooks on {workers} cores:", flush=True)
    failures = []
    with ThreadPoolExecutor(workers) as pool:
        futures = {pool.submit(_execute, path, nb): path for path, nb in todo.items()}
        for done, future in enumerate(as_completed(futures), start=1):
            path = futures[future]
            name = path.relative_to(ROOT).as_posix()
            try:
                seconds = future.result()
            except NotebookError as error:
                failures.append(f"{name}, {error}")
                print(f"  [{done}/{len(todo)}] {name}  FAILED", flush=True)
                continue
            bundle = CacheBundleIn(todo[path], str(path), data={"execution_seconds": seconds})
            executed.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
            print(f"  [{done}/{len(todo)}] {name}  {seconds:.1f} s", flush=True)
    if failures:
        sys.exit("\n\n".join(["", *failures]))


def _open_cache() -> JupyterCacheAbstract:
    path = cache_path()
    path.mkdir(parents=True, exist_ok=True)
    path.touch()
    by_age = sorted(CACHE.iterdir(), key=lambda folder: folder.stat().st_mtime)
    for folder in by_age[:-CACHES_KEPT]:
        shutil.rmtree(folder)
    return get_cache(path)


def _is_cached(cache: JupyterCacheAbstract, notebook: NotebookNode) -> bool:
    try:
        cache.match_cache_notebook(notebook)
    except KeyError:
        return False
    return True


def _execute(path: Path, notebook: NotebookNode) -> float:
    """Run `notebook` in place and return the seconds it took."""
    timeout = yaml.safe_load((ROOT / "_config.yml").read_text())["execute"]["timeout"]
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as sockets:
        # ipc, not tcp: parallel kernels then cannot race for a port, and ipykernel has nothing to warn of
        config = Config({"KernelManager": {"transport": "ipc", "ip": f"{sockets}/kernel"}})
        folder = {"metadata": {"path": str(path.parent)}}
        client = NotebookClient(notebook, timeout=timeout, kernel_name="python3", resources=folder, config=config)
        # the cache compares the metadata of cells as well: no times may be written into them
        client.record_timing = False
        running = 0

        def note(cell: NotebookNode, cell_index: int) -> None:
            nonlocal running
            running = cell_index

        client.on_cell_execute = note
        try:
            client.execute()
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            raise NotebookError(f"{_where(notebook, running)}:\n{COLOURS.sub('', str(error))}") from error
    _refuse_stderr(notebook)
    return time.perf_counter() - start


def _refuse_stderr(notebook: NotebookNode) -> None:
    for index, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and output.name == "stderr":
                raise NotebookError(f"{_where(notebook, index)} wrote to stderr:\n{output.text}")


def _where(notebook: NotebookNode, index: int) -> str:
    codes = [i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    line = notebook.metadata["source_map"][index] + 1
    return f"code cell {codes.index(index) + 1}, line {line}"


if __name__ == "__main__":
    execute_all()
