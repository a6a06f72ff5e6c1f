"""Every layer and every loss against its witnesses: SymPy, differences, the tape, and PyTorch's recorded gradients.

The numbers are those of ``tests/oracles/layers.py``; ``tests/oracles/record_layers.py`` records PyTorch's answers.
"""

import inspect
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp
from downslope import networks
from downslope.networks import (
    GELU,
    MLP,
    RNN,
    Attention,
    BatchNorm,
    Chain,
    Conv2D,
    Dense,
    Embedding,
    FixedNorm,
    Layer,
    LayerNorm,
    MaxPool2D,
    Model,
    Position,
    ReLU,
    Reshape,
    Residual,
    Sigmoid,
    Softmax,
    Tanh,
    central_difference,
    complex_step,
    gradient_check,
    tape,
)
from downslope.optimizers import Adam
from downslope.trees import Tree, leaves, tree_map
from hypothesis import given
from hypothesis import strategies as st
from oracles import layers
from oracles.layers import LABELS, LOSSES, MEAN, NUMBERS, TOKENS, VARIANCE, draw, numbers
from settings import quick
from sympy import Matrix, exp, ones, sqrt, tanh

PYTORCH = json.loads((Path(__file__).parent / "oracles/layers.json").read_text())

LAYERS: dict[str, Layer] = {
    "Attention": Attention(heads=2),
    "Attention, not causal": Attention(heads=2, causal=False),
    "BatchNorm": BatchNorm(2),
    "Chain": Chain({"first": Dense(3, 2), "tanh": Tanh(), "last": Dense(2, 1)}),
    "Conv2D": Conv2D(2, 2, size=2),
    "Conv2D, same": Conv2D(2, 2, size=3, padding="same"),
    "Dense": Dense(3, 2),
    "Embedding": Embedding(3, 2),
    "FixedNorm": FixedNorm(MEAN, VARIANCE),
    "GELU": GELU(),
    "LayerNorm": LayerNorm(3),
    "MaxPool2D": MaxPool2D(2),
    "Position": Position(3, 2),
    "RNN": RNN(2, 2),
    "ReLU": ReLU(),
    "Reshape": Reshape((2, 2)),
    "Residual": Residual(Dense(3, 3)),
    "Sigmoid": Sigmoid(),
    "Softmax": Softmax(),
    "Tanh": Tanh(),
}
CORNERED = {"MaxPool2D", "ReLU"}  # not analytic: no complex step

EXPORTED = {
    thing
    for name in dir(networks)
    if inspect.isclass(thing := getattr(networks, name)) and issubclass(thing, Layer) and not inspect.isabstract(thing)
}

# What each layer computes, once more, entry by entry: x and the parameters are arrays of symbols.


def by_rows(function: Any, x: Any) -> list[Any]:
    """The entries of a function of matrices with one row, over the rows of a 2-D array."""
    return [entry for row in x for entry in function(Matrix([list(row)]))]


def dense(x: Any, W: Any, b: Any) -> Any:
    return Matrix(x) * Matrix(W).T + ones(len(x), 1) * Matrix([list(b)])


def softmaxed(row: Any) -> Any:
    weights = row.applyfunc(exp)
    return weights / sum(weights)


def standard(column: Any, scale: Any, shift: Any) -> Any:
    mean = sum(column) / len(column)
    variance = sum((entry - mean) ** 2 for entry in column) / len(column)
    return [scale * (entry - mean) / sqrt(variance + sp.Rational(1, 10**5)) + shift for entry in column]


def batch_norm(x: Any, scale: Any, shift: Any) -> list[Any]:
    return list(Matrix([standard(x[:, j], scale[j], shift[j]) for j in range(2)]).T)


def layer_norm(x: Any, scale: Any, shift: Any) -> list[Any]:
    normal = [standard(row, 1, 0) for row in x]
    return [scale[j] * row[j] + shift[j] for row in normal for j in range(3)]


def attention(x: Any, causal: bool) -> list[Any]:
    heads = []
    for columns in (slice(0, 2), slice(2, 4)):
        Q, K, V = (Matrix(x[0, :, start:][:, columns]) for start in (0, 4, 8))
        scores = Q * K.T / sqrt(2)
        seen = [t + 1 if causal else 3 for t in range(3)]
        heads.append(Matrix.vstack(*(softmaxed(scores[t, :n]) * V[:n, :] for t, n in enumerate(seen))))
    return list(Matrix.hstack(*heads))


def convolution(x: Any, W: Any, b: Any) -> list[Any]:
    size = W.shape[1]
    rows, columns = (n - size + 1 for n in x.shape[1:3])
    return [
        sum((W[c] * x[0, i : i + size, j : j + size]).ravel()) + b[c]
        for i in range(rows)
        for j in range(columns)
        for c in range(len(W))
    ]


