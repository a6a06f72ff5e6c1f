"""Bad input: the exact messages, for every optimizer."""

import re
from dataclasses import fields, replace

import downslope as ds
import numpy as np
import pytest
from downslope.catalogue import CATALOGUE
from downslope.optimizers import Matrixwise
from settings import ALL, ELEMENTWISE, RULED, TENSORWISE, extras, shape_for

SHARES = ("beta", "beta1", "beta2", "beta3", "momentum", "dampening", "rho")
AMOUNTS = ("lr", "final_lr", "initial", "eps", "eps1", "eps2", "damping", "trust", "weight_decay", "decay")
SIZES = ("gamma", "clip", "p", "target", "threshold", "max_norm", "slow_step")
COUNTS = ("ns_steps", "block", "sync_period")
FLAGS = ("nesterov", "centered", "bias_correction", "lr_inside")
BAD_SETTINGS = [
    *[
        (entry.optimizer, entry.settings | {field.name: value}, message.format(field.name))
        for entry in CATALOGUE
        for field in fields(entry.optimizer)
        for names, value, message in [
            (SHARES, 1.0, "{} must be in [0, 1), got 1.0"),
            (SHARES, -0.1, "{} must be in [0, 1), got -0.1"),
            (SHARES, float("nan"), "{} must be in [0, 1), got nan"),
            (AMOUNTS, -1e-3, "{} must be at least 0 and finite, got -0.001"),
            (AMOUNTS, float("nan"), "{} must be at least 0 and finite, got nan"),
            (AMOUNTS, float("inf"), "{} must be at least 0 and finite, got inf"),
            (COUNTS, 0, "{} must be at least 1 and finite, got 0"),
        ]
        if field.name in names and (entry.optimizer, field.name) != (ds.Sophia, "rho")
    ],
    *[
        (cls, {name: value}, f"{name} must be {allowed}, got {value}")
        for cls, name, allowed in [
            (ds.AdaFactor, "clip", "greater than 0 and finite"),
            (ds.AdaBound, "gamma", "greater than 0 and finite"),
            (ds.MARS, "gamma", "at least 0 and finite"),
            (ds.MARSM, "gamma", "at least 0 and finite"),
            (ds.REG, "p", "greater than 0 and finite"),
            (ds.REG, "target", "greater than 0 and finite"),
        ]
        for value in (-0.5, float("nan"))
    ],
    (ds.SGD, {"lr": np.array([0.1, -0.1])}, "lr must be at least 0 and finite, got array([ 0.1, -0.1])"),
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


EVERY_SETTING = [
    pytest.param(entry.optimizer, entry.settings, field.name, id=f"{entry.name}.{field.name}")
    for entry in CATALOGUE
    for field in fields(entry.optimizer)
]


NUMBERS = [p for p in EVERY_SETTING if p.values[2] in SHARES + AMOUNTS + SIZES + COUNTS]
NO_NUMBERS = ["high", None, True, 0.1j, [0.1, 0.2], np.array(["0.1"]), np.array([0.1j])]


@pytest.mark.parametrize(("make", "settings", "name"), NUMBERS)
@pytest.mark.parametrize("bad", NO_NUMBERS, ids=repr)
def test_a_setting_that_is_no_number_is_named(make, settings, name, bad):
    with pytest.raises(TypeError, match=rf"^{name} must be (a number|an integer) .*, got "):
        make(**settings | {name: bad})


@pytest.mark.parametrize(("make", "settings", "name"), [p for p in NUMBERS if p.values[2] != "lr"])
def test_a_rate_alone_may_be_a_schedule(make, settings, name):
    with pytest.raises(TypeError, match=rf"^{name} must be (a number|an integer) .*, got <built-in function len>$"):
        make(**settings | {name: len})


def test_every_setting_is_looked_at():
    others = {"form", "inner", "choose", "optimizers", "path"}
    names = {p.values[2] for p in EVERY_SETTING}
    assert names - others == {*SHARES, *AMOUNTS, *SIZES, *COUNTS, *FLAGS}


@pytest.mark.parametrize(("make", "settings", "name"), [p for p in EVERY_SETTING if p.values[2] in COUNTS])
def test_a_count_is_an_integer(make, settings, name):
    with pytest.raises(TypeError, match=rf"^{name} must be an integer at least 1 and finite, got 2\.5$"):
        make(**settings | {name: 2.5})
    assert getattr(make(**settings | {name: np.int64(3)}), name) == 3


@pytest.mark.parametrize(("make", "settings", "name"), [p for p in EVERY_SETTING if p.values[2] in FLAGS])
@pytest.mark.parametrize("bad", ["no", 1, None])
def test_a_flag_is_true_or_false(make, settings, name, bad):
    with pytest.raises(TypeError) as error:
        make(**settings | {name: bad})
    assert str(error.value) == f"{name} must be True or False, got {bad!r}"


@pytest.mark.parametrize("opt", RULED)
@pytest.mark.parametrize(
    ("rate", "kind", "message"),
    [
        (len, TypeError, "lr must give a number at least 0 and finite, got <built-in function len> after 0 steps"),
        (-1.0, ValueError, "lr must be at least 0 and finite, got -1.0"),
        ("fast", TypeError, "lr must be a number at least 0 and finite, got 'fast'"),
    ],
)
def test_what_a_schedule_gives_is_looked_at(opt, rate, kind, message):
    w = W.reshape(shape_for(opt))
    opt = replace(opt, lr=lambda taken: rate)
    with pytest.raises(kind) as error:
        opt.update(w, opt.init(w), w, **extras(opt, 0, w, w))
    assert str(error.value) == message


W = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0])
NAN, INF = W * [1, 1, 1, 1, np.nan, 1], W * [1, 1, 1, 1, np.inf, 1]
BAD_GRADIENTS = [
    (W, NAN, "grads must be finite, got nan at index {index}"),
    ({"W": W}, {"W": INF}, "grads['W'] must be finite, got inf at index {index}"),
    ({"a": {"b": W}}, {"a": {"b": NAN}}, "grads['a.b'] must be finite, got nan at index {index}"),
    ({"W": W}, {"V": W}, "grads must have the keys of params, ['W'], got ['V']"),
    (
        {"a": {"b": W}},
        {"a.b": W},
        "grads must have the keys of params, {{'a': {{'b': 'array'}}}}, got {{'a.b': 'array'}}",
    ),
    ({"1": W}, {1: W}, "grads must have the keys of params, {{'1': 'array'}}, got {{1: 'array'}}"),
    (
        {"W": W},
        {"W": W, "V": {}},
        "grads must have the keys of params, {{'W': 'array'}}, got {{'W': 'array', 'V': {{}}}}",
    ),
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
        (np.array([1j]), "params must hold floating-point numbers, got dtype complex128"),
        (np.ones(2, np.float16), "params must be float32 or float64, got dtype float16"),
        ({"W": np.ones(2, np.longdouble)}, f"params['W'] must be float32 or float64, got dtype {np.dtype('g')}"),
    ],
)
def test_parameters_of_another_type_are_refused(opt, params, message):
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


