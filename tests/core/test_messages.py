"""The texts of the errors for typical mistakes: the operation, the shapes, the remedy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr

X, A = np.array([1.0, 2.0, 3.0]), np.ones((3, 2))


def summed(f: Callable[[Any], Any], x: Any = X) -> Callable[[], Any]:
    return lambda: cr.grad(lambda x: np.sum(f(x)))(x)


MISTAKES: list[tuple[str, Callable[[], Any], str]] = [
    ("matmul", summed(lambda x: A @ x),
     "matmul: shapes (3, 2) and (3,) do not fit: 2 columns on the left, 3 rows on the right;"
     " transpose one of them?"),
    ("broadcast", summed(lambda x: x * np.ones(4)),
     "multiply: shapes (3,) and (4,) do not broadcast; make the axes equal or 1 (x[:, None])"),
    ("concatenate", summed(lambda x: np.concatenate([x, A])),
     "concatenate along axis 0: shapes [(3,), (3, 2)] differ in another axis; make the other axes"
     " equal (x[:, None]), or concatenate along another one"),
    ("stack", summed(lambda x: np.stack([x, np.ones(2)])),
     "stack: all arrays must have one shape, got [(2,), (3,)]; reshape or broadcast them first, or"
     " use np.concatenate"),
    ("reshape", summed(lambda x: x.reshape(2, 2)),
     "cannot reshape an array of shape (3,) into shape (2, 2): the number of entries must stay; one"
     " axis may be -1, which is worked out"),
    ("solve", summed(lambda x: np.linalg.solve(A, x)),
     "solve: the last two axes of shape (3, 2) are no square matrix; slice it, or"
     " solve a least squares problem: np.linalg.lstsq(a, b)"),
    ("einsum", summed(lambda x: np.einsum("ij,j->i", A, x)),
     "einsum: axis 'j' has lengths 2 and 3"),
    ("integer", lambda: cr.grad(np.sum)(np.arange(3)),
     "argument [0] is an array of int64: a derivative needs floating-point numbers; pass"
     " x.astype(float)"),
    ("non-scalar", lambda: cr.grad(np.sin)(X),
     "grad is for functions that return one real number, this one returned shapes [(3,)]; reduce it"
     " (np.sum), or use cr.jacobian"),
    ("no-return", lambda: cr.grad(lambda x: None)(X),
     "grad is for functions that return one real number, this one returned None, in which there is"
     " none; is a return missing?"),
    ("no-argument", lambda: cr.grad(lambda x, y: x)(None, X),
     "grad is for functions that return one real number, this one returned None, in which there is"
     " none; is a return missing?"),
    ("value-for-function", lambda: cr.grad(np.sum(X)),
     "grad takes a function, got float64; write cr.grad(f)(x), and not cr.grad(f(x))"),
    ("array-for-function", lambda: cr.vmap(X),
     "vmap takes a function, got ndarray; write cr.vmap(f)(x), and not cr.vmap(f(x))"),
    ("number-for-function", lambda: cr.compile(2.0),
     "compile takes a function, got float; write cr.compile(f)(x), and not cr.compile(f(x))"),
    ("argnums", lambda: cr.grad(np.sum, 1)(X),
     "argnums=1 must be one or several positions: the function was called with 1 positional"
     " arguments; arguments to differentiate must be given by position"),
    ("tangent", lambda: cr.jvp(np.sin, (X,), (np.ones(2),)),
     "a tangent has shape (2,), its primal (3,); they must agree"),
    ("text", lambda: cr.grad(lambda x, s: x, (0, 1))(1.0, "a"),
     "argument [1] is a str, not an array or a number; differentiate other arguments with argnums,"
     " or keep such values in a closure"),
    ("branch-on-types", lambda: cr.compile(lambda x: x if x > 0 else -x)(1.0),
     "the truth of a traced bool asks for its value, but only its type is known here; use np.where"
     " to choose between values, cr.cond and cr.scan or cr.while_loop for branches and loops, or"
     " cr.compile(f, branches=True), which follows Python's own"),
    ("examples", lambda: cr.vmap(np.add)(X, np.ones(2)),
     "vmap: the arguments differ in the number of examples: 3 examples in argument [0] of shape"
     " (3,) along axis 0; 2 examples in argument [1] of shape (2,) along axis 0"),
    ("carry", lambda: cr.scan(lambda c, x: (np.ones(2), c), 1.0, X),
     "scan: the step takes float64 as part 0 of the carry and returns float64[2]; they must agree"
     " (use .astype, np.broadcast_to, or another first carry)"),
]  # fmt: skip


@pytest.mark.parametrize(("run", "text"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_what_a_mistake_is_told(run: Callable[[], Any], text: str) -> None:
    with pytest.raises(cr.ChainruleError) as caught:
        run()
    assert str(caught.value) == text
