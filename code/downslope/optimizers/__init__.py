"""Every optimizer of the book, one module a family."""

from downslope.optimizers import (
    adam,
    adam_variants,
    adaptive,
    baselines,
    layerwise,
    matrix,
    modern,
    muon,
    partition,
    sign,
    storage,
    wrappers,
)
from downslope.optimizers.adam import *
from downslope.optimizers.adam_variants import *
from downslope.optimizers.adaptive import *
from downslope.optimizers.base import Elementwise, Matrixwise, Optimizer, Ruled, State, Tensorwise, state_bytes
from downslope.optimizers.baselines import *
from downslope.optimizers.layerwise import *
from downslope.optimizers.matrix import *
from downslope.optimizers.modern import *
from downslope.optimizers.muon import *
from downslope.optimizers.partition import *
from downslope.optimizers.sign import *
from downslope.optimizers.storage import *
from downslope.optimizers.wrappers import *

__all__ = ["Elementwise", "Matrixwise", "Optimizer", "Ruled", "State", "Tensorwise", "state_bytes"]
__all__ += adam.__all__ + adam_variants.__all__ + adaptive.__all__ + baselines.__all__
__all__ += layerwise.__all__ + matrix.__all__ + modern.__all__ + muon.__all__ + sign.__all__
__all__ += partition.__all__ + storage.__all__ + wrappers.__all__
