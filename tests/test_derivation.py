"""True links are accepted by every route, false ones are refused at a point where they really differ."""

import subprocess
import sys

import downslope as ds
import pytest
import sympy as sp
from downslope.derivation import Definitions, E, partial, product, random, sigmoid, total
from downslope.derivation.matching import substitute
from downslope.derivation.sums import normal_form, write_out
from hypothesis import given, settings
from hypothesis import strategies as st

beta, eta, h = sp.symbols(r"\beta \eta h", positive=True)
x, y = sp.symbols("x y", real=True)
mu, s = sp.symbols(r"\mu s", real=True)
j, k, n, t = sp.symbols("j k n t", integer=True, positive=True)
v, X = sp.IndexedBase("v"), sp.IndexedBase("x")
f = sp.Function("f")
g = random("g")
Sum, Derivation = sp.Sum, ds.Derivation
NUMBERS = "numerically, 12 points, 50 digits"
IN_UNIT = {beta: (0, 1)}

BY_SYMPY = {
    "the same": (x + y, y + x),
    "expand": ((x + y) ** 2, x**2 + 2 * x * y + y**2),
    "trigonometry": (sp.sin(x) ** 2 + sp.cos(x) ** 2, 1),
    "derivative": (sp.Derivative(sp.sin(x) * x, x), sp.sin(x) + x * sp.cos(x)),
    "unknown function": (sp.Derivative(f(x) ** 2, x), 2 * f(x) * sp.Derivative(f(x), x)),
    "geometric sum": (Sum(beta**k, (k, 0, t - 1)), (1 - beta**t) / (1 - beta)),
    "sum of integers": (Sum(k, (k, 1, t)), t * (t + 1) / 2),
    "last term": (Sum(beta ** (t - k) * X[k], (k, 1, t)), beta * Sum(beta ** (t - 1 - k) * X[k], (k, 1, t - 1)) + X[t]),
    "derivative of a sum": (
        sp.Derivative(Sum((y - x * X[k]) ** 2, (k, 1, n)), x),
        -2 * Sum(X[k] * (y - x * X[k]), (k, 1, n)),
    ),
    "limit": (sp.Limit((1 - beta**t) / (1 - beta), beta, 1), t),
    "integral": (sp.Integral(2 * x, (x, 0, y)), y**2),
    "sigmoid": (sigmoid(x) + sigmoid(-x), 1),
    "linear expectation": (E(Sum(beta**k * g[k], (k, 1, t)) + 1), Sum(beta**k * E(g[k]), (k, 1, t)) + 1),
    "matrix": (sp.Matrix([[x, 1], [0, y]]) ** 2, sp.Matrix([[x**2, x + y], [0, y**2]])),
    "matrix product": (sp.MatMul(sp.Matrix([[x, 1]]), sp.Matrix([1, y]), evaluate=False), sp.Matrix([x + y])),
    "determinant": (sp.Determinant(sp.Matrix([[x, 1], [y, 2]])), 2 * x - y),
}
BY_NUMBERS = {
    "reversed index": (Sum(beta ** (t - k) * X[k], (k, 1, t)), Sum(beta**j * X[t - j], (j, 0, t - 1))),
    "series": (Sum(k * beta**k, (k, 0, sp.oo)), beta / (1 - beta) ** 2),
    "limit": (sp.Limit(1 - beta**t, t, sp.oo), sp.Integer(1)),
    "double sum": (Sum(Sum(X[k], (k, 1, n)), (n, 1, t)), Sum((t + 1 - k) * X[k], (k, 1, t))),
}
FALSE = {
    "sign": (x - y, x + y),
    "missing factor": (sp.Derivative(f(x) ** 2, x), f(x) * sp.Derivative(f(x), x)),
    "missing sample": (Sum(X[k], (k, 1, t)), Sum(X[k], (k, 0, t))),
    "exponent": (Sum(beta ** (t - k) * X[k], (k, 1, t)), Sum(beta ** (t - k + 1) * X[k], (k, 1, t))),
    "geometric sum": (Sum(beta**k, (k, 0, t)), (1 - beta**t) / (1 - beta)),
    "limit": (sp.Limit(1 - beta**t, t, sp.oo), sp.Integer(0)),
    "half of a line": (sp.sqrt(x**2), x),
    "square of a mean": (E(g[1] ** 2), E(g[1]) ** 2),
    "matrix": (sp.Matrix([[0, beta], [1, 0]]), sp.Matrix([[0, 1], [beta, 0]])),
    "only almost": (x, x * (1 + sp.Rational(1, 10**40))),
}


