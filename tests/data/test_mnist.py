"""MNIST inside the package is MNIST, bit for bit."""

import hashlib
import time
import zipfile
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

import chainrule.data as data
from chainrule.core.errors import DataError, FileFormatError
from chainrule.data import mnist_archive
from chainrule.data.mnist_archive import decode, read_mnist

FOLDER = resources.files("chainrule.data") / "mnist"

MD5 = {
    "train images": "6bbc9ace898e44ae57da46a324031adb",
    "train labels": "a25bea736e30d166cdddb491f175f624",
    "test images": "2646ac647ad5339dbf082846283269ea",
    "test labels": "27ae3e4e09519cfbb04c329615203637",
}


@pytest.fixture(scope="module")
def mnist():
    return data.mnist()


@pytest.fixture(scope="module")
def parts():
    return read_mnist()


def as_idx(array):
    head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return head + array.tobytes()


def test_the_four_idx_files_come_out_again(parts):
    arrays = {
        "train images": parts.train.X,
        "train labels": parts.train.Y,
        "test images": parts.test.X,
        "test labels": parts.test.Y,
    }
    found = {name: hashlib.md5(as_idx(a)).hexdigest() for name, a in arrays.items()}
    assert found == MD5


def test_counts_and_pixels(parts):
    train = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    test = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert np.bincount(parts.train.Y).tolist() == train
    assert np.bincount(parts.test.Y).tolist() == test
    assert round(float(parts.train.X.mean()) / 255, 4) == 0.1307
    assert round(float(parts.train.X.std()) / 255, 4) == 0.3081


def test_splits_of_the_book(mnist, parts):
    assert (len(mnist.train), len(mnist.validation), len(mnist.test)) == (50_000, 10_000, 10_000)
    assert mnist.train.X.dtype == np.float32
    assert mnist.train.Y.dtype == np.int64
    whole = parts.train.X.reshape(60_000, 784)
    assert np.array_equal(mnist.train.X[:500], whole[:500].astype(np.float32) / np.float32(255))
    assert np.array_equal(mnist.train.Y, parts.train.Y[:50_000])
    assert np.array_equal(mnist.validation.Y, parts.train.Y[50_000:])
    assert np.array_equal(mnist.test.Y, parts.test.Y)


def test_what_it_says_of_itself(mnist):
    assert mnist.name == "mnist"
    assert (mnist.n_in, mnist.n_out, mnist.shape) == (784, 10, (28, 28))
    assert mnist.task == "classification"
    assert mnist.classes == tuple("0123456789")
    assert mnist.features == ()
    assert mnist.target == "digit"
    assert "LeCun" in mnist.source
    assert mnist.scaling.scale.tolist() == [255.0] * 784


def test_same_as_the_npz_bit_for_bit(parts, shared):
    with np.load(shared("mnist.npz"), allow_pickle=False) as file:
        assert np.array_equal(parts.train.X, file["x_train"])
        assert np.array_equal(parts.train.Y, file["y_train"])
        assert np.array_equal(parts.test.X, file["x_test"])
        assert np.array_equal(parts.test.Y, file["y_test"])


def test_the_npz_loads_to_the_same_data_set(mnist, shared):
    loaded = data.load(shared("mnist.npz"))
    for split in ("train", "validation", "test"):
        ours, theirs = mnist.splits()[split], loaded.splits()[split]
        assert np.array_equal(ours.X, theirs.X)
        assert np.array_equal(ours.Y, theirs.Y)


def test_rows_are_the_test_split(mnist):
    rows = data.read_rows("mnist", classes=mnist.classes, scaling=mnist.scaling, need_target=True)
    assert np.array_equal(rows.X, mnist.test.X)
    assert np.array_equal(rows.Y, mnist.test.Y)


def test_small_fast_and_licensed():
    raw = (FOLDER / "mnist.zip").read_bytes()
    texts = [(FOLDER / name).read_text("utf-8") for name in ("README.md", "LICENSE")]
    assert len(raw) + sum(map(len, texts)) < 10_000_000
    assert mnist_archive.SHA256 in texts[0]
    assert str(len(raw)) in texts[0]
    assert all(md5 in texts[0] for md5 in MD5.values())
    assert all("LeCun" in text and "Cortes" in text and "BY-SA 3.0" in text for text in texts)
    # The bound is on the work, not on what else the machine does; a third of a second is usual
    start = time.thread_time()
    decode(raw)
    assert time.thread_time() - start < 3


@pytest.mark.parametrize("damage", ["cut", "flip", "empty"])
def test_a_damaged_archive_is_refused(damage):
    raw = (FOLDER / "mnist.zip").read_bytes()
    if damage == "cut":
        raw = raw[:-1]
    elif damage == "flip":
        raw = raw[:5_000_000] + bytes([raw[5_000_000] ^ 1]) + raw[5_000_001:]
    else:
        raw = b""
    with pytest.raises(FileFormatError, match=r"damaged .* install chainrule again"):
        decode(raw)


def test_a_python_without_lzma_is_told(monkeypatch):
    monkeypatch.setattr(zipfile, "lzma", None)
    with pytest.raises(DataError, match="built with lzma"):
        read_mnist()


def test_an_incomplete_installation_is_told(monkeypatch, tmp_path: Path):
    monkeypatch.setattr(mnist_archive.resources, "files", lambda package: tmp_path)
    with pytest.raises(DataError, match=r"mnist\.zip.*install chainrule again"):
        read_mnist()


def test_mnist_is_the_function_not_the_folder():
    assert callable(data.mnist)
