import json
import subprocess
import sys

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from chainrule.core.errors import FileFormatError
from chainrule.files import load_tensors, save_tensors, tensors

from .damage import little_memory, safetensors_file, same_arrays, survives

DTYPES = ["bool", "float16", "float32", "float64", "complex64", "complex128"] + [
    f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)
]


@st.composite
def arrays(draw):
    """Arrays with any bits, of any layout: transposed, strided, reversed, Fortran, big-endian."""
    dtype = np.dtype(draw(st.sampled_from(DTYPES)))
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
    size = int(np.prod(shape)) * dtype.itemsize
    raw = np.frombuffer(draw(st.binary(min_size=size, max_size=size)), np.uint8)
    array = (raw & 1 if dtype.kind == "b" else raw).view(dtype).reshape(shape)
    layout = draw(st.sampled_from(["C", "F", "T", "strided", "reversed", "big", "broadcast"]))
    if layout == "F":
        return np.asfortranarray(array).reshape(shape)
    if layout == "T":
        return array.T
    if layout == "strided" and array.ndim:
        return np.repeat(array, 2, axis=-1)[..., ::2]
    if layout == "reversed" and array.ndim:
        return array[::-1]
    if layout == "big":
        return array.astype(array.dtype.newbyteorder(">"))
    if layout == "broadcast":
        return np.broadcast_to(array, (2, *array.shape))
    return array


def native(array):
    """The same values as the file gives them back."""
    return np.array(array.astype(array.dtype.newbyteorder("="), copy=False), order="C")


contents = st.dictionaries(st.text(max_size=8).filter(lambda s: s != "__metadata__"), arrays())
notes = st.dictionaries(st.text(st.characters(), max_size=5), st.text(st.characters(), max_size=20))


@settings(deadline=None, max_examples=200)
@given(contents, notes)
def test_round_trip(tmp_path_factory, content, metadata):
    path = tmp_path_factory.getbasetemp() / "round.safetensors"
    save_tensors(path, content, metadata)
    first = path.read_bytes()
    back, strings = load_tensors(path)
    assert strings == metadata
    assert list(back) == sorted(content)
    assert same_arrays(back, {name: native(array) for name, array in content.items()})
    for array in back.values():
        assert array.flags.owndata
        assert array.flags.writeable
        assert array.flags.c_contiguous
    # equal content, equal bytes: the order of insertion does not matter
    backwards = dict(reversed(content.items())), dict(reversed(metadata.items()))
    save_tensors(path, *backwards)
    assert path.read_bytes() == first


def test_a_transposed_view_is_saved_as_it_reads(tmp_path):
    weights = np.arange(6.0).reshape(2, 3).T
    save_tensors(tmp_path / "a", {"w": weights})
    np.testing.assert_array_equal(load_tensors(tmp_path / "a")[0]["w"], weights)
    np.testing.assert_array_equal(safetensors.numpy.load_file(tmp_path / "a")["w"], weights)


def test_bytes_do_not_depend_on_the_process(tmp_path):
    script = """
import sys, numpy as np
from chainrule.files import save_tensors
save_tensors(sys.argv[1], {c: np.arange(3) for c in "abcdef"}, {c: c for c in "uvwxyz"})
"""
    for seed in "1", "2":
        subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / seed)],
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        )
    assert (tmp_path / "1").read_bytes() == (tmp_path / "2").read_bytes()


def test_files_of_other_programs(tmp_path):
    path = tmp_path / "other.safetensors"
    content = {"w": np.arange(6, dtype=np.float32).reshape(2, 3), "b": np.array(True)}
    safetensors.numpy.save_file(content, path, {"format": "pt", "b": "2"})
    back, metadata = load_tensors(path)
    assert same_arrays(back, content)
    assert metadata == {"format": "pt", "b": "2"}
    assert back["w"].flags.owndata
    assert back["w"].flags.writeable
    safetensors.numpy.save_file(content, path)
    assert load_tensors(path)[1] == {}


def test_complex_numbers_of_other_programs(tmp_path):
    header = b'{"z":{"dtype":"C64","shape":[1],"data_offsets":[0,8]}}'
    path = tmp_path / "z.safetensors"
    path.write_bytes(safetensors_file(header, np.complex64(1 + 2j).tobytes()))
    assert load_tensors(path)[0]["z"].tolist() == [1 + 2j]


