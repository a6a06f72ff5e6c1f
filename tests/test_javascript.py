import json
import re
from dataclasses import replace

import downslope as ds
import numpy as np
import pytest
import sympy as sp
from downslope import javascript
from downslope.descent import descend

from tests import node
from tests.settings import ELEMENTWISE

L = ds.landscapes
x, y = sp.symbols("x y")
MADE = [
    L.ravine(),
    L.quadratic([[2.0, 0.5, 0.0], [0.5, 1.0, -0.25], [0.0, -0.25, 3.0]]),
    L.saddle(),
    L.rosenbrock(),
    L.beale(),
    L.himmelblau(),
    L.rastrigin(),
    L.plateau(),
    L.from_expression(x**2, [x], name="Parabola"),
    L.from_expression(sp.Abs(x) + sp.Max(x * y, 0) + sp.Min(y, x) * sp.sign(y), [x, y], name="Kinks"),
    L.from_expression(sp.Piecewise((x**2, x < 1), (2 * x - 1, True)) + y**4, [x, y], name="Pieces"),
    L.from_expression(sp.exp(-(x**2)) * sp.tanh(y) / sp.sqrt(1 + y**2) + sp.pi * sp.E, [x, y], name="Functions"),
    L.from_expression(x ** sp.Rational(4, 3) / 7 + 0.1 * y**-2, [x, y], box=[(1, 2), (1, 2)], name="Powers"),
    L.from_expression(sp.Symbol("class") ** 2 + sp.Symbol(r"\theta_1"), [sp.Symbol("class"), sp.Symbol(r"\theta_1")]),
]
EVALUATE = "({ points }) => { const l = %s; return [points.map(l.value), points.map(l.gradient)]; }"
WALK = """
  ({ start, steps, needed }) => {
    const landscape = %s, optimizer = %s, h = optimizer.hyperparameters;
    let w = start, slots = w.map(() => optimizer.initial), points = [w];
    for (let t = 1; t <= steps; t++) {
      const g = landscape.gradient(w.map((x, i) => optimizer.lookahead(x, h, ...slots[i])));
      const results = w.map((x, i) => optimizer.rule(t, x, g[i], h, ...slots[i], ...needed.map((n) => n[t - 1][i])));
      w = w.map((x, i) => x + results[i][0]);
      slots = results.map(([, ...after]) => after);
      points.push(w);
    }
    return points;
  }"""


def in_node(landscape, points):
    value, gradient = node.run(EVALUATE % javascript.landscape(landscape), {"points": np.asarray(points).tolist()})
    return np.array(value), np.array(gradient)


def random_points(landscape, n=500, beyond=0.0):
    low, high = np.array(landscape.box).T
    margin = beyond * (high - low)
    return np.random.default_rng(0).uniform(low - margin, high + margin, (n, len(low)))


@pytest.mark.parametrize("landscape", MADE, ids=lambda landscape: landscape.name)
def test_a_landscape_in_javascript_equals_numpy(landscape):
    points = random_points(landscape)
    value, gradient = in_node(landscape, points)
    for ours, theirs in ((landscape(points), value), (landscape.gradient(points), gradient)):
        np.testing.assert_allclose(theirs, ours, rtol=1e-12, atol=1e-12 * np.abs(ours).max())


def test_the_terrain_in_javascript_equals_numpy_on_and_off_the_map():
    terrain = L.terrain()
    points = random_points(terrain, n=5000, beyond=0.2)
    value, gradient = in_node(terrain, points)
    np.testing.assert_allclose(value, terrain(points), rtol=1e-12)
    np.testing.assert_allclose(gradient, terrain.gradient(points), rtol=1e-12, atol=1e-13)


def test_a_page_carries_the_terrain_in_fifteen_kilobytes():
    import gzip

    assert len(gzip.compress(javascript.landscape(L.terrain()).encode())) < 15_000


