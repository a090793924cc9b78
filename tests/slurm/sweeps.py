"""What the tests of sweeps in several processes share. CODECOSIM_PROGRAM says which program is tested."""

import collections
import csv
import json
import os
import pathlib
import subprocess

PROGRAM = os.environ["CODECOSIM_PROGRAM"]
PLACEMENT = ["nearest", "ocm-default", "kube-default", "swm-search"]
# What differs between two tables of the same runs.
CIRCUMSTANCES = {"wall_s", "build_s", "deciding_s", "peak_memory_bytes", "host", "started"}


def write_plan(path, duration, replications, **more):
    plan = {
        "name": "placement",
        "scenario": "library:quickstart",
        "set": {"/duration": duration, "/warmup": "0 s"},
        "factors": {"placement": {"at": "/policy/placement", "values": PLACEMENT}},
        "replications": replications,
        **more,
    }
    path.write_text(json.dumps(plan))
    return str(path)


def sweep(*arguments, environment=None, status=0):
    """Runs `codecosim sweep`: what it prints, after a check of its exit status; standard error where it must fail."""
    done = subprocess.run([PROGRAM, "sweep", *map(str, arguments)], env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == status, f"sweep {arguments}: exit status {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout if done.stdout else done.stderr


def table(directory):
    with open(pathlib.Path(directory) / "results.csv", newline="") as file:
        return [{name: cell for name, cell in row.items() if name not in CIRCUMSTANCES} for row in csv.DictReader(file)]


def recorded(directory):
    """How often each run is recorded in the journals, and with which statuses."""
    keys, statuses = collections.Counter(), collections.Counter()
    for file in (pathlib.Path(directory) / "journal").glob("*.jsonl"):
        for line in file.read_text().split("\n")[:-1]:
            row = json.loads(line)
            if "key" in row:
                keys[row["key"]] += 1
                statuses[row["status"]] += 1
    return keys, statuses
