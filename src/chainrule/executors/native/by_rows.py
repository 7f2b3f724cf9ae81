"""Matrix products as sums of rows, ``c[i] = sum_p a[i, p] b[p]``, as source text.

The product for factors whose right one lies by rows. A block of the result, a few rows by a few
vectors, stays in registers while p runs; each step loads a row of ``b``, and one number of ``a`` a
row. A right factor that lies by columns is first turned, a panel at a time, into memory on the
stack that the first cache levels hold.

**The same bits anywhere**: each entry of the result is computed by the same operations in the same
order, whatever m, n and the entry's place among them: panels of ``DEEP`` terms added up one by
one, ``alpha`` times each added to ``beta c``. So a product may be cut into ranges of rows or
columns at any place.
"""

from __future__ import annotations

BY_ROWS = '''\
ROWS = 6  # of a block; with its vectors in a row they leave registers for both factors
WIDE = 4 if BITS == 512 else 2  # vectors of a block's row; the last ones of a matrix go singly
DEEP = 256  # terms that are added up before the result is touched


def _write_by_rows(lanes, rows, vectors, count, k, alpha, a, row, step, b, down, beta, c, ldc):
    """A block; ``count`` lanes of the last vector are there."""
    builder = lanes.builder
    masks = [None] * (vectors - 1) + [lanes.first(count) if vectors == 1 else None]
    across = [INT(v * lanes.n) for v in range(vectors)]
    starts = [lanes.at(a, builder.mul(row, INT(i))) for i in range(rows)]

    def add_term(p, sums):
        here = lanes.at(b, builder.mul(p, down))
        right = [lanes.load(lanes.at(here, x), mask) for x, mask in zip(across, masks)]
        left = [lanes.load_one(lanes.at(start, builder.mul(p, step))) for start in starts]
        pairs = [(x, y) for x in left for y in right]
        return [lanes.fma(x, y, s) for (x, y), s in zip(pairs, sums)]

    sums = lanes.sums_over(k, add_term, [lanes.zero] * (rows * vectors))
    places = [lanes.at(c, builder.mul(ldc, INT(i)), x) for i in range(rows) for x in across]
    alpha, factor = lanes.spread(alpha), lanes.spread(beta)
    fresh = builder.fcmp_ordered("==", beta, lanes.kind(0.0))
    with builder.if_else(fresh) as (then, otherwise):
        with then:
            for x, place, mask in zip(sums, places, masks * rows):
                lanes.store(builder.fmul(alpha, x), place, mask)
        with otherwise:
            for x, place, mask in zip(sums, places, masks * rows):
                old = builder.fmul(factor, lanes.load(place, mask))
                lanes.store(lanes.fma(alpha, x, old), place, mask)


@intrinsic
def block_by_rows(context, rows, count, k, alpha, a, row, step, b, down, beta, c, ldc):
    """``c = alpha a b + beta c`` for a block of at most ROWS rows and WIDE vectors, or of one."""

    def codegen(ctx, builder, signature, args):
        rows, count, k, alpha, a, row, step, b, down, beta, c, ldc = args
        kind = alpha.type
        a, b, c = (builder.inttoptr(x, PLACE) for x in (a, b, c))
        given = [count, k, alpha, a, row, step, b, down, beta, c, ldc]

        def blocks(vectors):
            def block(height):
                def write(inner, *args):
                    _write_by_rows(Lanes(inner, kind), height, vectors, *args)

                name, parameters = f"by_rows_{height}x{vectors}_{kind}", [x.type for x in given]
                return block_function(builder.module, name, parameters, write)

            return {height: block(height) for height in range(1, ROWS + 1)}

        full = builder.icmp_signed(">=", count, INT(WIDE * Lanes(builder, kind).n))
        with builder.if_else(full) as (then, otherwise):
            with then:
                choose_block(builder, rows, blocks(WIDE), given)
            with otherwise:
                choose_block(builder, rows, blocks(1), given)
        return ctx.get_dummy_value()

    i = types.int64
    return types.void(i, i, i, alpha, i, i, i, i, i, alpha, i, i), codegen


@intrinsic
def panel_for(context, x):
    """The address of memory on the stack for a panel of numbers like x."""

    def codegen(ctx, builder, signature, args):
        lanes = Lanes(builder, ctx.get_value_type(signature.args[0]))
        panel = cgutils.alloca_once(builder, lanes.type, DEEP * WIDE)
        panel.align = BITS // 8
        return builder.ptrtoint(panel, INT)

    return types.int64(x), codegen


def _transposed(lanes, rows):
    """A square of lanes turned: rows and columns change places in halves, quarters and so on."""
    half = 1
    while half < lanes.n:
        for i in range(lanes.n):
            if not i & half:
                x, y = rows[i], rows[i + half]
                low = [t if not t & half else lanes.n + t - half for t in range(lanes.n)]
                high = [t + half if not t & half else lanes.n + t for t in range(lanes.n)]
                rows[i], rows[i + half] = lanes.pick(x, y, low), lanes.pick(x, y, high)
        half *= 2
    return rows


@intrinsic
def turn_square(context, x, source, right, columns, terms, target, width):
    """Put ``columns`` columns, each ``right`` further on, into the rows of a panel.

    A square of vectors is read and written at a time; of the last ones, what is there.
    """

    def codegen(ctx, builder, signature, args):
        kind = ctx.get_value_type(signature.args[0])
        given = [builder.inttoptr(args[1], PLACE), *args[2:5], builder.inttoptr(args[5], PLACE)]
        given.append(args[6])

        def write(inner, source, right, columns, terms, target, width):
            lanes = Lanes(inner, kind)
            last, mask = inner.sub(columns, INT(1)), lanes.first(terms)
            rows = []
            for i in range(lanes.n):
                there = inner.icmp_signed("<", INT(i), columns)
                number = inner.select(there, INT(i), last)
                rows.append(lanes.load(lanes.at(source, inner.mul(number, right)), mask))
            for i, x in enumerate(_transposed(lanes, rows)):
                lanes.store(x, lanes.at(target, inner.mul(width, INT(i))))

        parameters = [x.type for x in given]
        block = block_function(builder.module, f"turn_square_{kind}", parameters, write)
        builder.call(block, given)
        return ctx.get_dummy_value()

    i = types.int64
    return types.void(x, i, i, i, i, i, i), codegen


@njit(**OPTIONS)
def turn_panel(x, source, right, columns, terms, target, width):
    """Columns that begin at an address, as the rows of a panel."""
    lanes = lanes_of(x)
    size = BITS // 8 // lanes
    for j in range(0, columns, lanes):
        for p in range(0, terms, lanes):
            turn_square(
                x, source + (j * right + p) * size, right, columns - j, terms - p,
                target + (p * width + j) * size, width,
            )


@njit(**OPTIONS)
def product_by_rows(
    m, n, k, alpha, a, a0, row, step, b, b0, down, right, beta, c, c0, ldc
):
    """``c = alpha a b + beta c``: ``a[a0 + i row + p step] b[b0 + p down + j right]`` over p.

    One of ``down`` and ``right`` is 1; rows of c are ``ldc`` apart. The bits of an entry do not
    depend on m, n, and its place.
    """
    apart()
    lanes, size, panel = lanes_of(alpha), a.itemsize, panel_for(alpha)
    wide = WIDE * lanes
    blocks = (m + ROWS - 1) // ROWS
    for first in range(0, k, DEEP):
        terms, factor = min(DEEP, k - first), beta if first == 0 else 1.0
        for j in range(0, n, wide):
            count = min(wide, n - j)
            source, width = address(b, b0 + first * down + j * right), down
            if right != 1:
                turn_panel(alpha, source, right, count, terms, panel, wide)
                source, width = panel, wide
            i = 0
            for block in range(blocks):
                rows = (m - i + blocks - block - 1) // (blocks - block)
                left = address(a, a0 + i * row + first * step)
                at = address(c, c0 + i * ldc + j)
                for v in range(0, count, wide if count == wide else lanes):
                    block_by_rows(
                        rows, count - v, terms, alpha, left, row, step, source + v * size, width,
                        factor, at + v * size, ldc,
                    )
                i += rows
'''
