"""Which marker set a person wears, by the names of markers, and what is lacking."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from gaitload.conventions import SIDES
from gaitload.ingest.names import named_as_in
from gaitload.ingest.rigid import median_over_frames
from gaitload.ingest.validity import weak_segments
from gaitload.models.markersets import MarkerSet
from gaitload.trial import Recording

FITS_MIN = 0.5
"""Score below which no set is taken: two thirds of the names are strangers, or of the set are missing."""
_ALIKE = 0.75
_MEASURES = (
    ("asis_r", "asis_l"),
    ("psis_r", "psis_l"),
    ("knee_lateral_r", "ankle_lateral_r"),
    ("knee_lateral_l", "ankle_lateral_l"),
)


@dataclass(frozen=True)
class Match:
    """How well a marker set fits the names of some recordings.

    Attributes
    ----------
    marker_set : MarkerSet
    score : float
        Harmonic mean of two shares: names that the set knows, and tracking markers of the set that are there (optional
        ones count where they are there).
    names : dict of str to str
        Names of the recordings with the marker of the set that each is.
    missing : tuple of str
        Tracking markers of the set that are in no recording, without optional ones.
    strangers : tuple of str
        Names that the set does not know.
    """

    marker_set: MarkerSet
    score: float
    names: dict[str, str]
    missing: tuple[str, ...]
    strangers: tuple[str, ...]

    @property
    def fits(self) -> bool:
        """Whether names speak for the set; what it then lacks is said by `short_segments`."""
        return self.score >= FITS_MIN

    @property
    def meaning(self) -> frozenset[tuple[str, str, str | None]]:
        """Body and landmark of every name of the recordings that the set knows."""
        known = self.marker_set.by_name
        return frozenset((name, known[own].body, known[own].landmark) for name, own in self.names.items())

    @property
    def tracked(self) -> dict[str, int]:
        """Tracking markers that are there, by segment of pelvis and legs."""
        return self.marker_set.tracking_counts(set(self.names.values()))

    @property
    def short_segments(self) -> dict[str, int]:
        """Segments of pelvis and legs that the markers there are cannot place, and how many those are."""
        return weak_segments(self.tracked)[0]

    @property
    def weak_segments(self) -> dict[str, int]:
        """Segments that only the chain of joints places, because fewer than three markers are on them."""
        return weak_segments(self.tracked)[1]


def match(names: Sequence[str], marker_set: MarkerSet) -> Match:
    """Hold the names of the markers of some recordings against a set."""
    known = marker_set.matched(names)
    there = set(known.values())
    tracking = [marker.name for marker in marker_set.markers if marker.ik_weight > 0 and marker.worn != "optional"]
    missing = tuple(name for name in tracking if name not in there)
    strangers = tuple(name for name in names if name not in known)
    explained = 1.0 - len(strangers) / max(len(names), 1)
    found = sum(marker.ik_weight > 0 for marker in marker_set.markers if marker.name in there)
    covered = found / max(found + len(missing), 1)
    score = 2 * explained * covered / (explained + covered) if explained + covered else 0.0
    return Match(marker_set, score, known, missing, strangers)


def ranked(names: Sequence[str], marker_sets: Sequence[MarkerSet]) -> list[Match]:
    """All sets, the best first; of equal ones the order given decides."""
    return sorted((match(names, marker_set) for marker_set in marker_sets), key=lambda one: -one.score)


def alike_names(strangers: Collection[str], marker_set: MarkerSet) -> dict[str, str]:
    """Names the set does not know with the marker of the set that each most resembles, case and signs aside."""
    plain = {_plain(name): name for name in marker_set.by_name}
    found = {}
    for name in strangers:
        near = get_close_matches(_plain(name), plain, n=1, cutoff=_ALIKE)
        if near:
            found[name] = plain[near[0]]
    return found


def body_lengths_m(recording: Recording, marker_set: MarkerSet) -> dict[str, float]:
    """Distances on one person that no motion changes, by name: of the pelvis across, of the shanks along."""
    names = named_as_in(recording, marker_set).marker_names
    lengths = {}
    for first, second in _MEASURES:
        markers = [marker_set.landmark(first), marker_set.landmark(second)]
        if all(marker in names for marker in markers):
            a, b = (recording.marker_lab_m[:, names.index(marker)] for marker in markers)
            length = float(median_over_frames(np.linalg.norm(a - b, axis=1)[:, None])[0])
            if np.isfinite(length):
                lengths[f"{first} to {second}"] = length
    return lengths


def up_by_markers(recording: Recording, marker_set: MarkerSet) -> np.ndarray | None:
    """From the feet to the pelvis in the lab frame, shape (3,), metres; None where no marker is on either."""
    recording = named_as_in(recording, marker_set)
    feet = tuple(name for side in SIDES for name in marker_set.foot(side))
    ends = [_middle(recording, names) for names in (feet, marker_set.segments.get("pelvis", ()))]
    return None if any(end is None for end in ends) else ends[1] - ends[0]


def facing_lab(recording: Recording, marker_set: MarkerSet) -> np.ndarray | None:
    """From the back to the front of the pelvis, or from heels to forefeet where it has neither; shape (3,), or None."""
    recording = named_as_in(recording, marker_set)
    pairs: Mapping[tuple[str, ...], tuple[str, ...]] = {
        ("psis_r", "psis_l", "sacrum"): ("asis_r", "asis_l"),
        ("heel_r", "heel_l"): ("toe_r", "toe_l", "mt1_r", "mt1_l", "mt2_r", "mt2_l", "mt5_r", "mt5_l"),
    }
    for back, front in pairs.items():
        ends = [_middle(recording, tuple(filter(None, map(marker_set.landmark, side)))) for side in (back, front)]
        if all(end is not None for end in ends):
            return ends[1] - ends[0]
    return None


def _middle(recording: Recording, names: Collection[str]) -> np.ndarray | None:
    columns = [recording.marker_names.index(name) for name in names if name in recording.marker_names]
    if not columns:
        return None
    points = recording.marker_lab_m[:, columns].reshape(-1, 3)
    middle = np.nanmedian(points, axis=0) if np.isfinite(points).any() else np.full(3, np.nan)
    return middle if np.isfinite(middle).all() else None


def _plain(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())