def recurrent(x: Any, W: Any, U: Any, b: Any) -> list[Any]:
    out = []
    for sequence in x:
        h = sp.zeros(2, 1)
        for row in sequence:
            h = (Matrix(W) * Matrix(row) + Matrix(U) * h + Matrix(b)).applyfunc(tanh)
            out += list(h)
    return out


def chain(x: Any, **p: Any) -> Any:
    return dense(dense(x, p["first.W"], p["first.b"]).applyfunc(tanh).tolist(), p["last.W"], p["last.b"])


def gelu(z: Any) -> Any:
    return z / 2 * (1 + tanh(sqrt(2 / sp.pi) * (z + sp.Float("0.044715", 30) * z**3)))


SYMPY = {
    "Attention": lambda x: attention(x, causal=True),
    "Attention, not causal": lambda x: attention(x, causal=False),
    "BatchNorm": batch_norm,
    "Chain": chain,
    "Conv2D": convolution,
    "Conv2D, same": lambda x, W, b: convolution(np.pad(x, [(0, 0), (1, 1), (1, 1), (0, 0)]), W, b),
    "Dense": dense,
    "Embedding": lambda W: [entry for token in TOKENS.ravel() for entry in W[token]],
    "FixedNorm": lambda x, scale, shift: [
        scale[j] * (row[j] - MEAN[j]) / sqrt(VARIANCE[j] + 1e-5) + shift[j] for row in x for j in range(2)
    ],
    "GELU": lambda x: [gelu(z) for z in x.ravel()],
    "LayerNorm": layer_norm,
    "MaxPool2D": lambda x: [sp.Max(*x[0, :, j : j + 2].ravel()) for j in (0, 2)],
    "Position": lambda x, W: [entry for sequence in x for entry in Matrix(sequence) + Matrix(W[:2])],
    "RNN": recurrent,
    "ReLU": lambda x: [sp.Max(z, 0) for z in x.ravel()],
    "Reshape": lambda x: list(x.ravel()),
    "Residual": lambda x, W, b: Matrix(x) + dense(x, W, b),
    "Sigmoid": lambda x: [1 / (1 + exp(-z)) for z in x.ravel()],
    "Softmax": lambda x: by_rows(softmaxed, x),
    "Tanh": lambda x: [tanh(z) for z in x.ravel()],
}

# The witnesses: from a case to the gradients of the outputs' sum weighted by dy.

Gradients = dict[str, np.ndarray]


def split(given: dict[str, Any]) -> tuple[Any, Tree]:
    """The input and the nested parameters from their flat names."""
    params: dict[str, Any] = {}
    for path, leaf in given.items():
        *outer, last = path.split(".")
        branch = params
        for key in outer:
            branch = branch.setdefault(key, {})
        branch[last] = leaf
    return params.pop("x", TOKENS), params


def weighted(name: str, given: dict[str, Any]) -> Any:
    x, params = split(given)
    y = LAYERS[name].forward(params, x)[0]
    return (y * draw(name, "dy", y.shape)).sum()


@cache
def sympys(name: str) -> Gradients:
    given = numbers(name)
    symbols = {what: np.array(sp.symbols(f"{what}:{a.size}")).reshape(a.shape) for what, a in given.items()}
    y = list(SYMPY[name](**symbols))
    loss = sum(a * sp.Float(b, 30) for a, b in zip(y, draw(name, "dy", (len(y),)), strict=True))
    flat = [symbol for array in symbols.values() for symbol in array.ravel()]
    slopes = sp.lambdify(flat, [loss.diff(symbol) for symbol in flat], "numpy", cse=True)
    found = np.array(slopes(*np.concatenate([a.ravel() for a in given.values()])), dtype=float)
    parts = np.split(found, np.cumsum([a.size for a in given.values()])[:-1])
    return {what: part.reshape(a.shape) for (what, a), part in zip(given.items(), parts, strict=True)}


@cache
def differences(name: str) -> Gradients:
    return central_difference(lambda given: weighted(name, given), numbers(name))


@cache
def complex_steps(name: str) -> Gradients:
    return complex_step(lambda given: weighted(name, given), numbers(name))


@cache
def pytorchs(name: str) -> Gradients:
    return {what: np.array(PYTORCH[f"{name}: d{what}"]) for what in NUMBERS[name]}


@cache
def tapes(name: str) -> Gradients:
    return tape.grad(lambda given: weighted(name, given))(numbers(name))


WITNESSES = {"SymPy": (sympys, 1e-11), "central differences": (differences, 1e-7), "the tape": (tapes, 1e-12)}
WITNESSES |= {"the complex step": (complex_steps, 1e-12), "PyTorch": (pytorchs, 1e-12)}
TRIALS = [(w, name) for w in WITNESSES for name in LAYERS if w != "the complex step" or name not in CORNERED]


