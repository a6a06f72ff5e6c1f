"""Every public name says what it is, and shows it."""

import inspect
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType

import downslope as ds
import pytest


def modules() -> list[ModuleType]:
    found = [name for _, name, _ in walk_packages(ds.__path__, "downslope.")]
    return [import_module(name) for name in found if "._" not in name]


def public() -> list[tuple[str, object]]:
    """The classes and functions that a reader may reach, each under the module that defines it."""
    return sorted(
        (f"{module.__name__}.{name}", thing)
        for module in modules()
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and (inspect.isclass(thing) or inspect.isfunction(thing))
        and thing.__module__ == module.__name__
    )


FOR_READERS = [
    (f"{module.__name__}.{name}", thing)
    for module in (ds, ds.check, ds.data, ds.derivation, ds.figures, ds.landscapes)
    for name, thing in ((name, getattr(module, name)) for name in dir(module) if not name.startswith("_"))
    if inspect.isfunction(thing) or (inspect.isclass(thing) and module is ds)
    if thing.__module__.startswith("downslope.")
]


@pytest.mark.parametrize(("name", "thing"), public(), ids=lambda x: x if isinstance(x, str) else "")
def test_a_public_name_says_what_it_is_in_one_line(name, thing):
    text = inspect.getdoc(thing)
    assert text, f"{name} has no docstring"
    first, *rest = text.split("\n")
    assert first.endswith("."), f"{name}: the first line is a sentence"
    assert not rest or rest[0] == "", f"{name}: the first line stands alone"


@pytest.mark.parametrize(("name", "thing"), FOR_READERS, ids=lambda x: x if isinstance(x, str) else "")
def test_what_a_reader_calls_has_an_example(name, thing):
    assert ">>>" in (inspect.getdoc(thing) or ""), f"{name} has no example"
