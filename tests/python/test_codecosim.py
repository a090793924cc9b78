"""The Python package against the program: CODECOSIM_PROGRAM and CODECOSIM_SOURCE say where both are."""

import importlib.util
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["CODECOSIM_SOURCE"])
PROGRAM = os.environ["CODECOSIM_PROGRAM"]
QUICK = str(SOURCE / "scenarios/library/quickstart.json")
sys.path.insert(0, str(SOURCE / "python"))

import codecosim  # noqa: E402


def environment(**more):
    return codecosim.Environment(QUICK, program=PROGRAM, max_rows=16, settings={"/duration": "60 s", "/warmup": "1 s"}, **more)


def play(env, seed=None):
    """An episode of an agent that chooses at random what makes sense: observations, rewards, and what came of it."""
    rng = random.Random(7)
    observation, info = env.reset(seed=seed)
    seen, rewards, truncated = [observation], [], False
    while not truncated:
        choices = [action for action, allowed in enumerate(info["action_mask"]) if allowed]
        observation, reward, terminated, truncated, info = env.step(rng.choice(choices))
        assert not terminated
        seen.append(observation)
        rewards.append(reward)
    return seen, rewards, info


def children():
    """The numbers of this process's children that are codecosim, also of those that are over and not waited for."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            before, after = stat.read_text().rsplit(")", 1)
        except OSError:  # It has just ended.
            continue
        if before.endswith("(codecosim") and int(after.split()[1]) == os.getpid():
            found.append(before)
    return found


def run(*arguments):
    done = subprocess.run([PROGRAM, "run", QUICK, "--no-output", "--format", "json", *arguments], capture_output=True, text=True)
    return done, json.loads(done.stdout)["manifest"] if done.returncode == 0 else None


class EnvironmentTest(unittest.TestCase):
    def test_random_agent_plays_to_the_end(self):
        with codecosim.Environment(QUICK, program=PROGRAM, max_rows=16) as env:
            seen, rewards, info = play(env)
        # Ten applications of two components, and what the faults of edge-3 bring.
        self.assertGreaterEqual(len(rewards), 20)
        external = info["manifest"]["external"]["placement"]
        self.assertEqual(external["answered"], external["asked"])
        self.assertEqual(info["summary"]["placement.decisions"]["value"], len(rewards))
        # The mask is at least as strict as codecosim.
        self.assertEqual(info["summary"]["placement.refused"]["value"], 0)
        self.assertGreater(info["summary"]["requests.completed"]["value"], 10000)
        for observation in seen:
            self.assertEqual(len(observation["rows"]), 16)
            self.assertTrue(all(len(row) == 7 for row in observation["rows"]))
            self.assertEqual((len(observation["workload"]), len(observation["action_mask"])), (4, 17))

    def test_same_seed_same_episode_and_another_otherwise(self):
        with environment() as env:
            first = play(env, seed=5)
            again = play(env, seed=5)
            other = play(env, seed=6)
            following = play(env)
        self.assertEqual(first[0], again[0])
        self.assertEqual(first[1], again[1])
        fingerprints = [episode[2]["manifest"]["fingerprint"] for episode in (first, again, other, following)]
        self.assertEqual(fingerprints[0], fingerprints[1])
        self.assertEqual(len(set(fingerprints)), 3)
        self.assertEqual([following[2]["manifest"][key] for key in ("seed", "replication")], [6, 1])

    def test_two_side_by_side(self):
        with codecosim.VectorEnvironment(lambda index: environment(), 2) as both:
            observations, infos = both.reset(seed=3)
            self.assertEqual(len(observations), 2)
            self.assertEqual(len(children()), 2)
            ended = [0, 0]
            rng = random.Random(1)
            for _ in range(50):
                actions = [rng.choice([a for a, ok in enumerate(info["action_mask"]) if ok]) for info in infos]
                observations, rewards, terminated, truncated, infos = both.step(actions)
                for index, over in enumerate(truncated):
                    if over:
                        ended[index] += 1
                        self.assertEqual(infos[index]["manifest"]["seed"], 3 + index)
                if min(ended) >= 2:
                    break
            self.assertGreaterEqual(min(ended), 2)
        self.assertEqual(children(), [])

    def test_close_leaves_no_process(self):
        env = environment()
        env.reset()
        self.assertEqual(len(children()), 1)
        env.close()
        self.assertEqual(children(), [])
        env.close()
        env.reset()
        del env
        self.assertEqual(children(), [])

    def test_mistakes(self):
        env = codecosim.Environment("/nowhere.json", program=PROGRAM)
        with self.assertRaisesRegex(RuntimeError, "ended with 3"):
            env.reset()
        with self.assertRaisesRegex(RuntimeError, "reset"):
            env.step(0)
        with environment() as env:
            env.reset()
            with self.assertRaisesRegex(ValueError, "from 0 to 16"):
                env.step(17)

    # The pipe's other end is played by this script: codecosim need not give feedback for it.
    def test_reward_is_what_feedback_says(self):
        script = """
