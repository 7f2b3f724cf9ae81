"""Elementary functions that LLVM can vectorise, as source text for emitted modules.

NumPy's and libm's ``exp`` are calls, one an element; these are polynomials without branches, which
become vector code when ``error_model='numpy'`` rules out exceptions. Arguments are reduced with the
two-part ln 2 of Cody and Waite (Software Manual for the Elementary Functions, 1980), and the
exponent is put back in two halves, so that results down to the smallest denormal come out.

It is text because everything that Numba caches must stand in the emitted module itself; ``text_of``
collects what a module needs. Names end in the dtype they are for.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import cache

from chainrule.executors.native import along, lapack_kernels, special
from chainrule.executors.native.circular import CIRCULAR
from chainrule.executors.native.logarithms import LOGARITHMS, horner
from chainrule.executors.native.reductions import REDUCTION_TEXTS

PRELUDE = """\
import math

import numpy as np
from llvmlite import binding, ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import get_cython_function_address, intrinsic

OPTIONS = dict(error_model="numpy", fastmath={"contract"}, nogil=True, noalias=True)
"""

_BITS = '''\
@intrinsic
def bits_{float}(context, x):
    """An {int} read as the {float} of the same bits."""

    def codegen(ctx, builder, signature, args):
        return builder.bitcast(args[0], ctx.get_value_type(types.{float}))

    return types.{float}(types.{int}), codegen


@intrinsic
def as_{int}(context, x):
    """A {float} read as the {int} of the same bits."""

    def codegen(ctx, builder, signature, args):
        return builder.bitcast(args[0], ctx.get_value_type(types.{int}))

    return types.{int}(types.{float}), codegen
'''

APART = '''\
@intrinsic
def apart(context):
    """Keep the function around this from being copied to where it is called: it is called often."""

    def codegen(ctx, builder, signature, args):
        builder.function.attributes.add("noinline")
        return ctx.get_dummy_value()

    return types.void(), codegen
'''

START = '''\
@intrinsic
def start(context, array, offset):
    """A pointer to an entry of an array; booleans are bytes."""

    def codegen(ctx, builder, signature, args):
        data = ctx.make_array(signature.args[0])(ctx, builder, args[0]).data
        return builder.gep(data, [args[1]])

    entry = types.uint8 if array.dtype == types.boolean else array.dtype
    return types.CPointer(entry)(array, types.int64), codegen
'''

TURNS = '''\
@intrinsic
def turns(context, n):
    """The number n, which LLVM does not see: it would write a short loop out, entry by entry."""

    def codegen(ctx, builder, signature, args):
        same = ir.FunctionType(args[0].type, [args[0].type])
        return builder.asm(same, "", "=r,0", args, False)

    return types.int64(types.int64), codegen
'''

CHOOSE = '''\
@intrinsic
def choose(context, condition, x, y):
    """``x if condition else y``, both computed: a branch would keep loops from vectorising."""

    def codegen(ctx, builder, signature, args):
        return builder.select(*args)

    return x(types.boolean, x, x), codegen
'''

_EXP = """\
@njit(forceinline=True, **OPTIONS)
def exp_{float}(x):
    bounded = choose(x == x, min(max(x, {float}({low})), {float}({high})), x)
    n = bounded * {float}({log2e}) + {float}({magic}) - {float}({magic})  # rounds to nearest
    r = bounded - n * {float}({ln2_high}) - n * {float}({ln2_low})
    return exp_of_{float}(r, n)


@njit(forceinline=True, **OPTIONS)
def exp2_{float}(x):
    bounded = choose(x == x, min(max(x, {float}({low2})), {float}({high2})), x)
    n = bounded + {float}({magic}) - {float}({magic})
    return exp_of_{float}((bounded - n) * {float}({ln2}), n)


@njit(forceinline=True, **OPTIONS)
def half_exp_{float}(x):
    \"\"\"``exp(x) / 2``, which overflows later than exp.\"\"\"
    bounded = choose(x == x, min(x, {float}({high_half})), x)
    n = bounded * {float}({log2e}) + {float}({magic}) - {float}({magic})
    r = bounded - n * {float}({ln2_high}) - n * {float}({ln2_low})
    return exp_of_{float}(r, n - {float}(1))


@njit(**OPTIONS)
def exp_of_{float}(r, n):
    \"\"\"``exp(r) 2^n`` for small r and a whole n.\"\"\"
    p = {float}({first})
{steps}
    p = p * r * r + r + {float}(1)
    k = {int}(n)
    half = k >> {int}(1)
    rest = k - half
    up = bits_{float}({int}((half + {int}({bias})) << {int}({shift})))
    return p * up * bits_{float}({int}((rest + {int}({bias})) << {int}({shift})))
"""

_OF_EXP = """\
@njit(forceinline=True, **OPTIONS)
def expit_{float}(x):
    e = exp_{float}(-abs(x))
    return choose(x >= 0, {float}(1), e) / ({float}(1) + e)


@njit(forceinline=True, **OPTIONS)
def tanh_{float}(x):
    e = expm1_{float}(-abs(x + x))  # in this form it shares its exp with tanh's derivative
    sign = choose(x >= 0, {float}(1), {float}(-1))
    return choose(x == 0, x, sign * (-e / ({float}(2) + e)))


@njit(forceinline=True, **OPTIONS)
def sech_squared_{float}(x):
    e = exp_{float}(-abs(x + x))
    below = {float}(1) + e
    return {float}(4) * (e / (below * below))


