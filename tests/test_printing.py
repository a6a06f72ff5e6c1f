"""Formulas are printed as an author writes them, and KaTeX accepts what is printed."""

import re

import pytest
import sympy as sp
from downslope.derivation import E, partial, product, random, sigmoid, total
from downslope.printing import latex
from hypothesis import assume, given, settings
from hypothesis import strategies as st

b1, b, eta, eps, lam, kappa = sp.symbols(r"\beta_1 \beta \eta \epsilon \lambda \kappa")
m, g, w, v, h, x, y, z, L = sp.symbols("m_{t-1} g_t w_t v_t h x y z L")
m_hat, s_hat, y_hat = sp.symbols(r"\hat{m}_t \hat{s}_t \hat{y}")
identity, pi, eta_hat = sp.symbols(r"I \pi_t \hat{\eta}_t")
largest = sp.Symbol(r"\kappa", positive=True)
k, t = sp.symbols("k t", integer=True, positive=True)
w11, w12, x1, x2, bias = sp.symbols("w_{11} w_{12} x_1 x_2 b_1")
X, f, r = sp.IndexedBase("x"), sp.Function("f"), random("g")

WRITTEN = {
    r"\beta_{1} m_{t-1} + (1 - \beta_{1}) g_{t}": b1 * m + (1 - b1) * g,
    r"\beta_{1} m_{t-1} + (1 - \beta_{1}) g_{t}^{2}": b1 * m + (1 - b1) * g**2,
    r"1 - \beta_{1}^{t}": 1 - b1**t,
    r"\beta - 1": b - 1,
    r"\frac{1 - \beta^{t}}{1 - \beta}": (b**t - 1) / (b - 1),
    r"\frac{1}{1 - \beta}": -1 / (b - 1),
    r"- (1 - \beta) g_{t}": -(1 - b) * g,
    r"(1 - \beta)^{2}": (b - 1) ** 2,
    r"- \frac{\eta \hat{m}_t}{\sqrt{\hat{s}_t} + \epsilon}": -eta * m_hat / (sp.sqrt(s_hat) + eps),
    r"w_{t} - \eta g_{t}": w - eta * g,
    r"w_{t} + v_{t}": w + v,
    r"g_{t} + \lambda w_{t}": g + lam * w,
    r"(1 - \eta h)^{t} w_{t}": w * (1 - eta * h) ** t,
    r"w_{11} x_{1} + w_{12} x_{2} + b_{1}": bias + x1 * w11 + x2 * w12,
    r"\frac{1}{2} (\hat{y} - y)^{2}": (y_hat - y) ** 2 / 2,
    r"y - \hat{y}": y - y_hat,
    r"\hat{s}_t + \beta \pi_{t} I": b * identity * pi + s_hat,
    r"\beta m_{t-1} + \hat{\eta}_t g_{t}": b * m + eta_hat * g,
    r"- \min\left(1, \frac{1}{\kappa}\right) g_{t}": -g * sp.Min(1, 1 / largest),
    r"\lambda^{2} - (1 + \beta - \eta h) \lambda + \beta": lam**2 - (1 + b - eta * h) * lam + b,
    r"\frac{\sqrt{\kappa} - 1}{\sqrt{\kappa} + 1}": (sp.sqrt(kappa) - 1) / (sp.sqrt(kappa) + 1),
    r"x^{2} + 2 x + 1": 1 + 2 * x + x**2,
    r"1 - x^{2}": 1 - x**2,
    r"1 + \beta + \beta^{2}": 1 + b + b**2,
    r"\frac{1}{1 + e^{- z}}": 1 / (1 + sp.exp(-z)),
    r"(1 - \beta) \sum_{k=1}^{t} \beta^{t - k} x_{k}": (1 - b) * sp.Sum(b ** (t - k) * X[k], (k, 1, t)),
    r"(1 - \beta) \beta x_{2} + (1 - \beta) x_{10}": (1 - b) * X[10] + b * (1 - b) * X[2],
    r"\sum_{k=1}^{t} (x_{k} - y)": sp.Sum(X[k] - y, (k, 1, t)),
    r"\lim_{\beta \to 1^{-}} \frac{1 - \beta^{t}}{1 - \beta}": sp.Limit((1 - b**t) / (1 - b), b, 1, "-"),
    r"\frac{\partial f}{\partial x}": f(x).diff(x),
    r"\frac{\partial^{2}}{\partial x^{2}} (x^{2} + 1)": sp.Derivative(x**2 + 1, x, 2),
    r"\frac{\partial L}{\partial \hat{y}} \cdot \frac{\partial \hat{y}}{\partial x}": partial(y_hat, x)
    * partial(L, y_hat),
    r"\sigma(z) (1 - \sigma(z))": sigmoid(z).diff(z),
    r"\mathbb{E}[g_{k}^{2}]": E(r[k] ** 2),
    r"\mathbb{E}\left[\sum_{k=1}^{t} g_{k}\right]": E(sp.Sum(r[k], (k, 1, t))),
    r"\left(\frac{x}{y}\right)^{t}": (x / y) ** t,
    r"(w^{(1)}_{11})^{2}": sp.Symbol("w^{(1)}_{11}") ** 2,
    r"f(x)^{2}": f(x) ** 2,
    r"x \log (x)": x * sp.log(x),
    r"\frac{1}{x^{t}}": x**-t,
    r"2 \sqrt{k t} x": 2 * sp.sqrt(k * t) * x,
    r"x (y - z)": product(x, y - z),
    r"(y - z) x": product(y - z, x),
    r"2 \cdot 3": product(2, 3),
    r"- (x - 1)": product(-1, x - 1),
    r"y + x": total(y, x),
    r"y - 2 x": total(y, -2 * x),
}


