"""codecosim as an environment in Gymnasium's manner: an agent places one workload a step."""

from __future__ import annotations

import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Mapping, Sequence

from .policy import PROTOCOL, Problem, answer, send

ROW_FEATURES = ("cpu_free_cores", "memory_free_gib", "cpu_busy_cores", "client_latency_s", "replicas_here", "image_here", "age_s")
"""What an observation says of each row."""
WORKLOAD_FEATURES = ("cpu_cores", "memory_gib", "image_gib", "left")
"""What it says of the workload to be placed; `left`: how many of the same question come after it."""

GIB = 2.0**30

Observation = "dict[str, Any]"


def default_reward(feedback: Mapping[str, Any]) -> float | None:
    """Minus the share of requests that were late or lost, minus the share of workloads that are not ready: in [-2, 0]. None where of
    no request it is known whether it was in time."""
    answers = feedback["answers"]
    return -feedback["misses"] / answers - (1.0 - feedback["ready"]) if answers else None


class Environment:
    """One run of a scenario is an episode; one step places one workload.

    A question of codecosim may hold several workloads (an application's): they are placed one a step, in order, and the room that
    earlier ones take is counted. An action is a slot, from 0 to `max_rows` - 1, or `max_rows` for nowhere. Slots are the question's
    rows, in order; where there are more than `max_rows`, those with the least latency to the clients. `info["action_mask"]` tells which actions
    make sense: rows that are allowed and have room, or nowhere where there is none. `info["rows"]` has the row of each slot,
    `info["problem"]` the whole question.

    An observation is a dict: `rows`, max_rows lists of ROW_FEATURES, zeros where there is no row; `workload`, WORKLOAD_FEATURES;
    `action_mask`.

    The reward of a step is the sum of `reward(feedback)` over what codecosim has told since the step before, `feedback_after`
    simulated seconds after each decision; `info["feedback"]` has it, with the number of the question that it is about. What is not
    known is no part of it: `info["unknown"]` has the numbers of questions whose `reward` is None, and, with the last step, of those
    that the end of the run leaves without feedback. `truncated` is true when the scenario's time is over, since what it simulates is
    not; `info` then has `manifest` and `summary`. `terminated` is never true.
    """

    metadata: dict[str, Any] = {"render_modes": []}
    render_mode = None

    def __init__(
        self,
        scenario: str,
        *,
        program: str | Sequence[str] = "codecosim",
        seam: str = "placement",
        settings: Mapping[str, Any] | None = None,
        arguments: Sequence[str] = (),
        max_rows: int = 32,
        feedback_after: float = 30.0,
        reward: Callable[[Mapping[str, Any]], float | None] = default_reward,
    ) -> None:
        """`settings` are codecosim's --set, `arguments` any others of `codecosim run`, such as ["--out", "results"]."""
        self.scenario = scenario
        self.program = [program] if isinstance(program, str) else list(program)
        self.seam = seam
        self.settings = dict(settings or {})
        self.arguments = list(arguments)
        self.max_rows = max_rows
        self.feedback_after = feedback_after
        self.reward = reward
        self._run: subprocess.Popen[str] | None = None
        self._seed: int | None = None
        self._replication = -1
        self._problem: Problem | None = None
        self._chosen: list[int | None] = []
        self._unheard: set[int] = set()

    def reset(self, *, seed: int | None = None, options: Mapping[str, Any] | None = None) -> tuple[dict[str, Any], dict[str, Any]]:
        """Starts the scenario anew. With `seed`, at replication 0 of that seed; without, the next replication, so that every episode
        draws anew. `options` may have `replication`, and `settings` for this episode."""
        options = options or {}
        self.close()
        if seed is not None:
            self._seed, self._replication = seed, -1
        self._replication = int(options.get("replication", self._replication + 1))
        command = [*self.program, "run", self.scenario, "--policy", f"{self.seam}=stdio", "--replication", str(self._replication)]
        if self._seed is not None:
            command += ["--seed", str(self._seed)]
        if "--out" not in self.arguments:
            command.append("--no-output")
        for pointer, value in {**self.settings, **options.get("settings", {})}.items():
            command += ["--set", f"{pointer}={value if isinstance(value, str) else json.dumps(value)}"]
        self._run = subprocess.Popen(
            command + self.arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        self._unheard = set()
        info: dict[str, Any] = {"feedback": [], "unknown": []}
        self._listen(info)
        return self._observe(info)

    def step(self, action: int) -> tuple[dict[str, Any], float, bool, bool, dict[str, Any]]:
        if self._problem is None:
            raise RuntimeError("the episode is over: call reset()")
        if not 0 <= action <= self.max_rows:
            raise ValueError(f"an action is from 0 to {self.max_rows}, not {action}")
        slots = self._slots()
        self._chosen.append(slots[action] if action < len(slots) else None)
        info: dict[str, Any] = {"feedback": [], "unknown": []}
        if len(self._chosen) == len(self._problem["workloads"]):
            self._say(answer(self._problem, self._chosen, "the agent places it nowhere"))
            self._listen(info)
        rewards = {message["number"]: self.reward(message) for message in info["feedback"]}
        info["unknown"] += [number for number, reward in rewards.items() if reward is None]
        total = sum(reward for reward in rewards.values() if reward is not None)
        observation, info = self._observe(info)
        return observation, float(total), False, self._problem is None, info

    def close(self) -> None:
        """Ends the run, however far it has come, and leaves no process behind."""
        run, self._run, self._problem = self._run, None, None
        if run is None:
            return
        run.terminate()
        try:
            run.wait(5)
        except subprocess.TimeoutExpired:
            run.kill()
            run.wait()
        for pipe in (run.stdin, run.stdout):
            try:
                if pipe:
                    pipe.close()
            except BrokenPipeError:
                pass

    def __enter__(self) -> Environment:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_run", None):
            self.close()

    @property
    def problem(self) -> Problem | None:
        """The question that is open, or None."""
        return self._problem

    def _say(self, message: dict[str, Any]) -> None:
        assert self._run and self._run.stdin
        try:
            send(self._run.stdin, message)
        except BrokenPipeError:
            pass  # What became of it is seen when it is listened to.

    def _listen(self, info: dict[str, Any]) -> None:
        """Up to the next question, or to the end."""
        assert self._run and self._run.stdout
        self._problem, self._chosen = None, []
        for line in self._run.stdout:
            message = json.loads(line)
            kind = message["type"]
            if kind == "hello":
                if message["protocol"] != PROTOCOL:
                    raise RuntimeError(f"codecosim speaks protocol {message['protocol']}, this is for {PROTOCOL}")
                self._say({"type": "hello", "protocol": PROTOCOL, "name": "agent", "feedback_after_s": self.feedback_after})
            elif kind == "feedback":
                info["feedback"].append(message)
                self._unheard.discard(message["number"])
            elif kind == "problem" and message["workloads"]:
                self._problem = message
                self._unheard.add(message["number"])
                return
            elif kind == "problem":
                self._say(answer(message, [], ""))
            elif kind == "end":
                info["manifest"], info["summary"] = message["manifest"], message["summary"]
                info["unknown"] += sorted(self._unheard)
                self._run.wait()
                self.close()
                return
        status = self._run.wait()
        self.close()
        raise RuntimeError(f"codecosim ended with {status} in the middle of the run; its error output says why")

    def _slots(self) -> list[int]:
        """The row of each slot."""
        rows = self._problem["rows"] if self._problem else []
        nearest = sorted(range(len(rows)), key=lambda r: (rows[r]["client_latency_s"], r))
        return sorted(nearest[: self.max_rows])

    def _taken(self, row: int) -> tuple[float, float, int]:
        """Cores, bytes and pods that this question has put on a row so far."""
        assert self._problem
        here = [w for w, target in zip(self._problem["workloads"], self._chosen) if target == row]
        return sum(w["cpu_cores"] for w in here), sum(w["memory_bytes"] for w in here), len(here)

    def _fits(self, workload: dict[str, Any], number: int) -> bool:
        assert self._problem
        row = self._problem["rows"][number]
        if workload["allowed"] is not None and not workload["allowed"][number]:
            return False
        if workload["current"] == number:
            return True
        cpu, memory, pods = self._taken(number)
        # Less than a thousandth of a core is not counted.
        return (
            workload["cpu_cores"] <= min(row["cpu_free_cores"] - cpu, row["largest_cpu_free_cores"]) + 5e-4
            and workload["memory_bytes"] <= min(row["memory_free_bytes"] - memory, row["largest_memory_free_bytes"]) + 0.5
            and row["pods"] + pods < row["max_pods"]
        )

    def _observe(self, info: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        rows = [[0.0] * len(ROW_FEATURES) for _ in range(self.max_rows)]
        workload = [0.0] * len(WORKLOAD_FEATURES)
        mask = [0] * (self.max_rows + 1)
        slots = self._slots()
        if self._problem:
            one = self._problem["workloads"][len(self._chosen)]
            workload = [
                one["cpu_cores"],
                one["memory_bytes"] / GIB,
                one["image_bytes"] / GIB,
                float(len(self._problem["workloads"]) - len(self._chosen) - 1),
            ]
            for slot, number in enumerate(slots):
                row = self._problem["rows"][number]
                cpu, memory, pods = self._taken(number)
                rows[slot] = [
                    row["cpu_free_cores"] - cpu,
                    (row["memory_free_bytes"] - memory) / GIB,
                    row["cpu_busy_cores"],
                    row["client_latency_s"],
                    float(len(row["components"]) + pods),
                    float(one["image"] in row["images"]),
                    row["age_s"],
                ]
                mask[slot] = int(self._fits(one, number))
        mask[self.max_rows] = int(not any(mask))
        info.update(action_mask=mask, rows=slots, problem=self._problem)
        return {"rows": rows, "workload": workload, "action_mask": list(mask)}, info


class VectorEnvironment:
    """Several environments side by side, each a process of its own: what Gymnasium's vector environments do, as lists.

    An environment whose episode is over is reset by the next step, whose action, for it, is ignored, and whose reward is 0.
    """

    def __init__(self, make: Callable[[int], Environment], count: int) -> None:
        """`make(index)` makes each of them."""
        self.environments = [make(index) for index in range(count)]
        self._over = [False] * count
        self._threads = ThreadPoolExecutor(max(1, count))

    def reset(self, *, seed: int | None = None, options: Mapping[str, Any] | None = None) -> tuple[list[Any], list[Any]]:
        """Environment i gets the seed `seed` + i."""
        started = self._threads.map(
            lambda i: self.environments[i].reset(seed=None if seed is None else seed + i, options=options),
            range(len(self.environments)),
        )
        observations, infos = zip(*started)
        self._over = [False] * len(self.environments)
        return list(observations), list(infos)

    def step(self, actions: Sequence[int]) -> tuple[list[Any], list[float], list[bool], list[bool], list[Any]]:
        def one(index: int) -> tuple[Any, float, bool, bool, Any]:
            if self._over[index]:
                observation, info = self.environments[index].reset()
                return observation, 0.0, False, False, info
            return self.environments[index].step(actions[index])

        results = list(self._threads.map(one, range(len(self.environments))))
        self._over = [terminated or truncated for _, _, terminated, truncated, _ in results]
        observations, rewards, terminated, truncated, infos = (list(part) for part in zip(*results))
        return observations, rewards, terminated, truncated, infos

    def close(self) -> None:
        list(self._threads.map(lambda environment: environment.close(), self.environments))
        self._threads.shutdown()

    def __enter__(self) -> VectorEnvironment:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def gymnasium_environment(**arguments: Any) -> Any:
    """The same as a `gymnasium.Env`, with spaces and NumPy arrays."""
    import gymnasium
    import numpy

    class Placement(gymnasium.Env):  # type: ignore[type-arg, misc]
        metadata = Environment.metadata

        def __init__(self) -> None:
            self.inner = Environment(**arguments)
            n = self.inner.max_rows
            box = gymnasium.spaces.Box
            self.action_space = gymnasium.spaces.Discrete(n + 1)
            self.observation_space = gymnasium.spaces.Dict(
                rows=box(-numpy.inf, numpy.inf, (n, len(ROW_FEATURES)), numpy.float32),
                workload=box(-numpy.inf, numpy.inf, (len(WORKLOAD_FEATURES),), numpy.float32),
                action_mask=gymnasium.spaces.MultiBinary(n + 1),
            )

        def reset(self, *, seed: Any = None, options: Any = None) -> Any:
            super().reset(seed=seed)
            return self._arrays(*self.inner.reset(seed=seed, options=options))

        def step(self, action: Any) -> Any:
            observation, reward, terminated, truncated, info = self.inner.step(int(action))
            observation, info = self._arrays(observation, info)
            return observation, reward, terminated, truncated, info

        def close(self) -> None:
            self.inner.close()

        @staticmethod
        def _arrays(observation: dict[str, Any], info: dict[str, Any]) -> Any:
            info["action_mask"] = numpy.array(info["action_mask"], dtype=numpy.int8)
            return {
                "rows": numpy.array(observation["rows"], dtype=numpy.float32),
                "workload": numpy.array(observation["workload"], dtype=numpy.float32),
                "action_mask": info["action_mask"].copy(),
            }, info

    return Placement()
