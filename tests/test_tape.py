"""Automatic differentiation, held against SymPy, numerical derivatives, and the layers' own backward passes."""

import downslope as ds
import numpy as np
import pytest
import sympy as sp
from downslope import networks
from downslope.networks import tape, two_two_one
from downslope.networks.derivatives import RULES
from downslope.trees import leaves, tree_map
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view
from scipy.special import erf, expit

rng = np.random.default_rng(0)
A, B, ROW, COLUMN = rng.normal(size=(3, 4)), rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=(3, 1))
BATCH, MATRIX, VECTOR = rng.normal(size=(2, 3, 4)), rng.normal(size=(4, 2)), rng.normal(size=4)
POSITIVE = rng.uniform(0.5, 2.0, size=(3, 4))

# Every one is read as the sum of what it returns times fixed weights, so that no entry can hide another.
FUNCTIONS = {
    "add": (lambda p: p["a"] + p["b"], {"a": A, "b": ROW}),
    "subtract": (lambda p: p["a"] - p["b"], {"a": COLUMN, "b": A}),
    "multiply": (lambda p: p["a"] * p["b"], {"a": A, "b": COLUMN}),
    "divide": (lambda p: p["a"] / p["b"], {"a": ROW, "b": POSITIVE}),
    "power": (lambda p: p["a"] ** p["b"], {"a": POSITIVE, "b": ROW}),
    "a constant on the left": (lambda p: 2 / (1 - p) + 2**p - np.ones(4) @ (3 * p), 0.5 * ROW),
    "maximum": (lambda p: np.maximum(p["a"], p["b"]), {"a": A, "b": ROW}),
    "minimum": (lambda p: np.minimum(p["a"], p["b"]), {"a": A, "b": COLUMN}),
    "clip": (lambda p: np.clip(p, -0.5, 0.5) + p.clip(min=0.1) + np.clip(p, None, -0.1), A),
    "where": (lambda p: np.where(A > 0, p["a"], p["b"]), {"a": A, "b": ROW}),
    "negative": (lambda p: -p, A),
    "square": (lambda p: np.square(p), A),
    "reciprocal": (lambda p: np.reciprocal(p), POSITIVE),
    "sqrt": (lambda p: np.sqrt(p), POSITIVE),
    "absolute": (lambda p: np.abs(p), A),
    "exp": (lambda p: np.exp(p), A),
    "expm1": (lambda p: np.expm1(p), A),
    "log": (lambda p: np.log(p) + 2 * np.log2(p) + 3 * np.log10(p), POSITIVE),
    "log1p": (lambda p: np.log1p(p), POSITIVE),
    "sin and cos": (lambda p: np.sin(p) + 2 * np.cos(p), A),
    "tan and arctan": (lambda p: np.tan(p) + 2 * np.arctan(p), A),
    "sinh and cosh": (lambda p: np.sinh(p) + 2 * np.cosh(p), A),
    "tanh": (lambda p: np.tanh(p), A),
    "expit": (lambda p: expit(p), A),
    "erf": (lambda p: erf(p), A),
    "matmul": (lambda p: p["a"] @ p["b"], {"a": A, "b": MATRIX}),
    "matmul, one batch": (lambda p: p["a"] @ p["b"], {"a": BATCH, "b": MATRIX}),
    "matmul, two batches": (lambda p: p["a"] @ p["b"], {"a": BATCH, "b": BATCH.swapaxes(1, 2)[:1]}),
    "matmul, vector right": (lambda p: p["a"] @ p["b"], {"a": BATCH, "b": VECTOR}),
    "matmul, vector left": (lambda p: p["a"] @ p["b"], {"a": VECTOR, "b": BATCH.swapaxes(1, 2)}),
    "matmul, two vectors": (lambda p: p["a"] @ p["b"], {"a": VECTOR, "b": ROW}),
    "dot": (lambda p: np.dot(p["a"], p["b"]) + p["a"].dot(p["b"]), {"a": A, "b": VECTOR}),
    "inner and outer": (lambda p: np.outer(p["b"], np.inner(p["a"], p["b"])), {"a": A, "b": VECTOR}),
    "sum": (lambda p: p.sum() + np.sum(p, axis=1) + p.sum(axis=(0, -1), keepdims=True), A),
    "sum over some axes": (lambda p: p.sum(axis=(0, 2)), BATCH),
    "mean": (lambda p: p.mean() + p.mean(-1, keepdims=True) + np.mean(p, axis=0), A),
    "max": (lambda p: p.max(axis=-1, keepdims=True) + np.max(p, axis=0), A),
    "min": (lambda p: p.min(axis=0), A),
    "prod": (lambda p: p.prod() + np.prod(p, axis=1)[:, None] + p.prod(axis=0), A),
    "prod with zeros": (lambda p: np.prod(p, axis=0), np.array([[0.0, 0.0, 2.0], [3.0, 0.0, 4.0]])),
    "var": (lambda p: p.var(axis=1) + np.var(p, axis=1, ddof=1), A),
    "std": (lambda p: p.std(axis=1) + np.std(p, axis=1, ddof=1), A),
    "norm": (lambda p: np.linalg.norm(p) + np.linalg.norm(p, axis=1, keepdims=True), A),
    "reshape": (lambda p: p.reshape(4, 3) @ p.reshape((3, -1)), A),
    "reshape by columns": (lambda p: np.reshape(p, (2, 6), order="F") + p.reshape(2, 6, order="F") ** 2, A),
    "ravel and squeeze": (lambda p: p.ravel()[:3] + np.squeeze(p[:, :1]), A),
    "ravel by columns": (lambda p: np.ravel(p, order="F") + p.ravel("F") ** 2 + p.flatten("F") * p.flatten(), A),
    "copy": (lambda p: p.copy() * np.copy(p), A),
    "transpose": (lambda p: p.transpose(1, 2, 0) + p.T.swapaxes(0, 1)[..., :1], BATCH),
    "transpose, axes from the end": (lambda p: p.transpose(0, -1, -2) + np.transpose(p, (-3, -1, 1)), BATCH),
    "transpose all ways from the end": (lambda p: np.transpose(p, [-1, 0, -2]), BATCH),
    "swapaxes": (lambda p: p.swapaxes(0, 2), BATCH),
    "moveaxis": (lambda p: np.moveaxis(p, 0, -1), BATCH),
    "broadcast_to": (lambda p: np.broadcast_to(p, (2, 3, 4)), A),
    "expand_dims": (lambda p: np.expand_dims(p, (0, 2)), A),
    "a slice": (lambda p: p[1:, ::2], A),
    "an ellipsis and a new axis": (lambda p: p[..., 0, None], BATCH),
    "a row twice": (lambda p: p[[0, 2, 0]], A),
    "one entry of each row": (lambda p: p[np.arange(3), [1, 1, 3]], A),
    "a mask": (lambda p: p[A > 0], A),
    "iteration": (lambda p: sum(row * row[0] for row in p), A),
    "concatenate": (lambda p: np.concatenate([p["a"], ROW[None], p["b"]], axis=0), {"a": A, "b": B}),
    "concatenate, last axis": (lambda p: np.concatenate([p["a"], p["b"]], axis=-1), {"a": A, "b": COLUMN}),
    "stack": (lambda p: np.stack([p["a"], B, p["b"]], axis=1), {"a": A, "b": A * 2}),
    "hstack and vstack": (lambda p: np.hstack([p["a"], np.vstack([p["b"], p["b"][0]])]), {"a": A, "b": B[:2]}),
    "hstack of vectors": (lambda p: np.hstack([p, p[:2]]), ROW),
    "pad": (lambda p: np.pad(p, ((1, 0), (2, 1))), A),
    "repeat": (lambda p: np.repeat(p, 2, axis=1), A),
    "take": (lambda p: np.take(p, [0, 1, 1], axis=1), A),
    "take_along_axis": (lambda p: np.take_along_axis(p, np.array([[0, 0], [1, 2], [3, 3]]), axis=1), A),
    "flip and roll": (lambda p: np.flip(p, 1) * np.roll(p, 1, axis=0), A),
    "windows": (lambda p: sliding_window_view(p, (2, 3)), A),
    "a value used many times": (lambda p: p * p + np.exp(p) * p - p, A),
    "a parameter not used": (lambda p: p["a"], {"a": A, "b": {"c": B}}),
    "a constant": (lambda p: 3.0, A),
}


