import json
import math
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.core.errors import DataError
from chainrule.files.json_values import from_text, to_text

NOT_TEXT = {"NaN", "Infinity", "-Infinity"}
leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters()).filter(lambda s: s not in NOT_TEXT)
)
values = st.recursive(
    leaves, lambda v: st.lists(v, max_size=4) | st.dictionaries(st.text(), v, max_size=4)
)


@settings(deadline=None)
@given(values)
def test_round_trip(value):
    text = to_text(value, "value")
    back = from_text(text)
    assert back == value
    assert repr(back) == repr(value)  # types, and the sign of zero
    assert "\n" not in text
    text.encode("ascii")


@settings(deadline=None)
@given(st.integers(0, 2**64 - 1))
def test_every_float_keeps_its_bits(bits):
    (number,) = struct.unpack("<d", struct.pack("<Q", bits))
    back = from_text(to_text([number], "value"))[0]
    if math.isnan(number):
        assert math.isnan(back)
    else:
        assert struct.pack("<d", back) == struct.pack("<d", number)


def test_non_finite_is_plain_json():
    text = to_text([math.nan, math.inf, -math.inf], "value")
    assert json.loads(text) == ["NaN", "Infinity", "-Infinity"]
    back = from_text(text)
    assert math.isnan(back[0])
    assert back[1:] == [math.inf, -math.inf]


def test_numpy_scalars_and_tuples():
    value = {"a": (np.float32(0.1), np.int64(-3), np.bool_(True), np.float64("nan"))}
    assert from_text(to_text(value, "value"))["a"][:3] == [float(np.float32(0.1)), -3, True]
    assert math.isnan(from_text(to_text(value, "value"))["a"][3])


circle: list[object] = []
circle.append(circle)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": [1, {2, 3}]}, r"state\.a\[1\] is of type set"),
        ({"a": np.zeros(2)}, r"state\.a is of type ndarray.*tensors"),
        ({"a": 1j}, r"state\.a is of type complex"),
        ({"a": np.longdouble(1)}, r"state\.a is of type longdouble"),
        ({"a": {1: 2}}, r"state\.a has the key 1"),
        (["NaN"], r"state\[0\] is the string 'NaN'"),
        (circle, "more than 100 deep"),
    ],
)
def test_refusals(value, message):
    with pytest.raises(DataError, match=message):
        to_text(value, "state")


@pytest.mark.parametrize("text", ["", "{", "NaN", "[-Infinity]", "[" * 100_000, b"\xff", "[1]x"])
def test_other_text(text):
    with pytest.raises(ValueError, match=r"\w"):
        from_text(text)


def test_text_that_the_parser_takes_but_is_too_deep():
    text = "[" * 900 + "]" * 900
    try:
        from_text(text)
    except ValueError as error:
        assert "too deeply" in str(error)
