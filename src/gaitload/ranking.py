"""Which reason comes first where several gates doubt a trial: the part that is wrong before what follows from it."""

from __future__ import annotations

CAUSES = (
    *("FORCE_DEAD", "FORCE_HELD", "FORCE_SATURATED"),
    *("MARKERS_FILLED", "MARKERS_FROZEN", "MARKERS_FRAMES_LOST", "MARKERS_TREMBLE"),
    *("BODY_UNLIKE_STATIC", "LABELS_SWAPPED", "LABELS_MISNAMED"),
    *("FORCE_ACCELERATION", "FORCE_CLOCK"),
    *("FORCE_DIRECTION", "FORCE_SIDEWAYS_GAIN", "MASS_IN_FORCE", "FORCE_IMPULSE", "FORCE_DRIFT"),
    *("FORCE_LAG", "MARKER_DRIFT", "MARKER_MOVED"),
    *("FREE_MOMENT", "COP_STILL", "FLOOR_HEIGHT", "COP_ASIDE", "COP_HEADS", "COP_AHEAD", "COP_IN_FOOT", "FORCE_ORIGIN"),
    *("LABELS_MISSING", "SEGMENT_LOST", "MARKERS_MISSING", "LABELS", "FOOT_SHAPE", "FORCE_BASELINE", "COP", "CONTACT"),
    *("STATIC", "SCALE", "IK"),
)
"""Beginnings of codes, the causes that explain most others first. A dead channel explains a pressure that stands still,
a body of another participant names that fit nowhere, a wrong rate a lag, a lag a pressure off its place; marker errors
of the model, residuals and reserves follow from anything."""


def cause_rank(code: str) -> int:
    """Place of a code among `CAUSES`; codes that are none of them come last."""
    places = [(len(start), -place) for place, start in enumerate(CAUSES) if code.startswith(start)]
    return -max(places)[1] if places else len(CAUSES)
