"""What this machine has for the jobs of a run."""

from __future__ import annotations

import os
from pathlib import Path

_CGROUP_LIMITS = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))


def memory_mb() -> int:
    """Memory (MB) that jobs may take: of the machine, or of the container or the job of SLURM around this process."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20]
    for path in _CGROUP_LIMITS:
        text = path.read_text().strip() if path.is_file() else ""
        limits += [int(text) // 2**20] if text.isdigit() else []
    granted = os.environ.get("SLURM_MEM_PER_NODE", "")
    limits += [int(granted)] if granted.isdigit() and int(granted) else []
    return min(limits)