def ours(name: str, layer: Layer) -> Gradients:
    x, params = split(numbers(name))
    y, cache = layer.forward(params, x)
    dx, grads = layer.backward(params, cache, draw(name, "dy", y.shape))
    return ({} if dx is None else {"x": dx}) | dict(leaves(grads))


def wrong(witness: str, name: str, layer: Layer) -> list[str]:
    """The gradients with which the witness does not agree, each with the layer's name."""
    recall, tolerance = WITNESSES[witness]
    expected, found = recall(name), ours(name, layer)
    assert found.keys() == expected.keys(), name
    agree = {what: np.allclose(found[what], expected[what], rtol=tolerance, atol=tolerance) for what in expected}
    return [f"{name}: d{what}" for what, fine in agree.items() if not fine]


@dataclass(frozen=True)
class Planted(Layer):
    """A layer with a wrong sign in one of its gradients."""

    layer: Layer
    what: str

    def forward(self, params, x):
        return self.layer.forward(params, x)

    def backward(self, params, cache, dy):
        dx, grads = self.layer.backward(params, cache, dy)
        _, flipped = split({path: -leaf if path == self.what else leaf for path, leaf in leaves(grads)})
        return -dx if self.what == "x" else dx, flipped


def test_every_exported_layer_has_its_case_and_its_three_witnesses():
    assert {type(layer) for layer in LAYERS.values()} == EXPORTED
    assert LAYERS.keys() == NUMBERS.keys() == SYMPY.keys()


@pytest.mark.parametrize(("witness", "name"), TRIALS)
def test_the_backward_pass_is_what_the_witness_says(witness, name):
    assert not wrong(witness, name, LAYERS[name])


@pytest.mark.parametrize(("witness", "name"), TRIALS)
def test_a_planted_sign_error_is_found_and_its_layer_named(witness, name):
    for what in NUMBERS[name]:
        assert wrong(witness, name, Planted(LAYERS[name], what)) == [f"{name}: d{what}"]


