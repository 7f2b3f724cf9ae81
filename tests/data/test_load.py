"""load: arrays and tables, their scaling, their targets and what is refused."""

import gzip

import numpy as np
import pytest

from chainrule.core.errors import DataError
from chainrule.data import load
from chainrule.data.target import class_index, class_names, sorted_classes

rng = np.random.default_rng(0)
X = rng.standard_normal((30, 4))
Y = np.arange(30) % 3
IMAGES = rng.integers(0, 256, (30, 2, 2), np.uint8)


@pytest.fixture
def npz(tmp_path):
    def save(**arrays):
        np.savez(tmp_path / "d.npz", **arrays)
        return tmp_path / "d.npz"

    return save


@pytest.fixture
def csv(tmp_path):
    def save(*rows, header="a,b,y"):
        path = tmp_path / "d.csv"
        path.write_text("\n".join([header, *rows]) + "\n")
        return path

    return save


# --- arrays -------------------------------------------------------------------------------------


def test_floats_stay_and_are_shuffled_by_the_seed(npz):
    path = npz(X=X, Y=Y)
    data = load(path, dtype="float64")
    assert (data.name, data.target, data.features, data.shape) == ("d.npz", "y", (), (4,))
    assert data.source == str(path)
    assert [len(s) for s in data.splits().values()] == [24, 3, 3]
    rows = np.concatenate([s.X for s in data.splits().values()])
    labels = np.concatenate([s.Y for s in data.splits().values()])
    order = np.random.default_rng(0).permutation(30)
    assert np.array_equal(rows, X[order])
    assert np.array_equal(labels, Y[order])
    assert not np.array_equal(load(path, seed=1, dtype="float64").train.X, data.train.X)


def test_bytes_are_divided_by_255_and_flattened(npz):
    data = load(npz(x_train=IMAGES[:20], y_train=Y[:20], x_test=IMAGES[20:], y_test=Y[20:]))
    assert data.shape == (2, 2)
    assert data.n_in == 4
    assert data.train.X.dtype == np.float32
    assert np.array_equal(data.test.X, IMAGES[20:].reshape(10, 4) / np.float32(255))
    assert len(data.validation) == 3


def test_one_feature_needs_no_second_axis(npz):
    data = load(npz(x=X[:, 0], y=Y))
    assert (data.n_in, data.shape) == (1, (1,))


@pytest.mark.parametrize(
    ("target", "task", "n_out", "classes"),
    [
        (Y, None, 3, ("0", "1", "2")),
        (Y[:, None], None, 3, ("0", "1", "2")),
        (Y == 1, None, 2, ("0", "1")),
        (Y.astype(np.uint8) * 2, None, 5, tuple("01234")),
        (Y.astype(float), None, 1, ()),
        (Y.astype(float), "classification", 3, ("0", "1", "2")),
        (Y, "regression", 1, ()),
        (X[:, :2], None, 2, ()),
    ],
)
def test_targets_of_arrays(npz, target, task, n_out, classes):
    data = load(npz(X=X, Y=target), task=task)
    assert (data.n_out, data.classes) == (n_out, classes)
    assert data.task == ("classification" if classes else "regression")
    assert data.train.Y.dtype == (np.int64 if classes else np.float64)


def test_many_integers_are_numbers(npz):
    many = np.arange(300) * 7
    assert load(npz(X=many[:, None], Y=many)).task == "regression"
    data = load(npz(X=many[:, None], Y=many), task="classification")
    assert data.n_out == 299 * 7 + 1


def test_classes_are_counted_over_all_splits(npz):
    data = load(npz(x_train=X[:20], y_train=Y[:20] % 2, x_test=X[20:], y_test=Y[20:] + 3))
    assert data.n_out == 6


BAD = X.copy()
BAD[3, 2] = np.nan


