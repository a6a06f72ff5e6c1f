"""The checks and figures of the chapter on backpropagation by machine."""

import numpy as np
import pytest
from downslope import check
from downslope.figures import machine
from downslope.networks import tape


def right(dy, shape):
    dy = dy.sum(axis=tuple(range(dy.ndim - len(shape))))
    return dy.sum(axis=tuple(k for k, n in enumerate(shape) if n == 1), keepdims=True)


def copies(dy, shape):
    return dy.size / max(int(np.prod(shape)), 1)


def first_copy(dy, shape):
    while dy.ndim > len(shape):
        dy = dy[0]
    return dy[tuple(slice(n) for n in shape)]


MISTAKES = {
    "axes in front": lambda dy, shape: dy,
    "axes in front are": lambda dy, shape: dy.sum(axis=tuple(k for k, n in enumerate(shape) if n == 1), keepdims=True),
    "along axes of length 1": lambda dy, shape: dy.sum(axis=tuple(range(dy.ndim - len(shape)))),
    "has to stay": lambda dy, shape: right(dy, shape).squeeze(),
    "everything is summed, and only what was copied may be: for": lambda dy, shape: dy.sum(),
    "axes are added in front": lambda dy, shape: dy.sum(axis=tuple(range(len(shape), dy.ndim))),
    "is a `return` missing": lambda dy, shape: None,
    "a mean divides": lambda dy, shape: right(dy, shape) / copies(dy, shape),
    "one copy is not enough": first_copy,
    "everything is summed": lambda dy, shape: np.full(shape, dy.sum()),
}


@pytest.mark.parametrize("words", MISTAKES)
def test_a_common_mistake_of_unbroadcasting_is_named(words):
    verdict = check.unbroadcast(MISTAKES[words])
    assert not verdict
    assert words in verdict.message


def test_the_right_sum_is_accepted_and_an_exception_reported():
    assert check.unbroadcast(right)
    assert "raises TypeError" in check.unbroadcast(lambda dy: dy).message
    assert "hand in the function itself" in check.unbroadcast(3.0).message


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda n, m: m, "go forwards"),
        (lambda n, m: n, "go backwards"),
        (max, "the worse"),
        (lambda n, m: n * m, "not one entry"),
        (lambda n, m: n + m, "one mode"),
        (lambda n, m: 1, "one row or one column"),
    ],
)
def test_a_wrong_number_of_passes_is_explained(answer, words):
    verdict = check.jacobian_passes(answer)
    assert not verdict
    assert words in verdict.message
    assert check.jacobian_passes(min)


def two_steps(w):
    h = np.tanh(2.0 * w)
    e = w * h - 1.0
    return e * e


def test_when_all_have_passed_their_shares_on_every_sum_is_the_gradient():
    graph = tape.graph(two_steps, np.array(0.5))
    operations = [k for k, entry in enumerate(graph.entries) if entry.inputs]
    sums, missing = machine.gathered(graph, operations[::-1], seeded=True)
    assert not any(missing.values())
    assert sums == {k: pytest.approx(float(entry.gradient)) for k, entry in enumerate(graph.entries)}


def test_the_weight_that_is_used_twice_waits_for_its_second_share():
    graph = tape.graph(two_steps, np.array(0.5))
    operations = [k for k, entry in enumerate(graph.entries) if entry.inputs]
    _, missing = machine.gathered(graph, operations[:1:-1], seeded=True)  # up to p, which is at 3
    assert missing[0] == 1
    names = ["w", "u", "h", "p", "e", "L"]
    assert machine.told(graph, names, 9) == "Step 9: backwards, p passes −0.943 to w and −0.619 to h."
    assert machine.told(graph, names, machine.steps(graph)).startswith("Step 11: backwards, u passes")


def test_every_entry_stands_left_of_all_that_use_it_and_none_on_another():
    graph = tape.graph(lambda p: np.sum(np.exp(p["a"]) * p["a"] + p["b"]) - p["b"], dict.fromkeys("ab", np.array(1.0)))
    at = machine.places(graph)
    assert all(at[i][0] < at[j][0] for i, j in graph.edges)
    assert len(set(at)) == len(at)
