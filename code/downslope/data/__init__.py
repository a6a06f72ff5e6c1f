"""Real data that needs no download: it comes with scikit-learn, with Matplotlib and with Python."""

from downslope.data.manual import *
from downslope.data.samples import *
from downslope.data.tables import *
