"""Numba's side of `fused`: a rule, unchanged, as one pass over memory."""

import operator
from collections import namedtuple
from collections.abc import Callable
from functools import cache
from types import FunctionType, ModuleType
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, prange, types
from numba.extending import intrinsic, models, overload, register_model

from downslope.optimizers.base import Elementwise, Ruled

__all__ = ["BLOCK", "WEAK", "Weak", "one_pass", "weak"]

BLOCK = 16_384
"""Numbers that a core looks at, and steps while they are still in its cache."""

# fused multiply-add and division by a constant may round differently in the last bit; infinities and NaN stay theirs
_OPTIONS: dict[str, Any] = {"error_model": "numpy", "fastmath": {"contract", "arcp"}}

_PASS = """
def one_block({columns}, t, {settings}):
    here, now = Settings({weakened}), weak(t)
    for i in range(out.size):
        v, {results} = rule(here, now, {point}[i], g[i], {inputs})
        out[i] {assign} v

def one_pass({columns}, t, {settings}):
    refused = 0
    for block in prange((out.size + {size} - 1) // {size}):
        here = slice(block * {size}, min((block + 1) * {size}, out.size))
        if {looked_at}:
            one_block({slices}, t, {settings})
        else:
            refused += 1
    return refused == 0
"""


@cache
def one_pass(
    cls: type[Elementwise],
    settings: tuple[tuple[str, type], ...],
    stored: tuple[str, ...],
    given: tuple[str, ...],
    in_place: bool,
    parallel: bool,
) -> Callable[..., bool]:
    """Compile ``one_pass(g, *given, [w,] *stored, out, t, *settings)``, which answers whether all were finite.

    `settings` are names and kinds. A block that holds a gradient that is not finite is left as it is.
    """
    names = [name for name, _ in settings]
    kept = [s if s in stored else None for s in cls.slots]
    inputs = [f"{s}[i]" if s else "weak(0.0)" for s in kept]
    inputs += [f"{name}[i]" if name in given else "None" for name in cls.needs]
    columns = ["g", *given, *([] if in_place else ["w"]), *stored, "out"]
    code = _PASS.format(
        columns=", ".join(columns),
        slices=", ".join(f"{column}[here]" for column in columns),
        settings=", ".join(names),
        size=BLOCK,
        looked_at=" and ".join(f"all_finite({name}[here])" for name in ("g", *given)),
        weakened=", ".join(name if kind is bool else f"weak({name})" for name, kind in settings),
        results=", ".join(f"{s}[i]" if s else "_" for s in kept),
        inputs=", ".join(inputs),
        point="out" if in_place else "w",
        assign="+=" if in_place else "=",
    )
    called: dict[str, Any] = {"prange": prange, "weak": weak, "all_finite": _all_finite}
    called |= {"rule": _machine_code(cls.rule), "Settings": namedtuple("Settings", names)}
    exec(code, called)
    called["one_block"] = njit(**_OPTIONS)(called["one_block"])
    return njit(parallel=parallel, **_OPTIONS)(called["one_pass"])


@njit(fastmath={"reassoc"})
def _all_finite(x):
    total = zero = x.dtype.type(0)
    for i in range(x.size):
        total += x[i] * zero  # 0 or NaN: a sum that may be taken in any order, so many at once
    return total == zero


def _machine_code(function: Any) -> Any:
    """Compile a rule together with the functions, and the other optimizers' rules, that it calls by name."""
    names = dict(function.__globals__) | {"np": _NUMPY}
    for name in function.__code__.co_names:
        value = names.get(name)
        if isinstance(value, FunctionType):
            names[name] = _machine_code(value)
        elif isinstance(value, type) and issubclass(value, Ruled):
            names[name] = ModuleType(name)  # Numba looks attributes up in modules, not in classes
            names[name].rule = _machine_code(value.rule)
    return njit(**_OPTIONS)(FunctionType(function.__code__, names, function.__name__))


class Weak(types.Type):
    """The type of a hyperparameter: like a Python number in NumPy, it takes the precision of the array it meets.

    By Numba's own rule a float32 run would be computed in float64, at half the speed.
    """

    def __init__(self) -> None:
        super().__init__("weak")


WEAK = Weak()


@register_model(Weak)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, ir.DoubleType())


@intrinsic
def weak(typing, number):
    """A double as a hyperparameter."""
    return WEAK(types.float64), lambda context, builder, signature, arguments: arguments[0]


@intrinsic
def _double(typing, number):
    return types.float64(WEAK), lambda context, builder, signature, arguments: arguments[0]


def _readers(*kinds: Any) -> tuple[Any, ...]:
    """For each operand, the function that gives it the precision in which they meet."""
    # the narrowest, for a literal in a rule is a double
    precision = min((k for k in kinds if isinstance(k, types.Float)), key=lambda k: k.bitwidth, default=types.float64)
    return tuple(_reader(kind is WEAK, precision) for kind in kinds)


@cache
def _reader(from_weak: bool, precision: Any) -> Any:
    return njit(lambda x: precision(_double(x))) if from_weak else njit(lambda x: precision(x))


@njit
def _unchanged(x):
    return x


def _meeting(function: Callable[..., Any], *kinds: Any) -> Any:
    """The function at one precision; of weak numbers alone, the result is weak too."""
    weakly = function not in _COMPARISONS and not any(isinstance(kind, types.Float) for kind in kinds)
    result = weak if weakly else _unchanged
    first, *rest = _readers(*kinds)
    if not rest:
        return lambda a: result(function(first(a)))
    (second,) = rest
    return lambda a, b: result(function(first(a), second(b)))


def _let_weak_numbers_into(operation: Callable[..., Any]) -> None:
    @overload(operation, jit_options=_OPTIONS)
    def overloaded(a, b):
        return _meeting(operation, a, b) if WEAK in (a, b) else None


_COMPARISONS = (operator.lt, operator.le, operator.gt, operator.ge)
for _operation in (operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, *_COMPARISONS):
    _let_weak_numbers_into(_operation)


@overload(operator.neg)
def _negative(a):
    return _meeting(operator.neg, a) if a is WEAK else None


def _unary(function: np.ufunc) -> Callable[..., Any]:
    def of_a_number(a: Any) -> Any: ...

    overload(of_a_number, jit_options=_OPTIONS)(lambda a: _meeting(function, a))
    return of_a_number


def _binary(function: np.ufunc) -> Callable[..., Any]:
    def of_two_numbers(a: Any, b: Any) -> Any: ...

    overload(of_two_numbers, jit_options=_OPTIONS)(lambda a, b: _meeting(function, a, b))
    return of_two_numbers


def _where(condition: Any, a: Any, b: Any) -> Any: ...


@overload(_where)
def _chosen(condition, a, b):
    first, second = _readers(a, b)
    return lambda condition, a, b: first(a) if condition else second(b)


def _numpy_of_numbers() -> ModuleType:
    """NumPy as a rule calls it, for single numbers, weak ones among them: Numba's own is for arrays."""
    module = ModuleType("numpy")
    vars(module).update(vars(np))
    vars(module).update({f.__name__: _unary(f) for f in (np.sqrt, np.square, np.sign, np.absolute, np.exp, np.log)})
    vars(module).update({f.__name__: _binary(f) for f in (np.maximum, np.minimum, np.divide)})
    below, above = module.minimum, module.maximum
    clip = njit(lambda x, low, high: below(above(x, low), high), **_OPTIONS)
    vars(module).update(abs=module.absolute, where=_where, clip=clip)
    return module


_NUMPY = _numpy_of_numbers()
