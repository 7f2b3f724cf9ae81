"""Commands that chainrule proposes: what it prints works when pasted into the same shell."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path


def command(*words: str | Path) -> str:
    """The command line of these words, quoted where the shell needs it.

    >>> command("evaluate", Path("runs/my first"))
    "chainrule evaluate 'runs/my first'"
    """
    return shlex.join([*_program(), *map(str, words)])


def resume_command(run: Path) -> str:
    """The command that goes on with a run."""
    return command("train", "--resume", "--out", run)


def _program() -> list[str]:
    """How this program was called: ``chainrule``, or ``python -m chainrule``."""
    called = Path(sys.argv[0])
    if called.parts[-2:] == ("chainrule", "__main__.py"):
        python = Path(sys.executable)
        on_path = shutil.which(python.name) == str(python)
        return [python.name if on_path else str(python), "-m", "chainrule"]
    if called.name == "chainrule" and shutil.which("chainrule") is None:
        return [str(called)]
    return ["chainrule"]
