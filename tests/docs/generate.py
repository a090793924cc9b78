#!/usr/bin/env python3
"""Writes what the documentation has from the program itself: generate.py PROGRAM ROOT. tests/arch compares it."""

import pathlib
import subprocess
import sys


def describe(program, *topic):
    return subprocess.run([program, "describe", *topic], check=True, capture_output=True, text=True).stdout


def table(header, rows):
    line = "| " + " | ".join(header) + " |\n"
    return line + "|" + "---|" * len(header) + "\n" + "".join(rows)


def metrics(program):
    rows = []
    for line in describe(program, "metrics").splitlines():
        name, unit, better, meaning = line.split(None, 3)
        rows.append(f"| `{name}` | {unit} | {'' if better == '-' else better} | {meaning} |\n")
    return table(["metric", "unit", "better", "meaning"], rows)


def findings(program):
    rows = []
    for line in describe(program, "findings").splitlines():
        name, by, meaning = line.split(None, 2)
        rows.append(f"| `{name}` | {by} | {meaning} |\n")
    return table(["finding", "found by", "what"], rows)


def records(program):
    rows = []
    lines = describe(program, "records").splitlines()
    for head, fields, level in zip(lines[0::3], lines[1::3], lines[2::3]):
        kind, prose = head.split(": ", 1)
        names = fields.strip().removeprefix("t_s, kind, ")
        word = level.split("--trace ")[1].removesuffix(" on")
        rows.append(f"| `{kind}` | {prose} | {names} | `{word}` |\n")
    return table(["kind", "when", "fields", "from `--trace`"], rows)


def replace_table(page, new):
    """The table with the same first line gives way to the new one."""
    text = page.read_text(encoding="utf-8")
    header = new.splitlines(keepends=True)[0]
    begin = text.index(header)
    end = text.index("\n\n", begin) + 1
    page.write_text(text[:begin] + new + text[end:], encoding="utf-8")


def main():
    program, root = sys.argv[1], pathlib.Path(sys.argv[2])
    docs = root / "docs"
    (docs / "scenario.md").write_text(describe(program, "scenarios"), encoding="utf-8")
    (docs / "plans.md").write_text(describe(program, "plans"), encoding="utf-8")
    (docs / "external.schema.json").write_text(describe(program, "external"), encoding="utf-8")
    for new in (metrics(program), findings(program), records(program)):
        replace_table(docs / "output.md", new)


main()
