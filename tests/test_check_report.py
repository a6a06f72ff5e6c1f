"""How a check reads an answer: in which forms it may come, and what it says of one that it cannot read."""

import numpy as np
import pytest
from downslope import check
from downslope.check.report import judge


def pair(x):
    return 2 * x, np.full(3, x)


def verdict(answer, expected=pair, x=2.0):
    return judge(answer, expected, [{"x": x}], {}, praise="yes")


def test_a_list_of_arrays_stands_for_a_tuple():
    assert check.dense_backward(lambda W, x, dz: [dz @ W, dz.T @ x, dz.sum(axis=0)])
    assert verdict(lambda x: list(pair(x)))


def test_a_wrong_part_of_a_list_is_named_as_that_of_a_tuple():
    says = "you return 5 in value 1, expected 4"
    assert says in verdict(lambda x: [5.0, np.full(3, x)]).message
    assert says in verdict(lambda x: (5.0, np.full(3, x))).message


@pytest.mark.parametrize("kind", [tuple, list, np.array])
def test_numbers_in_a_row_may_come_as_any_sequence(kind):
    assert verdict(lambda x: kind([x, x + 1]), lambda x: (x, x + 1))
    assert verdict(lambda x: kind([x, x + 1]), lambda x: np.array([x, x + 1]))
    assert "value 3" in verdict(lambda x: kind([x, x, x]), lambda x: (x, x)).message
    assert "shape (3,), expected (2,)" in verdict(lambda x: kind([x, x, x]), lambda x: np.full(2, x)).message


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda x: [np.zeros(2), np.zeros(3), 1.0], "returns value 1, value 2, value 3, expected value 1, value 2."),
        (lambda x: {"W": [np.zeros(2), np.zeros(3)]}, "which is not made of numbers"),
        (lambda x: ["a", [1, 2]], "returns ['a', [1, 2]], which is not made of numbers"),
        (lambda x: (), "returns nothing, expected value 1, value 2."),
        (lambda x: (None, np.full(3, x)), "returns None in value 1"),
        (lambda x: {"W": None}, "returns None in W"),
    ],
)
def test_an_answer_of_the_wrong_form_is_told_what_it_is(answer, says):
    assert says in verdict(answer).message


def test_a_changed_list_is_seen_as_a_changed_array_is():
    case = {"parts": [np.zeros(2), np.zeros(3)], "sizes": [2, 3]}

    def judged(answer):
        return judge(answer, lambda parts, sizes: 5, [case], {}, praise="yes")

    def fills(parts, sizes):
        parts[1][0] = 1.0
        return 5

    def appends(parts, sizes):
        sizes.append(0)
        return 5

    assert judged(lambda parts, sizes: sum(sizes))
    assert "changes its argument parts in place" in judged(fills).message
    assert "changes its argument sizes in place" in judged(appends).message


def test_the_pieces_handed_to_an_exercise_stay_as_they_are():
    def answer(means, sizes):
        for k, mean in enumerate(means):
            mean *= sizes[k]
        return sum(means) / sum(sizes)

    assert "changes its argument means in place" in check.accumulated(answer).message
