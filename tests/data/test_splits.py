"""Which examples train, validate and test."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.core.errors import DataError
from chainrule.data.splits import divide, random_parts, validation_size


@given(st.integers(3, 300), st.integers(0, 5))
def test_a_shuffle_keeps_every_example_once(n, seed):
    parts = random_parts(n, seed, 3, "x")
    assert sorted(np.concatenate(parts).tolist()) == list(range(n))
    assert [len(p) for p in parts[1:]] == [max(n // 10, 1)] * 2


@pytest.mark.parametrize(
    ("n", "size"), [(2, 1), (11, 1), (12, 2), (60_000, 10_000), (10**6, 10**4)]
)
def test_validation_size(n, size):
    assert validation_size(n) == size


def own(**sizes):
    """Splits whose examples are numbered through."""
    out, start = {}, 0
    for name, n in sizes.items():
        out[name] = (np.arange(start, start + n), np.arange(start, start + n))
        start += n
    return out


def test_own_splits_are_kept():
    splits = divide(own(train=12, validation=2, test=3), 0, "x")
    assert [x.tolist() for x, _ in splits] == [list(range(12)), [12, 13], [14, 15, 16]]


def test_validation_comes_off_the_end_of_train():
    splits = divide(own(train=12, test=3), 0, "x")
    assert [x.tolist() for x, _ in splits] == [list(range(10)), [10, 11], [12, 13, 14]]


def test_own_validation_without_test():
    train, validation, test = divide(own(train=20, validation=2), 0, "x")
    assert validation[0].tolist() == [20, 21]
    assert sorted([*train[0], *test[0]]) == list(range(20))
    assert len(test[0]) == 2


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"test": 5}, "no training examples"),
        ({"train": 1, "test": 5}, "leaves none for validation"),
        ({"train": 2}, "2 examples are too few to split into 3 parts"),
        ({"train": 1, "validation": 1}, "1 example is too few to split into 2 parts"),
    ],
)
def test_too_few(sizes, message):
    with pytest.raises(DataError, match=f"^x: .*{message}"):
        divide(own(**sizes), 0, "x")