def weighted(f):
    """A number out of what `f` returns."""

    def number(params):
        y = f(params)
        return np.sum(y * np.cos(1.0 + np.arange(np.size(y))).reshape(np.shape(y)))

    return number


def agree(found, expected, **tolerance):
    for (path, a), (_, b) in zip(leaves(found), leaves(expected), strict=True):
        np.testing.assert_allclose(a, b, err_msg=path, **tolerance)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_gradient_is_the_slope_of_central_differences(name):
    f, params = FUNCTIONS[name]
    value, grads = tape.value_and_grad(weighted(f))(params)
    assert value == weighted(f)(params)
    assert tree_map(np.shape, grads) == tree_map(np.shape, params)
    agree(grads, networks.central_difference(weighted(f), params), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_forward_and_reverse_mode_agree_and_so_do_their_second_derivatives(name):
    f, params = FUNCTIONS[name]
    draw = np.random.default_rng(1)
    u, v = (tree_map(lambda leaf: draw.normal(size=leaf.shape), params) for _ in range(2))

    def dot(a, b):
        return sum(np.sum(x * dict(leaves(b))[path]) for path, x in leaves(a))

    f = weighted(f)
    value, slope = tape.jvp(f, params, u)
    assert value == f(params)
    np.testing.assert_allclose(slope, dot(tape.grad(f)(params), u), rtol=1e-11, atol=1e-12)

    along = tape.hvp(f, params, u)
    agree(along, tape.grad(lambda p: dot(tape.grad(f)(p), u))(params), rtol=1e-9, atol=1e-10)
    np.testing.assert_allclose(dot(along, v), dot(tape.hvp(f, params, v), u), rtol=1e-9, atol=1e-10)
    numerical = networks.central_difference(lambda p: dot(tape.grad(f)(p), u), params)
    agree(along, numerical, rtol=1e-6, atol=1e-7)


def test_every_rule_is_tested():
    called = set()
    for f, params in FUNCTIONS.values():
        called |= {entry.operation for entry in tape.graph(weighted(f), params).entries}
        called |= {entry.operation for entry in tape.graph(tape.grad(weighted(f)), params).entries}
    assert {function.__name__ for function in RULES} <= called


# Random expressions and shapes


SHAPES = st.sampled_from([(), (1,), (3,), (2, 1), (1, 3), (2, 3), (4, 1, 3), (4, 2, 1)])
UNARY = {"exp": np.exp, "tanh": np.tanh, "sin": np.sin, "square": np.square, "log1p": lambda x: np.log1p(x * x)}
BINARY = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": lambda a, b: a / (2 + b * b)}
EXPRESSIONS = st.recursive(
    st.sampled_from("abc"),
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(sorted(UNARY)), inner), st.tuples(st.sampled_from(sorted(BINARY)), inner, inner)
    ),
    max_leaves=8,
)


