"""Special functions: calls of SciPy's C functions, as source text for emitted modules.

``scipy.special.cython_special`` exports them by name with their signature; several names can stand
for one function of several types. As with BLAS (``blas.py``) a symbol is bound to the address when
a module is loaded, so that machine code on disk holds no addresses. Where SciPy has no float32
form, float64's is called and rounded, which is what its ufunc does. What this version of SciPy does
not export has no native form.
"""

from __future__ import annotations

import ctypes

from scipy.special import cython_special

from chainrule.ops.special.gamma import BERNOULLI, FAR

CALLED = {  # primitive -> SciPy's name, number of arguments
    **{name: (name, 1) for name in (
        "erfc", "erfcx", "erfinv", "erfcinv", "gamma", "gammaln", "loggamma", "log_ndtr", "ndtri",
        "logit", "entr", "exp10", "i0", "i1", "i0e", "i1e", "j0", "j1", "y0", "y1",
    )},
    "digamma": ("psi", 1),
    **{name: (name, 2) for name in (
        "beta", "betaln", "gammainc", "gammaincc", "rel_entr", "kl_div", "huber", "iv", "ive", "jv",
        "stdtr",
    )},
    **{name: (name, 3) for name in ("betainc", "betaincc")},
}  # fmt: skip

_TEXT = '''\
# By name and not by address, so that the machine code that calls it can be kept on disk.
binding.add_symbol(
    "chainrule_{name}_{own}",
    get_cython_function_address("scipy.special.cython_special", "{symbol}"),
)
_{name}_{own} = types.ExternalFunction(
    "chainrule_{name}_{own}", types.{own}({types}, types.int32)
)


@njit(**OPTIONS)
def special_{name}_{float}({args}):
    """SciPy's function; the last argument is Cython's, and means nothing in C."""
    return {float}(_{name}_{own}({cast}, np.int32(0)))
'''
_ZETA = '''\
@njit(**OPTIONS)
def zeta_float64(s, q):
    """Hurwitz' zeta function by Euler and Maclaurin, as SciPy's; it exports none."""
    if s == 1 or (s > 1 and q <= 0 and q == math.floor(q)):
        return np.inf
    if not s > 1 or q != q or (q < 0 and s != math.floor(s)):
        return np.nan
    if q > 1e8:
        return (1 / (s - 1) + 1 / (2 * q)) * q ** (1 - s)
    total = 0.0
    while q < {far} + s:  # then the series, too, converges fast
        term = q**-s
        total += term
        if abs(term) < 1e-17 * abs(total):
            return total
        q += 1
    last = q**-s
    total += last * q / (s - 1) + 0.5 * last
    factor, k = last * s / (2 * q), 1
    for b in ({bernoulli}):
        total += b * factor
        factor *= (s + 2 * k - 1) * (s + 2 * k) / ((2 * k + 1) * (2 * k + 2) * q * q)
        k += 1
    return total


@njit(**OPTIONS)
def zeta_float32(s, q):
    """The same, rounded."""
    return float32(zeta_float64(float64(s), float64(q)))
'''
_C_NAMES = {"float64": "double", "float32": "float"}


def _signature(capsule: object) -> str:
    """The C signature that an exported function is labelled with."""
    name = ctypes.pythonapi.PyCapsule_GetName
    name.restype, name.argtypes = ctypes.c_char_p, [ctypes.py_object]
    return name(capsule).decode()


def _exported() -> dict[tuple[str, str], str]:
    """Symbols by the name of the function and its signature."""
    found: dict[tuple[str, str], str] = {}
    for symbol, capsule in cython_special.__pyx_capi__.items():
        name = symbol.removeprefix("__pyx_fuse_").lstrip("_0123456789")
        found[name, _signature(capsule)] = symbol
    return found


def _texts() -> dict[str, str]:
    """The function for each dtype, by its name in emitted modules."""
    exported, texts = _exported(), dict[str, str]()
    for name, count in CALLED.values():
        for kind in _C_NAMES:
            for own in (kind, "float64"):
                c = _C_NAMES[own]
                symbol = exported.get((name, f"{c} ({f'{c}, ' * count}int __pyx_skip_dispatch)"))
                if symbol is not None:
                    args = [f"x{i}" for i in range(count)]
                    texts[f"special_{name}_{kind}"] = _TEXT.format(
                        name=name, own=own, symbol=symbol, float=kind, args=", ".join(args),
                        types=", ".join([f"types.{own}"] * count),
                        cast=", ".join(f"{own}({x})" for x in args),
                    )  # fmt: skip
                    break
    zeta = _ZETA.format(far=FAR, bernoulli=", ".join(map(repr, BERNOULLI)))
    double, single = zeta.split("\n\n\n")
    return texts | {"zeta_float64": double, "zeta_float32": single}


TEXTS = _texts()
SPECIAL = (
    {  # templates for ``expressions.py``
        primitive: f"special_{name}_{{t}}({', '.join(['{x}', '{y}', '{z}'][:count])})"
        for primitive, (name, count) in CALLED.items()
        if f"special_{name}_float64" in TEXTS
    }
    | {"zeta": "zeta_{t}({x}, {y})"}
)