import json, sys
def say(m): print(json.dumps(m), flush=True)
row = dict(cpu_free_cores=2, largest_cpu_free_cores=2, memory_free_bytes=8, largest_memory_free_bytes=8, pods=0, max_pods=9,
           cpu_busy_cores=0, client_latency_s=0.01, components=[], images=[], age_s=0)
workload = dict(cpu_cores=1.5, memory_bytes=4, image_bytes=0, image=0, allowed=None, current=None)
rows = [dict(row, client_latency_s=r / 10) for r in (3, 1, 2)]
say({"type": "hello", "protocol": 1}); assert json.loads(sys.stdin.readline())["feedback_after_s"] == 12
for number in (1, 2, 3, 4):
    say({"type": "problem", "number": number, "workloads": [workload, workload], "rows": rows})
    answer = json.loads(sys.stdin.readline())
    assert answer["number"] == number and [a["target"] for a in answer["assignments"]] == [1, 2], answer
    if number < 4:
        say({"type": "feedback", "number": number, "answers": 10 * (number < 3), "misses": number, "ready": 0.5, "latency_s": 0.1,
             "span_s": 12})
say({"type": "end", "manifest": {}, "summary": {}})
"""
        with codecosim.Environment("x", program=[sys.executable, "-c", script], max_rows=2, feedback_after=12) as env:
            _, info = env.reset()
            self.assertEqual(info["rows"], [1, 2])  # the two that are nearest, of three
            self.assertEqual(info["action_mask"], [1, 1, 0])
            for number, expected, unknown in ((1, -0.6, []), (2, -0.7, []), (3, 0, [3]), (4, 0, [4])):
                observation, reward, _, truncated, info = env.step(0)
                # The first has taken 1.5 of 2 cores; nothing is decided before the second is placed.
                self.assertEqual((reward, truncated, info["action_mask"]), (0, False, [0, 1, 0]))
                self.assertEqual(observation["rows"][0][0], 0.5)
                observation, reward, terminated, truncated, info = env.step(1)
                self.assertAlmostEqual(reward, expected)
                self.assertEqual([message["number"] for message in info["feedback"]], [number] * (number < 4))
                self.assertEqual(info["unknown"], unknown)
            self.assertEqual((terminated, truncated), (False, True))

    @unittest.skipUnless(importlib.util.find_spec("gymnasium"), "gymnasium is missing (pip install gymnasium)")
    def test_gymnasium(self):
        import gymnasium
        from gymnasium.utils.env_checker import check_env

        codecosim.register()
        env = gymnasium.make("codecosim/Placement-v0", scenario=QUICK, program=PROGRAM)
        check_env(env.unwrapped, skip_render_check=True)
        env.close()
        self.assertEqual(children(), [])


class ServeTest(unittest.TestCase):
    def test_example_decides_as_nearest(self):
        done, manifest = run("--policy", f"exec:{sys.executable} {SOURCE / 'examples/python/my_policy.py'}")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(manifest["fingerprint"], run("--policy", "nearest")[1]["fingerprint"])
        external = manifest["external"]["placement"]
        self.assertEqual(external["answered"], external["asked"])

    def test_hooks_and_prints(self):
        with tempfile.TemporaryDirectory() as folder:
            script = pathlib.Path(folder, "policy.py")
            script.write_text(
                f"""
import sys
sys.path.insert(0, {str(SOURCE / 'python')!r})
import codecosim
class Policy:
    def begin(self, hello): print("begin", hello["scenario"])
    def place(self, problem): print("place"); return [None for _ in problem["workloads"]]
    def learn(self, feedback): pass
    def end(self, end): print("end", end["manifest"]["scenario"])
codecosim.serve(Policy())
"""
            )
            done, manifest = run("--until", "1s", "--policy", f"exec:{sys.executable} {script}")
        self.assertEqual(done.returncode, 0, done.stderr)
        said = done.stderr.split("\n")
        self.assertEqual((said[0], said[1], said[-2]), ("begin quickstart", "place", "end quickstart"))
        self.assertEqual(manifest["external"]["placement"]["garbage"], 0)


if __name__ == "__main__":
    unittest.main()
