"""Proofs for every t: a base case and a step, both of them derivations, both checked."""

from collections.abc import Mapping, Sequence
from typing import Any

import sympy as sp
from sympy.tensor.indexed import Indexed

from downslope.derivation.chain import Derivation
from downslope.printing import latex


class Induction:
    """A claim for every ``t``, proved; made by `Derivation.by_induction`.

    Attributes
    ----------
    claim : SymPy equation
        What holds for every ``t``: glue it.
    base, step : Derivation
        The claim at the start, and the way from ``t - 1`` to ``t``.

    Examples
    --------
    >>> w, t = sp.IndexedBase("w"), sp.Symbol("t", integer=True, positive=True)
    >>> proof = Derivation.by_induction(w[t], 2**t * w[0], recurrence=2 * w[t - 1], base=w[0])
    >>> proof.claim
    Eq(w[t], 2**t*w[0])
    >>> [step.reason for step in proof.step.steps]
    ['the recurrence', 'the claim at $t - 1$', 'which is the claim']
    """

    def __init__(self, claim: sp.Eq, base: Derivation, step: Derivation, t: sp.Symbol, start: int) -> None:
        self.claim, self.base, self.step, self.t, self.start = claim, base, step, t, start

    def __repr__(self) -> str:
        return "\n".join(
            [
                f"{self.claim.lhs} = {self.claim.rhs} for every {self.t} >= {self.start}",
                f"base case, {self.t} = {self.start}: {self.base!r}",
                f"induction step, from {self.t} - 1 to {self.t}: {self.step!r}",
            ]
        )

    def _repr_markdown_(self) -> str:
        t = latex(self.t)
        return "\n\n".join(
            [
                rf"**Claim.** $\displaystyle {latex(self.claim)}$ for every ${t} \ge {self.start}$.",
                rf"**Base case.** {self.base._repr_markdown_()}",
                rf"**Step.** {self.step._repr_markdown_()}",
            ]
        )

    @property
    def latex(self) -> str:
        """The induction step as one aligned block; for a slide."""
        return self.step.latex

    def _repr_latex_(self) -> str:
        return self.step._repr_latex_()


def by_induction(
    term: Indexed,
    claim: sp.Expr,
    *,
    recurrence: sp.Expr,
    base: Any = 0,
    start: int = 0,
    steps: Sequence[tuple[Any, str]] = (),
    closing: str = "which is the claim",
    within: Mapping[Any, tuple[Any, Any]] | None = None,
) -> Induction:
    """Build and check both halves of a proof; see `Derivation.by_induction`."""
    claim, recurrence = sp.sympify(claim), sp.sympify(recurrence)
    if not (isinstance(term, Indexed) and isinstance(term.indices[0], sp.Symbol)):
        raise ValueError(f"term must be a sequence at a symbol, such as v[t], got {term}")
    (t,) = term.indices
    before = term.subs(t, t - 1)
    strangers = {a for a in recurrence.atoms(Indexed) if a.base == term.base} - {before}
    if strangers:
        raise ValueError(f"recurrence may use {before} only, got {', '.join(map(str, strangers))}")
    first = Derivation(term.subs(t, start), where={term.subs(t, start): base}, within=within, part="base case")
    if term.subs(t, start) != base:
        first.then(base, "the starting value")
    first.then(claim.subs(t, start), rf"the claim at ${latex(t)} = {start}$")
    earlier = claim.subs(t, t - 1)
    later = Derivation(
        term,
        where={term: recurrence},
        assuming={before: earlier},
        within={t: (start + 1, sp.oo), **(within or {})},
        part="induction step",
    )
    later.then(recurrence, "the recurrence")
    later.then(recurrence.xreplace({before: earlier}), rf"the claim at ${latex(t - 1)}$")
    for expr, reason in (*steps, (claim, closing)):
        later.then(expr, reason)
    return Induction(sp.Eq(term, claim, evaluate=False), first, later, t, start)
