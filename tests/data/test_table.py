"""Tables: what is read, and the place and remedy that every bad cell gets."""

import gzip
import sys

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.core.errors import DataError, FileFormatError, MissingExtraError
from chainrule.data import load, read_rows
from chainrule.data.table import numbers, read_table

GOOD = "height,kind,old\n1.5,a,true\n2,b,False\n-3e2,a,TRUE\n"


@pytest.fixture
def put(tmp_path):
    def write(content, name="t.csv"):
        path = tmp_path / name
        raw = content.encode() if isinstance(content, str) else content
        path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
        return path

    return write


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (GOOD, "t.csv"),
        (GOOD, "t.csv.gz"),
        (GOOD.rstrip("\n"), "t.csv"),
        (GOOD + "\n\n", "t.csv"),
        ("\n" + GOOD, "t.csv"),
        ("\ufeff" + GOOD, "t.csv"),
        (GOOD.replace("\n", "\r\n"), "t.csv"),
        (GOOD.replace(",", "\t"), "t.tsv"),
        (GOOD.replace(",", "\t"), "T.TSV.gz"),
        (GOOD.replace(",", " , "), "t.csv"),
        ('"height","kind","old"\n"1.5","a",true\n2,b,False\n-3e2,a,TRUE\n', "t.csv"),
    ],
)
def test_columns_are_typed(put, content, name):
    table = read_table(put(content, name))
    assert table.columns == ("height", "kind", "old")
    assert len(table) == 3
    assert numbers(table, ("old", "height")).tolist() == [[1, 1.5], [0, 2], [1, -300]]
    assert table.column("kind").to_list() == ["a", "b", "a"]


def test_gzip_is_told_by_content(put):
    assert len(read_table(put(gzip.compress(GOOD.encode())))) == 3


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "the file is empty"),
        ("\n\n", "the file is empty; its first line must name"),
        ("a,b\n", "no rows below the header"),
        ("a,b", "no rows below the header"),
        ("a,b,a\n1,2,3\n", "two columns are named 'a'"),
        ("a, a\n1,2\n", "two columns are named 'a'"),
        (",a\n0,1\n", "column 1 of 2 has no name"),
        ("a,b\n1,2\n3\n", "line 3 has 1 cells where the header has 2"),
        ("a,b\n1,2\n3,4,5\n", "line 3 has 3 cells where the header has 2"),
        ("a,b\n1,2\n\n3,4\n", "line 3 is empty where the header has 2"),
        ("a\n1\n\n3\n", "line 3 is empty where the header has 1"),
        (b"a,b\n1,2\n3,\xff\n", "line 3 holds the byte 0xFF, which is not UTF-8"),
        ("a,b\n1,2\n".encode("utf-16"), "line 1 holds the byte 0xFF"),
        ('a,b\n1,2\n"3,4\n', r"line \d cannot be read as CSV .* check its quotes"),
        ('a,b\n1,2\n"3"x,4\n', "line 3 cannot be read as CSV"),
        ('a,b\n1,x"y\n3,4\n5,z"w\n7,8\n', r"t\.csv: cannot be read as CSV .*; check its quotes"),
        ("a,b\r1,2\r3,4\r", r"2 rows of 2 columns can also be read as 0 of 4; check .* line ends"),
    ],
)
def test_broken_text(put, content, message):
    path = put(content)
    with pytest.raises(DataError, match=message) as caught:
        read_table(path)
    assert str(caught.value).startswith(str(path))


FAR = "a,b\n" + "1,2\n" * 5000


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (FAR + "1,x\n", "column 'b' is not numeric: line 5002 holds 'x'"),
        (FAR + "1,1_0\n", "line 5002 holds '1_0'"),
        (FAR + "1,\n" + FAR[4:], "column 'b' is empty in 1 of 10001 rows, the first at line 5002"),
        (FAR + '1,""\n1,  \n', "column 'b' is empty in 2 of 5002 rows, the first at line 5002"),
        (FAR + "1,NaN\n1,inf\n", r"not finite in 2 of 5002 rows, the first at line 5002 \(nan\)"),
        (FAR + "1,-inf\n", r"at line 5002 \(-inf\)"),
        (FAR + "1,NA\n", "line 5002 holds 'NA'"),
        ('a,b\n"1",2\n"3","x\ny"\n', r"line 3 holds 'x y'"),
        ('a,c,b\n1,"two\nlines",3\n1,c,?\n', r"line 4 holds '\?'"),
        ("a,b\n1,true\n1,1\n", "line 2 holds 'true'"),
        ("a,b\n1,\n2,x\n", "column 'b' is not numeric: line 3 holds 'x'"),
    ],
)
def test_bad_cells_have_a_place(put, content, message):
    with pytest.raises(DataError, match=message):
        numbers(read_table(put(content)), ("a", "b"))