@pytest.mark.parametrize("name", LAYERS)
def test_the_forward_pass_is_pytorchs(name):
    x, params = split(numbers(name))
    np.testing.assert_allclose(LAYERS[name].forward(params, x)[0], PYTORCH[f"{name}: y"], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", LAYERS)
def test_single_precision_in_is_single_precision_out(name):
    x, params = split({what: array.astype(np.float32) for what, array in numbers(name).items()})
    y, cache = LAYERS[name].forward(params, x)
    dx, grads = LAYERS[name].backward(params, cache, draw(name, "dy", y.shape).astype(np.float32))
    made = dict(leaves(grads)) | {"y": y} | ({} if dx is None else {"x": dx})
    assert {what: array.dtype for what, array in made.items()} == dict.fromkeys(made, np.float32)
    for what, array in ours(name, LAYERS[name]).items():
        np.testing.assert_allclose(made[what], array, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", LAYERS)
def test_the_passes_change_nothing_that_they_are_given(name):
    x, params = split(numbers(name))
    y, cache = LAYERS[name].forward(params, x)
    dy = draw(name, "dy", y.shape)
    first = LAYERS[name].backward(params, cache, dy)
    second = LAYERS[name].backward(params, cache, dy)
    tree_map(np.testing.assert_array_equal, {"dx": first[0], **first[1]}, {"dx": second[0], **second[1]})
    fresh_x, fresh = split(numbers(name))
    np.testing.assert_array_equal(x, fresh_x)
    tree_map(np.testing.assert_array_equal, params, fresh)
    np.testing.assert_array_equal(dy, draw(name, "dy", y.shape))


# Other shapes: what enters, for a batch of so many examples, a width, and a number of places or outputs.

SIZED = {
    "Attention": lambda n, a, b: (Attention(heads=a), (n, b, 3 * a * 2)),
    "BatchNorm": lambda n, a, b: (BatchNorm(a), (n + 1, b, a)),
    "Conv2D": lambda n, a, b: (Conv2D(a, b, size=3, padding="same"), (n, b + 1, a, a)),
    "Dense": lambda n, a, b: (Dense(a, b), (n, b, a)),
    "LayerNorm": lambda n, a, b: (LayerNorm(a + 1), (n, b, a + 1)),
    "MaxPool2D": lambda n, a, b: (MaxPool2D(a), (n, a * b, 2 * a, b)),
    "Position": lambda n, a, b: (Position(b + 1, a), (n, b, a)),
    "RNN": lambda n, a, b: (RNN(a, b), (n, b, a)),
    "Reshape": lambda n, a, b: (Reshape((b, -1)), (n, a, b)),
    "Residual": lambda n, a, b: (Residual(Chain({"dense": Dense(a, a), "gelu": GELU()})), (n, b, a)),
    "Softmax": lambda n, a, b: (Softmax(), (n, b, a)),
}


@pytest.mark.parametrize("name", SIZED)
@quick
@given(n=st.integers(1, 3), a=st.integers(1, 3), b=st.integers(1, 3), seed=st.integers(0, 2**32 - 1))
def test_the_backward_pass_holds_for_other_shapes(name, n, a, b, seed):
    rng = np.random.default_rng(seed)
    layer, shape = SIZED[name](n, a, b)
    params = tree_map(lambda w: w + 0.1 * rng.normal(size=w.shape), layer.init(rng))
    x = rng.normal(size=shape)
    dy = rng.normal(size=layer.forward(params, x)[0].shape)

    def f(given: Tree) -> tuple[Any, Tree]:
        y, cache = layer.forward(given["params"], given["x"])
        dx, grads = layer.backward(given["params"], cache, dy)
        return (y * dy).sum(), {"x": dx, "params": grads}

    report = gradient_check(f, {"x": x, "params": params})
    assert report.ok, f"{name}\n{report}"


@quick
@given(n=st.integers(1, 5), tokens=st.integers(1, 4), width=st.integers(1, 3), seed=st.integers(0, 2**32 - 1))
def test_an_embeddings_gradient_sums_over_equal_tokens(n, tokens, width, seed):
    rng = np.random.default_rng(seed)
    layer, ids = Embedding(tokens, width), rng.integers(tokens, size=(n, 2))
    dy = rng.normal(size=(n, 2, width))
    _, cache = layer.forward(params := layer.init(rng), ids)
    one_hot = np.eye(tokens)[ids].reshape(-1, tokens)
    found = layer.backward(params, cache, dy)[1]["W"]
    np.testing.assert_allclose(found, one_hot.T @ dy.reshape(-1, width), rtol=1e-12, atol=1e-12)


# Losses.


def negative_log(y_hat: Any, y: Any) -> Any:
    return -sum(sp.log(softmaxed(Matrix([list(row)]))[k]) for row, k in zip(y_hat, LABELS, strict=True)) / len(LABELS)


VALUES = {
    "cross_entropy": negative_log,
    "half_squared_error": lambda y_hat, y: sum(((y_hat - y) ** 2).ravel()) / 4,
    "mean_squared_error": lambda y_hat, y: sum(((y_hat - y) ** 2).ravel()) / 6,
}


def at(name: str) -> tuple[np.ndarray, np.ndarray]:
    y_hat, y = (draw(name, what, LOSSES[name]) for what in ("y_hat", "y"))
    return y_hat, LABELS if name == "cross_entropy" else y


def loss_witnesses(name: str) -> dict[str, tuple[np.ndarray, float]]:
    y_hat, y = at(name)
    symbols = np.array(sp.symbols(f"y:{y_hat.size}")).reshape(y_hat.shape)
    value = VALUES[name](symbols, y)
    point = dict(zip(symbols.ravel(), y_hat.ravel(), strict=True))
    slopes = [float(value.diff(symbol).subs(point)) for symbol in symbols.ravel()]
    function = getattr(networks, name)
    return {
        "SymPy": (np.reshape(slopes, y_hat.shape), 1e-12),
        "central differences": (central_difference(lambda y_hat: function(y_hat, y)[0], y_hat), 1e-7),
        "the complex step": (complex_step(lambda y_hat: function(y_hat, y)[0], y_hat), 1e-12),
        "PyTorch": (np.array(PYTORCH[f"{name}: gradient"]), 1e-12),
    }


@pytest.mark.parametrize("name", networks.losses.__all__)
def test_a_losss_gradient_is_what_the_witnesses_say_and_a_wrong_sign_is_found(name):
    value, gradient = getattr(networks, name)(*at(name))
    assert value == pytest.approx(PYTORCH[f"{name}: value"], rel=1e-12)
    for witness, (expected, tolerance) in loss_witnesses(name).items():
        assert np.allclose(gradient, expected, rtol=tolerance, atol=tolerance), f"{name}, {witness}"
        assert not np.allclose(-gradient, expected, rtol=tolerance, atol=tolerance), f"{name}, {witness}"


@pytest.mark.parametrize("name", networks.losses.__all__)
def test_a_loss_keeps_single_precision(name):
    y_hat, y = at(name)
    y = y if name == "cross_entropy" else y.astype(np.float32)
    value, gradient = getattr(networks, name)(y_hat.astype(np.float32), y)
    assert value.dtype == gradient.dtype == np.float32


def test_cross_entropy_does_not_overflow():
    value, gradient = networks.cross_entropy(np.array([[1e4, 0.0], [0.0, 1e4]]), np.array([0, 0]))
    assert value == 5000
    np.testing.assert_array_equal(gradient, [[0, 0], [-0.5, 0.5]])


def test_the_loss_of_a_sequence_is_the_mean_over_its_places():
    scores, labels = draw("sequence", "scores", (2, 3, 4)), np.array([[0, 1, 2], [3, 0, 1]])
    value, gradient = networks.cross_entropy(scores, labels)
    flat, by_row = networks.cross_entropy(scores.reshape(6, 4), labels.ravel())
    assert value == flat
    np.testing.assert_array_equal(gradient.reshape(6, 4), by_row)


def test_the_recordings_were_made_with_the_pinned_version():
    assert f"torch=={PYTORCH['torch']}" in (Path(__file__).parent / "oracles/requirements.txt").read_text().split()


# What the layers promise besides their gradients.


def test_a_fixed_norm_predicts_for_one_example_as_the_batch_did_for_all():
    x, params = split(numbers("BatchNorm"))
    whole, _ = BatchNorm(2).forward(params, x)
    alone = [BatchNorm(2).fixed(x).forward(params, row[None])[0] for row in x]
    np.testing.assert_allclose(np.concatenate(alone), whole, rtol=1e-12)


def test_attention_does_not_look_ahead_and_its_gradient_does_not_look_back():
    x, _ = split(numbers("Attention"))
    y, _ = Attention(heads=2).forward({}, x)
    later = x.copy()
    later[:, 2] += 1
    np.testing.assert_array_equal(Attention(heads=2).forward({}, later)[0][:, :2], y[:, :2])
    assert not np.allclose(Attention(heads=2, causal=False).forward({}, later)[0][:, :2], y[:, :2])


def test_a_small_network_of_pictures_passes_the_gradient_check():
    parts = {"picture": Reshape((4, 4, 1)), "see": Conv2D(1, 2, padding="same"), "bend": Tanh(), "pool": MaxPool2D(2)}
    chain = Chain(parts | {"flat": Reshape((-1,)), "out": Dense(8, 3)})
    model = Model(chain, networks.cross_entropy, rng=np.random.default_rng(0))
    x, y = draw("pictures", "x", (5, 16)), np.array([0, 1, 2, 1, 0])
    assert gradient_check(lambda p: model.gradient(p, x, y), model.params).ok


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Conv2D(1, 1, padding="full"), "padding must be 'valid' or 'same', got 'full'"),
        (lambda: Conv2D(1, 1, size=2, padding="same"), "size must be odd where padding is 'same', got 2"),
        (
            lambda: MaxPool2D(2).forward({}, np.zeros((1, 4, 3, 1))),
            "x must have a height and a width that 2 divides, got 4 and 3",
        ),
        (
            lambda: Attention(heads=2).forward({}, np.zeros((1, 2, 9))),
            "the last axis of x must be a multiple of 3 heads = 6, got 9",
        ),
        (
            lambda: Position(2, 1).forward({"W": np.zeros((2, 1))}, np.zeros((1, 3, 1))),
            "x may have at most 2 places, got 3",
        ),
        (lambda: small_gpt().generate({}, [], 1, np.random.default_rng(0)), "prompt must hold at least one token"),
        (
            lambda: small_gpt().generate({}, [0], 1, np.random.default_rng(0), temperature=0),
            "temperature must be positive, got 0",
        ),
        (lambda: MLP([3], rng=np.random.default_rng(0)), "widths must be two or more"),
        (lambda: networks.cross_entropy(np.zeros((2, 3)), np.zeros(3, int)), "labels must have shape (2,)"),
        (lambda: networks.mean_squared_error(np.zeros((2, 1)), np.zeros(2)), "y_hat must have the shape of y, (2,)"),
        (
            lambda: networks.cross_entropy(np.zeros((2, 3)), np.array([1, -1])),
            "labels must hold integers in [0, 3), got -1",
        ),
        (
            lambda: networks.cross_entropy(np.zeros((2, 3)), np.array([3, 1])),
            "labels must hold integers in [0, 3), got 3",
        ),
        (lambda: MLP([3, 0, 2], rng=np.random.default_rng(0)), "widths must be at least 1 and finite, got 0"),
        (lambda: Dense(0, 2), "n_in must be at least 1 and finite, got 0"),
        (lambda: Conv2D(1, 1, size=0), "size must be at least 1 and finite, got 0"),
        (lambda: MaxPool2D(0), "size must be at least 1 and finite, got 0"),
        (lambda: Attention(0), "heads must be at least 1 and finite, got 0"),
        (lambda: networks.transformer_block(8, heads=2, depth=0), "depth must be at least 1 and finite, got 0"),
        (lambda: networks.transformer_block(8, heads=3, depth=1), "width must be a multiple of heads = 3, got 8"),
        (
            lambda: networks.GPT(5, width=64, heads=3, block=any_block, rng=np.random.default_rng(0)),
            "width must be a multiple of heads = 3, got 64",
        ),
        (
            lambda: networks.GPT(5, depth=-1, rng=np.random.default_rng(0)),
            "depth must be at least 0 and finite, got -1",
        ),
        (lambda: forward(Dense(3, 2), (4, 5)), "x must have shape (4, 3), got (4, 5)"),
        (lambda: forward(Chain({"a": Dense(3, 2), "b": Dense(3, 1)}), (5, 3)), "x must have shape (5, 3), got (5, 2)"),
        (lambda: forward(Residual(Dense(2, 1)), (4, 2)), "the layer's output must have shape (4, 2), got (4, 1)"),
        (lambda: forward(LayerNorm(1), (4, 3)), "x must have shape (4, 1), got (4, 3)"),
        (lambda: forward(BatchNorm(1), (4, 3)), "x must have shape (4, 1), got (4, 3)"),
        (lambda: forward(FixedNorm(np.zeros(1), np.ones(1)), (4, 3)), "x must have shape (4, 1), got (4, 3)"),
        (lambda: forward(Position(3, 1), (1, 2, 4)), "x must have shape (1, 2, 1), got (1, 2, 4)"),
        (lambda: forward(Conv2D(1, 1, 4), (1, 3, 5, 1)), "x must have a height and a width of at least 4, got 3 and 5"),
        (lambda: forward(Conv2D(2, 1), (1, 5, 5, 1)), "x must have shape (batch, height, width, 2), got (1, 5, 5, 1)"),
        (lambda: forward(MaxPool2D(), (4, 4)), "x must have shape (batch, height, width, channels), got (4, 4)"),
        (lambda: forward(Attention(1), (4, 6)), "x must have shape (batch, time, 3 width), got (4, 6)"),
        (lambda: forward(RNN(2, 3), (4, 2)), "x must have shape (batch, time, 2), got (4, 2)"),
        (lambda: forward(RNN(2, 3), (1, 4, 3)), "x must have shape (batch, time, 2), got (1, 4, 3)"),
        (lambda: forward(RNN(2, 3), (1, 0, 2)), "x must have at least one place in time, got shape (1, 0, 2)"),
        (lambda: backward("Dense", lambda dy: dy.reshape(4, 1)), "dy must have shape (2, 2), got (4, 1)"),
        (lambda: backward("Conv2D", lambda dy: dy.swapaxes(1, 2)), "dy must have shape (1, 2, 3, 2), got (1, 3, 2, 2)"),
        (lambda: backward("Embedding", lambda dy: dy.swapaxes(1, 2)), "dy must have shape (1, 4, 2), got (1, 2, 4)"),
        (lambda: backward("RNN", lambda dy: dy[:, :1]), "dy must have shape (2, 3, 2), got (2, 1, 2)"),
        (
            lambda: Embedding(3, 2).forward({"W": np.zeros((3, 2))}, np.array([[-1, 5]])),
            "x must hold integers in [0, 3), got -1",
        ),
        (
            lambda: Embedding(3, 2).forward({"W": np.zeros((3, 2))}, np.array([[1, 5]])),
            "x must hold integers in [0, 3), got 5",
        ),
        (
            lambda: small_gpt().generate({}, [0], -1, np.random.default_rng(0)),
            "n must be at least 0 and finite, got -1",
        ),
        (
            lambda: gradient_check(lambda p: (0.0, p), {"W": np.zeros((0, 2))}),
            "params['W'] must hold at least one number, got shape (0, 2)",
        ),
    ],
)
def test_what_does_not_fit_is_refused_by_name(make, message):
    with pytest.raises(ValueError) as error:
        make()
    assert message in str(error.value)


