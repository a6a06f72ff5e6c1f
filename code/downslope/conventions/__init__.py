"""What PyTorch, Optax, Keras, papers and this book mean by one name, each meaning run against the book's."""

from downslope.conventions import coordinatewise, series, tensorwise
from downslope.conventions.beyond import AROUND, BEYOND, DECAY
from downslope.conventions.comparison import Convention, Form, gradient, hessian_diag, start, walk
from downslope.conventions.coordinatewise import *
from downslope.conventions.moments import BIAS, EPSILON, MOMENTUM
from downslope.conventions.shown import Table
from downslope.conventions.tensorwise import *

CONVENTIONS = EPSILON + MOMENTUM + BIAS + DECAY + BEYOND + AROUND
"""Every comparison of the page on conventions, group by group."""

__all__ = ["AROUND", "BEYOND", "BIAS", "CONVENTIONS", "DECAY", "EPSILON", "MOMENTUM", "Convention", "Form", "Table"]
__all__ += ["gradient", "hessian_diag", "start", "walk", *coordinatewise.__all__, *tensorwise.__all__]
