"""Places in memory as source text: an entry's address, a number on the stack, copies, prefetch."""

from __future__ import annotations

ADDRESS = '''\
@intrinsic
def address(context, array, i):
    """The address of entry i of a flat array."""

    def codegen(ctx, builder, signature, args):
        data = ctx.make_array(signature.args[0])(ctx, builder, args[0]).data
        place = cgutils.gep_inbounds(builder, data, args[1])
        return builder.ptrtoint(place, ctx.get_value_type(types.int64))

    return types.int64(array, types.int64), codegen
'''

HELD = '''\
@intrinsic
def held(context, x):
    """The address of a number, which is put on the stack."""

    def codegen(ctx, builder, signature, args):
        place = cgutils.alloca_once_value(builder, args[0])
        return builder.ptrtoint(place, ctx.get_value_type(types.int64))

    return types.int64(x), codegen
'''

COPY = '''\
@intrinsic
def copy_entries(context, target, i, source, j, count):
    """``target[i : i + count] = source[j : j + count]``, in one piece."""

    def codegen(ctx, builder, signature, args):
        to, begin = (
            cgutils.gep_inbounds(
                builder, ctx.make_array(signature.args[n])(ctx, builder, args[n]).data, args[n + 1]
            )
            for n in (0, 2)
        )
        size = ctx.get_abi_sizeof(ctx.get_data_type(target.dtype))
        cgutils.raw_memcpy(builder, to, begin, args[4], size)
        return ctx.get_dummy_value()

    i = types.int64
    return types.void(target, i, source, i, i), codegen
'''

PREFETCH = '''\
@intrinsic
def prefetch(context, source, j, count):
    """Begin to fetch ``source[j : j + count]`` into the second level of the cache."""

    def codegen(ctx, builder, signature, args):
        data = ctx.make_array(signature.args[0])(ctx, builder, args[0]).data
        step = args[1].type(64 // ctx.get_abi_sizeof(ctx.get_data_type(source.dtype)))
        reads, level, is_data = (cgutils.int32_t(n) for n in (0, 2, 1))
        kinds = ir.FunctionType(ir.VoidType(), [ir.PointerType(), *[cgutils.int32_t] * 3])
        begin = cgutils.get_or_insert_function(builder.module, kinds, "llvm.prefetch.p0")
        end = builder.add(args[1], args[2])
        with cgutils.for_range_slice(builder, args[1], end, step) as (at, _):
            builder.call(begin, [cgutils.gep(builder, data, at), reads, level, is_data])
        return ctx.get_dummy_value()

    return types.void(source, types.int64, types.int64), codegen
'''
