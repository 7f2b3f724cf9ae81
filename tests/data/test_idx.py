"""IDX files: round trips, sets of files, and every way in which a file can be damaged."""

import gzip
import tracemalloc
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from chainrule.core.errors import DataError, FileFormatError
from chainrule.data.idx import DTYPES, idx_header, labels_of, read_idx, read_idx_set
from chainrule.data.source import kind_of

CODES = {np.dtype(d).newbyteorder("="): code for code, d in DTYPES.items()}

IMAGES = np.arange(3 * 2 * 2, dtype=np.uint8).reshape(3, 2, 2)
LABELS = np.array([2, 0, 1], np.uint8)


def as_idx(array):
    head = bytes([0, 0, CODES[array.dtype], array.ndim]) + np.array(array.shape, ">u4").tobytes()
    return head + array.astype(array.dtype.newbyteorder(">")).tobytes()


def put(folder, **files):
    for name, array in files.items():
        name = name.replace("__", ".").replace("_", "-")
        raw = as_idx(array)
        (folder / name).write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)


arrays = st.sampled_from(sorted(CODES, key=str)).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=1, max_dims=4, max_side=4))
)


@given(array=arrays, zipped=st.booleans())
def test_round_trip(tmp_path_factory, array, zipped):
    path = tmp_path_factory.mktemp("idx") / "any-idx-ubyte"
    raw = as_idx(array)
    path.write_bytes(gzip.compress(raw, 1) if zipped else raw)
    read = read_idx(path)
    assert read.dtype == array.dtype
    assert read.dtype.isnative
    assert read.shape == array.shape
    assert read.tobytes() == array.tobytes()
    assert idx_header(path).shape == array.shape


@settings(max_examples=300)
@given(
    data=st.data(),
    zipped=st.booleans(),
    array=arrays,
)
def test_damage_is_found_or_harmless_and_never_costly(tmp_path_factory, data, zipped, array):
    raw = as_idx(array)
    raw = bytearray(gzip.compress(raw, 1) if zipped else raw)
    for _ in range(data.draw(st.integers(0, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    raw = raw[: data.draw(st.integers(0, len(raw)))]
    path = tmp_path_factory.mktemp("idx") / "damaged"
    path.write_bytes(raw)
    tracemalloc.start()
    try:
        read = read_idx(path)
        assert read.nbytes <= 1032 * len(raw)
    except DataError as error:
        assert str(path) in str(error)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 4_000_000


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"\0", "begins with 00, which no IDX file"),
        (b"\1\0\x08\1\0\0\0\1\0", "begins with 01 00 08 01"),
        (b"\0\0\x0a\1\0\0\0\1\0", "begins with 00 00 0a 01"),
        (b"\0\0\x08\0", "claims 0 dimensions"),
        (b"\0\0\x08\x21" + b"\0\0\0\1" * 33 + b"\0", "claims 33 dimensions"),
        (b"\0\0\x08\2\0\0\0\1", "ends inside its header"),
        (b"\0\0\x08\1\xff\xff\xff\xff\0", "4294967295 bytes, but 1 are there"),
        (b"\0\0\x08\1\0\0\0\1\0\0", "1 bytes, but 2 are there"),
        (gzip.compress(b"", mtime=0), "begins with nothing"),
        (gzip.compress(b"\0\0\x08\1\0\0\0\1", mtime=0), "1 bytes, but 0 are there"),
        (gzip.compress(b"\0\0\x08\1\0\0\0\1\0\0", mtime=0), "1 bytes, but more are there"),
        (gzip.compress(b"\0\0\x0e\1\xff\xff\xff\xff\0", mtime=0), "but far fewer are there"),
        (gzip.compress(b"\0\0\x08\1\0\0\0\1\0", mtime=0)[:-1], "cannot be read as gzip or IDX"),
        (b"\x1f\x8b\x08\0\0\0\0\0\0\3" + b"\xff" * 20, "cannot be read as gzip or IDX"),
        (b"\x1f\x8bnot gzip at all", "cannot be read as gzip or IDX"),
    ],
)
def test_each_damage_has_its_message(tmp_path, raw, message):
    path = tmp_path / "x-idx1-ubyte"
    path.write_bytes(raw)
    with pytest.raises(FileFormatError, match=message) as caught:
        read_idx(path)
    assert str(caught.value).startswith(str(path))


