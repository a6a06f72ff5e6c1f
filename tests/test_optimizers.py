"""What holds of every optimizer."""

import copy
import inspect
import sys
from dataclasses import replace

import downslope as ds
import numpy as np
import pytest
import sympy as sp
from downslope.catalogue import CATALOGUE
from downslope.optimizers import Optimizer
from downslope.trees import leaves, tree_map
from settings import ALL, ELEMENTWISE, RULED, extras, gradient, point, shape_for, stepped, walk

LOCAL = [p for p in ALL if p.values[0].name != "Clip"]  # what an array does depends on that array alone


def two(opt: Optimizer) -> dict:
    """Parameters with a name in a name, of a shape that the optimizer takes."""
    return {"W": point(0, shape_for(opt)), "inner": {"b": point(1, shape_for(opt))}}


@pytest.mark.parametrize("opt", ALL)
def test_update_changes_none_of_its_inputs(opt):
    params = two(opt)
    state = opt.init(params)
    for taken in range(3):
        extra = extras(opt, taken, params, params)
        inputs = (tree_map(gradient, params), state, params, extra)
        before = copy.deepcopy(inputs)
        _, after = opt.update(*inputs[:3], **extra)
        np.testing.assert_equal(inputs, before)
        state = after


@pytest.mark.parametrize("opt", ALL)
def test_what_comes_out_is_no_part_of_what_went_in(opt):
    """A caller may use the buffer of its gradients, and of its parameters, again."""
    params = two(opt)
    state = opt.init(params)
    for taken in range(3):
        grads, extra = tree_map(gradient, params), extras(opt, taken, params, params)
        steps, state = opt.update(grads, state, params, **extra)
        went_in = [x for tree in (grads, params, *extra.values()) for _, x in leaves(tree) if x is not None]
        for path, x in [*leaves(steps), *leaves(state)]:
            assert not any(np.shares_memory(x, y) for y in went_in), path


@pytest.mark.parametrize("opt", LOCAL)
def test_a_dict_of_arrays_steps_as_its_arrays_do_one_by_one(opt):
    params = two(opt)
    together = walk(opt, params, 5)[-1]
    np.testing.assert_equal(together["W"], walk(opt, params["W"], 5)[-1])
    np.testing.assert_equal(together["inner"]["b"], walk(opt, params["inner"]["b"], 5)[-1])


@pytest.mark.parametrize("opt", ALL)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_run_keeps_the_dtype_of_its_parameters(opt, dtype):
    params = tree_map(lambda w: w.astype(dtype), two(opt))
    state = opt.init(params)
    for taken in range(3):
        steps, state = opt.update(tree_map(gradient, params), state, params, **extras(opt, taken, params, params))
        kept = [x for _, x in leaves(state) if isinstance(x, np.ndarray)]
        assert {x.dtype for _, x in leaves(steps)} == {np.dtype(dtype)}
        assert {x.dtype for x in kept if x.dtype != np.uint8} <= {np.dtype(dtype)}


@pytest.mark.parametrize("opt", ALL)
def test_a_state_that_was_saved_goes_on_as_if_nothing_had_been(opt, tmp_path):
    params = two(opt)
    state, before = opt.init(params), None
    for taken in range(10):
        if taken == 4:
            np.savez(tmp_path / "state.npz", **dict(leaves(state)))
            state = unflattened(np.load(tmp_path / "state.npz"))
        (params, state), before = stepped(opt, taken, params, before, state), params
    np.testing.assert_equal(params, walk(opt, two(opt), 10)[-1])


def unflattened(saved) -> dict:
    """The nested dict of names with dots; a name that holds one empty dict is lost, and no state has that."""
    tree: dict = {}
    for path, array in saved.items():
        *branches, leaf = path.split(".")
        place = tree
        for branch in branches:
            place = place.setdefault(branch, {})
        place[leaf] = array
    return tree


