"""Matplotlib's SVG made small, the same in every build, and ready for a page of either theme."""

import re
from collections.abc import Iterable
from html import escape
from io import BytesIO
from typing import Any
from xml.etree import ElementTree

import matplotlib as mpl
from matplotlib.figure import Figure

from downslope.figures import style

_OPTIONS: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "downslope", "svg.image_inline": True}
_METADATA = {"Date": None, "Creator": None, "Format": None, "Type": None}

_ROOT_STYLE = "font-family:var(--ds-font,system-ui,'DejaVu Sans',sans-serif);stroke-linejoin:round"
_HALO = f"paint-order:stroke;stroke:var(--ds-paper, {style.PAPER});stroke-width:3px;font-weight:600"
_REFERENCE = re.compile(r'(href="#|url\(#)([^")]+)')


def lines(fig: Figure) -> list[str]:
    """A figure as the lines of an SVG, one element a line, without the outermost tag.

    Frames of one drawing share most of their lines.
    """
    style.finish(fig)
    buffer = BytesIO()
    with mpl.rc_context(_OPTIONS):
        fig.savefig(buffer, format="svg", metadata=_METADATA, transparent=True)
    source = buffer.getvalue()
    referenced = {name for _, name in _REFERENCE.findall(source.decode())}
    written: list[str] = []
    for child in ElementTree.fromstring(source):
        _write(child, referenced, written)
    return written


def opening(fig: Figure, alt: str) -> str:
    """The outermost tag, which says what the picture shows."""
    width, height = fig.get_size_inches()
    return (
        f'<svg viewBox="0 0 {width * 72:g} {height * 72:g}" width="{width * 96:g}" height="{height * 96:g}"'
        f' role="img" aria-label="{escape(alt)}" style="{_ROOT_STYLE}">'
    )


def with_ids(svgs: Iterable[list[str]], prefix: str) -> list[list[str]]:
    """The same SVGs with short ids that no other figure on the page has."""
    svgs = list(svgs)
    found = sorted({name for svg in svgs for line in svg for name in re.findall(r' id="([^"]+)"', line)})
    short = {name: f"{prefix}-{i}" for i, name in enumerate(found)}

    def rename(match: re.Match[str]) -> str:
        return match[1] + short[match[2]]

    return [[re.sub(r'( id="|href="#|url\(#)([^")]+)', rename, line) for line in svg] for svg in svgs]


def _write(element: ElementTree.Element, referenced: set[str], written: list[str]) -> None:
    tag = _local(element.tag)
    if tag in ("metadata", "style"):
        return
    if element.get("id") == "ds-label":
        _emphasise(element)
    attributes = _attributes(element, referenced)
    inner: list[str] = []
    for child in element:
        _write(child, referenced, inner)
    if tag in ("text", "tspan"):
        written.append(f"<{tag}{attributes}>{escape((element.text or '').strip(chr(10)))}{''.join(inner)}</{tag}>")
    elif inner and tag == "g" and not attributes:
        written.extend(inner)
    elif inner:
        written.extend([f"<{tag}{attributes}>", *inner, f"</{tag}>"])
    elif tag not in ("g", "defs") and attributes and not _invisible(element):
        written.append(f"<{tag}{attributes}/>")


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _invisible(element: ElementTree.Element) -> bool:
    return "fill: none" in element.get("style", "") and "stroke:" not in element.get("style", "")


def _emphasise(label: ElementTree.Element) -> None:
    """Lift a name off the lines behind it, and mix ink into its colour until it reads as text."""
    for text in label.iter():
        declarations = text.get("style", "")
        if _local(text.tag) == "text":
            fill = re.search(r"fill: (#\w+)", declarations)
            colour = fill[1] if fill else style.INK
            mixed = f"fill: color-mix(in srgb, {colour} 60%, {style.INK})"
            text.set("style", f"{re.sub(r'fill: #[0-9a-f]+', mixed, declarations)};{_HALO}")


def _attributes(element: ElementTree.Element, referenced: set[str]) -> str:
    written = ""
    for key, value in element.attrib.items():
        name = _local(key)
        if name == "id" and value not in referenced:
            continue
        value = _WRITERS.get(name, str)(value)
        if value:
            written += f' {name}="{escape(value)}"'
    return written


def _style(value: str) -> str:
    kept = []
    for declaration in value.split(";"):
        name, _, content = (part.strip() for part in declaration.partition(":"))
        if name == "font":
            name, content = "font-size", re.search(r"[\d.]+px", content)[0]  # type: ignore[index]
        if content and name != "font-family" and (name, content) != ("stroke-linejoin", "miter"):
            kept.append(f"{name}:{re.sub('#[0-9a-f]{6}', lambda m: style.THEME.get(m[0], m[0]), content)}")
    return ";".join(kept)


def _path(value: str) -> str:
    """The same path in tenths of a point and relative steps, rounded so that no error adds up."""
    written, x, y, start, last = [], 0, 0, (0, 0), ""
    for command, numbers in re.findall(r"([MLQCz])([^MLQCz]*)", value):
        if command == "z":
            (x, y), last = start, "z"
            written.append("z")
            continue
        tenths = [round(10 * float(number)) for number in numbers.split()]
        if command == "M":
            steps, start, last = tenths, (tenths[0], tenths[1]), "M"
            written.append("M")
        else:
            steps = [n - (y if i % 2 else x) for i, n in enumerate(tenths)]
            written.append("" if last == command else command.lower())
            last = command
        x, y = tenths[-2:]
        written.append(_numbers(steps, written[-1] == ""))
    return "".join(written)


def _numbers(tenths: list[int], after_number: bool) -> str:
    text = ""
    for n in tenths:
        number = f"{n / 10:g}".replace("0.", ".", 1) if abs(n) < 10 and n else f"{n / 10:g}"
        text += number if number[0] == "-" or not (text or after_number) else f" {number}"
    return text


def _length(value: str) -> str:
    return f"{round(float(value), 1):g}"


def _transform(value: str) -> str:
    turned = re.sub(r"-?\d+\.\d+", lambda m: f"{round(float(m[0]), 3):g}", value)
    return "" if turned.startswith("rotate(-0 ") else turned


_WRITERS = {
    "d": _path,
    "style": _style,
    "transform": _transform,
    "href": lambda value: value.replace("\n", ""),
    **dict.fromkeys(("x", "y", "width", "height"), _length),
}
