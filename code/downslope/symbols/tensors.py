"""Whole arrays in a rule: norms, means and matrix products, as SymPy functions that the book can print.

What acts entry by entry stays ordinary arithmetic: a symbol stands for an array. A function stands for what needs
the whole of it. Formulas are read for a matrix of m rows and n columns whose norms are not zero.
"""

from collections.abc import Callable
from typing import Any, ClassVar

import sympy as sp

from downslope.printing import in_brackets
from downslope.symbols.tracer import Symbolic

rows, columns = sp.symbols("m n", positive=True, integer=True)
identity = sp.Symbol("I", real=True)


class Whole(sp.Function):
    """A function of a whole array; ``tex`` makes its LaTeX from that of its arguments."""

    tex: ClassVar[Callable[..., str]]

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        tex = self.tex(*map(printer.doprint, self.args))
        return tex if exp is None else f"{tex}^{{{exp}}}"


class Scalar(Whole):
    """One that gives a positive number, which is written before what it scales."""

    is_extended_real = is_positive = leads = True


class Norm(Scalar):
    """The root of the sum of squares of all entries."""

    tex = staticmethod(lambda x: rf"\lVert {x} \rVert")


class RootMeanSquare(Scalar):
    """The root mean square of all entries."""

    tex = staticmethod(lambda x: rf"\operatorname{{rms}} {in_brackets(x)}")


class RowMean(Whole):
    """A column: the mean of each row."""

    tex = staticmethod(lambda x: rf"\operatorname{{mean}}_{{j}} {in_brackets(x)}")


class ColumnMean(Whole):
    """A row: the mean of each column."""

    tex = staticmethod(lambda x: rf"\operatorname{{mean}}_{{i}} {in_brackets(x)}")


class Transposed(Whole):
    """Rows as columns."""

    tex = staticmethod(lambda x: rf"{x}^{{\top}}")


class Product(Whole):
    """A matrix product."""

    tex = staticmethod(lambda *args: " ".join(args))


class InverseRoot(Whole):
    """The p-th root of the inverse of a matrix."""

    @staticmethod
    def tex(x: str, p: str) -> str:
        """The inverse itself is the first root."""
        return f"{in_brackets(x) if ' ' in x else x}^{{{'-1' if p == '1' else f'-1/{p}'}}}"


class NewtonSchulz(Whole):
    """About the orthogonal factor of a matrix."""

    tex = staticmethod(lambda x, steps: rf"\operatorname{{NS}}_{{{steps}}} {in_brackets(x)}")


class Balanced(Whole):
    """A matrix with its rows and columns over their norms."""

    tex = staticmethod(lambda x, p: rf"\operatorname{{balanced}}_{{{p}}} {in_brackets(x)}")


class SecondMoment(Whole):
    """The mean over the examples, which are rows, of each row's outer product with itself."""

    tex = staticmethod(lambda x: rf"\tfrac{{1}}{{B}} {x}^{{\top}} {x}")


class MeanEigenvalue(Scalar):
    """The mean of a matrix's eigenvalues."""

    tex = staticmethod(lambda x: rf"\bar{{\lambda}} {in_brackets(x)}")


def _root_of_squares(squares: sp.Expr, function: type[Scalar]) -> sp.Expr:
    base, power = squares.as_base_exp()
    if power != 2:
        raise TypeError(f"a rule that sums {squares} has no symbolic reading yet")
    return function(base) ** 2


def _mean(x: sp.Expr, axis: int | None = None, keepdims: bool = False) -> sp.Expr:
    if axis is None:
        return _root_of_squares(x, RootMeanSquare)
    if not keepdims:
        raise TypeError("a mean over an axis has a symbolic reading with keepdims=True alone")
    return (RowMean if axis % Tensor.ndim == 1 else ColumnMean)(x)


def _product(a: sp.Expr, b: sp.Expr) -> sp.Expr:
    """Numbers go in front."""
    number = sp.S.One
    matrices: list[sp.Expr] = []
    for factor in (a, b):
        scalars = [x for x in sp.Mul.make_args(factor) if _is_scalar(x)]
        matrix = factor / sp.Mul(*scalars)
        number *= sp.Mul(*scalars)
        matrices += matrix.args if isinstance(matrix, Product) else [matrix]
    return number * Product(*matrices)


def _is_scalar(expr: sp.Expr) -> bool:
    """Whether an expression is one number for the whole array; hyperparameters are positive, arrays are not."""
    if isinstance(expr, Whole) or expr.is_Symbol:
        return bool(expr.is_positive)
    return all(map(_is_scalar, expr.args))


class Tensor(Symbolic):
    """A SymPy expression that stands for a whole matrix, or for what a rule computes from one."""

    ndim = 2
    functions: ClassVar[dict[str, Callable[..., Any]]] = Symbolic.functions | {
        "sum": lambda x: _root_of_squares(x, Norm),
        "mean": _mean,
        "matmul": _product,
        "eye": lambda n, **options: identity,
        "solve": lambda A, b: _product(InverseRoot(A, 1), b),
    }

    @property
    def shape(self) -> tuple["Tensor", "Tensor"]:
        """Rows and columns."""
        return Tensor(rows), Tensor(columns)

    @property
    def size(self) -> "Tensor":
        """How many entries."""
        return Tensor(rows * columns)

    @property
    def T(self) -> "Tensor":  # noqa: N802  (NumPy's name)
        """The transpose."""
        return Tensor(Transposed(self.expr))

    def __getitem__(self, index: Any) -> "Tensor":
        if index not in ((..., None), (..., 0)):
            raise TypeError(f"a rule that takes the part {index!r} of an array has no symbolic reading")
        return self  # a vector as a column and back

    def item(self) -> "Tensor":
        """A number is one already."""
        return self

    def norm(self) -> "Tensor":
        """Instead of `downslope.optimizers.norms.norm`."""
        return Tensor(Norm(self.expr))

    def newton_schulz(self, steps: Any) -> "Tensor":
        """Instead of `downslope.optimizers.muon.newton_schulz`."""
        return Tensor(NewtonSchulz(self.expr, sp.sympify(getattr(steps, "expr", steps))))

    def inverse_root(self, p: int) -> "Tensor":
        """Instead of `downslope.optimizers.matrix.inverse_root`."""
        return Tensor(InverseRoot(self.expr, p))

    def second_moment(self) -> "Tensor":
        """Instead of `downslope.optimizers.matrix.second_moment`."""
        return Tensor(SecondMoment(self.expr))

    def mean_eigenvalue(self) -> "Tensor":
        """Instead of `downslope.optimizers.matrix.mean_eigenvalue`."""
        return Tensor(MeanEigenvalue(self.expr))

    def balanced(self, p: "Tensor") -> "Tensor":
        """Instead of `downslope.optimizers.muon.balanced`."""
        return Tensor(Balanced(self.expr, p.expr))
