"""A policy that codecosim asks: `codecosim run SCENARIO --policy 'exec:python3 mine.py'`, where mine.py calls `serve`."""

from __future__ import annotations

import json
import sys
from numbers import Integral
from typing import Any, Dict, Optional, Sequence, TextIO

PROTOCOL = 1

Problem = Dict[str, Any]
"""What is asked: the message `problem` of docs/external.schema.json."""
Targets = Sequence[Optional[int]]
"""What is answered: for each workload a row, or None for nowhere."""


def send(sink: TextIO, message: dict[str, Any]) -> None:
    sink.write(json.dumps(message, separators=(",", ":")) + "\n")
    sink.flush()


def answer(problem: Problem, targets: Targets, reason: str) -> dict[str, Any]:
    """The answer that places the workloads of a problem on these rows."""
    rows = len(problem["rows"])
    for target in targets:
        if target is None:
            continue
        if isinstance(target, bool) or not isinstance(target, Integral):
            raise TypeError(f"a target is the number of a row, or None, not {target!r}")
        if not 0 <= target < rows:
            raise ValueError(f"there is no row {target}: " + (f"0 to {rows - 1} are on offer" if rows else "none is on offer"))
    targets = [None if target is None else int(target) for target in targets]
    if len(targets) != len(problem["workloads"]):
        raise ValueError(f"{len(problem['workloads'])} workloads need as many targets, not {len(targets)}")
    return {
        "type": "answer",
        "number": problem["number"],
        "assignments": [{"workload": w, "target": target} for w, target in enumerate(targets)],
        "reasons": [reason for target in targets if target is None],
    }


def serve(policy: Any, *, name: str = "", feedback_after: float = 30.0) -> None:
    """Answers codecosim's questions until it says that all is over.

    `policy` is a callable from a problem to targets, or an object whose method `place` is one. If it has a method
    `learn(feedback)`, it is called with what came of each decision `feedback_after` simulated seconds later. If it has
    `begin(hello)` or `end(end)`, they are called with those messages. What it prints goes to standard error.
    """
    place = getattr(policy, "place", policy)
    hooks = {kind: getattr(policy, method, None) for kind, method in {"hello": "begin", "feedback": "learn", "end": "end"}.items()}
    source, sink = sys.stdin, sys.stdout
    sys.stdout = sys.stderr
    try:
        for line in source:
            message = json.loads(line)
            kind = message["type"]
            if hooks.get(kind):
                hooks[kind](message)
            if kind == "hello":
                if message["protocol"] != PROTOCOL:
                    raise RuntimeError(f"codecosim speaks protocol {message['protocol']}, this is for {PROTOCOL}")
                after = feedback_after if hooks["feedback"] else None
                send(sink, {"type": "hello", "protocol": PROTOCOL, "name": name, "feedback_after_s": after})
            elif kind == "problem":
                send(sink, answer(message, place(message), "the policy places it nowhere"))
            elif kind == "end":
                break
    finally:
        sys.stdout = sink
