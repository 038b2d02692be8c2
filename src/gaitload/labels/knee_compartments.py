"""Medial and lateral knee contact force."""

from __future__ import annotations

import numpy as np

from gaitload.conventions import LATERAL_SIGN, SIDES, column_stem, side_of
from gaitload.dependencies import compartments
from gaitload.labels import Columns, Label, TrialLoads
from gaitload.models.anatomy import Anatomy

LABEL = Label(
    name="kcf",
    unit="n",
    definition=(
        "Compression of the two tibial compartments as point contacts: F/2 +- M/d from the axial force F and the "
        "frontal moment M of the knee reaction about the joint centre, with the condylar spacing d. In mode physical M "
        "of all but the muscles is taken about the centre that the static trial shows. Single frames in "
        "which a compartment would pull are set to zero (and counted in the quality file); the other then carries F "
        "alone."
    ),
    frame="along the long axis of the tibia",
    positive="compression",
    source="Two-point contact model; condylar spacing from scaling",
    group="knee contact force",
)


def compute(loads: TrialLoads) -> Columns:
    """Columns `kcf_med_<side>` and `kcf_lat_<side>` (N), never negative."""
    columns: Columns = {}
    for side, (medial, lateral, _) in split(loads).items():
        columns[column_stem("kcf_med", side)] = medial
        columns[column_stem("kcf_lat", side)] = lateral
    return columns


def split(loads: TrialLoads) -> dict[str, tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """`(medial, lateral, clamped)` per side: compressions (N), shape (T,), and the frames in which one was clamped.

    On the right tibia, contact pushes down at z = +d/2 (lateral) and z = -d/2 (medial): F = f_lat + f_med and, about
    the forward axis, M = (f_lat - f_med) d/2; on the left the sides of z change places.
    """
    # ASSUME: each tibial compartment touches at one point, half the condylar spacing beside the joint centre.
    parts = {}
    for side in SIDES:
        force, moment = loads.reactions["knee", side]
        compression = -force[:, 1]
        surplus = LATERAL_SIGN[side] * (moment[:, 0] + _of_centre(loads, side)) / loads.condylar_spacing_m[side]
        lateral, medial = compression / 2 + surplus, compression / 2 - surplus
        total = np.maximum(compression, 0)
        parts[side] = (np.clip(medial, 0, total), np.clip(lateral, 0, total), (lateral < 0) | (medial < 0))
    return parts


def _of_centre(loads: TrialLoads, side: str) -> np.ndarray | float:
    """What the frontal moment gains (N m) as the knee is not where the model has it, shape (T,).

    Muscles go around the person's knee as they go around the model's, so that only the force of all else has another
    lever.
    """
    # ASSUME: the knee centre of the static trial lies beside the model's by as much in every pose.
    aside_m = loads.knee_centre_aside_m.get(side, 0.0)
    return aside_m * loads.knee_resultant_n[side][:, 1] if aside_m else 0.0


def depends(stem: str, anatomy: Anatomy) -> frozenset[str]:
    """The knee's contact, and how it is split."""
    return anatomy.contact("knee", side_of(stem)) | {compartments(side_of(stem))}