@pytest.mark.parametrize("link", BY_SYMPY.values(), ids=BY_SYMPY)
def test_sympy_decides_what_it_can(link):
    assert Derivation(link[0]).then(link[1], "so").steps[0].check == "SymPy"


@pytest.mark.parametrize("link", BY_NUMBERS.values(), ids=BY_NUMBERS)
def test_numbers_decide_the_rest(link):
    assert Derivation(link[0], within=IN_UNIT).then(link[1], "so").steps[0].check == NUMBERS


@pytest.mark.parametrize("link", FALSE.values(), ids=FALSE)
def test_a_false_link_is_refused(link):
    with pytest.raises(ds.DerivationError, match=r"step 2 \(a slip\) is false") as refused:
        Derivation(link[0], within=IN_UNIT).then(link[0], "the same").then(link[1], "a slip")
    assert (refused.value.number, refused.value.reason, refused.value.part) == (2, "a slip", "")
    assert refused.value.left != refused.value.right


@pytest.mark.parametrize(
    "name", ["sign", "missing sample", "exponent", "geometric sum", "half of a line", "square of a mean"]
)
def test_the_two_sides_differ_where_the_error_says(name):
    with pytest.raises(ds.DerivationError) as refused:
        Derivation(FALSE[name][0], within=IN_UNIT).then(FALSE[name][1], "a slip")
    point = refused.value.point
    numbers = {symbol: value for symbol, value in point.items() if isinstance(symbol, sp.Symbol)}
    for side, reported in zip(FALSE[name], (refused.value.left, refused.value.right), strict=True):
        value = write_out(side.subs(numbers)).subs(point)
        assert sp.N(value - reported, 30) == pytest.approx(0, abs=1e-25)


def test_the_message_names_step_reason_point_and_values():
    with pytest.raises(ds.DerivationError) as refused:
        Derivation(x).then(x + 1, "one more")
    assert str(refused.value) == (
        "step 1 (one more) is false: at x = -0.774 the left side is -0.774 and the right side is 0.226"
    )


def test_a_refused_link_changes_nothing():
    chain = Derivation(E(g[k]))
    with pytest.raises(ds.DerivationError):
        chain.then(mu + 1, "a slip", assuming={E(g[k]): mu})
    assert chain.steps == ()
    with pytest.raises(ds.DerivationError):
        chain.then(mu, "the hypothesis was not accepted")


def test_symbols_of_one_name_are_told_apart():
    with pytest.raises(ds.DerivationError, match="x: symbols of one name with different assumptions"):
        Derivation(x).then(sp.Symbol("x"), "the same letter")


@pytest.mark.parametrize(
    ("left", "right", "why"),
    [
        (sp.Matrix([[1, 2]]), sp.Matrix([1, 2]), r"the left side has shape \(1, 2\) and the right side \(2, 1\)"),
        (partial(x, y), x, "where does not say what x is"),
        (sp.Limit(sp.sin(1 / x), x, 0), y, "both sides have a value at 0 of 36 points only"),
    ],
)
def test_what_cannot_be_decided_is_refused(left, right, why):
    with pytest.raises(ds.DerivationError, match=r"step 1 \(so\) cannot be decided: .*" + why) as refused:
        Derivation(left).then(right, "so")
    assert refused.value.point == {}


def test_a_limit_needs_to_know_where_its_symbols_lie():
    limit = sp.Limit(beta**t, t, sp.oo)
    Derivation(limit, within=IN_UNIT).then(0, "it dies out")
    with pytest.raises(ds.DerivationError, match="the left side is oo and the right side is 0"):
        Derivation(limit).then(0, "it dies out")


