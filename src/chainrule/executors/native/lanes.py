"""Vector instructions written out, as source text for emitted modules.

LLVM's own vectoriser does not find the blocks in which a matrix product is fast, so ``by_rows.py``
and ``by_dots.py`` write them with these words: a ``Lanes`` is an LLVM builder that knows the
host's vectors of one dtype. Blocks are LLVM functions of their own in the module that calls them;
the loops around blocks are plain Python for Numba.
"""

from __future__ import annotations

LANES = '''\
_HOST = binding.get_host_cpu_features()
BITS = 512 if _HOST.get("avx512f") else 256 if _HOST.get("avx") else 128  # of a vector register
INT, PLACE, VOID = ir.IntType(64), ir.PointerType(), ir.VoidType()


class Lanes:
    """Writes instructions on vectors of one kind of number."""

    def __init__(self, builder, kind):
        self.builder, self.kind = builder, kind
        self.size = 8 if isinstance(kind, ir.DoubleType) else 4  # bytes
        self.n = BITS // (8 * self.size)
        self.type = ir.VectorType(kind, self.n)
        self.zero = ir.Constant(self.type, None)
        self.name = f"v{self.n}f{8 * self.size}"

    def _call(self, name, result, *args):
        types_ = ir.FunctionType(result, [x.type for x in args])
        return self.builder.call(
            cgutils.get_or_insert_function(self.builder.module, types_, name), args
        )

    def at(self, place, *steps):
        """The place ``steps`` numbers further on."""
        for step in steps:
            place = self.builder.gep(place, [step], source_etype=self.kind)
        return place

    def pick(self, x, y, numbers):
        """The lanes of these numbers, of x and then of y."""
        chosen = ir.Constant(ir.VectorType(ir.IntType(32), self.n), numbers)
        return self.builder.shuffle_vector(x, y, chosen)

    def spread(self, x):
        """A number in all lanes."""
        nothing = ir.Constant(ir.VectorType(x.type, self.n), ir.Undefined)
        first = self.builder.insert_element(nothing, x, ir.IntType(32)(0))
        return self.pick(first, nothing, [0] * self.n)

    def first(self, count):
        """A mask of the first ``count`` lanes."""
        numbers = ir.Constant(ir.VectorType(INT, self.n), list(range(self.n)))
        return self.builder.icmp_signed("<", numbers, self.spread(count))

    def load(self, place, mask=None):
        """The numbers from a place on; zeros, and no access, where the mask is not set."""
        if mask is None:
            return self.builder.load(place, typ=self.type, align=self.size)
        align = ir.IntType(32)(self.size)
        return self._call(
            f"llvm.masked.load.{self.name}.p0", self.type, place, align, mask, self.zero
        )

    def store(self, x, place, mask=None):
        """Put numbers from a place on, where the mask is set."""
        if mask is None:
            self.builder.store(x, place, align=self.size)
        else:
            align = ir.IntType(32)(self.size)
            self._call(f"llvm.masked.store.{self.name}.p0", VOID, x, place, align, mask)

    def load_one(self, place):
        """A number, in all lanes."""
        return self.spread(self.builder.load(place, typ=self.kind, align=self.size))

    def fma(self, x, y, z):
        """``x y + z``, rounded once where the host can."""
        name = self.name if x.type == self.type else f"f{8 * self.size}"
        return self._call(f"llvm.fmuladd.{name}", x.type, x, y, z)

    def sums_over(self, count, step, sums):
        """Add up ``step(i, sums)`` for i = 0, 1 ... count - 1, from zeros; returns the sums."""
        builder, begin = self.builder, self.builder.block
        loop, done = (builder.append_basic_block(name) for name in ("loop", "done"))
        builder.cbranch(builder.icmp_signed(">", count, INT(0)), loop, done)
        builder.position_at_end(loop)
        i = builder.phi(INT)
        before = [builder.phi(self.type) for _ in sums]
        after = step(i, before)
        following = builder.add(i, INT(1))
        builder.cbranch(builder.icmp_signed("<", following, count), loop, done)
        last = builder.block
        builder.position_at_end(done)
        found = [builder.phi(self.type) for _ in sums]
        for phi, first, then in ((i, INT(0), following), *zip(before, sums, after)):
            phi.add_incoming(first, begin)
            phi.add_incoming(then, last)
        for phi, first, then in zip(found, sums, after):
            phi.add_incoming(first, begin)
            phi.add_incoming(then, last)
        return found


def block_function(module, name, parameters, write):
    """The LLVM function of a name in a module; ``write(builder, *arguments)`` writes it once."""
    if name not in module.globals:
        function = ir.Function(module, ir.FunctionType(VOID, parameters), name)
        function.linkage = "internal"
        function.attributes.add("noinline")
        builder = ir.IRBuilder(function.append_basic_block("entry"))
        write(builder, *function.args)
        builder.ret_void()
    return module.globals[name]


def choose_block(builder, number, blocks, args):
    """Call the one of several LLVM functions that a number stands for."""
    end = builder.append_basic_block("end")
    table = builder.switch(number, end)
    for value, block in blocks.items():
        case = builder.append_basic_block(f"case{value}")
        table.add_case(INT(value), case)
        with builder.goto_block(case):
            builder.call(block, args)
            builder.branch(end)
    builder.position_at_end(end)


@intrinsic
def lanes_of(context, x):
    """How many numbers like x a vector register holds."""

    def codegen(ctx, builder, signature, args):
        return INT(Lanes(builder, ctx.get_value_type(signature.args[0])).n)

    return types.int64(x), codegen
'''
