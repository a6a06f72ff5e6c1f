"""The checks of the chapter on averages: they accept what is right and name what is wrong."""

import downslope as ds
import numpy as np
import pytest
from downslope import check

MISTAKES = {
    "beta belongs to the old average": lambda t, m, x, b: ((m := (1 - b) * m + b * x), m / (1 - b**t)),
    "in the average and in the correction": lambda t, m, x, b: ((m := (1 - b) * m + b * x), m / (1 - (1 - b) ** t)),
    "the correction is missing": lambda t, m, x, b: ((m := b * m + (1 - b) * x), m),
    "it is 1 - beta**t": lambda t, m, x, b: ((m := b * m + (1 - b) * x), m / (1 - b)),
    "t is one too large": lambda t, m, x, b: ((m := b * m + (1 - b) * x), m / (1 - b ** (t + 1))),
    "the correction multiplies": lambda t, m, x, b: ((m := b * m + (1 - b) * x), m * (1 - b**t)),
    "divides by beta**t": lambda t, m, x, b: ((m := b * m + (1 - b) * x), m / b**t),
    "the factor 1 - beta is missing": lambda t, m, x, b: ((m := b * m + x), m / (1 - b**t)),
    "corrects it again": lambda t, m, x, b: ((m := (b * m + (1 - b) * x) / (1 - b**t)), m),
    "nothing is remembered": lambda t, m, x, b: (m, (b * m + (1 - b) * x) / (1 - b**t)),
}


def right(t, m, x, beta):
    m = beta * m + (1 - beta) * x
    return m, m / (1 - beta**t)


def over(step):
    """The corrected average of a series, by a step."""

    def smooth(x, beta):
        m, result = 0.0, []
        for t, value in enumerate(x, start=1):
            m, m_hat = step(t, m, value, beta)
            result.append(m_hat)
        return np.array(result)

    return smooth


def test_right_answers_are_accepted():
    assert check.ewma_step(right)
    assert check.ewma(over(right))


@pytest.mark.parametrize("diagnosis", MISTAKES)
def test_a_mistake_in_the_step_is_named(diagnosis):
    verdict = check.ewma_step(MISTAKES[diagnosis])
    assert not verdict
    assert diagnosis in verdict.message
    assert "For t = " in verdict.message


@pytest.mark.parametrize("diagnosis", MISTAKES)
def test_the_same_mistake_is_named_in_a_series(diagnosis):
    verdict = check.ewma(over(MISTAKES[diagnosis]))
    assert not verdict
    assert diagnosis in verdict.message


@pytest.mark.parametrize("power", [1, np.float64(1)])
def test_a_count_from_zero_is_reported_readably(power):
    def late(t, m, x, beta):
        m = beta * m + (1 - beta) * x
        return m, m / (power - beta ** (t - 1))

    for verdict in (check.ewma_step(late), check.ewma(over(late))):
        assert not verdict
        assert "1 - beta**0" in verdict.message


def test_a_start_at_the_first_value_is_named():
    verdict = check.ewma(lambda x, beta: ds.ewma(x, beta, initial=x[0]))
    assert "starts at the first value: start at zero and correct" in verdict.message
    verdict = check.ewma(lambda x, b: ds.ewma(x, b, initial=x[0]) / (1 - b ** np.arange(1, len(x) + 1)))
    assert "as if it had started at zero" in verdict.message


def test_an_exception_and_a_wrong_shape_are_reported():
    assert "raises TypeError" in check.ewma_step(lambda t, m: m).message
    assert not check.ewma(lambda x, beta: over(right)(x, beta)[-1])


@pytest.mark.parametrize(
    ("answer", "words"),
    [(4603, "4603 steps"), (1000, "63 %"), (692.8, "half-life"), (2301, "90 %"), (44, "beta = 0.9")],
)
def test_the_window(answer, words):
    verdict = check.ewma_window(answer)
    assert bool(verdict) == (answer == 4603)
    assert words in verdict.message


def test_the_printed_beta():
    assert check.ewma_beta(0.1)
    assert "pandas' alpha" in check.ewma_beta(0.9).message
