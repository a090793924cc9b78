#!/usr/bin/env python3
"""Paired comparison of placement policies on shipped scenarios: the same worlds, other decisions.

Usage: policies.py PROGRAM LIBRARY [REPLICATIONS] [SCENARIO ...]. Prints the tables of docs/comparison.md: means over the replications, and for
each policy the difference to REFERENCE in the same replication with its 95 % interval (Student's t); * where that does not hold zero after
Holm's correction over the policies of a column.
"""
import glob
import json
import math
import statistics
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

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
METRICS = {
    "latency [ms]": lambda s: s["request.latency"]["value"] * 1e3,
    "p99 [ms]": lambda s: s["request.latency"]["p99"] * 1e3,
    "not in time [%]": lambda s: 100 * (s["requests.failed"]["value"] + s["requests.deadline_misses"]["value"])
                                 / max(1, s["requests.completed"]["value"] + s["requests.failed"]["value"]),
    "carbon [g]": lambda s: s["carbon"]["value"],
    "cost [EUR]": lambda s: s["cost"]["value"],
    "egress [GB]": lambda s: s["bytes.egress"]["value"] / 1e9,
    "pending": lambda s: s["placement.pending"]["value"],
}


def student_quantile(probability, degrees):
    """By bisection of the distribution function, integrated by Simpson's rule: exact to six digits."""
    def density(t):
        return math.exp(math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)) / math.sqrt(degrees * math.pi) * (1 + t * t / degrees) ** (-(degrees + 1) / 2)

    def below(t):
        steps = 2000
        width = t / steps
        return 0.5 + width / 3 * sum((1 if i in (0, steps) else 4 if i % 2 else 2) * density(i * width) for i in range(steps + 1))
    low, high = 0.0, 1000.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) < probability else (low, middle)
    return low


def simulate(program, scenario, settings, replication, out, learning=None):
    command = [program, "run", scenario, "--replication", str(replication), "--out", out, "--progress", "none", "--allow-outside", "--models"]
    for key, value in settings.items():
        command += ["--set", f"/policy/{key}={value}"]
    if learning:
        command += ["--set", "/learning=" + json.dumps(learning)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def train(program, scenario, folder):
    """What the learner knows after some replications that are not compared, each from where the one before ended."""
    learning = dict(LEARNING)
    for number in range(TRAININGS):
        out = f"{folder}/{number}"
        simulate(program, scenario, POLICIES[LEARNER], 1000 + number, out, learning)
        learning["recommender_model"] = glob.glob(out + "/models/recommender-*.model")[0]
    return learning


def run(program, scenario, settings, replication, learning):
    with tempfile.TemporaryDirectory() as folder:
        simulate(program, scenario, settings, replication, folder + "/out", learning)
        with open(folder + "/out/summary.json", encoding="utf-8") as file:
            summary = json.load(file)
        with open(folder + "/out/manifest.json", encoding="utf-8") as file:
            manifest = json.load(file)
    return {name: value(summary) for name, value in METRICS.items()}, manifest["deciding_s"] / max(manifest["wall_s"], 1e-9)


def difference(policy, reference):
    pairs = [a - b for a, b in zip(policy, reference)]
    mean = statistics.fmean(pairs)
    return mean, statistics.stdev(pairs) / math.sqrt(len(pairs))


def main():
    program, library = sys.argv[1], sys.argv[2]
    replications = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    if replications < 2:
        sys.exit("one replication has no interval: ask for two or more")
    for scenario in sys.argv[4:] or SCENARIOS:
        file = f"{library}/{scenario}.json"
        with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
            learning = {LEARNER: train(program, file, folder)}
            jobs = {(p, r): pool.submit(run, program, file, s, r, learning.get(p)) for p, s in POLICIES.items() for r in range(replications)}
            results = {key: job.result() for key, job in jobs.items()}
        others = len(POLICIES) - 1
        half = student_quantile(0.975, replications - 1)
        print(f"### {scenario}\n\n| policy | " + " | ".join(METRICS) + " | deciding |\n|---|" + "---|" * (len(METRICS) + 1))
        values = {(p, m): [results[p, r][0][m] for r in range(replications)] for p in POLICIES for m in METRICS}
        marked = set()
        for metric in METRICS:
            # Holm: the k-th most distant of n differences is tested at 0.05 / (n - k + 1).
            distances = []
            for policy in POLICIES:
                if policy != REFERENCE:
                    mean, error = difference(values[policy, metric], values[REFERENCE, metric])
                    distances.append((abs(mean) / error if error > 0 else math.inf if mean else 0, policy))
            for rank, (distance, policy) in enumerate(sorted(distances, reverse=True)):
                if distance <= student_quantile(1 - 0.025 / (others - rank), replications - 1):
                    break
                marked.add((policy, metric))
        for policy in POLICIES:
            cells = []
            for metric in METRICS:
                text = f"{statistics.fmean(values[policy, metric]):.4g}"
                if policy != REFERENCE:
                    mean, error = difference(values[policy, metric], values[REFERENCE, metric])
                    text += f" ({mean:+.3g} ± {half * error:.2g}{' *' if (policy, metric) in marked else ''})" if mean or error else " (=)"
                cells.append(text)
            share = statistics.fmean(results[policy, r][1] for r in range(replications))
            print(f"| {policy} | " + " | ".join(cells) + f" | {100 * share:.2g} % |")
        print(flush=True)


if __name__ == "__main__":
    main()