@pytest.mark.parametrize(
    ("arrays", "options", "message"),
    [
        ({"X": X, "Y": Y - 1}, {}, r"array 'Y': -1 at position 0 is not a label"),
        ({"X": X, "Y": Y + 0.5}, {"task": "classification"}, "0.5 at position 0"),
        (
            {"X": X, "Y": np.where(Y == 2, np.nan, Y)},
            {"task": "classification"},
            "nan at position 2",
        ),
        ({"X": X, "Y": Y * 10**9}, {}, "1000000000 at position 1"),
        ({"X": X, "Y": np.eye(3)[Y]}, {"task": "classification"}, r"argmax\(Y, axis=1\)"),
        ({"X": X, "Y": Y * 0}, {}, r"of one class \(0\), so there is nothing to learn"),
        ({"X": X}, {}, "array 'Y' is missing, which must hold the targets"),
        ({"X": BAD, "Y": Y}, {}, r"array 'X' holds 1 .* \(nan\) in row 3, column 2"),
        ({"X": X, "Y": BAD}, {}, r"array 'Y' holds 1 .* row 3, column 2"),
        ({"X": X, "Y": Y}, {"target": "y"}, "no named columns; leave out the target"),
        ({"X": X, "Y": Y}, {"features": ["a"]}, "no named columns"),
        ({"X": X, "Y": Y}, {"task": "guess"}, "no task 'guess'; use 'classification' or"),
        ({"X": X, "Y": Y}, {"dtype": "float16"}, "float16; use float32 or float64"),
        ({"x_test": X, "y_test": Y}, {}, "no training examples; add them as x_train"),
        (
            {"x_train": X, "y_train": Y, "x_test": X[:, :3], "y_test": Y},
            {},
            r"'x_test' has examples of shape \(3,\) and .*'x_train' of \(4,\)",
        ),
        (
            {"x_train": IMAGES, "y_train": Y, "x_test": IMAGES / 255, "y_test": Y},
            {},
            "'x_test' holds float64 and .*'x_train' uint8",
        ),
    ],
)
def test_arrays_that_do_not_fit(npz, arrays, options, message):
    with pytest.raises(DataError, match=message):
        load(npz(**arrays), **options)


def idx(array):
    head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return head + array.tobytes()


