"""The figures of ``docs/plot.md``: its code is run, each figure written under the name of its call.

``python -m tests.plot.gallery RUN`` writes those that the page shows into ``docs/images/plot``.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "plot.md"


def figures(run: str) -> dict[str, Any]:
    """The figures of the page by name, for a run folder."""
    code = "\n".join(re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL))
    code = code.replace('"runs/seed"', repr(run))
    code = re.sub(r"^(cr\.plot\.(\w+)\(.*)", r"figures['\2'] = \1", code, flags=re.MULTILINE)
    names: dict[str, Any] = {"figures": {}}
    exec(code, names)
    return names["figures"]


def main(run: str) -> None:
    """Write the pictures that the page shows."""
    shown = re.findall(r"images/plot/(\w+)\.png", PAGE.read_text())
    drawn = figures(run)
    for name in shown:
        file = DOCS / "images" / "plot" / f"{name}.png"
        drawn[name].savefig(file, dpi=90)
        print(f"{file}: {file.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main(sys.argv[1])
