import numpy as np
import pytest
import sympy as sp
from downslope import data, terrain
from downslope.landscapes import from_expression
from downslope.landscapes import terrain as hillside
from downslope.terrain import SPACING, UNIT, elevation
from hypothesis import given
from hypothesis import strategies as st
from scipy.interpolate import NdBSpline

x, y = sp.symbols("x y", real=True)
(_, WIDTH), (_, HEIGHT) = terrain.extent()
metres = st.floats(-5_000.0, 40_000.0)


def test_the_surface_is_the_land_smoothed():
    raw = data.hillside()
    rows, columns = (np.arange(n) * step for n, step in zip(raw.elevation.shape, (raw.north, raw.east), strict=True))
    inside = raw.elevation[rows <= HEIGHT][:, columns <= WIDTH]
    east, north = np.meshgrid(columns[columns <= WIDTH], rows[rows <= HEIGHT])
    error = hillside()(np.stack([east, north], axis=-1)) - inside
    assert np.sqrt(np.mean(error**2)) < 30 < inside.std() / 5
    assert abs(error.mean()) < 1


def test_it_is_the_spline_that_scipy_makes_of_the_same_coefficients():
    c = terrain.coefficients() * UNIT
    padded = np.pad(c, 1, mode="edge")
    knots = [SPACING * np.arange(-3, n + 1) for n in padded.shape]
    spline = NdBSpline(tuple(knots), padded, 3)
    points = np.random.default_rng(0).uniform((0, 0), (WIDTH - 1, HEIGHT - 1), (1000, 2))
    for i, j in ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2)):
        ours = terrain._height(*points.T, i, j)
        theirs = spline(points[:, ::-1], nu=(j, i))
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9 / SPACING ** (i + j))


@given(metres, metres)
def test_heights_stay_between_the_lowest_and_the_highest_coefficient(east, north):
    c = terrain.coefficients() * UNIT
    assert c.min() - 1e-9 <= hillside()([east, north]) <= c.max() + 1e-9


@given(metres, st.integers(-4, 100), st.integers(0, 1))
def test_value_slope_and_curvature_are_continuous_at_the_knots(along, knot, axis):
    point = [along, along]
    point[axis] = knot * SPACING
    before, after = (np.array(point) + e * np.eye(2)[axis] for e in (-1e-6, 1e-6))
    h = hillside()
    np.testing.assert_allclose(h(before), h(after), rtol=1e-8)
    np.testing.assert_allclose(h.gradient(before), h.gradient(after), atol=1e-8)
    np.testing.assert_allclose(h.hessian(before), h.hessian(after), atol=1e-10)


@pytest.mark.parametrize("far", [1e4, 1e8, 1e300, np.inf])
def test_beyond_the_edge_the_land_levels_out(far):
    h = hillside()
    outside = np.array([[-far, -far], [WIDTH + far, HEIGHT + far], [-far, HEIGHT + far]])
    c = terrain.coefficients() * UNIT
    np.testing.assert_allclose(h(outside), [c[0, 0], c[-1, -1], c[-1, 0]], rtol=1e-14)
    np.testing.assert_allclose(h.gradient(outside), 0, atol=1e-14)


def test_a_missing_coordinate_gives_a_missing_height():
    assert np.isnan(hillside()([np.nan, 1.0]))
    assert np.isnan(hillside().gradient([1.0, np.nan])).all()


def test_the_walk_from_the_start_is_long_and_goes_down_into_a_hollow():
    h = hillside()
    w = np.array(h.start)
    for _ in range(400):
        w = w - h.lr * h.gradient(w)
    assert h(h.start) - h(w) > 600
    assert np.hypot(*(w - h.start)) > 5000
    assert np.hypot(*(np.array(h.minima) - w).T).min() < 1


def test_wherever_descent_settles_there_is_a_listed_hollow():
    h = hillside()
    w = np.random.default_rng(0).uniform((0, 0), (WIDTH, HEIGHT), (200, 2))
    for _ in range(1500):
        w = w - 1000 * h.gradient(w)
    inside = np.all((w > 0) & (w < (WIDTH, HEIGHT)), axis=1)
    settled = w[inside & (np.hypot(*h.gradient(w).T) < 1e-9)]
    assert len(settled) > 150
    found = np.array(h.minima)
    assert max(np.hypot(*(found - end).T).min() for end in settled) < 1e-2


def test_sympy_differentiates_the_land_twice_and_no_more():
    f = elevation(x, y)
    assert sp.diff(f, x, y) == sp.diff(f, y, x) == elevation(x, y, 1, 1)
    assert sp.diff(elevation(2 * x, y), x) == 2 * elevation(2 * x, y, 1, 0)
    with pytest.raises(sp.core.function.ArgumentIndexError):
        elevation(x, y, 2, 0).fdiff(1)


def test_the_land_is_typeset_as_h():
    f = elevation(x, y)
    assert sp.latex(f) == r"h\left(x, y\right)"
    assert sp.latex(f.diff(x, y)) == r"h_{xy}\left(x, y\right)"


def test_the_land_can_be_part_of_another_landscape():
    tilted = from_expression(elevation(1000 * x, 1000 * y) + 10 * x, [x, y])
    h, w = hillside(), np.array([12.0, 9.0])
    assert tilted(w) == pytest.approx(h(1000 * w) + 120)
    np.testing.assert_allclose(tilted.gradient(w), 1000 * h.gradient(1000 * w) + [10, 0])


def test_the_coefficients_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        terrain.coefficients()[0, 0] = 0
