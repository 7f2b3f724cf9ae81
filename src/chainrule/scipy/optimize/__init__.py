"""``scipy.optimize``: SciPy's own solvers, with the derivatives that they want filled in.

``minimize.py``, ``least_squares.py`` and ``root.py`` are what users call; ``unknown.py`` is the
vector that SciPy sees in place of a container, ``conditions.py`` its bounds and constraints, and
``implicit.py`` the derivative of a solution.
"""

from chainrule.scipy.optimize.least_squares import least_squares as least_squares
from chainrule.scipy.optimize.minimize import minimize as minimize
from chainrule.scipy.optimize.root import root as root
