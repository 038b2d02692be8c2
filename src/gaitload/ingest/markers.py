"""From markers as recorded to markers under their right names, without stray samples, short gaps filled."""

from __future__ import annotations

from dataclasses import dataclass

from gaitload.config.motion import Activity, Ingest
from gaitload.ingest.exchanges import undo_exchanges
from gaitload.ingest.faults import LabelFault
from gaitload.ingest.gaps import GapRecord, fill_gaps
from gaitload.ingest.glitches import clean
from gaitload.ingest.labelling import check_labels, static_places_m
from gaitload.ingest.names import name_faults
from gaitload.ingest.sides import undo_side_exchanges
from gaitload.ingest.symmetry import doubts
from gaitload.models.markersets import MarkerSet
from gaitload.trial import Markers, Recording


@dataclass(frozen=True)
class CleanMarkers:
    """Markers of the marker set at the rate of the recording, and what was done to them.

    Attributes
    ----------
    markers : Markers
    faults : tuple of LabelFault
    joint_gaps_mm : dict of float
        See `labelling.Labelling`.
    ghosts : dict of int
        Samples dropped by marker.
    gaps : tuple of GapRecord
    """

    markers: Markers
    faults: tuple[LabelFault, ...]
    joint_gaps_mm: dict[str, float]
    ghosts: dict[str, int]
    gaps: tuple[GapRecord, ...]


def clean_markers(
    recording: Recording, marker_set: MarkerSet, static: Markers | None, activity: Activity, settings: Ingest
) -> CleanMarkers:
    """Put names right, leave strangers out, drop stray samples, fill short gaps; in this order.

    Names come first, because stray samples are recognised by the markers around them; ghosts before gaps, because a
    gap is filled from the samples beside it.

    Parameters
    ----------
    recording : Recording
        In the ground frame; NaN where missing.
    marker_set : MarkerSet
    static : Markers or None
        Without it names are compared with the marker set only.
    activity : str
    settings : Ingest
    """
    names, faults, joint_gaps_mm = recording.marker_names, [], {}
    if static is None:
        faults += name_faults(names, _expected(marker_set, activity), marker_set)
    else:
        labelling = check_labels(
            recording.marker_lab_m, names, static, marker_set, settings.label_fault_m, repair=settings.repair_labels
        )
        names, joint_gaps_mm = labelling.names, labelling.joint_gaps_mm
        faults += labelling.faults
    known = [column for column, name in enumerate(names) if name in marker_set.by_name]
    names = tuple(names[column] for column in known)
    position = recording.marker_lab_m[:, known]
    if activity in ("walk", "run"):
        position, reversed_ = undo_side_exchanges(
            position, names, marker_set, recording.marker_time_s, repair=settings.repair_labels
        )
        faults += reversed_
    if settings.repair_labels:
        position, exchanged = undo_exchanges(
            position, names, marker_set.segments, recording.marker_time_s, settings.label_fault_m
        )
        faults += exchanged
    position, stray, ghosts = clean(
        position,
        names,
        marker_set.segments,
        recording.marker_time_s,
        ghost_distance_m=settings.ghost_distance_m,
        gap_max_s=settings.gap_max_s,
    )
    position, gaps = fill_gaps(
        position, names, marker_set.segments, recording.marker_rate_hz, gap_max_s=settings.gap_max_s
    )
    markers = Markers(names, recording.marker_time_s, position)
    if activity == "static":
        stray += doubts(static_places_m(markers), marker_set)
    return CleanMarkers(markers, (*faults, *stray), joint_gaps_mm, ghosts, tuple(gaps))


def _expected(marker_set: MarkerSet, activity: Activity) -> list[str]:
    return [
        marker.name
        for marker in marker_set.markers
        if marker.ik_weight > 0 or (activity == "static" and marker.static_weight > 0)
    ]