def evaluate(expression, params):
    if isinstance(expression, str):
        return params[expression]
    operation, *inner = expression
    return (UNARY | BINARY)[operation](*(evaluate(part, params) for part in inner))


@given(EXPRESSIONS, st.tuples(SHAPES, SHAPES, SHAPES), st.integers(0, 2**32 - 1))
@settings(max_examples=150, deadline=None)
def test_a_random_expression_of_arrays_that_broadcast_has_the_gradient_of_the_complex_step(expression, shapes, seed):
    draw = np.random.default_rng(seed)
    params = {name: draw.uniform(-0.5, 0.5, size=shape) for name, shape in zip("abc", shapes, strict=True)}

    def f(p):
        return np.sum(np.tanh(evaluate(expression, p)))

    value, grads = tape.value_and_grad(f)(params)
    assert value == f(params)
    agree(grads, networks.complex_step(f, params), rtol=1e-9, atol=1e-11)


@given(EXPRESSIONS, st.lists(st.floats(-0.5, 0.5), min_size=3, max_size=3))
@settings(max_examples=40, deadline=None)
def test_a_random_expression_has_the_derivatives_that_sympy_finds(expression, point):
    symbols = dict(zip("abc", sp.symbols("a b c", real=True), strict=True))
    read = {"exp": sp.exp, "tanh": sp.tanh, "sin": sp.sin, "square": lambda x: x**2}
    read |= {"log1p": lambda x: sp.log(1 + x**2), "+": sp.Add, "-": lambda a, b: a - b}
    read |= {"*": sp.Mul, "/": lambda a, b: a / (2 + b**2)}

    def symbolic(part):
        return symbols[part] if isinstance(part, str) else read[part[0]](*map(symbolic, part[1:]))

    params = {name: np.array(x) for name, x in zip("abc", point, strict=True)}
    grads = tape.grad(lambda p: evaluate(expression, p))(params)
    second = tape.hvp(lambda p: evaluate(expression, p), params, dict.fromkeys("abc", np.array(1.0)))
    written = symbolic(expression)
    for name, symbol in symbols.items():
        first = sp.diff(written, symbol)
        expected = sp.lambdify(list(symbols.values()), [first, sum(sp.diff(first, s) for s in symbols.values())])
        np.testing.assert_allclose([grads[name], second[name]], expected(*point), rtol=1e-8, atol=1e-10)


