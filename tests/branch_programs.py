"""Random programs that branch on values: nested ifs, loops and masks over small whole numbers.

All arithmetic is exact (small integers in float64), so a compiled program must give the plain one's
bits and take its branches. A program is a nested tuple; ``run`` is what it means, and the same code
runs on arrays and on traced values.
"""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

NAMES = ("x", "y", "z")
OPERATIONS = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: np.fmod(a * b, 16.0),
    "max": np.maximum,
    "where": lambda a, b: np.where(a > b, a - 1, b),
    "flip": lambda a, b: a[::-1] - b,
    "fill": lambda a, b: np.sum(a[b > 0]) - b,  # a mask in an index
}
TESTS = {
    "sum": lambda a, c: np.sum(a) > c,
    "first": lambda a, c: a[0] > c,
    "any": lambda a, c: np.any(a == c),
    "both": lambda a, c: a[0] > c and a[1] < 2,
    "truth": lambda a, c: a[0] * c,  # the truth of a float
}


def run(program, values):
    """The program's result for a dict of arrays, which it does not change."""
    env = {name: value * 1 for name, value in values.items()}
    _block(program, env)
    return env["x"], np.sum(env["y"]) + env["z"][0]


def _block(block, env):
    for statement in block:
        _STATEMENTS[statement[0]](env, *statement[1:])


def _assign(env, to, operation, a, b):
    env[to] = OPERATIONS[operation](env[a], env[b])


def _branch(env, test, a, limit, then, otherwise):
    _block(then if TESTS[test](env[a], limit) else otherwise, env)


def _repeat(env, a, block):
    for _ in range(int(np.floor(abs(env[a][0]))) % 3):
        _block(block, env)


def _while(env, a, limit, block):
    left = 4
    while np.sum(env[a]) > limit and left:
        left -= 1
        env[a] = env[a] - 2
        _block(block, env)


def _write(env, a, b, limit):
    env[a][env[b] > limit] = limit
    env[a][1] += 1


_STATEMENTS = {
    "assign": _assign, "branch": _branch, "repeat": _repeat, "while": _while, "write": _write,
}  # fmt: skip

_name = st.sampled_from(NAMES)
_limit = st.integers(-3, 3)
_simple = st.one_of(
    st.tuples(st.just("assign"), _name, st.sampled_from(sorted(OPERATIONS)), _name, _name),
    st.tuples(st.just("write"), _name, _name, _limit),
)


def _nested(inner):
    block = st.lists(inner, max_size=2).map(tuple)
    test = st.sampled_from(sorted(TESTS))
    return st.one_of(
        _simple,
        st.tuples(st.just("branch"), test, _name, _limit, block, block),
        st.tuples(st.just("repeat"), _name, block),
        st.tuples(st.just("while"), _name, _limit, block),
    )


PROGRAMS = st.lists(st.recursive(_simple, _nested, max_leaves=6), min_size=1, max_size=4).map(tuple)


def inputs(seed):
    """Arrays of three small whole numbers; few of them, so that paths recur."""
    rng = np.random.default_rng(seed)
    return {name: rng.integers(-3, 4, 3).astype(float) for name in NAMES}
