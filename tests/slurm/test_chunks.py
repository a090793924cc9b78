"""Chunks of a sweep under GNU parallel, or started by anything else. CODECOSIM_PROGRAM says which program is tested."""

import pathlib
import shutil
import signal
import os
import subprocess
import tempfile
import time
import unittest

from sweeps import PROGRAM, recorded, sweep, table, write_plan


def children(process):
    return list(map(int, pathlib.Path(f"/proc/{process}/task/{process}/children").read_text().split()))


class ChunksTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.plan = write_plan(cls.scratch / "plan.json", "30 s", 20)
        sweep(cls.plan, "--out", cls.scratch / "local", "--jobs", "2")

    def check(self, out, missing_before=False):
        self.assertIn("80 runs done, 0 failed, 0 missing", sweep(self.plan, "--out", out, "--collect"))
        self.assertEqual(table(out), table(self.scratch / "local"))

    @unittest.skipUnless(shutil.which("parallel"), "GNU parallel is not here")
    def test_gnu_parallel(self):
        out = self.scratch / "parallel"
        chunks = map(str, range(1, 9))
        command = ["parallel", "--will-cite", "--jobs", "2", PROGRAM, "sweep", self.plan, "--chunk", "{}/8", "--out", str(out), "--jobs", "1"]
        subprocess.run([*command, ":::", *chunks], check=True, capture_output=True, timeout=300)
        self.check(out)
        self.assertEqual(set(recorded(out)[0].values()), {1})

    def test_processes_that_begin_a_sweep_at_once(self):
        for attempt in range(3):
            out = self.scratch / f"at-once-{attempt}"
            all_of_it = [subprocess.Popen([PROGRAM, "sweep", self.plan, "--chunk", f"{k}/80", "--out", out, "--jobs", "1"],
                                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for k in range(1, 9)]  # fmt: skip
            self.assertEqual([one.communicate()[1] for one in all_of_it], [b""] * 8)
            self.assertEqual([one.returncode for one in all_of_it], [0] * 8)
            self.assertEqual(len(recorded(out)[0]), 8)

    def test_the_same_chunk_twice_at_once_does_no_harm(self):
        out = self.scratch / "twice"
        both = [subprocess.Popen([PROGRAM, "sweep", self.plan, "--chunk", "1/2", "--out", out, "--jobs", "1"], stdout=subprocess.DEVNULL)
                for _ in range(2)]  # fmt: skip
        self.assertEqual([one.wait(300) for one in both], [0, 0])
        self.assertIn("40 runs done, 0 failed, 40 missing", sweep(self.plan, "--out", out, "--collect", status=4))
        sweep(self.plan, "--out", out, "--chunk", "2/2")
        self.check(out)

    def test_a_chunk_that_finds_nothing_to_do_leaves_no_file(self):
        out = self.scratch / "idle"
        sweep(self.plan, "--out", out, "--chunk", "1/40")
        self.assertIn("2 of 2 runs recorded, 0 failed", sweep(self.plan, "--out", out, "--chunk", "1/40"))
        self.assertEqual(sweep(self.plan, "--out", out, "--chunk", "1/40", "--format", "json").count('"recorded":2'), 1)
        self.assertEqual(len(list((out / "journal").iterdir())), 1)

    def test_what_is_told_to_end_is_not_recorded_as_a_failure(self):
        # A scheduler tells all processes of a task, in any order.
        out, plan = self.scratch / "told", write_plan(self.scratch / "long.json", "1000 d", 1)
        process = subprocess.Popen([PROGRAM, "sweep", plan, "--chunk", "1/1", "--out", out, "--jobs", "2"], stdout=subprocess.PIPE, text=True)
        end = time.monotonic() + 60
        while len(children(process.pid)) < 2 or not out.is_dir():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.05)
        time.sleep(0.5)
        runs = children(process.pid)
        for one in runs:
            os.kill(one, signal.SIGTERM)
        time.sleep(0.5)
        self.assertEqual(children(process.pid), runs)  # they leave it to their parent
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=30)[0]
        self.assertEqual(process.returncode, 130)
        self.assertIn("placement: chunk 1/1: 0 of 4 runs recorded, 0 failed\n  interrupted; the same command goes on\n", said)
        self.assertEqual(sum(recorded(out)[0].values()), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
