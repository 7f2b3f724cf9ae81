"""The numbers of a graph as a table."""

from __future__ import annotations

import numpy as np

import chainrule as cr


def essay(a, b):
    c = a + b
    d = b + 1
    return c * d


def test_every_variable_has_a_row_with_its_line():
    rows = str(cr.trace(essay)(2.0, 1.0).numbers).splitlines()
    assert rows[0].split() == ["variable", "value", "∂essay/∂", "operation", "line"]
    assert [row.split()[:3] for row in rows[1:]] == [
        ["a", "2", "2"],
        ["b", "1", "5"],
        ["c", "3", "2"],
        ["d", "2", "3"],
        ["essay", "6", "1"],
    ]
    assert [row.partition(": ")[2] for row in rows[3:]] == [
        "c = a + b",
        "d = b + 1",
        "return c * d",
    ]


def test_the_middle_of_a_long_table_is_left_out():
    def long(x):
        for _ in range(100):
            x = np.sin(x)
        return x

    numbers = cr.trace(long)(1.0).numbers
    rows = str(numbers).splitlines()
    assert len(rows) == 1 + 40 + 1 and "(61 more)" in rows[21]
    assert rows[1].startswith("x ") and rows[-1].startswith("x₁₀₀ ")
    assert numbers._repr_html_().count("<tr>") == 42


def test_several_outputs_have_values_and_no_cotangents():
    head, *rows = str(cr.trace(lambda x: (np.sin(x), np.cos(x)))(0.5).numbers).splitlines()
    assert "cotangent" in head
    assert [row.split()[1] for row in rows] == ["0.5", "0.4794", "0.8776"]
