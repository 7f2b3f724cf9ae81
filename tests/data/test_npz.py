"""NPZ files: round trips, names, and every way in which a file can lie or be damaged."""

import io
import struct
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from chainrule.core.errors import DataError, FileFormatError
from chainrule.data.npz import list_npz, read_npz

X = np.arange(12.0).reshape(4, 3)
Y = np.array([0, 1, 2, 1])


def saved(compressed=False, **arrays):
    out = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(out, **arrays)
    return out.getvalue()


def npy(array):
    out = io.BytesIO()
    np.lib.format.write_array(out, array, allow_pickle=False)
    return out.getvalue()


def zipped(method=zipfile.ZIP_DEFLATED, **members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, raw in members.items():
            archive.writestr(name.replace("__", "."), raw)
    return out.getvalue()


@pytest.fixture
def put(tmp_path):
    def write(raw):
        path = tmp_path / "file.npz"
        path.write_bytes(raw)
        return path

    return write


numbers = hnp.integer_dtypes() | hnp.unsigned_integer_dtypes() | hnp.floating_dtypes()
arrays = (numbers | hnp.boolean_dtypes()).flatmap(
    lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=1, max_dims=3, max_side=4))
)


@given(array=arrays, compressed=st.booleans(), fortran=st.booleans())
def test_round_trip(tmp_path_factory, array, compressed, fortran):
    path = tmp_path_factory.mktemp("npz") / "file.npz"
    path.write_bytes(saved(compressed, x=np.asfortranarray(array) if fortran else array))
    read = read_npz(path).train.X
    assert read.dtype.isnative
    assert read.dtype == array.dtype.newbyteorder("=")
    assert read.shape == array.shape
    assert np.array_equal(read, array, equal_nan=array.dtype.kind == "f")


def test_a_large_array_comes_in_chunks(put):
    large = np.random.default_rng(0).integers(0, 255, (500, 5000), np.uint8)
    for compressed in (False, True):
        assert np.array_equal(read_npz(put(saved(compressed, x=large))).train.X, large)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data(), compressed=st.booleans(), hit=st.integers(0, 4))
def test_damage_is_found_or_harmless_and_never_costly(tmp_path_factory, data, compressed, hit):
    raw = bytearray(saved(compressed, x_train=X, y_train=Y, x_test=X, y_test=Y))
    for _ in range(hit):
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    if data.draw(st.booleans()):
        raw = raw[: data.draw(st.integers(0, len(raw)))]
    path = tmp_path_factory.mktemp("npz") / "damaged.npz"
    path.write_bytes(raw)
    tracemalloc.start()
    try:
        pairs = read_npz(path).splits().values()
        assert all(np.array_equal(pair.X, X) for pair in pairs)
        assert all(pair.Y is None or np.array_equal(pair.Y, Y) for pair in pairs)
    except DataError as error:
        assert str(path) in str(error)
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 4_000_000


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_damaged_header_with_a_right_checksum(tmp_path_factory, data):
    raw = bytearray(npy(X))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, 127))] = data.draw(
            st.integers(0, 255) | st.sampled_from(b"0123456789()[]{}<>|,:'\"\\ \n#OVUSMmcbif")
        )
    path = tmp_path_factory.mktemp("npz") / "damaged.npz"
    path.write_bytes(zipped(x__npy=bytes(raw)))
    try:
        assert read_npz(path).train.X.size <= X.nbytes
    except DataError as error:
        assert str(path) in str(error)


