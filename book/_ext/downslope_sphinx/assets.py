"""Style sheets, scripts and fonts that are gathered at build time and never committed."""

import re
import shutil
from importlib.util import find_spec
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

ROOT = Path(__file__).resolve().parents[3]
GATHERED = ROOT / "_build" / "static"
KATEX = ROOT / "node_modules" / "katex"


def setup(app: Sphinx) -> None:
    app.connect("config-inited", _gather)


def _gather(app: Sphinx, config: Config) -> None:
    GATHERED.mkdir(parents=True, exist_ok=True)
    _copy_katex()
    config.html_static_path.append(str(GATHERED))
    for sheet in ("downslope.css", *_copy_figures("css")):
        app.add_css_file(sheet, priority=900)
    for script in ("downslope.js", *_copy_figures("js")):
        app.add_js_file(script, loading_method="defer")


def _copy_figures(kind: str) -> list[str]:
    """The style sheets or scripts that the package ships for its figures, if it does."""
    spec = find_spec("downslope")
    folder = Path(next(iter(spec.submodule_search_locations or []))) / "figures" if spec else ROOT
    files = sorted(folder.glob(f"*.{kind}")) if spec else []
    for file in files:
        shutil.copy2(file, GATHERED)
    return [file.name for file in files]


def _copy_katex() -> None:
    """KaTeX's style sheet and fonts; its script, which renders the formulas, comes from the same folder."""
    if not KATEX.is_dir():
        raise ExtensionError("node_modules/katex is missing: run `make book`, which installs it with npm")
    shutil.copytree(
        KATEX / "dist" / "fonts",
        GATHERED / "katex" / "fonts",
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns("*.ttf", "*.woff"),
    )
    sheet = (KATEX / "dist" / "katex.min.css").read_text(encoding="utf-8")
    # every browser that runs the book reads woff2
    sheet = re.sub(r',url\(fonts/[\w-]+\.(?:woff|ttf)\) format\("\w+"\)', "", sheet)
    (GATHERED / "katex" / "katex.min.css").write_text(sheet, encoding="utf-8")