@pytest.mark.parametrize("opt", RULED)
def test_a_constant_schedule_is_the_number_it_returns(opt):
    scheduled, w = replace(opt, lr=lambda taken: opt.lr), point(0, shape_for(opt))
    assert np.array_equal(walk(scheduled, w, 10), walk(opt, w, 10))


@pytest.mark.parametrize("opt", RULED)
def test_a_schedule_is_read_at_the_number_of_steps_taken(opt, monkeypatch):
    rates, rule = [], type(opt).rule

    def watched(self, *args, **needed):
        rates.append(self.lr)
        return rule(self, *args, **needed)

    monkeypatch.setattr(type(opt), "rule", watched)
    scheduled, w = replace(opt, lr=lambda taken: 0.01 + taken), point(0, shape_for(opt))
    state = opt.init(w)
    for taken in range(3):
        _, state = scheduled.update(gradient(w), state, w, **extras(opt, taken, w, w))
    assert rates == [0.01, 1.01, 2.01]


def test_a_number_of_numpys_is_the_number_it_holds():
    for number in (np.float64(0.5), np.float32(0.5), np.array(0.5)):
        assert ds.Adam(beta1=number) == ds.Adam(beta1=0.5)
        assert type(ds.Adam(beta1=number).beta1) is float


@pytest.mark.parametrize("opt", ELEMENTWISE)
def test_a_column_of_rates_is_one_run_a_rate(opt):
    rates = np.array([[0.001], [0.01], [0.1]])
    together = np.array(walk(replace(opt, lr=rates), np.tile(point(0), (3, 1)), 8))
    for k, rate in enumerate(rates[:, 0]):
        assert np.array_equal(together[:, k], walk(replace(opt, lr=float(rate)), point(0), 8))


@pytest.mark.parametrize("opt", ELEMENTWISE)
def test_the_memory_is_that_of_the_slots_it_stores(opt):
    params = {"W": np.zeros((3, 4), np.float32), "b": np.zeros(5, np.float32)}
    assert ds.state_bytes(opt, params) == len(opt.stored) * 17 * 4


@pytest.mark.parametrize("entry", CATALOGUE, ids=lambda entry: entry.optimizer.__name__)
@pytest.mark.parametrize("shape", [(40, 30), (7, 19)])
def test_the_memory_is_what_the_catalogue_says(entry, shape):
    numbers = sp.sympify(entry.buffers).subs(dict(zip("mn", shape, strict=True)))
    assert ds.state_bytes(next(entry.instances()), np.zeros(shape, np.float32)) == 4 * numbers


@pytest.mark.parametrize("opt", RULED)
def test_the_slots_that_are_said_to_be_nonnegative_are(opt):
    w = point(0, shape_for(opt))
    state, negative = opt.init(w), set()
    for taken in range(20):
        _, state = opt.update(point(taken, w.shape), state, w, **extras(opt, taken, w, w))
        negative |= {slot for slot in opt.stored if (state[slot] < 0).any()}
    assert negative == set(opt.stored) - set(opt.nonnegative)


def test_every_optimizer_of_the_package_is_in_the_catalogue():
    def concrete(cls):
        own = set() if inspect.isabstract(cls) else {cls}
        return own | {c for sub in cls.__subclasses__() for c in concrete(sub)}

    def exists(cls):  # other than the class of a doctest, which is gone when its example ends
        return getattr(sys.modules[cls.__module__], cls.__name__, None) is cls

    ours = {cls for cls in concrete(Optimizer) if cls.__module__.startswith("downslope.optimizers.") and exists(cls)}
    listed = [entry.optimizer for entry in CATALOGUE]
    assert {c.__name__ for c in ours} == {c.__name__ for c in listed}
    assert len(set(listed)) == len(listed)
    assert all(getattr(ds, cls.__name__) is cls for cls in listed)


@pytest.mark.parametrize("cls", sorted({type(p.values[0]) for p in RULED}, key=lambda cls: cls.__name__))
def test_a_rule_has_fifteen_lines_at_most(cls):
    lines = [line for line in inspect.getsource(cls.rule).splitlines() if line.strip()]
    assert len(lines) <= 15