def test_a_long_cell_is_cut_in_the_message(put):
    with pytest.raises(DataError) as caught:
        numbers(read_table(put("a\n" + "x" * 10**5 + "\n")), ("a",))
    assert len(str(caught.value)) < 500


def test_text_that_python_reads_and_polars_does_not_is_still_placed(put):
    """Python's float takes other digits than ASCII; the message then names the first row."""
    with pytest.raises(DataError, match=r"line 2 holds '٣'"):
        numbers(read_table(put("a\n٣\n٤\n")), ("a",))


def test_an_unknown_column(put):
    with pytest.raises(DataError, match="no column 'size'; the columns are height, kind, old"):
        numbers(read_table(put(GOOD)), ("size",))


def test_damaged_gzip(put, tmp_path):
    path = put(GOOD, "t.csv.gz")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(FileFormatError, match=r"cannot be read or unpacked .*copy the file"):
        read_table(path)


cells = st.text("0123456789.,-eE\"\n\r ainfNx;#'\\\t\x00é", max_size=60)


@settings(max_examples=300, deadline=None)
@given(text=cells, zipped=st.booleans(), data=st.data())
def test_any_text_is_read_or_refused(tmp_path_factory, text, zipped, data):
    raw = bytearray(("a,b\n1,2\n" + text).encode())
    raw = bytearray(gzip.compress(raw, 1)) if zipped else raw
    for _ in range(data.draw(st.integers(0, 2))):
        raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    raw = raw[: data.draw(st.integers(0, len(raw)))]
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_bytes(raw)
    try:
        table = read_table(path)
        X = numbers(table, table.columns)
        assert X.shape == (len(table), len(table.columns))
        assert np.isfinite(X).all()
    except DataError as error:
        assert str(path) in str(error)


@given(
    st.lists(
        st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**53), 2**53)),
        min_size=1,
        max_size=20,
    )
)
def test_numbers_come_back_as_written(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("csv") / "t.csv"
    path.write_text("a,b\n" + "".join(f"{a!r},{b}\n" for a, b in rows))
    assert numbers(read_table(path), ("a", "b")).tolist() == [[a, float(b)] for a, b in rows]


def test_parquet(tmp_path):
    path = tmp_path / "t.parquet"
    frame = pl.DataFrame(
        {
            "i": [1, 2, 3],
            "f": [0.5, 1.5, 2.5],
            "b": [True, False, True],
            "s": ["x", "y", "x"],
            "hole": [1.0, None, 3.0],
            "nan": [1.0, 2.0, float("nan")],
        }
    ).with_columns(
        pl.col("s").cast(pl.Categorical).alias("c"),
        pl.col("s").cast(pl.Enum(["y", "x"])).alias("e"),
        pl.date(2020, 1, pl.col("i")).alias("d"),
        pl.col("i").cast(pl.Decimal(10, 2)).alias("dec"),
    )
    frame.write_parquet(path)
    table = read_table(path)
    expected = [[1, 0.5, 1, 1], [2, 1.5, 0, 2], [3, 2.5, 1, 3]]
    assert numbers(table, ("i", "f", "b", "dec")).tolist() == expected
    for name, message in (
        ("s", "row 1 holds 'x'"),
        ("c", "row 1 holds 'x'"),
        ("d", "holds Date, not numbers"),
        ("hole", "empty in 1 of 3 rows, the first at row 2"),
        ("nan", r"not finite in 1 of 3 rows, the first at row 3 \(nan\)"),
    ):
        with pytest.raises(DataError, match=message):
            numbers(table, (name,))
    for target in ("s", "c", "e"):
        assert load(path, target=target, features=["i"]).classes == ("x", "y")
    assert load(path, target="b", features=["i"]).classes == ("false", "true")
    with pytest.raises(DataError, match="holds Date, which cannot name classes"):
        load(path, target="d", features=["i"], task="classification")
    with pytest.raises(DataError, match="holds Date, not numbers"):
        load(path, target="d", features=["i"])


def test_parquet_without_rows(tmp_path):
    pl.DataFrame({"a": []}).write_parquet(tmp_path / "t.parquet")
    with pytest.raises(DataError, match="the table has no rows"):
        read_table(tmp_path / "t.parquet")


@pytest.mark.parametrize("cut", [3, 10, 100])
def test_damaged_parquet(tmp_path, cut):
    path = tmp_path / "t.parquet"
    pl.DataFrame({"a": [1.0, 2.0]}).write_parquet(path)
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(FileFormatError, match="not an intact Parquet file"):
        read_table(path)


@pytest.mark.parametrize("package", ["polars", "narwhals"])
def test_the_extra_is_named_where_it_is_missing(put, monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    for module in ("chainrule.data.table", "chainrule.data.table_target"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    for read in (lambda p: load(p, target="kind"), read_rows):
        with pytest.raises(MissingExtraError, match=r'pip install "chainrule\[tables\]"'):
            read(put(GOOD))
