"""How large weights should be before training: so that signals keep their size from layer to layer."""

import numpy as np

__all__ = ["glorot", "he"]


def glorot(rng: np.random.Generator, n_out: int, n_in: int) -> np.ndarray:
    """Normal weights of variance ``2 / (n_in + n_out)``: for units that are linear around zero.

    Parameters
    ----------
    rng : numpy.random.Generator
    n_out, n_in : int
        How many numbers leave the layer, and how many enter it.

    Returns
    -------
    array, shape (n_out, n_in)

    Notes
    -----
    Between ``1 / n_in``, which keeps the variance of the signal on its way forward, and ``1 / n_out``,
    which keeps that of the gradient on its way back. `glorot2010understanding`, which draws uniformly.

    Examples
    --------
    >>> glorot(np.random.default_rng(0), 300, 100).std().round(3)
    np.float64(0.071)
    """
    return rng.normal(scale=np.sqrt(2 / (n_in + n_out)), size=(n_out, n_in))


def he(rng: np.random.Generator, n_out: int, n_in: int) -> np.ndarray:
    """Normal weights of variance ``2 / n_in``: for rectifiers, which let half of the signal through.

    Parameters
    ----------
    rng : numpy.random.Generator
    n_out, n_in : int
        How many numbers leave the layer, and how many enter it.

    Returns
    -------
    array, shape (n_out, n_in)

    Notes
    -----
    `he2015delving`.

    Examples
    --------
    >>> he(np.random.default_rng(0), 300, 100).std().round(2)
    np.float64(0.14)
    """
    return rng.normal(scale=np.sqrt(2 / n_in), size=(n_out, n_in))
