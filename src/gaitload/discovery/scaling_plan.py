"""How a run will scale the model to a participant."""

from __future__ import annotations

import numpy as np

from gaitload.cohorts.tables import Participant
from gaitload.ingest.rigid import median_over_frames
from gaitload.models.anthropometry import (
    SEEN_MIN_SHARE,
    assumed_source,
    centres_to_assume,
    choose_method,
    joint_centres,
    with_asis_apart,
)
from gaitload.models.family import Family
from gaitload.models.markersets import MarkerSet
from gaitload.trial import Markers


def describe_scaling(
    person: Participant, static: Markers, marker_set: MarkerSet, family: Family, method: str, where: str
) -> str:
    """The method that scaling will choose for a static trial, and where each kind of joint centre comes from.

    Parameters
    ----------
    person : Participant
    static : Markers
        Cleaned markers of the first static trial.
    marker_set : MarkerSet
    family : Family
    method : str
        The setting `scaling.method`.
    where : str
        Cohort and participant, for error messages.

    Raises
    ------
    DataError
        SCALING_IMPOSSIBLE, as the run would.
    """
    seen = {
        marker.landmark: median_over_frames(static.of(marker.name))
        for marker in marker_set.markers
        if marker.landmark
        and marker.name in static.names
        and np.isfinite(static.of(marker.name)[:, 0]).mean() >= SEEN_MIN_SHARE
    }
    lengths_m = person.lengths_m
    centres, sources = joint_centres(with_asis_apart(seen, lengths_m.get("inter_asis_m")))
    sources |= {name: assumed_source(name, lengths_m) for name in centres_to_assume({*seen, *centres})}
    chosen = choose_method(method, {*seen, *sources}, person.height_m, family, where)
    by_joint = {joint: _of_joint(joint, sources) for joint in ("hip", "knee", "ankle")}
    details = [f"{joint} centres {how}" for joint, how in by_joint.items() if how]
    if "inter_asis_m" in lengths_m:
        details.append("the ASIS as far apart as measured on the body")
    by_method = chosen.replace("_", " ")
    return f"scales the model by {by_method}{': ' if details else ''}{'; '.join(details)}"


def _of_joint(joint: str, sources: dict[str, str]) -> str:
    """How the centres of a joint are found: once where both sides are alike."""
    own = {name[-1]: how for name, how in sources.items() if name.startswith(f"{joint}_centre")}
    if len(own) == 2 and len(set(own.values())) == 1:
        return own["r"]
    return ", ".join(f"{how} ({side})" for side, how in own.items())