def test_an_interval_of_an_index_starts_where_it_says():
    positive_part = Sum(X[k], (k, 1, t - 3))
    chain = Derivation(positive_part, within={t: (5, sp.oo)})
    with pytest.raises(ds.DerivationError) as refused:
        chain.then(0, "nothing to sum")
    assert refused.value.point[t] >= 5


def test_checks_are_reproducible():
    code = """
import sympy as sp, downslope as ds
x = sp.IndexedBase("x"); k, t = sp.symbols("k t", integer=True, positive=True)
try: ds.Derivation(sp.Sum(x[k], (k, 1, t))).then(x[t] * sp.Symbol("b"), "a slip")
except ds.DerivationError as error: print(error)
"""
    said = {subprocess.check_output([sys.executable, "-c", code], text=True) for _ in range(2)}
    assert len(said) == 1


coefficients = st.lists(st.integers(-9, 9), min_size=3, max_size=5)


@settings(max_examples=25, deadline=None)
@given(coefficients, coefficients, st.integers(0, 4), st.sampled_from([-1, 1]))
def test_polynomial_identities_hold_and_perturbed_ones_do_not(a, b, power, change):
    p, q = (sum(c * x**i * y ** (i % 2) for i, c in enumerate(cs)) for cs in (a, b))
    Derivation(product(p, q)).then(sp.expand(p * q), "multiply out")
    with pytest.raises(ds.DerivationError):
        Derivation(product(p, q)).then(sp.expand(p * q) + change * x**power, "a slip")


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 3), st.integers(-3, 3), st.integers(0, 3))
def test_normal_form_keeps_the_value_of_a_sum(low, offset, weight):
    whole = Sum((k + weight) * X[k + 1], (k, low, t + offset))
    for end in (4, 6):
        assert sp.expand(write_out(whole.subs(t, end)) - write_out(normal_form(whole).subs(t, end))) == 0


# --- names and the chain rule

L, y_hat, a1, a2, z1, z2, x1, w, u1, u2 = sp.symbols(r"L \hat{y} a_1 a_2 z_1 z_2 x_1 w u_1 u_2", real=True)
network = Definitions(
    {z1: w * x1, z2: w**2, a1: sigmoid(z1), a2: sigmoid(z2), y_hat: u1 * a1 + u2 * a2, L: (y_hat - y) ** 2 / 2}
)
FIRST = partial(a1, z1) * partial(z1, w)
SECOND = partial(a2, z2) * partial(z2, w)


def test_the_chain_rule_runs_through_every_path():
    chain = Derivation(partial(L, w), where=network)
    chain.then(partial(L, y_hat) * (partial(y_hat, a1) * FIRST + partial(y_hat, a2) * SECOND), "the chain rule")
    chain.then((y_hat - y) * (u1 * a1 * (1 - a1) * x1 + u2 * a2 * (1 - a2) * 2 * w), "each factor")
    at = {w: 0.3, x1: 2.0, u1: -1.0, u2: 0.7, y: 0.5}
    loss = sp.lambdify(w, network.to_the_bottom(L).subs({name: value for name, value in at.items() if name != w}))
    slope = (loss(0.3 + 1e-6) - loss(0.3 - 1e-6)) / 2e-6
    assert float(network.to_the_bottom(chain.result).subs(at)) == pytest.approx(slope, rel=1e-7)


def test_a_forgotten_path_is_refused():
    with pytest.raises(ds.DerivationError):
        Derivation(partial(L, w), where=network).then(partial(L, y_hat) * partial(y_hat, a1) * FIRST, "one path")


def test_names_and_their_meanings_are_interchangeable():
    Derivation(a1 + y, where=network).then(sigmoid(w * x1) + y, "its definition").then(sigmoid(z1) + y, "$z_1$")


def test_a_name_may_not_be_defined_by_itself():
    with pytest.raises(ValueError, match="where must not define a name by itself, got x, y"):
        Definitions({x: y, y: x + 1}).to_the_bottom(x)


