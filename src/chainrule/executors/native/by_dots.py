"""Matrix products as dot products, ``c[i, j] = a[i] . b[j]``, as source text.

The product for a left factor that lies by rows and a right one that lies by columns, so that both
are read along the terms of the sum: what ``x @ W.T`` is. A block holds one vector of partial sums
for each of its entries; when the terms are done the lanes of each are added up, many entries at a
time. That takes as long as some three further steps, so few terms are better done by rows.

**The same bits anywhere**: lane t of an entry's vector adds up the terms t, t + lanes, t + 2 lanes
and so on, one by one, and the lanes are added in halves; neither depends on m, n or the entry's
place among them.
"""

from __future__ import annotations

BY_DOTS = '''\
TALL, BROAD = (6, 4) if BITS == 512 else (3, 3)  # rows and columns of a block


def _lane_sums(lanes, sums):
    """Vectors of the sums of the lanes of each vector, in order."""
    nothing, width, held = ir.Constant(lanes.type, ir.Undefined), lanes.n, 1
    while width > 1:
        width, held = width // 2, 2 * held  # each vector will hold so many sums, still so wide
        low = [2 * width * s + t for s in range(held) for t in range(width)]
        high = [t + width for t in low]
        pairs = zip(sums[::2], [*sums[1::2], nothing])
        sums = [lanes.builder.fadd(lanes.pick(x, y, low), lanes.pick(x, y, high)) for x, y in pairs]
    return sums


def _write_by_dots(lanes, rows, columns, k, alpha, a, lda, b, ldb, beta, c, ldc):
    """A block of rows x columns entries."""
    builder, n = lanes.builder, INT(lanes.n)
    lefts = [lanes.at(a, builder.mul(lda, INT(i))) for i in range(rows)]
    rights = [lanes.at(b, builder.mul(ldb, INT(j))) for j in range(columns)]

    def add_terms(at, sums, mask):
        left = [lanes.load(lanes.at(x, at), mask) for x in lefts]
        right = [lanes.load(lanes.at(x, at), mask) for x in rights]
        pairs = [(x, y) for x in left for y in right]
        return [lanes.fma(x, y, s) for (x, y), s in zip(pairs, sums)]

    def add_whole(i, sums):
        return add_terms(builder.mul(i, n), sums, None)

    whole, rest = builder.sdiv(k, n), builder.srem(k, n)
    sums = lanes.sums_over(whole, add_whole, [lanes.zero] * (rows * columns))

    def add_rest(i, sums):
        return add_terms(builder.mul(whole, n), sums, lanes.first(rest))

    some = builder.zext(builder.icmp_signed(">", rest, INT(0)), INT)
    found = _lane_sums(lanes, lanes.sums_over(some, add_rest, sums))
    fresh = builder.fcmp_ordered("==", beta, lanes.kind(0.0))
    with builder.if_else(fresh) as branches:
        for branch, reads in zip(branches, (False, True)):
            with branch:
                for at in range(rows * columns):
                    x = builder.extract_element(found[at // lanes.n], ir.IntType(32)(at % lanes.n))
                    i, j = divmod(at, columns)
                    place = lanes.at(c, builder.mul(ldc, INT(i)), INT(j))
                    if reads:
                        old = builder.fmul(beta, builder.load(place, typ=lanes.kind))
                        x = lanes.fma(alpha, x, old)
                    else:
                        x = builder.fmul(alpha, x)
                    builder.store(x, place)


@intrinsic
def block_by_dots(context, rows, columns, k, alpha, a, lda, b, ldb, beta, c, ldc):
    """``c = alpha a b + beta c`` for a block of at most TALL rows and BROAD columns."""

    def codegen(ctx, builder, signature, args):
        rows, columns, k, alpha, a, lda, b, ldb, beta, c, ldc = args
        kind = alpha.type
        a, b, c = (builder.inttoptr(x, PLACE) for x in (a, b, c))
        given = [k, alpha, a, lda, b, ldb, beta, c, ldc]

        def block(height, width):
            def write(inner, *args):
                _write_by_dots(Lanes(inner, kind), height, width, *args)

            name, parameters = f"by_dots_{height}x{width}_{kind}", [x.type for x in given]
            return block_function(builder.module, name, parameters, write)

        sizes = [(h, w) for h in range(1, TALL + 1) for w in range(1, BROAD + 1)]
        number = builder.add(builder.mul(rows, INT(BROAD + 1)), columns)
        blocks = {h * (BROAD + 1) + w: block(h, w) for h, w in sizes}
        choose_block(builder, number, blocks, given)
        return ctx.get_dummy_value()

    i = types.int64
    return types.void(i, i, i, alpha, i, i, i, i, alpha, i, i), codegen


@njit(**OPTIONS)
def product_by_dots(m, n, k, alpha, a, a0, lda, b, b0, ldb, beta, c, c0, ldc):
    """``c = alpha a b + beta c``: ``a[a0 + i lda + p] b[b0 + p + j ldb]`` over p.

    Rows of c are ``ldc`` apart. The bits of an entry do not depend on m, n, and its place.
    """
    apart()
    strips, blocks = (n + BROAD - 1) // BROAD, (m + TALL - 1) // TALL
    j = 0
    for strip in range(strips):
        columns = (n - j + strips - strip - 1) // (strips - strip)
        right = address(b, b0 + j * ldb)
        i = 0
        for block in range(blocks):
            rows = (m - i + blocks - block - 1) // (blocks - block)
            left, at = address(a, a0 + i * lda), address(c, c0 + i * ldc + j)
            block_by_dots(rows, columns, k, alpha, left, lda, right, ldb, beta, at, ldc)
            i += rows
        j += columns
'''
