"""The exercises and the drawings of the chapter "The hill", and how a check reports."""

import numpy as np
import pytest
from downslope import SGD, check, descend, landscapes
from downslope.check.report import judge, judge_number
from downslope.figures import hill


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda n, b: n // b, "last, smaller batch is missing"),
        (lambda n, b: n / b, "round up to a whole number"),
        (lambda n, b: n // b + 1, "one too many"),
        (lambda n, b: round(n / b), "rounding to the nearest"),
        (lambda n, b: b, "size of the batches"),
        (lambda n, b: n, "batches of one only"),
        (lambda n, b: n + b, "the values differ"),
    ],
)
def test_a_wrong_count_of_updates_is_named(answer, says):
    verdict = check.updates_per_epoch(answer)
    assert not verdict
    assert says in verdict.message


def test_right_answers_are_correct():
    assert check.updates_per_epoch(lambda n, b: int(np.ceil(n / b)))
    assert check.line_gradient(lambda w, X, y: np.mean(X * (X @ w - y)[:, None], axis=0))


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (lambda w, X, y: X.T @ (X @ w - y), "1/n of the mean"),
        (lambda w, X, y: 2 * X.T @ (X @ w - y) / len(y), "cancel the half"),
        (lambda w, X, y: X.T @ (y - X @ w) / len(y), "sign is wrong"),
        (lambda w, X, y: X.T @ (X @ w - y) / len(y) / 2, "half of it is missing"),
        (lambda w, X, y: X.T @ (X @ w - y) / len(w), "number of weights"),
        (lambda w, X, y: X.T @ (X @ w) / len(y), "targets are missing"),
        (lambda w, X, y: X @ w - y, "returns shape (3,), expected (2,)"),
        (lambda w, X, y: X @ X, "raises ValueError"),
        (lambda w, X, y: None, "is a `return` missing?"),
        (lambda w, X, y: (w, w), "returns value 1, value 2, expected one value of shape (2,)"),
        (lambda w, X, y: "steep", "'steep', which is not made of numbers"),
        (lambda w, X, y: w.fill(0) or w, "changes its argument w in place"),
        (np.ones(2), "hand in the function itself"),
    ],
)
def test_a_wrong_gradient_is_named(answer, says):
    verdict = check.line_gradient(answer)
    assert repr(verdict).startswith("Not yet: ")
    assert says in verdict.message


def test_a_difference_in_a_named_or_a_large_part_is_found():
    def expected(x):
        return {"W": np.full((2, 3), x), "b": x}

    def wrong_b(x):
        return {"W": np.full((2, 3), x), "b": -x}

    def wrong_entry(x):
        return {"W": np.array([[x, x, x], [x, x + 1, x]]), "b": x}

    cases = [{"x": 2.0}]
    assert "you return -2 in b, expected 2" in judge(wrong_b, expected, cases, {}, praise="").message
    assert "you return 3 in W at index (1, 1), expected 2" in judge(wrong_entry, expected, cases, {}, praise="").message


def test_a_mistake_that_fails_on_a_case_is_passed_over():
    verdict = judge(lambda x: x + 1, lambda x: x, [{"x": 0.0}], {"dividing": lambda x: 1 / 0}, praise="")
    assert verdict.message.startswith("the values differ. For x = 0 you return 1, expected 0.")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (48, "Correct: yes"),
        (np.array(45), "Not yet: the last batch is missing. You say 45."),
        (7, "Not yet: that is not it. You say 7."),
        ([1, 2], "Not yet: hand in a number, not [1, 2]."),
        ("48", "Not yet: hand in a number, not '48'."),
    ],
)
def test_a_number_is_judged(answer, says):
    assert repr(judge_number(answer, 48, {"the last batch is missing": 45}, praise="yes")) == says


def test_a_verdict_is_shown_with_its_heading_in_bold():
    assert check.updates_per_epoch(lambda n, b: -(-n // b))._repr_markdown_().startswith("**Correct:** ")


def test_the_line_drawn_is_the_one_that_the_walk_reached():
    bowl = landscapes.ravine(condition=2)
    trace = descend(bowl, SGD(lr=0.5), [1.0, 0.5], steps=3)
    _, right = hill.fit(bowl, trace, [0.0, 2.0], [0.0, 1.0], xlabel="x", ylabel="y").axes
    intercept, slope = trace.points[-1]
    np.testing.assert_allclose(right.lines[0].get_ydata(), [intercept, intercept + 2 * slope])


def test_the_race_shows_what_it_is_given():
    ax = hill.race({"guessing": {2: 1.3, 5: 6.0}, "descent": {2: 4.0, 5: 8.0}}, {2: 1.3, 10: 400.0}).axes[0]
    assert [line.get_ydata().tolist() for line in ax.lines] == [[1.3, 400.0], [1.3, 6.0], [4.0, 8.0]]


def test_walks_to_the_lowest_hollow_are_told_apart_and_end_where_they_end():
    land = landscapes.terrain()
    starts = np.array([land.start, land.minima[0], land.minima[5]])
    trace = descend(land, SGD(lr=500), starts, steps=100)
    ax = hill.drainage(land, trace).axes[0]
    others, lucky = ax.lines[-2:]
    assert lucky.get_xydata() == pytest.approx(trace.points[-1, [1]])
    assert others.get_xydata() == pytest.approx(trace.points[-1, [0, 2]])
