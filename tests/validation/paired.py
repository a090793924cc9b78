"""Paired experiments by `codecosim sweep` and `codecosim compare`: the same worlds, something else in them."""

import csv
import json
import subprocess
import sys
import tempfile


def call(program, *words):
    done = subprocess.run([program, *words], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join([program, *words])} ended with {done.returncode}:\n{done.stderr}")
    return done.stdout


def replications_of(arguments, default):
    """The only argument there may be: a number, 2 or more."""
    if not arguments:
        return default
    if len(arguments) > 1 or not arguments[0].isdigit() or int(arguments[0]) < 2:
        sys.exit(f"expected a number of replications, 2 or more, found {' '.join(arguments)}")
    return int(arguments[0])


class Experiment:
    """The runs of a plan: `factors` are named levels, each an object of pointers and values."""

    def __init__(self, program, scenario, factors, replications):
        self.program = program
        self.folder = tempfile.TemporaryDirectory()
        plan = {"name": "experiment", "scenario": scenario, "replications": replications,
                "factors": {name: {"levels": levels} for name, levels in factors.items()}}
        with open(self.folder.name + "/plan.json", "w", encoding="utf-8") as out:
            json.dump(plan, out)
        self.out = self.folder.name + "/out"
        call(program, "sweep", self.folder.name + "/plan.json", "--out", self.out, "--allow-outside", "--progress", "none")
        with open(self.out + "/results.csv", encoding="utf-8") as table:
            self.runs = list(csv.DictReader(table))

    def mean(self, metric, **levels):
        """Over the runs of these levels that have it; none: no run has."""
        values = [float(run[metric]) for run in self.runs
                  if run.get(metric) and all(run[factor] == level for factor, level in levels.items())]
        return sum(values) / len(values) if values else None

    def differences(self, factor, reference, metrics):
        """By metric: what `compare` says of each pair of levels, with the levels of the other factors."""
        words = [word for metric in metrics for word in ("--metric", metric)]
        told = json.loads(call(self.program, "compare", self.out, "--factor", factor, "--reference", reference, "--format", "json", *words))
        return {one["metric"]: [{**difference, "where": block.get("where", {})} for block in one["blocks"] for difference in block["differences"]]
                for one in told["metrics"]}


def interval(difference, scale=1.0, digits=2):
    """A difference with its 95 % interval; exactly that where all pairs differ by the same."""
    text = f"{difference['difference'] * scale:+.{digits}f}"
    if not difference["interval"]:
        return text if difference["difference"] else "="
    half = (difference["interval"]["high"] - difference["interval"]["low"]) / 2 * scale
    return f"{text} ± {half:.{digits}f}"
