"""Tables as HTML and as text: escaped, in straight columns."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from chainrule.core.columns import aligned
from chainrule.core.html import folded, table


def test_every_text_is_escaped() -> None:
    nasty = "<script>alert(\"1\")</script> & 'x'"
    page = f"<div>{table([nasty, 'b'], [[nasty, nasty]], nasty)}{folded(nasty, '<p/>')}</div>"
    assert "<script>" not in page
    tree = ElementTree.fromstring(page)
    texts = [e.text for e in tree.iter() if e.text and "alert" in e.text]
    assert texts == [nasty] * 5


def test_numbers_stand_right_and_texts_left() -> None:
    tree = ElementTree.fromstring(
        table(["name", "n", "share", "what"], [["a", "1,024", "3.5%", "x"]])
    )
    assert [e.attrib["style"].split(";")[0] for e in tree.iter("td")] == [
        "text-align:right",
        "text-align:right",
        "text-align:left",
    ]


def test_no_table_sets_a_colour() -> None:
    assert "color" not in table(["a"], [["1"]], "c") + folded("a", "b", unfolded=True)


def test_a_row_of_another_length_is_an_error() -> None:
    with pytest.raises(ValueError, match="zip"):
        table(["a", "b"], [["1", "2", "3"]])


def test_cells_of_several_lines_are_as_many_rows() -> None:
    assert aligned([["l", "w"], ["1", "[1 2\n 3 4]"], ["12", "7"]]) == [
        "l       w",
        "1   [1 2",
        "     3 4]",
        "12      7",
    ]
