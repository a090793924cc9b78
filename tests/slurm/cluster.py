"""A Slurm cluster of one node on this machine, with its own munge, for tests: nothing of it outlives the `with` it is made in."""

import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue", "scancel", "scontrol")


def find(program):
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


def missing():
    return [program for program in PROGRAMS if not find(program)]


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class Cluster:
    """`with Cluster() as cluster:` two processors, one partition `test`. `cluster.environment` leads Slurm's commands to it."""

    def __enter__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="slurm-"))
        self.folder.chmod(0o755)  # munge's socket must be reachable
        self.daemons = []
        try:
            self._configure()
            self._munge()
            self._start("slurmctld", "-D", "-i")
            self._start("slurmd", "-D", "-N", "node")
            self.wait_for(lambda: "State=IDLE" in self.node(), "the node to be idle", 30)
        except BaseException:
            print(self.logs())
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if any(name == "slurmctld" and daemon.poll() is None for name, daemon in self.daemons):
            self.run("scancel", "--full", "--signal=KILL", *self._jobs(), check=False)
            self.run("scancel", *self._jobs(), check=False)
        for _, daemon in reversed(self.daemons):
            daemon.terminate()
        for _, daemon in reversed(self.daemons):
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        self._end_the_rest()
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, program, *arguments, check=True):
        """One of Slurm's commands: what it prints."""
        done = subprocess.run([find(program), *arguments], env=self.environment, capture_output=True, text=True, timeout=60)
        if check and done.returncode != 0:
            raise AssertionError(f"{program} {' '.join(arguments)}: {done.stderr}{self.logs()}")
        return done.stdout

    def node(self):
        return self.run("scontrol", "show", "node", "node", check=False)

    def states(self, job=None):
        """The states of the tasks that are in the queue, by name."""
        which = ["--job", job] if job else []
        lines = self.run("squeue", "--noheader", "--array", "--format=%i %T", *which, check=False).split("\n")
        return dict(line.split() for line in lines if line)

    def wait(self, job, seconds=120):
        self.wait_for(lambda: not self.states(job), f"job {job} to end", seconds)

    def wait_for(self, holds, what, seconds=60):
        """What `holds` says once that is true."""
        end = time.monotonic() + seconds
        while not (found := holds()):
            for name, daemon in self.daemons:
                if daemon.poll() is not None:
                    raise AssertionError(f"{name} has ended\n{self.logs()}")
            if time.monotonic() > end:
                raise AssertionError(f"waited {seconds} s for {what}\n{self.states()}\n{self.node()}\n{self.logs()}")
            time.sleep(0.1)
        return found

    def logs(self):
        files = sorted(self.folder.glob("*.log"))
        return "".join(f"--- {file.name}\n" + "\n".join(file.read_text(errors="replace").split("\n")[-40:]) for file in files)

    def _configure(self):
        user, host = subprocess.check_output(["id", "-un"], text=True).strip(), socket.gethostname().split(".")[0]
        controller, node = free_ports(2)
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        (self.folder / "slurm.conf").write_text(f"""\
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
# A task that is put back into the queue waits until the permission for its first start has expired.
AuthInfo=socket={self.folder}/munge.socket,cred_expire=5
StateSaveLocation={self.folder}/state
SlurmdSpoolDir={self.folder}/spool
SlurmctldPidFile={self.folder}/slurmctld.pid
SlurmdPidFile={self.folder}/slurmd.pid
SlurmctldLogFile={self.folder}/slurmctld.log
SlurmdLogFile={self.folder}/slurmd.log
# Of a machine without systemd and without control groups that may be written to.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
MpiDefault=none
ReturnToService=2
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0
KillWait=5
MinJobAge=60
MaxArraySize=101
NodeName=node NodeHostname={host} NodeAddr=127.0.0.1 Port={node} CPUs=2 RealMemory=1000
PartitionName=test Nodes=node Default=YES MaxTime=INFINITE
""")
        version = subprocess.check_output([find("slurmd"), "-V"], text=True)
        if tuple(map(int, re.findall(r"\d+", version)[:2])) >= (24, 5):  # earlier ones do not know the word
            (self.folder / "cgroup.conf").write_text("CgroupPlugin=disabled\n")
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(("SLURM", "SBATCH", "SQUEUE"))}
        self.environment["SLURM_CONF"] = str(self.folder / "slurm.conf")

    def _munge(self):
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        files = {"socket": "munge.socket", "key-file": "munge.key", "pid-file": "munge.pid", "seed-file": "munge.seed"}
        options = [f"--{option}={self.folder / name}" for option, name in files.items()]
        self._start("munged", "--foreground", "--force", "--num-threads=1", *options)
        self.wait_for((self.folder / "munge.socket").exists, "munge", 10)

    def _start(self, program, *arguments):
        log = (self.folder / f"{program}-said.log").open("wb")
        with log:
            daemon = subprocess.Popen([find(program), *arguments], env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.daemons.append((program, daemon))

    def _jobs(self):
        return sorted({name.split("_")[0] for name in self.states()})

    def _end_the_rest(self):
        """slurmd's helpers and what they run, which outlive it; ours is what has our slurm.conf in its environment."""
        mark = f"SLURM_CONF={self.folder}/slurm.conf".encode()
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if int(process.name) != os.getpid() and mark in (process / "environ").read_bytes().split(b"\0"):
                    os.kill(int(process.name), signal.SIGKILL)
            except OSError:  # it has ended, or is somebody else's
                continue
