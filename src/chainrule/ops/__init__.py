"""The mathematics: every primitive of the graph, and NumPy's functions in terms of them.

Importing this package fills the registry of ``core/primitive.py``. Start with ``elementwise.py``.
"""

from chainrule.ops import banded as banded
from chainrule.ops import circular as circular
from chainrule.ops import contraction as contraction
from chainrule.ops import convolution as convolution
from chainrule.ops import determinants as determinants
from chainrule.ops import elementwise as elementwise
from chainrule.ops import exponentials as exponentials
from chainrule.ops import fourier as fourier
from chainrule.ops import indexing as indexing
from chainrule.ops import linalg as linalg
from chainrule.ops import lu as lu
from chainrule.ops import matrices as matrices
from chainrule.ops import matrix_functions as matrix_functions
from chainrule.ops import naming as naming
from chainrule.ops import numpy_api as numpy_api
from chainrule.ops import orthogonal as orthogonal
from chainrule.ops import polynomial_roots as polynomial_roots
from chainrule.ops import powers as powers
from chainrule.ops import recurrences as recurrences
from chainrule.ops import reductions as reductions
from chainrule.ops import searching as searching
from chainrule.ops import shaping as shaping
from chainrule.ops import special as special
from chainrule.ops import spectral as spectral
from chainrule.ops import spherical as spherical
from chainrule.ops import update as update
