"""A share's price and a hillside, as they come with Matplotlib."""

from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import numpy as np

from downslope.data.arrays import read_only

__all__ = ["Hillside", "Prices", "hillside", "share_price"]


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
    return Prices(read_only(table["date"].astype("datetime64[D]")), read_only(table["close"]))


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
        elevation=read_only(sample["elevation"][::-1].astype(float)),
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
