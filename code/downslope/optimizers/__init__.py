"""Every optimizer of the book, one module a family."""

from downslope.optimizers import adam, adaptive, baselines
from downslope.optimizers.adam import *
from downslope.optimizers.adaptive import *
from downslope.optimizers.base import Elementwise, Optimizer, State, state_bytes
from downslope.optimizers.baselines import *

__all__ = ["Elementwise", "Optimizer", "State", "state_bytes"]
__all__ += adam.__all__ + adaptive.__all__ + baselines.__all__