@pytest.mark.parametrize(("expected", "expr"), WRITTEN.items(), ids=WRITTEN)
def test_a_formula_reads_as_an_author_writes_it(expected, expr):
    assert latex(expr) == expected


class Reader:
    """Reads back the value of a printed formula in the letters x, y, z and beta."""

    def __init__(self, tex):
        tex = tex.replace(r"\left", "").replace(r"\right", "")
        self.tokens = [*re.findall(r"\\[a-z]+|\d+|[a-z]|[-+^(){}]", tex), "end"]

    def take(self, token=None):
        assert token in (None, self.tokens[0])
        return self.tokens.pop(0)

    def sum(self):
        value = 0
        while self.tokens[0] not in ("end", ")", "}"):
            sign = -1 if self.tokens[0] == "-" and self.take() else 1
            value += sign * self.product()
            if self.tokens[0] == "+":
                self.take()
        return value

    def product(self):
        value = self.power()
        while self.tokens[0] not in ("end", ")", "}", "+", "-"):
            value *= self.power()
        return value

    def power(self):
        value = self.atom()
        if self.tokens[0] == "^":
            self.take()
            value **= self.group("{", "}")
        return value

    def group(self, left, right):
        self.take(left)
        value = self.sum()
        self.take(right)
        return value

    def atom(self):
        if self.tokens[0] == r"\cdot":
            self.take()
        if self.tokens[0] == "(":
            return self.group("(", ")")
        token = self.take()
        if token == r"\frac":
            return self.group("{", "}") / self.group("{", "}")
        return sp.Integer(token) if token.isdigit() else VALUES[token]


VALUES = {"x": sp.Rational(3, 7), "y": sp.Rational(-5, 3), "z": sp.Rational(11, 13), r"\beta": sp.Rational(2, 9)}
leaves = st.sampled_from([x, y, z, b, sp.Integer(1), sp.Integer(-1), sp.Integer(2), sp.Rational(-3, 2)])
operations = st.sampled_from(
    [
        lambda p, q: p + q,
        lambda p, q: p - q,
        lambda p, q: p * q,
        lambda p, q: p / q if q != 0 else p,
        lambda p, q: p ** (q if q.is_Integer else 2) if p != 0 else q,
        lambda p, q: product(p, q),
        lambda p, q: product(p - 1, q),
        lambda p, q: total(p, q),
    ]
)
trees = st.recursive(leaves, lambda inner: st.builds(lambda op, p, q: op(p, q), operations, inner, inner), max_leaves=7)


@settings(max_examples=400, deadline=None)
@given(trees)
def test_what_is_printed_has_the_value_of_what_was_checked(expr):
    value = expr.subs({x: VALUES["x"], y: VALUES["y"], z: VALUES["z"], b: VALUES[r"\beta"]})
    assume(value.is_Rational and not expr.has(sp.zoo, sp.nan, sp.I))
    assert Reader(latex(expr)).sum() == value, latex(expr)


def test_names_that_are_already_latex_are_left_alone():
    assert latex(sp.Symbol(r"\hat{m}_{t-1}")) == r"\hat{m}_{t-1}"


def test_a_notebook_shows_and_glues_every_expression_this_way():
    from downslope import printing
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    try:
        printing.typeset_notebooks()
        shown, _ = shell.display_formatter.format(1 - b**t)
        assert shown["text/latex"] == r"$\displaystyle 1 - \beta^{t}$"
        shown, _ = shell.display_formatter.format(sp.Matrix([b**t]))
        assert shown["text/latex"].startswith(r"$\displaystyle \left[\begin{matrix}\beta^{t}")
    finally:
        InteractiveShell.clear_instance()
