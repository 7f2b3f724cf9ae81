"""What a traced value cannot do, and what to write instead.

NumPy asks a traced value for a plain array or a number without saying why, so the user's own
expression is looked up (``calls.py``) and the remedy chosen by the function that it calls.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from chainrule.core.calls import Call, scipy_call, users_call
from chainrule.core.errors import NoRuleError, TraceError
from chainrule.core.primitive import OFFERED, REFUSED

_MEMORY = "it is about bytes in memory, which a graph does not have"
_NUMBERS = (
    "plain numbers are outside of the graph; use x itself, or cr.stop_gradient(x) where no"
    " derivative is wanted"
)
UNRECORDED = {
    "byteswap": f"{_MEMORY}; swap the bytes of the plain array before it is traced",
    "ctypes": f"{_MEMORY}; call foreign functions outside of the traced function, or wrap them"
    " with cr.custom_derivative",
    "data": f"{_MEMORY}; index x itself",
    "dump": "files are outside of the graph; return x and save the result",
    "dumps": "files are outside of the graph; return x and save the result",
    "flags": f"{_MEMORY}; ask the plain array before it is traced",
    "getfield": f"{_MEMORY}; use x.real, x.imag or x.astype(dtype)",
    "item": f"{_NUMBERS}; x[i] is an entry, x[()] or x.reshape(()) the only one",
    "resize": "an array cannot change its size in place; write x = np.concatenate([x, zeros]) to"
    " lengthen it, x = x[:n] to shorten it, x = np.reshape(x, shape) for another shape",
    "setfield": f"{_MEMORY}; write x[...] = v, x.real = v or x.imag = v",
    "setflags": f"{_MEMORY}; work on x.copy() to keep x as it is",
    "strides": f"{_MEMORY}; slice and transpose x instead of setting strides",
    "tobytes": f"{_NUMBERS}; return x and convert the result",
    "tofile": "files are outside of the graph; return x and save the result",
    "tolist": f"{_NUMBERS}; [*x] is a list of traced entries",
}
"""Public attribute of ndarray that a traced value lacks -> why, and what to write instead."""

_CUT = "use x itself, or cr.stop_gradient(x) where no derivative is wanted"
_FILL = (
    "to store it in an array, make that array with np.zeros_like(x, shape=...) or np.stack, not"
    " with np.zeros"
)
_ARRAY = (
    "write np.stack([x, y]) or np.concatenate(...) for np.array([x, y]); fill np.zeros_like(x) of a"
    " traced x instead of np.zeros(n); and call functions that are not NumPy's outside the traced"
    " function"
)
_REMEDIES = {
    "array": "write np.stack([x, y]) for np.array([x, y]), and x.copy() for np.array(x)",
    "asarray": "x is an array already: use x itself; write np.stack([x, y]) for a list",
    "asanyarray": "x is an array already: use x itself; write np.stack([x, y]) for a list",
    "ascontiguousarray": "use x itself: a graph has no layout of memory",
    "asfortranarray": "use x itself: a graph has no layout of memory",
    "asarray_chkfinite": "use x itself, and check the plain array before it is traced",
    "full": "write np.full_like(x, x, shape=shape), or np.broadcast_to(x, shape)",
    "fromiter": "write np.stack([*values])",
    "arange": "write start + step * np.arange(n) with a plain n",
    "poly1d": "write np.polyval(np.stack(coefficients), x) instead of np.poly1d(coefficients)(x)",
    "vectorize": "write f with functions of NumPy, or use cr.vmap(f)(x)",
    "frompyfunc": "write f with functions of NumPy, or use cr.vmap(f)(x)",
    "fromfunction": "write f(*np.indices(shape)), or use cr.vmap",
    "copyto": "write y[...] = x for a y that is made with np.zeros_like(x)",
    "random": "draw plain numbers and transform them: loc + scale * rng.standard_normal(n)",
    "matrix": "use x itself: a graph holds arrays of numbers alone, no subclasses",
    "frombuffer": "use x itself",
    **dict.fromkeys(
        ("float64", "float32", "float16", "complex128", "complex64", "int64", "int32", "bool_"),
        "write x.astype(dtype)",
    ),
}
_JOINERS = {"np.c_": "np.column_stack([...])", "np.r_": "np.concatenate([...])"}


def no_array(x: Any) -> TraceError:
    """The error for a traced value that is asked for a plain array."""
    scipy = scipy_call()
    if scipy is not None:
        return _of_scipy(*scipy)
    call = users_call()
    if x.dtype.kind in "iu":
        return TraceError(
            f"a traced integer cannot become a plain one{_where(call)}: to look up a plain array"
            " at a traced index, pass that array as an argument of the traced function, too; write"
            " np.stack([i, j]) for np.array([i, j])"
        )
    return TraceError(
        f"a traced value cannot become a plain ndarray{_where(call)}: {_remedy(call, _ARRAY)}"
    )


def no_number(name: str) -> TraceError:
    """The error for a traced value that is asked for a Python number, by ``name(x)``."""
    scipy = scipy_call()
    if scipy is not None:
        return _of_scipy(*scipy)
    call = users_call()
    if call.owner in ("math", "cmath"):
        return TraceError(
            f"{name}(x) of a traced value{_where(call)} would cut it out of the graph;"
            f" write {_instead_of_math(call.name)}"
        )
    return TraceError(
        f"{name}(x) of a traced value would cut it out of the graph{_where(call)};"
        f" {_remedy(call, f'{_CUT}; {_FILL}')}"
    )


_METHODS = frozenset(vars(np.ndarray)) & frozenset(vars(np))
_NUMPYS_NAME = {
    "fabs": "abs", "acos": "arccos", "asin": "arcsin", "atan": "arctan", "atan2": "arctan2",
    "acosh": "arccosh", "asinh": "arcsinh", "atanh": "arctanh", "fsum": "sum", "pow": "power",
}  # fmt: skip
_SCIPYS_NAME = {"erf": "erf", "erfc": "erfc", "gamma": "gamma", "lgamma": "gammaln"}


def _instead_of_math(name: str) -> str:
    if name in _SCIPYS_NAME:
        return f"cr.scipy.special.{_SCIPYS_NAME[name]}"
    known = _NUMPYS_NAME.get(name, name)
    return f"np.{known}" if known in vars(np) else "it with functions of NumPy"


def not_known(function: Callable[..., Any]) -> NoRuleError | TraceError:
    """The error for a function of NumPy, or a ufunc of whoever, that has no traced form."""
    name = function.__name__
    if isinstance(function, np.ufunc) and vars(np).get(name) is not function:
        special = sys.modules.get("scipy.special")
        if special is not None and vars(special).get(name) is function:
            return _of_scipy("special", name)
        return TraceError(
            f"the ufunc {name} does not work on traced values: {_REMEDIES['frompyfunc']}, or state"
            " its derivative with cr.custom_derivative"
        )
    remedy = (
        "write it with functions that do, such as slicing and np.concatenate, or take it out of the"
        " differentiated part with cr.stop_gradient"
    )
    why = REFUSED.get(function, remedy)
    return NoRuleError(f"{full_name(function)} does not work on traced values; {why}")


def full_name(function: Callable[..., Any]) -> str:
    """The name of a function of NumPy as users write it."""
    module = "np" if isinstance(function, np.ufunc) else function.__module__
    return f"{module}.{function.__name__}".replace("numpy", "np")


def _of_scipy(module: str, name: str) -> TraceError:
    """What to call instead of a function of SciPy, which does not take traced values."""
    names = OFFERED.get(module, ())
    what = f"scipy.{module}.{name} does not work on traced values"
    if name.partition(".")[0] in names:
        return TraceError(f"{what}; use cr.scipy.{module}.{name}, which does")
    there = f"cr.scipy.{module} has {', '.join(names)}"
    if not names:
        there = f"cr.scipy has the modules {', '.join(sorted(OFFERED))}"
    return TraceError(
        f"{what}; {there}; state a derivative of it with cr.custom_derivative, or call it outside"
        " of the traced function"
    )


def _where(call: Call) -> str:
    return f" in `{call.text}`" if call.text else ""


def _remedy(call: Call, otherwise: str) -> str:
    if call.stores:
        return f"`{call.stores}` is a plain array; {_FILL}"
    if call.reads in _JOINERS:
        return f"write {_JOINERS[call.reads]} instead of {call.reads}"
    if call.reads:
        return f"`{call.reads}` is indexed with it, and an index is of whole numbers; {_CUT}"
    if call.owner.endswith("random") or call.owner == "rng":
        return _REMEDIES["random"]
    if call.name in _REMEDIES and call.owner in ("np", "numpy", "np.ma", ""):
        return _REMEDIES[call.name]
    if call.owner.partition(".")[0] in ("np", "numpy"):
        function = f"{call.owner}.{call.name}"
        return (
            f"of a list NumPy makes the array alone; write {function}(np.stack([x, y]), ...) for"
            f" {function}([x, y], ...)"
        )
    if call.name in _METHODS and call.owner:
        written = f"np.{call.name}({call.owner}, ...)"
        return f"methods of plain arrays take no traced values; write {written}"
    return otherwise
