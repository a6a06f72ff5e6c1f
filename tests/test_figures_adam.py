"""The numbers under the figures of the chapter on Adam, against the optimizers themselves."""

import downslope as ds
import numpy as np
import pytest
import sympy as sp
from downslope.figures import adam

w = sp.Symbol("w")
PARABOLA = ds.landscapes.from_expression(w**2, [w])
SLOPE = ds.landscapes.from_expression(3 * w, [w])


@pytest.mark.parametrize(("beta1", "beta2"), [(0.9, 0.999), (0.0, 0.9), (0.5, 0.99)])
def test_first_steps_are_those_of_uncorrected_adam(beta1, beta2):
    opt = ds.Adam(lr=0.1, beta1=beta1, beta2=beta2, eps=0.0, bias_correction=False)
    trace = ds.descend(SLOPE, opt, [0.0], steps=40)
    lengths = adam.first_steps(beta1, beta2, np.arange(1, 41))
    np.testing.assert_allclose(-trace.updates[:, 0] / 0.1, lengths, rtol=1e-9)


def test_the_strain_is_the_step_over_the_mean_gradient():
    trace = ds.descend(PARABOLA, ds.Adam(lr=0.1), [1.0], steps=50)
    m_hat = ds.ewma(trace.gradients[:, 0], 0.9, bias_correction=True)
    strain = adam.strain(trace, lr=0.1, curvature=2.0)
    np.testing.assert_allclose(strain, -2 * trace.updates[:, 0] / m_hat, rtol=1e-9)


def test_a_loss_beyond_the_frame_is_drawn_at_its_edge():
    fig = adam.sensitivity([0.1, 1.0], {"SGD": [[0.2, 1e9]]}, ylim=(0.1, 5.0))
    assert fig.axes[0].lines[0].get_ydata().max() == 5.0
