"""Sweeps through a real Slurm. CODECOSIM_PROGRAM says which program is tested; exit status 77: Slurm is not here."""

import json
import pathlib
import sys
import tempfile
import unittest

import cluster
from sweeps import recorded, sweep, table, write_plan


class SlurmTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.slurm = cls.enterClassContext(cluster.Cluster())

    def submit(self, *arguments, status=0):
        return sweep(*arguments, "--slurm", environment=self.slurm.environment, status=status)

    def job(self, *arguments):
        return json.loads(self.submit(*arguments, "--format", "json"))["job"]

    def test_array_tells_what_local_processes_tell(self):
        plan = write_plan(self.scratch / "short plan's.json", "30 s", 50)
        sweep(plan, "--out", self.scratch / "short", "--jobs", "2")
        # A name may hold all that sbatch replaces in the name of a log, or that a shell would read.
        out = self.scratch / """it's 50%j of "$(false)" %A #1"""
        said = self.submit(plan, "--out", out, "--tasks", "6")
        self.assertRegex(said, r"^placement: submitted job \d+, 6 tasks, for 200 of 200 runs\n")
        self.slurm.wait(said.split("job ")[1].split(",")[0])
        for task in range(1, 7):
            log = (out / f"slurm/{task}.log").read_text()
            self.assertRegex(log, rf"^job \d+_{task} on node, .*Z\nplacement: chunk {task}/6: 3[34] of 3[34] runs recorded, 0 failed\n")
        self.assertIn("200 runs done, 0 failed, 0 missing", sweep(plan, "--out", out, "--collect"))
        self.assertEqual(table(out), table(self.scratch / "short"))
        self.assertEqual(len(list((out / "journal").iterdir())), 6)
        self.assertIn("all 200 runs are recorded, nothing is submitted", self.submit(plan, "--out", out, "--tasks", "6"))

    def test_drained_cancelled_and_put_back_and_submitted_again_it_makes_each_run_once(self):
        plan = write_plan(self.scratch / "long.json", "600 s", 15)
        sweep(plan, "--out", self.scratch / "long", "--jobs", "2")
        out = self.scratch / "drained"
        first = self.job(plan, "--out", out, "--tasks", "4")

        def both_run():
            running = [task for task, state in self.slurm.states(first).items() if state == "RUNNING"]
            return len(running) == 2 and out.is_dir() and sum(recorded(out)[0].values()) >= 2 and running

        cancelled, put_back = self.slurm.wait_for(both_run, "two tasks to run")
        self.slurm.run("scontrol", "update", "nodename=node", "state=drain", "reason=test")
        self.slurm.run("scancel", cancelled)
        self.slurm.run("scontrol", "requeue", put_back)
        self.slurm.wait_for(lambda: set(self.slurm.states().values()) == {"PENDING"}, "both tasks to stop")
        self.assertIn("DRAIN", self.slurm.node())
        self.assertIn(put_back, self.slurm.states(first))

        done = sum(recorded(out)[0].values())
        self.assertIn(f"{done} runs done, 0 failed, {60 - done} missing", sweep(plan, "--out", out, "--collect", status=4))
        self.assertEqual(recorded(out)[1], {"done": done})  # those that ran when Slurm ended them are not recorded as failures
        self.assertTrue(2 <= done < 60)

        self.slurm.run("scontrol", "update", "nodename=node", "state=resume")
        again = json.loads(self.submit(plan, "--out", out, "--tasks", "3", "--format", "json"))
        self.assertEqual(again["after"], first)
        self.assertIn(f"Dependency=afterany:{first}", self.slurm.run("scontrol", "show", "job", again["job"]))
        self.slurm.wait(again["job"])
        self.assertIn("60 runs done, 0 failed, 0 missing", sweep(plan, "--out", out, "--collect"))
        self.assertEqual(table(out), table(self.scratch / "long"))
        self.assertEqual(set(recorded(out)[0].values()), {1})
        self.assertIn(f"job {put_back} on node", (out / f"slurm/{put_back.split('_')[1]}.log").read_text())

    def test_options_reach_slurm(self):
        plan = write_plan(self.scratch / "options.json", "1 s", 10)
        options = ["--partition", "test", "--account", "physics", "--time", "1:30:00", "--mem", "300M", "--cpus", "2"]
        job = self.job(plan, "--out", self.scratch / "options", "--tasks", "40", *options, "--sbatch=--hold", "--sbatch=--array=1-40%2")
        shown = self.slurm.run("scontrol", "show", "job", job)
        self.slurm.run("scancel", job)
        for field in ("JobName=placement", "Partition=test", "Account=physics", "TimeLimit=01:30:00", "MinMemoryNode=300M",
                      "CPUs/Task=2", "Requeue=1", "ArrayTaskId=1-40", "ArrayTaskThrottle=2", "Reason=JobHeldUser"):  # fmt: skip
            self.assertIn(field, shown)

    def test_tasks_without_runs_are_not_submitted(self):
        plan = write_plan(self.scratch / "few.json", "1 s", 1)
        said = json.loads(self.submit(plan, "--out", self.scratch / "few", "--tasks", "40", "--sbatch=--hold", "--format", "json"))
        self.slurm.run("scancel", said["job"])
        self.assertEqual(said["tasks"], 4)

    def test_what_sbatch_refuses_is_told_in_its_words(self):
        plan = write_plan(self.scratch / "refused.json", "1 s", 100)
        said = self.submit(plan, "--out", self.scratch / "refused", "--tasks", "200", status=5)
        self.assertRegex(said, "Invalid job array specification; .* MaxArraySize, and --tasks must be below it\n$")
        said = self.submit(plan, "--out", self.scratch / "a\\b", status=2)
        self.assertRegex(said, r"sbatch cannot write logs to .*/a\\b/slurm: it has a backslash in its name\n$")
        said = self.submit(plan, "--out", self.scratch / "refused", "--partition", "none", status=5)
        self.assertIn("sbatch: error: invalid partition specified: none\n", said)

    def test_task_with_a_failed_run_is_shown_as_failed(self):
        plan = write_plan(self.scratch / "late.json", "1000 d", 1, limits={"time": "100 ms"})
        job = self.job(plan, "--out", self.scratch / "late")
        self.slurm.wait(job)
        shown = self.slurm.run("scontrol", "show", "job", job)
        self.assertIn("JobState=FAILED", shown)
        self.assertIn("ExitCode=4:0", shown)
        self.assertIn("4 of 4 runs recorded, 4 failed", (self.scratch / "late/slurm/1.log").read_text())
        self.assertIn("0 runs done, 4 failed, 0 missing", sweep(plan, "--out", self.scratch / "late", "--collect", status=4))


if __name__ == "__main__":
    if cluster.missing():
        print("Skipped: not here are", ", ".join(cluster.missing()))
        sys.exit(77)
    unittest.main(verbosity=2)
