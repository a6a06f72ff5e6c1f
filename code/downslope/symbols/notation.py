"""The letters in which the book writes what a rule calls by a name."""

import sympy as sp
from sympy.core.alphabets import greeks

LETTERS = {
    "lr": r"\eta",
    "momentum": r"\beta",
    "eps": r"\epsilon",
    "final_lr": r"\eta^{\ast}",
    "threshold": r"\rho_{\min}",
    "weight_decay": r"\lambda",
    "dampening": r"\tau",
    "damping": r"\delta",
    "ns_steps": "k",
    "clip": "d",
    "decay": r"\gamma",
    "trust": r"\rho",
    "target": r"\rho",
}
ACCENTS = {
    "hat": r"\hat{%s}_t",
    "bar": r"\bar{%s}_t",
    "tilde": r"\tilde{%s}_t",
    "min": r"%s^{\min}_t",
    "max": r"%s^{\max}_t",
    "inf": r"%s_\infty",
    "prev": r"%s_t",
}

t = sp.Symbol("t", positive=True, integer=True)
w = sp.Symbol("w_t", real=True)
g = sp.Symbol("g_t", real=True)


def hyperparameter(name: str) -> sp.Symbol:
    r"""The symbol that the book writes for a hyperparameter, positive like every one of them.

    Examples
    --------
    >>> hyperparameter("beta1"), hyperparameter("lr")
    (\beta_1, \eta)
    """
    stem = name.rstrip("0123456789")
    index = f"_{name.removeprefix(stem)}" if stem != name else ""
    return sp.Symbol(LETTERS.get(name, _letter(stem) + index), positive=True)


def _letter(word: str) -> str:
    if word in LETTERS:
        return LETTERS[word]
    return word if len(word) == 1 else rf"\{word}" if word in greeks else rf"\mathrm{{{word}}}"


def before(slot: str) -> sp.Symbol:
    """The symbol of a slot before the step.

    Examples
    --------
    >>> before("m")
    m_{t-1}
    """
    return sp.Symbol(after(slot).name.replace("_t", "_{t-1}"), real=True)


def after(name: str) -> sp.Symbol:
    r"""The symbol of a slot, or of any quantity that a rule names, at step t.

    Examples
    --------
    >>> after("m"), after("m_hat")
    (m_t, \hat{m}_t)
    """
    stem, _, accent = name.rpartition("_")
    if accent in ACCENTS:
        return sp.Symbol(ACCENTS[accent] % _letter(stem), real=True)
    return sp.Symbol(f"{_letter(name)}_t", real=True)


NEEDED = {
    "hessian_diag": after("h_hat"),
    "hessian": after("H"),
    "previous_grads": after("g_tilde"),
    "inputs": after("X"),
    "output_grads": sp.Symbol(r"\Delta_t", real=True),
}
"""The symbols of what a rule may want besides the gradient."""
