#!/usr/bin/env python3
"""Counts the instructions of small runs, which noise does not change: instructions.py PROGRAM SOURCE [--write].

A case that executes more than 5 % above its row of instructions.csv fails: what is slower must say why, and write the table anew. Rows hold for
one compiler and one SimGrid, which the program tells; with others, or without valgrind, nothing is compared (exit status 77).
"""

import csv
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

GROWTH = 0.05

CASES = {
    "local": "tests/bench/w1.json --set /clusters/edge/count=50 --set /applications/0/count=50 --set /duration=20s",
    "remote": "tests/bench/w1-remote.json --set /clusters/edge/count=50 --set /clients/0/count=50 --set /duration=10s",
    "flows": "tests/bench/w1-flows.json --set /clusters/edge/count=50 --set /clients/0/count=50 --set /applications/1/count=50"
    " --set /duration=10s",
    "walkers": "tests/bench/walkers.json --until 2s",
    "quickstart": "scenarios/library/quickstart.json --until 120s",
    "smart-city": "scenarios/library/smart-city.json --until 10s",
    "agv-factory": "scenarios/library/agv-factory.json --until 40s",
    "urban-mobility": "scenarios/library/urban-mobility.json --until 20s",
    "fleet": "scenarios/library/fleet.json --set /clusters/edge/count=100 --set /applications/0/count=100"
    " --set /applications/1/count=100 --until 7min",
    "partition-drill": "scenarios/library/partition-drill.json --until 5min",
    "mega": "scenarios/library/mega.json --set /sites/factory/count=1 --until 3min",
    "mega-oracle": "scenarios/library/mega.json --set /sites/factory/count=1 --set /control_plane=oracle --until 3min",
}


def toolchain(program, source):
    """The compiler, and the SimGrid, of the program."""
    scenario = str(source / "scenarios/library/quickstart.json")
    run = subprocess.run([program, "run", scenario, "--until", "1s", "--no-output", "--format", "json"],
                         check=True, capture_output=True, text=True)
    versions = json.loads(run.stdout)["manifest"]["versions"]
    return f"{versions['compiler']} simgrid {versions['simgrid']}"


def instructions(program, source, case):
    scenario, *options = case.split(" ")
    with tempfile.TemporaryDirectory() as scratch:
        run = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={scratch}/out", program, "run", str(source / scenario), *options,
             "--no-output", "--progress", "none"],
            capture_output=True, text=True, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"})
    if run.returncode != 0:
        raise SystemExit(f"{case} failed: {run.stderr}")
    return int(re.search(r"Collected : (\d+)", run.stderr).group(1))


def main():
    program, source = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
    table = source / "tests/bench/instructions.csv"
    if not shutil.which("valgrind"):
        print("skipped: valgrind is missing (apt-get install valgrind)")
        return 77
    with table.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    tools = toolchain(program, source)
    known = {row["case"]: int(row["instructions"]) for row in rows if row["toolchain"] == tools}
    writing = "--write" in sys.argv
    if not known and not writing:
        print(f"skipped: instructions.csv has no rows for {tools}")
        return 77
    found, failed = {}, False
    for name, case in CASES.items():
        found[name] = instructions(program, source, case)
        before = known.get(name)
        change = f"{found[name] / before - 1:+.1%}" if before else "new"
        grown = before is not None and found[name] > before * (1 + GROWTH)
        failed = failed or grown or (before is None and not writing)
        print(f"{name:<16}{found[name]:>15,}  {change}{'  FAILED: more than 5 %' if grown else ''}", flush=True)
    if writing:
        rows = [row for row in rows if row["toolchain"] != tools]
        rows += [{"toolchain": tools, "case": name, "instructions": count} for name, count in found.items()]
        with table.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["toolchain", "case", "instructions"], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        return 0
    return 1 if failed else 0


sys.exit(main())
