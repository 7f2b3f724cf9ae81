"""Products of arrays and contractions."""

from __future__ import annotations

import numpy as np

import chainrule as cr

from .table import case, x, y, z

# ---- products ------------------------------------------------------------------------------------

for _left, _right in (
    ((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((2, 3), (3, 4)), ((3,), (2, 3, 4)),
    ((4, 2, 3), (3,)), ((4, 2, 3), (3, 2)), ((2, 3), (4, 3, 2)), ((4, 2, 3), (4, 3, 2)),
    ((1, 2, 3), (4, 3, 2)), ((5, 1, 2, 3), (4, 3, 2)), ((5, 4, 2, 3), (5, 1, 3, 2)),
    ((3,), (2, 4, 3, 2)), ((2, 4, 2, 3), (3,)), ((1, 1), (1, 1)), ((2, 0), (0, 3)), ((0,), (0,)),
):  # fmt: skip
    _ranks = "x".join("".join(map(str, s)) for s in (_left, _right))
    case(f"matmul-{_ranks}", np.matmul, x(*_left), y(*_right))
case("matmul-float32", np.matmul, x(2, 3, dtype=np.float32), y(3, 2, dtype=np.float32))
for _left, _right in (((3,), (3,)), ((3,), (3, 2)), ((2, 3), (3,)), ((3,), (2, 3, 2))):
    _ranks = "x".join("".join(map(str, s)) for s in (_left, _right))
    case(f"matmul-mixed-{_ranks}", np.matmul, x(*_left, dtype=np.float32), y(*_right))
    case(f"matmul-mixed-right-{_ranks}", np.matmul, x(*_left), y(*_right, dtype=np.float32))
    case(f"matmul-complex-{_ranks}", np.matmul, z(*_left), z(*_right, seed=1))
    case(f"matmul-complex-real-{_ranks}", np.matmul, z(*_left), y(*_right))
case("matmul-operator-constant", lambda a: np.arange(6.0).reshape(2, 3) @ a, x(3, 2))
case("matmul-itself", lambda a: a @ a @ a, x(3, 3))
case("matmul-integers", lambda a: a @ np.arange(6).reshape(3, 2), x(2, 3))

EINSUMS: dict[str, tuple[tuple[int, ...], ...]] = {
    "ij,jk->ik": ((2, 3), (3, 4)), "ij,jk": ((2, 3), (3, 4)), "ij,kj->": ((2, 3), (4, 3)),
    "i,j->ij": ((2,), (3,)), "ii->i": ((3, 3),), "ii": ((3, 3),), "ij->ji": ((2, 3),),
    "ij->": ((2, 3),), "ij->j": ((2, 3),), "ji": ((2, 3),), "iij->j": ((2, 2, 3),),
    "iji->j": ((2, 3, 2),), "iii->i": ((2, 2, 2),), "ii,ij->j": ((2, 2), (2, 3)),
    "bij,bjk->bik": ((4, 2, 3), (4, 3, 2)), "...ij,...jk->...ik": ((4, 2, 3), (3, 2)),
    "...ij,...jk": ((4, 2, 3), (1, 3, 2)), "i...,i...->...": ((2, 3), (2, 1)),
    "...,...": ((2, 3), (3,)), "...i->...": ((2, 3),), "ij,jk,kl->il": ((2, 3), (3, 2), (2, 4)),
    "ij,ij->ij": ((2, 3), (2, 3)), "ij,ij->": ((2, 3), (1, 3)), "a,ab,b->": ((2,), (2, 3), (3,)),
    "i->": ((3,),), ",i->i": ((), (3,)), "ij,k->k": ((2, 3), (2,)), "iB,Aj": ((2, 3), (2, 2)),
    " i j , j k -> i k ": ((2, 3), (3, 2)), "i,i,i->i": ((3,), (3,), (3,)),
}  # fmt: skip
for _subscripts, _shapes in EINSUMS.items():
    case(f"einsum({_subscripts})", lambda *xs, s=_subscripts: np.einsum(s, *xs),
         *(x(*s, seed=i) for i, s in enumerate(_shapes)))  # fmt: skip
case("einsum-same-twice", lambda a: np.einsum("ij,ij->i", a, a), x(2, 3))
case("einsum-complex", lambda a, b: np.einsum("ij,jk->ik", a, b), z(2, 3), y(3, 2))
case("einsum-mixed", lambda a, b: np.einsum("ij,j->i", a, b), x(2, 3, dtype=np.float32), y(3))
case("einsum-optimize", lambda a, b: np.einsum("ij,j->i", a, b, optimize=True), x(2, 3), y(3))
case("tensordot", np.tensordot, x(2, 3, 4), y(3, 4, 2))
case("tensordot-1", lambda a, b: np.tensordot(a, b, axes=1), x(2, 3), y(3, 4))
case("tensordot-0", lambda a, b: np.tensordot(a, b, axes=0), x(2), y(3))
case("tensordot-pairs", lambda a, b: np.tensordot(a, b, axes=([0, -1], [2, 0])),
     x(2, 3, 4), y(4, 5, 2))  # fmt: skip
case("tensordot-one-pair", lambda a, b: np.tensordot(a, b, axes=(0, 1)), x(2, 3), y(4, 2))
for _left, _right in (
    ((), (3,)), ((2, 2), ()), ((3,), (3,)), ((2, 3), (3,)), ((3,), (3, 2)), ((2, 3), (3, 2)),
    ((2, 3), (4, 3, 2)), ((3,), (4, 3, 2)), ((4, 2, 3), (3,)), ((4, 2, 3), (5, 3, 2)),
):  # fmt: skip
    _ranks = "x".join("".join(map(str, s)) for s in (_left, _right))
    case(f"dot-{_ranks}", np.dot, x(*_left), y(*_right))
case("dot-method", lambda a, b: a.dot(b), x(2, 3), y(3))
case("dot-python", np.dot, x(2, 3), 1.5)
for _left, _right in (((), (3,)), ((3,), (3,)), ((2, 3), (3,)), ((2, 3), (4, 3))):
    _ranks = "x".join("".join(map(str, s)) for s in (_left, _right))
    case(f"inner-{_ranks}", np.inner, x(*_left), y(*_right))
case("subtract_product", lambda w, s, a, b: cr.ops.update.subtract_product(w, s, a, b),
     x(2, 4), 0.3, x(2, 3), y(3, 4))  # fmt: skip
case("vdot", np.vdot, x(2, 3), y(3, 2))
case("vdot-complex", np.vdot, z(3), z(3, seed=1))
case("vdot-complex-real", np.vdot, z(3), y(3))
case("outer", np.outer, x(2, 2), y(3))
case("outer-complex", np.outer, z(2), y(3))
