"""Real data that needs no download: all of it comes with scikit-learn and Matplotlib."""

from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import numpy as np

__all__ = ["Hillside", "Prices", "Split", "Table", "diabetes", "digits", "hillside", "share_price", "wine"]


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


@dataclass(frozen=True, eq=False)
class Prices:
    """A share's closing price each trading day: `date` (datetime64[D]), `close` (US dollars); read-only."""

    date: np.ndarray
    close: np.ndarray


@dataclass(frozen=True, eq=False)
class Hillside:
    """Heights in metres, rows from south to north, columns from west to east; read-only.

    `east` and `north` are the metres from one column, or row, to the next.
    """

    elevation: np.ndarray
    east: float
    north: float


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
    return Split(*map(_read_only, (x[train], y[train], x[test], y[test])))


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
    return Table(_read_only(table[:, :2]), _read_only(table[:, 2]), ("flavanoids", "hue"), "colour intensity")


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
    return Table(_read_only(x), _read_only(y), features, "progression")


@cache
def share_price() -> Prices:
    """Google's share price, every trading day from its first on 19 August 2004 to 14 October 2008.

    Returns
    -------
    Prices
        1047 days, oldest first. The close is as it was quoted then: no split and no dividend fell into these
        years, so it equals the adjusted close of the same file; later splits are not taken into account.

    Notes
    -----
    `goog.npz` from Matplotlib's sample data (Matplotlib licence).

    Examples
    --------
    >>> p = share_price()
    >>> str(p.date[0]), float(p.close[0]), len(p.close)
    ('2004-08-19', 100.34, 1047)
    """
    table = _matplotlib_sample("goog.npz")["price_data"]
    return Prices(_read_only(table["date"].astype("datetime64[D]")), _read_only(table["close"]))


@cache
def hillside() -> Hillside:
    """The land along the Jacksboro fault, Tennessee, about 30 km by 32 km.

    Returns
    -------
    Hillside
        344 rows by 403 columns of whole metres, from 236 m to 1076 m.

    Notes
    -----
    `jacksboro_fault_dem.npz` from Matplotlib's sample data (Matplotlib licence), an elevation model of the
    United States Geological Survey (public domain). The file counts in degrees of latitude and longitude and
    lists the north first; here one degree is as many metres as the WGS 84 ellipsoid has at the map's middle
    latitude.

    Examples
    --------
    >>> h = hillside()
    >>> h.elevation.shape, round(h.east, 1), round(h.north, 1)
    ((344, 403), 74.6, 92.5)
    """
    sample = _matplotlib_sample("jacksboro_fault_dem.npz")
    degree_east, degree_north = _metres_per_degree(float(sample["ymin"] + sample["ymax"]) / 2)
    return Hillside(
        elevation=_read_only(sample["elevation"][::-1].astype(float)),
        east=float(sample["dx"]) * degree_east,
        north=float(sample["dy"]) * degree_north,
    )


def _matplotlib_sample(name: str) -> dict[str, np.ndarray]:
    from matplotlib.cbook import get_sample_data

    with cast(Any, get_sample_data(name)) as file:
        return dict(file)


def _metres_per_degree(latitude: float) -> tuple[float, float]:
    """Along the parallel and along the meridian of the WGS 84 ellipsoid."""
    equator, eccentricity2 = 6378137.0, 0.00669437999014
    phi = np.deg2rad(latitude)
    shape = 1 - eccentricity2 * np.sin(phi) ** 2
    east = equator * np.cos(phi) / np.sqrt(shape)
    north = equator * (1 - eccentricity2) / shape**1.5
    return float(np.deg2rad(east)), float(np.deg2rad(north))


def _read_only(values: np.ndarray) -> np.ndarray:
    values = np.ascontiguousarray(values)
    values.flags.writeable = False
    return values
