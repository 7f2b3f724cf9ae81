import datetime
import errno
import math
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chainrule.core.errors import FileFormatError, RunError
from chainrule.files import RunFolder
from chainrule.files.lock import exclusive_lock

CONFIG = {
    "layers": [784, 30, 10],
    "eta": 3.0,
    "seed": 0,
    "deterministic": False,
    "data": {"name": "mnist", "columns": ["a b", "ä\n"]},
}


def test_create_and_open(tmp_path):
    run = RunFolder.create(tmp_path / "runs" / "a", CONFIG)
    assert run == RunFolder.open(str(tmp_path / "runs" / "a"))
    assert run.config == CONFIG
    assert run.model_path == run.path / "model.safetensors"
    assert run.metrics_path == run.path / "metrics.jsonl"
    assert run.checkpoint_folder == run.path / "checkpoint"


leaves = st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
configs = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        leaves,
        lambda v: st.lists(v, max_size=3) | st.dictionaries(st.text(max_size=5), v, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)


@settings(deadline=None)
@given(configs)
def test_any_configuration(tmp_path_factory, config):
    run = RunFolder.create(RunFolder.next_free(tmp_path_factory.getbasetemp(), "any"), config)
    assert run.config == config
    assert all(type(value) is type(config[key]) for key, value in run.config.items())


def test_numpy_scalars_tuples_and_dates(tmp_path):
    now = datetime.datetime(2024, 2, 29, 12, 30, tzinfo=datetime.UTC)
    config = {"eta": np.float32(0.5), "layers": (np.int64(2), 3), "fast": np.bool_(True), "at": now}
    run = RunFolder.create(tmp_path / "a", config | {"limit": math.inf})
    assert run.config == {
        "eta": 0.5,
        "layers": [2, 3],
        "fast": True,
        "at": now,
        "limit": math.inf,
    }


circle: dict[str, object] = {}
circle["a"] = [circle]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({"a": {"b": [1, None]}}, r"config\.a\.b\[1\] is of type NoneType.*leave the key out"),
        ({"a": np.zeros(2)}, r"config\.a is of type ndarray, which config\.toml cannot hold; use"),
        ({"a": {1: 2}}, r"config\.a has the key 1"),
        ({1: 2}, "config has the key 1"),
        ({"a": "\ud800"}, "not Unicode"),
        (circle, "nested more than 100 deep"),
    ],
)
def test_what_toml_cannot_hold(tmp_path, config, message):
    with pytest.raises(RunError, match=message):
        RunFolder.create(tmp_path / "a", config)
    assert not (tmp_path / "a").exists()


def test_a_folder_that_holds_a_run_is_taken(tmp_path):
    RunFolder.create(tmp_path, CONFIG)
    with pytest.raises(RunError, match="choose another --out, or continue it with --resume"):
        RunFolder.create(tmp_path, {})
    assert RunFolder.open(tmp_path).config == CONFIG


def test_a_folder_that_holds_other_files(tmp_path):
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(RunError, match=r"holds other files \('thesis.tex'\); choose another --out"):
        RunFolder.create(tmp_path, {})
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_file_in_the_way(tmp_path):
    (tmp_path / "a").touch()
    with pytest.raises(RunError, match="this is a file, not a folder; choose another --out"):
        RunFolder.create(tmp_path / "a", {})
    with pytest.raises(NotADirectoryError, match="A part of the path is a file"):
        RunFolder.create(tmp_path / "a" / "b", {})
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(RunError, match="choose another --out"):
        RunFolder.create(tmp_path / "link", {})


def test_what_a_killed_creation_left_is_no_obstacle(tmp_path):
    (tmp_path / "lock").touch()
    (tmp_path / ".chainrule-0123456789abcdef.tmp").touch()
    RunFolder.create(tmp_path, {})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.toml", "lock"]


def test_a_quicker_process(tmp_path, monkeypatch):
    refuse = RunFolder._refuse_if_taken

    def slow(run):
        monkeypatch.undo()
        refuse(run)
        RunFolder.create(run.path, CONFIG)

    monkeypatch.setattr(RunFolder, "_refuse_if_taken", slow)
    with pytest.raises(RunError, match="already holds a run"):
        RunFolder.create(tmp_path / "a", {})
    assert RunFolder.open(tmp_path / "a").config == CONFIG


