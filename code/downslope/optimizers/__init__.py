"""Every optimizer of the book, one module a family."""

from downslope.optimizers.adam import *
from downslope.optimizers.adaptive import *
from downslope.optimizers.base import Elementwise, Optimizer, State, state_bytes
from downslope.optimizers.baselines import *
