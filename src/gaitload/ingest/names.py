"""Names of markers against the marker set, before anything is measured."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from difflib import get_close_matches

from gaitload.errors import DataError
from gaitload.ingest.faults import FaultKind, LabelFault
from gaitload.models.markersets import MarkerSet
from gaitload.trial import Recording

_ALIKE = 0.6


def named_as_in(recording: Recording, marker_set: MarkerSet) -> Recording:
    """The recording with its markers called as the marker set calls them; names of no marker stay as they are."""
    known = marker_set.matched(recording.marker_names)
    names = tuple(known.get(name, name) for name in recording.marker_names)
    return recording if names == recording.marker_names else replace(recording, marker_names=names)


def require_match(names: Collection[str], marker_set: MarkerSet, *, where: str) -> None:
    """Raise `DataError` (NO_MATCHING_MARKER) when no name is in the marker set: OpenSim would crash on it."""
    if not set(names) & set(marker_set.by_name):
        raise DataError(
            expected=f"markers of the set {marker_set.name}: {', '.join(marker_set.by_name)}",
            found=f"{', '.join(names) or 'no marker at all'}",
            where=where,
            do="Name the right marker_set in cohort.yaml or participants.tsv, or describe this one in a table.",
            code="NO_MATCHING_MARKER",
        )


def name_faults(names: Collection[str], expected: Collection[str], marker_set: MarkerSet) -> list[LabelFault]:
    """Names the marker set does not know (with the missing name most like them), and expected names that are missing.

    Parameters
    ----------
    names : collection of str
        Of the recording.
    expected : collection of str
        Markers that should be there.
    marker_set : MarkerSet

    Returns
    -------
    list of LabelFault
        Of kinds `extra` and `missing`.
    """
    nan = float("nan")
    missing = [name for name in expected if name not in names]
    faults = []
    for name in names:
        if name not in marker_set.by_name:
            alike = get_close_matches(name, missing, n=1, cutoff=_ALIKE)
            guess = f"; is it the missing {alike[0]}?" if alike else ""
            reason = f"not in marker set {marker_set.name}; left out{guess}"
            faults.append(LabelFault(FaultKind.EXTRA, (name,), nan, nan, False, reason))
    absent = "in the marker set, but not in the recording: it was not worn, or has another name there"
    return faults + [LabelFault(FaultKind.MISSING, (name,), nan, nan, False, absent) for name in missing]
