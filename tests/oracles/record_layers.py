"""Write down what PyTorch makes of the layers and the losses: outputs, and the gradients of its own automaton.

python tests/oracles/record_layers.py            # record everything anew
python tests/oracles/record_layers.py --check    # record in memory, and fail where that differs from the file
"""

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as F  # noqa: N812  (everyone calls it so)

sys.path.insert(0, str(Path(__file__).parents[1]))

from oracles.layers import GPT_SIZE, LABELS, LOSSES, MEAN, NUMBERS, TEXT, TOKENS, VARIANCE, draw, gpt_params, numbers
from oracles.torch_gpt import GPT, attention

RECORDED = Path(__file__).parent / "layers.json"


def convolution(x: torch.Tensor, W: torch.Tensor, b: torch.Tensor, padding: str) -> torch.Tensor:
    """Channels last, as ours."""
    return F.conv2d(x.permute(0, 3, 1, 2), W.permute(0, 3, 1, 2), b, padding=padding).permute(0, 2, 3, 1)


def recurrent(x: torch.Tensor, W: torch.Tensor, U: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """PyTorch's has two biases: the second is zero."""
    start = torch.zeros(1, len(x), len(b), dtype=x.dtype)
    return torch.rnn_tanh(x, start, [W, U, b, torch.zeros_like(b)], True, 1, 0.0, False, False, True)[0]


LAYERS = {
    "Attention": lambda x: attention(x, causal=True, heads=2),
    "Attention, not causal": lambda x: attention(x, causal=False, heads=2),
    "BatchNorm": lambda x, scale, shift: F.batch_norm(x, None, None, scale, shift, training=True),
    "Chain": lambda x, **p: F.linear(torch.tanh(F.linear(x, p["first.W"], p["first.b"])), p["last.W"], p["last.b"]),
    "Conv2D": lambda x, W, b: convolution(x, W, b, "valid"),
    "Conv2D, same": lambda x, W, b: convolution(x, W, b, "same"),
    "Dense": lambda x, W, b: F.linear(x, W, b),
    "Embedding": lambda W: F.embedding(torch.tensor(TOKENS), W),
    "FixedNorm": lambda x, scale, shift: F.batch_norm(x, torch.tensor(MEAN), torch.tensor(VARIANCE), scale, shift),
    "GELU": lambda x: F.gelu(x, approximate="tanh"),
    "LayerNorm": lambda x, scale, shift: F.layer_norm(x, scale.shape, scale, shift),
    "MaxPool2D": lambda x: F.max_pool2d(x.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1),
    "Position": lambda x, W: x + F.embedding(torch.arange(x.shape[1]), W),
    "RNN": recurrent,
    "ReLU": lambda x: F.relu(x),
    "Reshape": lambda x: torch.unflatten(x, 1, (2, 2)),
    "Residual": lambda x, W, b: x + F.linear(x, W, b),
    "Sigmoid": lambda x: torch.sigmoid(x),
    "Softmax": lambda x: F.softmax(x, dim=-1),
    "Tanh": lambda x: torch.tanh(x),
}

FUNCTIONS = {
    "cross_entropy": lambda y_hat, _: F.cross_entropy(y_hat, torch.tensor(LABELS)),
    "half_squared_error": lambda y_hat, y: F.mse_loss(y_hat, y, reduction="sum") / (2 * len(y)),
    "mean_squared_error": F.mse_loss,
}


def record_layer(name: str) -> dict[str, Any]:
    """The output, and the gradients of its sum weighted by ``dy``."""
    leaves = {what: torch.tensor(array, requires_grad=True) for what, array in numbers(name).items()}
    y = LAYERS[name](**leaves)
    y.backward(torch.tensor(draw(name, "dy", y.shape)))
    return {f"{name}: y": y.tolist()} | {f"{name}: d{what}": leaf.grad.tolist() for what, leaf in leaves.items()}


def record_loss(name: str) -> dict[str, Any]:
    """The value, and the gradient by the predictions."""
    y_hat, y = (draw(name, what, LOSSES[name]) for what in ("y_hat", "y"))
    leaf = torch.tensor(y_hat, requires_grad=True)
    value = FUNCTIONS[name](leaf, torch.tensor(y))
    value.backward()
    return {f"{name}: value": value.item(), f"{name}: gradient": leaf.grad.tolist()}


def record_gpt() -> dict[str, Any]:
    """The loss of the small transformer, and its gradient by every weight."""
    model = GPT(**GPT_SIZE).double().load(gpt_params())
    loss = model.loss(TEXT[:, :-1], TEXT[:, 1:])
    loss.backward()
    return {"GPT: loss": loss.item()} | {f"GPT: d{name}": w.grad.tolist() for name, w in model.named().items()}


def record() -> dict[str, Any]:
    """Everything, as it is written down: the release without the build, then every array by its name."""
    recording: dict[str, Any] = {"torch": version("torch").split("+")[0]}
    for name in NUMBERS:
        recording |= record_layer(name)
    for name in LOSSES:
        recording |= record_loss(name)
    return recording | record_gpt()


def as_text(recording: dict[str, Any]) -> str:
    """JSON with one line for each array."""
    return "{\n" + ",\n".join(f" {json.dumps(name)}: {json.dumps(x)}" for name, x in recording.items()) + "\n}\n"


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """The names of what differs between two recordings by more than rounding."""
    if old.keys() != new.keys():
        return sorted(old.keys() ^ new.keys())
    if old["torch"] != new["torch"]:
        return ["torch"]
    return [name for name in new if name != "torch" and not np.allclose(old[name], new[name], rtol=1e-12, atol=1e-12)]


def main(check: bool) -> int:
    """Record everything; return the exit status."""
    recording = record()
    if not check:
        RECORDED.write_text(as_text(recording))
        return 0
    found = differences(json.loads(RECORDED.read_text()), recording)
    for line in found:
        print("DIFFERS", line)
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(check="--check" in sys.argv[1:]))
