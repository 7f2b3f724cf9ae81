"""Names, paths and formats: what a source leads to, and what importing the package costs."""

import gzip
import subprocess
import sys

import pytest

from chainrule.core.errors import DataError, FileFormatError
from chainrule.data import load, names
from chainrule.data.source import kind_of


def test_names():
    assert names() == ("mnist",)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("mnsit", "no data set or file 'mnsit'; data sets are: mnist"),
        ("gone.npz", "gone.npz: there is no such file"),
        ("/gone/away", "/gone/away: there is no such file"),
        ("bad\0.csv", "cannot be read"),
    ],
)
def test_a_source_that_is_not_there(source, message):
    with pytest.raises(DataError, match=message):
        load(source)


@pytest.mark.parametrize(
    ("name", "raw", "kind"),
    [
        ("a.CSV", b"a", "csv"),
        ("a.csv.gz", b"a", "csv"),
        ("a.parquet", b"a", "parquet"),
        ("a.npz", b"a", "npz"),
        ("a.idx3-ubyte", b"a", "idx"),
        ("data", b"PK\3\4", "npz"),
        ("data", b"PAR1", "parquet"),
        ("data", b"\0\0\x08\1", "idx"),
        ("data", gzip.compress(b"\0\0\x08\1", mtime=0), "idx"),
    ],
)
def test_formats_by_name_and_by_content(tmp_path, name, raw, kind):
    (tmp_path / name).write_bytes(raw)
    assert kind_of(tmp_path / name) == kind


@pytest.mark.parametrize("raw", [b"what", b"\x1f\x8bwhat", gzip.compress(b"what", mtime=0)])
def test_an_unknown_format_lists_the_known(tmp_path, raw):
    (tmp_path / "data").write_bytes(raw)
    with pytest.raises(DataError, match=r"no known format; give CSV .* Parquet .* NPZ .* IDX"):
        load(tmp_path / "data")


def test_a_file_that_is_not_what_its_name_says(tmp_path):
    for name in ("a.npz", "a.parquet", "a-ubyte"):
        (tmp_path / name).write_bytes(b"something else entirely")
        with pytest.raises(FileFormatError, match=name):
            load(tmp_path / name, target="y" if "parquet" in name else None)


def test_a_file_that_the_system_refuses(tmp_path, monkeypatch):
    path = tmp_path / "data"
    path.write_bytes(b"x")

    def refuse(*args, **kwargs):
        raise PermissionError("refused")

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(DataError, match=r"cannot be read \(refused\)"):
        kind_of(path)


def test_importing_the_package_imports_no_tables():
    code = (
        "import sys, chainrule.data; "
        "print([m for m in ('polars', 'narwhals', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
