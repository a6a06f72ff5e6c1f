"""Conventions as a table that a page shows."""

from collections.abc import Iterable, Iterator

from downslope.conventions.comparison import Convention
from downslope.symbols.notation import hyperparameter

__all__ = ["Table"]

ROUNDING = 1e-12
HEAD = "| | who | form | differs by | not at all when |\n| --- | --- | --- | --- | --- |"


class Table:
    r"""Some conventions, a row for each form; the book's first, since the others differ from it.

    Examples
    --------
    >>> from downslope.conventions import CONVENTIONS
    >>> print(Table(CONVENTIONS[:1]).markdown)  # doctest: +ELLIPSIS
    | | who | form | differs by | not at all when |
    | --- | --- | --- | --- | --- |
    | **Adam** | this book, PyTorch, Optax | $...$; here $\eta=0.1$, $\beta_2=0.99$, $\epsilon=0.1$ | | |
    | | Keras | $...$ beside the root of the uncorrected $s$ | 0.4 | $\epsilon = 0$ |
    """

    def __init__(self, conventions: Iterable[Convention]) -> None:
        self.conventions = tuple(conventions)

    @property
    def markdown(self) -> str:
        """The table as text."""
        return "\n".join([HEAD, *(row for convention in self.conventions for row in _rows(convention))])

    def _repr_markdown_(self) -> str:
        return self.markdown

    def __repr__(self) -> str:
        return self.markdown


def _rows(convention: Convention) -> Iterator[str]:
    book = convention.book
    yield f"| **{convention.name}** | {book.who} | {book.says}{_settings(convention)} | | |"
    for form in convention.forms:
        yield f"| | {form.who} | {form.says} | {_number(convention.difference(form))} | {form.when} |"


def _settings(convention: Convention) -> str:
    """What both forms are run with; a schedule and what is no number stand in the page's text."""
    numbers = {name: value for name, value in convention.settings.items() if type(value) is float}
    said = [f"${hyperparameter(name).name}={value:g}$" for name, value in numbers.items()]
    return f"; here {', '.join(said)}" if said else ""


def _number(difference: float) -> str:
    """Two digits, which is what a reader compares; rounding errors are none."""
    if difference < ROUNDING:
        return "0"
    if difference >= 1e-3:
        return f"{difference:.2g}"
    digits, exponent = f"{difference:.1e}".split("e")
    return rf"${digits}\cdot10^{{{int(exponent)}}}$"
