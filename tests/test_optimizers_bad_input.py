"""Bad input: the exact messages, for every optimizer."""

import re
from dataclasses import fields

import downslope as ds
import numpy as np
import pytest
from downslope.catalogue import CATALOGUE
from settings import ALL, RULED, extras, shape_for

SHARES = ("beta1", "beta2", "beta3", "momentum", "dampening", "rho")
AMOUNTS = ("lr", "final_lr", "initial", "eps", "eps1", "eps2", "damping", "trust", "weight_decay")
BAD_SETTINGS = [
    *[
        (entry.optimizer, entry.settings | {field.name: value}, message.format(field.name))
        for entry in CATALOGUE
        for field in fields(entry.optimizer)
        for names, value, message in [
            (SHARES, 1.0, "{} must be in [0, 1), got 1.0"),
            (SHARES, -0.1, "{} must be in [0, 1), got -0.1"),
            (AMOUNTS, -1e-3, "{} must be at least 0 and finite, got -0.001"),
            (AMOUNTS, float("nan"), "{} must be at least 0 and finite, got nan"),
        ]
        if field.name in names and (entry.optimizer, field.name) != (ds.Sophia, "rho")
    ],
    (ds.Nesterov, {"form": "backward"}, "form must be 'lookahead' or 'current', got 'backward'"),
    (ds.RAdam, {"threshold": 3.0}, "threshold must be at least 4 and finite, got 3.0"),
    (ds.Sophia, {"rho": 0.0}, "rho must be greater than 0 and finite, got 0.0"),
    (ds.AdaBound, {"gamma": 0.0}, "gamma must be greater than 0 and finite, got 0.0"),
]


@pytest.mark.parametrize(("make", "bad", "message"), BAD_SETTINGS)
def test_a_setting_out_of_range_is_named(make, bad, message):
    with pytest.raises(ValueError) as error:
        make(**bad)
    assert str(error.value) == message


def test_a_setting_that_is_no_number_is_named():
    with pytest.raises(TypeError, match=r"^beta1 must be a number in \[0, 1\), got 'high'$"):
        ds.Adam(beta1="high")


W = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
NAN, INF = W * [1, 1, 1, 1, np.nan, 1], W * [1, 1, 1, 1, np.inf, 1]
BAD_GRADIENTS = [
    (W, NAN, "grads must be finite, got nan at index {index}"),
    ({"W": W}, {"W": INF}, "grads['W'] must be finite, got inf at index {index}"),
    ({"a": {"b": W}}, {"a": {"b": NAN}}, "grads['a.b'] must be finite, got nan at index {index}"),
    ({"W": W}, {"V": W}, "grads must have the keys of params, ['W'], got ['V']"),
]


def shaped(tree, shape):
    return {key: shaped(x, shape) for key, x in tree.items()} if isinstance(tree, dict) else tree.reshape(shape)


@pytest.mark.parametrize("opt", ALL)
@pytest.mark.parametrize(("params", "grads", "message"), BAD_GRADIENTS)
def test_a_gradient_that_does_not_fit_is_named(opt, params, grads, message):
    shape = shape_for(opt)
    params, grads = shaped(params, shape), shaped(grads, shape)
    with pytest.raises(ValueError) as error:
        opt.update(grads, opt.init(params), params, **extras(opt, 0, params, params))
    assert str(error.value) == message.format(index="(4,)" if len(shape) == 1 else "(1, 1)")


@pytest.mark.parametrize("opt", ALL)
@pytest.mark.parametrize("wrong", [(7,), (1, 6), (3, 2)])
def test_a_gradient_of_another_shape_is_named(opt, wrong):
    shape = shape_for(opt)
    params = {"W": W.reshape(shape)}
    with pytest.raises(ValueError) as error:
        opt.update({"W": np.ones(wrong)}, opt.init(params), params, **extras(opt, 0, params, params))
    assert str(error.value) == f"grads['W'] must have shape {shape}, got {wrong}"


@pytest.mark.parametrize("opt", ALL)
@pytest.mark.parametrize(
    ("params", "message"),
    [
        (np.array([1, 2]), "params must hold floating-point numbers, got dtype int64"),
        ({"W": np.array([1, 2])}, "params['W'] must hold floating-point numbers, got dtype int64"),
    ],
)
def test_integer_parameters_are_refused(opt, params, message):
    with pytest.raises(TypeError) as error:
        opt.init(params)
    assert str(error.value) == message


@pytest.mark.parametrize("opt", ALL)
def test_an_argument_that_the_optimizer_does_not_want_is_refused(opt):
    w = W.reshape(shape_for(opt))
    with pytest.raises(TypeError, match=r"\.update takes no keyword argument 'wind'"):
        opt.update(w, opt.init(w), w, **extras(opt, 0, w, w), wind=w)


NEEDY = [p for p in ALL if p.values[0].needs]


@pytest.mark.parametrize("opt", NEEDY)
def test_what_the_optimizer_needs_is_asked_for_and_looked_at(opt):
    w = W.reshape(shape_for(opt))
    state, all_good = opt.init(w), extras(opt, 0, w, w)
    for name, good in all_good.items():
        others = {other: tree for other, tree in all_good.items() if other != name}
        with pytest.raises(TypeError, match=rf"\.update needs the keyword argument '{name}'$"):
            opt.update(w, state, w, **others)
        with pytest.raises(ValueError, match=re.escape(f"{name} must have shape {good.shape}, got (2, 9)")):
            opt.update(w, state, w, **others, **{name: np.ones((2, 9))})
        with pytest.raises(ValueError, match=f"{name} must be finite, got nan at index"):
            opt.update(w, state, w, **others, **{name: good * np.nan})
        with pytest.raises(ValueError, match=rf"^{name} must have the keys of params, \[''\], got \['W'\]$"):
            opt.update(w, state, w, **others, **{name: {"W": good}})


@pytest.mark.parametrize("opt", RULED)
def test_only_a_refresh_of_the_curvature_may_be_left_out(opt):
    w = W.reshape(shape_for(opt))
    for name in {*opt.needs} - {"hessian_diag"}:
        given = extras(opt, 0, w, w) | {name: None}
        with pytest.raises(TypeError, match=f"^{name} must have the keys and shapes .* got None$"):
            opt.update(w, opt.init(w), w, **given)
