"""Examples with targets, as they come with scikit-learn."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from downslope.data.arrays import read_only

__all__ = ["Split", "Table", "diabetes", "digits", "wine"]


@dataclass(frozen=True, eq=False)
class Split:
    """Examples to train on and examples to test on; the arrays are read-only."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


@dataclass(frozen=True, eq=False)
class Table:
    """Features `x`, shape (examples, features), a target `y`, shape (examples,), and names; read-only."""

    x: np.ndarray
    y: np.ndarray
    features: tuple[str, ...]
    target: str


@cache
def digits() -> Split:
    """Handwritten digits, 8 by 8 pixels.

    Returns
    -------
    Split
        1437 examples to train on and 360 to test on, always the same: `x` of shape (n, 64), each pixel from
        0 to 1; `y` of shape (n,), the digits 0 to 9 as integers.

    Notes
    -----
    The test part of *Optical Recognition of Handwritten Digits*, E. Alpaydin and C. Kaynak, UCI Machine
    Learning Repository, 1998 (CC BY 4.0), as it comes with scikit-learn (BSD-3-Clause), pixels divided by 16.

    Examples
    --------
    >>> d = digits()
    >>> d.x_train.shape, d.x_test.shape, d.y_train[:5].tolist()
    ((1437, 64), (360, 64), [4, 9, 5, 8, 5])
    """
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    test, train = np.split(order, [len(y) // 5 + 1])
    x = x / 16
    return Split(*map(read_only, (x[train], y[train], x[test], y[test])))


@cache
def wine() -> Table:
    """How dark a wine is, from two measurements: a relation that bends.

    Returns
    -------
    Table
        178 Italian wines: `x` of shape (178, 2), the flavanoids and the hue; `y` of shape (178,), the
        intensity of the colour. Each column is standardised: mean 0, standard deviation 1.

    Notes
    -----
    *Wine*, S. Aeberhard and M. Forina, UCI Machine Learning Repository, 1991 (CC BY 4.0), as it comes with
    scikit-learn (BSD-3-Clause). A plane explains 29 % of the variance of `y`, a network of two sigmoid units
    63 %.

    Examples
    --------
    >>> w = wine()
    >>> w.features, w.target, w.x.shape
    (('flavanoids', 'hue'), 'colour intensity', (178, 2))
    """
    from sklearn.datasets import load_wine

    bunch: Any = load_wine()
    columns = [list(bunch.feature_names).index(name) for name in ("flavanoids", "hue", "color_intensity")]
    table = bunch.data[:, columns]
    table = (table - table.mean(axis=0)) / table.std(axis=0)
    return Table(read_only(table[:, :2]), read_only(table[:, 2]), ("flavanoids", "hue"), "colour intensity")


@cache
def diabetes() -> Table:
    """How far a patient's diabetes advances within a year, from ten measurements, in their own units.

    Returns
    -------
    Table
        442 patients: `x` of shape (442, 10), age, sex (1 or 2), body mass index, blood pressure and six values of
        the blood; `y` of shape (442,), the progression of the disease, from 25 to 346. Nothing is standardised.

    Notes
    -----
    B. Efron, T. Hastie, I. Johnstone and R. Tibshirani, *Least angle regression*, Annals of Statistics 32, 2004,
    as it comes with scikit-learn (BSD-3-Clause). The first two measurements of fat in the blood nearly repeat
    each other: their correlation is 0.90.

    Examples
    --------
    >>> d = diabetes()
    >>> d.x.shape, d.features[2], float(d.x[0, 2]), float(d.y[0])
    ((442, 10), 'body mass index', 32.1, 151.0)
    """
    from sklearn.datasets import load_diabetes

    x, y = load_diabetes(return_X_y=True, scaled=False)
    features = (
        "age",
        "sex",
        "body mass index",
        "blood pressure",
        "total cholesterol",
        "LDL cholesterol",
        "HDL cholesterol",
        "cholesterol ratio",
        "log triglycerides",
        "blood sugar",
    )
    return Table(read_only(x), read_only(y), features, "progression")
