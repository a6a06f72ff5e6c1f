"""The built site, a server for it and a browser, shared by all tests of what readers see."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browsing import CHROMIUM, serving
from tools.paths import HTML, ROOT

LEFT_OUT = pytest.StashKey[list[str]]()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without Chromium leave out what needs it, and remember what that was; in CI let it fail."""
    needing = [item for item in items if "browser" in getattr(item, "fixturenames", ())]
    if CHROMIUM or os.environ.get("CI") or not needing:
        return
    config.stash[LEFT_OUT] = sorted({item.nodeid.split("[")[0] for item in needing})
    config.hook.pytest_deselected(items=needing)
    items[:] = [item for item in items if item not in needing]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say at the very end which tests were left out."""
    if names := config.stash.get(LEFT_OUT, []):
        terminalreporter.section("left out: no Chromium")
        terminalreporter.write_line("\n".join(names))
        terminalreporter.write_line(
            "To run them: `apt-get install chromium`, or put a Chrome's path into the variable CHROMIUM."
        )


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    if not CHROMIUM:
        pytest.fail("no Chromium: install it, or put a Chrome's path into the variable CHROMIUM")
    with sync_playwright() as playwright:
        # the sandbox needs rights that containers rarely have; the pages are the book's own
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield running
        running.close()


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the site as it is now: built if it is missing or stale, which takes seconds otherwise."""
    with tempfile.TemporaryFile("w+") as said:
        command = [sys.executable, "-m", "tools.build", "book"]
        built = subprocess.run(command, cwd=ROOT, stdout=said, stderr=subprocess.STDOUT, check=False)
        said.seek(0)
        if built.returncode:
            print(said.read()[-8000:])
            pytest.fail("the site does not build; why, stands with the first test that wants it", pytrace=False)
    return HTML


@pytest.fixture(scope="session")
def host(site: Path) -> Iterator[str]:
    """The address of the site."""
    with serving(site) as address:
        yield address
