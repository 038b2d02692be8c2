"""What envs/slurm/start and stop must never touch: folders and processes that are not theirs. No SLURM is needed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "envs" / "slurm"


def _run(name: str, home: Path) -> subprocess.CompletedProcess:
    environment = os.environ | {"GAITLOAD_SLURM": str(home)}
    return subprocess.run([SCRIPTS / name], env=environment, capture_output=True, text=True, timeout=60)


@pytest.fixture
def slurmd(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen]]:
    """Starts a process that has the name of a daemon, and sleeps."""
    if not shutil.which("ps") or sys.platform != "linux":
        pytest.skip("the scripts ask ps and /proc")
    daemon, running = tmp_path / "slurmd", []
    shutil.copy(shutil.which("sleep"), daemon)

    def start(**environment: str) -> subprocess.Popen:
        running.append(subprocess.Popen([daemon, "60"], env=environment))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()


def test_a_folder_with_something_else_is_not_removed(tmp_path: Path) -> None:
    thesis = tmp_path / "home" / "thesis.tex"
    thesis.parent.mkdir()
    thesis.write_text("ten years")
    done = _run("start", thesis.parent)
    assert done.returncode == 2 and "was not made by this" in done.stderr
    assert thesis.read_text() == "ten years"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs/slurm.conf").write_text("PluginDir=/tmp")
    (tmp_path / "home").symlink_to(tmp_path / "theirs")
    done = _run("stop", tmp_path / "home")
    assert done.returncode == 2 and "is a link" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_not_obeyed(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    os.chown(tmp_path / "home", 65534, 65534)
    done = _run("stop", tmp_path / "home")
    assert done.returncode == 2 and "belongs to somebody else" in done.stderr


def test_the_daemon_of_another_slurm_lives_on(tmp_path: Path, slurmd) -> None:
    home = tmp_path / "home"
    (home / "run").mkdir(parents=True)
    ours, theirs = slurmd(SLURM_CONF=f"{home}/slurm.conf"), slurmd(SLURM_CONF="/etc/slurm/slurm.conf")
    (home / "run/slurmd.n1.pid").write_text(f"{ours.pid}\n")
    (home / "run/slurmd.n2.pid").write_text(f"{theirs.pid}\n")
    stopping = subprocess.Popen([SCRIPTS / "stop"], env=os.environ | {"GAITLOAD_SLURM": str(home)})
    assert ours.wait(timeout=30) == -15
    assert stopping.wait(timeout=30) == 0
    assert theirs.poll() is None
