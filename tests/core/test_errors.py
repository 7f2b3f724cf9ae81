"""Every error names the operation, the shapes and the remedy."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import (
    ArgumentError,
    ChainruleError,
    DTypeError,
    EscapedTracerError,
    NoRuleError,
    ShapeError,
    TraceError,
)

X3 = np.array([1.0, 2.0, 3.0])


def of(*shape: int) -> cr.ArrayType:
    return cr.ArrayType(shape, np.dtype(float))


def fill_plain(x: Any) -> Any:
    z = np.zeros(3)
    z[:] = x
    return np.sum(z)


def add_to_plain(x: Any) -> Any:
    z = np.zeros(3)
    z += x
    return np.sum(z)


def loop_to(n: Any) -> Any:
    return sum(range(n))


CUT = [
    ("float", float, r"float\(x\) of a traced value .*stop_gradient"),
    ("int", int, r"int\(x\) of a traced value .* np.zeros_like"),
    ("complex", complex, r"complex\(x\) of a traced value"),
    ("math", math.sin, r"float\(x\) of a traced value"),
    ("item", lambda x: x.item(), "item"),
    ("tolist", lambda x: x.tolist(), "tolist"),
    ("np.array", lambda x: np.sum(np.array([x, x])), r"np.stack\(\[x, y\]\)"),
    ("np.asarray", lambda x: np.sum(np.asarray(x)), "cannot become a plain ndarray"),
    ("flat", lambda x: np.asarray(x.flat), r"x.ravel\(\)"),
]


@pytest.mark.parametrize(("f", "message"), [c[1:] for c in CUT], ids=[c[0] for c in CUT])
def test_what_would_cut_a_value_out_of_the_graph(f: Callable[..., Any], message: str) -> None:
    with pytest.raises(TraceError, match=message):
        cr.grad(f)(1.0)


def test_one_entry_of_a_plain_array_cannot_hold_a_traced_value() -> None:
    def fill(x: Any) -> Any:
        z = np.zeros(3)
        z[0] = x
        return np.sum(z)

    with pytest.raises(TraceError, match=r"np\.zeros_like\(x, shape=\.\.\.\)") as caught:
        cr.grad(fill)(1.0)  # NumPy would put a text of its own before ours
    assert caught.traceback[-1].name == "fill"


REFUSED: list[tuple[str, Callable[[], Any], type[ChainruleError], str]] = [
    ("fill", lambda: cr.grad(fill_plain)(X3), TraceError,
     r"in `z\[:\]`: `z` is a plain array.*np.zeros_like"),
    ("iadd", lambda: cr.grad(add_to_plain)(X3), TraceError, r"y = y \+ x instead of y \+= x"),
    ("out", lambda: cr.grad(lambda x: np.exp(x, out=np.zeros(3)))(X3), TraceError, "np.exp.*out="),
    ("out-sum", lambda: cr.grad(lambda x: np.sum(x, out=np.zeros(())))(X3), TraceError,
     "np.sum.*out="),
    ("ufunc-where", lambda: cr.grad(lambda x: np.exp(x, where=x > 0))(X3), TraceError,
     r"np.exp\(where=...\) leaves entries undefined; pass out=y"),
    ("ufunc-at", lambda: cr.grad(lambda x: np.add.at(np.zeros(3), [0], x))(X3), TraceError,
     r"np.add.at.*plain array.*np.zeros_like"),
    ("arguments", lambda: cr.grad(lambda x: np.argsort(x, stable=True))(X3), NoRuleError,
     "np.argsort of traced values: .*'stable'.*it takes a, axis, kind"),
    ("refused", lambda: cr.grad(lambda x: np.save("nowhere", x))(X3), NoRuleError,
     "np.save does not work on traced values; files"),
    ("non-scalar", lambda: cr.grad(np.sin)(X3), ShapeError, r"\(3,\).*np.sum.*cr.jacobian"),
    ("two-results", lambda: cr.grad(lambda x: (x, x))(1.0), ShapeError, "one real number"),
    ("integer-argument", lambda: cr.grad(np.sum)(np.arange(3)), DTypeError,
     r"argument \[0\] is an array of int64.*astype\(float\)"),
    ("integer-leaf", lambda: cr.grad(lambda p: p["w"])({"w": np.arange(2)}), DTypeError,
     r"argument \[0\]\['w'\] is an array of int64"),
    ("boolean", lambda: cr.grad(lambda x: x)(True), DTypeError, r"argument \[0\] is a bool"),
    ("text", lambda: cr.grad(lambda x: 1.0)("a"), DTypeError, r"argument \[0\] is a str"),
    ("integer-result", lambda: cr.grad(np.argmax)(X3), DTypeError, "returned int64"),
    ("complex-result", lambda: cr.grad(lambda x: np.sum(x * 1j))(X3), DTypeError,
     "returned complex128; return its .real"),
    ("text-result", lambda: cr.grad(lambda x: "a")(1.0), TraceError, "returned str 'a'"),
    ("aux", lambda: cr.grad(lambda x: x, has_aux=True)(1.0), TraceError, r"a pair \(output, aux\)"),
    ("trace-text", lambda: cr.trace(lambda x: x)("a"), TraceError, "returned str 'a'"),
    ("argnums", lambda: cr.grad(np.sum, 2)(X3), ArgumentError, "argnums=2 .* 1 positional"),
    ("argnums-negative", lambda: cr.grad(np.sum, (0, -2))(X3), ArgumentError, r"\(0, -2\)"),
    ("argnums-text", lambda: cr.grad(np.sum, "x")(X3), ArgumentError, "argnums='x'"),
    ("argnums-keyword", lambda: cr.grad(lambda x: x)(x=1.0), ArgumentError, "by position"),
    ("mode", lambda: cr.jacobian(np.sin, mode="sideways"), ArgumentError, "'sideways'.*'auto'"),
    ("tangent-shape", lambda: cr.jvp(np.sin, (X3,), (np.ones(2),)), ShapeError,
     r"a tangent has shape \(2,\), its primal \(3,\)"),
    ("tangent-structure", lambda: cr.jvp(lambda d: d["a"], ({"a": X3},), ([X3],)), ShapeError,
     r"structure \({'a': \*},\), got \(\[\*\],\)"),
    ("tangent-count", lambda: cr.jvp(np.sin, (X3,), ()), ShapeError, "1 primals and 0 tangents"),
    ("tangent-complex", lambda: cr.jvp(np.sin, (X3,), (1j * X3,)), DTypeError,
     "tangent of complex128 does not fit its primal of float64"),
    ("cotangent-shape", lambda: cr.vjp(np.sin, X3)[1](np.ones(2)), ShapeError,
     r"a cotangent has shape \(2,\), its output \(3,\)"),
    ("cotangent-structure", lambda: cr.vjp(lambda x: (x, x), X3)[1](X3), ShapeError,
     r"structure \(\*, \*\), got \*"),
    ("cotangent-complex", lambda: cr.vjp(np.sin, X3)[1](1j * X3), DTypeError, "complex128"),
    ("broadcast-types", lambda: cr.trace(np.add)(of(2, 3), of(4)), ShapeError,
     r"add: shapes \(2, 3\) and \(4,\) do not broadcast; .*\[:, None\]"),
    ("broadcast-values", lambda: cr.grad(lambda x: x * np.ones(4))(X3), ShapeError,
     r"multiply: shapes \(3,\) and \(4,\)"),
    ("where-types", lambda: cr.trace(lambda a, b: np.where(a > 0, a, b))(of(3), of(2)),
     ShapeError, "where: shapes"),
    ("matmul-types", lambda: cr.trace(np.matmul)(of(2, 3), of(4, 2)), ShapeError,
     r"\(2, 3\) and \(4, 2\).*3 columns.*4 rows.*transpose"),
    ("matmul-values", lambda: cr.grad(lambda x: x @ np.ones((2, 2)))(X3), ShapeError, "3 columns"),
    ("matmul-scalar", lambda: cr.trace(np.matmul)(of(), of(2)), ShapeError, r"x \* y"),
    ("matmul-stacks", lambda: cr.trace(np.matmul)(of(2, 2, 3), of(4, 3, 2)), ShapeError, "matmul"),
    ("einsum-rank", lambda: cr.trace(lambda x: np.einsum("ij->i", x))(of(3)), ShapeError,
     r"'ij' names 2 axes of an array of shape \(3,\)"),
    ("einsum-length", lambda: cr.trace(lambda x: np.einsum("ii", x))(of(3, 2)), ShapeError,
     "axis 'i' has lengths 3 and 2"),
    ("einsum-count", lambda: cr.trace(lambda x: np.einsum("i,i", x))(of(3)), ShapeError,
     "names 2 arrays, got 1"),
    ("einsum-result", lambda: cr.trace(lambda x: np.einsum("i->j", x))(of(3)), ShapeError,
     "'j' of the result"),
    ("einsum-lists", lambda: cr.trace(lambda x: np.einsum(x, [0], [0]))(of(3)), TraceError,
     "string of subscripts"),
    ("tensordot", lambda: cr.trace(np.tensordot)(of(2, 3), of(2, 4)), ShapeError,
     "tensordot: axes"),
    ("reshape", lambda: cr.trace(lambda x: x.reshape(2, 2))(of(3)), ShapeError,
     r"reshape an array of shape \(3,\) into shape \(2, 2\)"),
    ("broadcast_to", lambda: cr.grad(lambda x: np.broadcast_to(x, (2, 2)))(X3), ShapeError,
     "broadcast_to: an array of shape"),
    ("concatenate", lambda: cr.trace(lambda x: np.concatenate([x, np.ones((2, 2))]))(of(3)),
     ShapeError, "concatenate along axis 0"),
    ("stack", lambda: cr.trace(lambda x: np.stack([x, np.ones(2)]))(of(3)), ShapeError,
     "one shape"),
    ("index-range", lambda: cr.trace(lambda x: x[5])(of(3)), ShapeError, "out of bounds"),
    ("index-dtype", lambda: cr.trace(lambda x: x[1.0])(of(3)), DTypeError, "integers or booleans"),
    ("index-truth", lambda: cr.trace(lambda x: x[True])(of(3)), TraceError, "np.where"),
    ("mask-shape", lambda: cr.trace(lambda x: x[np.array([True])])(of(3)), ShapeError,
     r"mask of shape \(1,\)"),
    ("setitem-shape", lambda: cr.trace(lambda x: x.__setitem__(0, np.ones(2)))(of(3)), ShapeError,
     r"v of shape \(2,\) does not fit x\[index\] of shape \(\)"),
    ("setitem-complex", lambda: cr.trace(lambda x: x.__setitem__(0, 1j))(of(3)), DTypeError,
     "v.real"),
    ("astype-complex", lambda: cr.trace(lambda x: (x * 1j).astype(float))(of(3)), TraceError,
     "x.real"),
    ("bool", lambda: cr.trace(lambda x: x if x > 0 else -x)(of()), TraceError,
     "the truth of a traced bool.*np.where"),
    ("range", lambda: cr.trace(loop_to)(cr.ArrayType((), np.dtype(int))), TraceError,
     "an integer of a traced int64.*static"),
    ("plain-lookup", lambda: cr.vmap(lambda i: np.arange(3.0)[i])(np.array([0, 1])), TraceError,
     "pass that array as an argument"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("run", "error", "message"), [c[1:] for c in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_errors_name_what_is_wrong(
    run: Callable[[], Any], error: type[ChainruleError], message: str
) -> None:
    with pytest.raises(error, match=message):
        run()


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.moveaxis(x, 0, 3),
        lambda x: np.swapaxes(x, 0, 2),
        lambda x: np.expand_dims(x, 3),
        lambda x: np.transpose(x, (3,)),
        lambda x: np.sum(x, axis=1),
        lambda x: np.stack([x, x], axis=4),
        lambda x: np.tensordot(x, x, ([1], [0])),
    ],
)
def test_axes_out_of_range_are_numpys_error(f: Callable[..., Any]) -> None:
    with pytest.raises(np.exceptions.AxisError):
        cr.grad(f)(X3)


def test_a_traced_value_does_not_outlive_its_function() -> None:
    kept: list[Any] = []

    def keep(x: Any) -> Any:
        kept.append(x * 1.0)
        return x

    cr.grad(keep)(1.0)
    for use in (
        lambda: kept[0] * 2,
        lambda: np.sin(kept[0]),
        lambda: cr.grad(lambda y: y * kept[0])(1.0),
        lambda: cr.grad(lambda y: kept[0])(1.0),
    ):
        with pytest.raises(EscapedTracerError, match="return"):
            use()


def test_unknown_attributes_name_the_remedy() -> None:
    with pytest.raises(AttributeError, match=r"x.colour is not recorded.*NumPy function"):
        cr.grad(lambda x: x.colour)(X3)


def test_errors_are_pythons_own_kinds_too() -> None:
    with pytest.raises(ValueError, match="do not broadcast"):
        cr.trace(np.add)(of(2), of(3))
    with pytest.raises(TypeError, match="float"):
        cr.grad(float)(1.0)
    with pytest.raises(IndexError, match="out of bounds"):
        cr.grad(lambda x: x[5])(X3)
