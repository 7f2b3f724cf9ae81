"""Donated arguments: results in their memory, and copies where that must not be."""

from __future__ import annotations

import numpy as np
import pytest

import chainrule as cr


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("CHAINRULE_CACHE", str(tmp_path_factory.getbasetemp() / "donation"))


def cost(params, x, y):
    a = np.tanh(x @ params["w"].T + params["b"])
    return np.mean((a - y) ** 2)


def step(params, x, y):
    gradient = cr.grad(cost)(params, x, y)
    return {name: params[name] - 0.1 * gradient[name] for name in params}


def problem():
    rng = np.random.default_rng(0)
    params = {"w": rng.standard_normal((4, 3)), "b": rng.standard_normal(4)}
    return params, rng.standard_normal((5, 3)), rng.standard_normal((5, 4))


def test_a_training_loop_goes_on_in_its_own_arrays():
    params, x, y = problem()
    plain, first = params, dict(params)
    donating = cr.compile(step, donate=(0,))
    params = {name: p.copy() for name, p in params.items()}
    held = dict(params)
    for _ in range(4):
        params, plain = donating(params, x, y), step(plain, x, y)
    for name in params:
        assert params[name] is held[name]
        np.testing.assert_allclose(params[name], plain[name], rtol=1e-13)
    assert "results in donated arguments: 2" in donating.report()
    np.testing.assert_array_equal(first["w"], problem()[0]["w"])  # what was not donated


def test_the_interpreter_takes_no_use_of_it():
    params, x, y = problem()
    new = cr.compile(step, donate=0, executor="interpreter")(params, x, y)
    assert new["w"] is not params["w"]
    np.testing.assert_array_equal(params["w"], problem()[0]["w"])


def scaled(x, y):
    return x * 2 + y


DOUBLE = cr.compile(scaled, donate=0)


def read_only():
    x = np.arange(6.0)
    x.flags.writeable = False
    return x


UNFIT = {
    "read-only": read_only,
    "with steps": lambda: np.arange(12.0)[::2],
    "of a subclass": lambda: np.arange(6.0).view(type("Sub", (np.ndarray,), {})),
    "read-only view": lambda: np.broadcast_to(1.0, (6,)),
}


@pytest.mark.parametrize("name", UNFIT)
def test_what_cannot_be_written_into_is_copied(name):
    x, y = UNFIT[name](), np.ones(6)
    before = np.array(x)
    found = DOUBLE(x, y)
    np.testing.assert_array_equal(found, before * 2 + 1)
    np.testing.assert_array_equal(x, before)
    assert type(found) is np.ndarray and not np.shares_memory(found, x)


def test_transposed_matrices_are_copied():
    x = np.arange(6.0).reshape(2, 3).T
    assert not np.shares_memory(DOUBLE(x, np.ones((3, 2))), x)


def test_memory_shared_with_another_argument_is_copied():
    x = np.arange(6.0)
    np.testing.assert_array_equal(DOUBLE(x, x), np.arange(6.0) * 3)
    np.testing.assert_array_equal(x, np.arange(6.0))
    whole = np.arange(7.0)
    for first, second in ((whole[:6], whole[1:]), (whole[1:], whole[:6])):
        wanted = first * 2 + second
        np.testing.assert_array_equal(DOUBLE(first, second), wanted)
        np.testing.assert_array_equal(whole, np.arange(7.0))


def test_a_constant_stays_as_it_was_when_its_own_array_is_given_up():
    constant = np.arange(6.0)
    add = cr.compile(lambda x: x + constant, donate=0)
    for _ in range(2):
        np.testing.assert_array_equal(add(np.arange(6.0)), np.arange(6.0) * 2)
    np.testing.assert_array_equal(add(constant), np.arange(6.0) * 2)
    np.testing.assert_array_equal(add(np.arange(6.0)), np.arange(6.0) * 2)


def test_memory_shared_with_a_constant_that_is_not_copied_is_copied():
    constant = np.arange(6.0)
    constant.flags.writeable = False
    add = cr.compile(lambda x: x + constant, donate=0)
    for x in (constant, constant[:], np.arange(6.0), constant):
        np.testing.assert_array_equal(add(x), np.arange(6.0) * 2)
    np.testing.assert_array_equal(constant, np.arange(6.0))


