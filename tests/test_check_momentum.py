"""The checks of the chapter "Momentum", and the numbers that its figures draw."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from downslope import check
from downslope.descent import descend
from downslope.figures import momentum as drawings
from downslope.landscapes import ravine
from downslope.optimizers import Momentum


def heavy_ball(g: Any, m: Any, lr: float, beta: float) -> Any:
    m = beta * m + g
    return -lr * m, m


def average(g: Any, m: Any, lr: float, beta: float) -> Any:
    m = beta * m + (1 - beta) * g
    return -lr * m, m


def velocity(g: Any, m: Any, lr: float, beta: float) -> Any:
    m = beta * m + lr * g
    return -m, m


def in_place(g: Any, m: Any, lr: float, beta: float) -> Any:
    m *= beta
    m += g
    return -lr * m, m


@pytest.mark.parametrize(
    ("answer", "heard"),
    [
        (average, "this is the average"),
        (velocity, "this is the velocity"),
        (lambda g, m, lr, beta: (-lr * m, beta * m + g), "from the old buffer"),
        (lambda g, m, lr, beta: (lr * (beta * m + g), beta * m + g), "this step climbs"),
        (lambda g, m, lr, beta: heavy_ball(g, m, lr, beta)[::-1], "the step comes first"),
        (lambda g, m, lr, beta: (-lr * g, g), "plain descent"),
        (lambda g, m, lr, beta: (-lr * (beta * m + g), m), "returned unchanged"),
        (lambda g, m, lr, beta: (-lr * (m + beta * g), m + beta * g), "beta belongs"),
        (in_place, "changes its argument m in place"),
    ],
)
def test_a_wrong_step_is_told_its_mistake(answer: Callable[..., Any], heard: str) -> None:
    verdict = check.momentum_step(answer)
    assert not verdict
    assert heard in verdict.message


def test_the_heavy_ball_is_right() -> None:
    assert check.momentum_step(heavy_ball)


@pytest.mark.parametrize(("lr", "heard"), [(0.05, "ten times"), (0.5, "other way round"), (0.045, "not by beta")])
def test_a_wrong_translation_is_told_its_mistake(lr: float, heard: str) -> None:
    verdict = check.translated_lr(lr)
    assert not verdict
    assert heard in verdict.message


def test_the_translated_rate_gives_the_average_s_walk() -> None:
    bowl = ravine()
    ours = descend(bowl, Momentum(0.05, 0.9, dampening=0.9), bowl.start, steps=50)
    theirs = descend(bowl, Momentum(0.005, 0.9), bowl.start, steps=50)
    assert np.allclose(ours.points, theirs.points)
    assert check.translated_lr(0.005)


def best(mu: float, L: float) -> tuple[float, float]:
    rate = (np.sqrt(L / mu) - 1) / (np.sqrt(L / mu) + 1)
    return 4 / (np.sqrt(L) + np.sqrt(mu)) ** 2, rate**2


@pytest.mark.parametrize(
    ("answer", "heard"),
    [
        (lambda mu, L: (best(mu, L)[0], best(mu, L)[1] ** 0.5), "its square"),
        (lambda mu, L: best(mu, L)[::-1], "exchanged"),
        (lambda mu, L: (best(mu, L)[0], ((L - mu) / (L + mu)) ** 2), "the root of the condition number"),
        (lambda mu, L: (2 / (L + mu), best(mu, L)[1]), "plain descent's"),
        (lambda mu, L: (4 / (L**0.5 + mu**0.5), best(mu, L)[1]), "square the sum"),
    ],
)
def test_wrong_settings_are_told_their_mistake(answer: Callable[..., Any], heard: str) -> None:
    verdict = check.best_momentum(answer)
    assert not verdict
    assert heard in verdict.message


def test_the_best_settings_beat_a_fine_grid_of_others() -> None:
    mu, L = 1.0, 30.0
    assert check.best_momentum(best)
    curvatures = np.linspace(mu, L, 200)
    lr, beta = (x[..., None] for x in np.meshgrid(np.linspace(0.005, 0.14, 120), np.linspace(0, 0.99, 120)))
    grid = drawings.radius(lr * curvatures, beta).max(axis=-1)
    ours = drawings.radius(best(mu, L)[0] * curvatures, best(mu, L)[1]).max()
    assert ours == pytest.approx((np.sqrt(30) - 1) / (np.sqrt(30) + 1))
    assert (grid > ours - 1e-9).all()


def test_the_roots_are_the_eigenvalues_of_one_step() -> None:
    rng = np.random.default_rng(2)
    for a, beta in zip(rng.uniform(0, 4, 50), rng.uniform(0, 1, 50), strict=True):
        step = np.array([[1 + beta - a, -beta], [1, 0]])
        expected = np.sort_complex(np.linalg.eigvals(step).astype(complex))
        assert np.allclose(np.sort_complex(drawings.roots(a, beta)), expected)


@pytest.mark.parametrize(
    ("a", "beta", "word"),
    [
        (0.002, 0.9, "overdamped"),
        (0.25, 0.25, "critically damped"),
        (0.3, 0.25, "underdamped"),
        (2.3, 0.25, "flipping sides"),
        (2.5, 0.25, "unstable"),
    ],
)
def test_each_regime_has_its_word(a: float, beta: float, word: str) -> None:
    assert drawings.regime(a, beta) == word
