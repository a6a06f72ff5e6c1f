"""Conventions as a table that a page shows."""

from collections.abc import Iterable, Iterator

from downslope.conventions.comparison import Convention

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
    | **Adam** | this book, PyTorch, Optax | $...$ | | |
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
    yield f"| **{convention.name}** | {book.who} | {book.says} | | |"
    for form in convention.forms:
        yield f"| | {form.who} | {form.says} | {_number(convention.difference(form))} | {form.when} |"


def _number(difference: float) -> str:
    """Two digits, which is what a reader compares; rounding errors are none."""
    if difference < ROUNDING:
        return "0"
    if difference >= 1e-3:
        return f"{difference:.2g}"
    digits, exponent = f"{difference:.1e}".split("e")
    return rf"${digits}\cdot10^{{{int(exponent)}}}$"
