"""What Python and the page's TypeScript must agree on stands in files that both of them test."""

import base64
import json
import re
from pathlib import Path

import numpy as np

from chainrule.drawing.short import number
from chainrule.drawing.theme import DARK, LIGHT
from chainrule.explorer.wire import encode

WEB = Path(__file__).resolve().parents[2] / "web/src"
NUMBERS = [
    0.0, -0.0, 1.0, -1.0, 0.5, 2 / 3, 1234.5, 9999.4, 9999.6, 99995.0, 123456.0, 1e-4, 9.9999e-5,
    1e-5, -1.5e-10, 1e300, 12345678.9, 0.1, 0.30000001192092896, 6.0, 100.0, 1e22, 5e-324,
    0.00012345,
]  # fmt: skip
ANSWER = {
    "matrix": np.arange(6.0).reshape(2, 3),
    "scalar": np.array(0.5),
    "numbers": [1, 0.25, float("nan"), float("inf"), float("-inf"), None, True],
    "text": "δ^2",
}


def test_numbers_are_written_alike():
    golden = json.loads((WEB / "format.cases.json").read_text())
    assert golden == [[repr(x), number(x)] for x in NUMBERS]


def test_answers_travel():
    golden = json.loads((WEB / "engine/wire.golden.json").read_text())
    assert base64.b64decode(golden["base64"]) == encode(ANSWER)


def test_colours_are_those_of_drawings():
    css = (WEB / "style/theme.css").read_text()
    for name, colours in (("light", LIGHT), ("dark", DARK)):
        block = re.search(rf'data-theme="{name}"\] {{(.*?)}}', css, re.S)
        found = re.findall(r"--([a-z-]+): (#\w+);", block[1])
        assert dict(found) == colours
