"""Tutorials are notebooks: they are run from start to end, and say again what they said before.

``python -m tests.tutorials.running [NAME ...]`` runs them, or those whose names contain one of the
given texts, and writes the new outputs into the files: for who changes a tutorial, or what it
prints. The test compares instead: texts word for word, their numbers to six digits, pictures by
their presence. A cell with the tag ``varies`` (times, machine code) may say something else each
time.
"""

from __future__ import annotations

import re
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "tutorials"
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_SPACES = re.compile(" +")


def tutorials() -> list[Path]:
    return sorted(FOLDER.glob("*.ipynb"))


def run(path: Path) -> Any:
    """The notebook with the outputs of a new run, in an empty folder that is removed again.

    Of a graph its picture is kept, but not the page in which it unfolds: sites that show notebooks
    without running them leave pages away.
    """
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.pop("execution_count", None)
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        client = NotebookClient(
            notebook,
            timeout=240,
            kernel_name="python3",
            resources=resources,
            coalesce_streams=True,  # what is printed arrives in one or in several parts
        )
        client.execute()
    for output in (output for cell in notebook.cells for output in cell.get("outputs", [])):
        if "image/svg+xml" in output.get("data", {}):
            output.data.pop("text/html", None)
    return notebook


def said(cell: Any) -> list[tuple[str, str]]:
    """What a cell shows: kinds of output, and their texts where they are texts."""
    shown: list[tuple[str, str]] = []
    for output in cell.get("outputs", []):
        if output.output_type == "stream":
            shown.append((output.name, output.text))
        elif output.output_type in ("execute_result", "display_data"):
            for kind, data in sorted(output.data.items()):
                is_text = kind in ("text/plain", "text/latex", "text/html")
                shown.append((kind, data if is_text and "image/png" not in output.data else ""))
        else:
            shown.append((output.output_type, output.get("evalue", "")))
    return shown


def differences(old: Any, new: Any) -> list[str]:
    """What a new run says otherwise, cell by cell."""
    found: list[str] = []
    for number, (before, after) in enumerate(zip(old.cells, new.cells, strict=True)):
        if before.cell_type != "code" or "varies" in before.metadata.get("tags", []):
            continue
        a, b = said(before), said(after)
        if [kind for kind, _ in a] != [kind for kind, _ in b]:
            found.append(f"cell {number}: shows {[k for k, _ in b]}, before {[k for k, _ in a]}")
            continue
        found += [
            f"cell {number}, {kind}:\n{text}\nbefore:\n{was}"
            for (kind, was), (_, text) in zip(a, b, strict=True)
            if not same(was, text)
        ]
    return found


def same(a: str, b: str) -> bool:
    """Whether two texts are equal up to the last digits of their numbers, and the width of columns.

    >>> same("x = 0.1234567", "x = 0.1234568"), same("x = 1.5", "x = 1.6")
    (True, False)
    >>> same("error      0", "error  2e-16")
    True
    """
    if _SPACES.sub(" ", _NUMBER.sub("#", a)) != _SPACES.sub(" ", _NUMBER.sub("#", b)):
        return False
    pairs = zip(_NUMBER.findall(a), _NUMBER.findall(b), strict=True)
    return all(abs(float(x) - float(y)) <= 2e-6 * max(abs(float(x)), 1e-9) for x, y in pairs)


def main(names: list[str]) -> None:
    for path in tutorials():
        if names and not any(name in path.name for name in names):
            continue
        start = time.perf_counter()
        notebook = run(path)
        for cell in notebook.cells:
            cell.metadata.pop("execution", None)
        notebook.metadata.pop("language_info", None)  # names the Python it ran on
        nbformat.write(notebook, path)
        size, seconds = path.stat().st_size / 1000, time.perf_counter() - start
        print(f"{path.name}: {seconds:.1f} s, {size:.0f} kB", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
