#!/usr/bin/env python3
"""The row with the least latency to the clients that has room, as codecosim's own `nearest` chooses it:

codecosim run scenarios/library/quickstart.json --policy 'exec:python3 examples/python/my_policy.py'
"""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "python"))  # not needed once the package is installed
import codecosim


def place(problem):
    rows, targets = problem["rows"], []
    for workload in problem["workloads"]:
        free = [row["cpu_free_cores"] / (row["cpu_cores"] or 1) for row in rows]
        fits = [
            r
            for r, row in enumerate(rows)
            if (workload["allowed"] is None or workload["allowed"][r])
            and workload["cpu_cores"] <= min(row["cpu_free_cores"], row["largest_cpu_free_cores"]) + 1e-6
            and workload["memory_bytes"] <= min(row["memory_free_bytes"], row["largest_memory_free_bytes"])
        ]
        best = min(fits, key=lambda r: (rows[r]["client_latency_s"], -free[r]), default=None)
        if best is not None:
            rows[best]["cpu_free_cores"] -= workload["cpu_cores"]
            rows[best]["memory_free_bytes"] -= workload["memory_bytes"]
        targets.append(best)
    return targets


codecosim.serve(place, name="my-policy")
