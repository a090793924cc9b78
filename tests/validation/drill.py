"""Runs the partition drill under each control plane, as it is and with one thing changed at a time, and prints Markdown tables.

`./dev drill [REPLICATIONS]` calls it. Means over the replications (10); differences are of the same replication, with their 95 % intervals.
"""

import json
import os
import sys

from paired import Experiment, interval, replications_of

program, scenario = (os.path.abspath(path) for path in sys.argv[1:3])
replications = replications_of(sys.argv[3:], 10)


def duration(seconds):
    return f"{seconds / 60:.1f} min" if seconds >= 120 else f"{seconds:.1f} s"


def number(digits=0, scale=1.0, unit=""):
    return lambda value: f"{value * scale:.{digits}f}{unit}"


rows = [
    ("availability", "availability", number(4)),
    ("requests answered", "requests.success", number(2, 100, " %")),
    ("time to heal, p50", "recovery.time.p50", duration),
    ("time to heal, p99", "recovery.time.p99", duration),
    ("replicas healed", "recovery.time.count", number()),
    ("replicas placed again", "placement.moves", number()),
    ("duplicates, replica time", "replicas.duplicate", duration),
    ("handed over between clusters", "replicas.handed_over", number()),
    ("age of what was decided on, mean", "decision.age", duration),
    ("age, p99", "decision.age.p99", duration),
    ("control bytes, probes and topology", "bytes.topology", number(1, 1e-9, " GB")),
    ("control bytes, telemetry", "bytes.telemetry", number(1, 1e-9, " GB")),
    ("control bytes, desired state", "bytes.desired_state", number(1, 1e-6, " MB")),
    ("not ready at the end", "placement.pending", number()),
]
planes = ["oracle", "as-implemented", "as-designed"]
with open(scenario, encoding="utf-8") as file:
    faults = json.load(file)["faults"]


def without(kind):
    return {"/faults": [one for one in faults if one["kind"] != kind]}


as_it_is = {"/faults": faults}
worlds = {"as it is": as_it_is, "the hub stays": without("cluster"), "nobody is cut off": without("partition"), "no node fails": without("node")}
experiment = Experiment(program, scenario, {"plane": {plane: {"/control_plane": plane} for plane in planes}, "world": worlds}, replications)

print(f"| | {' | '.join(planes)} |")
print("|---" * (len(planes) + 1) + "|")
for name, metric, cell in rows:
    values = [experiment.mean(metric, plane=plane, world="as it is") for plane in planes]
    print(f"| {name} | {' | '.join('-' if value is None else cell(value) for value in values)} |")

shown = [("availability [%]", "availability", 100, 3), ("requests answered [%]", "requests.success", 100, 2),
         ("duplicates [min]", "replicas.duplicate", 1 / 60, 1), ("replicas placed again", "placement.moves", 1, 0)]


def print_changes(title, told, levels, factor):
    print(f"\n| {title} | " + " | ".join(name for name, *_ in shown) + " |")
    print("|---" * (len(shown) + 1) + "|")
    for label, where in levels:
        cells = []
        for _, metric, scale, digits in shown:
            # A metric that is the same in all runs is not compared.
            cells.append("=" if metric not in told else interval(
                next(each for each in told[metric] if each["a"] == where[factor] and
                     all(each["where"].get(name, level) == level for name, level in where.items() if name != factor)), scale, digits))
        print(f"| {label} | " + " | ".join(cells) + " |")


metrics = [metric for _, metric, _, _ in shown]
print_changes("what changes, and by how much", experiment.differences("world", "as it is", metrics),
              [(f"{plane}: {world}", {"plane": plane, "world": world}) for plane in planes[1:] for world in worlds if world != "as it is"], "world")

preset = "as-designed"
ways = {"as it is": {"/control_plane": preset},
        "unreachable clusters are tolerated for 5 min, not an hour": {"/control_plane": {"preset": preset, "ocm": {"toleration": "5 min"}}}}
for size in (2, 4, 16):
    ways[f"neighbourhoods of {size}"] = {"/control_plane": {"preset": preset, "neighbourhood": {"partition": {"k-nearest": {"k": size}}}}}
designed = Experiment(program, scenario, {"way": ways}, replications)
print_changes(f"{preset}, with", designed.differences("way", "as it is", metrics), [(way, {"way": way}) for way in ways if way != "as it is"], "way")
