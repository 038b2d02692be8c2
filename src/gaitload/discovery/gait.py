"""What a recording shows without anybody's word: which way is up, who stands, contacts with plates, and body mass."""

from __future__ import annotations

import numpy as np

from gaitload.conventions import AXES, STANDARD_GRAVITY_M_PER_S2
from gaitload.discovery.activity import Contacts
from gaitload.discovery.files import vertical_n
from gaitload.signals.contact import loaded
from gaitload.signals.runs import true_runs
from gaitload.trial import PlateWrench, Recording

LOADED_MIN_N = 50.0
_MASS_BAND_KG = (15.0, 250.0)
_MANY_CONTACTS = 12


def axis_of(vector: np.ndarray) -> tuple[str, float]:
    """`(signed axis, cosine)`: the lab axis nearest to a vector, shape (3,), and how near."""
    largest = int(np.argmax(np.abs(vector)))
    length = float(np.linalg.norm(vector))
    return f"{'+' if vector[largest] > 0 else '-'}{AXES[largest]}", float(
        abs(vector[largest]) / length
    ) if length else 0.0


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
