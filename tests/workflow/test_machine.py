"""What a machine does to a run: a full disk, a folder that cannot be written to, a file that goes during the run."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from tests.kill import products

VANISHING = """
import pathlib

FACTOR = 1
pathlib.Path("recordings/anna/walk2.txt").unlink(missing_ok=True)
"""


WATCHED = """
import os, pathlib, time

FACTOR = 1
here, own = pathlib.Path(), pathlib.Path(f"running.{os.getpid()}")
own.touch()
end = time.time() + 120
while len(list(here.glob("running.*"))) < WANTED and not list(here.glob("watched.*")) and time.time() < end:
    time.sleep(0.1)
time.sleep(5)
together = len(list(here.glob("running.*")))
threads = [os.environ[f"{name}_NUM_THREADS"] for name in ("OMP", "OPENBLAS", "MKL")]
pathlib.Path(f"watched.{os.getpid()}").write_text(f"{together} {' '.join(threads)}")
own.unlink()
"""
"""Waits for as many as should run together, and leaves one more the time to join them."""


@contextmanager
def _mounted(folder: Path, *options: str) -> Iterator[None]:
    done = subprocess.run(["mount", *options, folder], capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", folder], check=True)


@contextmanager
def _read_only(folder: Path) -> Iterator[None]:
    """Without the right to write: to root, only a file system can refuse."""
    if os.geteuid():
        modes = {path: path.stat().st_mode for path in (folder, *folder.rglob("*"))}
        for path, mode in modes.items():
            path.chmod(mode & ~0o222)
        try:
            yield
        finally:
            for path, mode in modes.items():
                path.chmod(mode)
        return
    with _mounted(folder, "--bind", folder):
        subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)
        yield


def _verdicts(results: Path) -> dict[str, str]:
    table = pd.read_csv(results / "quality/toy.tsv", sep="\t", keep_default_na=False)
    return dict(zip(table["participant"] + "/" + table["trial"], table["verdict"], strict=True))


def test_on_a_full_disk_one_trial_fails_and_the_others_are_finished(project) -> None:
    small = project.root / "small"
    small.mkdir()
    with _mounted(small, "-t", "tmpfs", "-o", "size=1m", "tmpfs"):
        (project.root / "recordings/anna/walk2.txt").write_text("x" * 2_000_000)
        said = project.snakemake("ingest", check=False, results_dir="small", shard_trials="4")
        assert "SHARD_INCOMPLETE" in said
        assert "anna/walk2" in said and "No space left on device" in said
        made = products(small)
        for trial in ("anna/walk1", "anna/run1", "ben/walk1"):
            assert f"ingest/toy/{trial}.txt" in made
        assert not [name for name in made if "walk2" in name]
        (project.root / "recordings/anna/walk2.txt").write_text("shorter")
        project.snakemake("ingest", results_dir="small", shard_trials="4")
        log = (small / "logs/ingest/toy/anna/1.log").read_text()
        assert log.count("(unchanged)") == 2
        assert made.items() <= products(small).items()


def test_results_that_cannot_be_written_to_stay_as_they_are_and_it_is_said(project) -> None:
    results = project.root / "results"
    before = products(results)
    project.edit("src/gaitload/toys/numbers_labels.py", "FACTOR = 1", "FACTOR = 2")
    with _read_only(results):
        said = project.snakemake(check=False)
    assert "Write-protected output files for rule" in said
    assert products(results) == before
    project.snakemake()
    assert (results / "labels/toy/ben/walk1.txt").read_text().startswith("2 ")


def test_a_recording_that_goes_during_the_run_fails_its_job_and_the_rest_is_finished(project) -> None:
    results = project.root / "results"
    project.edit("src/gaitload/toys/numbers_ingest.py", "FACTOR = 1", VANISHING)
    kept = (results / "labels/toy/anna/walk2.txt").read_bytes()
    said = project.snakemake(check=False)
    assert "SHARD_INCOMPLETE" in said
    assert "anna/walk2: expected all input files; found no" in said and "recordings/anna/walk2.txt" in said
    assert (results / "labels/toy/anna/walk2.txt").read_bytes() == kept
    assert "ben/walk1 labels passed" in (results / "logs/labels/toy/ben/1.log").read_text()
    (project.root / "recordings/anna/walk2.txt").write_text("anna walk2")
    project.edit("src/gaitload/toys/numbers_ingest.py", VANISHING.strip().splitlines()[-1], "")
    project.snakemake()
    assert set(_verdicts(results).values()) == {"passed"}


@pytest.mark.parametrize(("cores", "memory_mb", "together"), [("2", "9000", 2), ("64", "9000", 3), ("64", "4000", 2)])
def test_many_cores_take_as_many_jobs_as_memory_allows_with_a_thread_each(
    project, cores: str, memory_mb: str, together: int
) -> None:
    """Inverse kinematics has three jobs, and asks for 1500 MB."""
    expected = products(project.root / "results")
    project.edit("src/gaitload/toys/numbers_kinematics.py", "FACTOR = 1", WATCHED.replace("WANTED", str(together)))
    node = replace(project, cores=("--resources", f"mem_mb={memory_mb}", "--cores", cores))
    node.snakemake("labels", results_dir="new")
    watched = [path.read_text().split() for path in project.root.glob("watched.*")]
    assert max(int(seen) for seen, *_ in watched) == together
    assert [threads for _, *threads in watched] == [["1", "1", "1"]] * 3
    made = {name: sha for name, sha in products(project.root / "new").items() if name.startswith("labels/")}
    assert {name: sha for name, sha in made.items() if name.endswith(".txt")} == {
        name: sha for name, sha in expected.items() if name.startswith("labels/") and name.endswith(".txt")
    }


def test_without_an_option_all_cores_and_the_memory_of_the_machine_are_taken(project) -> None:
    project.edit("recordings/anna/walk2.txt", "anna walk2", "recorded again")
    replace(project, cores=()).snakemake("ingest")
    said = max((project.root / ".snakemake" / "log").glob("*.log")).read_text()
    assert f"Provided cores: {len(os.sched_getaffinity(0))}" in said
    (memory,) = re.findall(r"Provided resources:.*mem_mb=\D*(\d+)", said)
    assert 0 < int(memory) <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**20
