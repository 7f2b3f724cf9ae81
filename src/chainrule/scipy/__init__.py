"""SciPy's functions under SciPy's names, for traced values and plain arrays alike.

SciPy's own functions cannot be caught as NumPy's are, its ufuncs apart. What is here has the
arguments that bear on the result; those that are about memory and checks are left out.
"""

from chainrule.scipy import integrate as integrate
from chainrule.scipy import linalg as linalg
from chainrule.scipy import optimize as optimize
from chainrule.scipy import signal as signal
from chainrule.scipy import special as special
from chainrule.scipy import stats as stats
