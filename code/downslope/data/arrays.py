"""What the data sets share."""

import numpy as np


def read_only(values: np.ndarray) -> np.ndarray:
    """The array, contiguous and closed for writing: a data set is loaded once and handed to everybody."""
    values = np.ascontiguousarray(values)
    values.flags.writeable = False
    return values
