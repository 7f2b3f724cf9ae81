"""Colourings are valid on any pattern and as small as they should be on known ones."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from chainrule.sparse import colouring
from chainrule.sparse.colouring import column_colours, is_direct, star_colours, widest


def random_pattern(rows, columns, density, seed):
    rng = np.random.default_rng(seed)
    return sparse.csr_array(rng.random((rows, columns)) < density)


patterns = st.builds(
    random_pattern, st.integers(0, 12), st.integers(1, 12), st.floats(0, 0.7), st.integers(0, 10**6)
)


def symmetric(pattern):
    n = min(pattern.shape)
    square = pattern[:n, :n]
    return sparse.csr_array(square + square.T)


def assert_columns(pattern, colours):
    dense = pattern.toarray()
    np.testing.assert_array_equal(colours >= 0, dense.any(axis=0))
    for c in range(colours.max(initial=-1) + 1):
        assert dense[:, colours == c].sum(axis=1).max(initial=0) == 1  # none is left out


def assert_star(pattern, colours):
    dense = pattern.toarray()
    np.testing.assert_array_equal(colours >= 0, dense.any(axis=0))
    off = dense & ~np.eye(len(dense), dtype=bool)
    neighbours = [np.flatnonzero(row) for row in off]
    for b, c in np.argwhere(off):
        assert colours[b] != colours[c]
        for a, d in itertools.product(neighbours[b], neighbours[c]):
            if len({a, b, c, d}) == 4:
                assert len({colours[v] for v in (a, b, c, d)}) > 2


@pytest.fixture(params=["python", "machine code"], scope="module")
def way(request):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(colouring, "LARGE", 0 if request.param == "machine code" else 10**9)
        yield request.param


@settings(max_examples=300, deadline=None)
@given(patterns)
def test_no_row_has_two_columns_of_a_colour(way, pattern):
    colours = column_colours(pattern)
    assert_columns(pattern, colours)
    assert widest(pattern) <= colours.max(initial=-1) + 1


@settings(max_examples=300, deadline=None)
@given(patterns)
def test_no_path_of_four_has_two_colours(way, pattern):
    graph = symmetric(pattern)
    colours = star_colours(graph)
    assert_star(graph, colours)
    values = np.random.default_rng(0).random(graph.shape)
    hessian = np.where(graph.toarray(), values + values.T, 0)
    compressed = hessian @ (colours[:, None] == np.arange(colours.max(initial=-1) + 1))
    rows, columns = graph.nonzero()
    direct = is_direct(graph, colours)
    read = np.where(direct, compressed[rows, colours[columns]], compressed[columns, colours[rows]])
    np.testing.assert_array_equal(read, hessian[rows, columns])


def band(n, width):
    offsets = range(-width, width + 1)
    return sparse.csr_array(sum(np.eye(n, k=k) for k in offsets) > 0)


def grid(m):
    line = band(m, 1).astype(int)
    return sparse.csr_array(sparse.kronsum(line, line) != 0)


def arrow(n):
    return sparse.csr_array((np.eye(n) + np.eye(1, n) + np.eye(1, n).T)[::-1, ::-1] > 0)


def blocks(n, size):
    return sparse.csr_array(np.kron(np.eye(n), np.ones((size, size))) > 0)


KNOWN = {  # pattern, colours of columns, of a star colouring
    "diagonal": (band(30, 0), 1, 1),
    "tridiagonal": (band(50, 1), 3, 3),
    "five diagonals": (band(50, 2), 5, 5),
    "eleven diagonals": (band(60, 5), 11, 11),
    "arrow, its head last": (arrow(40), 40, 2),
    "blocks": (blocks(10, 4), 4, 4),
    "dense": (blocks(1, 20), 20, 20),
    "grid": (grid(12), 7, 6),
    "grid with corners": (sparse.csr_array(sparse.kron(band(12, 1), band(12, 1))), 9, 9),
    "no diagonal": (sparse.csr_array(np.eye(30, k=1) + np.eye(30, k=-1) > 0), 2, 3),
    "empty": (sparse.csr_array((5, 5), dtype=bool), 0, 0),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_patterns(way, name):
    pattern, columns, star = KNOWN[name]
    found = column_colours(pattern), star_colours(pattern)
    assert_columns(pattern, found[0])
    assert_star(pattern, found[1])
    assert tuple(c.max(initial=-1) + 1 for c in found) == (columns, star)


def test_more_colours_than_bits(monkeypatch):
    """Machine code stops at the 64th colour, and Python's integers take over."""
    patterns = random_pattern(60, 200, 0.5, 1), blocks(2, 70), blocks(1, 63), blocks(1, 64)
    found = []
    for large in (10**9, 0):
        monkeypatch.setattr(colouring, "LARGE", large)
        found.append([(column_colours(p), star_colours(p)) for p in patterns[1:]])
        found[-1].append((column_colours(patterns[0]),))
    for plain, machine in zip(*found):
        for a, b in zip(plain, machine):
            np.testing.assert_array_equal(a, b)
    assert [c[0].max() + 1 for c in found[0][:3]] == [70, 63, 64]
    assert found[0][3][0].max() > 70


def test_sets_that_do_not_fit_into_memory(way, monkeypatch):
    monkeypatch.setattr(colouring, "MEMORY", 0)
    monkeypatch.setattr(colouring, "BITS", 9)
    few, many = band(50, 2), band(50, 5)
    assert column_colours(few).max() == star_colours(few).max() == 4
    assert_columns(many, column_colours(many))
    assert column_colours(many).max() == star_colours(many).max() == 49


def test_an_arrow_whose_head_comes_last_is_quick():
    n = 100_000
    head, rest = np.full(n - 1, n - 1), np.arange(n - 1)
    where = np.concatenate([head, rest, [n - 1]]), np.concatenate([rest, head, [n - 1]])
    pattern = sparse.csr_array((np.ones(2 * n - 1, bool), where), shape=(n, n))
    assert star_colours(pattern).max() == 1
    assert column_colours(pattern).max() == n - 1  # a row has them all
    without = pattern[: n - 1] + sparse.csr_array(([True], ([0], [5])), shape=(n - 1, n))
    assert column_colours(sparse.csr_array(without)).max() == 1
