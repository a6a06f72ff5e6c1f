"""Exercises of the chapter "A small transformer, trained"."""

from collections.abc import Callable
from typing import Any

import numpy as np

from downslope.check.report import Verdict, judge, judge_number
from downslope.networks import softmax

__all__ = ["block_parameters", "causal_attention"]


def causal_attention(answer: Callable[..., Any]) -> Verdict:
    """Check a function ``attention(q, k, v)`` of one head: arrays of shape (time, d) in, and one out.

    Examples
    --------
    >>> def attention(q, k, v):
    ...     scores = q @ k.T / np.sqrt(q.shape[-1])
    ...     weights = np.exp(scores)
    ...     return weights / weights.sum(axis=-1, keepdims=True) @ v
    >>> causal_attention(attention).message.split(". ")[0]
    'the mask is missing: the first place already sees the last'
    """
    rng = np.random.default_rng(0)
    cases = [dict(zip("qkv", rng.normal(size=(3, time, d)), strict=True)) for time, d in ((1, 2), (3, 2), (5, 4))]
    mistakes = {
        "the mask is missing: the first place already sees the last": lambda q, k, v: softmax(_scores(q, k)) @ v,
        "the scores are not divided by the root of d": lambda q, k, v: softmax(_masked(q @ k.T)) @ v,
        "the scores are divided by d, not by its root": lambda q, k, v: softmax(_masked(q @ k.T / q.shape[-1])) @ v,
        "the weights sum to one down the columns, not along the rows": lambda q, k, v: (
            softmax(_masked(_scores(q, k)).T).T @ v
        ),
        "the mask is turned over: each place sees itself and what comes later": lambda q, k, v: (
            softmax(_masked(_scores(q, k).T).T) @ v
        ),
        "masked scores became 0 before the softmax, whose exponential makes 1 of them": lambda q, k, v: (
            softmax(np.tril(_scores(q, k))) @ v
        ),
        "masked weights were set to 0 after the softmax, and the rest no longer sums to one": lambda q, k, v: (
            np.tril(softmax(_scores(q, k))) @ v
        ),
        "the scores became weights without a softmax: they have to be positive and sum to one": lambda q, k, v: (
            np.tril(_scores(q, k)) @ v
        ),
        "queries and keys have changed places": lambda q, k, v: softmax(_masked(_scores(k, q))) @ v,
    }
    praise = "every place takes a mean of what it may see."
    # float32 is right too
    return judge(answer, lambda q, k, v: softmax(_masked(_scores(q, k))) @ v, cases, mistakes, praise=praise, rtol=1e-5)


def block_parameters(answer: Any) -> Verdict:
    """Check the number of parameters of a block of width 64: its norms, its attention and its small network.

    Examples
    --------
    >>> block_parameters(49152)
    Not yet: the biases and the norms are missing. You say 49152.
    """
    width = 64
    matrices, norms = 12 * width**2, 4 * width
    biases = (3 + 1 + 4 + 1) * width
    mistakes = {
        "the biases and the norms are missing": matrices,
        "the norms are missing: each has a scale and a shift": matrices + biases,
        "the biases are missing": matrices + norms,
        "that is one norm; there are two": matrices + biases + norms // 2,
        "the matrix behind the heads is missing": matrices - width**2 + norms + biases - width,
        "that is both blocks": 2 * (matrices + norms + biases),
        "that is the whole model": 2 * (matrices + norms + biases) + (96 + 64 + 2 + 96) * width + 96,
    }
    praise = "12 times the width squared, and 13 times the width."
    return judge_number(answer, matrices + norms + biases, mistakes, praise=praise, rtol=1e-9)


def _scores(q: np.ndarray, k: np.ndarray) -> np.ndarray:
    return q @ k.T / np.sqrt(q.shape[-1])


def _masked(scores: np.ndarray) -> np.ndarray:
    return np.where(np.tri(len(scores), dtype=bool), scores, -np.inf)
