"""The one table of primitives with sample inputs, over which every property is tested.

A case is a function of plain NumPy with inputs to call it at. Together the cases reach every
primitive and every NumPy function that works on traced values; ``tests/ops/test_registry.py`` holds
that. Inputs of floating or complex dtype are differentiated; integer and Boolean ones are traced.

The modules beside this one hold the cases, one concept each.
"""

from . import choosing as choosing
from . import constant as constant
from . import elementwise as elementwise
from . import fourier as fourier
from . import indexing as indexing
from . import linear_algebra as linear_algebra
from . import moving as moving
from . import polynomials as polynomials
from . import products as products
from . import programs as programs
from . import reductions as reductions
from . import sets as sets
from . import shapes as shapes
from . import signals as signals
from . import special as special
from . import spectral as spectral
from . import statistics as statistics
from . import writing as writing
from .table import CASES as CASES
from .table import Case as Case

_names = [c.name for c in CASES]
assert len(set(_names)) == len(_names), sorted({n for n in _names if _names.count(n) > 1})