# Shape of the tape


def test_a_chain_of_ten_thousand_operations_is_no_deeper_than_one():
    def f(x):
        for _ in range(10_000):
            x = x + 1e-4 * np.sin(x)
        return x

    x = np.array(1.0)
    assert tape.grad(f)(x) == pytest.approx(networks.complex_step(f, x), rel=1e-12)


def test_a_value_that_is_used_over_and_over_gathers_all_its_shares():
    def doubled(x):
        for _ in range(60):
            x = x + x
        return x

    assert tape.grad(doubled)(np.array(1.0)) == 2.0**60
    assert len(tape.graph(doubled, np.array(1.0)).entries) == 61  # and not 2 to the 60


def test_what_the_result_does_not_depend_on_is_not_in_the_graph():
    g = tape.graph(lambda p: (np.exp(p["a"]), p["b"] * 2)[1], {"a": A, "b": B})
    assert [(entry.operation, entry.name) for entry in g.entries] == [("parameter", "b"), ("multiply", "")]
    assert g.entries[1].constants == {1: 2}
    assert g.edges == [(0, 1)]


@pytest.mark.parametrize("seed", range(5))
def test_inputs_come_before_what_uses_them(seed):
    x, params = np.random.default_rng(seed).normal(size=2), two_two_one.initial(np.random.default_rng(seed))
    g = tape.graph(lambda p: two_two_one.loss(p, x, 1.0), params)
    assert all(i < j for i, j in g.edges)
    found = {entry.name: entry.gradient for entry in g.entries if entry.name}
    assert found == tape.grad(lambda p: two_two_one.loss(p, x, 1.0))(params)


def test_an_inner_gradient_may_see_an_outer_parameter():
    def f(x):
        return x * tape.grad(lambda y: x * y**2)(np.array(3.0))  # x * 6x

    assert tape.grad(f)(np.array(2.0)) == 24.0
    assert tape.jvp(f, np.array(2.0), np.array(1.0)) == (24.0, 24.0)


def test_third_derivatives():
    third = tape.grad(tape.grad(tape.grad(lambda x: np.exp(2 * x))))
    assert third(np.array(0.3)) == pytest.approx(8 * np.exp(0.6), rel=1e-14)


# Where a derivative used to be wrong, or to be lost to rounding


def polynomial(x):
    return sum(c * x**k for k, c in enumerate([1.0, 2.0, 3.0, 4.0]))


def test_the_powers_of_zero_have_the_slopes_of_a_polynomial():
    zero = np.array(0.0)
    assert tape.grad(polynomial)(zero) == 2
    assert tape.hvp(polynomial, zero, np.array(1.0)) == 6
    assert tape.grad(tape.grad(tape.grad(polynomial)))(zero) == 24
    assert tape.hvp(lambda x: x**2 + x**1, zero, np.array(1.0)) == 2
    assert tape.grad(lambda x: np.sum(x[:, None] ** np.arange(4)))(np.array([0.0, 2.0])).tolist() == [1, 17]
    single = tape.jvp(polynomial, np.zeros(2, np.float32), np.ones(2, np.float32))[1]
    assert single.tolist() == [2, 2]
    assert single.dtype == np.float32


