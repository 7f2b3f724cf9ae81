"""Ufuncs that are compositions of others: float_power, modf, divmod, ldexp."""

from __future__ import annotations

import numpy as np

from chainrule.core.trace import type_of
from chainrule.ops.define import Array, as_dtype, composition
from chainrule.ops.elementwise import copysign, floor_divide, is_complex, mod, trunc
from chainrule.ops.exponentials import exp2
from chainrule.ops.powers import power


def _float_power(x: Array, y: Array) -> Array:
    kind = np.dtype(np.complex128 if is_complex(x) or is_complex(y) else np.float64)
    return power(as_dtype(x, kind), as_dtype(y, kind))


def _modf(x: Array) -> tuple[Array, Array]:
    whole = trunc(x)
    return copysign(x - whole, x), whole


composition(np.float_power, _float_power)
composition(np.modf, _modf)
composition(np.divmod, lambda x, y: (floor_divide(x, y), mod(x, y)))
composition(np.ldexp, lambda x, n: x * as_dtype(exp2(n), type_of(x).dtype))
