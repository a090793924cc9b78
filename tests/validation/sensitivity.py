"""How the conclusions of the drill and of the comparison of policies depend on each parameter of CODECO that nothing is known of.

`./dev sensitivity [REPLICATIONS]` calls it, and prints the table of docs/sensitivity.md. The parameters are those that the JSON Schema of
scenarios marks with [I]; each is a quarter and four times its default, the others as they are. Differences are of the same replication.
"""

import json
import os
import sys
import tempfile

from paired import Experiment, call, interval, replications_of

program, scenario = (os.path.abspath(path) for path in sys.argv[1:3])
replications = replications_of(sys.argv[3:], 4)
BASELINE = "OCM's default"
UNITS = {"20 ms": "s", "4 GiB": "B"}  # of the schema's examples


def parameters(node, path):
    """Pointer, default and unit (empty: a number) of all that are marked and above zero."""
    found = []
    if "[I" in node.get("description", "") and node.get("default", 0) and node.get("type") in ("integer", "number", "string"):
        unit = UNITS[node["examples"][0]] if node["type"] == "string" else ""
        found.append((path, node["default"], unit))
    for name, member in node.get("properties", {}).items():
        found += parameters(member, f"{path}/{name}")
    for form in node.get("anyOf", []) + node.get("oneOf", []):
        found += parameters(form, path)
    return found


def scaled(default, unit, factor):
    value = default * factor
    if unit:
        return f"{value:.10g} {unit}"
    return max(1, round(value)) if isinstance(default, int) else value


schema = json.loads(call(program, "describe", "--json-schema"))
known = parameters(schema["properties"]["control_plane"], "/control_plane")
levels = {"as it is": {known[0][0]: scaled(known[0][1], known[0][2], 1)}}
for pointer, default, unit in known:
    for name, factor in (("/ 4", 0.25), ("x 4", 4)):
        levels[f"{pointer.removeprefix('/control_plane/')} {name}"] = {pointer: scaled(default, unit, factor)}
configurations = {
    "as-implemented": {"/control_plane/preset": "as-implemented", "/policy/placement": "nearest"},
    "as-designed": {"/control_plane/preset": "as-designed", "/policy/placement": "nearest"},
    BASELINE: {"/control_plane/preset": "as-designed", "/policy/placement": "ocm-default"},
}
with open(scenario, encoding="utf-8") as file:
    varied = {**json.load(file), "control_plane": {"preset": "as-designed"}}
with tempfile.TemporaryDirectory() as folder:
    with open(folder + "/varied.json", "w", encoding="utf-8") as out:
        json.dump(varied, out)
    experiment = Experiment(program, folder + "/varied.json", {"parameter": levels, "configuration": configurations}, replications)
told = experiment.differences("configuration", "as-designed", ["availability", "requests.in_time"])


def difference(metric, configuration, level):
    """What as-designed with nearest placement has more than this."""
    # A metric that is the same in all runs is not compared.
    if metric not in told:
        return "="
    one = next(each for each in told[metric] if each["a"] == configuration and each["where"].get("parameter") == level)
    turned = {**one, "difference": -one["difference"],
              "interval": one["interval"] and {"low": -one["interval"]["high"], "high": -one["interval"]["low"]}}
    return interval(turned, 100, 3)


print("| parameter | availability, designed - implemented [%] | in time, nearest - OCM's default [%] | availability, as designed |")
print("|---|---|---|---|")
for level in levels:
    print(f"| `{level}` | {difference('availability', 'as-implemented', level)} | {difference('requests.in_time', BASELINE, level)} | "
          f"{experiment.mean('availability', parameter=level, configuration='as-designed'):.5f} |")
