"""What the book says of each optimizer in one line each; tests, playground and tables go through this list."""

from downslope.catalogue import adam, first, matrices, modern, wrappers
from downslope.catalogue.entry import Entry
from downslope.optimizers.base import Elementwise, Optimizer

__all__ = ["CATALOGUE", "Entry", "elementwise"]

CATALOGUE: tuple[Entry, ...] = (
    *first.ENTRIES,
    *adam.ENTRIES,
    *modern.ENTRIES,
    *matrices.ENTRIES,
    *wrappers.ENTRIES,
)


def elementwise() -> list[Optimizer]:
    """Every optimizer that has all four readings, with its defaults, in the book's order.

    Examples
    --------
    >>> [opt.name for opt in elementwise()][:3]
    ['SGD', 'Momentum', 'Nesterov']
    """
    defaults = (entry.default for entry in CATALOGUE)
    return [opt for opt in defaults if isinstance(opt, Elementwise)]