def test_other_programs_read_ours(tmp_path):
    path = tmp_path / "ours.safetensors"
    save_tensors(path, {"w": np.eye(2), "z": np.array([1 + 2j])})
    back = safetensors.numpy.load_file(path)
    assert back["w"].tolist() == [[1, 0], [0, 1]]
    assert back["z"].tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"a": np.array([object()])}, "tensor 'a' has dtype object"),
        ({"a": np.array(["x"])}, "tensor 'a' has dtype <U1"),
        ({"a": np.zeros(2, np.longdouble)}, "tensor 'a' has dtype float128"),
        ({"a": np.zeros(2, "M8[s]")}, r"tensor 'a' has dtype datetime64\[s\]"),
        ({"a": np.zeros(2, [("x", "f4")])}, "tensor 'a' has dtype"),
        ({"a": [1.0]}, "tensor 'a' is a list; give a plain NumPy array"),
        ({"a": np.ma.masked_array([1.0], [True])}, "tensor 'a' is a MaskedArray"),
        ({"__metadata__": np.zeros(2)}, "cannot hold a tensor named '__metadata__'"),
        ({"\ud800": np.zeros(2)}, "cannot hold a tensor named"),
        ({1: np.zeros(2)}, "the tensor name 1 is not a string"),
    ],
)
def test_what_cannot_be_saved(tmp_path, content, message):
    path = tmp_path / "a.safetensors"
    with pytest.raises(FileFormatError, match=rf"a\.safetensors: .*{message}"):
        save_tensors(path, content)
    assert not path.exists()


def test_metadata_is_strings(tmp_path):
    for metadata in ({"a": 1}, {1: "a"}):
        with pytest.raises(FileFormatError, match=r"metadata .* is not a string"):
            save_tensors(tmp_path / "a", {}, metadata)


def test_what_the_library_refuses(tmp_path, monkeypatch):
    def refuse(*_):
        raise safetensors.SafetensorError("header too large")

    monkeypatch.setattr(tensors, "safetensors_bytes", refuse)
    with pytest.raises(FileFormatError, match=r"a: safetensors cannot hold.*header too large"):
        save_tensors(tmp_path / "a", {})


CONTENT = {
    "0.weights": np.random.default_rng(0).normal(size=(3, 2)).astype(np.float32),
    "mask": np.array([True, False, True]),
    "step": np.array(7),
    "z": np.array([[1 + 2j]]),
}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("whole") / "whole.safetensors"
    save_tensors(path, CONTENT, {"made": "by hand"})
    return path.read_bytes()


def is_right(result):
    return same_arrays(result[0], CONTENT) and result[1] == {"made": "by hand"}


def test_every_truncation_is_an_error(tmp_path, whole):
    for length in range(len(whole)):
        assert not survives(tmp_path / "a", whole[:length], load_tensors, is_right)
    assert survives(tmp_path / "a", whole, load_tensors, is_right)
    assert not survives(tmp_path / "a", whole + b"\0", load_tensors, is_right)


def test_every_flipped_bit_is_an_error_or_harmless(tmp_path, whole):
    for i in range(len(whole)):
        for bit in range(8):
            content = bytearray(whole)
            content[i] ^= 1 << bit
            survives(tmp_path / "a", bytes(content), load_tensors, is_right)


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_random_damage(tmp_path_factory, whole, data):
    content = bytearray(whole)
    start = data.draw(st.integers(0, len(content)))
    end = start + data.draw(st.integers(0, 20))
    content[start:end] = data.draw(st.binary(max_size=20))
    path = tmp_path_factory.getbasetemp() / "damaged.safetensors"
    survives(path, bytes(content), load_tensors, is_right)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.safetensors"
    survives(path, content, load_tensors, lambda _: True)
    header = safetensors_file(content)
    survives(path, header, load_tensors, lambda _: True)


