"""NumPy's functions on traced values, one concept a module; ``implements.py`` says how."""

from chainrule.ops.numpy_api import averages as averages
from chainrule.ops.numpy_api import convolving as convolving
from chainrule.ops.numpy_api import covariance as covariance
from chainrule.ops.numpy_api import cumulative as cumulative
from chainrule.ops.numpy_api import differences as differences
from chainrule.ops.numpy_api import floating as floating
from chainrule.ops.numpy_api import histograms as histograms
from chainrule.ops.numpy_api import interpolation as interpolation
from chainrule.ops.numpy_api import joining as joining
from chainrule.ops.numpy_api import linalg as linalg
from chainrule.ops.numpy_api import nan_reductions as nan_reductions
from chainrule.ops.numpy_api import polynomials as polynomials
from chainrule.ops.numpy_api import quantiles as quantiles
from chainrule.ops.numpy_api import reductions as reductions
from chainrule.ops.numpy_api import selecting as selecting
from chainrule.ops.numpy_api import shapes as shapes
from chainrule.ops.numpy_api import sorting as sorting
from chainrule.ops.numpy_api import spaces as spaces
from chainrule.ops.numpy_api import ufunc_methods as ufunc_methods
from chainrule.ops.numpy_api import ufuncs as ufuncs
from chainrule.ops.numpy_api import vector_products as vector_products
