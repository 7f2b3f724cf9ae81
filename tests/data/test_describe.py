"""describe: what a person is told about a data set before training."""

import numpy as np
import pytest

from chainrule.core.errors import DataError
from chainrule.data import describe


def test_mnist():
    lines = dict(describe("mnist"))
    assert lines["name"] == "mnist"
    assert lines["train images"] == "60000 × 28 × 28, uint8"
    assert lines["test labels"] == "10000, uint8"
    assert "CC BY-SA 3.0" in lines["source"]


def test_arrays(tmp_path):
    path = tmp_path / "d.npz"
    np.savez(path, X=np.zeros((2, 3)), one=np.float32(1))
    assert dict(describe(path)) == {
        "file": str(path),
        "format": f"NPZ, {path.stat().st_size:,} bytes",
        "X": "2 × 3, float64",
        "one": "one number, float32",
    }


def test_idx(tmp_path):
    for name in ("train-images-idx3-ubyte", "t10k-images-idx3-ubyte"):
        (tmp_path / name).write_bytes(b"\0\0\x0c\1\0\0\0\1\0\0\0\7")
    (tmp_path / "notes.txt").touch()
    assert describe(tmp_path / "train-images-idx3-ubyte")[2:] == (
        ("train-images-idx3-ubyte", "1, int32"),
    )
    assert describe(tmp_path) == (
        ("folder", str(tmp_path)),
        ("t10k-images-idx3-ubyte", "1, int32"),
        ("train-images-idx3-ubyte", "1, int32"),
    )


def test_tables_say_what_is_empty(tmp_path):
    path = tmp_path / "d.csv"
    path.write_text("a,b\n1,x\n,y\n")
    assert describe(str(path))[1:] == (
        ("format", "CSV, 11 bytes"),
        ("rows", "2"),
        ("columns", "2"),
        ("a", "Int64, 1 empty"),
        ("b", "String"),
    )


def test_nothing_there():
    with pytest.raises(DataError, match="no data set or file 'minst'"):
        describe("minst")
