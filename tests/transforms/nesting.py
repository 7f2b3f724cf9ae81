"""Every transformation as a function of functions of the same inputs, so that any two can nest.

``make`` is the transformation of ours; ``plain`` is the same by other means: a Python loop for
``vmap``, the function itself for what does not change values, first derivatives in eager code for
derivatives of any kind (which are tested against differences elsewhere).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import chainrule as cr
from chainrule.core.trace import type_of
from chainrule.core.tree import flatten

from ..cases import Case
from .pairing import DIFFERENTIABLE, curved_loss, direction, directions, of_floats

Function = Callable[..., Any]
Make = Callable[[Function], Function]


@dataclass(frozen=True)
class Transform:
    """A transformation of functions ``f(*arrays)``, and what it must equal."""

    name: str
    make: Make
    plain: Make
    is_derivative: bool = False


def _same(f: Function) -> Function:
    return f


def _leaves(f: Function) -> Function:
    return lambda *xs: flatten(f(*xs))[0]


def _numbers(xs: Sequence[Any]) -> tuple[int, ...]:
    return tuple(range(len(xs)))


def floats(outputs: Sequence[Any]) -> list[Any]:
    """The outputs that a derivative is of."""
    return [x for x in outputs if type_of(x).dtype.kind in "fc"]


# ---- derivatives ---------------------------------------------------------------------------------


def grad(f: Function) -> Function:
    return lambda *xs: cr.grad(curved_loss(f, 2), _numbers(xs))(*xs)


def value_and_grad(f: Function) -> Function:
    return lambda *xs: cr.value_and_grad(curved_loss(f, 2), _numbers(xs))(*xs)


def jvp(f: Function) -> Function:
    return lambda *xs: floats(cr.jvp(_leaves(f), xs, directions(xs, 3))[1])


def linearize(f: Function) -> Function:
    return lambda *xs: floats(cr.linearize(_leaves(f), *xs)[1](*directions(xs, 3)))


def vjp(f: Function) -> Function:
    def pulled(*xs: Any) -> Any:
        out, pullback = cr.vjp(lambda *xs: floats(_leaves(f)(*xs)), *xs)
        return pullback(directions(out, 4))

    return pulled


def jacobian(mode: Any) -> Make:
    def make(f: Function) -> Function:
        of_floats = lambda *xs: floats(_leaves(f)(*xs))
        return lambda *xs: cr.jacobian(of_floats, _numbers(xs), mode)(*xs)

    return make


def _column_by_column(f: Function) -> Function:
    """A Jacobian by one tangent after the other."""

    def at(*xs: Any) -> Any:
        out, push = cr.linearize(lambda *xs: floats(_leaves(f)(*xs)), *xs)
        table: list[list[Any]] = [[] for _ in out]
        for j, x in enumerate(xs):
            columns: list[list[Any]] = [[] for _ in out]
            kind = type_of(x)
            for unit in np.eye(kind.size, dtype=kind.dtype):
                ts = [0 * direction(v, 0) for v in xs]
                ts[j] = unit.reshape(kind.shape)[()] if not kind.weak else unit.item(0)
                for column, t in zip(columns, push(*ts), strict=True):
                    column.append(t)
            for row, column, o in zip(table, columns, out, strict=True):
                row.append(np.reshape(np.stack(column, -1), (*np.shape(o), *kind.shape)))
        return [tuple(row) for row in table]

    return at


def hessian(f: Function) -> Function:
    return lambda *xs: cr.hessian(curved_loss(f, 2))(*xs)


def _hessian_plain(f: Function) -> Function:
    def at(x: Any, *rest: Any) -> Any:
        gradient = lambda x: cr.grad(curved_loss(f, 2))(x, *rest)
        return _column_by_column(gradient)(x)[0][0]

    return at


def hvp(f: Function) -> Function:
    return lambda *xs: cr.hvp(curved_loss(f, 2), xs, directions(xs, 3))


def _hvp_plain(f: Function) -> Function:
    """By reverse over forward mode."""

    def at(*xs: Any) -> Any:
        along = lambda *v: cr.jvp(curved_loss(f, 2), v, directions(v, 3))[1]
        found = cr.grad(along, _numbers(xs))(*xs)
        return found[0] if len(xs) == 1 else found

    return at


def jet(f: Function) -> Function:
    """The second derivative along a bent path."""

    def second(*xs: Any) -> Any:
        series = [list(directions(xs, 3)), list(directions(xs, 8))]
        return cr.jet(lambda v: floats(_leaves(f)(*v)), list(xs), series)[1][1]

    return second


def _second_by_jvp(f: Function) -> Function:
    def second(*xs: Any) -> Any:
        floats, first = _floats_of(f), directions(xs, 3)
        along = lambda *v: cr.jvp(floats, v, first)[1]
        bent = cr.jvp(floats, xs, directions(xs, 8))[1]
        return [a + b for a, b in zip(cr.jvp(along, xs, first)[1], bent, strict=True)]

    return second


# ---- batches, loops, branches --------------------------------------------------------------------


def _pair(x: Any) -> Any:
    return np.stack([x * 1.0, x * type_of(x).dtype.type(0.97)])


def vmap(f: Function) -> Function:
    return lambda *xs: cr.vmap(f)(*map(_pair, xs))


def _looped(f: Function) -> Function:
    def loop(*xs: Any) -> Any:
        rows = [_leaves(f)(*(p[i] for p in map(_pair, xs))) for i in range(2)]
        return [np.stack(column) for column in zip(*rows, strict=True)]

    return loop


def scan(f: Function) -> Function:
    """``f`` in the first of two steps of a loop."""

    def first(*xs: Any) -> Any:
        step = lambda carry, s: (carry, _leaves(f)(*carry))
        _, ys = cr.scan(step, xs, np.arange(2.0))
        return [y[0] for y in ys]

    return first


def while_loop(f: Function) -> Function:
    """``f`` in the one step of a loop."""

    def once(*xs: Any) -> Any:
        kinds = _result_types(f, xs)
        start = [np.zeros(t.shape, t.dtype) for t in kinds]

        def step(state: Any) -> Any:
            return [y * 1 for y in _leaves(f)(*xs)], state[1] + 1

        return cr.while_loop(lambda state: state[1] < 1, step, (start, 0))[0]

    return once


def cond(f: Function) -> Function:
    """``f`` in the branch that is taken."""

    def branch(*xs: Any) -> Any:
        other = lambda *xs: [y * 2 for y in _leaves(f)(*xs)]
        taken = lambda *xs: [y * 1 for y in _leaves(f)(*xs)]
        return cr.cond(np.sum(np.real(xs[0]) * 0) == 0, taken, other, *xs)

    return branch


def _result_types(f: Function, xs: Sequence[Any]) -> list[Any]:
    graph = cr.trace(_leaves(f))(*map(type_of, xs))
    return [x.type for x in graph.outputs]


# ---- executors -----------------------------------------------------------------------------------


def compiled(executor: Any) -> Make:
    return lambda f: cr.compile(f, executor=executor)


def branches(f: Function) -> Function:
    return cr.compile(f, branches=True)


# ---- rules and memory ----------------------------------------------------------------------------


def checkpoint(memory: int | None) -> Make:
    return lambda f: cr.checkpoint(f, memory=memory)


def custom_jvp(f: Function) -> Function:
    """``f`` with its own derivative as the stated forward rule."""
    leaves = _leaves(f)
    stated = cr.custom_derivative(lambda *xs: leaves(*xs))
    stated.def_jvp(lambda primals, tangents: cr.jvp(leaves, primals, tangents))
    return stated


def custom_vjp(f: Function) -> Function:
    """``f`` with its own derivative as the stated reverse rule."""
    leaves = _leaves(f)
    stated = cr.custom_derivative(lambda *xs: leaves(*xs))
    stated.def_vjp(lambda *xs: (leaves(*xs), xs), lambda xs, ct: cr.vjp(leaves, *xs)[1](ct))
    return stated


def implicit_root(f: Function) -> Function:
    """The values of ``f`` as what makes a residual zero."""
    values = _floats_of(f)

    def residual(root: Any, *xs: Any) -> Any:
        return [2.0 * (a - b) for a, b in zip(root, values(*xs), strict=True)]

    return cr.implicit_root(residual, lambda *xs: values(*xs))


def _floats_of(f: Function) -> Function:
    return lambda *xs: floats(_leaves(f)(*xs))


TRANSFORMS = [
    Transform("grad", grad, grad, is_derivative=True),
    Transform("value_and_grad", value_and_grad, value_and_grad, is_derivative=True),
    Transform("jvp", jvp, jvp, is_derivative=True),
    Transform("linearize", linearize, jvp, is_derivative=True),
    Transform("vjp", vjp, vjp, is_derivative=True),
    Transform("jacobian, forward", jacobian("forward"), _column_by_column, is_derivative=True),
    Transform("jacobian, reverse", jacobian("reverse"), _column_by_column, is_derivative=True),
    Transform("hessian", hessian, _hessian_plain, is_derivative=True),
    Transform("hvp", hvp, _hvp_plain, is_derivative=True),
    Transform("jet", jet, _second_by_jvp, is_derivative=True),
    Transform("vmap", vmap, _looped),
    Transform("scan", scan, _same),
    Transform("while_loop", while_loop, _same),
    Transform("cond", cond, _same),
    Transform("compile", compiled("native"), _same),
    Transform("compile, interpreter", compiled("interpreter"), _same),
    Transform("compile, branches", branches, _same),
    Transform("checkpoint", checkpoint(None), _same),
    Transform("checkpoint, bounded", checkpoint(1 << 20), _same),
    Transform("custom_derivative, jvp", custom_jvp, _same),
    Transform("custom_derivative, vjp", custom_vjp, _same),
    Transform("implicit_root", implicit_root, _floats_of),
]


def _is_small(case: Case) -> bool:
    sizes = [np.size(case.inputs[i]) for i in case.argnums]
    return (
        min(sizes) > 0
        and sum(sizes) <= 9
        and all(np.result_type(case.inputs[i]) == np.float64 for i in case.argnums)
    )


def _is_real(case: Case) -> bool:
    """Whether all results are: the Jacobian of a complex one has one mode."""
    return not any(np.iscomplexobj(out) for out in flatten(case.f(*case.inputs))[0])


NESTED = [
    c
    for c in DIFFERENTIABLE
    if c.smooth and c.by_types and not c.constant and _is_small(c) and _is_real(c)
]


def cases_of(outer: Transform, inner: Transform, count: int) -> list[Case]:
    """Some cases for a pair; other pairs get other ones, so all are reached."""
    names = [t.name for t in TRANSFORMS]
    pair = names.index(outer.name) * len(names) + names.index(inner.name)
    return [NESTED[(pair * count + i) * 89 % len(NESTED)] for i in range(count)]


def nested(outer: Transform, inner: Transform, case: Case) -> tuple[Function, Function, list[Any]]:
    """The pair applied to a case, what it must equal, and inputs."""
    f, xs = of_floats(case)
    xs = [np.asarray(x, np.float64)[()] for x in xs]
    return outer.make(inner.make(f)), outer.plain(inner.plain(f)), xs
