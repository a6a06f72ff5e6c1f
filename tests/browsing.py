"""A gzipping server on loopback, and pages that note what goes wrong in them."""

import functools
import gzip
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
COMPRESSED = {".html", ".css", ".js", ".json", ".svg", ".txt", ".inv", ".ipynb", ".md"}

Scheme = Literal["light", "dark"]


@functools.cache
def transferred(path: Path) -> bytes:
    """What a server that compresses text sends for a file."""
    data = path.read_bytes()
    return gzip.compress(data, 6, mtime=0) if path.suffix in COMPRESSED else data


class _Handler(SimpleHTTPRequestHandler):
    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        path = path / "index.html" if path.is_dir() else path
        if not path.is_file():
            self.send_error(404)
            return
        data = transferred(path)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(data)))
        if path.suffix in COMPRESSED:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        with suppress(ConnectionError):  # a page that is closed wants no more of it
            self.wfile.write(data)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback; the value is its address."""
    handler = functools.partial(_Handler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@dataclass
class Log:
    """What a page asked for, and what it complained about."""

    host: str
    requested: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    @property
    def elsewhere(self) -> list[str]:
        """Requests that left the host."""
        return [u for u in self.requested if urlsplit(u).scheme in ("http", "https") and not self._own(u)]

    @property
    def files(self) -> set[str]:
        """The paths that were asked of the host."""
        return {urlsplit(url).path for url in self.requested if self._own(url)}

    def _own(self, url: str) -> bool:
        return url.startswith(self.host)


@contextmanager
def opened(
    browser: Browser, host: str, path: str, scheme: Scheme = "light", width: int = 1280, height: int = 900
) -> Iterator[tuple[Page, Log]]:
    """Open a page as a visitor without a cache does, with all that it loads late."""
    context = browser.new_context(
        color_scheme=scheme, viewport={"width": width, "height": height}, reduced_motion="reduce"
    )
    page, log = context.new_page(), Log(host)
    page.on("request", lambda request: log.requested.append(request.url))
    page.on("requestfailed", lambda request: log.failed.append(f"{request.url}: {request.failure}"))
    page.on("response", lambda r: log.failed.append(f"{r.url}: {r.status}") if r.status >= 400 else None)
    page.on("pageerror", lambda error: log.said.append(f"error: {error}"))
    page.on(
        "console",
        lambda m: log.said.append(f"{m.type}: {m.text}") if m.type in ("error", "warning", "assert") else None,
    )
    page.goto(f"{host}/{path}", wait_until="networkidle")
    yield page, log
    context.close()


def accessibility_problems(page: Page) -> str:
    """What axe finds, one rule and one element a line; empty when it finds nothing."""
    found = Axe().run(page).response["violations"]
    return "\n".join(f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"])
