"""The package's reference: each public name under the name that a reader calls it by, from its docstring."""

import inspect
import re
from collections.abc import Iterator
from functools import reduce
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, get_origin

import downslope
from docutils import nodes
from docutils.statemachine import StringList
from downslope.symbols import source
from numpy.typing import ArrayLike
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective
from sphinx.util.inspect import stringify_signature
from sphinx.util.typing import stringify_annotation

CODE = Path(downslope.__file__).resolve().parents[1]
KEY = re.compile(r"(?<![`\w:])`([a-z]{2,}\d{4}[a-z]\w*)`(?!`)")
CALLABLE = re.compile(r"<(?:function|class) '?(?:\w+\.)*(\w+)[^>]*>")
OF_A_CLASS = re.compile(r"\btype\[~[\w.]+\]")
ARRAY = stringify_annotation(ArrayLike, "smart")


def setup(app: Sphinx) -> None:
    app.add_directive("api", Api)
    app.connect("config-inited", _link_to_sources)
    app.connect("autodoc-process-signature", _readable_signature)
    app.connect("autodoc-process-docstring", _add_rule, priority=900)
    app.connect("autodoc-process-docstring", _link_citations, priority=901)
    app.connect("doctree-read", _shorten_prefix)


def _link_to_sources(app: Sphinx, config: Config) -> None:
    repository = config.html_theme_options["repository_url"]
    branch = config.html_theme_options["repository_branch"]

    def resolve(domain: str, info: dict[str, str]) -> str | None:
        place = _place(**info)
        return place and f"{repository}/blob/{branch}/code/{place}"

    config.linkcode_resolve = resolve


class Api(SphinxDirective):
    """``.. api:: downslope.schedules``: what a module says of itself, and an entry for each of its public names."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The entries."""
        lines = StringList(list(entries(self.arguments[0])), self.get_source_info()[0])
        node = nodes.Element()
        self.state.nested_parse(lines, 0, node)
        return node.children


def entries(name: str) -> Iterator[str]:
    """The lines of reStructuredText that document a module."""
    module = import_module(name)
    yield from inspect.cleandoc(module.__doc__ or "").splitlines()
    remarks = ModuleAnalyzer.for_module(name).find_attr_docs()
    for public in _names(module):
        thing = getattr(module, public)
        home = _home(name, public, thing)
        if inspect.isclass(thing):
            yield from ("", f".. auto{'exception' if issubclass(thing, Exception) else 'class'}:: {home}.{public}")
        elif inspect.isfunction(inspect.unwrap(thing)):
            yield from ("", f".. autofunction:: {home}.{public}")
        elif ("", public) in remarks:
            remark = [f"   {line}" for line in remarks["", public]]
            yield from ("", f".. py:data:: {public}", f"   :module: {home}", "", *remark)


def _home(name: str, public: str, thing: Any) -> str:
    """The module that a reader takes a name from: the outermost that has it."""
    parts = name.split(".")
    modules = (".".join(parts[: k + 1]) for k in range(len(parts)))
    return next(outer for outer in modules if getattr(import_module(outer), public, None) is thing)


def _names(module: ModuleType) -> list[str]:
    """The public names, in the order of the source; those that are gathered from elsewhere by the alphabet."""
    own = [n for n, thing in vars(module).items() if f"{getattr(thing, '__module__', '')}.".startswith(module.__name__)]
    named = getattr(module, "__all__", sorted(name for name in own if not name.startswith("_")))

    def line(name: str) -> int:
        thing = getattr(module, name)
        here = getattr(thing, "__module__", "") == module.__name__ and hasattr(thing, "__qualname__")
        return inspect.getsourcelines(thing)[1] if here else 0

    return sorted(named, key=line)


def _readable_signature(
    app: Sphinx, what: str, name: str, thing: Any, options: object, signature: str | None, returned: str | None
) -> tuple[str, str] | None:
    """The signature without hints that say nothing: a hyperparameter's range stands beside its description."""
    if what not in ("class", "exception", "function", "method") or signature is None:
        return None
    try:
        full = inspect.signature(thing)
    except ValueError:  # a subclass of dict or tuple that has none
        return None
    parameters = [
        p.replace(annotation=p.empty) if p.annotation is Any or get_origin(p.annotation) is Annotated else p
        for p in full.parameters.values()
        if p.name != "self"
    ]
    short = full.replace(parameters=parameters, return_annotation=full.empty)
    text = CALLABLE.sub(r"\1", stringify_signature(short, unqualified_typehints=True))
    text = OF_A_CLASS.sub("type", text)  # Sphinx makes no link of a name in brackets
    text = text.replace(ARRAY, "ArrayLike").replace("<factory>", "{}")  # as the source has them
    return text, "" if returned == "~typing.Any" else returned or ""


def _add_rule(app: Sphinx, what: str, name: str, thing: Any, options: object, lines: list[str]) -> None:
    """One click below the description of an optimizer, the rule that runs."""
    rule = getattr(thing, "rule", None) if what == "class" else None
    if rule is None or getattr(rule, "__isabstractmethod__", False):
        return
    code = [f"      {line}" for line in source(rule).splitlines()]
    lines += ["", ".. dropdown:: The rule", "", "   .. code-block:: python", "", *code, ""]


def _link_citations(app: Sphinx, what: str, name: str, thing: Any, options: object, lines: list[str]) -> None:
    """A key of the bibliography, which docstrings put between backticks, becomes a citation."""
    lines[:] = [KEY.sub(r":cite:t:`\1`", line) for line in lines]


def _shorten_prefix(app: Sphinx, doctree: nodes.document) -> None:
    """``downslope.schedules.`` is ``ds.schedules.`` to whoever reads the book, where that leads there."""
    for prefix in doctree.findall(addnodes.desc_addname):
        path = prefix.astext().strip(".").split(".")[1:]
        try:
            reached = reduce(getattr, path, downslope)
        except AttributeError:
            continue
        # a function may hide the module of its name
        if inspect.ismodule(reached) or inspect.isclass(reached):
            prefix.children = [nodes.Text(prefix.astext().replace("downslope.", "ds.", 1))]


def _place(module: str, fullname: str) -> str:
    """Where a name is defined: its file under ``code``, and its lines; nothing for what has none."""
    thing: Any = import_module(module)
    for part in fullname.split("."):
        thing = getattr(thing, part, None)
    thing = thing.fget if isinstance(thing, property) else inspect.unwrap(thing)
    if not (inspect.isclass(thing) or inspect.isfunction(thing)):
        return ""
    lines, first = inspect.getsourcelines(thing)
    file = Path(inspect.getsourcefile(thing) or "").relative_to(CODE)
    return f"{file.as_posix()}#L{first}-L{first + len(lines) - 1}"
