"""Networks in plain NumPy, each layer with the backward pass that belongs to it, and checks of their gradients."""

from downslope.networks import tape, two_two_one
from downslope.networks.activations import *
from downslope.networks.attention import *
from downslope.networks.checking import *
from downslope.networks.convolution import *
from downslope.networks.dense import *
from downslope.networks.embedding import *
from downslope.networks.initialisation import *
from downslope.networks.layer import *
from downslope.networks.losses import *
from downslope.networks.model import *
from downslope.networks.normalisation import *
from downslope.networks.recorded import RecordedGPT, recorded_gpt
from downslope.networks.recurrent import *
from downslope.networks.signals import *
from downslope.networks.transformer import *
