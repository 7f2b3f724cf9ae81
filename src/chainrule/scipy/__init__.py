"""SciPy's functions under SciPy's names, for traced values and plain arrays alike.

SciPy's own functions cannot be caught as NumPy's are, its ufuncs apart. What is here has the
arguments that bear on the result; those that are about memory and checks are left out.
"""

from types import ModuleType as _Module

from chainrule.core.primitive import OFFERED as _OFFERED
from chainrule.scipy import integrate as integrate
from chainrule.scipy import linalg as linalg
from chainrule.scipy import optimize as optimize
from chainrule.scipy import signal as signal
from chainrule.scipy import special as special
from chainrule.scipy import stats as stats


def _names(module: _Module) -> tuple[str, ...]:
    """The functions and distributions that a module offers, for errors to name.

    All names of a package's ``__init__``, which is made of them; of a single file what it defines.
    """
    public = {n: x for n, x in vars(module).items() if not n.startswith("_")}
    own = (
        n
        for n, x in public.items()
        if not isinstance(x, (type, _Module))
        and ("__path__" in vars(module) or getattr(x, "__module__", None) == module.__name__)
    )
    return tuple(sorted(own))


_OFFERED.update(
    {
        m.__name__.rsplit(".", 1)[1]: _names(m)
        for m in (integrate, linalg, optimize, signal, special, stats)
    }
)
