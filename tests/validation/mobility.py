#!/usr/bin/env python3
"""Paired comparison of migration policies on agv-factory: the same worlds, other decisions.

Usage: mobility.py PROGRAM SCENARIO [REPLICATIONS]. Prints the table of docs/mobility.md: means over the replications, and for each policy the
difference to `never` in the same replication with its 95 % interval (Student's t).
"""
import json
import math
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

# Two-sided 95 % quantiles of Student's t by degrees of freedom (NIST/SEMATECH e-Handbook, table 1.3.6.7.2).
T95 = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262, 14: 2.145, 19: 2.093}
POLICIES = {
    "never": '"never"',
    "follow-user": '{"follow-user": {"margin": "5 ms"}}',
    "on-qos": '{"on-qos": {}}',
    "predictive": '{"predictive": {"margin": "5 ms"}}',
}
METRICS = ["requests.deadline_misses", "requests.lost", "agv.stops", "agv.stopped", "agv.missions_per_hour", "bytes.state", "migrations"]


def run(program, scenario, policy, replication):
    with tempfile.TemporaryDirectory() as folder:
        out = folder + "/out"
        subprocess.run([program, "run", scenario, "--set", "/policy/migration=" + POLICIES[policy], "--replication", str(replication),
                        "--out", out, "--progress", "none"], check=True, stdout=subprocess.DEVNULL)
        with open(out + "/summary.json", encoding="utf-8") as file:
            summary = json.load(file)
    return {metric: summary.get(metric, {"value": 0})["value"] for metric in METRICS}


def main():
    program = sys.argv[1]
    scenario = sys.argv[2]
    replications = int(sys.argv[3]) if len(sys.argv) > 3 else 10
    with ThreadPoolExecutor(2) as pool:
        jobs = {(p, r): pool.submit(run, program, scenario, p, r) for p in POLICIES for r in range(replications)}
    results = {key: job.result() for key, job in jobs.items()}
    print("| metric | " + " | ".join(POLICIES) + " |")
    print("|---|" + "---|" * len(POLICIES))
    for metric in METRICS:
        cells = []
        for policy in POLICIES:
            values = [results[policy, r][metric] for r in range(replications)]
            text = f"{sum(values) / len(values):.4g}"
            if policy != "never":
                differences = [results[policy, r][metric] - results["never", r][metric] for r in range(replications)]
                mean = sum(differences) / len(differences)
                mean = 0 if abs(mean) < 1e-12 * max(map(abs, values)) else mean
                spread = math.sqrt(sum((d - mean) ** 2 for d in differences) / (len(differences) - 1))
                half = T95[replications - 1] * spread / math.sqrt(replications)
                text += f" ({mean:+.4g} ± {half:.2g})"
            cells.append(text)
        print(f"| {metric} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
