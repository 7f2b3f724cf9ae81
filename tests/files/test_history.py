import errno
import math
import os
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.core.errors import DataError, FileFormatError
from chainrule.files import load_history, save_history
from chainrule.files.history import append_record

RECORDS = [{"epoch": 1, "cost": 0.1}, {"epoch": 2, "cost": 1e-300}, {"epoch": 3, "cost": None}]


def test_round_trip(tmp_path):
    path = tmp_path / "history.jsonl"
    save_history(path, RECORDS)
    assert load_history(path) == RECORDS
    assert path.read_bytes().count(b"\n") == 3
    save_history(path, iter(()))
    assert load_history(path) == []
    append_record(path, {"cost": math.nan})
    assert math.isnan(load_history(path)[0]["cost"])


def test_a_bad_record_changes_nothing(tmp_path):
    path = tmp_path / "history.jsonl"
    save_history(path, RECORDS)
    for bad in (lambda: save_history(path, [{"x": {1}}]), lambda: append_record(path, {"x": {1}})):
        with pytest.raises(DataError, match=r"record\.x is of type set"):
            bad()
    assert load_history(path) == RECORDS


def test_every_cut_is_read_and_repaired(tmp_path):
    path = tmp_path / "history.jsonl"
    save_history(path, RECORDS)
    whole = path.read_bytes()
    ends = [i for i, byte in enumerate(whole) if byte == ord("\n")]
    for cut in range(len(whole) + 1):
        path.write_bytes(whole[:cut])
        # a line is whole when all but its newline is there
        expected = RECORDS[: sum(cut >= end for end in ends)]
        assert load_history(path) == expected
        append_record(path, {"epoch": 9})
        assert load_history(path) == [*expected, {"epoch": 9}]
        assert path.read_bytes().endswith(b'\n{"epoch":9}\n') or not expected


def test_zeros_after_a_loss_of_power(tmp_path):
    path = tmp_path / "history.jsonl"
    path.write_bytes(b'{"epoch":1}\n' + bytes(50))
    assert load_history(path) == [{"epoch": 1}]
    append_record(path, {"epoch": 2})
    assert path.read_bytes() == b'{"epoch":1}\n{"epoch":2}\n'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"a":1}\ngarbage\n{"a":2}\n', "line 2 is not JSON"),
        (b"[1]\n", "line 1 is a JSON list, not an object"),
        (b'{"a":1}\n\n', "line 2 is not JSON"),
        (b'{"a":1}\n\xff\n', "line 2 is not JSON"),
        (b'{"a":NaN}\n', "line 1 is not JSON"),
    ],
)
def test_garbage(tmp_path, content, message):
    path = tmp_path / "history.jsonl"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=rf"history\.jsonl: {message}.*remove or repair"):
        load_history(path)


@settings(deadline=None)
@given(st.data())
def test_flipped_bytes_never_give_another_error(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "flipped.jsonl"
    save_history(path, RECORDS)
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        assert all(isinstance(record, dict) for record in load_history(path))
    except FileFormatError as error:
        assert str(path) in str(error)


@pytest.mark.parametrize("failure", [OSError(errno.ENOSPC, "full"), KeyboardInterrupt()])
def test_a_failed_append_leaves_the_records(tmp_path, monkeypatch, failure):
    path = tmp_path / "history.jsonl"
    save_history(path, RECORDS)
    before = path.read_bytes()

    def fail(_):
        raise failure

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(type(failure)) as caught:
        append_record(path, {"epoch": 4})
    if isinstance(failure, OSError):
        assert str(path) in str(caught.value)
        assert "Free some space" in str(caught.value)
    assert path.read_bytes() == before


def test_append_with_a_limit_on_file_sizes(tmp_path):
    """The system takes a part of the line and refuses the rest."""
    path = tmp_path / "history.jsonl"
    script = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
from chainrule.files.history import append_record
append_record({str(path)!r}, {{"epoch": 1}})
try:
    append_record({str(path)!r}, {{"text": "x" * 2000}})
except OSError as error:
    print(error)
append_record({str(path)!r}, {{"epoch": 2}})
"""
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert done.stderr == ""
    assert str(path) in done.stdout
    assert path.read_bytes() == b'{"epoch":1}\n{"epoch":2}\n'


def test_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        load_history(tmp_path / "none.jsonl")
    with pytest.raises(FileNotFoundError, match="Create the folder first"):
        append_record(tmp_path / "no" / "none.jsonl", {})
