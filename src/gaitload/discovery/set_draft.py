"""A marker set that is not known, as far as names of its markers tell: a table to be completed."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from gaitload.models.markersets import MarkerSet, ModelMarker

_CALLED = {
    "asis": ("asi", "asis", "ias", "sias"),
    "psis": ("psi", "psis", "ips", "sips"),
    "knee_lateral": ("kne", "knee", "fle", "lek", "lfc", "lknee", "kneelat", "kneelateral", "latknee"),
    "knee_medial": ("knm", "mkne", "mknee", "fme", "mek", "mfc", "kneemed", "kneemedial", "medknee"),
    "ankle_lateral": ("ank", "ankle", "fal", "lmal", "lankle", "anklelat", "anklelateral", "latankle"),
    "ankle_medial": ("ankm", "mank", "mankle", "tam", "mmal", "anklemed", "anklemedial", "medankle"),
    "heel": ("hee", "heel", "fcc", "cal", "calc"),
    "toe": ("toe", "hallux"),
    "mt1": ("mt1", "fm1", "1mt", "met1", "1mh"),
    "mt5": ("mt5", "fm5", "5mt", "met5", "5mh"),
    "acromion": ("acr", "acromion", "sho", "should", "shoulder", "cac"),
    "elbow_lateral": ("elb", "elbow", "hle", "lel"),
    "elbow_medial": ("hme", "mel", "elbowmed", "elbowmedial"),
}
"""Of Plug-in Gait, of ISB (van Sint Jan 2007), of Qualisys' guides, and in words; without their side."""
_CALLED_MIDDLE = {"sacrum": ("sacr", "sacrum"), "c7": ("c7", "cv7"), "clavicle": ("clav", "clavicle", "sjn")}
_SIDES = (("right", "r"), ("left", "l"), ("r", "r"), ("l", "l"))
_COLUMNS = ("marker", "body", "landmark", "x_m", "y_m", "z_m", "static_weight", "ik_weight")


def landmark_of(name: str) -> str | None:
    """Landmark that a marker's name speaks of, with its side (`RASI`, `R_IAS`, `left heel`), or None."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    middle = next((landmark for landmark, names in _CALLED_MIDDLE.items() if plain in names), None)
    if middle:
        return middle
    for word, side in _SIDES:
        for rest in (plain.removeprefix(word), plain.removesuffix(word)):
            if rest != plain:
                landmark = next((landmark for landmark, names in _CALLED.items() if rest in names), None)
                if landmark:
                    return f"{landmark}_{side}"
    return None


def draft_text(names: Collection[str], static_only: Collection[str], marker_sets: Sequence[MarkerSet]) -> str:
    """A table of a marker set: rows of the landmarks that names tell, and the other names in comments.

    Parameters
    ----------
    names : collection of str
        Of the recordings.
    static_only : collection of str
        Those that no motion has: they get no weight in inverse kinematics.
    marker_sets : sequence of MarkerSet
        Where body, place and weights of a landmark come from; the first that has it counts.
    """
    rows, open_names = [], []
    taken: set[str] = set()
    for name in names:
        landmark = landmark_of(name)
        like = None if landmark in taken else _marker_on(landmark, marker_sets)
        if like is None:
            open_names.append(name)
            continue
        taken.add(landmark)
        ik_weight = 0.0 if name in static_only else max(like.ik_weight, 1.0)
        place = (f"{value:g}" for value in like.position_m)
        rows.append("\t".join((name, like.body, landmark, *place, f"{like.static_weight:g}", f"{ik_weight:g}")))
    hints = [
        "# A draft by names of markers: complete it, and save it as opensim_models/rajagopal/markersets/<name>.tsv.",
        "# Columns: docs/cohorts.md. Each of pelvis, thigh, shank and foot needs three markers with an ik_weight.",
        *(f"# which body carries {name}, and where?" for name in open_names),
    ]
    return "\n".join([*hints, "\t".join(_COLUMNS), *rows]) + "\n"


def _marker_on(landmark: str | None, marker_sets: Sequence[MarkerSet]) -> ModelMarker | None:
    if landmark is None:
        return None
    names = ((one, one.landmark(landmark)) for one in marker_sets)
    return next((one.by_name[name] for one, name in names if name), None)
