"""Results as text, as JSON lines that are kept, and as docs/benchmarks.md with a plot."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.catalogue import WORKS
from benchmarks.driver import ROOT, Row
from benchmarks.work import OURS, Size, Work

RESULTS = ROOT / "docs" / "benchmarks" / "results.json"
PAGE = ROOT / "docs" / "benchmarks.md"
PLOT = ROOT / "docs" / "benchmarks" / "ratios.svg"


@dataclass(frozen=True)
class Line:
    """One line of a table: a contender beside chainrule."""

    contender: str
    size: Size
    threads: int
    seconds: float
    spread: float
    ratio: float
    needed: float | None
    memory: float

    @property
    def reached(self) -> bool | None:
        """Whether chainrule is as fast beside this contender as it must be."""
        return None if self.needed is None else self.ratio >= self.needed


def lines(work: Work, rows: Sequence[Row]) -> list[Line]:
    """The rows of one size with their ratios: how many times as long as chainrule each takes."""
    found: list[Line] = []
    base = next((row.median for row in rows if row.contender == OURS), float("nan"))
    for row in rows:
        if not row.seconds:
            continue
        ordered = sorted(row.seconds)
        spread = (ordered[-1] - ordered[0]) / row.median
        ratio = row.median / base
        found.append(
            Line(row.contender, row.size, row.threads, row.median, spread, ratio,
                 work.at_least.get(row.contender), row.memory)
        )  # fmt: skip
    return found


def size_text(size: Size) -> str:
    """A size as people write it."""
    layers = size.get("layers")
    if not isinstance(layers, list):
        return ", ".join(f"{k}={v}" for k, v in size.items())
    shape = "-".join(map(str, layers))
    return f"{shape}, layer {size['layer']}" if "layer" in size else shape


def seconds_text(seconds: float) -> str:
    """A time with a fitting unit."""
    for factor, unit in ((1, "s"), (1e3, "ms"), (1e6, "us")):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def table(work: Work, found: Iterable[Line]) -> list[str]:
    """A Markdown table."""
    memory = work.shows_memory
    head = ["size", "threads", "contender", f"time a {work.unit}", "times chainrule", "must be"]
    head += ["peak memory"] if memory else []
    text = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for line in found:
        note = work.contenders[line.contender].note
        name = f"{line.contender} ({note})" if note else line.contender
        needed = "" if line.needed is None else f"≥ {line.needed:.3g}"
        if line.reached is not None:
            needed += " ✓" if line.reached else " ✗"
        cells = [size_text(line.size), str(line.threads), name, seconds_text(line.seconds),
                 f"{line.ratio:.2f}", needed]  # fmt: skip
        cells += [f"{line.memory:.0f} MB"] if memory else []
        text.append("| " + " | ".join(cells) + " |")
    return text


def machine(rows: Sequence[Row]) -> str:
    """Processor, system, versions and BLAS kernels, in one line."""
    versions: dict[str, set[str]] = {}
    kernels: set[str] = set()
    for row in rows:
        kernels |= {row.blas} if row.blas else set()
        for package, version in row.versions.items():
            versions.setdefault(package, set()).add(version)
    names = ", ".join(f"{k} {' and '.join(sorted(v))}" for k, v in sorted(versions.items()))
    return (
        f"{_processor()}, {os.cpu_count()} cores, {platform.system()}, Python"
        f" {platform.python_version()}; BLAS {', '.join(sorted(kernels))}; {names}"
    )


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def keep(work: Work, found: Sequence[Line], about: str, date: str) -> None:
    """Replace what is kept of a benchmark, and write the page and the plot anew."""
    kept = load()
    kept[work.name] = {"machine": about, "date": date, "lines": [asdict(x) for x in found]}
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    RESULTS.write_text(json.dumps(kept, indent=1) + "\n")
    PAGE.write_text(page(kept))
    plot(kept)


def load() -> dict[str, Any]:
    """What is kept, by the benchmark's name."""
    return json.loads(RESULTS.read_text()) if RESULTS.exists() else {}


