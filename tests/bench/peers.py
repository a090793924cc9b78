#!/usr/bin/env python3
"""Prints, as a Markdown table, what W1 takes here, beside what its peers took on 22 November 2026: peers.py PROGRAM SOURCE [ROUNDS].

W1: clusters of 4 nodes of 4 cores; in each one user sends 10 requests a second, 100 kB over an access link of 1 Gbit/s and 2 ms, 50 ms of
work on a core, 10 kB back. CPU time of the whole process, medians; the peers' of a shared machine with 2 cores (AMD EPYC, Zen 4 class).
EdgeSimPy and ECLYPSE have no requests.
"""

import csv
import json
import pathlib
import resource
import statistics
import subprocess
import sys


def measure(program, source, clusters, rounds):
    """Requests answered, CPU time [s], peak memory [MiB]."""
    took, memory, requests = [], [], 0
    for _ in range(rounds):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run = subprocess.run(
            [program, "run", str(source / "tests/bench/w1.json"), "--set", f"/clusters/edge/count={clusters}", "--set",
             f"/applications/0/count={clusters}", "--set", "/duration=100 s", "--no-output", "--progress", "none", "--format", "json"],
            check=True, capture_output=True, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        result = json.loads(run.stdout)
        requests = int(result["summary"]["requests.completed"]["value"])
        memory.append(result["manifest"]["peak_memory_bytes"] / 2**20)
    return requests, statistics.median(took), statistics.median(memory)


def main():
    program, source = sys.argv[1], pathlib.Path(sys.argv[2])
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 3
    with (source / "tests/bench/peers.csv").open(encoding="utf-8") as file:
        peers = list(csv.DictReader(file))
    print("| simulator | clusters | requests | CPU s | peak MiB | requests/CPU s | codecosim is faster by | not modelled |")
    print("|---|--:|--:|--:|--:|--:|--:|---|")
    ours = {}
    for clusters in sorted({int(one["clusters"]) for one in peers}):
        requests, took, memory = measure(program, source, clusters, rounds)
        ours[clusters] = requests / took
        print(f"| **codecosim** | {clusters} | {requests} | {took:.2f} | {memory:.0f} | {ours[clusters]:.0f} | | |", flush=True)
        for one in peers:
            if int(one["clusters"]) != clusters:
                continue
            rate = float(one["requests"]) / float(one["cpu_s"])
            print(f"| {one['peer']} {one['version']} | {clusters} | {one['requests']} | {one['cpu_s']} | {one['peak_mib']} | {rate:.0f} "
                  f"| {ours[clusters] / rate:.0f} | {one['not modelled']} |")


main()