@pytest.mark.parametrize("landscape", [L.himmelblau(), L.terrain()], ids=lambda landscape: landscape.name)
@pytest.mark.parametrize("point", [(np.nan, 1.0), (np.inf, 1.0), (1.0, -np.inf)])
def test_numbers_that_are_not_finite_go_through_as_in_numpy(landscape, point):
    value, gradient = in_node(landscape, [point])
    with np.errstate(invalid="ignore"):
        np.testing.assert_array_equal(value[0], landscape(point))
        np.testing.assert_allclose(gradient[0], landscape.gradient(point), atol=1e-15)


@pytest.mark.parametrize("opt", ELEMENTWISE)
@pytest.mark.parametrize("landscape", [L.ravine(), L.rosenbrock()], ids=lambda landscape: landscape.name)
def test_200_steps_in_javascript_equal_200_steps_in_numpy(opt, landscape):
    if landscape.name == L.rosenbrock().name:
        rates = {"lr", "final_lr"} & set(vars(opt))
        opt = replace(opt, **{name: min(getattr(opt, name), 1e-3) for name in rates})
    source = WALK % (javascript.landscape(landscape), javascript.optimizer(opt))
    ours, beside = (
        descend(landscape, opt, start, 200).points for start in (landscape.start, np.nextafter(landscape.start, 9))
    )
    curvatures = np.diagonal(landscape.hessian(ours), axis1=-2, axis2=-1)
    needed = [curvatures.tolist() for _ in opt.needs]
    theirs = np.array(node.run(source, {"start": list(landscape.start), "steps": 200, "needed": needed}))
    # 1e-12, unless the walk itself multiplies a last bit by more: then no nearer than two walks in NumPy that
    # start one bit apart, as where a centred root mean square is a difference of equals
    conditioning = np.maximum.accumulate(np.abs(beside - ours).max(axis=1))[:, None]
    assert np.all(np.abs(theirs - ours) <= 1e-12 * np.maximum(1, np.abs(ours)) + 100 * conditioning)
    assert np.abs(ours[-1] - ours[0]).max() > 1e-5


def test_hyperparameters_come_from_the_page():
    source = f"(h) => ({javascript.rule(ds.Adam(lr=0.1))})(1, 0, 2, h, 0, 0)"
    v, m, s = node.run(source, {"lr": 0.5, "beta1": 0.8, "beta2": 0.99, "eps": 0.0})
    assert [v, m, s] == pytest.approx([-0.5, 0.4, 0.04], rel=1e-12)


def test_the_slots_are_those_that_are_kept():
    assert javascript.rule(ds.RMSProp()).startswith("(t, w, g, h, s_prev) =>")
    assert javascript.rule(ds.RMSProp(momentum=0.9)).startswith("(t, w, g, h, s_prev, m_prev) =>")


def test_the_optimizer_object_holds_the_settings():
    settings = re.search(r"hyperparameters: (\{.*?\})", javascript.optimizer(ds.Momentum(lr=0.2, momentum=0.5)))
    assert json.loads(settings[1]) == {"lr": 0.2, "momentum": 0.5}


@pytest.mark.parametrize("lr", [lambda t: 0.1 / (1 + t), np.array([0.1, 0.2])])
def test_a_setting_that_is_not_a_number_cannot_go_into_a_page(lr):
    with pytest.raises(TypeError, match="lr must be a number to go into a page"):
        javascript.optimizer(ds.SGD(lr=lr))


def test_constants_in_javascript():
    printed = [javascript.expression(c) for c in (sp.nan, sp.oo, -sp.oo, sp.Rational(1, 3), sp.Float(0.1))]
    values = node.run(f"() => [{', '.join(printed)}]")
    np.testing.assert_array_equal(values, [np.nan, np.inf, -np.inf, 1 / 3, 0.1])


def test_a_square_in_a_denominator_stays_there():
    assert node.run(f"(x) => {javascript.expression(3 / x**2)}", 2.0) == 0.75


def test_a_function_that_javascript_lacks_is_refused():
    with pytest.raises(NotImplementedError, match="no JavaScript for zeta"):
        javascript.expression(sp.zeta(x))
