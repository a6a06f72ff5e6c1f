"""What derivations are written with: sigmoids, partial derivatives by name, expectations, products kept in order."""

from typing import Any

import sympy as sp
from sympy.tensor.indexed import Indexed

from downslope.printing import in_brackets, latex


class sigmoid(sp.Function):  # noqa: N801  (a function in SymPy is a class, and is written like a function)
    r"""The logistic function ``1 / (1 + exp(-z))``, kept as a name, with derivative ``sigmoid (1 - sigmoid)``.

    Examples
    --------
    >>> z = sp.Symbol("z")
    >>> sigmoid(z).diff(z)
    (1 - sigmoid(z))*sigmoid(z)
    >>> print(latex(sigmoid(z).diff(z)))
    \sigma(z) (1 - \sigma(z))
    >>> sigmoid(0.0)
    0.500000000000000
    """

    nargs = 1

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """The derivative, in terms of the function itself."""
        return self * (1 - self)

    def _eval_rewrite_as_exp(self, z: sp.Expr, **_: Any) -> sp.Expr:
        return 1 / (1 + sp.exp(-z))

    def _eval_evalf(self, prec: int) -> sp.Expr:
        return self.rewrite(sp.exp)._eval_evalf(prec)

    def _eval_is_positive(self) -> bool | None:
        return self.args[0].is_real

    def _numpycode(self, printer: Any) -> str:
        return f"({printer._print(self.rewrite(sp.exp))})"

    def _latex(self, printer: Any) -> str:
        return r"\sigma" + in_brackets(printer._print(self.args[0]))


class Partial(sp.Expr):
    """The derivative of one named quantity by another; made by :func:`partial`."""

    is_commutative = True
    is_partial = True

    @property
    def expr(self) -> sp.Expr:
        """The quantity that is differentiated."""
        return self.args[0]

    @property
    def variables(self) -> tuple[sp.Expr, ...]:
        """What it is differentiated by."""
        return self.args[1:]

    def _sympystr(self, printer: Any) -> str:
        return f"partial({printer._print(self.args[0])}, {printer._print(self.args[1])})"

    def _latex(self, printer: Any) -> str:
        return printer._print(sp.Derivative(self.args[0], self.args[1], evaluate=False))


def partial(quantity: Any, variable: Any) -> Partial:
    r"""``dL/dw`` for names that are defined elsewhere, in the ``where`` of a derivation.

    It stands for the derivative through every path: the definitions are followed down from the quantity, and
    the variable, wherever they meet it, is kept as it is. So the derivative of a layer's output by its own
    input is one level deep, and the derivative of a loss by a first-layer weight goes to the bottom.

    Parameters
    ----------
    quantity : symbol or expression
    variable : symbol or indexed symbol

    Raises
    ------
    TypeError
        The variable is an expression.

    Examples
    --------
    >>> L, y_hat, w = sp.symbols(r"L \hat{y} w")
    >>> print(latex(partial(L, y_hat) * partial(y_hat, w)))
    \frac{\partial L}{\partial \hat{y}} \cdot \frac{\partial \hat{y}}{\partial w}
    """
    quantity, variable = sp.sympify(quantity), sp.sympify(variable)
    if not isinstance(variable, sp.Symbol | Indexed):
        raise TypeError(f"variable must be a symbol, got {variable}")
    return Partial(quantity, variable)


class RandomIndexed(Indexed):
    """One draw of a random sequence."""


class RandomSequence(sp.IndexedBase):
    """A sequence of random variables; made by :func:`random`."""

    def __getitem__(self, index: Any) -> RandomIndexed:
        return RandomIndexed(self, index)


def random(name: str) -> RandomSequence:
    r"""A sequence of real random variables, for use inside :class:`E`.

    Parameters
    ----------
    name : str
        Its LaTeX.

    Examples
    --------
    >>> g, k = random("g"), sp.Symbol("k", integer=True)
    >>> print(latex(E(g[k] ** 2)))
    \mathbb{E}[g_{k}^{2}]
    """
    return RandomSequence(name, real=True)


