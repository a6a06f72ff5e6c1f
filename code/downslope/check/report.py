"""How an exercise is judged: try the answer on cases, know the common mistakes, show the first difference."""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np

from downslope.trees import leaves

Case = Mapping[str, Any]


@dataclass(frozen=True)
class Verdict:
    """What a check says of an answer; true in an ``if`` when the answer is right.

    Examples
    --------
    >>> Verdict(False, "the sign is wrong: this step climbs.")
    Not yet: the sign is wrong: this step climbs.
    """

    correct: bool
    message: str

    def __bool__(self) -> bool:
        return self.correct

    @property
    def heading(self) -> str:
        """The first word or two."""
        return "Correct" if self.correct else "Not yet"

    def __repr__(self) -> str:
        return f"{self.heading}: {self.message}"

    def _repr_markdown_(self) -> str:
        return f"**{self.heading}:** {self.message}"


class _Wrong(Exception):
    """What is wrong with an answer, said to the learner."""


def judge(
    answer: Any,
    expected: Callable[..., Any],
    cases: Sequence[Case],
    mistakes: Mapping[str, Callable[..., Any]],
    *,
    praise: str,
    rtol: float = 1e-9,
) -> Verdict:
    """Judge a learner's function by what it returns.

    Parameters
    ----------
    answer : callable
        The learner's function; it gets copies of the arguments and may not change them.
    expected : callable
        What it should do. Both may return numbers, arrays, tuples of them or (nested) dicts of them; the answer may
        have a list for a tuple, and any sequence for numbers in a row.
    cases : sequence of dict
        Arguments by name, in the order of the signature; they are passed by position.
    mistakes : dict
        For each common mistake, in a sentence to the learner, a function that makes it. An answer that agrees
        with it in every case is told that sentence. An exception in it counts as "not this mistake".
    praise : str
        What a right answer hears, after "Correct."
    rtol : float
        Relative tolerance.

    Examples
    --------
    >>> cases = [{"w": 1.0, "lr": 0.1}, {"w": -2.0, "lr": 0.5}]
    >>> mistakes = {"the sign is wrong: this step climbs": lambda w, lr: w + lr * 2 * w}
    >>> step = lambda w, lr: w - lr * 2 * w
    >>> judge(step, step, cases, mistakes, praise="one step of descent on w².")
    Correct: one step of descent on w².
    >>> judge(lambda w, lr: w + lr * 2 * w, step, cases, mistakes, praise="")
    Not yet: the sign is wrong: this step climbs. For w = 1, lr = 0.1 you return 1.2, expected 0.8.
    """
    if not callable(answer):
        return Verdict(False, f"hand in the function itself, not what it returns: this is {_shown(answer)}.")
    try:
        results = [_call(answer, case) for case in cases]
        wanted = [expected(*deepcopy(list(case.values()))) for case in cases]
        results = [_in_the_form_of(want, got) for got, want in zip(results, wanted, strict=True)]
        for got, want in zip(results, wanted, strict=True):
            _compare_structure(got, want)
    except _Wrong as wrong:
        return Verdict(False, str(wrong))
    differing = [k for k in range(len(cases)) if not _agree(results[k], wanted[k], rtol)]
    if not differing:
        return Verdict(True, praise)
    names = (name for name, mistake in mistakes.items() if _makes(mistake, cases, results, rtol))
    diagnosis = next(names, "the values differ").rstrip(".")
    k = differing[0]
    return Verdict(False, f"{diagnosis}. For {_arguments(cases[k])} {_difference(results[k], wanted[k], rtol)}.")


def judge_number(
    answer: Any, expected: float, mistakes: Mapping[str, float], *, praise: str, rtol: float = 1e-3
) -> Verdict:
    """Judge a number; `mistakes` gives, for each sentence to the learner, the number that the mistake leads to.

    Examples
    --------
    >>> judge_number(45, 48, {"the last, smaller batch is missing": 45}, praise="")
    Not yet: the last, smaller batch is missing. You say 45.
    >>> judge_number("48", 48, {}, praise="")
    Not yet: hand in a number, not '48'.
    """
    try:
        value = float(np.asarray(answer))
    except (TypeError, ValueError):
        return Verdict(False, f"hand in a number, not {_shown(answer)}.")
    if isinstance(answer, str):
        return Verdict(False, f"hand in a number, not {answer!r}.")
    if np.isclose(value, expected, rtol=rtol, atol=0):
        return Verdict(True, praise)
    close = (name for name, wrong in mistakes.items() if np.isclose(value, wrong, rtol=rtol, atol=0))
    return Verdict(False, f"{next(close, 'that is not it').rstrip('.')}. You say {_shown(answer)}.")