@pytest.mark.parametrize("opt", ALL)
@pytest.mark.parametrize("kind", [complex, object, str, bool])
def test_a_gradient_of_another_kind_is_named(opt, kind):
    w = {"W": W.reshape(shape_for(opt))}
    bad = {"W": w["W"].astype(kind)}
    with pytest.raises(TypeError) as error:
        opt.update(bad, opt.init(w), w, **extras(opt, 0, w, w))
    assert str(error.value) == f"grads['W'] must hold real numbers, got dtype {bad['W'].dtype}"


@pytest.mark.parametrize("opt", ALL)
def test_a_gradient_of_integers_is_one_of_numbers(opt):
    w = W.reshape(shape_for(opt))
    (a, _), (b, _) = (opt.update(g, opt.init(w), w, **extras(opt, 0, w, w)) for g in (w.astype(int), w))
    np.testing.assert_array_equal(a, b)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("opt", ALL)
def test_a_gradient_that_its_parameter_cannot_hold_is_named(opt):
    w = W.reshape(shape_for(opt)).astype(np.float32)
    with pytest.raises(ValueError, match=r"^grads must be finite, got inf at index "):
        opt.update(w.astype(float) * 1e39, opt.init(w), w, **extras(opt, 0, w, w))


@pytest.mark.parametrize("opt", RULED)
def test_a_state_of_another_optimizer_is_named(opt):
    w = W.reshape(shape_for(opt))
    state, extra = opt.init(w), extras(opt, 0, w, w)
    wanted = f"state must have the keys that {opt.name}.init gives it, {['t', *opt.stored]}, got "
    for bad, got in [({}, "[]"), (state | {"x": w}, str([*state, "x"])), (None, "None"), (w, repr(w))]:
        with pytest.raises(ValueError) as error:
            opt.update(w, bad, w, **extra)
        assert str(error.value) == wanted + got
    for slot in opt.stored:
        with pytest.raises(ValueError) as error:
            opt.update(w, state | {slot: {"W": w}}, w, **extra)
        assert str(error.value) == f"state[{slot!r}] must have the keys of params, [''], got ['W']"


