"""How a derivation looks: a numbered list on a page, one aligned block on a slide, plain text in a terminal."""

from typing import TYPE_CHECKING

from downslope.printing import latex

if TYPE_CHECKING:
    from downslope.derivation.chain import Derivation, Step


def markdown(chain: "Derivation") -> str:
    """A numbered list: each expression, its reason below it, and how it was checked."""
    lines = [rf"$\displaystyle {latex(chain.lhs)}$", ""]
    for number, step in enumerate(chain.steps, 1):
        lines.append(rf"{number}. $\displaystyle {{}} = {step.latex}$  ")
        lines.append(f"   {_because(step)} *✓ {step.check}*")
    return "\n".join(lines)


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


def _because(step: "Step") -> str:
    hypotheses = ", ".join(f"${latex(left)} = {latex(right)}$" for left, right in step.assuming)
    return f"{step.reason}, assuming {hypotheses}" if hypotheses else step.reason