def _call(answer: Callable[..., Any], case: Case) -> Any:
    arguments = deepcopy(list(case.values()))
    try:
        result = answer(*arguments)
    except Exception as error:  # a learner's function may raise anything, and should hear what
        raise _Wrong(f"your function raises {type(error).__name__}: {error}, for {_arguments(case)}.") from error
    if result is None:
        raise _Wrong("your function returns None: is a `return` missing?")
    for (name, before), after in zip(case.items(), arguments, strict=True):
        if not _unchanged(after, before):
            raise _Wrong(f"your function changes its argument {name} in place: compute with a copy.")
    return result


def _unchanged(after: Any, before: Any) -> bool:
    if isinstance(before, dict):
        return after.keys() == before.keys() and all(_unchanged(after[key], before[key]) for key in before)
    if isinstance(before, list | tuple):
        return len(after) == len(before) and all(map(_unchanged, after, before))
    return not isinstance(before, np.ndarray | np.number | int | float) or np.array_equal(after, before, equal_nan=True)


def _in_the_form_of(want: Any, got: Any) -> Any:
    """What is returned, with a tuple for a list or rows where a tuple is wanted, an array for numbers in a row."""
    if isinstance(want, tuple) and (isinstance(got, list) or (isinstance(got, np.ndarray) and got.ndim)):
        return tuple(got)
    if isinstance(want, np.ndarray) and isinstance(got, tuple) and all(map(np.isscalar, got)):
        return list(got)
    return got


def _parts(value: Any) -> dict[str, np.ndarray]:
    """The arrays in a number, array, tuple or nested dict, each with how to name it."""
    return {path: np.asarray(leaf, dtype=float) for path, leaf in leaves(_named(value))}


def _named(value: Any) -> Any:
    return {f"value {k}": part for k, part in enumerate(value, start=1)} if isinstance(value, tuple) else value


def _compare_structure(got: Any, want: Any) -> None:
    for path, leaf in leaves(_named(got)):
        if leaf is None:
            raise _Wrong(f"your function returns None in {path}: is something missing there?")
    try:
        mine, theirs = _parts(got), _parts(want)
    except (TypeError, ValueError):
        raise _Wrong(f"your function returns {_shown(got)}, which is not made of numbers.") from None
    if mine.keys() != theirs.keys():
        raise _Wrong(f"your function returns {_listing(mine)}, expected {_listing(theirs)}.")
    for path in theirs:
        if mine[path].shape != theirs[path].shape:
            where = f" in {path}" if path else ""
            raise _Wrong(f"your function returns shape {mine[path].shape}{where}, expected {theirs[path].shape}.")


def _listing(parts: Mapping[str, np.ndarray]) -> str:
    return ", ".join(parts) or "nothing" if set(parts) != {""} else f"one value of shape {parts[''].shape}"


def _agree(got: Any, want: Any, rtol: float) -> bool:
    mine, theirs = _parts(got), _parts(want)
    return mine.keys() == theirs.keys() and all(
        mine[path].shape == theirs[path].shape
        and np.allclose(mine[path], theirs[path], rtol=rtol, atol=rtol, equal_nan=True)
        for path in theirs
    )


def _makes(mistake: Callable[..., Any], cases: Sequence[Case], results: Sequence[Any], rtol: float) -> bool:
    try:
        return all(
            _agree(got, mistake(*deepcopy(list(case.values()))), rtol) for case, got in zip(cases, results, strict=True)
        )
    except Exception:  # the mistake may not be defined for every case
        return False


def _difference(got: Any, want: Any, rtol: float) -> str:
    """The first part that differs, and in a large array its first entry that differs."""
    mine, theirs = _parts(got), _parts(want)
    path = next(p for p in theirs if not np.allclose(mine[p], theirs[p], rtol=rtol, atol=rtol))
    a, b = mine[path], theirs[path]
    place = f" in {path}" if path else ""
    if a.size > 4:
        index = tuple(int(i) for i in np.argwhere(~np.isclose(a, b, rtol=rtol, atol=rtol))[0])
        place += f" at index {index if len(index) > 1 else index[0]}"
        a, b = a[index], b[index]
    return f"you return {_shown(a)}{place}, expected {_shown(b)}"


def _arguments(case: Case) -> str:
    return ", ".join(f"{name} = {_shown(value)}" for name, value in case.items())


def _shown(value: Any) -> str:
    if callable(value):
        return getattr(value, "__name__", "a function")
    if isinstance(value, str | dict) or value is None:
        return repr(value)
    try:
        array = np.asarray(value)
    except ValueError:  # parts of several shapes
        return f"[{', '.join(map(_shown, value))}]"
    if array.size > 6:
        return f"an array of shape {array.shape}"
    if array.dtype.kind not in "fiu":
        return repr(value)
    formatter: Any = {"all": lambda x: f"{x:.6g}"}
    return np.array2string(array, separator=", ", formatter=formatter).replace("\n", "")