def test_idx_files_and_folders(tmp_path):
    for name, rows in (("train", slice(20)), ("t10k", slice(20, 30))):
        images, labels = idx(IMAGES[rows]), idx(Y[rows].astype(np.uint8))
        (tmp_path / f"{name}-images-idx3-ubyte.gz").write_bytes(gzip.compress(images))
        (tmp_path / f"{name}-labels-idx1-ubyte").write_bytes(labels)
    for source in (tmp_path, str(tmp_path), tmp_path / "train-images-idx3-ubyte.gz"):
        data = load(source)
        assert [len(s) for s in data.splits().values()] == [17, 3, 10]
        assert np.array_equal(data.test.X, IMAGES[20:].reshape(10, 4) / np.float32(255))
    (tmp_path / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(DataError, match=r"train-labels-idx1-ubyte is missing"):
        load(tmp_path)


# --- tables -------------------------------------------------------------------------------------

ROWS = [f"{i},{i * i / 7},{'yes' if i % 2 else 'no'}" for i in range(20)]


def test_a_table_is_standardised_by_its_train_split(csv):
    data = load(csv(*ROWS), target="y", dtype="float64")
    assert (data.features, data.target, data.classes) == (("a", "b"), "y", ("no", "yes"))
    assert (data.n_in, data.n_out, data.shape) == (2, 2, (2,))
    assert [len(s) for s in data.splits().values()] == [16, 2, 2]
    assert np.allclose(data.train.X.mean(axis=0), 0)
    assert np.allclose(data.train.X.std(axis=0), 1)
    raw = data.test.X * data.scaling.scale + data.scaling.shift
    assert np.allclose(raw[:, 0] ** 2 / 7, raw[:, 1])
    assert ["no", "yes"][data.test.Y[0]] == ("yes" if round(raw[0, 0]) % 2 else "no")


def test_constant_columns_become_zero(csv):
    data = load(csv(*(f"0.1,{i},{i % 2}" for i in range(20))), target="y")
    assert data.scaling.scale[0] == 1
    assert (data.train.X[:, 0] == 0).all()


def test_features_are_chosen_and_ordered(csv):
    data = load(csv(*ROWS), target="y", features=["b", "a"])
    assert data.features == ("b", "a")
    assert load(csv(*ROWS), target="b", features=["a"]).task == "regression"


@pytest.mark.parametrize(
    ("values", "task", "classes"),
    [
        (["x", "y"], None, ("x", "y")),
        (["10", "9"], None, ("9", "10")),
        (["true", "False"], None, ("false", "true")),
        (["-1", "1"], None, ("-1", "1")),
        (["0.5", "1.5"], None, ()),
        (["0.0", "1.0"], None, ()),
        (["2.0", "10"], "classification", ("2", "10")),
        (["0.5", "1"], "classification", ("0.5", "1")),
        (["10", "9"], "regression", ()),
        (["true", "false"], "regression", ()),
        (["10", "b"], None, ("10", "b")),
    ],
)
def test_targets_of_tables(csv, values, task, classes):
    rows = [f"{i},{i},{values[i % 2]}" for i in range(20)]
    data = load(csv(*rows), target="y", task=task)
    assert data.classes == classes
    assert data.n_out == (len(classes) or 1)


def test_many_integers_in_a_column_are_numbers(csv):
    rows = [f"{i},1,{i}" for i in range(101)]
    assert load(csv(*rows), target="y").task == "regression"
    assert load(csv(*rows[:100]), target="y").task == "classification"
    assert load(csv(*rows), target="y", task="classification").n_out == 101


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        (ROWS, {}, r"name the column to predict .*\(--target COLUMN\); the columns are a, b, y"),
        (ROWS, {"target": "z"}, "no column 'z'; the columns are a, b, y"),
        (ROWS, {"target": "y", "features": ["q"]}, "no column 'q'"),
        (ROWS, {"target": "a"}, "column 'y' is not numeric: line 2 holds 'no'"),
        (ROWS, {"target": "y", "task": "regression"}, "'y' is not numeric: line 2 holds 'no'"),
        (ROWS, {"target": "y", "features": ["y"]}, "cannot be its own feature"),
        (ROWS, {"target": "y", "features": ["a", "a"]}, "feature 'a' is named twice; name each"),
        ([*ROWS, "1,2,"], {"target": "y"}, "column 'y' is empty in 1 of 21 rows.* line 22"),
        (["1,2,a", "2,2,b"], {"target": "y"}, "2 examples are too few"),
        (["1,2,a"] * 9, {"target": "y"}, r"of one class \(a\)"),
        (["1,2,nan", "1,2,1"] * 9, {"target": "y"}, "'y' is not finite in 9 of 18 rows"),
        (
            ["1,2,nan", "1,2,1"] * 9,
            {"target": "y", "task": "classification"},
            "'y' is not finite in 9 of 18 rows",
        ),
        (["1e300,2,a", "-1e300,2,b"] * 9, {"target": "y"}, "Scaling: column 0 has"),
    ],
)
def test_tables_that_do_not_fit(csv, rows, options, message):
    with pytest.raises(DataError, match=message):
        load(csv(*rows), **options)


def test_a_table_of_nothing_but_its_target(csv):
    with pytest.raises(DataError, match="name other columns as features"):
        load(csv("1", "2", "3", header="y"), target="y")


def test_names_of_classes():
    assert class_names([3, 3.0, 2.5, False, "x"]) == ["3", "3", "2.5", "false", "x"]
    assert sorted_classes(["0", "-1", "1"]) == ("-1", "0", "1")
    assert sorted_classes(["nan", "2", "10"]) == ("10", "2", "nan")
    assert class_index(["1.0", "1"]) == {"1.0": 0, "1": 1}


def test_adult(shared):
    data = load(shared("adult.csv.gz"), target="income", features=["age", "hours_per_week"])
    assert data.classes == ("<=50K", ">50K")
    assert sum(len(s) for s in data.splits().values()) == 48_842
    with pytest.raises(
        DataError, match="column 'workclass' is not numeric: line 2 holds 'State-gov'"
    ):
        load(shared("adult.csv.gz"), target="income")


def test_california_housing(shared):
    path = shared("california_housing.csv.gz")
    message = "'total_bedrooms' is empty in 207 of 20640 rows, the first at line 292"
    with pytest.raises(DataError, match=message):
        load(path, target="median_house_value")
    data = load(path, target="median_house_value", features=["longitude", "median_income"])
    assert (data.task, data.n_out) == ("regression", 1)
    assert data.train.Y.mean() == pytest.approx(206_855, rel=0.01)
