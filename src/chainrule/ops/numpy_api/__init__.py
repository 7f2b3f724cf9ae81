"""NumPy's functions on traced values, one concept a module; ``implements.py`` says how."""

from chainrule.ops.numpy_api import fourier as fourier
from chainrule.ops.numpy_api import joining as joining
from chainrule.ops.numpy_api import linalg as linalg
from chainrule.ops.numpy_api import norms as norms
from chainrule.ops.numpy_api import orthogonal as orthogonal
from chainrule.ops.numpy_api import reductions as reductions
from chainrule.ops.numpy_api import selecting as selecting
from chainrule.ops.numpy_api import shapes as shapes
from chainrule.ops.numpy_api import spectral as spectral
from chainrule.ops.numpy_api import ufunc_methods as ufunc_methods
from chainrule.ops.numpy_api import ufuncs as ufuncs