def test_the_slope_of_zero_to_a_positive_power_by_the_power_is_zero():
    power = {"a": np.array([0.0, 2.0]), "b": np.array([2.0, 0.0])}
    grads = tape.grad(lambda p: np.sum(p["a"] ** p["b"]))(power)
    assert grads["a"].tolist() == [0, 0]
    assert grads["b"] == pytest.approx([0, np.log(2)])
    mixed = tape.hvp(lambda p: np.sum(p["a"] ** p["b"]), power, {"a": np.zeros(2), "b": np.ones(2)})
    assert mixed["a"] == pytest.approx([0, 1 / 2])  # of a**b by a and b at b = 0: 1 / a


@pytest.mark.parametrize("differentiate", [tape.grad, lambda f: lambda p: tape.grad(lambda q: f(q) * 1.0)(p)])
def test_an_array_that_is_used_again_and_again_counts_as_it_was(differentiate):
    def by_a_mask(p):
        mask, total = np.zeros(3), 0.0
        for i in range(3):
            mask[:] = 0
            mask[i] = i + 1
            total = total + np.sum(p * mask)
        return total

    def by_a_place(p):
        at, total = np.zeros(1, int), 0.0
        for i in range(3):
            at[0] = i
            total = total + (i + 1) * np.sum(p[at,])
        return total

    def by_a_list(p):
        at, total = [0], 0.0
        for i in range(3):
            at[0] = i
            total = total + (i + 1) * np.sum(np.take(p, at))
        return total

    for f in (by_a_mask, by_a_place, by_a_list):
        assert differentiate(f)(np.ones(3)).tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("f", "slope", "at"),
    [
        (expit, lambda z: sp.exp(-z) / (1 + sp.exp(-z)) ** 2, [-400, -40, 0, 40, 400]),
        (np.expm1, sp.exp, [-50, 0, 1]),
    ],
)
def test_a_slope_far_out_is_small_and_not_zero(f, slope, at):
    for z in at:
        expected = float(slope(sp.Integer(z)).evalf(30))
        assert tape.grad(f)(np.array(float(z))) == pytest.approx(expected, rel=1e-13, abs=0)


@pytest.mark.parametrize("returned", [None, (A, 1.0), [1.0], {"loss": 1.0}, "1", 1j])
def test_a_loss_that_returns_no_number_is_told_so(returned):
    for f in (lambda p: returned, lambda p: returned if returned is None else {"loss": np.sum(p)}):
        with pytest.raises(TypeError, match=r"^f must return one number to have a gradient, got "):
            tape.value_and_grad(f)(A)
    with pytest.raises(TypeError, match="got None: is a return missing"):
        tape.grad(lambda p: None)(A)


@pytest.mark.parametrize("returned", [lambda p: None, lambda p: (p, p), lambda p: {"y": p, "why": "because"}])
def test_what_is_no_array_has_no_derivative_along_a_direction(returned):
    with pytest.raises(TypeError, match=r"^f must return an array or a nested dict of arrays, got "):
        tape.jvp(returned, A, A)


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x: np.sum(x, initial=5.0), "cannot follow this call of sum: got an unexpected .* 'initial'"),
        (lambda x: np.sum(x, 1, np.float64), "cannot follow this call of sum: too many positional arguments"),
        (lambda x: np.mean(x, dtype=np.float64), "cannot follow this call of mean: .* 'dtype'"),
        (lambda x: np.max(x, initial=5.0), "cannot follow this call of max: .* 'initial'"),
        (lambda x: np.pad(x, 1, constant_values=5.0), "cannot follow this call of pad: .* 'constant_values'"),
        (lambda x: np.pad(x, 1, "edge"), "cannot follow this call of pad: too many"),
        (lambda x: np.take(x, [0], out=np.zeros(1)), "cannot follow this call of take: .* 'out'"),
        (lambda x: np.reshape(x, (4, 3), order="A"), "cannot follow reshape with order='A'"),
        (lambda x: np.ravel(x, "K"), "cannot follow reshape with order='K'"),
        (lambda x: np.linalg.norm(x, 1), "cannot follow this call of norm: too many"),
        (lambda x: np.abs(np.exp(1j * x) - 1) ** 2, "follows real numbers, and multiply makes complex128"),
    ],
)
@pytest.mark.parametrize("differentiate", [tape.grad, lambda f: lambda x: tape.jvp(f, x, x)], ids=["grad", "jvp"])
def test_an_argument_that_a_rule_does_not_know_is_refused(differentiate, f, message):
    with pytest.raises(TypeError, match=message):
        differentiate(lambda x: np.sum(f(x)))(A)


