"""Sums and the like inside a loop nest, in an order that vector code can follow.

A sum that takes one entry after the other waits for each addition. Over the innermost loop, floats
are therefore put down in blocks of BLOCK entries, which the loop fills as any elementwise loop, and
each block is folded when it is full: lane l takes entries l, l + LANES, l + 2 LANES ... in this
order, then the lanes are folded by halves (l and l + 16, l and l + 8, ...). The sums of blocks are
added in pairs, those in pairs, and so on, as a binary counter carries. So the error of a sum grows
with the logarithm of its length, as that of NumPy's pairwise sum (Higham, "The accuracy of floating
point summation", 1993), and its bits depend neither on the width of the machine's vectors nor on
the run. Loops of fewer than LANES entries add one after the other, unless they call elementary
functions: a chain of additions keeps these from being vectors, which costs more than a fold.

Sums over outer loops alone are added up in memory, in the order of the loops, as NumPy does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LANES = 32
BLOCK = 256
FEW = 4  # entries that are worth vectors of elementary functions


@dataclass(frozen=True)
class Reduction:
    """A value that is summed (or whose largest is kept) into operand ``to``."""

    to: int
    value: str
    how: str
    dtype: str

    @property
    def neutral(self) -> str:
        """What it begins with."""
        t = self.dtype
        if self.how in ("max", "min"):
            return _extreme(t, largest=self.how == "min")
        return {"sum": f"{t}(0)", "prod": f"{t}(1)", "all": "True", "any": "False"}[self.how]

    @property
    def in_blocks(self) -> bool:
        """Whether its order matters, so that LLVM does not choose one: it is one of floats."""
        return self.dtype.startswith("float") and self.how not in ("all", "any")

    @property
    def folded(self) -> str:
        """The function that folds a block."""
        return f"{self.how}_of_{self.dtype}"

    def combined(self, place: str, value: str) -> str:
        """The statement that takes one more value in."""
        plain = {"sum": "+", "prod": "*", "all": "&", "any": "|"}.get(self.how)
        if plain is not None:
            return f"{place} {plain}= {value}"
        sign = ">" if self.how == "max" else "<"
        x = value
        return f"{place} = choose(({x} {sign} {place}) | ({x} != {x}), {x}, {place})"


def _extreme(t: str, *, largest: bool) -> str:
    """The largest or smallest value of a dtype, as text."""
    if t == "bool_":
        return str(largest)
    if t.startswith("float"):
        return f"{t}(np.inf)" if largest else f"{t}(-np.inf)"
    info = np.iinfo(t)
    return f"{t}({info.max if largest else info.min})"


FOLD = f'''\
def fold(builder, block, count, combine, neutral):
    """LLVM code that folds the first entries of a block in {LANES} lanes, and those by halves."""
    kind = block.type.pointee
    vector = ir.VectorType(kind, {LANES})
    full = builder.and_(builder.add(count, count.type({LANES - 1})), count.type({-LANES}))
    with cgutils.for_range_slice(builder, count, full, count.type(1)) as (i, _):
        builder.store(kind(neutral), builder.gep(block, [i]))
    place = cgutils.alloca_once_value(builder, vector([kind(neutral)] * {LANES}))
    with cgutils.for_range_slice(builder, count.type(0), full, count.type({LANES})) as (i, _):
        at = builder.bitcast(builder.gep(block, [i]), vector.as_pointer())
        entries = builder.load(at, align=64)
        builder.store(combine(builder, builder.load(place), entries), place)
    lanes, half = builder.load(place), {LANES // 2}
    while half:
        some = ir.VectorType(ir.IntType(32), half)
        first = builder.shuffle_vector(lanes, lanes, some(list(range(half))))
        second = builder.shuffle_vector(lanes, lanes, some(list(range(half, 2 * half))))
        lanes, half = combine(builder, first, second), half // 2
    return builder.extract_element(lanes, ir.IntType(32)(0))
'''

_FOLDED = '''\
@intrinsic
def {how}_of_{float}(context, block, count):
    """A block folded by {how}."""

    def combine(builder, kept, x):
{combine}

    def codegen(ctx, builder, signature, args):
        return fold(builder, args[0], args[1], combine, {neutral})

    return types.{float}(block, count), codegen
'''

_EXTREME = """\
        better = builder.fcmp_ordered("{sign}", x, kept)
        return builder.select(builder.or_(better, builder.fcmp_unordered("uno", x, x)), x, kept)"""

_FOLDS = {
    "sum": ("        return builder.fadd(kept, x)", "0.0"),
    "prod": ("        return builder.fmul(kept, x)", "1.0"),
    "max": (_EXTREME.format(sign=">"), 'float("-inf")'),
    "min": (_EXTREME.format(sign="<"), 'float("inf")'),
}

_BLOCKS = f'''\
@intrinsic
def block_{{float}}(context):
    """Room for {BLOCK} numbers on the stack."""

    def codegen(ctx, builder, signature, args):
        kind = ctx.get_value_type(types.{{float}})
        room = cgutils.alloca_once(builder, ir.ArrayType(kind, {BLOCK}))
        room.align = 64
        return builder.bitcast(room, kind.as_pointer())

    return types.CPointer(types.{{float}})(), codegen


@njit(**OPTIONS)
def put_{{float}}(sums, k, s):
    """Take in the sum of block k: ``sums[i]`` is of ``2^i`` blocks if bit i of k is set."""
    level = 0
    while k & 1:
        s = sums[level] + s
        k >>= 1
        level += 1
    sums[level] = s


@njit(**OPTIONS)
def total_{{float}}(sums, k):
    """The sum of k blocks."""
    s = {{float}}(0)
    level = 0
    while k:
        if k & 1:
            s = sums[level] + s
        k >>= 1
        level += 1
    return s
'''

REDUCTION_TEXTS = [
    FOLD,
    *(
        _FOLDED.format(how=how, float=t, combine=combine, neutral=neutral)
        for how, (combine, neutral) in _FOLDS.items()
        for t in ("float32", "float64")
    ),
    *(_BLOCKS.format(float=t) for t in ("float32", "float64")),
]