def test_a_partial_derivative_is_taken_by_a_symbol():
    with pytest.raises(TypeError, match=r"variable must be a symbol, got 2\*x"):
        partial(L, 2 * x)


# --- expectations and hypotheses


def test_a_hypothesis_holds_for_every_index_and_stays():
    chain = Derivation(E(Sum(beta**k * g[k] ** 2, (k, 0, t - 1))))
    chain.then(Sum(beta**k * s, (k, 0, t - 1)), "stationary", assuming={E(g[k] ** 2): s})
    chain.then(E(g[7] ** 2) * (1 - beta**t) / (1 - beta), "geometric")
    assert chain.steps[0].assuming == ((E(g[k] ** 2), s),)


def test_without_its_hypothesis_the_link_is_refused():
    with pytest.raises(ds.DerivationError):
        Derivation(E(g[k] ** 2)).then(s, "stationary")


def test_independence_does_not_reach_the_diagonal():
    square, independent = E(Sum(g[k], (k, 1, n)) ** 2), {E(g[j] * g[k]): mu**2}
    with pytest.raises(ds.DerivationError):
        Derivation(square, assuming=independent).then(n**2 * mu**2, "forgets the squares")
    Derivation(square, assuming={**independent, E(g[k] ** 2): s}).then(n * s + n * (n - 1) * mu**2, "squares apart")


def test_a_hypothesis_may_depend_on_its_index():
    assert substitute(X[3] + X[t - 1], {X[k]: y * k}) == 3 * y + y * (t - 1)


# --- induction

CLAIM = (1 - beta) * Sum(beta ** (t - k) * X[k], (k, 1, t))
RECURRENCE = beta * v[t - 1] + (1 - beta) * X[t]


def test_the_unrolled_average_holds_for_every_t():
    split = (1 - beta) * Sum(beta ** (t - k) * X[k], (k, 1, t - 1)) + (1 - beta) * X[t]
    proof = Derivation.by_induction(v[t], CLAIM, recurrence=RECURRENCE, steps=[(split, "into the sum")], closing="join")
    assert proof.claim == sp.Eq(v[t], CLAIM, evaluate=False)
    assert [step.reason for step in proof.base.steps] == ["the starting value", "the claim at $t = 0$"]
    assert [step.reason for step in proof.step.steps] == [
        "the recurrence",
        "the claim at $t - 1$",
        "into the sum",
        "join",
    ]
    assert {step.check for step in proof.base.steps + proof.step.steps} == {"SymPy"}


@pytest.mark.parametrize(
    ("claim", "base", "part", "number"),
    [
        ((1 - beta) * Sum(beta ** (t - k) * X[k], (k, 0, t)), 0, "base case", 2),
        (CLAIM, 1, "base case", 2),
        ((1 - beta) * Sum(beta ** (t - k + 1) * X[k], (k, 1, t)), 0, "induction step", 3),
        (CLAIM * (1 + t * (t - 1) * (t - 2)), 0, "induction step", 3),
    ],
    ids=["one sample too many", "wrong start", "wrong exponent", "right for three steps only"],
)
def test_a_false_claim_fails_in_its_own_half(claim, base, part, number):
    with pytest.raises(ds.DerivationError, match=rf"^{part}, step {number}") as refused:
        Derivation.by_induction(v[t], claim, recurrence=RECURRENCE, base=base)
    assert (refused.value.part, refused.value.number) == (part, number)


def test_a_claim_may_start_later_and_from_a_symbol():
    proof = Derivation.by_induction(
        v[t], (1 - eta * h) ** (t - 1) * v[1], recurrence=(1 - eta * h) * v[t - 1], base=v[1], start=1
    )
    assert proof.step.within[t] == (2, sp.oo)


def test_induction_says_what_it_needs():
    with pytest.raises(ValueError, match="recurrence may use v\\[t - 1\\] only, got v\\[t - 2\\]"):
        Derivation.by_induction(v[t], t, recurrence=v[t - 2] + 2)
    with pytest.raises(ValueError, match="term must be a sequence at a symbol, such as v\\[t\\], got t"):
        Derivation.by_induction(t, t, recurrence=t)