@pytest.mark.parametrize(
    ("names", "splits"),
    [
        (["x_train", "y_train", "x_test", "y_test"], ["train", "test"]),
        (["X_train", "Y_TRAIN", "X_Val", "Y_Val"], ["train", "validation"]),
        (["x_train", "y_train", "x_valid", "y_valid", "x_test"], ["train", "validation", "test"]),
        (["x_train", "x_validation"], ["train", "validation"]),
        (["X", "y"], ["train"]),
        (["x"], ["train"]),
        (["x_test"], ["test"]),
    ],
)
def test_names(put, names, splits):
    given_arrays = {name: X if name[0] in "xX" else Y for name in names}
    parts = read_npz(put(saved(**given_arrays, other=np.array(["text"]))))
    assert list(parts.splits()) == splits
    for pair in parts.splits().values():
        assert np.array_equal(pair.X, X)
    there = [pair for pair in parts.splits().values() if pair.Y is not None]
    assert len(there) == sum(name[0] in "yY" for name in names)
    assert parts.rows() is (parts.test or parts.train)


def test_the_missing_target_is_named_as_the_features_are(put):
    assert read_npz(put(saved(X_train=X))).train.y_name.endswith("array 'y_train'")
    assert read_npz(put(saved(x=X))).train.y_name.endswith("array 'Y'")


@pytest.mark.parametrize(
    ("given_arrays", "message"),
    [
        ({"a": X, "y": Y}, "holds the arrays a, y; name them x_train"),
        ({"x": X, "X": X}, "'x' and 'X' could both be meant"),
        ({"x": X, "x_train": X}, "'x' and 'x_train' could both"),
        ({"x": X, "y": Y[:2]}, "array 'x' has 4 rows and .*array 'y' has 2"),
        ({"x": X[:0]}, r"shape \(0, 3\), so it holds no examples"),
        ({"x": np.array(3.0)}, r"shape \(\), so it holds no examples"),
        ({"x": X + 1j}, "array 'x' holds complex128, which is not numbers; store .* real"),
        ({"x": X, "y": np.array(["a"] * 4)}, "array 'y' holds <U1"),
        ({"x": np.zeros(3, [("a", "f4"), ("b", "i4")])}, "which is not numbers"),
        ({"x": np.zeros(3, "S0")}, "which is not numbers|which is not"),
    ],
)
def test_arrays_that_do_not_fit(put, given_arrays, message):
    with pytest.raises(DataError, match=message):
        read_npz(put(saved(**given_arrays)))


def test_object_arrays_would_need_pickle(put):
    out = io.BytesIO()
    np.savez(out, x=np.array([{"a": 1}, None]))
    path = put(out.getvalue())
    with pytest.raises(DataError, match="array 'x' holds object, which only pickle could read"):
        read_npz(path)
    assert list_npz(path)[0].dtype == object


def header(text):
    body = text.encode("latin1")
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(body)) + body


PLAIN = "{'descr': '<f8', 'fortran_order': False, 'shape': %s, }\n"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"not a zip", "not an intact NPZ file"),
        (b"PK\3\4", "not an intact NPZ file"),
        (zipped(a__txt=b"text"), "holds no .npy arrays"),
        (zipped(npy=b"text"), "holds no .npy arrays"),
        (zipped(x__npy=b""), "not an intact NPZ file"),
        (zipped(x__npy=b"text that is no array"), "not an intact NPZ file"),
        (
            zipped(x__npy=npy(X)[:-1]),
            r"claims shape \(4, 3\) of float64, which is not the 95 bytes",
        ),
        (zipped(x__npy=npy(X) + b"\0"), "not the 97 bytes that it has"),
        (zipped(x__npy=header(PLAIN % "(10**15,)") + b"\0"), "not an intact NPZ file"),
        (zipped(x__npy=header(PLAIN % "(999999999999,)") + b"\0"), "999999999999,.*not the 1 byte"),
        (zipped(x__npy=header(PLAIN % "(-1, -2)") + bytes(16)), r"shape \(-1, -2\)"),
        (zipped(x__npy=header(PLAIN % "[2]") + bytes(16)), "not an intact NPZ file"),
        (zipped(x__npy=header("{'descr': 3}")), "not an intact NPZ file"),
        (zipped(x__npy=header("(" * 9000)), "not an intact NPZ file"),
        (zipped(x__npy=b"\x93NUMPY\3\0" + b"\0" * 90), r"\.npy version \(3, 0\)"),
        (zipped(zipfile.ZIP_LZMA, x__npy=npy(X)), "compressed by method 14"),
    ],
)
def test_each_damage_has_its_message(put, raw, message):
    path = put(raw)
    with pytest.raises(FileFormatError, match=message) as caught:
        read_npz(path)
    assert str(caught.value).startswith(str(path))


