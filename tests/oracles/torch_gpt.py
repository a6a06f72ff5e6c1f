"""The small GPT as one writes it in PyTorch, to record its gradients and to measure its step."""

from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F  # noqa: N812  (everyone calls it so)


class Block(nn.Module):
    """Attention and a small network, each behind a norm and added to what came in."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.attend_norm, self.think_norm = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.attend_out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.hidden, self.think_out = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attend_out(attention(self.qkv(self.attend_norm(x)), causal=True, heads=self.heads))
        return x + self.think_out(F.gelu(self.hidden(self.think_norm(x)), approximate="tanh"))


class GPT(nn.Module):
    """Our `GPT` with PyTorch's layers."""

    def __init__(self, n_tokens: int, context: int, width: int, heads: int, depth: int) -> None:
        super().__init__()
        self.token, self.position = nn.Embedding(n_tokens, width), nn.Embedding(context, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, n_tokens)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.token(x) + self.position(torch.arange(x.shape[1]))
        for block in self.blocks:
            x = block(x)
        return self.head(self.norm(x))

    def loss(self, x: np.ndarray, y: np.ndarray) -> torch.Tensor:
        """The mean cross-entropy in nats."""
        return F.cross_entropy(self(torch.tensor(x)).flatten(0, 1), torch.tensor(y).flatten())

    def named(self) -> dict[str, torch.Tensor]:
        """The parameters under the names that ours have."""
        made = {}
        for path, tensor in self.named_parameters():
            *outer, layer, kind = path.split(".")
            part, _, last = layer.partition("_")
            block = f"block{int(outer[1]) + 1}." if outer else ""
            part = {"qkv": "attend.qkv", "hidden": "think.hidden"}.get(layer, f"{part}.{last}" if last else part)
            is_norm = layer.endswith("norm")
            leaf = {"weight": "scale" if is_norm else "W", "bias": "shift" if is_norm else "b"}[kind]
            made[f"{block}{part}.{leaf}"] = tensor
        return made

    def load(self, arrays: dict[str, np.ndarray]) -> "GPT":
        """Take over weights, each under our name for it."""
        with torch.no_grad():
            for name, tensor in self.named().items():
                tensor.copy_(torch.tensor(arrays[name]))
        return self


def attention(qkv: torch.Tensor, causal: bool, heads: int) -> torch.Tensor:
    """Queries, keys and values side by side to PyTorch's attention, and its heads side by side."""
    batch, time, _ = qkv.shape
    q, k, v = (part.reshape(batch, time, heads, -1).transpose(1, 2) for part in qkv.chunk(3, dim=-1))
    y: Any = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
    return y.transpose(1, 2).reshape(batch, time, -1)
