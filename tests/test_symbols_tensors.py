"""The formula read from a rule that works on whole arrays is the rule."""

import downslope as ds
import numpy as np
import pytest
import sympy as sp
from downslope import symbols
from downslope.symbols import tensors
from downslope.symbols.tensors import Tensor
from scipy.linalg import fractional_matrix_power
from settings import TENSORWISE, point

A, B, x = sp.symbols("A B x", real=True)


def quintic(G: np.ndarray, steps: int) -> np.ndarray:
    """Newton-Schulz on the singular values, one by one."""
    U, S, V = np.linalg.svd(G, full_matrices=False)
    S = S / np.linalg.norm(S)
    for _ in range(int(steps)):
        S = 3.4445 * S - 4.7750 * S**3 + 2.0315 * S**5
    return U * S @ V


def balance(M: np.ndarray, p: float) -> np.ndarray:
    """Rows, then columns, over the p-th root of the sum of p-th powers."""
    M = M / (np.abs(M) ** p).sum(axis=1)[:, None] ** (1 / p)
    return M / (np.abs(M) ** p).sum(axis=0) ** (1 / p)


IN_NUMBERS = {
    "Norm": lambda x: np.linalg.norm(x.ravel()),
    "RootMeanSquare": lambda x: np.linalg.norm(x.ravel()) / np.sqrt(x.size),
    "RowMean": lambda x: x.mean(axis=1)[:, None],
    "ColumnMean": lambda x: x.mean(axis=0)[None, :],
    "Transposed": np.transpose,
    "Product": lambda *args: np.linalg.multi_dot(args),
    "InverseRoot": lambda x, p: fractional_matrix_power(x, -1 / p),
    "NewtonSchulz": quintic,
    "Balanced": balance,
    "SecondMoment": lambda x: np.mean([np.outer(row, row) for row in x], axis=0),
    "MeanEigenvalue": lambda x: np.linalg.eigvalsh(x).mean(),
}
SHAPES = [(3, 5), (5, 3), (4, 4)]