def test_a_gzip_bomb_is_not_unpacked(tmp_path):
    path = tmp_path / "bomb"
    packer = zlib.compressobj(9, wbits=31)
    raw = packer.compress(as_idx(LABELS)) + packer.compress(bytes(50_000_000)) + packer.flush()
    path.write_bytes(raw)
    tracemalloc.start()
    with pytest.raises(FileFormatError, match="but more are there"):
        read_idx(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


def test_an_empty_or_missing_file_and_a_folder(tmp_path):
    (tmp_path / "empty").touch()
    for name, message in (("empty", "is empty"), ("gone", "no such file"), (".", "is a folder")):
        with pytest.raises(DataError, match=message):
            read_idx(tmp_path / name)


def test_images_labels_and_test_split_are_found(tmp_path):
    put(
        tmp_path,
        train_images_idx3_ubyte=IMAGES,
        train_labels_idx1_ubyte__gz=LABELS,
        t10k_images_idx3_ubyte__gz=IMAGES[:2],
        t10k_labels_idx1_ubyte=LABELS[:2],
    )
    for source in ("train-images-idx3-ubyte", "train-labels-idx1-ubyte.gz", "."):
        parts = read_idx_set(tmp_path / source)
        assert parts.train.X.tolist() == IMAGES.tolist()
        assert parts.train.Y.tolist() == LABELS.tolist()
        assert parts.test.X.tolist() == IMAGES[:2].tolist()
        assert parts.rows() is parts.test
    alone = read_idx_set(tmp_path / "t10k-images-idx3-ubyte.gz")
    assert alone.test is None
    assert len(alone.train.X) == 2


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        ("train-images.idx3-ubyte", "train-labels.idx1-ubyte"),
        ("train-images.idx3-ubyte.gz", "train-labels-idx1-ubyte"),
        ("train-images-idx3-ubyte", "train-labels.idx1-ubyte.gz"),
        ("emnist-letters-train-images-idx3-ubyte", "emnist-letters-train-labels-idx1-ubyte"),
    ],
)
def test_spellings(tmp_path, images, labels):
    for name, array in ((images, IMAGES), (labels, LABELS)):
        raw = as_idx(array)
        (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
    assert labels_of(tmp_path / images) == tmp_path / labels
    assert read_idx_set(tmp_path / labels).train.X.shape == (3, 2, 2)
    assert read_idx_set(tmp_path).train.Y.shape == (3,)


def test_test_named_test(tmp_path):
    put(tmp_path, train_images_idx3_ubyte=IMAGES, test_images_idx3_ubyte=IMAGES[:1])
    parts = read_idx_set(tmp_path)
    assert len(parts.test.X) == 1
    assert parts.train.Y is None
    assert parts.train.y_name == str(tmp_path / "train-labels-idx1-ubyte")


def test_both_packed_and_unpacked_is_one_set(tmp_path):
    put(tmp_path, train_images_idx3_ubyte=IMAGES, train_images_idx3_ubyte__gz=IMAGES[:1])
    assert len(read_idx_set(tmp_path).train.X) == 3


def test_a_folder_with_only_test_images(tmp_path):
    put(tmp_path, t10k_images_idx3_ubyte=IMAGES)
    assert len(read_idx_set(tmp_path).rows().X) == 3


def test_an_idx_file_of_any_name(tmp_path):
    put(tmp_path, numbers__idx=IMAGES)
    parts = read_idx_set(tmp_path / "numbers.idx")
    assert parts.train.Y is None
    assert "named as MNIST's are" in parts.train.y_name
    assert kind_of(tmp_path / "numbers.idx") == "idx"


def test_sets_that_do_not_fit(tmp_path):
    with pytest.raises(DataError, match="no IDX files in this folder"):
        read_idx_set(tmp_path)
    put(tmp_path, train_labels_idx1_ubyte=LABELS)
    with pytest.raises(DataError, match="images are not beside it"):
        read_idx_set(tmp_path / "train-labels-idx1-ubyte")
    put(tmp_path, train_images_idx3_ubyte=IMAGES[:2])
    with pytest.raises(DataError, match=r"images.* has 2 rows and .*labels.* has 3"):
        read_idx_set(tmp_path)
    put(tmp_path, other_train_images_idx3_ubyte=IMAGES)
    with pytest.raises(
        DataError, match=r"several sets .*\(other-train.*train-images.*\); name one"
    ):
        read_idx_set(tmp_path)


def test_no_examples(tmp_path):
    put(tmp_path, train_images_idx3_ubyte=IMAGES[:0])
    with pytest.raises(DataError, match=r"shape \(0, 2, 2\), so it holds no examples"):
        read_idx_set(tmp_path)
