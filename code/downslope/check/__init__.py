"""Exercise checks: hand in an answer, hear whether it is right and, where it is not, which mistake it looks like.

One module a chapter; each line below brings one chapter's exercises in.
"""

from downslope.check.adam import *
from downslope.check.averages import *
from downslope.check.batches import *
from downslope.check.by_hand import *
from downslope.check.down import *
from downslope.check.hill import *
from downslope.check.landscapes import *
from downslope.check.machine import *
from downslope.check.matrices import *
from downslope.check.momentum import *
from downslope.check.transformer import *
