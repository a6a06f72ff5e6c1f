"""A small transformer that continues a text, put together from the layers."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from downslope.networks.activations import GELU, softmax
from downslope.networks.attention import Attention
from downslope.networks.dense import Dense
from downslope.networks.embedding import Embedding, Position
from downslope.networks.layer import Chain, Layer, Residual
from downslope.networks.losses import cross_entropy
from downslope.networks.model import Model
from downslope.networks.normalisation import LayerNorm
from downslope.trees import Tree
from downslope.validation import Interval

__all__ = ["GPT", "transformer_block"]


def transformer_block(width: int, heads: int, depth: int) -> Layer:
    """Attention, then a small network for each place; both add to what comes in, and normalise it before.

    Parameters
    ----------
    width : int
        How many numbers describe a place.
    heads : int
        Of the attention.
    depth : int
        How many blocks there will be: what each adds starts smaller where there are many.

    Returns
    -------
    Layer
        From (batch, time, width) to the same.

    Raises
    ------
    ValueError
        A number is not positive, or the heads do not divide the width.

    Notes
    -----
    As in GPT-2: weights of standard deviation 0.02, those that write into the sum 0.02 over the root of how many
    write. `radford2019language`, section 2.3.

    Examples
    --------
    >>> block = transformer_block(8, heads=2, depth=1)
    >>> block.forward(block.init(np.random.default_rng(0)), np.zeros((1, 5, 8)))[0].shape
    (1, 5, 8)
    """
    _check_sizes(width=width, heads=heads, depth=depth)
    inward = partial(_normal, scale=0.02)
    outward = partial(_normal, scale=0.02 / np.sqrt(2 * depth))
    attend = {
        "norm": LayerNorm(width),
        "qkv": Dense(width, 3 * width, inward),
        "attention": Attention(heads),
        "out": Dense(width, width, outward),
    }
    think = {
        "norm": LayerNorm(width),
        "hidden": Dense(width, 4 * width, inward),
        "gelu": GELU(),
        "out": Dense(4 * width, width, outward),
    }
    parts = {"attend": attend, "think": think}
    return Chain({name: Residual(Chain(part)) for name, part in parts.items()})


class GPT(Model):
    """Predicts the next token of a text from those before it.

    Parameters
    ----------
    n_tokens : int
        How many different tokens there are: characters, or bytes.
    context : int
        How many tokens it sees at once.
    width : int
        How many numbers describe a place.
    heads : int
        Of each attention.
    depth : int
        How many blocks, if any.
    block : function
        Of `width`, `heads` and `depth`: makes a block.
    rng : numpy.random.Generator
        Where the starting parameters come from.
    dtype : numpy dtype
        That of the parameters.

    Raises
    ------
    ValueError
        A number is not positive, or the heads do not divide the width.

    Notes
    -----
    Inputs and targets are whole numbers of the shape (batch, time): the targets are the inputs one place further on.
    About ``12 depth width^2`` parameters and the tables. `radford2019language`; `vaswani2017attention`.

    Examples
    --------
    >>> model = GPT(n_tokens=5, context=4, width=8, heads=2, rng=np.random.default_rng(0))
    >>> tokens = np.array([[0, 1, 2, 3, 4]])
    >>> print(model.loss(model.params, tokens[:, :-1], tokens[:, 1:]).round(1), np.log(5).round(1))
    1.6 1.6
    >>> model.generate(model.params, [0, 1], 3, np.random.default_rng(0)).shape
    (5,)
    """

    def __init__(
        self,
        n_tokens: int,
        *,
        context: int = 64,
        width: int = 64,
        heads: int = 4,
        depth: int = 2,
        block: Callable[[int, int, int], Layer] = transformer_block,
        rng: np.random.Generator,
        dtype: Any = np.float32,
    ) -> None:
        _check_sizes(n_tokens=n_tokens, context=context, width=width, heads=heads)
        Interval(0, whole=True).check("depth", depth)
        self.context = context
        layers: dict[str, Layer] = {"token": Embedding(n_tokens, width), "position": Position(context, width)}
        layers |= {f"block{k}": block(width, heads, depth) for k in range(1, depth + 1)}
        layers |= {"norm": LayerNorm(width), "head": Dense(width, n_tokens, partial(_normal, scale=0.02))}
        super().__init__(Chain(layers), cross_entropy, rng=rng, dtype=dtype)

    def generate(
        self, params: Tree, prompt: Any, n: int, rng: np.random.Generator, temperature: float = 1.0
    ) -> np.ndarray:
        """Continue a text, each token drawn from the probabilities that the ones before it give.

        Parameters
        ----------
        params : nested dict of arrays
        prompt : sequence of int
            The tokens to begin with, at least one.
        n : int
            How many to add.
        rng : numpy.random.Generator
        temperature : float
            What the scores are divided by: towards 0, the likeliest token always; above 1, more surprises.

        Returns
        -------
        array of int, shape (len(prompt) + n,)

        Raises
        ------
        ValueError
            No prompt, a token that the model does not know, a negative `n`, or a temperature that is not positive.
        """
        if not len(prompt):
            raise ValueError("prompt must hold at least one token, got none")
        if not temperature > 0:
            raise ValueError(f"temperature must be positive, got {temperature}")
        Interval(0, whole=True).check("n", n)
        tokens = list(prompt)
        for _ in range(n):
            scores = self.predict(params, np.array([tokens[-self.context :]]))[0, -1]
            chances = softmax(scores.astype(float) / temperature)
            tokens.append(rng.choice(len(chances), p=chances))
        return np.array(tokens)


def _check_sizes(**sizes: int) -> None:
    for name, size in sizes.items():
        Interval(1, whole=True).check(name, size)
    if sizes["width"] % sizes["heads"]:
        raise ValueError(f"width must be a multiple of heads = {sizes['heads']}, got {sizes['width']}")


def _normal(rng: np.random.Generator, n_out: int, n_in: int, scale: float) -> np.ndarray:
    return rng.normal(scale=scale, size=(n_out, n_in))