def forward(layer: Layer, shape: tuple[int, ...]) -> Any:
    return layer.forward(layer.init(np.random.default_rng(0)), np.zeros(shape))


def backward(name: str, wrong: Any) -> Any:
    x, params = split(numbers(name))
    y, cache = LAYERS[name].forward(params, x)
    return LAYERS[name].backward(params, cache, wrong(draw(name, "dy", y.shape)))


def any_block(width: int, heads: int, depth: int) -> Layer:
    return Chain({"attend": Residual(Dense(width, width))})


@pytest.mark.parametrize("kind", ["float64", "bool"])
def test_what_picks_a_class_or_a_token_is_an_integer(kind):
    wanted = rf"must hold integers in \[0, 3\), got dtype {kind}$"
    with pytest.raises(TypeError, match=f"^labels {wanted}"):
        networks.cross_entropy(np.zeros((2, 3)), np.zeros(2, kind))
    with pytest.raises(TypeError, match=f"^x {wanted}"):
        Embedding(3, 2).forward({"W": np.zeros((3, 2))}, np.zeros((1, 2), kind))


def test_a_size_is_an_integer():
    with pytest.raises(TypeError, match=r"^n_out must be an integer at least 1 and finite, got 2\.5$"):
        Dense(1, 2.5)


def test_a_missing_parameter_is_named_with_the_layers_that_it_belongs_to():
    chain = Chain({"first": Residual(Chain({"dense": Dense(2, 2)})), "last": Dense(2, 1)})
    params = chain.init(np.random.default_rng(0))
    for path in ("first.dense.W", "last.b"):
        _, fewer = split({name: leaf for name, leaf in leaves(params) if name != path})
        with pytest.raises(KeyError, match=f"^'{path}'$"):
            chain.forward(fewer, np.zeros((3, 2)))


