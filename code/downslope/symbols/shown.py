"""How a page shows a rule: its formula, and its source."""

import ast
import inspect
import textwrap
from typing import Any

import sympy as sp

from downslope.optimizers.base import Optimizer
from downslope.printing import latex
from downslope.symbols.notation import after, w
from downslope.symbols.reading import lookahead, read


class Formula(dict[str, sp.Expr]):
    """The equations of a rule by name, typeset in a notebook line by line as an author would print them."""

    @property
    def latex(self) -> str:
        """The equations as one aligned block."""
        lines = [f"{latex(after(name))} &= {latex(expr)}" for name, expr in self.items()]
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex}$"


def formula(opt: Optimizer) -> Formula:
    r"""The update rule in the book's notation, read out of the code that runs.

    Parameters
    ----------
    opt : Ruled
        Any optimizer but a wrapper. One that works on whole arrays is read for a matrix of m rows and n columns.

    Returns
    -------
    Formula
        A dict from each quantity that the rule names to its expression, in the rule's order; the step is ``"v"``.
        Where the gradient is wanted elsewhere than at w, the point stands in front, under ``"g"``.

    Raises
    ------
    TypeError
        The optimizer is a wrapper: it has no rule of its own.

    Examples
    --------
    >>> from downslope import Adam
    >>> f = formula(Adam())
    >>> list(f)
    ['m', 's', 'm_hat', 's_hat', 'v']
    >>> f["m_hat"]
    m_t/(1 - \beta_1**t)
    """
    equations = {name: expr for name, expr in read(opt).equations.items() if expr != after(name)}
    point = lookahead(opt)
    elsewhere = {} if point == w else {"g": sp.Function(r"\nabla L")(point)}
    return Formula(elsewhere | equations)


class Source(str):
    """Python source that shows itself highlighted in a notebook."""

    def _repr_markdown_(self) -> str:
        return f"```python\n{self}\n```"


def source(thing: Any) -> Source:
    """The source of a rule, a function or a class, as the package runs it; a function's without its docstring.

    Examples
    --------
    >>> from downslope import SGD
    >>> print(source(SGD.rule))
    def rule(self, t, w, g):
        return (-self.lr * g,)
    """
    text = textwrap.dedent(inspect.getsource(thing))
    lines, definition = text.splitlines(), ast.parse(text).body[0]
    if isinstance(definition, ast.FunctionDef) and ast.get_docstring(definition) and len(definition.body) > 1:
        docstring = definition.body[0]
        del lines[docstring.lineno - 1 : docstring.end_lineno]  # the page that shows it says what it does
    return Source("\n".join(lines).strip())
