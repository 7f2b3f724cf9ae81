"""``scan``, ``while_loop`` and ``cond`` are what Python's loops and branches are, and so are their
derivatives, nested in any order.
"""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.tree import flatten

from .control_cases import TWINS, Twin, start, xs

by_name = pytest.mark.parametrize("twin", TWINS, ids=lambda twin: twin.name)


def close(found, wanted) -> None:
    for a, b in zip(flatten(found)[0], flatten(wanted)[0], strict=True):
        assert np.shape(a) == np.shape(b)
        np.testing.assert_allclose(a, b, rtol=1e-11, atol=1e-12)


def all_arguments(twin: Twin) -> tuple[int, ...]:
    return tuple(range(len(twin.args)))


@by_name
def test_values(twin: Twin):
    close(twin.ours(*twin.args), twin.python(*twin.args))


@by_name
def test_reverse(twin: Twin):
    every = all_arguments(twin)
    close(cr.grad(twin.ours, every)(*twin.args), cr.grad(twin.python, every)(*twin.args))


@by_name
def test_forward(twin: Twin):
    rng = np.random.default_rng(3)
    directions = [rng.normal(size=np.shape(x)) for x in twin.args]
    close(cr.jvp(twin.ours, twin.args, directions), cr.jvp(twin.python, twin.args, directions))


@by_name
@pytest.mark.parametrize("outer", ["forward", "reverse"])
@pytest.mark.parametrize("inner", ["forward", "reverse"])
def test_second_order(twin: Twin, outer: str, inner: str):
    def second(f):
        return cr.jacobian(cr.jacobian(f, mode=inner), mode=outer)(*twin.args)

    close(second(twin.ours), cr.hessian(twin.python)(*twin.args))


@by_name
def test_compiled(twin: Twin):
    """The loops are compiled by types: predicates are not known."""
    both = cr.compile(cr.value_and_grad(twin.ours, all_arguments(twin)), executor="interpreter")
    close(both(*twin.args), cr.value_and_grad(twin.python, all_arguments(twin))(*twin.args))


@by_name
def test_graphs_keep_their_invariants(twin: Twin):
    cr.check_graph(cr.trace(cr.grad(twin.ours, all_arguments(twin)))(*twin.args))
    cr.check_graph(cr.trace(cr.hessian(twin.ours))(*twin.args))


def test_a_loop_is_one_equation_however_long():
    short, long = (
        cr.trace(lambda c, n=n: cr.scan(lambda c, _: (c * 2, None), c, None, length=n)[0])(1.0)
        for n in (2, 2000)
    )
    assert len(short.equations) == len(long.equations) == 1


def test_text_form():
    graph = cr.trace(lambda c, x: cr.scan(lambda c, x: (c + x, c), c, x))(0.5, np.ones(4))
    assert str(graph) == (
        "graph(a: float64~, b: float64[4])\n"
        "  c: float64, d: float64[4] ="
        " scan[constants=0, carries=1, length=4, reverse=False] a b\n"
        "    body: graph(a: float64, b: float64)\n"
        "      c: float64 = add a b\n"
        "      return c a\n"
        "  return c d"
    )


def test_dtypes_are_kept_and_numbers_adapt():
    x = np.ones(3, np.float32)
    total, ys = cr.scan(lambda c, e: (c + e, c), 0.0, x)
    assert total.dtype == ys.dtype == np.float32
    _, n = cr.while_loop(lambda s: s[1] < 3, lambda s: (s[0] * 2, s[1] + 1), (x, 0))
    assert n == 3 and np.asarray(n).dtype == np.int64


def test_reverse_of_a_while_loop_keeps_few_carries():
    """The stack of the reverse sweep has as many places for 10 steps as for 10,000."""

    def loop(n):
        return lambda x: cr.while_loop(
            lambda s: s[1] < n, lambda s: (s[0] + 1e-4 * np.cos(s[0]), s[1] + 1), (x, 0)
        )[0]

    texts = [str(cr.trace(cr.grad(loop(n)))(0.3)).replace(str(n), "n") for n in (10, 10_000)]
    assert texts[0] == texts[1]
    eps = 1e-6
    difference = (loop(300)(0.3 + eps) - loop(300)(0.3 - eps)) / (2 * eps)
    assert cr.grad(loop(300))(0.3) == pytest.approx(difference, rel=1e-8)


@pytest.mark.parametrize("executor", ["interpreter", "native"])
def test_a_branch_by_index_is_what_a_list_gives(executor: str):
    branches = [np.sin, np.cos, lambda x: x * x]

    def chosen(i, x):
        return cr.cond(i, branches, x)

    compiled = cr.compile(cr.value_and_grad(chosen, 1), executor=executor)
    for i in (-3, -2, -1, 0, 1, 2):
        close(chosen(i, 0.7), branches[i](0.7))
        close(compiled(i, 0.7), cr.value_and_grad(branches[i])(0.7))
    for i in (-4, 3, 100):
        for f in (chosen, lambda i, x: compiled(i, x), cr.grad(chosen, 1)):
            with pytest.raises(IndexError):
                f(i, 0.7)
    with pytest.raises(IndexError):
        cr.compile(lambda i, x: cr.cond(i, [np.sin], x), executor=executor)(1, 0.7)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: cr.scan(lambda c, x: (c, x), 0.0), "length=n"),
        (lambda: cr.scan(lambda c, x: (c, x), 0.0, xs, length=3), "differ"),
        (lambda: cr.scan(lambda c, x: (c, x), 0.0, None, length=-1), "negative"),
        (lambda: cr.scan(lambda c, x: (c, x), 0.0, 1.0), "first axis"),
        (lambda: cr.scan(lambda c, x: c, 0.0, xs), "pair"),
        (lambda: cr.scan(lambda c, x: (c + x, x), 0.0, xs), "part 0 of the carr"),
        (lambda: cr.scan(lambda c, x: ((c, c), x), 0.0, xs), "must agree"),
        (lambda: cr.scan(lambda c, x: (c if c > 0 else x, x), 1.0, start), "truth"),
        (lambda: cr.while_loop(lambda c: c, lambda c: c, 1.0), "one boolean"),
        (lambda: cr.while_loop(lambda c: c > 0, lambda c: (c, c), 1.0), "must agree"),
        (lambda: cr.while_loop(lambda c: c[0] < 0, lambda c: c, start, memory=23), "memory=24"),
        (lambda: cr.cond(1.0, np.sin, np.cos, 1.0), "one boolean"),
        (lambda: cr.cond(True, np.sin, lambda x: (x, x), 1.0), "structures"),
        (lambda: cr.cond(True, np.sin, lambda x: start, 1.0), "types"),
        (lambda: cr.cond(0, [np.sin, lambda x: start], 1.0), "types"),
        (lambda: cr.cond(0, [], 1.0), "at least one branch"),
        (lambda: cr.cond(1.5, [np.sin, np.cos], 1.0), "one integer"),
        (lambda: cr.cond(True, [np.sin, np.cos], 1.0), "one integer"),
        (lambda: cr.cond(np.arange(2), [np.sin, np.cos], 1.0), "one integer"),
        (lambda: cr.cond(True, np.sin), "two functions"),
    ],
)  # fmt: skip
def test_errors_say_what_is_wrong(call, says):
    with pytest.raises(cr.ChainruleError, match=says):
        call()
