import pickle

import downslope as ds
import numpy as np
import pytest
import sympy as sp
from downslope.landscapes import Landscape, from_expression, quadratic, ravine
from hypothesis import given
from hypothesis import strategies as st

x, y = sp.symbols("x y")
A = np.array([[2.0, 0.5, 0.0], [0.5, 1.0, -0.25], [0.0, -0.25, 3.0]])
EVERY = [
    ravine(),
    quadratic(A),
    ds.landscapes.saddle(),
    ds.landscapes.rosenbrock(),
    ds.landscapes.beale(),
    ds.landscapes.himmelblau(),
    ds.landscapes.rastrigin(),
    ds.landscapes.plateau(),
    ds.landscapes.terrain(),
    from_expression(sp.Symbol("w") ** 2, [sp.Symbol("w")], minima=[(0.0,)]),
]
every = pytest.mark.parametrize("landscape", EVERY, ids=lambda landscape: landscape.name)


@st.composite
def points(draw, landscape):
    """A point of the box, as fractions of its sides."""
    low, high = np.array(landscape.box).T
    fractions = [draw(st.floats(0.0, 1.0)) for _ in low]
    return low + np.array(fractions) * (high - low)


def differences(function, w, landscape):
    """Central differences of a function of a point along each coordinate, the new axis last."""
    steps = 1e-5 * np.diff(np.array(landscape.box))[:, 0]
    columns = [(function(w + e) - function(w - e)) / (2 * h) for e, h in zip(np.diag(steps), steps, strict=True)]
    return np.stack(columns, axis=-1)


@every
@given(data=st.data())
def test_the_gradient_is_the_slope_of_the_value(landscape, data):
    w = data.draw(points(landscape))
    scale = 1e-6 * np.abs(landscape.gradient(corners(landscape))).max()
    np.testing.assert_allclose(landscape.gradient(w), differences(landscape, w, landscape), rtol=1e-5, atol=scale)


@every
@given(data=st.data())
def test_the_hessian_is_the_slope_of_the_gradient(landscape, data):
    w = data.draw(points(landscape))
    hessian = landscape.hessian(w)
    scale = 1e-3 * np.abs(landscape.hessian(corners(landscape))).max()
    np.testing.assert_allclose(hessian, differences(landscape.gradient, w, landscape), rtol=1e-4, atol=scale)
    np.testing.assert_array_equal(hessian, np.swapaxes(hessian, -1, -2))


def corners(landscape):
    """A few points of the box, the corners and points between them, that set the scale of an error."""
    low, high = np.array(landscape.box).T
    return low + np.random.default_rng(0).uniform(size=(50, len(low))) * (high - low)


@every
def test_leading_axes_are_independent_points(landscape):
    w = corners(landscape)[:24].reshape(2, 3, 4, -1)
    d = landscape.dimension
    value, gradient, hessian = landscape(w), landscape.gradient(w), landscape.hessian(w)
    assert (value.shape, gradient.shape, hessian.shape) == ((2, 3, 4), (2, 3, 4, d), (2, 3, 4, d, d))
    for index in np.ndindex(2, 3, 4):
        np.testing.assert_allclose(landscape(w[index]), value[index], rtol=1e-13)
        np.testing.assert_allclose(landscape.gradient(w[index]), gradient[index], rtol=1e-13, atol=1e-13)
        np.testing.assert_allclose(landscape.hessian(w[index]), hessian[index], rtol=1e-13, atol=1e-13)
    assert landscape.gradient(w[:0]).shape == (0, 3, 4, d)


@every
def test_the_dtype_of_the_points_is_kept_and_integers_become_float64(landscape):
    w = np.array(landscape.start)
    for give, dtype in ((w, np.float64), (w.astype(np.float32), np.float32), (w.astype(int), np.float64)):
        for result in (landscape(give), landscape.gradient(give), landscape.hessian(give)):
            assert result.dtype == dtype
    np.testing.assert_allclose(landscape.gradient(w.astype(np.float32)), landscape.gradient(w), rtol=1e-3)


@every
def test_a_minimum_is_flat_and_curves_up(landscape):
    minima = np.array(landscape.minima).reshape(-1, landscape.dimension)
    curvatures = np.linalg.eigvalsh(landscape.hessian(minima))
    assert np.all(curvatures > 0)
    np.testing.assert_allclose(landscape.gradient(minima), 0, atol=1e-12 * max(1.0, curvatures.max(initial=0)))
    assert np.all(np.diff(landscape(minima)) >= -1e-12)


@every
def test_start_and_minima_lie_in_the_box(landscape):
    low, high = np.array(landscape.box).T
    for w in (landscape.start, *landscape.minima):
        assert np.all((np.array(w) >= low) & (np.array(w) <= high))


@every
def test_descent_with_the_suggested_step_goes_down(landscape):
    w = np.array(landscape.start)
    values = [landscape(w)]
    for _ in range(100):
        w = w - landscape.lr * landscape.gradient(w)
        values.append(landscape(w))
    assert values[-1] < values[0]


@every
def test_a_point_of_another_dimension_is_refused(landscape):
    d = landscape.dimension
    for function in (landscape, landscape.gradient, landscape.hessian):
        with pytest.raises(ValueError, match=rf"w must have shape \(\.\.\., {d}\), got \(2, {d + 1}\)"):
            function(np.zeros((2, d + 1)))
        with pytest.raises(ValueError, match=r"got \(\)"):
            function(1.0)


@every
def test_a_landscape_survives_pickling(landscape):
    w = np.array(landscape.start)
    landscape(w)
    assert pickle.loads(pickle.dumps(landscape))(w) == landscape(w)


