"""What a function does to its parameters, as a graph: to draw it, and to count what it costs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from downslope.networks.traced import Node, backward, belongs, numbers, pull, recorded
from downslope.trees import Tree, as_parameters, leaves, tree_map

__all__ = ["Entry", "Graph", "graph"]


@dataclass(frozen=True)
class Entry:
    """One line of the tape: a parameter, or an operation with what came out.

    Attributes
    ----------
    operation : str
        The name of the NumPy function; ``"parameter"`` for a parameter.
    name : str
        A parameter's dotted path in the tree; empty for an operation.
    value : array
    inputs, constants : dict
        From the position of an argument to the entry that it is, by its place in the graph, or to its plain value.
    cost : int
        How many multiplications (each with its addition, in a matrix product), additions or function values it
        takes; moving numbers costs nothing.
    gradient : array or None
        The derivative of the result by `value`, if the result is one number.
    shares : dict
        What the entry passes back to each of its inputs, by position; the gradient of an entry is the sum of the
        shares that it gets.
    """

    operation: str
    name: str
    value: Any
    inputs: dict[int, int]
    constants: dict[int, Any]
    cost: int
    gradient: Any
    shares: dict[int, Any]


@dataclass(frozen=True)
class Graph:
    """What a function did to its parameters.

    Attributes
    ----------
    entries : tuple of Entry
        In topological order: the inputs of an entry stand before it.
    """

    entries: tuple[Entry, ...]

    @property
    def edges(self) -> list[tuple[int, int]]:
        """From an entry to one that uses it, once for each use."""
        return [(i, j) for j, entry in enumerate(self.entries) for i in entry.inputs.values()]

    @property
    def cost(self) -> int:
        """The sum over the entries."""
        return sum(entry.cost for entry in self.entries)


def graph(f: Callable[[Tree], Any], params: Tree) -> Graph:
    """The operations by which a function's result depends on its parameters.

    Parameters
    ----------
    f : function
        Of the parameters; returns an array, or nested dicts and tuples of arrays.
    params : array or nested dict of arrays

    Returns
    -------
    Graph
        Only what the result depends on; ``graph(grad(f), params)`` is that of the gradient.

    Raises
    ------
    TypeError
        As for `value_and_grad`.

    Examples
    --------
    >>> g = graph(lambda p: p["w"] * p["x"] + p["w"], {"w": np.array(2.0), "x": np.array(3.0)})
    >>> [(entry.operation, entry.name, float(entry.value)) for entry in g.entries]
    [('parameter', 'w', 2.0), ('parameter', 'x', 3.0), ('multiply', '', 6.0), ('add', '', 8.0)]
    >>> g.edges, float(g.entries[0].gradient), g.cost
    ([(0, 2), (1, 2), (2, 3), (0, 3)], 4.0, 2)
    """
    level = next(numbers)
    nodes = tree_map(lambda leaf: Node(leaf, level), as_parameters(params, "params"))
    names = {node.number: path for path, node in leaves(nodes)}
    outputs = [leaf for leaf in _flat(f(nodes)) if belongs(leaf, level)]
    one_number = len(outputs) == 1 and outputs[0].shape == ()
    grads = {node.number: dy for node, dy in backward(outputs[0])} if one_number else {}
    tape = recorded(*outputs)
    place = {node.number: k for k, node in enumerate(tape)}

    def entry(node: Node) -> Entry:
        inputs = {i: place[x.number] for i, x in node.inputs}
        constants = {i: arg for i, arg in enumerate(node.args) if i not in inputs}
        operation = node.function.__name__ if node.function else "parameter"
        name, dy = names.get(node.number, ""), grads.get(node.number)
        shares = {i: pull(node, i, dy) for i in inputs} if dy is not None else {}
        return Entry(operation, name, node.value, inputs, constants, _cost(operation, node), dy, shares)

    return Graph(tuple(map(entry, tape)))


_MOVING = ("parameter", "getitem", "join", "reshape", "transpose", "swapaxes", "moveaxis", "expand_dims", "squeeze")
_COPYING = ("broadcast_to", "ravel", "repeat", "take", "flip", "roll", "pad")
_REDUCING = ("sum", "mean", "max", "scatter")


def _cost(operation: str, node: Node) -> int:
    if operation == "matmul":
        return int(np.size(node.value) * np.shape(node.args[0])[-1])
    if operation in _REDUCING:
        return int(np.size(node.args[0]))
    return 0 if operation in _MOVING + _COPYING else int(np.size(node.value))


def _flat(output: Any) -> list[Any]:
    if isinstance(output, tuple):
        return [leaf for part in output for leaf in _flat(part)]
    return [leaf for _, leaf in leaves(output)]
