"""Exercises of the chapter "Backpropagation in matrices"."""

from collections.abc import Callable
from typing import Any

import numpy as np

from downslope.check.report import Verdict, judge, judge_number

__all__ = ["dense_backward", "leaky_variance", "parameter_count", "stable_cross_entropy"]


def parameter_count(answer: Any) -> Verdict:
    """Check how many numbers an MLP of the widths 64, 32 and 10 learns.

    Examples
    --------
    >>> parameter_count(2368)
    Not yet: the biases are missing, one for each unit that computes something. You say 2368.
    """
    mistakes = {
        "the biases are missing, one for each unit that computes something": 64 * 32 + 32 * 10,
        "the inputs have no bias: they compute nothing": 64 * 32 + 32 * 10 + 64 + 32 + 10,
        "this is the first layer alone": 64 * 32 + 32,
        "layers are products of their widths, and only neighbours meet": 64 * 32 * 10,
        "one bias a layer is not enough: each unit has its own": 64 * 32 + 32 * 10 + 2,
    }
    praise = "65 · 32 + 33 · 10: a bias is a weight from a constant 1."
    # a count is right or wrong, not close
    return judge_number(answer, 65 * 32 + 33 * 10, mistakes, praise=praise, rtol=0)


def dense_backward(answer: Callable[..., Any]) -> Verdict:
    """Check a function of (W, x, dz), shapes (out, in), (batch, in) and (batch, out): ``dx, dW, db``.

    Examples
    --------
    >>> dense_backward(lambda W, x, dz: (dz @ W, dz.T @ x, dz))
    Not yet: your function returns shape (3, 2) in value 3, expected (2,).
    """
    rng = np.random.default_rng(3)
    # one case is square, so that a forgotten transpose is a wrong number and no error; one batch has one example
    sizes = [(3, 4, 2), (2, 2, 2), (1, 3, 2)]
    cases = [
        {
            "W": rng.integers(-2, 3, (n_out, n_in)).astype(float),
            "x": rng.integers(-2, 3, (batch, n_in)).astype(float),
            "dz": rng.integers(1, 4, (batch, n_out)).astype(float),
        }
        for batch, n_in, n_out in sizes
    ]

    def right(W: Any, x: Any, dz: Any) -> tuple[Any, ...]:
        return dz @ W, dz.T @ x, dz.sum(axis=0)

    mistakes: dict[str, Callable[..., Any]] = {
        "the batch is averaged twice: the loss has divided by its size already": (
            lambda W, x, dz: (dz @ W, dz.T @ x / len(x), dz.mean(axis=0))
        ),
        "dx is right and dW is right, but the bias belongs to every example: sum over the batch, do not average": (
            lambda W, x, dz: (dz @ W, dz.T @ x, dz.mean(axis=0))
        ),
        "dx and db are right, but dW is averaged: the loss has divided by the batch's size already": (
            lambda W, x, dz: (dz @ W, dz.T @ x / len(x), dz.sum(axis=0))
        ),
        "in a square layer a forgotten transpose raises no error: dx is dz times W, as it stands": (
            lambda W, x, dz: (dz @ (W.T if _square(W) else W), dz.T @ x, dz.sum(axis=0))
        ),
        "in a square layer a forgotten transpose raises no error: dW has a row for each output": (
            lambda W, x, dz: (dz @ W, x.T @ dz if _square(W) else dz.T @ x, dz.sum(axis=0))
        ),
        "every sign is turned: this is the way down, and a gradient points up": (
            lambda W, x, dz: (-dz @ W, -dz.T @ x, -dz.sum(axis=0))
        ),
    }
    praise = "one product to the layer below, one to the weights, and a sum to the bias."
    return judge(answer, right, cases, mistakes, praise=praise)


def _square(matrix: Any) -> bool:
    return bool(matrix.shape[0] == matrix.shape[1])


