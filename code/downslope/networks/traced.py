"""What stands for an array while a function is differentiated: a node of the tape, or a dual number."""

from abc import abstractmethod
from collections.abc import Callable, Iterator
from functools import cache
from inspect import signature
from itertools import count
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from downslope.networks.derivatives import COMPOSED, CONSTANT, RULES, getitem

__all__ = ["Dual", "Node", "Traced"]

numbers = count(1)
"""Of nodes, in the order in which they are made, and of differentiations: an inner one has the higher number."""


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda self, *args, **kwargs: function(self, *args, **kwargs)


def _in_place(operation: str) -> Callable[..., Any]:
    """``a += b``, which for one of NumPy's numbers is ``a = a + b``, and for an array would change it."""

    def call(self: Any, other: Any) -> Any:
        a_number = isinstance(_untraced(self), np.generic)
        return getattr(self if a_number else super(Traced, self), f"__{'' if a_number else 'i'}{operation}__")(other)

    return call


class Traced(NDArrayOperatorsMixin):
    """An array that NumPy's functions and operators take for one, and that notes what they do to it.

    Attributes
    ----------
    value : array or Traced
        What it stands for: where differentiations are nested, the outer one's.
    level : int
        Which differentiation it belongs to.
    """

    value: Any
    level: int

    @abstractmethod
    def result(self, y: Any, function: Any, args: Any, values: Any, kwargs: Any) -> "Traced":
        """What `function` of traced arguments returns, when of their values it returns `y`."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any, **kwargs: Any) -> Any:
        if method != "__call__" or kwargs:
            how = f"with {', '.join(kwargs)}=" if kwargs else f"as {ufunc.__name__}.{method}"
            raise TypeError(f"the tape cannot follow {ufunc.__name__} {how} (which is also what +=, *= and so on are)")
        return self.__array_function__(ufunc, (), args, kwargs)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function in CONSTANT:
            return function(*map(_untraced, args), **kwargs)
        if function not in RULES and function not in COMPOSED:
            raise TypeError(f"the tape has no derivative of {function.__name__}: derivatives.py lists those it has")
        _check(function, len(args), *kwargs)
        if function in COMPOSED:
            return COMPOSED[function](*args, **kwargs)
        top = max((arg for arg in args if isinstance(arg, Traced)), key=lambda arg: arg.level)
        values = below(args, top.level)
        y = function(*values, **kwargs)
        if y.dtype.kind == "c":
            raise TypeError(f"the tape follows real numbers, and {function.__name__} makes {y.dtype}")
        return top.result(y, function, args, values, kwargs)

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        raise TypeError("the tape cannot follow a number into a plain array: no np.array, np.asarray, out= or a[i] = x")

    def __float__(self) -> float:
        return float(self.__array__())

    def __format__(self, spec: str) -> str:
        return format(_untraced(self), spec)

    def __getitem__(self, key: Any) -> Any:
        return getitem(self, key)

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Any]:
        return (self[i] for i in range(len(self)))

    def __bool__(self) -> bool:
        return bool(self.value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.value!r})"

    shape = property(lambda self: np.shape(self.value))
    ndim = property(lambda self: np.ndim(self.value))
    size = property(lambda self: np.size(self.value))
    dtype = property(lambda self: self.value.dtype)
    T = property(lambda self: np.transpose(self))
    sum, mean, max, min, prod = (_method(f) for f in (np.sum, np.mean, np.max, np.min, np.prod))
    var, std, clip, dot, copy = (_method(f) for f in (np.var, np.std, np.clip, np.dot, np.copy))
    swapaxes, ravel, squeeze, argmax = (_method(f) for f in (np.swapaxes, np.ravel, np.squeeze, np.argmax))
    flatten = ravel
    __iadd__, __isub__, __imul__, __itruediv__, __ipow__ = map(_in_place, ("add", "sub", "mul", "truediv", "pow"))

    def reshape(self, *shape: Any, order: Any = "C") -> Any:
        """Like `numpy.ndarray.reshape`."""
        return np.reshape(self, shape[0] if len(shape) == 1 else shape, order)

    def transpose(self, *axes: Any) -> Any:
        """Like `numpy.ndarray.transpose`."""
        return np.transpose(self, (axes[0] if len(axes) == 1 else axes) or None)


class Node(Traced):
    """A value on the tape, with the operation that made it: reverse mode.

    Examples
    --------
    >>> x = Node(np.array([1.0, 2.0]), level=1)
    >>> y = np.sum(3 * x)
    >>> y.value, [(i, node.function.__name__) for i, node in y.inputs]
    (np.float64(9.0), [(0, 'multiply')])
    """

    def __init__(self, value: Any, level: int, function: Any = None, args: Any = (), kwargs: Any = None) -> None:
        self.value, self.level, self.number = value, level, next(numbers)
        self.function, self.args, self.kwargs = function, args, kwargs
        self.inputs: list[tuple[int, Node]] = []

    def result(self, y: Any, function: Any, args: Any, values: Any, kwargs: Any) -> "Node":
        inputs = [(i, arg) for i, arg in enumerate(args) if belongs(arg, self.level)]
        kept = [v if belongs(arg, self.level) else _as_it_is(v) for arg, v in zip(args, values, strict=True)]
        node = Node(y, self.level, function, kept, kwargs)
        node.inputs = inputs
        return node


class Dual(Traced):
    """A value and how fast it changes: forward mode.

    Examples
    --------
    >>> x = Dual(np.array(3.0), np.array(1.0), level=1)
    >>> (x * x).tangent
    np.float64(6.0)
    """

    def __init__(self, value: Any, tangent: Any, level: int) -> None:
        self.value, self.tangent, self.level = value, tangent, level

    def result(self, y: Any, function: Any, args: Any, values: Any, kwargs: Any) -> "Dual":
        push = RULES[function].push
        parts = [push(i, x.tangent, y, values, kwargs) for i, x in enumerate(args) if belongs(x, self.level)]
        return Dual(y, sum(parts[1:], parts[0]), self.level)


def belongs(arg: Any, level: int) -> bool:
    """Whether something is traced by the differentiation of this level."""
    return isinstance(arg, Traced) and arg.level == level


def below(args: Any, level: int) -> list[Any]:
    """The arguments as the next outer differentiation sees them, or plain ones if there is none."""
    return [arg.value if belongs(arg, level) else arg for arg in args]


def _as_it_is(constant: Any) -> Any:
    """A copy of what the program may write over before the way back reads it."""
    if isinstance(constant, tuple | list):
        return type(constant)(map(_as_it_is, constant))
    return constant.copy() if isinstance(constant, np.ndarray) and constant.flags.writeable else constant


_TAKES = {f: rule.takes for f, rule in RULES.items()} | {f: signature(composed) for f, composed in COMPOSED.items()}


@cache
def _check(function: Any, in_place: int, *names: str) -> None:
    """Refuse an argument that no rule knows: the derivative would leave it out."""
    try:
        if takes := _TAKES[function]:
            takes.bind(*range(in_place), **dict.fromkeys(names))
    except TypeError as reason:
        raise TypeError(f"the tape cannot follow this call of {function.__name__}: {reason}") from None


def _untraced(value: Any) -> Any:
    while isinstance(value, Traced):
        value = value.value
    return value


def recorded(*outputs: Node) -> list[Node]:
    """The nodes that the outputs were computed from, and the outputs, in topological order.

    A node is made after its inputs, so the order of the numbers is such an order.
    """
    found, waiting = {node.number: node for node in outputs}, list(outputs)
    while waiting:
        for _, node in waiting.pop().inputs:
            if node.number not in found:
                found[node.number] = node
                waiting.append(node)
    return [found[number] for number in sorted(found)]


def pull(node: Node, i: int, dy: Any) -> Any:
    """The share that a node passes back to its argument `i`."""
    return RULES[node.function].pull(i, dy, node.value, node.args, node.kwargs)


def backward(output: Node) -> Iterator[tuple[Node, Any]]:
    """Each node with the derivative of the output by it, from the output to the parameters."""
    grads = {output.number: np.ones_like(output)}
    for node in reversed(recorded(output)):
        dy = grads.pop(node.number)  # complete: all that use the node are done
        yield node, dy
        for i, x in node.inputs:
            dx = pull(node, i, dy)
            grads[x.number] = grads[x.number] + dx if x.number in grads else dx
