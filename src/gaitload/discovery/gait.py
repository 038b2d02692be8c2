"""What a recording shows without anybody's word: what is up, who stands, walks or runs, how fast, on a belt or not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitload.conventions import AXES, STANDARD_GRAVITY_M_PER_S2
from gaitload.discovery.files import vertical_n
from gaitload.signals.contact import loaded
from gaitload.signals.runs import true_runs
from gaitload.trial import PlateWrench, Recording

STILL_MAX_M = 0.08
"""How far markers of somebody who stands may go: sway is 1 to 3 cm, a step more than half a metre."""
LOADED_MIN_N = 50.0
DUTY_RUN_MAX = 0.5
"""Share of a stride that a foot is on the floor: walking is above one half by definition, running below."""
CONTACT_RUN_MAX_S = 0.42
"""Longest contact of a running foot where strides cannot be told: slow runners stay below 0.35, fast walkers above
0.5."""
SPEED_RUN_MIN_M_PER_S = 2.1
"""People change from walking to running at about 2 m/s."""
BELT_MIN_M_PER_S = 0.3
_FLOOR_BAND_M = 0.03
_MASS_BAND_KG = (15.0, 250.0)
_STEADY_SHARE = 0.05
_MANY_CONTACTS = 12


@dataclass(frozen=True)
class Contacts:
    """Loadings of plates in the order of their beginnings, and the force of all plates together.

    Attributes
    ----------
    start_s, end_s : ndarray, shape (K,)
        Only loadings that begin and end inside the recording.
    always : bool
        The plates together are never unloaded.
    total_n : ndarray, shape (N,)
        Upward force of all plates, what they read unloaded taken off.
    """

    start_s: np.ndarray
    end_s: np.ndarray
    always: bool
    total_n: np.ndarray


@dataclass(frozen=True)
class Progress:
    """How a person moves over the floor, or the belt under the person.

    Attributes
    ----------
    speed_m_per_s : float
    direction_lab : ndarray, shape (3,)
        Unit vector; zeros where nobody goes anywhere.
    treadmill : bool
        The floor moves.
    """

    speed_m_per_s: float
    direction_lab: np.ndarray
    treadmill: bool


def axis_of(vector: np.ndarray) -> tuple[str, float]:
    """`(signed axis, cosine)`: the lab axis nearest to a vector, shape (3,), and how near."""
    largest = int(np.argmax(np.abs(vector)))
    length = float(np.linalg.norm(vector))
    return f"{'+' if vector[largest] > 0 else '-'}{AXES[largest]}", float(
        abs(vector[largest]) / length
    ) if length else 0.0


def spread_m(recording: Recording) -> float:
    """How far markers go in the whole recording: median over markers of the diagonal of the box of each."""
    low, high = np.nanpercentile(recording.marker_lab_m, (2, 98), axis=0)
    return float(np.nanmedian(np.linalg.norm(high - low, axis=-1)))


def up_by_forces(plates: tuple[PlateWrench, ...]) -> np.ndarray | None:
    """Mean force of all plates, shape (3,) N; None where nobody stands on any."""
    if not plates:
        return None
    mean = sum(plate.force_lab_n.mean(axis=0) for plate in plates)
    return mean if np.linalg.norm(mean) > LOADED_MIN_N else None


def up_by_extent(recording: Recording) -> np.ndarray:
    """The axis along which the markers of a person spread most, shape (3,), towards the side away from the origin."""
    points = recording.marker_lab_m
    missing = np.isnan(points)
    top, bottom = (np.where(missing, fill, points) for fill in (-np.inf, np.inf))
    extent = np.median((top.max(axis=1) - bottom.min(axis=1))[~missing.all(axis=(1, 2))], axis=0)
    middle = np.nanmedian(points, axis=(0, 1))
    axis = int(np.argmax(extent))
    vector = np.zeros(3)
    vector[axis] = extent[axis] * (1.0 if middle[axis] >= 0 else -1.0)
    return vector


def contacts_of(force_time_s: np.ndarray, plates: tuple[PlateWrench, ...], up: str) -> Contacts:
    """Loadings of every plate; `up` is a signed lab axis."""
    rate_hz = (len(force_time_s) - 1) / float(force_time_s[-1] - force_time_s[0])
    starts, ends, total = [], [], np.zeros(len(force_time_s))
    for plate in plates:
        upward = _without_baseline(vertical_n(plate, up))
        total += upward
        if upward.max() < 2 * LOADED_MIN_N:
            continue
        for run in true_runs(loaded(upward, rate_hz, max(LOADED_MIN_N, 0.05 * upward.max()))):
            if run.start > 0 and run.stop < len(upward):
                starts.append(float(force_time_s[run.start]))
                ends.append(float(force_time_s[run.stop - 1]))
    order = np.argsort(starts)
    always = bool(total.size) and bool(np.percentile(total, 1) > 0.2 * np.percentile(total, 95))
    return Contacts(np.array(starts)[order], np.array(ends)[order], always, total)


def activity_by_contacts(contacts: Contacts) -> str | None:
    """`walk` or `run` by duty factor, or by the length of contacts where strides cannot be told; None without any."""
    lengths = contacts.end_s - contacts.start_s
    if not len(lengths):
        return "walk" if contacts.always else None
    strides = contacts.start_s[2:] - contacts.start_s[:-2]
    if len(strides) >= 3:
        regular = np.abs(strides / np.median(strides) - 1.0) < 0.2
        if regular.mean() > 0.7:
            return "run" if np.median(lengths) / np.median(strides) < DUTY_RUN_MAX else "walk"
    return "run" if np.median(lengths) < CONTACT_RUN_MAX_S else "walk"


def progress_of(recording: Recording, up: str) -> Progress:
    """Velocity of the markers' middle against that of the floor, which feet that carry somebody have.

    The floor's velocity is the median over all markers within 3 cm of the lowest places that do not rise or fall.
    """
    axis = AXES.index(up[1])
    sign = 1.0 if up[0] == "+" else -1.0
    step = max(1, round(recording.marker_rate_hz / 50.0))
    points, time_s = recording.marker_lab_m[::step], recording.marker_time_s[::step]
    seen = np.isfinite(points).any(axis=(1, 2))
    points, time_s = points[seen], time_s[seen]
    if len(points) < 5:
        return Progress(0.0, np.zeros(3), False)
    velocity = (points[2:] - points[:-2]) / (time_s[2:] - time_s[:-2])[:, None, None]
    height = sign * points[1:-1, :, axis]
    floor_m = np.percentile(np.where(np.isnan(height), np.inf, height).min(axis=1), 20)
    low = (height < floor_m + _FLOOR_BAND_M) & (np.abs(velocity[..., axis]) < 0.25)
    standing = velocity[low]
    standing = standing[np.isfinite(standing).all(axis=1)]
    floor = np.median(standing, axis=0) if len(standing) else np.zeros(3)
    middle = np.nanmedian(points, axis=1)
    ends = max(1, len(middle) // 20)
    travel = (np.median(middle[-ends:], axis=0) - np.median(middle[:ends], axis=0)) / float(time_s[-1] - time_s[0])
    going = travel - floor
    going[axis] = 0.0
    floor[axis] = 0.0
    speed = float(np.linalg.norm(going))
    direction = going / speed if speed > BELT_MIN_M_PER_S else np.zeros(3)
    return Progress(speed, direction, bool(np.linalg.norm(floor) > BELT_MIN_M_PER_S))


def mass_standing_kg(plates: tuple[PlateWrench, ...], up: str) -> float | None:
    """Body mass of somebody who stands on plates; None where the force is not steady or not that of a person."""
    total = sum((vertical_n(plate, up) for plate in plates), np.zeros(1))
    mean_n = float(total.mean())
    if mean_n <= 0 or total.std() > _STEADY_SHARE * mean_n:
        return None
    return _plausible_kg(mean_n)


def mass_striding_kg(contacts: Contacts, force_time_s: np.ndarray) -> float | None:
    """Body mass by the mean force over whole strides; None without two steps of one foot on plates.

    A stride lasts from the beginning of a contact to that of the next but one, and may begin at any time. In a short
    recording, over plates in the floor, a foot beside the plates takes force away and never adds any, so that strides
    within 2 % of the largest mean count; in a long one, on a belt, all do. The median of those is taken.
    """
    lengths_s = contacts.start_s[2:] - contacts.start_s[:-2]
    lengths_s = lengths_s[(lengths_s > 0.4) & (lengths_s < 1.8)]
    if not len(lengths_s):
        return None
    samples = round(float(np.median(lengths_s)) / float(force_time_s[1] - force_time_s[0]))
    summed = np.concatenate(([0.0], np.cumsum(contacts.total_n)))
    means_n = (summed[samples:] - summed[:-samples]) / samples
    whole = means_n if len(contacts.start_s) >= _MANY_CONTACTS else means_n[means_n > 0.98 * means_n.max()]
    return _plausible_kg(float(np.median(whole)))


def _plausible_kg(force_n: float) -> float | None:
    mass = force_n / STANDARD_GRAVITY_M_PER_S2
    return mass if _MASS_BAND_KG[0] < mass < _MASS_BAND_KG[1] else None


def _without_baseline(upward_n: np.ndarray) -> np.ndarray:
    """What an unloaded plate reads is taken off, where it is unloaded for at least a twentieth of the time."""
    low = upward_n < 0.1 * np.percentile(upward_n, 99)
    return upward_n - np.median(upward_n[low]) if low.mean() > 0.05 else upward_n
