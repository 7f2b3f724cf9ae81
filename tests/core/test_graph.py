"""The text form of graphs, and the checks that a graph must pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import GraphError
from chainrule.core.graph import Equation, Graph, Literal, Var
from chainrule.core.primitive import NO_BATCH, PIECEWISE_CONSTANT, PRIMITIVES, Primitive
from chainrule.core.show import names, show

F64 = cr.ArrayType((3,), np.dtype(np.float64))
SCALAR = cr.ArrayType((), np.dtype(np.float64))


def test_the_text_of_a_network_and_of_its_gradient() -> None:
    def loss(w: Any, x: Any) -> Any:
        return np.sum((1 / (1 + np.exp(-(w @ x))) - 0.5) ** 2)

    w, x = np.ones((2, 3), np.float32), np.ones(3, np.float32)
    assert str(cr.trace(loss)(w, x)) == (
        "graph(a: float32[2, 3], b: float32[3])\n"
        "  c: float32[2] = matmul a b\n"
        "  d: float32[2] = neg c\n"
        "  e: float32[2] = exp d\n"
        "  f: float32[2] = add 1 e\n"
        "  g: float32[2] = div 1 f\n"
        "  h: float32[2] = sub g 0.5\n"
        "  i: float32[2] = pow h 2\n"
        "  j: float32 = sum[axes=(0,)] i\n"
        "  return j"
    )
    assert str(cr.trace(cr.grad(lambda x: np.sum(np.sin(x) * 2.0)))(np.ones(3))) == (
        "graph(a: float64[3])\n"
        "  b: float64[3] = sin a\n"
        "  c: float64[3] = mul b 2.0\n"
        "  d: float64 = sum[axes=(0,)] c\n"
        "  e: float64[3] = cos a\n"
        "  f: float64[3] = mul_or_zero <float64[3]> e\n"
        "  return f"
    )


def test_the_text_of_parameters_and_constants() -> None:
    def f(x: Any) -> Any:
        y = x[1:, None, ..., ::2] + np.ones((4, 1, 2))
        y[np.array([0, 1])] = 0.0
        return y.astype(np.float32), np.arange(2)

    assert str(cr.trace(f)(np.ones((5, 4)))) == (
        "graph(a: float64[5, 4])\n"
        "  b: float64[4, 1, 2] = getitem[index=(1:, None, ..., ::2)] a\n"
        "  c: float64[4, 1, 2] = add b <float64[4, 1, 2]>\n"
        "  d: float64[4, 1, 2] = setitem[index=(#0,)] c 0.0 <int64[2]>\n"
        "  e: float32[4, 1, 2] = convert[dtype=float32] d\n"
        "  return e <int64[2]>"
    )


def test_sources_name_the_users_lines() -> None:
    def f(x: Any) -> Any:
        y = np.exp(x)
        return np.sum(y * y)

    graph = cr.trace(f)(np.ones(3))
    first = f.__code__.co_firstlineno + 1
    lines = [e.source.line for e in graph.equations if e.source is not None]
    assert lines == [first, first + 1, first + 1]
    assert f"# test_graph.py:{first}" in show(graph, sources=True)
    assert graph.equations[0].source is not None
    assert graph.equations[0].source.function == "f"
    assert str(graph.equations[0].source).endswith(f"test_graph.py:{first}")


def test_names_go_on_after_z() -> None:
    fresh = names()
    found = [next(fresh) for _ in range(703)]
    assert (found[0], found[25], found[26], found[702]) == ("a", "z", "aa", "aaa")


def test_types_print_as_numpy_writes_them() -> None:
    assert str(cr.ArrayType((2, 3), np.dtype(np.float32))) == "float32[2, 3]"
    assert str(cr.ArrayType((), np.dtype(np.float64), weak=True)) == "float64~"
    assert cr.ArrayType((2, 3), np.dtype(bool)).size == 6


def equation(name: str, inputs: Any, out: Var, **params: Any) -> Equation:
    return Equation(PRIMITIVES[name], tuple(inputs), (out,), params)


def test_whole_graphs_pass() -> None:
    a, b = Var(F64), Var(F64)
    graph = Graph((a,), (equation("add", (a, Literal(1.0, SCALAR)), b),), (b, a))
    assert cr.check_graph(graph) is graph


def broken_graphs() -> list[Any]:
    a, b, c = Var(F64), Var(F64), Var(SCALAR)
    two = Var(cr.ArrayType((2,), np.dtype(float)))
    ints = Var(cr.ArrayType((3,), np.dtype(int)))
    foreign = Primitive("sin", np.sin, lambda x: x, PIECEWISE_CONSTANT, NO_BATCH)
    cases = {
        "input twice": (Graph((a, a), (), (a,)), "the inputs: .* a second time"),
        "undefined operand": (
            Graph((a,), (equation("add", (a, b), c),), (c,)),
            r"equation 0 \(add\): operand 1 .* before it is defined",
        ),
        "defined twice": (
            Graph((a,), (equation("neg", (a,), b), equation("neg", (a,), b)), (b,)),
            r"equation 1 \(neg\): .* a second time",
        ),
        "its own operand": (Graph((a,), (equation("neg", (b,), b),), (b,)), "before it is defined"),
        "undefined output": (Graph((a,), (), (b,)), "the outputs: operand 0"),
        "wrong shape": (Graph((a,), (equation("neg", (a,), c),), (c,)), "type rule gives float64"),
        "wrong dtype": (Graph((a,), (equation("neg", (a,), ints),), (ints,)), "graph says .*int64"),
        "operands that do not fit": (
            Graph((a, two), (equation("add", (a, two), b),), (b,)),
            "do not broadcast",
        ),
        "missing parameter": (Graph((a,), (equation("sum", (a,), c),), (c,)), "axes"),
        "wrong parameter": (
            Graph((a,), (equation("transpose", (a,), b, order=(0, 5)),), (b,)),
            r"equation 0 \(transpose\)",
        ),
        "too many operands": (Graph((a,), (equation("neg", (a, a), b),), (b,)), r"\(neg\)"),
        "two outputs": (
            Graph((a,), (Equation(PRIMITIVES["neg"], (a,), (b, Var(F64))),), (b,)),
            r"equation 0 \(neg\)",
        ),
        "foreign primitive": (
            Graph((a,), (Equation(foreign, (a,), (b,)),), (b,)),
            "not the registered one",
        ),
    }
    return [pytest.param(*case, id=name) for name, case in cases.items()]


@pytest.mark.parametrize(("graph", "message"), broken_graphs())
def test_each_kind_of_broken_graph_is_found(graph: Graph, message: str) -> None:
    with pytest.raises(GraphError, match=message):
        cr.check_graph(graph)
