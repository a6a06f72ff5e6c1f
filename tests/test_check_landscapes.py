"""The exercises of the chapter "Landscapes", and the numbers that its figures draw."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from downslope import check
from downslope.descent import descend
from downslope.figures import shapes
from downslope.landscapes import quadratic, ravine, saddle
from downslope.optimizers import SGD
from matplotlib.figure import Figure
from scipy.optimize import minimize_scalar


def curvatures(H: np.ndarray) -> np.ndarray:
    return np.linalg.eigvalsh(H)


@pytest.mark.parametrize(
    ("answer", "heard"),
    [
        (lambda H: (np.diag(H) < 0).sum(), "the diagonal is not enough"),
        (lambda H: (curvatures(H) <= 0).sum(), "a zero curvature"),
        (lambda H: (curvatures(H) > 0).sum(), "bend up"),
        (lambda H: float((curvatures(H) < 0).any()), "not how many"),
        (lambda H: float(np.linalg.det(H) < 0), "odd from even"),
        (lambda H: curvatures(H)[0], "lowest curvature"),
        (curvatures, "returns shape (2,), expected ()"),
    ],
)
def test_a_wrong_index_is_told_its_mistake(answer: Callable[..., Any], heard: str) -> None:
    verdict = check.hessian_index(answer)
    assert not verdict
    assert heard in verdict.message


def test_the_index_is_right() -> None:
    assert check.hessian_index(lambda H: np.sum(np.linalg.eigh(H)[0] < 0))


@pytest.mark.parametrize(
    ("answer", "heard"),
    [
        (lambda mu, L: (1 / L, 1 - mu / L), "not the best"),
        (lambda mu, L: (2 / L, 1.0), "2 / L is the limit"),
        (lambda mu, L: (2 / (mu + L), ((L - mu) / (L + mu)) ** 2), "by the square"),
        (lambda mu, L: ((L - mu) / (L + mu), 2 / (mu + L)), "the rate comes first"),
        (lambda mu, L: (2 / (mu + L), (L**0.5 - mu**0.5) / (L**0.5 + mu**0.5)), "belongs to momentum"),
        (lambda mu, L: ((1 / mu + 1 / L) / 2, (L - mu) / (L + mu)), "L decides"),
    ],
)
def test_a_wrong_rate_is_told_its_mistake(answer: Callable[..., Any], heard: str) -> None:
    verdict = check.best_rate(answer)
    assert not verdict
    assert heard in verdict.message


def test_no_rate_beats_the_best_one() -> None:
    mu, L = 0.5, 20.0
    assert check.best_rate(lambda mu, L: (2 / (mu + L), (L - mu) / (L + mu)))
    bowl = quadratic(np.diag([mu, L]))
    lrs = np.append(np.linspace(0.01, 0.0999, 200), 2 / (mu + L))
    points = descend(bowl, SGD(lr=lrs[:, None]), np.ones((201, 2)), 1).points
    factors = np.abs(points[1] / points[0]).max(axis=-1)
    assert factors.argmin() == 200
    assert factors[200] == pytest.approx((L - mu) / (L + mu))


def test_a_rate_that_was_searched_for_is_right_a_rough_one_is_not() -> None:
    def searched(xatol: float) -> Callable[[float, float], tuple[float, float]]:
        def best(mu: float, L: float) -> tuple[float, float]:
            def factor(lr: float) -> float:
                return max(abs(1 - lr * mu), abs(1 - lr * L))

            found = minimize_scalar(factor, bounds=(0, 2 / L), method="bounded", options={"xatol": xatol})
            return found.x, found.fun

        return best

    assert check.best_rate(searched(1e-10))
    assert check.best_rate(lambda mu, L: np.array(searched(1e-10)(mu, L)))
    assert not check.best_rate(searched(1e-3))


@pytest.mark.parametrize(
    ("answer", "heard"),
    [
        (np.log(1e9) / 0.2, "like interest"),
        (np.log(1e9) / np.log(1.2), "all or nothing"),
        (113, "not down"),
        (93, "how a valley shrinks"),
        (50, "the decimal one"),
        (13, "the learning rate is missing"),
        (425, "the curvature is missing"),
        (7, "that is not it"),
    ],
)
def test_a_wrong_wait_is_told_its_mistake(answer: float, heard: str) -> None:
    verdict = check.escape_steps(answer)
    assert not verdict
    assert heard in verdict.message


def test_the_wait_is_that_of_a_run() -> None:
    ground = quadratic(np.diag([10.0, 1.0, -4.0]))
    away = np.abs(descend(ground, SGD(lr=0.05), [1.0, 1.0, 1e-9], 200).points[:, 2])
    assert check.escape_steps(int(np.argmax(away >= 1)))


def test_arrows_stand_at_right_angles_to_the_level_set() -> None:
    land = ravine(4)
    fig = shapes.level_sets(land, [[2.0, 1.0]], [4.0], length=0.5)
    arrow = next(text for text in fig.axes[0].texts if text.arrow_patch is not None)
    way = np.subtract(arrow.xy, arrow.xyann)
    assert np.linalg.norm(way) == pytest.approx(0.5)
    assert way @ [4 * 1.0, -2.0] == pytest.approx(0.0)  # along the level set the gradient (2, 4) turned by 90 degrees
    assert land(np.add([2.0, 1.0], 0.01 * way)) < land([2.0, 1.0])


def test_the_marked_factors_are_those_of_the_walk() -> None:
    land = ravine(10)
    trace = descend(land, SGD(lr=0.15), land.start, 5)
    _, right = shapes.rates(land, trace, 0.15).axes
    marked = right.lines[-1].get_ydata()
    np.testing.assert_allclose(np.abs(trace.points[-1] / trace.points[-2]), marked)


def test_a_walk_that_leaves_the_map_is_drawn_at_its_edge() -> None:
    land = saddle()
    trace = descend(land, SGD(lr=0.3), land.start, 200)
    left, _ = shapes.rates(land, trace, 0.3).axes
    assert max(np.abs(line.get_ydata()).max() for line in left.lines) == pytest.approx(6.0)


def words(fig: Figure, panel: int) -> list[str]:
    return [text.get_text() for text in fig.axes[panel].texts]


def test_a_round_bowl_is_drawn_round_and_its_one_curvature_named_once() -> None:
    def drawn(condition: float) -> Figure:
        land = ravine(condition)
        return shapes.rates(land, descend(land, SGD(lr=0.1), land.start, 5), 0.1)

    assert drawn(1).axes[0].get_aspect() == 1.0
    assert words(drawn(1), 1) == ["μ = L"]
    assert words(drawn(4), 1) == ["μ", "L"]


def test_two_levels_of_a_slice_tell_a_bowl_from_a_hump() -> None:
    u = np.linspace(-1, 1, 21)
    bowl = u**2 + u[:, None] ** 2
    along = {"straight": [0.1, 0.6, 0.1]}

    def heights(sign: float) -> dict[float, float]:
        """For each value written on the map, how far from the middle."""
        texts = shapes.slices((u, u, sign * bowl), [0, 0.5, 1], along).axes[0].texts
        return {float(text.get_text().replace("−", "-")): float(np.hypot(*text.get_position())) for text in texts}

    for sign in (1, -1):
        written = heights(sign)
        assert len(written) == 2
        for level, far in written.items():
            assert far == pytest.approx(np.sqrt(sign * level), abs=0.05)
