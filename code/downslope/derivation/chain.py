"""A chain of equal expressions, each with the reason for its step, every link checked when it is made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import sympy as sp

from downslope.derivation import display
from downslope.derivation.checking import Different, Setting, Undecided
from downslope.derivation.operators import Definitions
from downslope.printing import latex

if TYPE_CHECKING:
    from downslope.derivation.induction import Induction

SHOWN = 8  # values of a point that an error message lists


class DerivationError(Exception):
    """A link of a derivation is false, or nothing could decide it.

    Attributes
    ----------
    number : int
        Which step, counted from 1.
    reason : str
        The reason that was given for it.
    part : str
        ``"base case"`` or ``"induction step"`` in a proof by induction, otherwise empty.
    point : dict
        Where the two sides differ: a value for each symbol; empty if the link could not be decided.
    left, right : SymPy numbers or None
        The values of the two sides there.

    Examples
    --------
    >>> x = sp.Symbol("x", real=True)
    >>> try:
    ...     Derivation((x + 1) ** 2).then(x**2 + 1, "square each term")
    ... except DerivationError as error:
    ...     print(error.number, error.reason, error.left - error.right == 2 * error.point[x])
    1 square each term True
    """

    def __init__(self, message: str, number: int, reason: str, part: str = "") -> None:
        super().__init__(message)
        self.number, self.reason, self.part = number, reason, part
        self.point: dict[Any, Any] = {}
        self.left: Any = None
        self.right: Any = None


@dataclass(frozen=True)
class Step:
    r"""One link of a derivation: the expression reached, why, and how the equality was checked.

    Examples
    --------
    >>> x = sp.Symbol("x")
    >>> step = Derivation(x * (x + 1)).then(x**2 + x, "expand").steps[0]
    >>> step.reason, step.check, step.latex
    ('expand', 'SymPy', 'x^{2} + x')
    """

    expr: Any
    reason: str
    check: str
    assuming: tuple[tuple[Any, Any], ...] = ()

    @property
    def latex(self) -> str:
        """The expression, as LaTeX without dollar signs."""
        return latex(self.expr)


class Derivation:
    r"""A chain of equal expressions, each with its reason; a false link raises when it is made.

    A link is checked by SymPy, and where SymPy cannot decide, numerically at twelve reproducible random points to
    fifty digits; the step says which. Sums to a symbolic end are then written out for eight successive ends.

    Parameters
    ----------
    lhs : SymPy expression or matrix
        It may be unevaluated: a Derivative, `partial`, Sum, Limit, Integral, `E` or matrix product.
    where : dict, optional
        What names stand for; better as `Definitions`, which a notebook typesets.
    assuming : dict, optional
        Hypotheses of the whole chain, shown with it: ``{E(g[k]): mu}`` says so for every ``k``.
    within : dict, optional
        Open intervals for symbols, ``{beta: (0, 1)}``: the chain is claimed there. For integers the first value counts.
    part : str, optional
        What the chain is a part of, for error messages.

    Raises
    ------
    DerivationError
        From `then`, for a link that is false or undecided.

    Examples
    --------
    >>> beta = sp.Symbol(r"\beta", positive=True)
    >>> k, t = sp.symbols("k t", integer=True, positive=True)
    >>> d = Derivation((1 - beta) * sp.Sum(beta**k, (k, 0, t - 1)), within={beta: (0, 1)})
    >>> d.then(1 - beta**t, "a geometric sum")
    (1 - \beta)*Sum(\beta**k, (k, 0, t - 1))
      = 1 - \beta**t    [a geometric sum; SymPy]
    >>> d.result
    1 - \beta**t
    """

    def __init__(
        self,
        lhs: Any,
        *,
        where: Mapping[Any, Any] | None = None,
        assuming: Mapping[Any, Any] | None = None,
        within: Mapping[Any, tuple[Any, Any]] | None = None,
        part: str = "",
    ) -> None:
        self.lhs = _fixed(lhs)
        self.assuming = _fixed_items(assuming)
        self.within = dict(within or {})
        self.steps: tuple[Step, ...] = ()
        self._setting = Setting(Definitions(where or {}), self.assuming, self.within)
        self._part = part

    def then(self, expr: Any, reason: str, assuming: Mapping[Any, Any] | None = None) -> Self:
        r"""Add a link, if it is true.

        Parameters
        ----------
        expr : SymPy expression or matrix
            What the last expression is equal to.
        reason : str
            Why, for the reader; formulas in it go between dollar signs.
        assuming : dict, optional
            Hypotheses that this link uses: ``{E(g[k]): mu}`` says so for every ``k``. They are shown, and hold
            from here on.

        Raises
        ------
        DerivationError
            With the step, its reason, and a point where the two sides differ.

        Examples
        --------
        >>> x = sp.Symbol("x", real=True)
        >>> Derivation(x**2).then(x, "the square root")
        Traceback (most recent call last):
            ...
        downslope.derivation.chain.DerivationError: step 1 (the square root) is false: at x = -0.774 ...
        """
        expr, hypotheses = _fixed(expr), _fixed_items(assuming)
        setting = self._setting.supposing(hypotheses)
        number = len(self.steps) + 1
        label = f"{self._part}{', ' if self._part else ''}step {number} ({reason})"
        try:
            check = setting.decide(self.result, expr)
        except Undecided as undecided:
            message = f"{label} cannot be decided: {undecided}"
            raise DerivationError(message, number, reason, self._part) from None
        except Different as different:
            raise self._falsehood(label, number, reason, different) from None
        self._setting = setting
        self.steps += (Step(expr, reason, check, tuple(hypotheses.items())),)
        return self

    @staticmethod
    def by_induction(
        term: Any,
        claim: Any,
        *,
        recurrence: Any,
        base: Any = 0,
        start: int = 0,
        steps: Sequence[tuple[Any, str]] = (),
        closing: str = "which is the claim",
        within: Mapping[Any, tuple[Any, Any]] | None = None,
    ) -> "Induction":
        r"""Prove a claim for every ``t``: check it at the start, and that it passes from ``t - 1`` to ``t``.

        Parameters
        ----------
        term : indexed symbol
            The sequence at ``t``: ``v[t]`` with ``v = IndexedBase("v")``.
        claim : SymPy expression
            What it is said to be, in terms of ``t``.
        recurrence : SymPy expression
            What it is by definition, in terms of ``v[t - 1]``.
        base : SymPy expression
            Its value at ``start``.
        start : int
            The first ``t``.
        steps : sequence of (expression, reason)
            The way from the recurrence, with the claim for ``t - 1`` put in, to the claim for ``t``.
        closing : str
            The reason for the last link, which arrives at the claim.
        within : dict, optional
            As for a derivation.

        Returns
        -------
        Induction
            With ``claim``, ``base`` and ``step``; typeset in a notebook.

        Raises
        ------
        DerivationError
            Its ``part`` is "base case" or "induction step".
        ValueError
            The term is not a sequence at a symbol, or the recurrence looks further back than one step.

        Examples
        --------
        >>> s = sp.IndexedBase("s")
        >>> t = sp.Symbol("t", integer=True, positive=True)
        >>> Derivation.by_induction(s[t], t**2, recurrence=s[t - 1] + 2 * t - 1)
        s[t] = t**2 for every t >= 0
        base case, t = 0: s[0]
          = 0    [the starting value; SymPy]
          = 0    [the claim at $t = 0$; SymPy]
        induction step, from t - 1 to t: s[t]
          = 2*t + s[t - 1] - 1    [the recurrence; SymPy]
          = 2*t + (t - 1)**2 - 1    [the claim at $t - 1$; SymPy]
          = t**2    [which is the claim; SymPy]
        """
        from downslope.derivation.induction import by_induction

        return by_induction(
            term,
            claim,
            recurrence=recurrence,
            base=base,
            start=start,
            steps=steps,
            closing=closing,
            within=within,
        )

    def _falsehood(self, label: str, number: int, reason: str, different: Different) -> DerivationError:
        point = different.point.items()
        known = [f"{name} = {_decimal(v)}" for name, v in point if isinstance(v, sp.Number)]
        more = f" and {len(known) - SHOWN} more values" if len(known) > SHOWN else ""
        twins = {str(a) for a in different.point for b in different.point if str(a) == str(b) and a != b}
        hint = f"; {', '.join(sorted(twins))}: symbols of one name with different assumptions" if twins else ""
        place = f"at {', '.join(known[:SHOWN])}{more} " if known else ""
        sides = f"the left side is {_decimal(different.left)} and the right side is {_decimal(different.right)}"
        error = DerivationError(f"{label} is false: {place}{sides}{hint}", number, reason, self._part)
        error.point, error.left, error.right = different.point, different.left, different.right
        return error

    @property
    def result(self) -> Any:
        """The last expression of the chain."""
        return self.steps[-1].expr if self.steps else self.lhs

    @property
    def equation(self) -> sp.Eq:
        """The first expression equal to the last, to be glued."""
        return sp.Eq(self.lhs, self.result, evaluate=False)

    @property
    def latex(self) -> str:
        """The whole chain as one aligned block, reasons at the right; for a slide."""
        return display.aligned(self)

    def __repr__(self) -> str:
        return display.plain(self)

    def _repr_markdown_(self) -> str:
        return display.markdown(self)

    def _repr_latex_(self) -> str:
        return f"$$\n{self.latex}\n$$"


def _fixed(expr: Any) -> Any:
    """The expression as an object that cannot be changed after it was checked."""
    expr = sp.sympify(expr)
    return expr.as_immutable() if isinstance(expr, sp.MatrixBase) else expr


def _fixed_items(hypotheses: Mapping[Any, Any] | None) -> dict[Any, Any]:
    return {_fixed(left): _fixed(right) for left, right in (hypotheses or {}).items()}


def _decimal(value: Any) -> str:
    if value.is_infinite:
        return str(value)
    return f"{complex(value):.6g}" if not value.is_real else f"{float(value):.6g}"
