"""Runs the partition drill under each control plane and prints one Markdown table. `./dev drill [--seed N]` calls it."""

import json
import subprocess
import sys

program, scenario, *arguments = sys.argv[1:]


def duration(seconds):
    return f"{seconds / 60:.1f} min" if seconds >= 120 else f"{seconds:.1f} s"


rows = [
    ("availability", lambda m: f"{m['availability']['value']:.4f}"),
    ("requests answered", lambda m: f"{100 * m['requests.success']['value']:.2f} %"),
    ("time to heal, p50", lambda m: duration(m["recovery.time"]["p50"])),
    ("time to heal, p99", lambda m: duration(m["recovery.time"]["p99"])),
    ("replicas healed", lambda m: f"{m['recovery.time']['count']}"),
    ("replicas placed again", lambda m: f"{m['placement.moves']['value']:.0f}"),
    ("duplicates, replica time", lambda m: duration(m.get("replicas.duplicate", {"value": 0})["value"])),
    ("handed over between clusters", lambda m: f"{m.get('replicas.handed_over', {'value': 0})['value']:.0f}"),
    ("age of what was decided on, mean", lambda m: duration(m["decision.age"]["mean"])),
    ("age, p99", lambda m: duration(m["decision.age"]["p99"])),
    ("control bytes, probes and topology", lambda m: f"{m.get('bytes.topology', {'value': 0})['value'] / 1e9:.1f} GB"),
    ("control bytes, telemetry", lambda m: f"{m.get('bytes.telemetry', {'value': 0})['value'] / 1e9:.1f} GB"),
    ("control bytes, desired state", lambda m: f"{m.get('bytes.desired_state', {'value': 0})['value'] / 1e6:.1f} MB"),
    ("not ready at the end", lambda m: f"{m['placement.pending']['value']:.0f}"),
]

planes = ["oracle", "as-implemented", "as-designed"]
results = []
for plane in planes:
    command = [program, "run", scenario, "--set", f'/control_plane="{plane}"', "--no-output", "--format", "json", *arguments]
    results.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["summary"])

print(f"| | {' | '.join(planes)} |")
print("|---" * (len(planes) + 1) + "|")
for name, cell in rows:
    print(f"| {name} | {' | '.join(cell(result) for result in results)} |")
