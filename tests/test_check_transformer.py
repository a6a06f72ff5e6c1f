"""The checks of the chapter on transformers: they accept what is right and name what is wrong."""

import numpy as np
import pytest
from downslope import check


def attention(scale=lambda d: np.sqrt(d), mask=np.tri, after=False, axis=-1, zero=False, swap=False, linear=False):
    """One head as a learner would write it, with one thing different."""

    def head(q, k, v):
        q, k = (k, q) if swap else (q, k)
        scores, seen = q @ k.T / scale(q.shape[-1]), mask(len(q)).astype(bool)
        if linear:
            return (scores * seen) @ v
        if zero:
            scores = np.where(seen, scores, 0)
        elif not after:
            scores = np.where(seen, scores, -np.inf)
        weights = np.exp(scores)
        weights = weights / weights.sum(axis=axis, keepdims=True)
        return (weights * seen if after else weights) @ v

    return head


MISTAKES = {
    "the mask is missing": attention(mask=lambda n: np.ones((n, n))),
    "not divided by the root of d": attention(scale=lambda d: 1),
    "divided by d, not by its root": attention(scale=lambda d: d),
    "down the columns": attention(axis=0),
    "turned over": attention(mask=lambda n: np.tri(n).T),
    "became 0 before the softmax": attention(zero=True),
    "set to 0 after the softmax": attention(after=True),
    "without a softmax": attention(linear=True),
    "changed places": attention(swap=True),
}


def test_causal_attention_is_right():
    assert check.causal_attention(attention())


def test_causal_attention_in_single_precision_is_right():
    assert check.causal_attention(lambda *qkv: attention()(*(x.astype(np.float32) for x in qkv)))


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_in_attention_is_named(mistake):
    verdict = check.causal_attention(MISTAKES[mistake])
    assert not verdict
    assert mistake in verdict.message


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (49984, "12 times the width squared"),
        (49152, "the biases and the norms are missing"),
        (49728, "the norms are missing"),
        (49408, "the biases are missing"),
        (99968, "that is both blocks"),
        (116576, "that is the whole model"),
        (1, "that is not it"),
    ],
)
def test_the_number_of_parameters(number, said):
    verdict = check.block_parameters(number)
    assert bool(verdict) == (number == 49984)
    assert said in verdict.message
