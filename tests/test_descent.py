"""The loop over a landscape: shapes, independence of runs, noise, divergence."""

import pickle

import downslope as ds
import numpy as np
import pytest
from settings import ELEMENTWISE

RAVINE = ds.landscapes.ravine(condition=20)


@pytest.mark.parametrize("opt", ELEMENTWISE)
def test_runs_on_leading_axes_are_the_runs_one_by_one(opt):
    starts = np.array([[[1.0, 1.0], [2.0, -1.0]], [[0.5, 0.0], [-3.0, 0.2]]])
    together = ds.descend(RAVINE, opt, starts, steps=6)
    assert together.points.shape == (7, 2, 2, 2)
    assert together.values.shape == (7, 2, 2)
    assert together.gradients.shape == together.updates.shape == (6, 2, 2, 2)
    for index in np.ndindex(2, 2):
        alone = ds.descend(RAVINE, opt, starts[index], steps=6)
        assert np.array_equal(alone.points, together.points[:, *index])


def test_a_trace_is_consistent_with_itself():
    trace = ds.descend(RAVINE, ds.Momentum(lr=0.01), [2.0, 1.0], steps=20)
    np.testing.assert_allclose(np.diff(trace.points, axis=0), trace.updates, atol=1e-15)
    np.testing.assert_array_equal(trace.values, RAVINE(trace.points))
    np.testing.assert_array_equal(trace.gradients, RAVINE.gradient(trace.points[:-1]))
    assert trace.steps == 20


def test_nesterovs_gradients_are_taken_ahead_of_its_points():
    opt = ds.Nesterov(lr=0.01)
    trace = ds.descend(RAVINE, opt, [2.0, 1.0], steps=5)
    ahead = trace.points[1:-1] + opt.momentum * trace.updates[:-1]
    np.testing.assert_allclose(trace.gradients[1:], RAVINE.gradient(ahead), rtol=1e-12)


def test_noise_is_the_generators():
    def run(seed):
        return ds.descend(RAVINE, ds.SGD(), [1.0, 1.0], 5, rng=np.random.default_rng(seed), noise=0.5).points

    assert np.array_equal(run(1), run(1))
    assert not np.array_equal(run(1), run(2))


def test_an_optimizer_is_given_what_it_needs():
    seen = []

    class Curious(ds.SGD):
        needs = ("hessian", "hessian_diag", "previous_grads")

        def rule(self, t, w, g, **needed):
            seen.append(needed | {"g": g})
            return (-self.lr * g,)

    points = ds.descend(RAVINE, Curious(), [2.0, 1.0], 3, rng=np.random.default_rng(0), noise=0.5).points
    np.testing.assert_array_equal(seen[0]["hessian"], RAVINE.hessian(points[0]))
    np.testing.assert_array_equal(seen[0]["hessian_diag"], [1.0, 20.0])
    np.testing.assert_array_equal(seen[0]["previous_grads"], [0.0, 0.0])
    for k in (1, 2):  # the noise of one sample: the difference has none
        change = RAVINE.gradient(points[k]) - RAVINE.gradient(points[k - 1])
        np.testing.assert_allclose(seen[k]["g"] - seen[k]["previous_grads"], change, rtol=1e-12)


def test_no_steps_leave_the_start():
    trace = ds.descend(RAVINE, ds.SGD(), [1.0, 1.0], steps=0)
    assert trace.points.shape == (1, 2)
    assert trace.updates.shape == (0, 2)


def test_a_walk_that_diverges_gives_back_its_trace():
    with pytest.raises(ds.DivergedError, match=r"SGD\(lr=10.0\) left the finite numbers at step \d+ of 5000") as error:
        ds.descend(RAVINE, ds.SGD(lr=10.0), [1.0, 1.0], steps=5000)
    trace = error.value.trace
    assert trace.steps > 10
    assert len(trace.points) == trace.steps + 1 == len(trace.values)
    assert np.isfinite(trace.points).all()
    assert np.isfinite(trace.values).all()


def test_a_divergence_goes_from_process_to_process():
    with pytest.raises(ds.DivergedError) as info:
        ds.descend(RAVINE, ds.SGD(lr=10.0), [1.0, 1.0], steps=5000)
    info.value.add_note("the third of three")
    sent = pickle.loads(pickle.dumps(info.value))
    assert type(sent) is ds.DivergedError
    assert str(sent) == str(info.value)
    assert sent.__notes__ == ["the third of three"]
    np.testing.assert_equal(vars(sent.trace), vars(info.value.trace))
    assert sent.history is sent.trace


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": -1}, "steps must be at least 0 and finite, got -1"),
        ({"noise": -0.5}, "noise must be at least 0 and finite, got -0.5"),
        (
            {"noise": 0.5},
            "rng must be a numpy.random.Generator when noise is not zero, got noise=0.5 and rng=None",
        ),
        ({"start": [np.nan, 0.0]}, "start must be finite, got [nan  0.]"),
    ],
)
def test_bad_input_is_named(arguments, message):
    with pytest.raises(ValueError) as error:
        ds.descend(**{"landscape": RAVINE, "opt": ds.SGD(), "start": [1.0, 1.0], "steps": 3} | arguments)
    assert str(error.value) == message
