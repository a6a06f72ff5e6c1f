"""How a derivation looks: a numbered list on a page, one aligned block on a slide, plain text in a terminal."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import sympy as sp

from downslope.printing import latex

if TYPE_CHECKING:
    from downslope.derivation.chain import Derivation, Step


def markdown(chain: "Derivation") -> str:
    """A numbered list: each expression, below it its reason and how it was checked."""
    lines = [_head(chain), ""]
    for number, step in enumerate(chain.steps, 1):
        lines += [rf"{number}. $\displaystyle {{}} = {step.latex}$", "", f"   {_because(step)} *✓ {step.check}*", ""]
    return "\n".join(lines).rstrip()


def aligned(chain: "Derivation") -> str:
    """An ``aligned`` environment with the reasons in a column at the right."""
    rows = [
        rf"&= {step.latex} && \text{{\small {_because(step)}}}\;{{\small\checkmark\,\text{{{step.check}}}}}"
        for step in chain.steps
    ]
    return "\n".join([r"\begin{aligned}", latex(chain.lhs) + " " + " \\\\[0.5em]\n".join(rows), r"\end{aligned}"])


def plain(chain: "Derivation") -> str:
    """One line a step."""
    rows = [f"  = {step.expr}    [{_because(step)}; {step.check}]" for step in chain.steps]
    return "\n".join([str(chain.lhs), *rows])


def _head(chain: "Derivation") -> str:
    where = [rf"for ${_inside(latex(name), low, high)}$" for name, (low, high) in chain.within.items()]
    assumed = [f"assuming {_equations(chain.assuming.items())}"] if chain.assuming else []
    return ", ".join([rf"$\displaystyle {latex(chain.lhs)}$", *where, *assumed])


def _inside(name: str, low: Any, high: Any) -> str:
    if high == sp.oo:
        return rf"{name} \ge {latex(sp.sympify(low))}"
    return f"{latex(sp.sympify(low))} < {name} < {latex(sp.sympify(high))}"


def _because(step: "Step") -> str:
    return f"{step.reason}, assuming {_equations(step.assuming)}" if step.assuming else step.reason


def _equations(hypotheses: Iterable[tuple[Any, Any]]) -> str:
    return ", ".join(f"${latex(left)} = {latex(right)}$" for left, right in hypotheses)