# --- matrices

logits, targets, p = sp.symbols("z_1:4", real=True), sp.symbols("y_1:4", real=True), sp.symbols("p_1:4", real=True)
norm = sum(map(sp.exp, logits))
softmax = Definitions({pi: sp.exp(zi) / norm for pi, zi in zip(p, logits, strict=True)})
softmax[L] = -sum(yi * sp.log(pi) for yi, pi in zip(targets, p, strict=True))


def test_softmax_with_cross_entropy_has_the_gradient_p_minus_y():
    chain = Derivation(sp.Matrix([partial(L, zi) for zi in logits]), where=softmax)
    difference = sp.Matrix(p) - sp.Matrix(targets)
    with pytest.raises(ds.DerivationError):
        chain.then(difference, "forgets that the targets sum to one")
    chain.then(difference, "the targets sum to one", assuming={targets[2]: 1 - targets[0] - targets[1]})


def test_a_matrix_cannot_be_changed_after_it_was_checked():
    matrix = sp.Matrix([x])
    chain = Derivation(matrix)
    matrix[0] = y
    assert chain.lhs == sp.ImmutableMatrix([x])


def test_a_link_may_be_a_bare_indexed_symbol():
    w = sp.IndexedBase("w", real=True)
    assert Derivation(2 * w[0] - w[0]).then(w[0], "collect").result == w[0]
    with pytest.raises(ds.DerivationError):
        Derivation(w[0]).then(w[1], "another index")


# --- how it looks


def test_the_page_shows_reason_check_hypothesis_and_range():
    chain = Derivation(sp.Limit(E(g[k]) * (1 - beta**t), t, sp.oo), within=IN_UNIT)
    chain.then(mu, "the same mean", assuming={E(g[k]): mu})
    assert chain._repr_markdown_() == (
        r"$\displaystyle \lim_{t \to \infty} (1 - \beta^{t}) \mathbb{E}[g_{k}]$, for $0 < \beta < 1$"
        "\n\n"
        r"1. $\displaystyle {} = \mu$"
        "\n\n"
        rf"   the same mean, assuming $\mathbb{{E}}[g_{{k}}] = \mu$ *✓ {NUMBERS}*"
    )


def test_a_slide_gets_one_aligned_block():
    chain = Derivation((x + 1) ** 2).then(total(x**2, 2 * x, 1), "expand")
    assert chain.latex == (
        "\\begin{aligned}\n(x + 1)^{2} &= x^{2} + 2 x + 1 && \\text{\\small expand}\\;"
        "{\\small\\checkmark\\,\\text{SymPy}}\n\\end{aligned}"
    )
    assert chain._repr_latex_() == f"$$\n{chain.latex}\n$$"


def test_a_proof_shows_claim_base_and_step_without_headings():
    text = Derivation.by_induction(v[t], CLAIM, recurrence=RECURRENCE)._repr_markdown_()
    assert text.startswith(
        r"**Claim.** $\displaystyle v_{t} = (1 - \beta) \sum_{k=1}^{t} \beta^{t - k} x_{k}$ for every $t \ge 0$."
    )
    assert r"**Step.** $\displaystyle v_{t}$, for $t \ge 1$, assuming $v_{t - 1} = " in text
    assert not any(line.startswith("#") for line in text.splitlines())


def test_definitions_are_typeset_in_order():
    assert Definitions({z1: w * x1, a1: sigmoid(z1)})._repr_latex_() == (
        r"$$\displaystyle \begin{aligned}z_{1} &= w x_{1} \\ a_{1} &= \sigma(z_{1})\end{aligned}$$"
    )


def test_what_is_glued_is_the_checked_object():
    chain = Derivation((x + 1) ** 2).then(x**2 + 2 * x + 1, "expand")
    assert chain.result is chain.steps[-1].expr
    assert chain.equation == sp.Eq((x + 1) ** 2, chain.result, evaluate=False)