def test_an_inner_gradient_checks_what_is_not_traced():
    def inner(a):
        return tape.grad(lambda p: np.sum(p["a"] ** 2))({"a": a, "b": 2.0})["a"]

    assert tape.grad(inner)(np.array(3.0)) == 2
    with pytest.raises(TypeError, match=r"^params\['b'\] must hold floating-point numbers, got dtype int64$"):
        tape.grad(lambda a: tape.grad(lambda p: p["a"])({"a": a, "b": 2})["a"])(np.array(3.0))


# Numbers


@pytest.mark.parametrize("name", FUNCTIONS)
def test_single_precision_stays_single_precision(name):
    f, params = FUNCTIONS[name]
    if name == "a constant" or "concatenate" in name or name == "stack":  # these bring doubles of their own
        f = {"stack": lambda p: np.stack([p["a"], p["b"]])}.get(
            name, lambda p: np.concatenate(list(p.values()), axis=-1)
        )
        params = params if isinstance(params, dict) else {"a": params}
    params = tree_map(lambda leaf: np.asarray(leaf, np.float32), params)
    value, grads = tape.value_and_grad(lambda p: np.sum(f(p)))(params)
    assert all(g.dtype == np.float32 for _, g in leaves(grads))
    if "constant" not in name:
        assert value.dtype == np.float32


def test_the_parameters_and_the_gradient_share_no_memory_and_can_be_written():
    params = {"a": A.copy(), "b": A.copy()}
    grads = tape.grad(lambda p: np.sum(p["a"] + p["b"]))(params)
    grads["a"] += 1.0
    assert (grads["b"] == 1.0).all()
    assert (params["a"] == A).all()


def test_what_comes_out_is_ones_own():
    d = np.ones(3)
    for f in (lambda p: p, np.sum, lambda p: p * 2, lambda p: p[0] * np.ones(3)):
        p = np.zeros(3)
        value, slope = tape.jvp(f, p, d)
        value += 1
        slope += 1
        assert p.tolist() == [0, 0, 0]
        assert d.tolist() == [1, 1, 1]
    p = np.array(1.0)
    value, _ = tape.value_and_grad(lambda p: p)(p)
    value += 1
    assert p == 1
    product = tape.hvp(lambda p: np.sum(p["a"]) ** 2, {"a": p, "b": d}, {"a": p, "b": d})
    product["a"] += d[0]
    product["b"] += d
    assert product == {"a": 3, "b": pytest.approx(d)}
    assert type(product["a"]) is np.ndarray


def test_curvature_has_the_type_of_the_parameters():
    single = A.astype(np.float32)
    assert tape.jvp(np.exp, single, A)[1].dtype == np.float32
    assert tape.hvp(lambda p: np.sum(np.exp(p)), single, A).dtype == np.float32
    assert tape.hvp(lambda p: np.sum(A * np.exp(p)), single, A).dtype == np.float32
    assert tape.hessian_diag(lambda p: np.sum(A * p**2), single, np.random.default_rng(0)).dtype == np.float32
    assert tape.hvp(lambda p: np.sum(np.exp(p)), A, single).dtype == np.float64


def test_several_largest_share_the_derivative():
    grads = tape.grad(lambda p: np.maximum(p["a"], p["b"]) + 0 * p["a"])({"a": np.array(1.0), "b": np.array(1.0)})
    assert grads == {"a": 0.5, "b": 0.5}
    assert tape.grad(np.max)(np.array([1.0, 3.0, 3.0, 0.0])).tolist() == [0.0, 0.5, 0.5, 0.0]


def test_a_branch_is_followed_where_the_numbers_lead():
    def f(x):
        return x**2 if x > 0 else -3 * x

    assert tape.grad(f)(np.array(2.0)) == 4.0
    assert tape.grad(f)(np.array(-2.0)) == -3.0