def entry(dtype="F32", shape=(2,), offsets=(0, 8), **more):
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets} | more


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ([], "its header is not a JSON object"),
        ({"__metadata__": {"a": 1}}, "its metadata is not a mapping"),
        ({"__metadata__": []}, "its metadata is not a mapping"),
        ({"a": 3}, "entry for tensor 'a' is not a tensor's"),
        ({"a": entry(extra=1)}, "entry for tensor 'a' is not a tensor's"),
        ({"a": entry(dtype="BF16")}, "tensor 'a' has dtype BF16, which NumPy lacks; convert"),
        ({"a": entry(dtype=["F32"])}, "tensor 'a' has dtype"),
        ({"a": entry(shape=2)}, "impossible shape 2"),
        ({"a": entry(shape=[-2])}, "impossible shape"),
        ({"a": entry(shape=[2.0])}, "impossible shape"),
        ({"a": entry(shape=[True, 2])}, "impossible shape"),
        ({"a": entry(shape=[1] * 65)}, "impossible shape"),
        ({"a": entry(shape=[0, 2**62, 2], offsets=[0, 0])}, "impossible shape"),
        ({"a": entry(shape=[10**15], offsets=[0, 4 * 10**15])}, "cut off or corrupt.*4e.15"),
        ({"a": entry(shape=[10**15])}, "does not fill the 8 bytes"),
        ({"a": entry(offsets=[8, 0])}, "not two increasing numbers"),
        ({"a": entry(offsets=[0, 4, 8])}, "not two increasing numbers"),
        ({"a": entry(offsets="08")}, "not two increasing numbers"),
        ({"a": entry(shape=[1], offsets=[0, 4]), "b": entry(offsets=[0, 8])}, "it is corrupt"),
        ({"a": entry(shape=[1], offsets=[4, 8])}, "it is corrupt"),
        ({"a": entry(dtype="BOOL", shape=[8])}, "booleans holds bytes other than 0 and 1"),
        ({"a": entry(), "__metadata__": {"chainrule": ""}}, "its metadata is corrupt"),
        ({"a": entry(), "__metadata__": {"chainrule": "[" * 99999}}, "its metadata is corrupt"),
        ({"a": entry(), "__metadata__": {"chainrule": "[]"}}, "its metadata is corrupt"),
        ({"a": entry(), "__metadata__": {"b": '{"chainrule":1,'}}, "its metadata is corrupt"),
    ],
)
def test_impossible_headers(tmp_path, header, message):
    path = tmp_path / "a.safetensors"
    path.write_bytes(safetensors_file(json.dumps(header).encode(), b"\1\2\3\4\5\6\7\7"))
    with (
        little_memory(),
        pytest.raises(FileFormatError, match=rf"(?s)a\.safetensors: .*{message}"),
    ):
        load_tensors(path)


@pytest.mark.parametrize("names", [["b"], ["a"], ["a", "a"], [1]])
def test_complex_numbers_that_are_not_there(tmp_path, names):
    fields = {"chainrule": 1, "complex": names, "metadata": {}, "sha256": ""}
    path = tmp_path / "a.safetensors"
    safetensors.numpy.save_file({"a": np.zeros(2, int)}, path, {"chainrule": json.dumps(fields)})
    with pytest.raises(FileFormatError, match="does not hold the pairs"):
        load_tensors(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "the file is empty"),
        (b"\1\0\0", "does not begin as a safetensors file"),
        (b"PK\3\4 a zip file", "does not begin as a safetensors file"),
        (safetensors_file(b"{}", length=10**15), "does not begin as a safetensors file"),
        (safetensors_file(b"{}", length=90_000_000), "cut off: 10 bytes.* header of 90000000"),
        (safetensors_file(b"\xff\xff"), "its header is not JSON"),
        (safetensors_file(b"[" * 100_000), "its header is not JSON"),
    ],
)
def test_other_files(tmp_path, content, message):
    path = tmp_path / "a.safetensors"
    path.write_bytes(content)
    with little_memory(), pytest.raises(FileFormatError, match=message) as caught:
        load_tensors(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert str(caught.value).endswith("; restore it from a copy or make it anew.")


def test_a_wrong_value_fails_the_checksum(tmp_path, whole):
    path = tmp_path / "a.safetensors"
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(FileFormatError, match="does not match its checksum"):
        load_tensors(path)


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match="none"):
        load_tensors(tmp_path / "none")
    with pytest.raises(IsADirectoryError, match=tmp_path.name):
        load_tensors(tmp_path)
