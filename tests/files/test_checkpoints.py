import errno
import json
import math
import os
import random
import subprocess
import sys
import time
import warnings

import numpy as np
import pytest

from chainrule.core.errors import DataError, FileFormatError
from chainrule.files import Checkpoint, checkpoints, load_latest, save_checkpoint, save_tensors

from .damage import same_arrays, survives


def checkpoint(number):
    generator = np.random.default_rng(number)
    return Checkpoint(
        {"0.weights": generator.normal(size=(4, 3)).T, "best.0.biases": np.zeros(0)},
        {
            "epoch": number,
            "batch": 17,
            "random": generator.bit_generator.state,
            "sums": [0.1 + 0.2, 5e-324, -0.0, math.inf, -math.inf],
            "history": [{"epoch": 1, "cost": math.pi, "best": None, "name": "a\n\ud800"}],
        },
    )


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def file_name(number):
    return f"checkpoint-{number:08d}.safetensors"


def is_right(found, number):
    expected = checkpoint(number)
    return (
        found[0] == number
        and same_arrays(found[1].tensors, expected.tensors)
        and repr(found[1].state) == repr(expected.state)
    )


def test_round_trip(tmp_path):
    assert load_latest(tmp_path / "none") is None
    assert load_latest(tmp_path) is None
    save_checkpoint(tmp_path / "run" / "checkpoint", checkpoint(3), 3)
    found = load_latest(str(tmp_path / "run" / "checkpoint"))
    assert is_right(found, 3)
    # a generator goes on where it was
    generator = np.random.default_rng()
    generator.bit_generator.state = found[1].state["random"]
    expected = np.random.default_rng(3)
    expected.normal(size=(4, 3))
    assert generator.normal() == expected.normal()


def test_nan_comes_back(tmp_path):
    save_checkpoint(tmp_path, Checkpoint({}, {"cost": math.nan}), 0)
    assert math.isnan(load_latest(tmp_path)[1].state["cost"])


def test_the_last_two_are_kept(tmp_path):
    (tmp_path / "checkpoint-notes.txt").touch()
    (tmp_path / "checkpoint-00000000.safetensors").mkdir()  # not ours: not a file
    for number in (1, 2, 10, 123_456_789):
        save_checkpoint(tmp_path, checkpoint(number), number)
        assert is_right(load_latest(tmp_path), number)
    assert names(tmp_path) == [
        "checkpoint-00000000.safetensors",
        "checkpoint-00000010.safetensors",
        "checkpoint-123456789.safetensors",
        "checkpoint-notes.txt",
    ]


def test_going_on_from_an_older_one_abandons_the_newer(tmp_path):
    for number in (1, 2, 9):
        save_checkpoint(tmp_path, checkpoint(number), number)
    save_checkpoint(tmp_path, checkpoint(3), 3)
    assert names(tmp_path) == [file_name(2), file_name(3)]
    save_checkpoint(tmp_path, checkpoint(3), 3)
    assert names(tmp_path) == [file_name(2), file_name(3)]
    save_checkpoint(tmp_path, checkpoint(1), 1)
    assert names(tmp_path) == [file_name(1)]


def test_nothing_is_removed_before_the_new_one_is_there(tmp_path, monkeypatch):
    for number in (1, 2):
        save_checkpoint(tmp_path, checkpoint(number), number)
    seen = []
    synced = os.fsync

    def fsync(descriptor):
        seen.append(names(tmp_path))
        synced(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    save_checkpoint(tmp_path, checkpoint(3), 3)
    before, after = seen
    assert {file_name(1), file_name(2)} <= set(before)
    assert after == [file_name(1), file_name(2), file_name(3)]
    assert names(tmp_path) == [file_name(2), file_name(3)]


def test_what_cannot_be_saved(tmp_path):
    with pytest.raises(DataError, match=r"state\.w is of type ndarray.*among the tensors"):
        save_checkpoint(tmp_path, Checkpoint({}, {"w": np.zeros(2)}), 1)
    with pytest.raises(FileFormatError, match="tensor 'a' has dtype object"):
        save_checkpoint(tmp_path, Checkpoint({"a": np.array([{}])}, {}), 1)
    with pytest.raises(DataError, match="at least 0, not -1"):
        save_checkpoint(tmp_path, Checkpoint({}, {}), -1)
    assert names(tmp_path) == []


@pytest.mark.parametrize("damage", [b"", b"not a checkpoint", None])
def test_a_damaged_newest_falls_back(tmp_path, damage):
    for number in (1, 2):
        save_checkpoint(tmp_path, checkpoint(number), number)
    newest = tmp_path / file_name(2)
    newest.write_bytes(newest.read_bytes()[:-3] if damage is None else damage)
    with pytest.warns(UserWarning, match=rf"{newest}: .* Going on from checkpoint 1\.") as caught:
        assert is_right(load_latest(tmp_path), 1)
    assert [warning.filename for warning in caught] == [__file__]


def test_all_damaged(tmp_path):
    for number in (1, 2):
        save_checkpoint(tmp_path, checkpoint(number), number)
        (tmp_path / file_name(number)).write_bytes(b"")
    with pytest.raises(FileFormatError, match="every checkpoint is damaged; restore one") as caught:
        load_latest(tmp_path)
    assert str(tmp_path / file_name(1)) in str(caught.value)
    assert str(tmp_path / file_name(2)) in str(caught.value)


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        ({}, "it is not a checkpoint"),
        ({"state": "{"}, "its state is not JSON"),
        ({"state": "[]"}, "its state is not a JSON object"),
    ],
)
def test_tensors_that_are_not_a_checkpoint(tmp_path, metadata, message):
    save_tensors(tmp_path / file_name(1), {"a": np.zeros(2)}, metadata)
    with pytest.raises(FileFormatError, match=message):
        load_latest(tmp_path)