def numbers(opt, shape):
    """Arguments of a step, each under its symbol."""
    m, n = shape
    slots = {"r": (m, 1), "c": (1, n), "L": (m, m), "R": (n, n)}
    if opt.name == "NorMuon":
        slots["s"] = (m, 1)
    values = {symbols.w: point(0, shape), symbols.g: point(1, shape)}
    for k, slot in enumerate(opt.stored):
        drawn = point(2 + k, slots.get(slot, shape))
        values[symbols.before(slot)] = drawn @ drawn.T + np.eye(m if slot == "L" else n) if slot in "LR" else drawn**2
    return values


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("opt", [p for p in TENSORWISE if p.values[0].name not in ("Newton", "KFAC")])
def test_the_formula_computes_what_the_rule_computes(opt, shape):
    reading, values = symbols.read(opt), numbers(opt, shape)
    needed = {name: point(9, shape) for name in opt.needs}
    sizes = {tensors.rows: shape[0], tensors.columns: shape[1]}
    settings = {symbol: getattr(opt, name) for name, symbol in reading.hyperparameters.items()}
    for t in (1, 2, 30):
        given = values | settings | sizes | {symbols.t: t} | {symbols.NEEDED[name]: x for name, x in needed.items()}
        w, g, *kept = values.values()
        for name, ours in zip(("v", *reading.slots), opt.step(t, w, g, *kept, **needed), strict=True):
            compute = sp.lambdify(list(given), reading.expanded(name), [IN_NUMBERS, "numpy"])
            np.testing.assert_allclose(compute(*given.values()), ours, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("damping", [0.0, 2.0])
def test_newtons_formula_computes_what_its_rule_computes(damping):
    opt, H = ds.Newton(lr=0.5, damping=damping), point(0, (4, 4))
    w, g = point(1, (2, 4))
    v = symbols.read(opt).expanded("v")
    given = {symbols.hyperparameter("lr"): 0.5, symbols.hyperparameter("damping"): damping, tensors.identity: np.eye(4)}
    given |= {symbols.g: g, symbols.NEEDED["hessian"]: H}
    compute = sp.lambdify(list(given), v, [IN_NUMBERS, "numpy"])
    np.testing.assert_allclose(compute(*given.values()), opt.step(1, w, g, hessian=H)[0], rtol=1e-9)


@pytest.mark.parametrize("t", [1, 5])
def test_kfacs_formula_computes_what_its_rule_computes(t):
    """For a square matrix, where both identities of the formula are one."""
    opt, (w, g, X, D) = ds.KFAC(damping=0.3), (point(k, (4, 4)) for k in range(4))
    kept = [x.T @ x for x in (point(5, (4, 4)), point(6, (4, 4)))]
    reading = symbols.read(opt)
    given = {symbol: getattr(opt, name) for name, symbol in reading.hyperparameters.items()}
    given |= {symbols.t: t, symbols.w: w, symbols.g: g, tensors.identity: np.eye(4)}
    given |= {symbols.before("A"): kept[0], symbols.before("S"): kept[1]}
    given |= {symbols.NEEDED["inputs"]: X, symbols.NEEDED["output_grads"]: D}
    for name, ours in zip(("v", "A", "S"), opt.step(t, w, g, *kept, inputs=X, output_grads=D), strict=True):
        compute = sp.lambdify(list(given), reading.expanded(name), [IN_NUMBERS, "numpy"])
        np.testing.assert_allclose(compute(*given.values()), ours, rtol=1e-9)


LINES = {
    ds.KFAC(): r"v_{t} &= - \eta Q_{t}^{-1} g_{t} P_{t}^{-1}",
    ds.Newton(damping=1.0): r"v_{t} &= - \eta (H_{t} + \delta I)^{-1} g_{t}",
    ds.Shampoo(): r"v_{t} &= - \eta L_{t}^{-1/4} g_{t} R_{t}^{-1/4}",
    ds.LAMB(): r"v_{t} &= - \frac{\eta \lVert w_{t} \rVert u_{t}}{\lVert u_{t} \rVert}",
    ds.LARS(weight_decay=0.1): r"\hat{\eta}_t &= \frac{\eta \rho \lVert w_{t} \rVert}"
    r"{\lVert g_{t} \rVert + \lambda \lVert w_{t} \rVert}",
    ds.AdaFactor(): r"u_{t} &= \frac{g_{t}}{\sqrt{\bar{r}_t} \sqrt{c_{t}}}",
    ds.NorMuon(): r"q_{t} &= \frac{0.2 \sqrt{m n}}{\lVert u_{t} \rVert + \epsilon}",
    ds.Moonlight(): r"v_{t} &= - \eta (0.2 \sqrt{\max\left(m, n\right)} o_{t} + \lambda w_{t})",
    ds.MARS(): r"d_{t} &= g_{t} + \frac{\beta_{1} \gamma (g_{t} - \tilde{g}_t)}{1 - \beta_{1}}",
    ds.REG(): r"o_{t} &= \operatorname{balanced}_{p} (m_{t})",
}


@pytest.mark.parametrize(("opt", "line"), LINES.items(), ids=lambda x: getattr(x, "name", ""))
def test_a_formula_of_whole_arrays_reads_as_an_author_writes_it(opt, line):
    assert line in ds.formula(opt).latex


def test_numbers_go_in_front_of_a_matrix_product():
    lr = Tensor(symbols.hyperparameter("lr"))
    a, b = Tensor(A), Tensor(B)
    assert (-2 * lr * a @ b @ a.T).expr == -2 * lr.expr * tensors.Product(A, B, tensors.Transposed(A))


def test_what_has_no_reading_is_refused_by_name():
    whole = Tensor(x)
    with pytest.raises(TypeError, match=r"sums x has no symbolic reading"):
        np.sum(whole)
    with pytest.raises(TypeError, match=r"keepdims=True alone"):
        np.mean(whole, axis=0)
    with pytest.raises(TypeError, match=r"the part 1 of an array"):
        whole[1]
    with pytest.raises(TypeError, match=r"numpy\.cumsum has no symbolic reading"):
        np.cumsum(whole)