def stable_cross_entropy(answer: Callable[..., Any]) -> Verdict:
    """Check a function of (z, k), scores of shape (classes,) and the right class: minus its log-probability.

    Examples
    --------
    >>> stable_cross_entropy(lambda z, k: np.log(np.exp(z - z.max()).sum()) - z[k])
    Not yet: the shift by the largest score is missing from the second term. For z = [3, 1], k = 1 you return ...
    """
    cases: list[dict[str, Any]] = [
        {"z": np.array([3.0, 1.0]), "k": 1},
        {"z": np.array([0.0, 0.0, 0.0]), "k": 2},
        {"z": np.array([1000.0, 0.0]), "k": 1},
        {"z": np.array([-1000.0, -1001.0]), "k": 0},
    ]

    def right(z: Any, k: int) -> Any:
        shifted = z - z.max()
        return np.log(np.exp(shifted).sum()) - shifted[k]

    overflow = "exp overflows for large scores, and is zero for very negative ones: subtract the largest score first"
    mistakes: dict[str, Callable[..., Any]] = {
        overflow: lambda z, k: np.log(np.exp(z).sum()) - z[k],
        overflow + " (and never take the logarithm of a quotient)": lambda z, k: -np.log(_probability(z, k)),
        "the probability is so small that it is zero, and its logarithm infinite: subtract logarithms instead": (
            lambda z, k: -np.log(_probability(z - z.max(), k))
        ),
        "the shift by the largest score is missing from the second term": (
            lambda z, k: np.log(np.exp(z - z.max()).sum()) - z[k]
        ),
        "the sign is wrong: a loss is minus the logarithm of the probability": lambda z, k: -right(z, k),
        **_propped_up(overflow),
    }
    with np.errstate(all="ignore"):
        return judge(answer, right, cases, mistakes, praise="no score is too large for it, and none too small.")


def _probability(z: Any, k: int) -> Any:
    return np.exp(z[k]) / np.exp(z).sum()


def _propped_up(overflow: str) -> dict[str, Callable[..., Any]]:
    """Losses whose probability is kept from being zero by a small number: clipped, or with the number added."""
    mistakes: dict[str, Callable[..., Any]] = {}
    for least in [np.finfo(float).tiny, 1e-300, 1e-100, 1e-30, 1e-20, np.finfo(float).eps] + [
        10.0**-digits for digits in range(16, 3, -1)
    ]:
        held = f"a probability that is kept at {least:.2g} or more caps the loss at {-np.log(least):.3g}"
        added = f"{least:.2g} added to every probability changes every loss, and caps it at {-np.log(least):.3g}"
        for sentence, prop in [
            (held, lambda p, least=least: np.maximum(p, least)),
            (added, lambda p, least=least: p + least),
        ]:
            mistakes[f"{sentence}: subtract logarithms instead"] = lambda z, k, prop=prop: (
                -np.log(prop(_probability(z - z.max(), k)))
            )
            mistakes[f"{sentence}; and {overflow}"] = lambda z, k, prop=prop: -np.log(prop(_probability(z, k)))
    return mistakes


def leaky_variance(answer: Callable[..., Any]) -> Verdict:
    """Check a function of (n_in, slope): the variance of weights that suits a leaky rectifier.

    Examples
    --------
    >>> leaky_variance(lambda n_in, slope: 2 / n_in)
    Not yet: the negative half is not lost: it passes with the slope. For n_in = 100, ... you return ...
    """
    cases = [{"n_in": 100, "slope": 0.5}, {"n_in": 64, "slope": 0.1}, {"n_in": 10, "slope": 1.0}]

    def right(n_in: int, slope: float) -> float:
        return 2 / ((1 + slope**2) * n_in)

    mistakes: dict[str, Callable[..., float]] = {
        "the negative half is not lost: it passes with the slope": lambda n_in, slope: 2 / n_in,
        "variances carry the slope squared": lambda n_in, slope: 2 / ((1 + slope) * n_in),
        "this is the standard deviation, not the variance": lambda n_in, slope: (2 / ((1 + slope**2) * n_in)) ** 0.5,
        "half of the square passes, so the variance of the weights has to double": lambda n_in, slope: 1 / n_in,
        "each half counts one half: (1 + slope²)/2 of the square passes": lambda n_in, slope: (
            1 / ((1 + slope**2) * n_in)
        ),
    }
    praise = "at slope 0 it is He's, at slope 1 the linear layer's 1/n."
    return judge(answer, right, cases, mistakes, praise=praise)
