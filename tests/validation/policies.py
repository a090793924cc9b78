#!/usr/bin/env python3
"""Paired comparison of placement policies on shipped scenarios: the same worlds, other decisions, by `codecosim sweep` and `codecosim compare`.

Usage: policies.py PROGRAM LIBRARY [REPLICATIONS] [SCENARIO ...]. Prints the tables of docs/comparison.md: means over the replications, and for
each policy the difference to REFERENCE in the same replication with its 95 % interval (Student's t); * where that does not hold zero after
Holm's correction over the policies of a column.
"""
import csv
import glob
import json
import os
import statistics
import subprocess
import sys
import tempfile

REFERENCE = "ocm-default"
GREEN = {"cost": '{"greenness": {}}'}
# Names of the table: settings of /policy.
POLICIES = {
    "random": {"placement": "random"},
    "nearest": {"placement": "nearest"},
    "kube-default": {"placement": "kube-default"},
    "ocm-default": {"placement": "ocm-default"},
    "ocm-resource": {"placement": "ocm-resource"},
    "network-aware": {"placement": "network-aware"},
    "latency-greedy": {"placement": "latency-greedy"},
    "carbon-greedy": {"placement": "carbon-greedy"},
    "least-cost": {"placement": "least-cost"},
    "load-balance": {"placement": "load-balance"},
    "best-fit": {"placement": "best-fit"},
    "PDLC-CA (greenness)": {"placement": "pdlc", **GREEN},
    "SWM": {"placement": "swm-search"},
    "SWM, PDLC-CA (greenness)": {"placement": "swm-search", **GREEN},
    "oracle (bound)": {"placement": "oracle"},
    "PDLC-DL (lin-ucb)": {"placement": "recommended"},
}
LEARNER = "PDLC-DL (lin-ucb)"
LEARNING = {"recommender": {"lin-ucb": {"preset": "estimate"}}, "level": "federation", "round": "20 s"}
TRAININGS = 3
SCENARIOS = ["quickstart", "smart-city", "agv-factory", "partition-drill"]
# Column of the table: metric, factor and offset of what it shows.
METRICS = {
    "latency [ms]": ("request.latency", 1e3, 0),
    "p99 [ms]": ("request.latency.p99", 1e3, 0),
    "not in time [%]": ("requests.in_time", -100, 100),
    "carbon [g]": ("carbon", 1, 0),
    "cost [EUR]": ("cost", 1, 0),
    "egress [GB]": ("bytes.egress", 1e-9, 0),
    "pending": ("placement.pending", 1, 0),
}


def call(program, *words):
    return subprocess.run([program, *words], check=True, capture_output=True, text=True).stdout


def train(program, scenario, folder):
    """What the learner knows after some replications that are not compared, each from where the one before ended."""
    learning = dict(LEARNING)
    for number in range(TRAININGS):
        out = f"{folder}/{number}"
        call(program, "run", scenario, "--replication", str(1000 + number), "--out", out, "--progress", "none", "--allow-outside", "--models",
             "--policy", POLICIES[LEARNER]["placement"], "--set", "/learning=" + json.dumps(learning))
        learning["recommender_model"] = glob.glob(out + "/models/recommender-*.model")[0]
    return learning


def levels(learning):
    """Each policy, with what it sets in the scenario."""
    named = {}
    for name, settings in POLICIES.items():
        named[name] = {f"/policy/{seam}": json.loads(value) if value.startswith("{") else value for seam, value in settings.items()}
    named[LEARNER]["/learning"] = learning
    return named


def cell(group, difference, factor, offset):
    """A mean; the difference to the reference with its interval; * where it is one after Holm's correction."""
    text = f"{group['mean'] * factor + offset:.4g}"
    if difference is None:
        return text
    interval = difference["interval"]
    if not interval:
        return text + (f" ({difference['difference'] * factor:+.3g})" if difference["difference"] else " (=)")
    half = (interval["high"] - interval["low"]) / 2 * abs(factor)
    return text + f" ({difference['difference'] * factor:+.3g} ± {half:.2g}{' *' if difference['p_holm'] < 0.05 else ''})"


def main():
    program, library = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    replications = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    for scenario in sys.argv[4:] or SCENARIOS:
        file = f"{library}/{scenario}.json"
        with tempfile.TemporaryDirectory() as folder:
            plan = {"name": scenario, "scenario": file, "factors": {"policy": {"levels": levels(train(program, file, folder))}}, "replications": replications}
            with open(folder + "/plan.json", "w", encoding="utf-8") as out:
                json.dump(plan, out)
            call(program, "sweep", folder + "/plan.json", "--out", folder + "/out", "--allow-outside", "--progress", "none")
            metrics = [word for metric, _, _ in METRICS.values() for word in ("--metric", metric)]
            compared = json.loads(call(program, "compare", folder + "/out", "--factor", "policy", "--reference", REFERENCE, "--format", "json", *metrics))
            with open(folder + "/out/results.csv", encoding="utf-8") as table:
                runs = list(csv.DictReader(table))
        blocks = {one["metric"]: one["blocks"][0] for one in compared["metrics"]}
        print(f"### {scenario}\n\n| policy | " + " | ".join(METRICS) + " | deciding |\n|---|" + "---|" * (len(METRICS) + 1))
        for policy in POLICIES:
            cells = []
            for metric, factor, offset in METRICS.values():
                block = blocks.get(metric)
                if block is None:  # the same in all runs
                    value = next(float(run[metric]) for run in runs)
                    cells.append(f"{value * factor + offset:.4g}" + ("" if policy == REFERENCE else " (=)"))
                    continue
                group = next(one for one in block["groups"] if one["level"] == policy)
                difference = next((one for one in block["differences"] if one["a"] == policy), None)
                cells.append(cell(group, difference, factor, offset))
            share = statistics.fmean(float(run["deciding_s"]) / max(float(run["wall_s"]), 1e-9) for run in runs if run["policy"] == policy)
            print(f"| {policy} | " + " | ".join(cells) + f" | {100 * share:.2g} % |")
        print(flush=True)


if __name__ == "__main__":
    main()
