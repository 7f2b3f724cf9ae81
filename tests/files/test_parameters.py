import collections
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.core.errors import FileFormatError
from chainrule.files import load, load_tensors, save, save_tensors

from .damage import survives

keys = st.text(st.sampled_from("a0._\\"), max_size=4) | st.just("__metadata__") | st.text()
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats()
    | st.complex_numbers()
    | st.floats(width=32).map(np.float32)
    | st.integers(0, 255).map(np.uint8)
    | st.booleans().map(np.bool_)
    | st.lists(st.floats(), max_size=3).map(np.array)
    | st.floats().map(np.array)
)
trees = st.recursive(
    leaves,
    lambda t: (
        st.lists(t, max_size=3)
        | st.lists(t, max_size=3).map(tuple)
        | st.dictionaries(keys, t, max_size=3)
    ),
    max_leaves=12,
)


def same(one, other):
    """Compare types, nesting, order of keys, and bits."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    if one is None:
        return True
    a, b = np.asarray(one), np.asarray(other)
    return (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())


@settings(deadline=None, max_examples=300)
@given(trees)
def test_round_trip(tmp_path_factory, tree):
    path = tmp_path_factory.getbasetemp() / "model.safetensors"
    save(path, tree)
    assert same(load(path), tree)


def test_names_are_paths(tmp_path):
    layer = {"weights": np.zeros((2, 3)), "biases": np.zeros(2)}
    save(tmp_path / "a", [layer, None, (layer, {"a.b": 1.0, "a": {"b": 2}, "c\\": 3j})])
    assert list(load_tensors(tmp_path / "a")[0]) == [
        "0.biases",
        "0.weights",
        "2.0.biases",
        "2.0.weights",
        "2.1.a.b",
        "2.1.a\\.b",
        "2.1.c\\\\",
    ]


@pytest.mark.parametrize("tree", [3, None, [], (), {}, [[], ()], np.float32(1), np.zeros((2, 0))])
def test_small_trees(tmp_path, tree):
    save(tmp_path / "a", tree)
    assert same(load(tmp_path / "a"), tree)


def test_a_loaded_array_can_be_changed(tmp_path):
    save(tmp_path / "a", {"w": np.zeros((2, 2)).T})
    load(tmp_path / "a")["w"][0, 0] = 1


Point = collections.namedtuple("Point", "x y")
circle: list[object] = []
circle.append(circle)


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({"a": [1, {2}]}, "the value at 'a.1' is a set, which cannot be saved; use dicts"),
        ([Point(1, 2)], "the value at '0' is a Point"),
        (collections.OrderedDict(a=1), "the outermost value is a OrderedDict"),
        ("text", "the outermost value is a str"),
        ({"a": {1: 2}}, "the value at 'a' has the key 1; only dicts with strings"),
        ({1: 2}, "the outermost value has the key 1"),
        ([2**63], "the value at '0' is an integer of more than 64 bits"),
        ([-(2**63) - 1], "the value at '0' is an integer of more than 64 bits"),
        ([np.array(["x"])], "tensor '0' has dtype <U1"),
        ([np.str_("x")], "tensor '0' has dtype <U1"),
        (circle, "the value at '0.0.0.0.0'... is nested more than 100 deep"),
    ],
)
def test_what_cannot_be_saved(tmp_path, tree, message):
    with pytest.raises(FileFormatError, match=rf"model\.safetensors: {message}"):
        save(tmp_path / "model.safetensors", tree)
    assert not (tmp_path / "model.safetensors").exists()


def test_a_file_without_structure_is_a_flat_dict(tmp_path):
    save_tensors(tmp_path / "a", {"linear.weight": np.zeros(2)}, {"note": "x"})
    assert same(load(tmp_path / "a"), {"linear.weight": np.zeros(2)})


@pytest.mark.parametrize(
    "structure",
    [
        {"array": "b"},
        {"list": [{"array": "a"}, {"array": "a"}]},
        {"list": []},
        None,
        {"array": "a", "more": 1},
        {"set": [{"array": "a"}]},
        {"dict": [{"array": "a"}]},
        {"list": {"a": {"array": "a"}}},
        {"numpy": "a"},
        {"python": "a"},
        {"object": "a"},
        {"array": 3},
        [],
        3,
        {},
    ],
)
def test_a_structure_that_does_not_fit(tmp_path, structure):
    save_tensors(tmp_path / "a", {"a": np.zeros(2)}, {"structure": json.dumps(structure)})
    with pytest.raises(
        FileFormatError, match=r"the structure .* does not fit its tensors; restore"
    ):
        load(tmp_path / "a")


@pytest.mark.parametrize("text", ["", "[" * 100_000, '{"list":[' * 300 + "]}" * 300])
def test_a_structure_that_is_not_json_or_too_deep(tmp_path, text):
    save_tensors(tmp_path / "a", {"a": np.zeros(2)}, {"structure": text})
    with pytest.raises(FileFormatError, match=r"the structure .* does not fit"):
        load(tmp_path / "a")


def test_every_flipped_byte_is_an_error_or_harmless(tmp_path):
    tree = [{"weights": np.ones((2, 2)), "biases": np.zeros(2)}, (None, 0.5, math.pi)]
    save(tmp_path / "whole", tree)
    whole = (tmp_path / "whole").read_bytes()
    for i in range(len(whole)):
        for mask in (1, 4, 32, 255):
            content = bytearray(whole)
            content[i] ^= mask
            survives(tmp_path / "a", bytes(content), load, lambda result: same(result, tree))
    for length in range(len(whole)):
        assert not survives(tmp_path / "a", whole[:length], load, lambda result: False)
