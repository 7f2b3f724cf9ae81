"""``checkpoint``: values and derivatives as without it, in less memory, and within a bound."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.interpreter import interpret
from chainrule.core.tree import flatten
from chainrule.executors.native import executor
from chainrule.executors.native.emit import emit
from chainrule.executors.native.lowering import lowered
from chainrule.passes.pipeline import Pipeline
from chainrule.transforms.checkpointing.liveness import peak

from ..executors.emulate import emulated
from .checkpointed import Program, elementwise, measured, mlp, programs

by_program = pytest.mark.parametrize("program", programs(), ids=lambda p: p.name)


def close(found: Any, wanted: Any, rtol: float = 1e-10) -> None:
    for a, b in zip(flatten(found)[0], flatten(wanted)[0], strict=True):
        assert np.shape(a) == np.shape(b)
        np.testing.assert_allclose(a, b, rtol=rtol, atol=1e-12)


# ---- recomputation -------------------------------------------------------------------------------


def chain(wrap: Callable[..., Any]) -> Callable[..., Any]:
    def part(x: Any) -> Any:
        for _ in range(20):
            x = np.sin(x)
        return x

    def f(x: Any) -> Any:
        for _ in range(5):
            x = wrap(part)(x)
        return np.sum(x)

    return f


def test_a_sweep_keeps_the_inputs_of_the_function_alone() -> None:
    x = np.linspace(0, 1, 10_000)
    plain, _ = measured(cr.grad(chain(lambda f: f)), (x,))
    less, _ = measured(cr.grad(chain(cr.checkpoint)), (x,))
    assert plain > 100 * x.nbytes
    assert less < 35 * x.nbytes


@pytest.mark.parametrize("kind", ["interpreter", "native"])
def test_no_pass_undoes_the_recomputation(kind: str) -> None:
    """The compiled sweep computes each sine again, in graphs that two equations hold."""
    both = cr.value_and_grad(chain(cr.checkpoint))
    graph = Pipeline()(cr.trace(both)(np.ones(10)))
    graph = lowered(graph) if kind == "native" else graph
    sines = [
        sum(e.primitive.name == "sin" for e in held.params["body"].equations)
        for held in graph.equations
        if held.primitive.name == "checkpoint"
    ]
    assert sum(n >= 19 for n in sines) == 10


def test_values_are_those_of_the_function() -> None:
    """Also the dtypes of Python numbers, static arguments, containers and no arrays at all."""
    x = np.ones(3, np.float32)

    def f(x: Any, eta: Any, n: int, name: str = "a") -> Any:
        for _ in range(n):
            x = x * eta
        return {name: x, "eta": eta}

    g = cr.checkpoint(f)
    assert g(x, 0.5, 2)["a"].dtype == np.float32
    close(g(x, 0.5, n=3, name="b"), f(x, 0.5, n=3, name="b"))
    assert cr.checkpoint(lambda: 3)() == 3
    assert g.__name__ == "f"


def test_control_flow_on_values_is_refused() -> None:
    with pytest.raises(cr.ChainruleError, match=r"cr\.cond and cr\.scan"):
        cr.grad(cr.checkpoint(lambda x: x if x > 0 else -x))(1.0)
    with pytest.raises(cr.ChainruleError, match=r"cr\.scan"):
        cr.grad(cr.checkpoint(lambda x: x * len(range(np.argmax(x)))))(np.ones(3))


@pytest.mark.parametrize("memory", [None, 1 << 20])
def test_a_gradient_of_each_kind(memory: int | None) -> None:
    def f(x: Any, y: Any) -> Any:
        x = np.cumsum(np.where(y > 0, x @ y, np.exp(x)), axis=0)
        x = np.concatenate([x[1:] * 2, x[:1, ::-1]]) / np.max(np.abs(y))
        return np.sum(np.linalg.solve(x.T @ x + np.eye(3), y)) + np.prod(x[0])

    rng = np.random.default_rng(2)
    args = rng.normal(size=(3, 3)), rng.normal(size=(3, 3))
    g = cr.checkpoint(f, memory=memory)
    close(cr.value_and_grad(g, (0, 1))(*args), cr.value_and_grad(f, (0, 1))(*args))
    close(cr.hessian(g)(*args), cr.hessian(f)(*args), 1e-8)
    close(cr.compile(cr.grad(g))(*args), cr.grad(f)(*args))


# ---- within a bound ------------------------------------------------------------------------------


@by_program
def test_the_measured_peak_is_under_the_bound(program: Program) -> None:
    memory = program.bound()
    found, _ = measured(program.checkpointed(memory), program.args)
    plain, _ = measured(program.plain(), program.args)
    objects = 40_000  # of Python: the graph, lists
    assert found <= memory + objects
    assert plain > 1.5 * memory
    close(program.checkpointed(memory)(*program.args), program.plain()(*program.args))


@by_program
def test_the_workspace_of_machine_code_is_under_the_bound(program: Program) -> None:
    memory = program.bound()
    emitted = emit(lowered(cr.compile(program.checkpointed(memory)).graph(*program.args)))
    space = sum(n * np.dtype(name[2:]).itemsize for name, n in emitted.workspaces.items())
    results = sum(t.size * t.dtype.itemsize for t in emitted.outputs)
    assert space + results <= memory


@pytest.mark.parametrize("part", [1.0, 0.6, 0.3, 0.15])
def test_less_memory_is_more_work(part: float) -> None:
    x = np.ones(1000)
    whole = cr.checkpoint(elementwise, memory=1 << 40).schedule(x)
    assert whole.recomputed == whole.equations
    less = cr.checkpoint(elementwise, memory=int(part * whole.peak)).schedule(x)
    assert less.peak <= less.memory
    assert whole.recomputed / part**0.3 <= less.recomputed * 1.5
    assert less.recomputed <= 4 * whole.recomputed


def test_the_least_that_can_be_met_is_named_and_can_be_met() -> None:
    x = np.ones(1000)
    with pytest.raises(cr.ChainruleError, match="the least that it takes is memory=") as caught:
        cr.grad(cr.checkpoint(elementwise, memory=1000))(x)
    least = int(str(caught.value).rsplit("=", 1)[1])
    close(cr.grad(cr.checkpoint(elementwise, memory=least))(x), cr.grad(elementwise)(x))
    with pytest.raises(cr.ChainruleError, match="least"):
        cr.grad(cr.checkpoint(elementwise, memory=least - 1))(x)


def test_the_schedule_is_printed_with_its_price() -> None:
    x = np.ones(1000)
    schedule = cr.checkpoint(elementwise, memory=100_000).schedule(x)
    text = str(schedule).splitlines()
    assert text[0] == f"reverse sweep of {schedule.equations} equations within 100 kB"
    assert "forwards, 8 kB kept" in text[1] and text[-3].endswith("forwards and back")
    assert text[-2].startswith(f"recomputed equations: {schedule.recomputed}, ")
    assert text[-1].endswith("of 100 kB")
    assert schedule.recomputed > schedule.equations


def test_loops_are_reversed_in_blocks() -> None:
    def f(c: Any) -> Any:
        return np.sum(cr.scan(lambda c, _: (np.sin(c), None), c, None, length=1000)[0])

    schedule = cr.checkpoint(f, memory=4000).schedule(np.ones(10))
    assert "the loop in blocks of" in str(schedule)
    assert schedule.peak <= 4000


@pytest.mark.parametrize("memory", [None, 40_000])
def test_nesting(memory: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside of loops, of itself and of every derivative; emitted source run as Python."""
    monkeypatch.setattr(executor, "build", emulated)
    rng = np.random.default_rng(4)
    weights, x = [rng.normal(size=(6, 6)) for _ in range(8)], rng.normal(size=(30, 6))

    def loss(wrap: Callable[..., Any]) -> Callable[..., Any]:
        def f(x: Any) -> Any:
            inner = wrap(lambda x: mlp(weights, x))
            return cr.scan(lambda c, x: (c + inner(x) * np.sin(c), None), 0.1, x[None])[0]

        return f

    f, g = loss(lambda f: f), loss(lambda f: cr.checkpoint(cr.checkpoint(f), memory=memory))
    t = rng.normal(size=x.shape)
    along = [lambda f: cr.jvp(cr.grad(f), (x,), (t,))[1]]
    along.append(lambda f: cr.grad(lambda x: cr.jvp(f, (x,), (t,))[1])(x))
    along.append(lambda f: cr.grad(lambda x: np.sum(cr.grad(f)(x) * t))(x))
    along.append(lambda f: cr.compile(cr.value_and_grad(f))(x))
    along.append(lambda f: cr.grad(cr.compile(f))(x))
    along.append(lambda f: cr.vmap(cr.grad(f))(np.stack([x, 2 * x])))
    along.append(lambda f: cr.grad(lambda x: np.sum(cr.vmap(f)(x)))(np.stack([x, 2 * x])))
    for derivative in along:
        close(derivative(g), derivative(f), 1e-8)


def test_bounds_that_are_none() -> None:
    for memory in (0, -5, True):
        with pytest.raises(cr.ChainruleError, match="positive number of bytes"):
            cr.checkpoint(np.sin, memory=memory)
    with pytest.raises(cr.ChainruleError, match="memory=bytes"):
        cr.checkpoint(np.sin).schedule(1.0)


# ---- the prediction ------------------------------------------------------------------------------


@by_program
def test_the_predicted_peak_of_a_graph_is_what_is_measured(program: Program) -> None:
    leaves, _ = flatten(program.args)
    graph = cr.trace(program.plain())(*program.args)
    run = interpret(graph)
    run(leaves)
    tracemalloc.start()
    run(leaves)
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 0.98 * found <= peak(graph) + 20_000
    assert peak(graph) <= 1.25 * found
