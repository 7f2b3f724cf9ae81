"""NumPy's functions on traced values, one concept a module; ``implements.py`` says how."""

from chainrule.ops.numpy_api import choosing as choosing
from chainrule.ops.numpy_api import comparing as comparing
from chainrule.ops.numpy_api import diagonals as diagonals
from chainrule.ops.numpy_api import editing as editing
from chainrule.ops.numpy_api import grids as grids
from chainrule.ops.numpy_api import joining as joining
from chainrule.ops.numpy_api import kinds as kinds
from chainrule.ops.numpy_api import linalg as linalg
from chainrule.ops.numpy_api import outside as outside
from chainrule.ops.numpy_api import padding as padding
from chainrule.ops.numpy_api import places as places
from chainrule.ops.numpy_api import putting as putting
from chainrule.ops.numpy_api import reductions as reductions
from chainrule.ops.numpy_api import repeating as repeating
from chainrule.ops.numpy_api import rolling as rolling
from chainrule.ops.numpy_api import searching as searching
from chainrule.ops.numpy_api import selecting as selecting
from chainrule.ops.numpy_api import sets as sets
from chainrule.ops.numpy_api import shapes as shapes
from chainrule.ops.numpy_api import splitting as splitting
from chainrule.ops.numpy_api import ufunc_methods as ufunc_methods
from chainrule.ops.numpy_api import ufuncs as ufuncs
