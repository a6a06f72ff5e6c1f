"""One style sheet for the site: every sheet that a page links, without the rules that no page can use."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import tinycss2
from sphinx.application import Sphinx

from downslope_sphinx.icons import icon_sheet

NAME = "book.css"
THEME = ["basic.css", "styles/pydata-sphinx-theme.css"]
NESTED = {"media", "supports"}
CLASS_ATTRIBUTE = re.compile(r'class="([^"]*)"')
CLASS_SELECTOR = re.compile(r"\.(-?[a-zA-Z_][\w-]*)")
NEGATION = re.compile(r":(?:not|is|where|has)\([^)]*\)")
CHATTER = re.compile(r"\bconsole\.(?:log|info|debug)\(")
URL = re.compile(r"url\((?!['\"]?(?:data:|#))['\"]?([^'\")]+)['\"]?\)")


def setup(app: Sphinx) -> None:
    sheets = Sheets()
    app.connect("html-page-context", sheets.link_one, priority=951)
    # after the theme, which writes its colours for code when everything else is done
    app.connect("build-finished", sheets.write, priority=900)


class Sheets:
    """The sheets that the pages of this build would link."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def link_one(self, app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object) -> None:
        """Remember what the page would link; the template webpack-macros.html links `NAME` instead."""
        files = sorted(context["css_files"], key=lambda file: getattr(file, "priority", 500))
        self.names = THEME + [str(getattr(f, "filename", f)).removeprefix("_static/") for f in files]
        context["css_files"] = []

    def write(self, app: Sphinx, exception: Exception | None) -> None:
        """Write `NAME`, unless no page has been written and it stands already."""
        if exception or app.builder.name != "html" or not self.names:
            return
        static = Path(app.outdir) / "_static"
        used = _used_names(Path(app.outdir))
        css = "".join(_pruned(static / name, static, used) for name in self.names) + icon_sheet(used)
        (static / NAME).write_text(css, encoding="utf-8")
        _silence(static)


def _used_names(site: Path) -> set[str]:
    """Every class of a page, and every word of a script, since scripts set classes."""
    names = set()
    for page in site.rglob("*.html"):
        for value in CLASS_ATTRIBUTE.findall(page.read_text(encoding="utf-8")):
            names.update(value.split())
    for script in (site / "_static").rglob("*.js"):
        if script.stem != "fontawesome":
            names.update(re.findall(r"[\w-]+", script.read_text(encoding="utf-8")))
    return names


def _pruned(sheet: Path, static: Path, used: set[str]) -> str:
    text = URL.sub(
        lambda found: f"url({(sheet.parent / found[1]).resolve().relative_to(static.resolve())})",
        sheet.read_text(encoding="utf-8"),
    )
    return "".join(_keep(tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True), used))


def _keep(rules: list[Any], used: set[str]) -> Iterator[str]:
    for rule in rules:
        if rule.type == "qualified-rule":
            body = tinycss2.serialize(rule.content).strip()
            selectors = [s for s in _selectors(rule.prelude) if _classes(s) <= used]
            # the theme's Font Awesome font is not shipped: icons.py draws what is needed of it
            if selectors and body and "--fa-font" not in body and "Font Awesome" not in body:
                yield f"{','.join(selectors)}{{{body}}}\n"
        elif rule.type == "at-rule" and rule.lower_at_keyword in NESTED:
            inner = tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True)
            if kept := "".join(_keep(inner, used)):
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{kept}}}\n"
        elif rule.type == "at-rule" and "Font Awesome" not in (text := rule.serialize()):
            yield text + "\n"


def _selectors(prelude: list[Any]) -> list[str]:
    """The comma-separated selectors of a rule; commas inside of :is(...) belong to their function."""
    selectors = [""]
    for token in prelude:
        if token.type == "literal" and token.value == ",":
            selectors.append("")
        else:
            selectors[-1] += token.serialize()
    return [selector.strip() for selector in selectors]


def _classes(selector: str) -> set[str]:
    """The classes without which `selector` cannot match."""
    return set(CLASS_SELECTOR.findall(NEGATION.sub("", selector)))


def _silence(static: Path) -> None:
    """Take the theme's chatter off the console, and away what no page loads."""
    for script in static.rglob("*.js"):
        text = script.read_text(encoding="utf-8")
        if CHATTER.search(text):
            script.write_text(CHATTER.sub("void (", text), encoding="utf-8")
    for unused in {*static.rglob("*.map"), *(static / "scripts").glob("fontawesome*")}:
        unused.unlink()