def test_what_is_read_later_is_not_overwritten():
    @cr.compile(donate=0)
    def f(x, w):
        y = x + 1.0
        return y, np.sum(x * w), (y @ w) * x

    x, w = np.arange(4.0), np.ones(4)
    expected = x + 1, np.sum(x), np.sum(x + 1) * x
    for found, wanted in zip(f(x.copy(), w), expected, strict=True):
        np.testing.assert_allclose(found, wanted)


def test_reversed_and_swapped_results():
    @cr.compile(donate=(0, 1))
    def f(x, y):
        return y[::-1] + 0.0 * x, x - y

    x, y = np.arange(4.0), np.ones(4) * [1, 2, 3, 4]
    wanted = y[::-1] + 0.0, x - y
    for found, expected in zip(f(x.copy(), y.copy()), wanted, strict=True):
        np.testing.assert_array_equal(found, expected)


def test_two_results_never_share_an_array():
    f = cr.compile(lambda x, y: (x, x, y, x + y), donate=(0, 1))
    results = f(np.arange(3.0), np.ones(3))
    for i, a in enumerate(results):
        for b in results[i + 1 :]:
            assert not np.shares_memory(a, b)
    for found, wanted in zip(results, ([0, 1, 2], [0, 1, 2], [1, 1, 1], [1, 2, 3]), strict=True):
        np.testing.assert_array_equal(found, wanted)


def test_numbers_of_other_types_are_no_targets():
    f = cr.compile(lambda x, s: (x * 2).astype(np.float32) * s, donate=(0, 1))
    x = np.arange(3.0)
    assert f(x, 2.0).dtype == np.float32
    np.testing.assert_array_equal(x, np.arange(3.0))


@pytest.mark.parametrize("donate", [-1, (0, -2), "x", (0.5,)])
def test_numbers_that_name_nothing_are_refused(donate):
    with pytest.raises(cr.ChainruleError, match="positional arguments from 0"):
        cr.compile(scaled, donate=donate)


def test_an_argument_that_is_not_there_is_named():
    f = cr.compile(scaled, donate=(0, 2))
    with pytest.raises(cr.ChainruleError, match=r"names argument 2, but .* 2 positional"):
        f(np.ones(2), np.ones(2))
    with pytest.raises(cr.ChainruleError, match="passed by position"):
        cr.compile(scaled, donate=1)(np.ones(2), y=np.ones(2))


# ---- results in memory of their own --------------------------------------------------------------

RESULTS = {
    "argument": lambda x: x,
    "simplified to the argument": lambda x: x * 1,
    "view": lambda x: x[1:],
    "both": lambda x: (x.T, x + 1, x[::-1]),
    "constant": lambda x: (np.ones(3), np.ones(3)),
    "folded": lambda x: np.ones_like(x) * 2,
    "twice": lambda x: (x + 1, x + 1),
    "views of one": lambda x: ((x + 1)[1:], (x + 1)[:2]),
    "not native": lambda x: (x, np.cumsum(x), np.ones(2)),
    "carry": lambda x: cr.scan(lambda c, _: (c, c), x, None, 2),
}


@pytest.mark.parametrize("executor", ["interpreter", "native"])
@pytest.mark.parametrize("name", RESULTS)
def test_writing_into_results_changes_nothing_else(name, executor):
    x = np.arange(3.0)
    f = cr.compile(RESULTS[name], executor=executor)
    wanted = [np.array(v) for v in _listed(RESULTS[name](x.copy()))]
    for _ in range(2):
        results = _listed(f(x))
        for i, found in enumerate(results):
            np.testing.assert_array_equal(found, wanted[i])
            found[...] = -7.0
        np.testing.assert_array_equal(x, np.arange(3.0))


def _listed(found):
    return list(found) if isinstance(found, tuple) else [found]


def test_a_donated_argument_need_not_be_read():
    twice = cr.compile(lambda x, _into: x * 2, donate=1)
    into = np.empty(3)
    found = twice(np.ones(3), into)
    assert np.shares_memory(found, into)
    assert found.tolist() == [2.0, 2.0, 2.0]