# What cannot be traced is refused, by name


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x: np.sum(np.arctan2(x, 1.0)), "no derivative of arctan2"),
        (lambda x: np.sum(np.linalg.inv(x)), "no derivative of inv"),
        (lambda x: np.sum(np.asarray(x)), "into a plain array"),
        (lambda x: float(x[0, 0]) ** 2, "into a plain array"),
        (lambda x: np.add.reduce(x), r"cannot follow add as add\.reduce"),
        (lambda x: np.sum(np.exp(x, out=x)), "cannot follow exp with out="),
        (lambda x: np.dot(x[None], x), "up to two axes, got 3 and 2"),
    ],
)
def test_an_operation_without_a_derivative_is_named(f, message):
    with pytest.raises(TypeError, match=message):
        tape.grad(f)(A)


def test_adding_in_place_is_refused():
    def f(x):
        y = x * 2
        y += 1
        return np.sum(y)

    with pytest.raises(TypeError, match=r"cannot follow add with out= \(which is also what \+="):
        tape.grad(f)(A)


@pytest.mark.parametrize("differentiate", [tape.grad, lambda f: lambda x: tape.jvp(f, x, np.ones(2))[1]])
def test_a_number_is_rebound_in_place_as_numpys_are(differentiate):
    def f(x):
        total = before = x[0] * x[1]
        total += x[0]
        total -= 3
        total *= x[1]
        total /= 2
        total **= 2
        return total + before - before

    x = np.array([1.5, 2.0])
    slopes = networks.complex_step(f, x)
    assert differentiate(f)(x) == pytest.approx(slopes if differentiate is tape.grad else slopes.sum(), rel=1e-14)
    assert tape.value_and_grad(f)(x)[0] == f(x)


def test_a_traced_number_can_be_printed():
    printed = []
    tape.grad(tape.grad(lambda x: (printed.append(f"{x * 2:.3f}"), x**2)[1]))(np.array(1.0))
    tape.jvp(lambda x: (printed.append(f"{x}"), x)[1], np.array(1.0), np.array(1.0))
    assert printed == ["2.000", "1.0"]


def test_writing_into_a_plain_array_is_refused():
    def f(x):
        y = np.zeros(3)
        y[0] = x[0, 0]
        return np.sum(y)

    with pytest.raises(ValueError) as refused:
        tape.grad(f)(A)
    assert "into a plain array" in str(refused.value.__cause__)


def test_a_loss_of_many_numbers_has_no_gradient():
    with pytest.raises(
        ValueError, match=r"^f must return one number to have a gradient, got an array of shape \(3, 4\)$"
    ):
        tape.grad(lambda x: x)(A)


def test_integers_have_no_gradient():
    with pytest.raises(TypeError, match="must hold floating-point numbers, got dtype int64"):
        tape.grad(lambda p: np.sum(p["w"]))({"w": np.arange(3)})


def test_a_direction_must_fit():
    with pytest.raises(ValueError, match=r"^direction must have shape \(3, 4\), got \(4,\)$"):
        tape.jvp(np.sum, A, ROW)
    with pytest.raises(ValueError, match=r"^direction must have the keys of params"):
        tape.jvp(lambda p: p["a"], {"a": A}, {"b": A})


# Curvature


def test_hessian_times_vector_is_the_hessian_times_the_vector():
    x, y = np.random.default_rng(0).normal(size=(6, 2)), np.random.default_rng(1).normal(size=6)
    params = two_two_one.initial(np.random.default_rng(2))

    def loss(p):
        return two_two_one.loss(p, x, y)

    basis = [{name: np.array(float(name == one)) for name in params} for one in params]
    hessian = np.array([[tape.hvp(loss, params, e)[name] for name in params] for e in basis])
    np.testing.assert_allclose(hessian, hessian.T, atol=1e-15)
    gradient_of = tape.grad(loss)
    for name, column in zip(params, hessian.T, strict=True):
        numerical = networks.central_difference(lambda p, name=name: gradient_of(p)[name], params)
        np.testing.assert_allclose(column, [numerical[other] for other in params], atol=1e-9)