def test_open_what_is_not_a_run(tmp_path):
    with pytest.raises(RunError, match="there is no such run folder"):
        RunFolder.open(tmp_path / "none")
    with pytest.raises(RunError, match=r"not a run folder, it lacks config\.toml"):
        RunFolder.open(tmp_path)
    (tmp_path / "a").touch()
    with pytest.raises(RunError, match="this is a file"):
        RunFolder.open(tmp_path / "a")


@pytest.mark.parametrize("content", [b"eta = ", b"\xff\xfe", b"a = " + b"[" * 100_000, b"\0"])
def test_a_corrupt_configuration(tmp_path, content):
    (tmp_path / "config.toml").write_bytes(content)
    with pytest.raises(FileFormatError, match=r"config\.toml: this is not TOML"):
        RunFolder.open(tmp_path)


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_a_damaged_configuration_never_gives_another_error(tmp_path_factory, data):
    folder = RunFolder.next_free(tmp_path_factory.getbasetemp(), "damaged")
    path = RunFolder.create(folder, CONFIG).path / "config.toml"
    content = bytearray(path.read_bytes())
    start = data.draw(st.integers(0, len(content)))
    content[start : start + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=5))
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        assert isinstance(RunFolder.open(folder).config, dict)
    except FileFormatError as error:
        assert str(path) in str(error)


def test_metrics(tmp_path):
    run = RunFolder.create(tmp_path, {})
    assert run.read_metrics() == []
    run.append_metrics({"epoch": 1, "cost": np.float32(0.5)})
    run.append_metrics({"epoch": 2, "cost": math.inf})
    assert run.read_metrics() == [{"epoch": 1, "cost": 0.5}, {"epoch": 2, "cost": math.inf}]
    run.rewrite_metrics(run.read_metrics()[:1])
    assert run.read_metrics() == [{"epoch": 1, "cost": 0.5}]


def test_next_free(tmp_path):
    assert RunFolder.next_free(tmp_path / "runs", "mnist") == tmp_path / "runs" / "mnist-1"
    (tmp_path / "mnist-1").mkdir()
    (tmp_path / "mnist-2").touch()
    (tmp_path / "mnist-3").symlink_to("nowhere")
    (tmp_path / "mnist-5").mkdir()
    assert RunFolder.next_free(tmp_path, "mnist") == tmp_path / "mnist-4"


def test_locked_removes_what_a_killed_process_left(tmp_path):
    run = RunFolder.create(tmp_path, {})
    run.checkpoint_folder.mkdir()
    stale = [run.path / ".chainrule-0.tmp", run.checkpoint_folder / ".chainrule-1.tmp"]
    for path in stale:
        path.touch()
    with run.locked():
        assert not any(path.exists() for path in stale)


HOLDER = """
import sys, time
from chainrule.files import RunFolder
with RunFolder.open(sys.argv[1]).locked():
    print("held", flush=True)
    time.sleep(60)
"""


def test_two_processes(tmp_path):
    run = RunFolder.create(tmp_path, {})
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        with (
            pytest.raises(RunError, match="another process is training in this run folder"),
            run.locked(),
        ):
            pass
        assert run.read_metrics() == []  # reading needs no lock
        holder.send_signal(signal.SIGKILL)
        holder.wait()
        with run.locked():
            pass
    with run.locked():
        refused = subprocess.run(
            [sys.executable, "-c", HOLDER, str(tmp_path)],
            check=False,
            capture_output=True,
            text=True,
        )
    assert refused.returncode == 1
    assert "another process is training in this run folder" in refused.stderr


def test_the_lock_is_given_back_after_an_error(tmp_path):
    run = RunFolder.create(tmp_path, {})
    with pytest.raises(KeyboardInterrupt), run.locked():
        raise KeyboardInterrupt
    with run.locked():
        pass


def test_file_systems_that_cannot_lock(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    with (
        pytest.raises(FileNotFoundError, match="Create the folder first"),
        exclusive_lock(tmp_path / "none" / "lock", "taken"),
    ):
        pass
    monkeypatch.setattr("chainrule.files.lock._try_lock", fail)
    with pytest.raises(OSError, match="lock") as caught, exclusive_lock(tmp_path / "l", "taken"):
        pass
    assert caught.value.filename == str(tmp_path / "l")