def test_a_transformer_without_a_block_still_predicts():
    model = networks.GPT(5, width=8, heads=2, depth=0, rng=np.random.default_rng(0))
    assert model.predict(model.params, np.array([[1, 2]])).shape == (1, 2, 5)


def test_he_and_glorot_draw_the_variance_that_they_say():
    rng = np.random.default_rng(0)
    assert networks.he(rng, 400, 500).var() == pytest.approx(2 / 500, rel=0.02)
    assert networks.glorot(rng, 400, 500).var() == pytest.approx(2 / 900, rel=0.02)


# The transformer.


def small_gpt() -> networks.GPT:
    return networks.GPT(**layers.GPT_SIZE, rng=np.random.default_rng(0), dtype=np.float64)


def test_the_transformers_gradient_is_pytorchs():
    _, params = split(layers.gpt_params())
    loss, grads = small_gpt().gradient(params, layers.TEXT[:, :-1], layers.TEXT[:, 1:])
    assert loss == pytest.approx(PYTORCH["GPT: loss"], rel=1e-12)
    recorded = {name: np.array(x) for name, x in PYTORCH.items() if name.startswith("GPT: d")}
    assert {f"GPT: d{path}" for path, _ in leaves(grads)} == recorded.keys()
    for path, grad in leaves(grads):
        np.testing.assert_allclose(grad, recorded[f"GPT: d{path}"], rtol=1e-10, atol=1e-12, err_msg=path)


