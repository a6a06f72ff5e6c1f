"""Read MyST Markdown as a list of blocks: text, code, display mathematics, directives, targets."""

import re
from dataclasses import dataclass, field

import yaml

FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|~{3,}|:{3,})(?:\{(?P<name>[\w:.-]+)\})?(?P<argument>.*)$")
TARGET = re.compile(r"^\(([\w:.-]+)\)=\s*$")
MATH_END = re.compile(r"\$\$\s*(?:\((?P<label>[\w:.-]+)\))?\s*$")
ENVIRONMENT = re.compile(r"^\\begin\{(align|gather|equation|alignat|multline)(\*?)\}")
COMMENT = re.compile(r"^\s*(<!--|%)")
OPTION = re.compile(r"^:([\w-]+):\s*(.*)$")


class MystError(Exception):
    """Something that has no reading in a notebook."""


@dataclass
class Text:
    """Markdown without directives."""

    text: str


@dataclass
class Code:
    """A fenced block, which is not to be looked into."""

    text: str


@dataclass
class Target:
    """A label for what follows."""

    label: str


@dataclass
class Math:
    """Display mathematics."""

    latex: str
    label: str = ""
    indent: str = ""


@dataclass
class Directive:
    """A directive with its options; its body is not parsed yet."""

    name: str
    argument: str
    options: dict[str, str] = field(default_factory=dict)
    body: str = ""
    indent: str = ""


Block = Text | Code | Target | Math | Directive


def parse(source: str) -> list[Block]:
    """Split Markdown into blocks; comments are left out."""
    lines = source.split("\n")
    blocks: list[Block] = []
    text: list[str] = []
    at = 0

    def flush() -> None:
        if any(line.strip() for line in text):
            blocks.append(Text("\n".join(text).strip("\n")))
        text.clear()

    while at < len(lines):
        line = lines[at]
        end = at + 1
        block: Block | None = None
        if COMMENT.match(line):
            end = _comment_end(lines, at)
        elif match := TARGET.match(line):
            block = Target(match[1])
        elif match := FENCE.match(line):
            end = _fence_end(lines, at, match)
            block = _fenced(lines[at:end], match)
        elif line.lstrip().startswith("$$"):
            end, block = _dollars(lines, at)
        elif ENVIRONMENT.match(line):
            end, block = _environment(lines, at)
        else:
            text.append(line)
            at = end
            continue
        flush()
        if block:
            blocks.append(block)
        at = end
    flush()
    return blocks


def _comment_end(lines: list[str], at: int) -> int:
    if lines[at].lstrip().startswith("%"):
        return at + 1
    return next((i + 1 for i in range(at, len(lines)) if "-->" in lines[i]), len(lines))


def _fence_end(lines: list[str], at: int, opening: re.Match[str]) -> int:
    fence = opening["fence"]
    closing = re.compile(rf"^ *{re.escape(fence[0])}{{{len(fence)},}}\s*$")
    end = next((i + 1 for i in range(at + 1, len(lines)) if closing.match(lines[i])), 0)
    if not end:
        raise MystError(f"{lines[at].strip()!r} is never closed")
    return end


def _fenced(lines: list[str], opening: re.Match[str]) -> Block:
    if not opening["name"]:
        return Code("\n".join(lines))
    body = [line.removeprefix(opening["indent"]) for line in lines[1:-1]]
    options: dict[str, str] = {}
    if body and body[0] == "---":
        end = body.index("---", 1)
        options = {key: str(value) for key, value in yaml.safe_load("\n".join(body[1:end])).items()}
        body = body[end + 1 :]
    while body and (match := OPTION.match(body[0])):
        options[match[1]] = match[2]
        body = body[1:]
    return Directive(
        opening["name"], opening["argument"].strip(), options, "\n".join(body).strip("\n"), opening["indent"]
    )


def _dollars(lines: list[str], at: int) -> tuple[int, Math]:
    indent = lines[at][: len(lines[at]) - len(lines[at].lstrip())]
    first = lines[at].strip().removeprefix("$$")
    for end in range(at, len(lines)):
        content = first if end == at else lines[end]
        if match := MATH_END.search(content):
            inner = [first, *lines[at + 1 : end + 1]]
            inner[-1] = content[: match.start()]
            return end + 1, Math("\n".join(inner).strip(), match["label"] or "", indent)
    raise MystError(f"{lines[at].strip()!r} is never closed")


def _environment(lines: list[str], at: int) -> tuple[int, Math]:
    name = lines[at].split("{", 1)[1].split("}", 1)[0]
    for end in range(at, len(lines)):
        if f"\\end{{{name}}}" in lines[end]:
            return end + 1, Math("\n".join(lines[at : end + 1]))
    raise MystError(f"\\begin{{{name}}} is never closed")