def test_the_hessians_diagonal_is_hit_on_average_and_exactly_where_nothing_stands_beside_it():
    matrix = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, -1.0], [0.5, -1.0, 2.0]])

    def f(w):
        return w @ matrix @ w / 2

    w = np.zeros(3)
    estimates = np.array([tape.hessian_diag(f, w, np.random.default_rng(k)) for k in range(500)])
    np.testing.assert_allclose(estimates.mean(axis=0), [4, 3, 2], atol=4 * estimates.std(axis=0).max() / np.sqrt(500))
    assert tape.hessian_diag(f, w, np.random.default_rng(0), samples=400).round() == pytest.approx([4, 3, 2])
    assert tape.hessian_diag(lambda w: np.sum(w**3), np.ones(3), np.random.default_rng(0)).tolist() == [6, 6, 6]
    with pytest.raises(ValueError, match=r"^samples must be at least 1, got 0$"):
        tape.hessian_diag(f, w, np.random.default_rng(0), samples=0)


def test_sophia_takes_the_estimate():
    params, opt = {"w": np.array([3.0, -1.0])}, ds.Sophia(lr=0.1)
    diag = tape.hessian_diag(lambda p: np.sum(p["w"] ** 4), params, np.random.default_rng(0))
    grads = tape.grad(lambda p: np.sum(p["w"] ** 4))(params)
    updates, _ = opt.update(grads, opt.init(params), params, hessian_diag=diag)
    assert np.sign(updates["w"]).tolist() == [-1, 1]


# Backward passes that were derived by hand; tests/test_networks.py does it for every layer


@pytest.mark.parametrize("examples", [1, 7])
@pytest.mark.parametrize("seed", range(10))
def test_the_nine_gradients_of_the_2_2_1_network(seed, examples):
    draw = np.random.default_rng(seed)
    params, x, y = two_two_one.initial(draw), draw.normal(size=(examples, 2)), draw.normal(size=examples)
    value, grads = tape.value_and_grad(lambda p: two_two_one.loss(p, x, y))(params)
    assert value == two_two_one.loss(params, x, y)
    agree(grads, two_two_one.backward(params, two_two_one.forward(params, x), y), rtol=1e-13, atol=1e-16)


@pytest.mark.parametrize("loss", [networks.half_squared_error, networks.mean_squared_error])
def test_a_losss_gradient_is_that_of_the_tape(loss):
    value, gradient = loss(A, B)
    traced = tape.value_and_grad(lambda y_hat: loss(y_hat, B)[0])(A)
    assert traced[0] == value
    np.testing.assert_allclose(traced[1], gradient, rtol=1e-13)


def test_the_gradient_of_the_cross_entropy_is_that_of_the_tape():
    labels = np.array([3, 0, 0])
    value, gradient = networks.cross_entropy(A, labels)
    traced = tape.value_and_grad(lambda logits: networks.cross_entropy(logits, labels)[0])(A)
    assert traced[0] == value
    np.testing.assert_allclose(traced[1], gradient, rtol=1e-12, atol=1e-15)


def test_a_network_on_digits_has_the_gradient_of_the_tape():
    digits, model = ds.data.digits(), networks.MLP([64, 32, 10], rng=np.random.default_rng(0))
    x, y = digits.x_train[:100], digits.y_train[:100]
    loss, grads = model.gradient(model.params, x, y)
    value, traced = tape.value_and_grad(lambda params: model.loss(params, x, y))(model.params)
    assert value == loss
    agree(traced, grads, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-12), (np.float32, 2e-5)])
def test_a_small_gpt_has_the_gradient_of_the_tape(dtype, tolerance):
    draw = np.random.default_rng(0)
    model = networks.GPT(n_tokens=7, context=6, width=8, heads=2, depth=2, rng=draw, dtype=dtype)
    tokens = draw.integers(0, 7, size=(3, 7))
    loss, grads = model.gradient(model.params, tokens[:, :-1], tokens[:, 1:])
    traced = tape.value_and_grad(lambda params: model.loss(params, tokens[:, :-1], tokens[:, 1:]))(model.params)
    assert traced[0] == loss
    assert {leaf.dtype for _, leaf in leaves(traced[1])} == {np.dtype(dtype)}
    agree(traced[1], grads, rtol=tolerance, atol=tolerance)
