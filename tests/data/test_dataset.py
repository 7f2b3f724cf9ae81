"""Examples, Scaling and Dataset hold what they say, and refuse what does not fit."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chainrule.core.errors import DataError
from chainrule.data import Dataset, Examples, Scaling
from chainrule.data.dataset import float_dtype
from chainrule.data.finite import all_finite, require_finite

LABELS = np.array([0, 1, 1])


def dataset(**changes):
    examples = Examples(np.zeros((3, 2)), LABELS)
    fields = {
        "name": "small",
        "train": examples,
        "validation": examples,
        "test": examples,
        "task": "classification",
        "classes": ("a", "b"),
        "features": (),
        "target": "y",
        "scaling": Scaling.identity(2),
        "shape": (2,),
        "source": "here",
    }
    return Dataset(**{**fields, **changes})


def test_examples_are_cut_by_slices_and_indices():
    examples = Examples(np.arange(6.0).reshape(3, 2), LABELS)
    assert len(examples) == 3
    assert examples[1:].X.tolist() == [[2, 3], [4, 5]]
    assert examples[np.array([2, 0])].Y.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("X", "Y", "message"),
    [
        (np.zeros(3), LABELS, r"X is float64 of shape \(3,\)"),
        (np.zeros((3, 2), int), LABELS, "X is int64"),
        (np.zeros((3, 2)), LABELS.astype(np.int32), "Y is int32"),
        (np.zeros((3, 2)), np.zeros(3), r"Y is float64 of shape \(3,\)"),
        (np.zeros((2, 2)), LABELS, "X has 2 rows and Y has 3"),
        (np.array([[1.0, np.inf]]), LABELS[:1], r"1 number .* \(inf\) in row 0, column 1"),
        (np.full((3, 2), np.nan), LABELS, r"6 numbers .* row 0, column 0; replace them"),
        (np.zeros((3, 2)), np.array([[0.0], [0.0], [np.nan]]), "Y holds 1 .* row 2, column 0"),
    ],
)
def test_examples_refuse(X, Y, message):
    with pytest.raises(DataError, match=message):
        Examples(X, Y)


def test_finite_numbers_whose_sum_overflows_are_finite():
    assert all_finite(np.full(4, 3e38, np.float32))
    assert all_finite(np.array([1, 2]))
    assert not all_finite(np.array([np.inf, -np.inf]))


def test_one_dimension_has_rows_only():
    with pytest.raises(DataError, match=r"\(nan\) in row 1; replace"):
        require_finite(np.array([0.0, np.nan]), "y")


@given(
    st.lists(
        st.tuples(
            st.floats(-1e6, 1e6),
            st.floats(1e-3, 1e3) | st.floats(-1e3, -1e-3),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_scaling_is_its_formula_and_comes_back_from_arrays(columns):
    shift, scale = np.array(columns).T
    scaling = Scaling.from_arrays(Scaling(shift, scale).as_arrays())
    X = np.linspace(-5, 5, 4 * len(shift)).reshape(4, -1)
    assert np.array_equal(scaling.apply(X, "float64"), (X - shift) / scale)


def test_scaling_computes_wide_and_returns_narrow():
    X = np.array([[1e9], [1e9 + 1]])
    scaled = Scaling([1e9], [1.0]).apply(X)
    assert scaled.dtype == np.float32
    assert scaled.tolist() == [[0.0], [1.0]]


def test_scaling_never_changes_its_input():
    X = np.ones((2, 2))
    scaled = Scaling.identity(2).apply(X, "float64")
    scaled[:] = 7
    assert X.tolist() == [[1, 1], [1, 1]]


@pytest.mark.parametrize(
    ("shift", "scale", "message"),
    [
        ([0.0], [1.0, 1.0], r"shift has shape \(1,\) and scale \(2,\)"),
        (0.0, 1.0, r"shift has shape \(\)"),
        ([0.0, 0.0], [1.0, 0.0], "column 1 has shift 0.0 and scale 0.0"),
        ([np.nan], [1.0], "column 0 has shift nan"),
        ([0.0], [np.inf], "scale inf"),
    ],
)
def test_scaling_refuses(shift, scale, message):
    with pytest.raises(DataError, match=message):
        Scaling(shift, scale)


@pytest.mark.parametrize("X", [np.zeros((4, 3)), np.zeros(2)])
def test_scaling_names_both_numbers_of_features(X):
    with pytest.raises(DataError, match=r"shape \(.*but 2 features"):
        Scaling.identity(2).apply(X)


def test_a_number_beyond_float32_is_found_and_not_warned_of():
    X = Scaling.identity(1).apply(np.array([[1e300]]))
    with pytest.raises(DataError, match="row 0, column 0"):
        Examples(X, LABELS[:1])


def test_sizes():
    assert (dataset().n_in, dataset().n_out) == (2, 2)
    numbers = Examples(np.zeros((3, 2)), np.zeros((3, 4)))
    regression = dataset(
        task="regression", classes=(), train=numbers, validation=numbers, test=numbers
    )
    assert regression.n_out == 4
    assert list(regression.splits()) == ["train", "validation", "test"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"scaling": Scaling.identity(3)}, r"train split has X \(3, 2\).* 3 inputs"),
        ({"test": Examples(np.zeros((3, 2)), np.zeros((3, 2)))}, "the test split"),
        ({"task": "regression"}, "a regression with classes"),
        (
            {
                "classes": (),
                "task": "regression",
                "train": Examples(np.zeros((3, 2)), np.zeros((3, 1))),
                "validation": Examples(np.zeros((3, 2)), np.zeros((3, 2))),
            },
            "the validation split",
        ),
    ],
)
def test_a_dataset_refuses_splits_that_do_not_fit(changes, message):
    with pytest.raises(DataError, match=message):
        dataset(**changes)


def test_float_dtype():
    assert float_dtype(np.float64) == np.float64
    with pytest.raises(DataError, match="int32; use float32 or float64"):
        float_dtype("int32")
