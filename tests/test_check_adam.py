"""The checks of the chapter on Adam: they accept what is right and name what is wrong."""

import numpy as np
import pytest
from downslope import check


def step_with(change):
    """Adam's step with one line replaced, as a learner would write it."""

    def step(t, g, m, s, lr, beta1, beta2, eps):
        values = {"m": beta1 * m + (1 - beta1) * g, "s": beta2 * s + (1 - beta2) * g**2}
        values |= {"m_hat": values["m"] / (1 - beta1**t), "s_hat": values["s"] / (1 - beta2**t)}
        names = {"t": t, "g": g, "lr": lr, "beta1": beta1, "beta2": beta2, "eps": eps, "old_m": m, "old_s": s}
        return change(**names, **values)

    return step


def right(lr, m_hat, s_hat, eps, m, s, **_):
    return -lr * m_hat / (np.sqrt(s_hat) + eps), m, s


MISTAKES = {
    "bias correction is missing: your first step is 3.16 lr": lambda lr, m, s, eps, **_: (
        -lr * m / (np.sqrt(s) + eps), m, s),
    "the mean is not corrected": lambda lr, m, s, s_hat, eps, **_: (-lr * m / (np.sqrt(s_hat) + eps), m, s),
    "the mean square is not corrected": lambda lr, m, s, m_hat, eps, **_: (-lr * m_hat / (np.sqrt(s) + eps), m, s),
    "eps stands inside the root": lambda lr, m, s, m_hat, s_hat, eps, **_: (-lr * m_hat / np.sqrt(s_hat + eps), m, s),
    "as Keras does": lambda lr, m, s, eps, t, beta1, beta2, **_: (
        -lr * np.sqrt(1 - beta2**t) / (1 - beta1**t) * m / (np.sqrt(s) + eps), m, s),
    "eps is missing": lambda lr, m, s, m_hat, s_hat, **_: (-lr * m_hat / np.sqrt(s_hat), m, s),
    "the root is missing": lambda lr, m, s, m_hat, s_hat, eps, **_: (-lr * m_hat / (s_hat + eps), m, s),
    "the sign is wrong": lambda lr, m, s, m_hat, s_hat, eps, **_: (lr * m_hat / (np.sqrt(s_hat) + eps), m, s),
    "not its mean": lambda lr, m, s, g, s_hat, eps, **_: (-lr * g / (np.sqrt(s_hat) + eps), m, s),
    "t is one too large": lambda lr, m, s, eps, t, beta1, beta2, **_: (
        -lr * m / (1 - beta1 ** (t + 1)) / (np.sqrt(s / (1 - beta2 ** (t + 1))) + eps), m, s),
    "right at t = 1 only": lambda lr, m, s, eps, beta1, beta2, **_: (
        -lr * m / (1 - beta1) / (np.sqrt(s / (1 - beta2)) + eps), m, s),
    "so nothing is remembered": lambda old_m, old_s, **names: (right(**names)[0], old_m, old_s),
    "corrects them again": lambda m_hat, s_hat, **names: (
        right(m_hat=m_hat, s_hat=s_hat, **names)[0], m_hat, s_hat),
}  # fmt: skip


def test_a_right_step_is_accepted():
    assert check.adam_step(step_with(right))


@pytest.mark.parametrize("diagnosis", MISTAKES)
def test_a_common_mistake_is_named(diagnosis):
    verdict = check.adam_step(step_with(MISTAKES[diagnosis]))
    assert not verdict
    assert diagnosis in verdict.message
    assert "For t = " in verdict.message


def test_swapped_betas_and_wrong_squares_are_named():
    inner = step_with(right)

    def swapped(t, g, m, s, lr, beta1, beta2, eps):
        return inner(t, g, m, s, lr, beta2, beta1, eps)

    def absolute(t, g, m, s, lr, beta1, beta2, eps):
        m, s = beta1 * m + (1 - beta1) * g, beta2 * s + (1 - beta2) * abs(g)
        return -lr * m / (1 - beta1**t) / (np.sqrt(s / (1 - beta2**t)) + eps), m, s

    assert "the betas are swapped" in check.adam_step(swapped).message
    assert "absolute value" in check.adam_step(absolute).message


def test_counting_from_zero_is_reported_readably():
    def step(t, g, m, s, lr, beta1, beta2, eps):
        return step_with(right)(t - 1, g, m, s, lr, beta1, beta2, eps)

    assert "1 - beta**0" in check.adam_step(step).message


def test_an_exception_is_reported():
    assert "raises TypeError" in check.adam_step(lambda t, g: g).message


@pytest.mark.parametrize(
    ("answer", "words"),
    [(12, "the longest step is the 12th"), (1, "wakes up first"), (11, "count from 0"), (6.57, "asked is when")],
)
def test_the_peak(answer, words):
    verdict = check.adam_peak(answer)
    assert bool(verdict) == (answer == 12)
    assert words in verdict.message
