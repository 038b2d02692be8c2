"""What a machine has for the jobs of a run."""

from __future__ import annotations

import os

from gaitload.machine import memory_mb


def test_memory_is_that_of_the_machine_or_of_the_job_around(monkeypatch) -> None:
    monkeypatch.delenv("SLURM_MEM_PER_NODE", raising=False)
    whole = memory_mb()
    assert 0 < whole <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    monkeypatch.setenv("SLURM_MEM_PER_NODE", "100")
    assert memory_mb() == 100
    monkeypatch.setenv("SLURM_MEM_PER_NODE", "0")
    assert memory_mb() == whole, "to SLURM that is all there is"