def test_version_2_headers_are_read(put):
    out = io.BytesIO()
    np.lib.format.write_array(out, X, version=(2, 0))
    assert np.array_equal(read_npz(put(zipped(x__npy=out.getvalue()))).train.X, X)


def test_headers_of_python_2_are_read(put):
    raw = header("{'descr': '<f8', 'fortran_order': False, 'shape': (2L,), }\n") + bytes(16)
    assert read_npz(put(zipped(x__npy=raw))).train.X.tolist() == [0, 0]


def patched(raw, offset, form, value):
    """The archive with a field of its first central directory entry replaced."""
    start = raw.index(b"PK\1\2") + offset
    packed = struct.pack(form, value)
    return raw[:start] + packed + raw[start + len(packed) :]


@pytest.mark.parametrize(
    ("offset", "form", "value", "message"),
    [
        (8, "<H", 1, "is encrypted"),
        (20, "<I", 10**9, "claims 1000000000 bytes of the file, but .* are left"),
        (24, "<I", 4_000_000_000, "to 4000000000, more than DEFLATE can"),
        (24, "<I", 300, "which is not the 172 bytes"),
        (16, "<I", 12345, "not an intact NPZ file .*CRC"),
        (42, "<I", 10**6, "truncated|not an intact NPZ"),
    ],
)
def test_lies_of_the_directory(put, offset, form, value, message):
    raw = patched(saved(True, x=X), offset, form, value)
    with pytest.raises(FileFormatError, match=message):
        read_npz(put(raw))


def test_a_stream_that_ends_early(put):
    """Directory and header agree on 4,000 rows; the stream ends after four, without an error."""
    raw = npy(np.zeros((4000, 3)))
    cut = raw[: 128 + 12_000]
    out = bytearray(zipped(zipfile.ZIP_DEFLATED, x__npy=cut))
    start = out.index(b"PK\1\2")
    out[start + 24 : start + 28] = struct.pack("<I", len(raw))
    with pytest.raises(FileFormatError, match="ends after 12000 of 96000 bytes"):
        read_npz(put(bytes(out)))


def test_the_message_quotes_little_of_a_damaged_file(put):
    """zipfile's own message repeats the file's bytes where two names differ."""
    raw = saved(x=X, **{"y" * 5000: Y})
    with pytest.raises(FileFormatError) as caught:
        read_npz(put(raw.replace(b"yyyy.npy", b"zzzz.npy", 1).replace(b"x.npy", b"z.npy", 1)))
    assert len(str(caught.value)) < 400


def test_two_arrays_of_one_name(put):
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w") as archive,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        archive.writestr("x.npy", npy(X))
        archive.writestr("x.npy", npy(X))
    with pytest.raises(FileFormatError, match="two arrays named 'x'"):
        read_npz(put(out.getvalue()))


def test_list_reads_headers_only(put):
    listed = list_npz(put(saved(x=X, y=Y)))
    assert [(h.name, h.shape, str(h.dtype)) for h in listed] == [
        ("x", (4, 3), "float64"),
        ("y", (4,), "int64"),
    ]


def test_missing_and_empty(tmp_path):
    with pytest.raises(DataError, match="no such file"):
        read_npz(tmp_path / "gone.npz")
    (tmp_path / "empty.npz").touch()
    with pytest.raises(DataError, match="the file is empty"):
        read_npz(tmp_path / "empty.npz")