def test_damage_of_every_byte(tmp_path):
    save_checkpoint(tmp_path, checkpoint(1), 1)
    path = tmp_path / file_name(1)
    whole = path.read_bytes()

    def read(_):
        return load_latest(tmp_path)

    def right(found):
        return is_right(found, 1)

    for length in range(len(whole)):
        assert not survives(path, whole[:length], read, right)
    for i in range(len(whole)):
        content = bytearray(whole)
        content[i] ^= 1 << i % 8
        survives(path, bytes(content), read, right)


def test_a_training_that_goes_on_meanwhile(tmp_path, monkeypatch):
    """The reader's listing is out of date: what it wants to read has been removed."""
    for number in (1, 2):
        save_checkpoint(tmp_path, checkpoint(number), number)
    load = checkpoints.load_tensors

    def late(path):
        monkeypatch.undo()
        for number in (3, 4):
            save_checkpoint(tmp_path, checkpoint(number), number)
        return load(path)

    monkeypatch.setattr(checkpoints, "load_tensors", late)
    assert is_right(load_latest(tmp_path), 4)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk(tmp_path, monkeypatch, code):
    for number in (1, 2):
        save_checkpoint(tmp_path, checkpoint(number), number)

    def full(_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"checkpoint-00000003\.safetensors") as caught:
        save_checkpoint(tmp_path, checkpoint(3), 3)
    assert caught.value.errno == code
    assert "or write to another disk" in str(caught.value)
    assert names(tmp_path) == [file_name(1), file_name(2)]
    assert is_right(load_latest(tmp_path), 2)


def test_a_limit_on_file_sizes(tmp_path):
    """The system refuses a write half way, as a full disk does."""
    save_checkpoint(tmp_path, checkpoint(1), 1)
    script = f"""
import resource, signal
import numpy as np
from chainrule.files import Checkpoint, save_checkpoint
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
try:
    save_checkpoint({str(tmp_path)!r}, Checkpoint({{"w": np.zeros(1_000_000)}}, {{}}), 2)
except OSError as error:
    print(error)
"""
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    assert done.stderr == ""
    assert str(tmp_path / file_name(2)) in done.stdout
    assert names(tmp_path) == [file_name(1)]
    assert is_right(load_latest(tmp_path), 1)


WRITER = """
import itertools, sys
import numpy as np
from chainrule.files import Checkpoint, RunFolder, load_latest, save_checkpoint
run = RunFolder.open(sys.argv[1])
with run.locked():
    found = load_latest(run.checkpoint_folder)
    first = 1 if found is None else found[0] + 1
    for number in itertools.count(first):
        tensors = {"w": np.full(200_000, float(number)), "b": np.full(3, number)}
        save_checkpoint(run.checkpoint_folder, Checkpoint(tensors, {"number": number}), number)
        run.append_metrics({"number": number})
        print(number, flush=True)
"""


def test_kill_at_random_moments(tmp_path):
    from chainrule.files import RunFolder

    run = RunFolder.create(tmp_path / "run", {})
    chance = random.Random(0)
    last = 0
    for _ in range(12):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(run.path)], stdout=subprocess.PIPE, text=True
        ) as writer:
            said = writer.stdout.readline()
            time.sleep(chance.uniform(0, 0.05))
            writer.kill()
            told = [said, *writer.stdout.read().splitlines()]
        number, found = load_latest(run.checkpoint_folder)
        assert number >= max(int(line) for line in told if line.strip()) > last
        assert found.state == {"number": number}
        assert found.tensors["w"].tolist() == [float(number)] * 200_000
        assert len([name for name in names(run.checkpoint_folder) if name[0] != "."]) <= 3
        assert [record["number"] for record in run.read_metrics()][-1] in (number, number - 1)
        last = number
    with run.locked():  # the lock died with the process; what it left half-written goes
        assert all(name[0] != "." for name in names(run.checkpoint_folder))


def test_no_warning_when_all_is_well(tmp_path):
    save_checkpoint(tmp_path, checkpoint(1), 1)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        load_latest(tmp_path)


def test_state_is_plain_json_in_the_file(tmp_path):
    save_checkpoint(tmp_path, Checkpoint({}, {"epoch": 3}), 3)
    content = (tmp_path / file_name(3)).read_bytes()
    ours = json.loads(json.loads(content[8:])["__metadata__"]["chainrule"])
    assert json.loads(ours["metadata"]["state"]) == {"epoch": 3}