@njit(**OPTIONS)
def expm1_{float}(x):
    r = min(max(x, {float}(-0.35)), {float}(0.35))  # the select below is then free of branches
    p = {float}({first})
{steps}
    small = p * r * r + r
    large = exp_{float}(x) - {float}(1)
    return choose(x == 0, x, choose(abs(x) < {float}(0.35), small, large))


@njit(forceinline=True, **OPTIONS)
def cosh_{float}(x):
    e = half_exp_{float}(abs(x))
    return e + {float}(0.25) / e


@njit(forceinline=True, **OPTIONS)
def sinh_{float}(x):
    a = abs(x)
    e = half_exp_{float}(a)
    z = min(x * x, {float}(1))
    p = {float}({sinh_first})
{sinh_steps}
    large = e - {float}(0.25) / e
    return choose(a < {float}(1), x + x * z * p, choose(x > 0, large, -large))
"""

_FLOOR_DIVIDE = '''\
@njit(**OPTIONS)
def floor_divide_{float}(x, y):
    """As NumPy does it, by the exact remainder: x / y can be rounded up to a whole number."""
    rest = np.fmod(x, y)
    quotient = (x - rest) / y
    below = (rest != 0) & ((y < 0) != (rest < 0))
    quotient = choose(below, quotient - {float}(1), quotient)
    whole = np.floor(quotient)
    whole = choose(quotient - whole > {float}(0.5), whole + {float}(1), whole)
    whole = choose(quotient == 0, np.copysign({float}(0), x / y), whole)
    return choose(y == 0, x / y, whole)
'''

_POW = '''\
@njit(**OPTIONS)
def pow_{int}(x, y):
    """An integer to the power of another, by squaring; it wraps around as NumPy's does."""
    if y < 0:
        raise ValueError("Integers to negative integer powers are not allowed.")
    power = {int}(1)
    while y > 0:
        if y & 1:
            power *= x
        x *= x
        y >>= 1
    return power
'''


def _horner(terms: int, kind: str) -> tuple[str, str]:
    """The first coefficient and the steps of ``sum_k r^(k-2) / k!`` from k = 2 to ``terms``."""
    return horner([1 / math.factorial(k) for k in range(terms, 1, -1)], kind, "r")


def _exp(kind: str, integer: str, terms: int, **constants: object) -> str:
    first, steps = _horner(terms, kind)
    return _EXP.format(float=kind, int=integer, first=first, steps=steps, **constants)


def _of_exp(kind: str, terms: int) -> str:
    first, steps = _horner(terms, kind)
    odd = [1 / math.factorial(k) for k in range(terms + 1 - terms % 2, 2, -2)]
    sinh_first, sinh_steps = horner(odd, kind, "z")
    return _OF_EXP.format(
        float=kind, first=first, steps=steps, sinh_first=sinh_first, sinh_steps=sinh_steps
    )


_TEXTS = [
    APART,
    START,
    TURNS,
    CHOOSE,
    _BITS.format(float="float32", int="int32"),
    _BITS.format(float="float64", int="int64"),
    _exp("float32", "int32", 7, low=-104.0, high=89.0, low2=-150.0, high2=128.0,
         high_half=90.0, ln2=0.6931471805599453, log2e=1.4426950408889634,
         magic=12582912.0, ln2_high=0.693359375, ln2_low=-2.1219444005469057e-4,
         bias=127, shift=23),
    _exp("float64", "int64", 13, low=-746.0, high=710.0, low2=-1076.0,
         high2=1024.0, high_half=711.0, ln2=0.6931471805599453, log2e=1.4426950408889634,
         magic=6755399441055744.0, ln2_high=6.93145751953125e-1, ln2_low=1.4286068203094173e-6,
         bias=1023, shift=52),
    _of_exp("float32", 9),
    _of_exp("float64", 16),
    *(_POW.format(int=kind) for kind in ("int32", "int64")),
    *(_FLOOR_DIVIDE.format(float=kind) for kind in ("float32", "float64")),
    *LOGARITHMS,
    *CIRCULAR,
    *REDUCTION_TEXTS,
]  # fmt: skip


def _functions() -> dict[str, str]:
    """Each function's own text, by name, decorator and what stands before it included."""
    found: dict[str, str] = {}
    for text in (*_TEXTS, *lapack_kernels.TEXTS, *along.TEXTS, *special.TEXTS.values()):
        for piece in re.split(r"\n\n\n(?=@)", text.strip()) if "add_symbol" not in text else [text]:
            name = re.search(r"^def (\w+)", piece, re.MULTILINE)
            assert name is not None
            found[name.group(1)] = piece.strip() + "\n"
    return found


FUNCTIONS = _functions()


def text_of(source: str, texts: Mapping[str, str]) -> str:
    """What a source calls of the functions of these names, and what those call, callees first."""
    order: dict[str, None] = {}

    def visit(text: str, called: frozenset[str]) -> None:
        for name, own in texts.items():
            if name in called and name not in order and own != text:
                visit(own, _called_in(own))
                order[name] = None

    visit(source, frozenset(_CALL.findall(source)))
    return "\n\n".join(texts[name] for name in order)


_CALL = re.compile(r"\b(\w+)\(")


@cache
def _called_in(text: str) -> frozenset[str]:
    """What the text of one of the functions here calls."""
    return frozenset(_CALL.findall(text))
