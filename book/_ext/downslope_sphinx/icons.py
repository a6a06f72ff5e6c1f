"""Font Awesome's icons as CSS masks, only those that are asked for.

The theme would load the whole of Font Awesome: a script of 1.5 MB, or fonts. The paths are read out of that
script, which the theme brings with it.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

import pydata_sphinx_theme

SCRIPTS = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static" / "scripts"
ICON = re.compile(r'"?([a-z][\w-]*)"?:\[(\d+),(\d+),\[[^\]]*\],"[0-9a-f]+","([^"]+)"\]')
RULES = """\
.fa-solid, .fa-brands { display: inline-block; width: 1em; height: 1em; vertical-align: -.125em; \
background: currentColor; mask: var(--icon) center / contain no-repeat; }
"""


def icon_sheet(classes: Iterable[str]) -> str:
    """The style sheet for those of `classes` that name an icon, such as ``fa-moon``."""
    script = (SCRIPTS / "fontawesome.js").read_text(encoding="utf-8")
    # the script holds the brands, the regular and the solid icons, in this order: the last one wins
    icons = {f"fa-{name}": (width, height, path) for name, width, height, path in ICON.findall(script)}
    return RULES + "".join(_rule(name, *icons[name]) for name in sorted(set(classes) & icons.keys()))


def _rule(name: str, width: str, height: str, path: str) -> str:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"><path d="{path}"/></svg>'
    return f'.{name} {{ --icon: url("data:image/svg+xml,{quote(svg, safe=" =/:")}"); }}\n'
