"""Losses: one number for a batch, and its gradient by the predictions."""

from typing import Any

import numpy as np

from downslope.networks.shapes import check_ids

__all__ = ["cross_entropy", "half_squared_error", "mean_squared_error"]


def half_squared_error(y_hat: Any, y: Any) -> tuple[Any, Any]:
    """Half the squared distance from the target, averaged over the examples.

    Parameters
    ----------
    y_hat, y : array, shape (batch, ...)
        Predictions and targets.

    Returns
    -------
    value : float
    gradient : array, shape (batch, ...)
        By `y_hat`.

    Raises
    ------
    ValueError
        The shapes differ.

    Notes
    -----
    `rumelhart1986learning`, equation 3, which sums over the examples.

    Examples
    --------
    >>> half_squared_error(np.array([[3.0], [1.0]]), np.array([[1.0], [1.0]]))
    (np.float64(1.0), array([[1.],
           [0.]]))
    """
    residual = _residual(y_hat, y)
    return (residual**2).sum() / (2 * len(y)), residual / len(y)


def mean_squared_error(y_hat: Any, y: Any) -> tuple[Any, Any]:
    """The squared difference from the target, averaged over every number.

    Parameters
    ----------
    y_hat, y : array, shape (batch, ...)
        Predictions and targets.

    Returns
    -------
    value : float
    gradient : array, shape (batch, ...)
        By `y_hat`.

    Raises
    ------
    ValueError
        The shapes differ.

    Notes
    -----
    `goodfellow2016deep`, section 5.1.4.

    Examples
    --------
    >>> mean_squared_error(np.array([[3.0], [1.0]]), np.array([[1.0], [1.0]]))
    (np.float64(2.0), array([[2.],
           [0.]]))
    """
    residual = _residual(y_hat, y)
    return (residual**2).mean(), 2 * residual / residual.size


def cross_entropy(logits: Any, labels: Any) -> tuple[Any, Any]:
    """Minus the logarithm of the probability of the right class, averaged over the examples.

    Parameters
    ----------
    logits : array, shape (..., classes)
        Scores; softmax makes probabilities of them, and no score is too large for it.
    labels : array of int, shape (...)
        The right classes, from 0.

    Returns
    -------
    value : float
        In nats.
    gradient : array, shape (..., classes)
        By the logits: the probabilities, less one at the right class, over the number of examples.

    Raises
    ------
    TypeError
        The labels are not integers.
    ValueError
        The shapes do not fit, or a label is not one of the classes.

    Notes
    -----
    `goodfellow2016deep`, section 6.2.2.3.

    Examples
    --------
    >>> value, gradient = cross_entropy(np.array([[0.0, np.log(3.0)]]), np.array([1]))
    >>> print(value.round(4), gradient.round(4))
    0.2877 [[ 0.25 -0.25]]
    """
    _check_labels(logits, labels)
    scores, right = logits.reshape(-1, logits.shape[-1]), (np.arange(np.size(labels)), np.ravel(labels))
    shifted = scores - scores.max(axis=-1, keepdims=True)
    weights = np.exp(shifted)
    total = weights.sum(axis=-1, keepdims=True)
    value = (np.log(total[:, 0]) - shifted[right]).mean()
    one_hot = np.zeros(scores.shape, scores.dtype)
    one_hot[right] = 1
    return value, ((weights / total - one_hot) / len(one_hot)).reshape(logits.shape)


def _check_labels(logits: Any, labels: Any) -> None:
    if logits.shape[:-1] != np.shape(labels):
        wanted = f"{logits.shape[:-1]}, that of logits without the last axis"
        raise ValueError(f"labels must have shape {wanted}, got {np.shape(labels)}")
    check_ids("labels", labels, logits.shape[-1])


def _residual(y_hat: Any, y: Any) -> Any:
    if y_hat.shape != np.shape(y):
        raise ValueError(f"y_hat must have the shape of y, {np.shape(y)}, got {y_hat.shape}")
    return y_hat - y
