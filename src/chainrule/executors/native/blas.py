"""Calls of BLAS as source text, for the products that it does faster than the own ones.

BLAS takes its arguments by address; they are put on the stack, so that a call allocates nothing.
It may add up the terms of an entry in an order that depends on the shape of the whole product.
"""

from __future__ import annotations

SYMBOL = """\
# By name and not by address, so that the machine code that calls it can be kept on disk.
binding.add_symbol(
    "chainrule_{routine}", get_cython_function_address("scipy.linalg.{module}", "{routine}")
)
_{routine} = types.ExternalFunction("chainrule_{routine}", types.void(*[types.int64] * {count}))


"""
_GEMM = '''\
@njit(**OPTIONS)
def gemm_{float}(turn_a, turn_b, m, n, k, alpha, a, a0, lda, b, b0, ldb, beta, c, c0, ldc):
    """``c = alpha op(a) op(b) + beta c`` for row-major matrices that begin at a0, b0, c0."""
    apart()
    _{routine}(
        held(uint8(84 if turn_b else 78)), held(uint8(84 if turn_a else 78)),
        held(int32(n)), held(int32(m)), held(int32(k)), held(alpha),
        address(b, b0), held(int32(ldb)), address(a, a0), held(int32(lda)),
        held(beta), address(c, c0), held(int32(ldc)),
    )
'''
_GEMV = '''\
@njit(**OPTIONS)
def gemv_{float}(turn, m, n, alpha, a, a0, lda, x, x0, incx, beta, y, y0, incy):
    """``y = alpha op(a) x + beta y`` for a row-major m x n matrix that begins at a0."""
    apart()
    _{routine}(
        held(uint8(78 if turn else 84)), held(int32(n)), held(int32(m)), held(alpha),
        address(a, a0), held(int32(lda)), address(x, x0), held(int32(incx)),
        held(beta), address(y, y0), held(int32(incy)),
    )
'''

GEMM = {
    f"gemm_{kind}": (SYMBOL + _GEMM).format(
        float=kind, module="cython_blas", routine=name, count=13
    )
    for kind, name in (("float32", "sgemm"), ("float64", "dgemm"))
}
GEMV = {
    f"gemv_{kind}": (SYMBOL + _GEMV).format(
        float=kind, module="cython_blas", routine=name, count=11
    )
    for kind, name in (("float32", "sgemv"), ("float64", "dgemv"))
}