def test_curvatures_of_the_ravine():
    np.testing.assert_array_equal(ravine(condition=50).hessian(np.ones((3, 2))), [np.diag([1.0, 50.0])] * 3)


@pytest.mark.parametrize(
    ("landscape", "point", "value"),
    [
        (ds.landscapes.saddle(), (2.0, 3.0), -5.0),
        (ds.landscapes.rosenbrock(), (-1.2, 1.0), 24.2),
        (ds.landscapes.beale(), (1.0, 1.0), 14.203125),
        (ds.landscapes.himmelblau(), (0.0, 0.0), 170.0),
        (ds.landscapes.rastrigin(), (0.5, 1.0), 21.25),
        (ds.landscapes.plateau(), (1.0, 1.0), 0.75),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_known_values(landscape, point, value):
    assert landscape(point) == pytest.approx(value, rel=1e-14)


def test_the_quadratic_is_its_matrix():
    w = np.random.default_rng(0).normal(size=(5, 3))
    landscape = quadratic(A)
    np.testing.assert_allclose(landscape(w), np.einsum("ni,ij,nj->n", w, A, w) / 2, rtol=1e-13)
    np.testing.assert_allclose(landscape.gradient(w), w @ A, rtol=1e-13, atol=1e-15)
    np.testing.assert_array_equal(landscape.hessian(w), [A] * 5)


def test_a_quadratic_may_have_many_dimensions():
    d = 120
    matrix = np.diag(np.arange(1.0, d + 1))
    np.testing.assert_array_equal(quadratic(matrix).gradient(np.ones(d)), np.arange(1, d + 1))


def test_only_a_bowl_has_a_minimum():
    assert quadratic(np.diag([1.0, 2.0])).minima == ((0.0, 0.0),)
    assert quadratic(np.diag([1.0, -2.0])).minima == quadratic(np.zeros((2, 2))).minima == ()


def test_constant_derivatives_fill_every_point():
    plane = from_expression(3 * x + 2, [x, y])
    w = np.zeros((4, 2))
    np.testing.assert_array_equal(plane.gradient(w), [[3.0, 0.0]] * 4)
    np.testing.assert_array_equal(plane.hessian(w), np.zeros((4, 2, 2)))
    np.testing.assert_array_equal(from_expression(7, [x])(np.zeros((2, 3, 1))), np.full((2, 3), 7.0))


def test_kinks_have_slopes_on_both_sides_and_no_curvature():
    kinks = from_expression(sp.Abs(x) + 2 * sp.Max(y, 0), [x, y])
    np.testing.assert_array_equal(kinks.gradient([[1.0, 1.0], [-1.0, -1.0]]), [[1.0, 2.0], [-1.0, 0.0]])
    np.testing.assert_array_equal(kinks.hessian([[1.0, 1.0], [0.0, 0.0]]), np.zeros((2, 2, 2)))


def test_names_of_symbols_are_free():
    symbols = sp.symbols(r"lambda \theta_1 w_{1}")
    landscape = from_expression(symbols[0] * symbols[1] + symbols[2] ** 2, symbols)
    np.testing.assert_array_equal(landscape.gradient([2.0, 3.0, 4.0]), [3.0, 2.0, 8.0])
    assert landscape.symbols == symbols


def test_what_a_landscape_is_told_it_keeps():
    told = {"name": "Bowl", "box": ((0.0, 1.0),), "start": (0.5,), "minima": ((0.0,),), "lr": 0.3}
    landscape = from_expression(x**2, [x], **told)
    assert {key: getattr(landscape, key) for key in told} == told
    with pytest.raises(AttributeError):
        landscape.lr = 1.0


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: ravine(0), ValueError, "condition must be greater than 0 and finite, got 0"),
        (
            lambda: ravine(np.nan),
            ValueError,
            "condition must be greater than 0 and finite, got nan",
        ),
        (lambda: quadratic([1.0, 2.0]), ValueError, "A must have shape (d, d), got (2,)"),
        (
            lambda: quadratic(np.ones((2, 3))),
            ValueError,
            "A must have shape (d, d), got (2, 3)",
        ),
        (lambda: quadratic([[1.0, np.inf], [np.inf, 1.0]]), ValueError, "A must be finite"),
        (
            lambda: quadratic([[1.0, 2.0], [0.0, 1.0]]),
            ValueError,
            "A must be symmetric, got entries that differ",
        ),
        (
            lambda: from_expression(x, ["x"]),
            TypeError,
            "symbols must be SymPy symbols, got 'x'",
        ),
        (
            lambda: from_expression(7, []),
            ValueError,
            "symbols must be at least one and all different, got ()",
        ),
        (
            lambda: from_expression(x, [x, x]),
            ValueError,
            "symbols must be at least one and all different",
        ),
        (
            lambda: from_expression(x * y, [x]),
            ValueError,
            "symbols must hold every symbol of expr, got none for y",
        ),
        (
            lambda: from_expression(x, [x], start=(1, 2)),
            ValueError,
            "start must have 1 coordinates, got 2",
        ),
        (
            lambda: from_expression(x, [x], minima=[(1, 2)]),
            ValueError,
            "minima must have 1 coordinates, got 2",
        ),
        (lambda: from_expression(x, [x], box=[]), ValueError, "box must have 1 ranges, got 0"),
    ],
)
def test_errors_name_the_argument(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)


def test_every_constructor_gives_a_frozen_landscape():
    assert all(isinstance(landscape, Landscape) for landscape in EVERY)
    assert len({landscape.name for landscape in EVERY}) == len(EVERY)
