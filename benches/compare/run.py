#!/usr/bin/env python3
"""Restock beside the others: same machine, same files, same answers, one run.

    python3 benches/compare/run.py                 everything, three rounds, writes docs/benchmarks.md
    python3 benches/compare/run.py --scale 0.01    a hundredth of the data, to see that it runs; writes nothing there
    python3 benches/compare/run.py --only scan     the lines whose names begin so, measured again

In each round every engine does a line before any does the next; each piece of work is a process of its own. A round's
files are removed at its end. What is made on the way (a virtual environment with the pinned engines, the files, all
results) is in target/compare.
"""

import argparse
import json
import mmap
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import report

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = ROOT / "target" / "compare"
PYTHON = TARGET / "venv" / "bin" / "python"
RELEASE = ROOT / "target" / "release"

FULL = ["restock", "polars", "duckdb", "clickhouse", "delta", "lance"]
KEYED = ["restock", "polars", "duckdb", "duckdb-key", "clickhouse", "delta", "lance"]
# Those that are called from Rust, by `peer`.
IN_RUST = ["lmdb", "sqlite", "disk", "arrow-csv", "simd-csv"]
CSV = ["restock", "polars", "pyarrow", "duckdb", "arrow-csv", "simd-csv"]
# Name, what it does, its arguments, the engines, and the answers that must come.
LINES = [
    ("csv interactions", "csv", ["interactions"], CSV, "interactions"),
    ("csv items", "csv", ["items"], CSV, "items"),
    ("full interactions", "full", ["interactions"], FULL, "interactions"),
    ("scan interactions", "scan", ["interactions"], ["restock", "polars", "duckdb", "clickhouse"], "interactions"),
    ("full items", "full", ["items"], [*KEYED, "lmdb", "sqlite"], "items"),
    ("scan items", "scan", ["items"], ["restock"], None),
    ("get", "get", ["items.csv"], ["restock", "lmdb", "sqlite"], None),
    ("open", "open", [], ["restock", "lmdb", "sqlite", "duckdb", "lance"], None),
    ("incremental small", "incremental", ["items-small"], KEYED, "items-small"),
    ("incremental large", "incremental", ["items-large"], KEYED, "items-large"),
    ("incremental 30 times", "incremental", ["items-worn"], ["restock", "polars", "duckdb-key"], "items-worn"),
    ("put", "put", [], ["restock", "sqlite", "disk"], None),
    ("large full", "full", ["interactions"], ["restock", "polars", "duckdb"], "large"),
    *((f"size {rows}", "size", [str(rows)], ["restock"], None) for rows in (1_000_000, 10_000_000, 50_000_000)),
]
# What is measured of Restock again, after the 30 INCREMENTALs and 10,000 puts that are not flushed.
WORN = [
    ("worn wear", "wear", [], None),
    ("worn scan items", "scan", ["items"], None),
    ("worn get", "get", ["items-worn"], None),
    ("worn open", "open", [], None),
    ("worn incremental small", "incremental", ["items-small"], "items-worn-small"),
]
# These change a table, and do it to a copy.
CHANGING = ["incremental", "put"]
# These lines make tables of their own, which no other needs.
APART = ("large", "size")


# More than any of them needs, but for those of 50 M rows.
TOUCHED = 4 << 30


def command(engine, task, arguments, data, work):
    """The command of one piece of work."""
    if engine == "restock":
        items = work / "items.restock"
        stores = [path for path in (work / "interactions.restock", items) if path.exists()]
        place = {
            "csv": [data], "full": [data, work / f"{arguments[0]}.restock" if arguments else None],
            "scan": [work / f"{arguments[0]}.restock" if arguments else None], "get": [data, items],
            "open": stores, "incremental": [data, items], "put": [items], "wear": [items],
            "size": [work / f"users-{arguments[0]}.restock" if arguments else None],
        }[task]
        words = [RELEASE / "measure", task, *arguments, *place]
    else:
        place = [data] if task == "csv" else [work] if task in ("scan", "open", "put") else [data, work]
        if engine in IN_RUST:
            words = [RELEASE / "peer", engine, task, *(arguments if task != "get" else []), *place]
        else:
            words = [PYTHON, HERE / "peers.py", engine, task, *arguments, *place]
    return [str(word) for word in words]


