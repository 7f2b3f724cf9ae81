"""one_hot, permutation and mini_batches."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.core.errors import DataError
from chainrule.data import mini_batches, one_hot, permutation


@given(st.lists(st.integers(0, 6), max_size=20))
def test_one_hot_is_undone_by_argmax(labels):
    rows = one_hot(labels, 7, "float64")
    assert rows.shape == (len(labels), 7)
    assert rows.dtype == np.float64
    assert rows.argmax(axis=1).tolist() == labels
    assert rows.sum() == len(labels)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0, 3], "label 3 at position 1 is not among the 3 classes 0..2"),
        ([-1, 3], "label -1 at position 0"),
        ([0.5], "got float64"),
        ([[0]], r"shape \(1, 1\)"),
        (["a"], "got <U1"),
    ],
)
def test_one_hot_refuses(labels, message):
    with pytest.raises(DataError, match=message):
        one_hot(labels, 3)


@given(st.integers(0, 2**40), st.integers(0, 1000), st.integers(0, 50))
def test_permutation_depends_on_nothing_but_its_arguments(seed, epoch, n):
    order = permutation(seed, epoch, n)
    assert sorted(order.tolist()) == list(range(n))
    assert np.array_equal(order, np.random.default_rng([seed, epoch]).permutation(n))


def test_epochs_and_seeds_differ():
    orders = {tuple(permutation(s, e, 20).tolist()) for s in range(5) for e in range(5)}
    assert len(orders) == 25


@given(st.integers(0, 200), st.integers(1, 50))
def test_mini_batches_cover_everything_once_in_order(n, batch_size):
    batches = mini_batches(n, batch_size)
    assert [i for batch in batches for i in range(n)[batch]] == list(range(n))
    assert all(b.stop - b.start == batch_size for b in batches[:-1])


@pytest.mark.parametrize("batch_size", [0, -3])
def test_a_batch_holds_something(batch_size):
    with pytest.raises(DataError, match=f"batch size of {batch_size} is not positive"):
        mini_batches(10, batch_size)
