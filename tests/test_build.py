"""The site is a function of its sources: built again elsewhere, with nothing cached, it has the same bytes."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tools.paths import CACHE, HTML, NODE_MODULES, ROOT


def _sources() -> list[str]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def _files(folder: Path) -> dict[str, bytes]:
    # Sphinx keeps beside the pages what it needs to build less the next time; that is no page
    left_out = {".buildinfo"}
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not left_out & set(path.parts)
    }


def _build(folder: Path, executed: Path | None) -> Path:
    """Build the sources as they are now in `folder`, from the executions in `executed` or from none."""
    for name in _sources():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    (folder / "node_modules").symlink_to(NODE_MODULES)
    if executed:
        shutil.copytree(executed, folder / executed.relative_to(ROOT))
    environment = os.environ | {"PYTHONPATH": str(folder / "code"), "PYTHONHASHSEED": "0"}
    with (folder / "build.log").open("w+") as log:
        command = [sys.executable, "-m", "tools.build", "book"]
        done = subprocess.run(command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT, check=False)
        log.seek(0)
        if done.returncode:
            pytest.fail(log.read()[-8000:], pytrace=False)
    return folder / HTML.relative_to(ROOT)


def test_two_builds_have_the_same_bytes(site: Path, tmp_path: Path) -> None:
    assert site.is_dir()
    with ThreadPoolExecutor() as pool:
        builds = pool.map(_build, (tmp_path / "one", tmp_path / "other"), (CACHE, None))
    one, other = map(_files, builds)
    assert one.keys() == other.keys()
    assert [name for name in one if one[name] != other[name]] == []