HEAD = """\
# Benchmarks

Made by `chainrule bench NAME --write`; each table is one run on one machine. All contenders do the
same work on the same inputs, in processes of their own that are pinned to as many cores as they
have threads. Their numbers are compared first. Then they take turns, round by round; times are
medians of the rounds, and a ratio says how many times as long as chainrule a contender takes. The
peers are installed by `pip install -r benchmarks/requirements.txt`, here or, with `--python`, in
an environment of their own.

![How many times as long as chainrule each contender takes](benchmarks/ratios.svg)
"""


def page(kept: Mapping[str, Any]) -> str:
    """docs/benchmarks.md."""
    parts = [HEAD]
    for name, work in WORKS.items():
        if name not in kept:
            continue
        entry = kept[name]
        found = [Line(**x) for x in entry["lines"]]
        parts.append(f"## {name}\n\n{work.what[0].upper()}{work.what[1:]}.\n")
        parts.append("\n".join(table(work, found)) + "\n")
        parts += [f"{x}\n" for x in _remarks(name, found)]
        parts.append(f"{entry['date']}; {entry['machine']}.\n")
    return "\n".join(parts)


def _remarks(name: str, found: Sequence[Line]) -> list[str]:
    """What follows from the measured times."""
    times = {line.contender: line.seconds for line in found}
    if name == "naive":
        from benchmarks import naive

        n = naive.parameters(found[0].size)
        whole = n * times["one nudge"]
        return [
            f"Nudging each of the {n:,} parameters would take {n:,} x"
            f" {seconds_text(times['one nudge'])} = {whole / 86400:.1f} days (computed from one"
            f" measured nudge): {whole / times[OURS]:,.0f} times as long as backpropagation."
        ]
    if name == "modes":
        n = found[0].size["inputs"]
        whole = n * times["one forward sweep"]
        return [
            f"Forward mode takes {n:,} sweeps for the gradient: {whole / 3600:.1f} hours (computed"
            f" from one measured sweep), {whole / times[OURS]:,.0f} times as long as the one"
            " reverse sweep."
        ]
    if "one dense sweep" in times:
        n = found[0].size["n"]
        whole = n * times["one dense sweep"]
        return [
            f"The dense matrix takes {n:,} sweeps: {whole:,.0f} s (computed from one measured"
            f" sweep), {whole / times[OURS]:,.0f} times as long as the sparse one."
        ]
    return []


def plot(kept: Mapping[str, Any]) -> None:
    """Ratios on a logarithmic scale, one row a benchmark and size."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "chainrule"
    from matplotlib import pyplot

    rows: list[tuple[str, list[Line]]] = []
    for name in WORKS:
        groups: dict[str, list[Line]] = {}
        for line in (Line(**x) for x in kept.get(name, {"lines": []})["lines"]):
            shown = WORKS[name].contenders[line.contender].shown
            if name in ("naive", "modes", "cheap-gradient") or line.contender == OURS or not shown:
                continue
            label = f"{name} {size_text(line.size)}, {line.threads} thread(s)"
            groups.setdefault(label, []).append(line)
        rows += groups.items()
    figure, axes = pyplot.subplots(figsize=(9, 1.2 + 0.34 * max(1, len(rows))))
    markers = dict(
        zip(dict.fromkeys(x.contender for _, g in rows for x in g), "osD^vP*Xphd<>", strict=False)
    )
    colours = {name: f"C{i}" for i, name in enumerate(markers)}
    for place, (_, group) in enumerate(rows):
        for line in group:
            axes.plot(
                line.ratio,
                place,
                markers[line.contender],
                color=colours[line.contender],
            )
    axes.axvline(1, color="black", linewidth=0.8)
    axes.set_xscale("log")
    axes.set_yticks(range(len(rows)), [label for label, _ in rows])
    axes.invert_yaxis()
    axes.set_xlabel("times as long as chainrule (right of the line: slower than chainrule)")
    axes.grid(axis="x", alpha=0.3)
    for name, marker in markers.items():
        axes.plot([], [], marker, color=colours[name], label=name)
    axes.legend(loc="upper center", bbox_to_anchor=(0.4, -0.12), ncol=4, frameon=False)
    PLOT.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(PLOT, bbox_inches="tight", metadata={"Date": None})
    pyplot.close(figure)