@pytest.mark.parametrize("opt", RULED)
@pytest.mark.parametrize(
    ("count", "kind", "message"),
    [
        (-1, ValueError, "state['t'] must be at least 0, got -1"),
        (1.5, TypeError, "state['t'] must be an integer at least 0, got 1.5"),
        ("2", TypeError, "state['t'] must be an integer at least 0, got '2'"),
    ],
)
def test_a_count_of_steps_that_is_none_is_named(opt, count, kind, message):
    w = W.reshape(shape_for(opt))
    with pytest.raises(kind) as error:
        opt.update(w, opt.init(w) | {"t": count}, w, **extras(opt, 0, w, w))
    assert str(error.value) == message


@pytest.mark.parametrize("opt", [p for p in RULED if p.values[0].stored])
def test_a_slot_of_another_shape_is_named(opt):
    w = {"W": W.reshape(shape_for(opt))}
    state, slot = opt.init(w), opt.stored[-1]
    bad = np.ones((1, 1, 3))
    with pytest.raises(ValueError) as error:
        opt.update(w, state | {slot: {"W": bad}}, w, **extras(opt, 0, w, w))
    assert str(error.value) == f"state['{slot}']['W'] must have shape {state[slot]['W'].shape}, got (1, 1, 3)"


def test_a_slot_that_would_enlarge_its_parameter_is_named():
    w, opt = np.ones((4, 1)), ds.Momentum()
    with pytest.raises(ValueError, match=re.escape("state['m'] must have shape (4, 1), got (1, 3)")):
        opt.update(w, {"t": 0, "m": np.ones((1, 3))}, w)


@pytest.mark.parametrize("opt", ELEMENTWISE)
@pytest.mark.parametrize("shape", [(2, 1), (5,), (1, 6), (7, 6)])
@pytest.mark.parametrize("scheduled", [False, True])
def test_settings_never_enlarge_a_parameter(opt, shape, scheduled):
    w = {"W": W}
    rates = np.full(shape, 0.1)
    bad = replace(opt, lr=(lambda taken: rates) if scheduled else rates)
    message = re.escape(f"lr must broadcast to the shape of params['W'], (6,), got shape {shape}")
    with pytest.raises(ValueError, match=message):
        bad.update(w, opt.init(w), w, **extras(opt, 0, w, w))
    if not scheduled:
        with pytest.raises(ValueError, match=message):
            bad.init(w)


def test_two_arrays_under_one_path_are_refused():
    params = {"a.b": W, "a": {"b": W}}
    for opt in (ds.SGD(), ds.Partition(lambda path, w: "all", {"all": ds.SGD()})):
        with pytest.raises(ValueError, match=r"^params must have one array under each dotted path, got two under"):
            opt.init(params)


@pytest.mark.parametrize("opt", [p for p in TENSORWISE if isinstance(p.values[0], Matrixwise)])
@pytest.mark.parametrize("shape", [(0, 3), (3, 0), (0, 0)])
def test_an_empty_matrix_is_refused(opt, shape):
    with pytest.raises(
        ValueError, match=re.escape(f"params must have a row and a column for {opt.name}, got shape {shape}")
    ):
        opt.init(np.ones(shape))


@pytest.mark.parametrize(("rows", "others"), [(9, 5), (0, 0)])
def test_kfac_wants_a_signal_for_each_input(rows, others):
    opt, w = ds.KFAC(), {"W": np.ones((2, 3))}
    message = f"output_grads['W'] must have as many rows as inputs, one at least, got {others} for {rows}"
    with pytest.raises(ValueError, match=re.escape(message)):
        opt.update(w, opt.init(w), w, inputs={"W": np.ones((rows, 3))}, output_grads={"W": np.ones((others, 2))})