def test_the_transformer_passes_the_readers_check():
    model, (x, y) = small_gpt(), (layers.TEXT[:, :-1], layers.TEXT[:, 1:])
    report = gradient_check(lambda p: model.gradient(p, x, y), split(layers.gpt_params())[1])
    assert report.ok, report


def test_an_untrained_transformer_finds_every_token_about_as_likely():
    model = networks.GPT(50, rng=np.random.default_rng(0))
    x = np.random.default_rng(1).integers(50, size=(4, 33))
    assert model.loss(model.params, x[:, :-1], x[:, 1:]) == pytest.approx(np.log(50), abs=0.1)
    assert {leaf.dtype for _, leaf in leaves(model.gradient(model.params, x[:, :-1], x[:, 1:])[1])} == {
        np.dtype(np.float32)
    }


def test_the_transformer_continues_a_text_with_what_it_has_learned():
    model = networks.GPT(3, context=4, width=16, heads=2, depth=1, rng=np.random.default_rng(0))
    params, opt = model.params, Adam(lr=1e-2)
    state = opt.init(params)
    text = np.array([[0, 1, 2, 0, 1], [1, 2, 0, 1, 2], [2, 0, 1, 2, 0]])
    for _ in range(60):
        _, grads = model.gradient(params, text[:, :-1], text[:, 1:])
        updates, state = opt.update(grads, state, params)
        params = tree_map(np.add, params, updates)
    told = model.generate(params, [1], 9, np.random.default_rng(0), temperature=0.1)
    assert told.tolist() == [1, 2, 0, 1, 2, 0, 1, 2, 0, 1]
    again = [model.generate(params, [0, 1], 6, np.random.default_rng(7), temperature=2.0).tolist() for _ in range(2)]
    assert again[0] == again[1]


# Models, and the check for readers.


def test_a_model_is_not_changed_and_knows_its_gradient():
    model = MLP([4, 5, 3], rng=np.random.default_rng(0))
    x, y = draw("model", "x", (6, 4)), np.array([0, 1, 2, 0, 1, 2])
    before = tree_map(np.copy, model.params)
    loss, grads = model.gradient(model.params, x, y)
    assert loss == model.loss(model.params, x, y)
    assert {path: leaf.shape for path, leaf in leaves(grads)} == {p: w.shape for p, w in leaves(model.params)}
    assert gradient_check(lambda p: model.gradient(p, x, y), model.params).ok
    tree_map(np.testing.assert_array_equal, model.params, before)
    assert model.accuracy(model.params, x, model.predict(model.params, x).argmax(axis=-1)) == 1


