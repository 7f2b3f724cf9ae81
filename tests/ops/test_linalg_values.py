"""Every function of np.linalg on every shape and dtype: value, dtype, shape and errors of NumPy's,
of empty matrices, stacks and vectors as well."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.interpreter import evaluate
from chainrule.core.tree import flatten

L = np.linalg
ORDERS = (None, "fro", "nuc", 1, -1, 2, -2, np.inf, -np.inf, 0, 3, -1.5, "none of these")
FUNCTIONS: dict[str, Any] = {
    "eigh": L.eigh, "eigvalsh": L.eigvalsh, "eig": L.eig, "eigvals": L.eigvals, "svd": L.svd,
    "svd reduced": lambda a: L.svd(a, full_matrices=False), "svdvals": L.svdvals,
    "svd hermitian": lambda a: L.svd(a, compute_uv=False, hermitian=True),
    "qr": L.qr, "qr complete": lambda a: L.qr(a, "complete"), "qr r": lambda a: L.qr(a, "r"),
    "pinv": L.pinv, "pinv hermitian": lambda a: L.pinv(a, hermitian=True),
    "pinv rtol": lambda a: L.pinv(a, rtol=0.1), "pinv both": lambda a: L.pinv(a, 0.1, rtol=0.1),
    "lstsq": lambda a: L.lstsq(a, a[..., 0]), "lstsq several": lambda a: L.lstsq(a, a, rcond=0.3),
    "lstsq machine": lambda a: L.lstsq(a, a, rcond=-1),
    "det": L.det, "slogdet": L.slogdet, "inv": L.inv, "matrix_rank": L.matrix_rank,
    "matrix_rank tol": lambda a: L.matrix_rank(a, tol=1.0),
    "matrix_rank hermitian": lambda a: L.matrix_rank(a, hermitian=True),
    "matrix_rank both": lambda a: L.matrix_rank(a, 1.0, rtol=1.0),
    "multi_dot two": lambda a: L.multi_dot([a[..., 0], a]),
    "multi_dot three": lambda a: L.multi_dot([a, a.T, a]),
    "multi_dot vectors": lambda a: L.multi_dot([a[0], a.T, a, a[0]]),
    "matmul": lambda a: L.matmul(a, L.matrix_transpose(a)),
    "tensordot": lambda a: L.tensordot(a, a, axes=a.ndim),
    **{f"matrix_power {n}": lambda a, n=n: L.matrix_power(a, n) for n in (0, 1, 2, 3, 7, -3)},
    **{f"norm {o}": lambda a, o=o: L.norm(a, o) for o in ORDERS},
    **{f"norm planes {o}": lambda a, o=o: L.norm(a, o, (-1, 0), True) for o in ORDERS},
    **{f"norm lines {o}": lambda a, o=o: L.norm(a, o, axis=-1) for o in ORDERS},
    **{f"vector_norm {o}": lambda a, o=o: L.vector_norm(a, ord=o) for o in ORDERS},
    **{f"vector_norm axes {o}": lambda a, o=o: L.vector_norm(a, axis=(0,), keepdims=True, ord=o)
       for o in ORDERS},
    **{f"matrix_norm {o}": lambda a, o=o: L.matrix_norm(a, ord=o) for o in ORDERS},
    **{f"cond {o}": lambda a, o=o: L.cond(a, o) for o in ORDERS},
}  # fmt: skip
SHAPES = (
    (3, 3), (3, 2), (2, 3), (2, 3, 3), (1, 1), (2, 1, 2, 3), (3,), (), (0, 0), (0, 3), (3, 0)
)  # fmt: skip


def outcome(f: Any, x: Any) -> Any:
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            return f(x)
    except (ValueError, TypeError, IndexError) as error:
        return error


@pytest.mark.parametrize("name", FUNCTIONS)
def test_value_dtype_and_shape(name: str) -> None:
    f = FUNCTIONS[name]
    rng = np.random.default_rng(0)
    for shape in SHAPES:
        for dtype in (np.float32, np.float64, np.complex64, np.complex128, np.int32):
            parts = 3 * rng.standard_normal((2, *shape))
            x = (parts[0] + 1j * parts[1] if np.dtype(dtype).kind == "c" else parts[0]).astype(
                dtype
            )
            expected = outcome(f, x)
            found = outcome(lambda x: evaluate(cr.trace(f)(x), [x]), x)
            assert isinstance(found, Exception) == isinstance(expected, Exception), (shape, dtype)
            if isinstance(expected, Exception):
                continue
            tolerance = 1e-3 if np.dtype(dtype).char in "fF" else 1e-8
            for a, b in zip(found, flatten(expected)[0], strict=True):
                assert (np.shape(a), np.asarray(a).dtype) == (np.shape(b), np.asarray(b).dtype)
                np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", ["eigh", "eig", "svd", "qr", "slogdet"])
def test_results_are_of_numpys_classes(name: str) -> None:
    f = FUNCTIONS[name]
    kinds: list[type] = []
    cr.trace(lambda a: (kinds.append(type(f(a))), a)[1])(np.eye(2))
    assert kinds == [type(f(np.eye(2)))]
