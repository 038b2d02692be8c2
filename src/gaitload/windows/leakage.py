"""Nobody is tested on what was seen: checked for every fold by subjects and frames, and written down as hashes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np

from gaitload.errors import ContractError
from gaitload.windows.slicing import Windows

SEEN = ("train", "validation", "calibration", "calibration_validation", "normaliser")
"""Parts that a model has seen before it is tested."""


def covered(windows: Windows, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Frames that some windows touch: trial (`cohort/participant/trial`) -> bool, shape (T,)."""
    frames: dict[str, np.ndarray] = {}
    for row in rows:
        trial = windows.trials[windows.trial[row]]
        mask = frames.setdefault(trial.where, np.zeros(len(trial.time_s), dtype=bool))
        start, stop = windows.frames[row]
        mask[start:stop] = True
    return frames


def evidence(windows: Windows, parts: Mapping[str, np.ndarray]) -> dict[str, dict]:
    """Who and what is in each part of a fold: counts, and SHA-256 of subjects and of frames.

    Equal hashes are equal sets; the order of windows does not count.
    """
    return {name: _evidence(windows, rows) for name, rows in parts.items()}


def _evidence(windows: Windows, rows: np.ndarray) -> dict:
    subjects = sorted(set(windows.subjects[rows])) if len(rows) else []
    frames = covered(windows, rows)
    digest = hashlib.sha256()
    for where in sorted(frames):
        digest.update(where.encode() + b"\n" + np.packbits(frames[where]).tobytes())
    return {
        "windows": len(rows),
        "frames": int(sum(mask.sum() for mask in frames.values())),
        "subjects": subjects,
        "subjects_sha256": hashlib.sha256("\n".join(subjects).encode()).hexdigest(),
        "frames_sha256": digest.hexdigest(),
    }


def require_no_leak(
    windows: Windows,
    parts: Mapping[str, np.ndarray],
    *,
    apart: tuple[tuple[str, str], ...],
    where: str,
    allowed: frozenset[str] = frozenset(),
) -> None:
    """Make sure that test frames were never seen, and that people are apart who should be.

    Parameters
    ----------
    parts
        Name -> rows of the windows: `test`, `SEEN`; `normaliser` are the rows it was in fact fitted to.
    apart
        Pairs of parts that may not share a subject.
    allowed
        Leaks that a protocol repeats on purpose, as `<part>-<part>`.

    Raises
    ------
    ContractError
        LEAK_SUBJECTS: names the parts and who is in both; LEAK_FRAMES: names the parts and the trials.
    """
    empty = np.array([], dtype=int)
    for first, second in apart:
        both = sorted(set(windows.subjects[parts.get(first, empty)]) & set(windows.subjects[parts.get(second, empty)]))
        if both and f"{first}-{second}" not in allowed:
            raise _leak(first, second, f"{', '.join(both)} in both", where, "LEAK_SUBJECTS")
    masks = {name: covered(windows, rows) for name, rows in parts.items()}
    pairs = [*((part, "test") for part in SEEN), ("train", "validation"), ("calibration", "calibration_validation")]
    for first, second in pairs:
        if f"{first}-{second}" in allowed:
            continue
        ours, theirs = masks.get(first, {}), masks.get(second, {})
        shared = {trial: int((ours[trial] & theirs[trial]).sum()) for trial in ours.keys() & theirs.keys()}
        touched = [f"{count} frames of {trial}" for trial, count in sorted(shared.items()) if count]
        if touched:
            raise _leak(first, second, f"{', '.join(touched[:3])} in both", where, "LEAK_FRAMES")


def _leak(first: str, second: str, found: str, where: str, code: str) -> ContractError:
    return ContractError(
        expected=f"{first} and {second} apart",
        found=found,
        where=where,
        do="Correct the protocol: what it reports would not be the error on people or frames unseen.",
        code=code,
    )