def test_a_single_precision_model_stays_single():
    model = MLP([4, 5, 3], rng=np.random.default_rng(0), dtype=np.float32)
    loss, grads = model.gradient(model.params, np.zeros((2, 4), np.float32), np.array([0, 1]))
    assert {leaf.dtype for _, leaf in leaves(grads)} | {loss.dtype} == {np.dtype(np.float32)}


def test_the_gradient_check_names_the_wrong_entry_and_says_by_how_much():
    model = MLP([2, 3, 2], rng=np.random.default_rng(0), activation=Tanh())
    x, y = draw("check", "x", (4, 2)), np.array([0, 1, 1, 0])

    def planted(params: Tree) -> tuple[Any, Tree]:
        loss, grads = model.gradient(params, x, y)
        grads["dense1"]["W"][2, 1] *= 1.5
        return loss, grads

    right, report = (
        gradient_check(lambda p: model.gradient(p, x, y), model.params),
        gradient_check(planted, model.params),
    )
    assert right.ok
    assert not report.ok
    (row,) = (row for row in report.rows if not row.ok)
    assert (row.name, row.index) == ("dense1.W", (2, 1))
    assert row.given == pytest.approx(1.5 * row.measured, rel=1e-6)
    marked = [line for line in repr(report).splitlines() if line.endswith("WRONG")]
    assert [line.split()[:2] for line in marked] == [["dense1.W[2,", "1]"]]


def test_a_gradient_of_rounding_errors_alone_is_not_called_wrong():
    layer = Chain({"dense": Dense(2, 2), "norm": BatchNorm(2), "tanh": Tanh(), "out": Dense(2, 1)})
    model = Model(layer, networks.half_squared_error, rng=np.random.default_rng(0))
    x, y = draw("rounding", "x", (5, 2)), 10 + draw("rounding", "y", (5, 1))
    report = gradient_check(lambda p: model.gradient(p, x, y), model.params)
    (row,) = (row for row in report.rows if row.name == "dense.b")  # the norm takes the bias out again
    assert row.error > 1e-6
    assert row.verdict == "too small to tell"
    assert report.ok


def test_where_a_gradient_vanishes_the_check_says_that_it_cannot_tell():
    model = MLP([4] * 12 + [3], activation=Sigmoid(), rng=np.random.default_rng(0), initialisation=half_the_gain)
    x, y = draw("vanishing", "x", (6, 4)), np.array([0, 1, 2, 0, 1, 2])

    def planted(params: Tree) -> tuple[Any, Tree]:
        loss, grads = model.gradient(params, x, y)
        return loss, {name: tree_map(np.negative, grad) if name == "dense1" else grad for name, grad in grads.items()}

    verdicts = {row.name: row.verdict for row in gradient_check(planted, model.params).rows}
    assert verdicts["dense1.W"] == verdicts["dense1.b"] == "too small to tell"
    assert verdicts["dense12.W"] == verdicts["dense12.b"] == "agrees"
    assert repr(gradient_check(planted, model.params)).splitlines()[1].endswith("  too small to tell")


def half_the_gain(rng: np.random.Generator, n_out: int, n_in: int) -> np.ndarray:
    return rng.normal(scale=0.5 / np.sqrt(n_in), size=(n_out, n_in))


@quick
@given(small=st.floats(-14, 0), seed=st.integers(0, 2**32 - 1))
def test_a_wrong_sign_never_passes_for_agreement(small, seed):
    a = np.random.default_rng(seed).normal(size=3)
    right, flipped = (
        gradient_check(lambda w, s=s: (1 + 10**small * a @ w, s * 10**small * a), np.zeros(3)).rows[0] for s in (1, -1)
    )
    assert right.ok
    assert flipped.verdict != "agrees"
    assert (flipped.verdict == "WRONG") == (right.verdict == "agrees")


def test_a_gradient_of_nothing_agrees():
    (row,) = gradient_check(lambda w: (1.0, np.zeros(2)), np.ones(2)).rows
    assert (row.verdict, row.error) == ("agrees", 0)


def test_single_precision_parameters_are_checked_in_double():
    model = MLP([3, 4, 2], rng=np.random.default_rng(0), activation=Tanh(), dtype=np.float32)
    x, y = draw("single", "x", (4, 3)), np.array([0, 1, 1, 0])
    assert gradient_check(lambda p: model.gradient(p, x, y), model.params).ok
