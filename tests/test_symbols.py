"""The formula read from a rule is the rule."""

import downslope as ds
import numpy as np
import pytest
import sympy as sp
from downslope import symbols
from settings import ELEMENTWISE


@pytest.mark.parametrize("opt", ELEMENTWISE)
def test_the_formula_computes_what_the_rule_computes(opt):
    reading = symbols.read(opt)
    results = ("v", *reading.slots)
    arguments = [symbols.t, symbols.w, symbols.g, *map(symbols.before, reading.slots)]
    arguments += [*reading.hyperparameters.values(), *(symbols.NEEDED[name] for name in reading.needed)]
    compute = sp.lambdify(arguments, [reading.expanded(name) for name in results], "numpy")
    values = [getattr(opt, name) for name in reading.hyperparameters]
    rng = np.random.default_rng(7)
    for t in (1, 2, 10, 500):
        w, g = rng.normal(size=(2, 50))
        kept = rng.exponential(size=(len(reading.slots), 50))
        needed = {name: rng.normal(size=50) for name in reading.needed}
        ours = opt.step(t, w, g, *kept, **needed)
        for ours_one, read_one in zip(ours, compute(t, w, g, *kept, *values, *needed.values()), strict=True):
            np.testing.assert_allclose(read_one, ours_one, rtol=1e-12, atol=1e-15)


def test_adams_formula_is_the_papers():
    eta, b1, b2, eps = map(symbols.hyperparameter, ("lr", "beta1", "beta2", "eps"))
    after, before = symbols.after, symbols.before
    assert dict(ds.formula(ds.Adam())) == {
        "m": b1 * before("m") + (1 - b1) * symbols.g,
        "s": b2 * before("s") + (1 - b2) * symbols.g**2,
        "m_hat": after("m") / (1 - b1**symbols.t),
        "s_hat": after("s") / (1 - b2**symbols.t),
        "v": -eta * after("m_hat") / (sp.sqrt(after("s_hat")) + eps),
    }


def test_what_a_zero_or_a_flag_switches_off_does_not_show():
    assert list(ds.formula(ds.Adam(bias_correction=False))) == ["m", "s", "v"]
    assert list(ds.formula(ds.RMSProp())) == ["s", "v"]
    assert list(ds.formula(ds.RMSProp(momentum=0.9, centered=True))) == ["s", "a", "s_bar", "m", "v"]
    assert ds.formula(ds.AdamW(weight_decay=0.0))["v"] == ds.formula(ds.Adam())["v"]


def test_a_gradient_from_elsewhere_stands_in_front():
    eta, beta, m = symbols.hyperparameter("lr"), symbols.hyperparameter("momentum"), symbols.before("m")
    ahead = ds.formula(ds.Nesterov())
    assert list(ahead) == ["g", "m", "v"]
    assert ahead["g"].args == (symbols.w - eta * beta * m,)
    assert r"g_{t} &= \nabla L(w_{t} - \eta \beta m_{t-1})" in ahead.latex
    assert dict(ahead) | {"g": None} == dict(ds.formula(ds.Momentum())) | {"g": None}
    assert list(ds.formula(ds.Nesterov(form="current"))) == ["m", "v"]


def test_a_clip_is_typeset_as_one():
    assert r"\operatorname{clip} (\hat{\eta}_t, \eta^{\min}_t, \eta^{\max}_t)" in ds.formula(ds.AdaBound()).latex
    assert r", -1, 1\right)" in ds.formula(ds.Sophia()).latex


def test_a_schedule_is_typeset_as_a_rate():
    assert ds.formula(ds.SGD(lr=lambda taken: 0.1 / (1 + taken))) == ds.formula(ds.SGD())


def test_a_formula_is_typeset_line_by_line():
    shown = ds.formula(ds.Momentum())._repr_latex_()
    assert shown.count(r"\\") >= 1
    assert r"\eta" in shown
    assert r"m_{t-1}" in shown


def test_a_rule_is_read_while_another_tool_traces(monkeypatch):
    import sys

    seen = []

    def tool(frame, event, argument):
        seen.append(event)

    before = sys.gettrace()
    sys.settrace(tool)
    try:
        ds.formula(ds.SGD())
        assert sys.gettrace() is tool
    finally:
        sys.settrace(before)


def test_a_rule_that_calls_what_the_tracer_does_not_know_says_so():
    class Odd(ds.SGD):
        def rule(self, t, w, g):
            return (-self.lr * np.arctan(g),)

    with pytest.raises(TypeError, match=r"numpy\.arctan has no symbolic reading"):
        ds.formula(Odd())


def test_numpy_functions_accept_a_symbol():
    x = sp.Symbol("x", real=True)
    s = symbols.Symbolic(x)
    assert np.sqrt(s**2).expr == sp.Abs(x)
    assert (1 - 2.5 * s).expr == 1 - sp.Rational(5, 2) * x
    assert np.where(s > 0, s, 0).expr == sp.Piecewise((x, x > 0), (0, True))
    with pytest.raises(TypeError, match=r"numpy\.linalg|numpy\.sum has no symbolic reading"):
        np.sum(s)
    with pytest.raises(TypeError, match=r"numpy\.dot has no symbolic reading"):
        np.dot(s, s)


def test_branches_and_clips_have_a_symbolic_reading():
    class Clipped(ds.SGD):
        def rule(self, t, w, g):
            return (np.where(g > 1.0, -self.lr, np.clip(g, -1.0, 1.0)),)

    v = ds.formula(Clipped())["v"]
    assert v.subs({symbols.g: 2, symbols.hyperparameter("lr"): sp.Rational(1, 10)}) == sp.Rational(-1, 10)
    assert v.subs({symbols.g: -3, symbols.hyperparameter("lr"): sp.Rational(1, 10)}) == -1


def test_a_branch_on_a_number_that_is_not_known_is_refused():
    class Branching(ds.SGD):
        def rule(self, t, w, g):
            return (-g if g > 1 else g,)

    with pytest.raises(TypeError, match="branches on g_t > 1"):
        ds.formula(Branching())


def test_a_wrapper_has_no_formula_of_its_own():
    with pytest.raises(TypeError, match="opt must be an optimizer with a rule of its own, got Clip"):
        ds.formula(ds.Clip(ds.Adam(), max_norm=1.0))


def test_source_is_the_code_that_runs():
    text = ds.source(ds.Adam.rule)
    assert text.startswith("def rule(self, t, w, g, m, s):")
    assert text._repr_markdown_().startswith("```python\n")
