"""Write the Markdown of a chapter anew, so that JupyterLab can show all of it.

Roles become the text that they stand for, statements and exercises admonitions with their numbers in the
title. What has no reading in a notebook raises `MystError`.
"""

import re
from collections import Counter
from pathlib import Path
from typing import Any

from downslope_sphinx.maths import MACROS
from myst_nb.core.variables import format_plain_text

from tools import labels
from tools.labels import PROOFS
from tools.myst import Code, Directive, Math, MystError, Target, Text, parse
from tools.paths import BOOK

ADMONITIONS = ("admonition", "attention", "caution", "danger", "error", "hint", "important", "note", "seealso",
               "tip", "warning")  # fmt: skip
KEPT = ("dropdown", "list-table", "tab-set", "tab-item", "table")
SPAN = re.compile(r"\{(?P<role>[\w:-]+)\}`(?P<content>[^`]+)`|(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`)", re.DOTALL)
LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]*)\]\((?P<path>[^)\s#:]*\.md)(?:#[^)]*)?\)")
INLINE_MATH = re.compile(r"(?<![\\$`])\$(?!\s)([^$]+?)(?<![\s\\])\$(?!\d)")
EXPLICIT = re.compile(r"^(?P<text>.+?)\s*<(?P<label>[^>]+)>$", re.DOTALL)
MULTILINE = {"align": "aligned", "gather": "gathered", "alignat": "alignedat", "multline": "gathered"}
ENVIRONMENT = re.compile(r"\\(begin|end)\{(align|gather|alignat|multline)\*?\}")
DISPLAYED = re.compile(r"^\$+(?:\\displaystyle)?(?P<latex>[^$]+?)\$+$", re.DOTALL)
EQUATION = re.compile(r"\\(begin|end)\{equation\*?\}")


class Renderer:
    """Renders the cells of one chapter, in order; `glued` are the values that its execution glued."""

    def __init__(self, page: Path, glued: dict[str, dict[str, Any]]) -> None:
        self.page = page
        self.glued = glued
        self.cited: set[str] = set()
        self.gate: tuple[str, str] | None = None  # title and class of the exercise or solution now open
        self._counts: Counter[str] = Counter()

    @property
    def in_solution(self) -> bool:
        """Whether the next cell is part of a solution."""
        return self.gate is not None and self.gate[1] == "dropdown"

    def cell(self, source: str) -> str:
        """Render one Markdown cell."""
        done: list[str] = []
        gated: list[str] = []
        for block in parse(source):
            if isinstance(block, Directive) and block.name in ("exercise-start", "solution-start"):
                self.gate = self._opened(block)
                gated.append(self.render(block.body))
            elif isinstance(block, Directive) and block.name in ("exercise-end", "solution-end"):
                done.append(self._gathered(gated))
                self.gate = None
            else:
                (gated if self.gate else done).append(self._block(block))
        done.append(self._gathered(gated))
        return "\n\n".join(text for text in done if text)

    def render(self, source: str) -> str:
        """Render Markdown, the body of a directive for instance."""
        return "\n\n".join(text for block in parse(source) if (text := self._block(block)))

    def _opened(self, block: Directive) -> tuple[str, str]:
        if block.name == "solution-start":
            return f"Solution to {self._reference(block.argument)}", "dropdown"
        return self._titled("exercise", self._text(block.argument)), ""

    def _gathered(self, parts: list[str]) -> str:
        """What a cell has of an exercise or solution, as one admonition; the next cell may continue it."""
        body = "\n\n".join(part for part in parts if part)
        parts.clear()
        if not body or not self.gate:
            return ""
        title, classes = self.gate
        self.gate = (f"{title.removesuffix(', continued')}, continued", classes)
        return admonition(title, body, classes)

    def _block(self, block: Text | Code | Target | Math | Directive) -> str:
        if isinstance(block, Text):
            return self._text(block.text)
        if isinstance(block, Code):
            return block.text
        if isinstance(block, Math):
            return _indented(self._math(block.latex, block.label), block.indent)
        if isinstance(block, Directive):
            return _indented(self._directive(block), block.indent)
        return ""

    def _math(self, latex: str, label: str) -> str:
        # jupyterlab-myst numbers every formula itself, except in a starred environment
        latex = ENVIRONMENT.sub(lambda m: f"\\{m[1]}{{{MULTILINE[m[2]]}}}", EQUATION.sub("", latex)).strip()
        number = self._reference(label).strip("()") if label else ""
        tag = f" \\tag{{{number}}}" if number else ""
        return f"$$\n\\begin{{equation*}}\n{expand_macros(latex)}{tag}\n\\end{{equation*}}\n$$"

    def _directive(self, block: Directive) -> str:
        name, kind = block.name, block.name.removeprefix("prf:").removesuffix("-start")
        if name == "math":
            return self._math(f"{block.argument}\n{block.body}", block.options.get("label", ""))
        if name == "glue":
            return self._glue_block(block.argument)
        if name == "code-block":
            return f"```{block.argument}\n{block.body}\n```"
        body, argument = self.render(block.body), self._text(block.argument)
        if name in ("container", "div"):
            return body
        if name == "margin":
            return admonition(argument or "Aside", body, "note")
        if kind == "exercise" or kind in PROOFS:
            return admonition(self._titled(kind, argument), body, "")
        if name == "solution":
            return admonition(f"Solution to {self._reference(block.argument)}", body, "dropdown")
        if name in ADMONITIONS:
            return admonition(argument or name.capitalize(), body, block.options.get("class", "note"))
        if name in KEPT:
            return _fenced(name, argument, block.options, body)
        raise MystError(f"the directive {{{name}}} has no reading in a notebook")

    def _titled(self, kind: str, argument: str) -> str:
        """`Theorem 2.1 (First step)`: the next one of its kind, counted as `labels` counts them."""
        number = ""
        if kind != "proof":
            self._counts[kind] += 1
            number = f" {labels.chapter_prefix(self.page)}{self._counts[kind]}"
        return f"{kind.capitalize()}{number}{f' ({argument})' if argument else ''}"

    def _text(self, text: str) -> str:
        def span(match: re.Match[str]) -> str:
            return self._role(match["role"], match["content"]) if match["role"] else match[0]

        text = LINK.sub(lambda m: f"[{m['text']}]({labels.link(self._page(m['path']), self.page)})", text)
        text = INLINE_MATH.sub(lambda m: f"${expand_macros(m[1])}$", text)
        return SPAN.sub(span, text)

    def _role(self, role: str, content: str) -> str:
        explicit = EXPLICIT.match(content)
        text, label = (explicit["text"], explicit["label"]) if explicit else ("", content)
        if role in ("eq", "ref", "numref", "prf:ref"):
            found = self._reference(label)
            number = found.removeprefix("Fig. ")
            return self._linked(text.replace("%s", number).replace("{number}", number) or found, label)
        if role == "doc":
            page = self._page(f"{label}.md")
            return f"[{text or labels.title(page)}]({labels.link(page, self.page)})"
        if role in ("cite:t", "cite:p", "cite"):
            return self._citation(content, parenthetical=role != "cite:t")
        if role == "math":
            return f"${expand_macros(content)}$"
        if role == "glue:text":
            key, _, form = content.partition(":")
            return str(format_plain_text(self._glued(key)["text/plain"], form or "s"))
        if role in ("glue", "glue:md", "glue:any"):
            return self._glue_best(content.partition(":")[0])
        raise MystError(f"the role {{{role}}} has no reading in a notebook")

    def _citation(self, content: str, *, parenthetical: bool) -> str:
        keys = [key.strip() for key in content.split(",")]
        self.cited.update(keys)
        try:
            texts = [labels.citation(key, parenthetical=parenthetical) for key in keys]
        except KeyError as error:
            raise MystError(f"{error} is no key of book/references.bib") from None
        return f"({'; '.join(texts)})" if parenthetical else ", ".join(texts)

    def _reference(self, label: str) -> str:
        try:
            return labels.references()[label].text
        except KeyError:
            raise MystError(f"nothing is labelled {label!r}") from None

    def _linked(self, text: str, label: str) -> str:
        page = labels.references()[label].page
        return text if page == self.page else f"[{text}]({labels.link(page, self.page)})"

    def _page(self, path: str) -> Path:
        base = BOOK.parent if path.startswith("/") else self.page.parent
        page = (base / path.lstrip("/")).resolve()
        if not page.is_file():
            raise MystError(f"there is no page {path}")
        return page

    def _glued(self, key: str) -> dict[str, Any]:
        if key not in self.glued:
            raise MystError(f"no cell glues {key!r}")
        return self.glued[key]

    def _glue_best(self, key: str) -> str:
        data = self._glued(key)
        mime = next((m for m in ("text/markdown", "text/latex", "text/plain") if m in data), "")
        if not mime or any(m.startswith("image/") for m in data):
            raise MystError(f"{key!r} is glued as {', '.join(data)}: show it in a cell of its own")
        return str(data[mime]).strip()

    def _glue_block(self, key: str) -> str:
        text = self._glue_best(key)
        if match := DISPLAYED.match(text):
            text = f"$$\n{match['latex']}\n$$"
        return self.render(text)


def admonition(title: str, body: str, classes: str) -> str:
    """An admonition as jupyterlab-myst shows it; without that extension it is still legible."""
    return _fenced("admonition", title, {"class": classes} if classes else {}, body)


def expand_macros(latex: str) -> str:
    """Spell out the macros of the book, which JupyterLab does not know."""
    for macro, meaning in MACROS.items():
        # a backslash of the replacement would be read as a group's
        latex = re.sub(rf"{re.escape(macro)}(?![A-Za-z])", meaning.replace("\\", r"\\"), latex)
    return latex


def _fenced(name: str, argument: str, options: dict[str, str], body: str) -> str:
    longest = max((len(run) for run in re.findall(r"^ *(:{3,})", body, re.MULTILINE)), default=2)
    fence = ":" * (longest + 1)
    head = "\n".join([f"{fence}{{{name}}} {argument}".rstrip(), *(f":{k}: {v}" for k, v in options.items())])
    return f"{head}\n{body}\n{fence}"


def _indented(text: str, indent: str) -> str:
    return "\n".join(indent + line if line else line for line in text.split("\n"))