def is_random(expr: sp.Basic) -> bool:
    """Whether a random variable occurs in an expression, outside every expectation."""
    if isinstance(expr, E):
        return False
    return isinstance(expr, RandomIndexed) or any(is_random(a) for a in expr.args)


class E(sp.Expr):
    r"""The expectation of an expression in random variables.

    It stays as written; a derivation checks a link by linearity, taking sums and constants out.

    Parameters
    ----------
    expr : SymPy expression
        With draws of :func:`random` sequences.

    Examples
    --------
    >>> g, c = random("g"), sp.Symbol("c")
    >>> E(c * g[1] + 2).linear()
    c*E(g[1]) + 2
    """

    is_commutative = True
    is_real = True

    def __new__(cls, expr: Any) -> "E":
        """Leave the expectation unevaluated."""
        return super().__new__(cls, sp.sympify(expr))

    def _eval_is_nonnegative(self) -> bool | None:
        return self.args[0].is_nonnegative

    def linear(self) -> sp.Expr:
        """The expectation with every sum and every constant taken out."""
        inner = sp.expand(self.args[0])
        if not is_random(inner):
            return inner
        if isinstance(inner, sp.Add):
            return sp.Add(*(E(term).linear() for term in inner.args))
        if isinstance(inner, sp.Sum):
            return sp.Sum(E(inner.function).linear(), *inner.limits)
        constants, draws = sp.sift(sp.Mul.make_args(inner), is_random, binary=True)[::-1]
        if constants:
            return sp.Mul(*constants, E(sp.Mul(*draws)).linear())
        return E(inner)

    def _latex(self, printer: Any) -> str:
        return r"\mathbb{E}" + in_brackets(printer._print(self.args[0]), "[]")


def product(*factors: Any) -> sp.Expr:
    r"""A product that is printed in the order given, as a chain rule has to be.

    Examples
    --------
    >>> x, a, y = sp.symbols("x a y")
    >>> print(latex(product(a - y, a, x)))
    (a - y) a x
    """
    return sp.Mul(*map(sp.sympify, factors), evaluate=False)


def total(*terms: Any) -> sp.Expr:
    r"""A sum that is printed in the order given.

    Examples
    --------
    >>> x, y = sp.symbols("x y")
    >>> print(latex(total(y, x)))
    y + x
    """
    return sp.Add(*map(sp.sympify, terms), evaluate=False)


class Definitions(dict[sp.Expr, sp.Expr]):
    r"""What names stand for, in the order in which they are computed; typeset in a notebook.

    Examples
    --------
    >>> w, x, z, a = sp.symbols("w x z a")
    >>> network = Definitions({z: w * x, a: sigmoid(z)})
    >>> network.to_the_bottom(a)
    sigmoid(w*x)
    >>> network.to_the_bottom(a, keep=z)
    sigmoid(z)
    """

    def to_the_bottom(self, expr: sp.Basic, keep: sp.Basic | None = None) -> sp.Basic:
        """Replace names by their definitions until none is left, except one that is kept.

        Raises
        ------
        ValueError
            A name is defined by itself.
        """
        known = {name: sp.sympify(meaning) for name, meaning in self.items() if name != keep}
        for _ in range(len(known) + 1):
            below = expr.xreplace(known)
            if below == expr:
                return expr
            expr = below
        raise ValueError("where must not define a name by itself, got " + ", ".join(map(str, known)))

    @property
    def latex(self) -> str:
        """The definitions, one a line, aligned."""
        rows = [rf"{latex(name)} &= {latex(meaning)}" for name, meaning in self.items()]
        return r"\begin{aligned}" + r" \\ ".join(rows) + r"\end{aligned}"

    def _repr_latex_(self) -> str:
        return rf"$$\displaystyle {self.latex}$$"
