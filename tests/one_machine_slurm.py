"""A real SLURM on this machine for as long as a test needs it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

SCRIPTS = Path(__file__).resolve().parents[1] / "envs" / "slurm"
NODES = 2
OPTIONS = (
    "--workflow-profile",
    str(SCRIPTS.parents[1] / "workflow/profiles/slurm"),
    # There is no accounting here to be asked, nor a network file system to be waited for.
    "--slurm-status-command",
    "squeue",
    "--slurm-init-seconds-before-status-checks",
    "2",
    "--latency-wait",
    "5",
)
"""Options of Snakemake that send its jobs there."""


@dataclass(frozen=True)
class Slurm:
    """A SLURM that runs.

    Attributes
    ----------
    home : Path
        Folder that `envs/slurm/start` filled.
    environment : dict of str to str
        What clients need to find it.
    """

    home: Path
    environment: dict[str, str]

    @property
    def controller(self) -> int:
        """Process id of slurmctld."""
        return int((self.home / "run/slurmctld.pid").read_text())

    def ask(self, *command: str, timeout_s: float = 60) -> str:
        """What a client says."""
        asked = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=timeout_s, check=True
        )
        return asked.stdout

    def restart_controller(self) -> None:
        """Start slurmctld from the state that it left, as an administrator would after a crash."""
        self.ask("slurmctld")

    def jobs(self) -> list[dict[str, str]]:
        """Every job that has ended, in the order of their ends, by the names that SLURM gives their properties."""
        text = (self.home / "log/jobs.txt").read_text()
        return [dict(re.findall(r"(\w+)=(\S*)", line)) for line in text.splitlines()]


def missing() -> str:
    """The first program that is not installed here, or nothing."""
    programs = ("munged", "slurmctld", "slurmd", "sbatch", "ps")
    return next((name for name in programs if not shutil.which(name, path=_path())), "")


@contextmanager
def running(home: Path) -> Iterator[Slurm]:
    """Start SLURM in a folder, and stop it in the end; raises `CalledProcessError` where it does not come up."""
    own = {"GAITLOAD_SLURM": str(home), "GAITLOAD_SLURM_PORT": str(_free_ports(NODES + 1)), "PATH": _path()}
    environment = os.environ | own
    started = subprocess.run(
        [SCRIPTS / "start", str(NODES)], env=environment, capture_output=True, text=True, timeout=120
    )
    try:
        started.check_returncode()
        said = shlex.split(started.stdout.replace('"$PATH"', shlex.quote(_path())))
        yield Slurm(home, environment | dict(word.split("=", 1) for word in said[1:]))
    finally:
        subprocess.run([SCRIPTS / "stop"], env=environment, timeout=120, check=True)


def _path() -> str:
    return os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])


def _free_ports(count: int) -> int:
    """The first of some consecutive ports of 127.0.0.1 that nobody uses; each process looks from a place of its own."""
    for first in range(20000 + os.getpid() % 4000 * count, 60000, count):
        with ExitStack() as stack:
            try:
                for port in range(first, first + count):
                    stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
            except OSError:
                continue
            return first
    raise OSError("no free ports")
