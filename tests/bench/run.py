"""How fast is the course, and how fast are others? ``make bench``; ``BEFORE=folder`` compares.

Each row of ``rows.yaml`` is measured several times, in turn with its peer or with an older
checkout, each time in a new process. The table says processor seconds; wall seconds, which other
programs stretch, are in ``build/bench/bench.json`` as well.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml
from tabulate import tabulate

from har_utils import files, results, training

HERE = Path(__file__).resolve().parent
BUILD = files.REPOSITORY / "build" / "bench"
PEERS = BUILD / "env" / "bin" / "python"
WANTED = ("torch==2.13.0", "tsfel==0.2.0", "aeon==1.6.0")
SPLIT, RECORDING = BUILD / "split.npz", BUILD / "recording.csv"
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)

Sample = dict[str, float]
Row = dict[str, Any]


def main() -> int:
    """Measure all rows, print the table, and write it."""
    options = _options()
    rows = yaml.safe_load((HERE / "rows.yaml").read_text("utf-8"))
    rows = [row for row in rows if options.only in row["row"]]
    if not rows:
        raise SystemExit(f"bench: no row of {HERE / 'rows.yaml'} is called {options.only!r}")
    _prepare()
    measured = []
    for row in rows:
        print(f"... {row['row']}", file=sys.stderr, flush=True)
        measured.append(_row(row, options.times, options.before))
    facts = {"machine": training.machine(), "before": bool(options.before), "peers": WANTED}
    report = facts | {"rows": measured}
    files.write_json(BUILD / "bench.json", report)
    if options.publish:
        files.write_json(results.published_folder() / "bench.json", report)
    print(table(measured))
    return 0


def _options() -> argparse.Namespace:
    """Return what was asked for on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", type=Path, help="an older checkout to compare commands with")
    parser.add_argument("--times", type=int, default=3, help="how often each row is measured")
    parser.add_argument("--only", default="", help="only rows with this text in their name")
    parser.add_argument("--publish", action="store_true", help="what lesson 11 and report show")
    options = parser.parse_args()
    if options.publish and options.only:
        parser.error("--publish: only a whole table can be published; leave out --only")
    if options.before and not options.before.is_dir():
        parser.error(f"--before: {options.before} is no folder: name a checkout of the course")
    return options


def _prepare() -> None:
    """Make the peers' environment, the windows they learn from, and a recording."""
    if not PEERS.exists():
        subprocess.run([sys.executable, "-m", "venv", BUILD / "env"], check=True)
        subprocess.run([PEERS, "-m", "pip", "-q", "install", *WANTED], check=True)
    for program, file in (("official_split", SPLIT), ("recording", RECORDING)):
        if not file.exists():
            _run([sys.executable, HERE / "ours.py", program, file])


def _row(row: Row, times: int, before: Path | None) -> Row:
    """Measure one row, and judge it."""
    sides = _sides(row, before)
    if "needs" in row:  # what is measured is doing nothing: first let it do what there is to do
        for measure in sides.values():
            measure()
    samples: dict[str, list[Sample]] = {side: [] for side in sides}
    for _ in range(1 if row.get("once") else times):
        for side, measure in sides.items():
            samples[side].append(measure())
    found = {side: _summary(some) for side, some in samples.items()}
    named = {key: row[key] for key in ("row", "network") if key in row}
    return {**named, **found, **_judged(row, found)}


def _sides(row: Row, before: Path | None) -> dict[str, Any]:
    """Return what is measured in turn: functions that measure once, by the side they are of."""
    if "command" in row:
        places = {"ours": files.REPOSITORY} | ({"before": before.resolve()} if before else {})
        places = {s: p for s, p in places.items() if (p / row.get("needs", ".")).exists()}
        return {side: _command(row["command"], place) for side, place in places.items()}
    programs = {"ours": (sys.executable, "ours.py"), row.get("name", ""): (PEERS, "peers.py")}
    keys = {"ours": "ours", row.get("name", ""): "peer"}
    return {
        side: _program(python, file, row[keys[side]])
        for side, (python, file) in programs.items()
        if keys[side] in row
    }


def _program(python: str | Path, file: str, arguments: list[Any]) -> Any:
    """Return a function that runs a program once, which measures itself."""
    command = [python, HERE / file, *map(str, arguments)]
    return lambda: json.loads(_run(command).split("\n")[-2])


def _command(arguments: list[str], place: Path) -> Any:
    """Return a function that runs a command once and measures all of its process."""
    named = [str(RECORDING) if each == "RECORDING" else each for each in arguments]
    command = [sys.executable, "-m", "har_utils", *named]

    def measure() -> Sample:
        before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        _run(command, place)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return {"cpu": cpu, "wall": time.perf_counter() - wall}

    return measure


def _run(command: list[Any], place: Path = files.REPOSITORY) -> str:
    """Run a command in a checkout, with one thread; return what it printed."""
    environment = os.environ | ONE_THREAD | {"PYTHONPATH": str(place), "SPLIT": str(SPLIT)}
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"bench: {' '.join(map(str, command))} failed:\n{done.stderr[-2000:]}")
    return done.stdout


# --- The table -----------------------------------------------------------------------------------


def _summary(samples: list[Sample]) -> Row:
    """Return the median of each number, and the least and most processor seconds."""
    summary: Row = {key: statistics.median(s[key] for s in samples) for key in samples[0]}
    cpu = [sample["cpu"] for sample in samples]
    return summary | {"least": min(cpu), "most": max(cpu), "times": len(samples)}


def _judged(row: Row, found: Row) -> Row:
    """Return the ratio, the bar, and whether it is reached; None where there is nothing to say."""
    other = next((side for side in found if side != "ours"), None)
    ratio = found["ours"]["cpu"] / found[other]["cpu"] if other and "ours" in found else None
    bar = row.get("ratio_at_most", row.get("seconds_at_most"))
    value = ratio if "ratio_at_most" in row else found.get("ours", {}).get("cpu")
    reached = value <= bar if bar is not None and value is not None else None
    return {"peer": other, "ratio": ratio, "bar": bar, "reached": reached}


def table(rows: list[Row]) -> str:
    """Return the table for a person."""
    said = {True: "reached", False: "missed", None: ""}
    lines = [
        {
            "what": row["row"],
            "ours, CPU": _seconds(row.get("ours")),
            "other, CPU": _seconds(row.get(row["peer"])),
            "other": row["peer"] or "",
            "ours / other": "" if row["ratio"] is None else f"{row['ratio']:.3g}",
            "bar": "" if row["bar"] is None else f"{row['bar']}",
            "": said[row["reached"]],
        }
        for row in rows
    ]
    return tabulate(lines, headers="keys", disable_numparse=True)


def _seconds(summary: Row | None) -> str:
    """Return median, least and most seconds, in a unit that suits them."""
    if summary is None:
        return ""
    scale, unit = (1, "s") if summary["cpu"] >= 0.1 else (1000, "ms")
    middle, least, most = (f"{scale * summary[key]:.3g}" for key in ("cpu", "least", "most"))
    return f"{middle} {unit} ({least} to {most})"


if __name__ == "__main__":
    sys.exit(main())
