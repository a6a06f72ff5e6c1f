"""The pages of `book/api`: every name that a reader may call has an entry, and a rule is a click away from it."""

import inspect
import sys
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from types import ModuleType

import downslope as ds
import pytest
from bs4 import BeautifulSoup, Tag
from sphinx.util.inventory import InventoryFile

from tools.paths import ROOT

API = [path.stem for path in sorted((ROOT / "book" / "api").glob("*.md"))]


MODULES = ("averages", "derivation", "landscapes", *ds._MODULES)  # others only serve these


def offered(module: ModuleType) -> Iterator[tuple[str, object]]:
    """The classes and functions that a reader may take from a module, and from the modules that it offers."""
    for name in getattr(module, "__all__", [name for name in dir(module) if not name.startswith("_")]):
        thing = getattr(module, name)
        if isinstance(thing, ModuleType):
            hidden = name not in MODULES if module is ds else not hasattr(thing, "__all__") or module is ds.check
            yield from () if hidden else offered(thing)
        elif callable(thing) and inspect.unwrap(thing).__module__.startswith("downslope"):
            yield f"{module.__name__}.{name}", thing


def named(name: str) -> object:
    """What an entry documents."""
    parts = name.split(".")
    depth = max(k for k in range(1, len(parts)) if ".".join(parts[:k]) in sys.modules)
    return reduce(lambda thing, part: getattr(thing, part, None), parts[depth:], sys.modules[".".join(parts[:depth])])


@pytest.fixture(scope="module")
def entries(site: Path) -> dict[str, str]:
    """The address of each entry."""
    with (site / "objects.inv").open("rb") as file:
        inventory = InventoryFile.load(file, "", lambda base, address: address)
    names = {kind: entries for kind, entries in inventory.items() if kind.startswith("py:")}
    return {name: address for found in names.values() for name, (_, _, address, _) in found.items()}


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[str, BeautifulSoup]:
    return {
        name: BeautifulSoup((site / "book" / "api" / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
        for name in API
    }


def entry(pages: dict[str, BeautifulSoup], page: str, name: str) -> Tag:
    found = pages[page].find(id=name)
    assert isinstance(found, Tag)
    assert isinstance(found.parent, Tag)
    return found.parent


def test_every_public_name_has_an_entry(entries: dict[str, str]) -> None:
    documented = {id(thing): thing for thing in map(named, entries)}
    missing = [name for name, thing in offered(ds) if id(thing) not in documented]
    assert missing == [], "name its module after `.. api::` on a page of book/api"


def test_an_entry_carries_the_name_that_a_reader_calls(pages: dict[str, BeautifulSoup]) -> None:
    signature = entry(pages, "optimizers", "downslope.Adam").dt
    assert signature
    assert " ".join(signature.get_text().split()).startswith("class ds.Adam(lr=0.001, beta1=0.9, beta2=0.999,")


def test_the_rule_stands_below_every_optimizer_that_has_one(pages: dict[str, BeautifulSoup]) -> None:
    ruled = [c for c in vars(ds).values() if inspect.isclass(c) and issubclass(c, ds.Ruled)]
    ruled = [c for c in ruled if not inspect.isabstract(c)]
    assert len(ruled) > 20
    for optimizer in ruled:
        box = entry(pages, "optimizers", f"downslope.{optimizer.__name__}").select_one("dd > details")
        assert box, optimizer
        assert box.pre
        assert box.pre.get_text().strip() == ds.source(optimizer.rule)


def test_a_key_of_the_bibliography_becomes_a_citation(pages: dict[str, BeautifulSoup]) -> None:
    adam = entry(pages, "optimizers", "downslope.Adam")
    link = adam.select_one("a[href*='bibliography.html#']")
    assert link
    assert "Adam: a method for stochastic optimization" in str(link["title"])


@pytest.mark.parametrize(
    ("name", "file"),
    [("downslope.AdamW", "optimizers/adam.py"), ("downslope.schedules.cosine", "schedules.py")],
)
def test_source_leads_to_the_lines_that_define_a_name(
    name: str, file: str, entries: dict[str, str], pages: dict[str, BeautifulSoup]
) -> None:
    link = entry(pages, Path(entries[name].split("#")[0]).stem, name).select_one("dt > a.external")
    assert link
    address, lines = str(link["href"]).split("#L")
    assert address.endswith(f"/code/downslope/{file}")
    first, last = map(int, lines.split("-L"))
    text = (ROOT / "code" / "downslope" / file).read_text().splitlines()[first - 1 : last]
    assert f"class {name.rpartition('.')[2]}(" in "\n".join(text[:2])
    assert len(text) > 5
