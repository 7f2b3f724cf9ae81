"""read_rows: what a trained network is given, in the columns, scaling and classes it knows."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from chainrule.core.errors import DataError
from chainrule.data import Scaling, load, read_rows
from chainrule.data.parts import Parts

X = np.arange(12.0).reshape(6, 2)
Y = np.array([0, 1, 2, 0, 1, 2])


@pytest.fixture
def npz(tmp_path):
    def save(**arrays):
        np.savez(tmp_path / "d.npz", **arrays)
        return tmp_path / "d.npz"

    return save


@pytest.fixture
def csv(tmp_path):
    def save(text):
        (tmp_path / "d.csv").write_text(text)
        return tmp_path / "d.csv"

    return save


def test_what_load_learnt_reads_the_same_rows(csv):
    text = "a,y,b\n" + "".join(f"{i},{'no' if i % 3 else 'yes'},{i * i}\n" for i in range(30))
    data = load(csv(text), target="y")
    rows = read_rows(
        csv(text),
        features=data.features,
        target=data.target,
        classes=data.classes,
        scaling=data.scaling,
        need_target=True,
    )
    order = np.random.default_rng(0).permutation(30)
    assert np.array_equal(rows.X[order[:24]], data.train.X)
    assert np.array_equal(rows.Y[order[:24]], data.train.Y)


def test_columns_by_name_in_any_order_and_without_target(csv):
    rows = read_rows(csv("z,b,a\nx,1,2\nx,3,4\n"), features=["a", "b"], target="y", classes=["n"])
    assert rows.X.tolist() == [[2, 1], [4, 3]]
    assert rows.X.dtype == np.float32
    assert rows.Y is None


def test_all_columns_but_the_target(csv):
    path = csv("a,y,b\n1,0.5,2\n")
    X, Y = read_rows(path, target="y", dtype="float64")
    assert X.tolist() == [[1, 2]]
    assert Y.tolist() == [[0.5]]
    assert Y.dtype == np.float64
    assert read_rows(path, features=()).X.shape == (1, 3)


@pytest.mark.parametrize(
    ("cells", "classes", "labels"),
    [
        (["b", "a"], ("a", "b"), [1, 0]),
        (["1", "0"], ("0", "1"), [1, 0]),
        (["1.0", "0.0"], ("0", "1"), [1, 0]),
        (["01", "01"], ("01", "x"), [0, 0]),
        (["True", "FALSE"], ("false", "true"), [1, 0]),
    ],
)
def test_classes_by_name(csv, cells, classes, labels):
    path = csv("a,y\n" + "".join(f"1,{c}\n" for c in cells))
    assert read_rows(path, target="y", classes=classes).Y.tolist() == labels


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (
            "a,y\n1,n\n2,q\n",
            {"target": "y", "classes": ["n", "m"]},
            r"column 'y' holds the class 'q' at line 3, which is not among the known ones \(n, m\)",
        ),
        (
            "a,y\n1,q\n",
            {"target": "y", "classes": [f"c{i}" for i in range(30)]},
            r"c19, \.\.\. \(30 in all\)",
        ),
        ("a,y\n1,n\n", {"features": ["b"]}, "no column 'b'; the columns are a, y"),
        ("a,b\n1,2\n", {"target": "y", "need_target": True}, "no column 'y'"),
        ("a,b\n1,2\n", {"need_target": True}, "name the column that holds the targets"),
        ("a,b\n1,2\n", {"scaling": Scaling.identity(3)}, "has 2 features, but 3 are expected"),
        ("a,b\n1,1e300\n", {}, r"X after scaling holds 1 .* \(inf\) in row 0, column 1"),
        ("a,y\n1,q\n", {"target": "y"}, "column 'y' is not numeric: line 2 holds 'q'"),
    ],
)
def test_tables_that_do_not_fit(csv, text, options, message):
    with pytest.raises(DataError, match=message):
        read_rows(csv(text), **options)


def test_parquet_rows_have_row_numbers(tmp_path):
    pl.DataFrame({"a": [1, 2], "y": ["n", "q"]}).write_parquet(tmp_path / "d.parquet")
    with pytest.raises(DataError, match="column 'y' holds the class 'q' at row 2"):
        read_rows(tmp_path / "d.parquet", target="y", classes=["n"])


def test_the_test_split_of_arrays(npz):
    rows = read_rows(
        npz(x_train=X, y_train=Y, x_test=X[:2], y_test=Y[:2]),
        classes=("a", "b", "c"),
        scaling=Scaling([0.0, 1.0], [1.0, 2.0]),
    )
    assert rows.X.tolist() == [[0, 0], [2, 1]]
    assert rows.Y.tolist() == [0, 1]


def test_only_features_are_enough_to_predict(npz):
    assert read_rows(npz(x=X)).Y is None
    assert read_rows(npz(X_test=X.reshape(6, 2, 1)), classes=["a"]).X.shape == (6, 2)
    with pytest.raises(DataError, match="array 'Y' is missing"):
        read_rows(npz(X=X), need_target=True)


def test_targets_that_are_numbers(npz):
    rows = read_rows(npz(X=X, Y=X))
    assert rows.Y.tolist() == X.tolist()
    assert rows.Y.dtype == np.float64


@pytest.mark.parametrize(
    ("arrays", "options", "message"),
    [
        ({"X": X, "Y": Y}, {"classes": ["a", "b"]}, r"2 at position 2 .* 0\.\.1"),
        ({"X": X}, {"scaling": Scaling.identity(5)}, "has 2 features, but 5 are expected"),
        ({"X": X * np.nan}, {}, r"array 'X' holds 12 .* row 0, column 0"),
        ({"X": X}, {"dtype": int}, "use float32 or float64"),
    ],
)
def test_arrays_that_do_not_fit(npz, arrays, options, message):
    with pytest.raises(DataError, match=message):
        read_rows(npz(**arrays), **options)


def test_parts_of_nothing_have_no_rows():
    with pytest.raises(DataError, match=r"x\.npz: holds no examples"):
        Parts(Path("x.npz")).rows()
