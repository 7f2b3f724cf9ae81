"""``scipy.integrate``: differential equations and integrals, differentiated as what they are.

``odeint.py``, ``solve_ivp.py`` and ``quad.py`` are what users call. ``problem.py`` is an equation
with its solver, ``trajectory.py`` its solution as a function with rules: the adjoint equation
(``adjoint.py``) where there are values, the variational equation (``variational.py``) forwards and
wherever a derivative is differentiated in turn. ``samples.py`` integrates sampled functions.
"""

from chainrule.scipy.integrate.odeint import odeint as odeint
from chainrule.scipy.integrate.quad import quad as quad
from chainrule.scipy.integrate.samples import cumulative_trapezoid as cumulative_trapezoid
from chainrule.scipy.integrate.samples import simpson as simpson
from chainrule.scipy.integrate.samples import trapezoid as trapezoid
from chainrule.scipy.integrate.solve_ivp import Solution as Solution
from chainrule.scipy.integrate.solve_ivp import solve_ivp as solve_ivp
