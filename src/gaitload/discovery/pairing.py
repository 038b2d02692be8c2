"""Which file of forces belongs to which file of markers: by clocks, by names, and by whether forces lie under feet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import numpy as np

from gaitload.conventions import AXES
from gaitload.discovery.files import ForceFile, forces_of, vertical_n
from gaitload.discovery.words import meaningful
from gaitload.errors import GaitloadError
from gaitload.io.clock import on_clock_of
from gaitload.signals.plates import center_of_pressure
from gaitload.trial import PlateWrench, Recording

UNDER_FOOT_MAX_M = 0.15
"""From the centre of pressure to the nearest marker on the feet: soles have markers at both ends, 0.25 m apart."""
_OVERLAP_MIN = 0.6
_SHORTLIST = 4
_RIVAL_M = 0.02
_LOW_BAND_M = 0.25


@dataclass(frozen=True)
class Pair:
    """A file of forces for a recording.

    Attributes
    ----------
    file : str
    length_unit : str
        Of points and torques, `m` or `mm`: the one with which forces lie under feet.
    under_foot_m : float
        Median distance of the centre of pressure from the nearest marker of the feet; NaN where nothing is loaded.
    rivals : tuple of str
        Other files that fit as well.
    time_s : ndarray, shape (N,)
    plates : tuple of PlateWrench
    """

    file: str
    length_unit: str
    under_foot_m: float
    rivals: tuple[str, ...]
    time_s: np.ndarray
    plates: tuple[PlateWrench, ...]


def pair_forces(folder: Path, file: str, recording: Recording, candidates: Sequence[ForceFile], up: str) -> Pair | None:
    """The file of forces of a recording, or None where no file fits its clock.

    Files whose clock overlaps are ordered by shared parts of names, then by how well the clocks agree. Of the first few
    those count whose forces lie under the feet: the one most alike in name, and of these the nearest to the feet.
    """
    span = float(recording.marker_time_s[0]), float(recording.marker_time_s[-1])
    fitting = [one for one in candidates if _overlap(span, one) >= _OVERLAP_MIN]
    ordered = sorted(
        fitting, key=lambda one: (-likeness(file, one.file), abs(one.start_s - span[0]) + abs(one.end_s - span[1]))
    )
    tried = [pair for one in ordered[:_SHORTLIST] if (pair := _tried(folder, one.file, recording, up))]
    if not tried:
        return None
    under = [pair for pair in tried if pair.under_foot_m <= UNDER_FOOT_MAX_M]
    best, *rest = sorted(under, key=lambda pair: (-likeness(file, pair.file), pair.under_foot_m)) or tried
    rivals = [
        pair.file
        for pair in rest
        if under
        and likeness(file, pair.file) == likeness(file, best.file)
        and pair.under_foot_m < best.under_foot_m + _RIVAL_M
    ]
    return replace(best, rivals=tuple(rivals))


def candidates_for(file: str, files: Sequence[str], forces: Sequence[ForceFile]) -> list[ForceFile]:
    """Files of forces that may belong to a file of markers: those that are not the namesakes of other ones alone.

    Parameters
    ----------
    file : str
        Whose forces are wanted.
    files : sequence of str
        All files of markers.
    forces : sequence of ForceFile
    """
    found = []
    for force in forces:
        alike = {one for one in files if likeness(one, force.file) == 1.0}
        if not alike or file in alike:
            found.append(force)
    return found


def likeness(first: str, second: str) -> float:
    """Share of the meaningful words and numbers of two paths that both have; folders count with their files."""
    a, b = (set(meaningful(PurePosixPath(name).with_suffix("").as_posix())) for name in (first, second))
    return len(a & b) / len(a | b) if a | b else 0.0


def under_foot_m(recording: Recording, time_s: np.ndarray, plates: Sequence[PlateWrench], up: str) -> float:
    """Median distance, along the floor, from the centre of pressure to the nearest low marker; NaN without load."""
    axis = AXES.index(up[1])
    level = [index for index in range(3) if index != axis]
    height = recording.marker_lab_m[..., axis] * (1.0 if up[0] == "+" else -1.0)
    low = height < np.where(np.isnan(height), np.inf, height).min(axis=1, keepdims=True) + _LOW_BAND_M
    distances = []
    for plate in plates:
        upward, surface = vertical_n(plate, up), plate.surface_lab_m
        if upward.max() < 100.0 or surface is None:
            continue
        cop, _ = center_of_pressure(plate.force_lab_n, plate.moment_lab_nm, float(surface[axis]), axis)
        at = np.searchsorted(time_s, recording.marker_time_s)
        frames = np.flatnonzero((at < len(time_s)) & (upward[np.minimum(at, len(time_s) - 1)] > 0.4 * upward.max()))
        if not len(frames):
            continue
        apart = recording.marker_lab_m[frames][..., level] - cop[at[frames]][:, None][..., level]
        gap = np.where(low[frames], np.linalg.norm(apart, axis=-1), np.inf)
        distances.append(np.where(np.isnan(gap), np.inf, gap).min(axis=1))
    pooled = np.concatenate(distances) if distances else np.empty(0)
    return float(np.median(pooled)) if len(pooled) else float("nan")


def _tried(folder: Path, file: str, recording: Recording, up: str) -> Pair | None:
    best = None
    for unit in ("m", "mm"):
        try:
            time_s, plates = forces_of(folder, file, length_unit=unit)
        except GaitloadError:
            return None
        time_s, _ = on_clock_of(recording.marker_time_s, time_s)
        distance = under_foot_m(recording, time_s, plates, up)
        if best is None or distance < best.under_foot_m:
            best = Pair(file, unit, distance, (), time_s, plates)
        if distance <= UNDER_FOOT_MAX_M:
            break
    return best


def _overlap(span: tuple[float, float], force: ForceFile) -> float:
    (start_s, end_s), _ = on_clock_of(np.array(span), np.array([force.start_s, force.end_s]))
    shared = min(span[1], end_s) - max(span[0], start_s)
    return float(shared / max(span[1] - span[0], end_s - start_s, 1e-9))
