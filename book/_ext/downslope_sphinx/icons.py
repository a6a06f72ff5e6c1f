"""The icons that the pages use, as a few CSS masks.

The theme would load all of Font Awesome as a script of 1.5 MB. The paths are read from that script, which
the theme brings with it; the sheet holds those icons whose classes occur in the built pages.
"""

import re
from pathlib import Path
from urllib.parse import quote

import pydata_sphinx_theme
from sphinx.application import Sphinx

SCRIPTS = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static" / "scripts"
ICON = re.compile(r'"?([a-z][\w-]*)"?:\[(\d+),(\d+),\[[^\]]*\],"[0-9a-f]+","([^"]+)"\]')
USED = re.compile(r'class="[^"]*\bfa[bsr]?(?:-(?:solid|brands|regular))? fa-([a-z][\w-]*)')
RULES = """\
.fa-solid, .fa-brands, .fas, .fab {
  display: inline-block; width: 1em; height: 1em; vertical-align: -0.125em;
  background: currentColor; -webkit-mask: var(--icon) center / contain no-repeat; mask: var(--icon) center / contain no-repeat;
}
"""


def setup(app: Sphinx) -> None:
    app.add_css_file("icons.css")
    app.connect("build-finished", _write_sheet)


def _write_sheet(app: Sphinx, exception: Exception | None) -> None:
    static = Path(app.outdir) / "_static"
    if exception or app.builder.name != "html":
        return
    paths = _icon_paths()
    used = {name for page in Path(app.outdir).rglob("*.html") for name in USED.findall(page.read_text("utf-8"))}
    (static / "icons.css").write_text(RULES + "".join(_rule(name, *paths[name]) for name in sorted(used)))
    for leftover in static.rglob("*.map"):
        leftover.unlink()
    for leftover in (static / "scripts").glob("fontawesome*"):
        leftover.unlink()


def _icon_paths() -> dict[str, tuple[str, str, str]]:
    """Width, height and path of each icon; the solid set stands last and wins over the regular one."""
    script = (SCRIPTS / "fontawesome.js").read_text(encoding="utf-8")
    return {name: (width, height, path) for name, width, height, path in ICON.findall(script)}


def _rule(name: str, width: str, height: str, path: str) -> str:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"><path d="{path}"/></svg>'
    return f".fa-{name} {{ --icon: url(\"data:image/svg+xml,{quote(svg, safe=' =/:')}\"); }}\n"