def touch():
    """Touches memory, so that the system has some at hand for what is measured. A virtual machine gets what it has not
    used lately from its host, which takes a hundred times as long at one time as at another."""
    free = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_AVPHYS_PAGES")
    with mmap.mmap(-1, min(TOUCHED, free // 2), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS) as space:
        space.madvise(mmap.MADV_HUGEPAGE)
        for at in range(0, len(space), mmap.PAGESIZE):
            space[at] = 1


def run(words):
    """Its JSON, or a text that says how it failed."""
    # What others have written is no longer on its way to the disk.
    os.sync()
    touch()
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode != 0:
        return f"failed: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else done.returncode}"
    return json.loads(done.stdout.splitlines()[-1])


def wrong(found, expected):
    """What is wrong with the answers; `None` if nothing is."""
    for name, value in expected.items():
        if found.get(name) != value:
            return f"wrong answer: {name} is {str(found.get(name))[:60]}, not {str(value)[:60]}"
    return None


def one_round(lines, data, expected, results):
    work = TARGET / "work"
    shutil.rmtree(work, ignore_errors=True)

    def measure(name, engine, task, arguments, answers, place):
        files = data / "large" if answers == "large" else data
        told = run(command(engine, task, arguments, files, place))
        if isinstance(told, dict):
            told = wrong(told.pop("answers"), expected[answers] if answers else {}) or told
        results.setdefault(name, {}).setdefault(engine, []).append(told)
        shown = told if isinstance(told, str) else ", ".join(
            f"{key} {value:.6f}" for key, value in told.items() if key.endswith("seconds")
        )
        print(f"  {name:22} {engine:12} {shown}", flush=True)

    for name, task, arguments, engines, answers in lines:
        for engine in engines:
            home = work / name.split()[0] / engine if name.startswith(APART) else work / engine
            home.mkdir(parents=True, exist_ok=True)
            if task not in CHANGING:
                measure(name, engine, task, arguments, answers, home)
                if name.startswith(APART):
                    shutil.rmtree(home)
                continue
            # Each begins with the table that the FULL has made.
            place = work / "copy" / engine
            shutil.copytree(home, place, symlinks=True, ignore=shutil.ignore_patterns("interactions*"))
            measure(name, engine, task, arguments, answers, place)
            if (name, engine) == ("incremental 30 times", "restock"):
                for worn, *rest in WORN:
                    measure(worn, engine, *rest, place)
            shutil.rmtree(place)
    shutil.rmtree(work)


def prepare(scale):
    subprocess.run(
        ["cargo", "build", "--quiet", "--release", "--locked", "--package", "restock-benches",
         "--bin", "generate", "--bin", "measure", "--bin", "peer"],
        cwd=ROOT, check=True,
    )
    if not PYTHON.exists():
        subprocess.run([sys.executable, "-m", "venv", str(TARGET / "venv")], check=True)
    subprocess.run(
        [str(PYTHON), "-m", "pip", "install", "--quiet", "-r", str(HERE / "requirements.txt")], check=True
    )
    data = TARGET / f"data-{scale:g}"
    if not (data / "answers.json").exists():
        subprocess.run([str(RELEASE / "generate"), str(data), str(scale)], check=True)
    return data


def machine():
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
         if line.startswith("model name")), platform.processor(),
    )
    kind = subprocess.run(["stat", "-f", "-c", "%T", str(TARGET)], capture_output=True, text=True).stdout.strip()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return f"{os.cpu_count()} cores of {model}, {memory:.0f} GB, {kind}, {platform.system()} {platform.release()}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--scale", type=float, default=1.0, help="part of the data")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", default="", help="lines whose names begin so, and those that they need")
    options = parser.parse_args()
    TARGET.mkdir(parents=True, exist_ok=True)
    data = prepare(options.scale)
    expected = json.loads((data / "answers.json").read_text())
    wanted = [line for line in LINES if line[0].startswith(options.only)]
    needs_items = ("get", "open", "put", "incremental")
    before = {"full items" for line in wanted if line[1] in needs_items}
    before |= {f"full {line[2][0]}" for line in wanted if line[1] == "scan"}
    lines = [line for line in LINES if line in wanted or line[0] in before]
    results = {}
    for turn in range(options.rounds):
        print(f"round {turn + 1} of {options.rounds}", flush=True)
        one_round(lines, data, expected, results)
    sizes = {path.stem: path.stat().st_size for path in data.glob("*.csv")}
    facts = {
        "machine": machine(), "rounds": options.rounds, "scale": options.scale, "csv_bytes": sizes,
        "versions": [line for line in (HERE / "requirements.txt").read_text().split() if "==" in line],
        "results": results,
    }
    kept = TARGET / f"results-{options.scale:g}.json"
    if options.only and kept.exists():
        # The other lines are those of the last run.
        facts["results"] = {**json.loads(kept.read_text())["results"], **results}
    kept.write_text(json.dumps(facts, indent=1))
    if options.scale == 1.0 and all(line[0] in facts["results"] for line in LINES):
        report.write(facts, ROOT / "docs")
    failed = [
        f"{name}, {engine}: {told}" for name, engines in results.items()
        for engine, turns in engines.items() for told in turns if isinstance(told, str)
    ]
    print(report.table(facts))
    if failed:
        print("\n".join(failed), file=sys.stderr)
    # What Restock itself got wrong is an error; what others cannot do is in the table.
    sys.exit(any(", restock:" in line for line in failed))


main()
