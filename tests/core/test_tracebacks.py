"""A traceback has the user's frames: the call of a public function, and the line that is wrong."""

from __future__ import annotations

import doctest
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import chainrule as cr
from chainrule.core.errors import ArgumentError, ShapeError
from chainrule.core.tracebacks import is_internal

A, X = np.ones((3, 2)), np.ones(3)
STEPS = np.ones((2, 3))
PACKAGE = Path(cr.__file__).parent
pytest_plugins = ["pytester"]


def layer(W: Any, x: Any) -> Any:
    return np.tanh(W @ x)  # the mistake


def loss(W: Any, x: Any) -> Any:
    return np.sum(layer(W, x))


rule = cr.custom_derivative(lambda x: x * x)
rule.def_jvp(lambda primals, tangents: (primals[0], layer(A, tangents[0])))


@cr.custom_derivative
def twice(x: Any) -> Any:
    return layer(A, x)


CALLS: list[tuple[str, Callable[[], Any]]] = [
    ("grad", lambda: cr.grad(loss)(A, X)),
    ("grad-of-grad", lambda: cr.grad(lambda W: np.sum(cr.grad(loss)(W, X)))(A)),
    ("value_and_grad", lambda: cr.value_and_grad(loss)(A, X)),
    ("jvp", lambda: cr.jvp(loss, (A, X), (A, X))),
    ("vjp", lambda: cr.vjp(loss, A, X)),
    ("linearize", lambda: cr.linearize(loss, A, X)),
    ("jacobian", lambda: cr.jacobian(loss)(A, X)),
    ("sparse", lambda: cr.jacobian(lambda W: layer(W, X), sparse=True)(A)),
    ("sparse_hessian", lambda: cr.sparse_hessian(lambda W: loss(W, X), A)),
    ("hessian", lambda: cr.hessian(loss)(A, X)),
    ("hvp", lambda: cr.hvp(loss, (A, X), (A, X))),
    ("vmap", lambda: cr.vmap(loss, (None, 0))(A, STEPS)),
    ("trace", lambda: cr.trace(loss)(A, X)),
    ("compile", lambda: cr.compile(loss, executor="interpreter")(A, X)),
    ("compile-graph", lambda: cr.compile(loss).graph(A, X)),
    ("branches", lambda: cr.compile(loss, executor="interpreter", branches=True)(A, X)),
    ("compiled-gradient", lambda: cr.compile(cr.grad(loss), executor="interpreter")(A, X)),
    ("scan", lambda: cr.scan(lambda c, x: (c, layer(A, x)), 0.0, STEPS)),
    ("while_loop", lambda: cr.while_loop(lambda c: True, lambda c: layer(A, c), X)),
    ("cond", lambda: cr.cond(True, lambda x: layer(A, x), lambda x: x, X)),
    ("checkpoint", lambda: cr.checkpoint(loss)(A, X)),
    ("custom", lambda: cr.grad(lambda x: np.sum(rule(x)))(X)),
    ("custom-value", lambda: twice(X)),
    ("jet", lambda: cr.jet(lambda x: layer(A, x), X, [X])),
    ("norms", lambda: cr.per_example_norms(lambda W, x, y: loss(W, x), A, STEPS, STEPS)),
    ("check", lambda: cr.check_gradients(loss, A, X)),
]


@pytest.mark.parametrize("run", [c[1] for c in CALLS], ids=[c[0] for c in CALLS])
def test_the_last_frame_is_the_users_line(run: Callable[[], Any]) -> None:
    with pytest.raises(ValueError, match="matmul") as caught:
        run()
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert frames[-1].name == "layer"
    assert frames[-1].line is not None
    assert "the mistake" in frames[-1].line
    internal = [f for f in frames if is_internal(f.filename)]
    assert 1 <= len(internal) <= 2  # the public function, and one that it is another name of
    assert len(frames) <= 7


def test_the_public_function_stays() -> None:
    with pytest.raises(ArgumentError) as caught:
        cr.grad(loss, argnums=5)(A, X)
    names = [f.name for f in traceback.extract_tb(caught.value.__traceback__)]
    assert names == ["test_the_public_function_stays", "gradient"]


def test_errors_of_the_users_own_code_are_untouched() -> None:
    def inner(x: Any) -> Any:
        try:
            return {}["key"]
        except KeyError as error:
            raise RuntimeError("no key") from error

    with pytest.raises(RuntimeError, match="no key") as caught:
        cr.grad(lambda x: inner(x) * 2)(1.0)
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert [f.name for f in frames][-2:] == ["<lambda>", "inner"]
    assert isinstance(caught.value.__cause__, KeyError)
    assert len(traceback.extract_tb(caught.value.__cause__.__traceback__)) == 1


def test_a_chain_of_errors_stays_one() -> None:
    with pytest.raises(ShapeError) as caught:
        cr.grad(loss)(A, X)
    cause = caught.value.__cause__
    assert isinstance(cause, ValueError)  # NumPy's own
    assert not [f for f in traceback.extract_tb(cause.__traceback__) if is_internal(f.filename)]


def test_all_frames_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHAINRULE_TRACEBACK", "full")
    with pytest.raises(ShapeError) as caught:
        cr.grad(loss)(A, X)
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert sum(f.filename.startswith(str(PACKAGE)) for f in frames) > 5


def test_numpys_dispatch_is_left_out() -> None:
    with pytest.raises(np.exceptions.AxisError) as caught:
        cr.grad(lambda x: np.moveaxis(x, 0, 3))(X)
    files = [f.filename for f in traceback.extract_tb(caught.value.__traceback__)]
    assert Path(files[-1]) == Path(__file__)


def test_doctest_shows_errors_as_ever() -> None:
    text = """
    >>> import numpy as np, chainrule as cr
    >>> cr.grad(np.sin)(np.ones(2))
    Traceback (most recent call last):
        ...
    chainrule.core.errors.ShapeError: grad is for functions that return one real number, ...
    """
    test = doctest.DocTestParser().get_doctest(text, {}, "errors", None, None)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False)
    assert runner.run(test).failed == 0


def test_pytest_shows_the_users_line(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import numpy as np, chainrule as cr
        def f(x):
            return np.sum(x @ np.ones((2, 2)))  # here
        def test_it():
            cr.grad(f)(np.ones(3))
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:xdist")
    result.stdout.fnmatch_lines(["*np.ones((2, 2)))  # here*", "E *ShapeError: matmul: shapes*"])
    assert "aliasing.py" not in result.stdout.str()
    assert "core/trace.py" not in result.stdout.str()
