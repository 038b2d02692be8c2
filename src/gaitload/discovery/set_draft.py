"""A marker set that is not known, as far as names and recordings tell: a table to be checked and completed."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from gaitload.discovery.strangers import Finding
from gaitload.models.marker_names import Key, key_of, without_subject
from gaitload.models.markersets import MarkerSet

_CALLED = {
    "asis": ("asi", "asis", "ias", "sias"),
    "psis": ("psi", "psis", "ips", "sips"),
    "knee_lateral": ("kne", "knee", "fle", "lek", "lfc", "lknee", "kneelat", "kneelateral", "latknee"),
    "knee_medial": ("knm", "mkne", "mkn", "mknee", "fme", "mek", "mfc", "kneemed", "kneemedial", "medknee"),
    "ankle_lateral": ("ank", "ankle", "fal", "lmal", "lankle", "anklelat", "anklelateral", "latankle"),
    "ankle_medial": ("ankm", "mank", "man", "mankle", "tam", "mmal", "anklemed", "anklemedial", "medankle"),
    "heel": ("hee", "heel", "fcc", "cal", "calc"),
    "toe": ("toe", "hallux"),
    "mt1": ("mt1", "fm1", "1mt", "met1", "1mh"),
    "mt5": ("mt5", "fm5", "5mt", "met5", "5mh"),
    "acromion": ("acr", "acromion", "sho", "should", "shoulder", "cac"),
    "elbow_lateral": ("elb", "elbow", "hle", "lel"),
    "elbow_medial": ("hme", "mel", "melb", "elbowmed", "elbowmedial"),
}
"""Names of landmarks in words and abbreviations, without their side. Those of the shipped sets count too."""
_CALLED_MIDDLE = {"sacrum": ("sacr", "sacrum"), "c7": ("c7", "cv7"), "clavicle": ("clav", "clavicle", "sjn")}
_SIDES = (("right", "r"), ("left", "l"), ("r", "r"), ("l", "l"))
_COLUMNS = ("marker", "worn", "landmark", "body")
_BODIES = {
    **dict.fromkeys(("asis", "psis", "sacrum"), "pelvis"),
    **dict.fromkeys(("knee_lateral", "knee_medial"), "femur_{side}"),
    **dict.fromkeys(("ankle_lateral", "ankle_medial"), "tibia_{side}"),
    **dict.fromkeys(("heel", "toe", "mt1", "mt5"), "calcn_{side}"),
    **dict.fromkeys(("c7", "clavicle", "acromion"), "torso"),
    **dict.fromkeys(("elbow_lateral", "elbow_medial"), "humerus_{side}"),
}


@dataclass(frozen=True)
class Meaning:
    """Body and, if it is on one, landmark that a name speaks of."""

    body: str
    landmark: str | None


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


def meanings(names: Sequence[str], marker_sets: Sequence[MarkerSet]) -> dict[str, Meaning]:
    """What names mean: in words, or as all sets that know them agree; each landmark once, for the first name."""
    by_key: dict[Key, set[Meaning]] = {}
    for marker in (marker for one in marker_sets for marker in one.markers):
        for spelling in (marker.name, *marker.aliases):
            by_key.setdefault(key_of(spelling), set()).add(Meaning(marker.body, marker.landmark))
    found: dict[str, Meaning] = {}
    plain = without_subject(names)
    for name in names:
        landmark, known = landmark_of(plain[name]), by_key.get(key_of(plain[name]), set())
        if landmark:
            stem, _, side = landmark.rpartition("_")
            body = _BODIES[stem if side in ("r", "l") else landmark].format(side=side)
            meant = Meaning(body, landmark)
        elif len(known) == 1:
            (meant,) = known
        else:
            continue
        if meant.landmark is None or all(meant.landmark != one.landmark for one in found.values()):
            found[name] = meant
    return found


def draft_text(
    names: Sequence[str], static_only: Collection[str], meant: Mapping[str, Meaning], findings: Sequence[Finding] = ()
) -> str:
    """A table of a marker set: rows of what names and recordings tell, and the other names in comments.

    Parameters
    ----------
    names : sequence of str
        Of the recordings.
    static_only : collection of str
        Those that no motion has: they get no weight in inverse kinematics.
    meant : mapping of str to Meaning
        By names.
    findings : sequence of Finding
        By the recordings; those that are not certain are comments.
    """
    by_recording = {one.name: one for one in findings if one.body}
    taken = {one.landmark for one in meant.values() if one.landmark}
    rows, told, open_names = [], [], []
    for name in names:
        one, finding = meant.get(name), by_recording.get(name)
        if one is None and (finding is None or not finding.certain):
            guess = f" ({finding.landmark or finding.body}? {finding.reason})" if finding else ""
            open_names.append(f"# which landmark or body carries {name}?{guess}")
            continue
        if one is None:
            landmark = finding.landmark if finding.landmark not in taken else None
            one = Meaning(finding.body, landmark)
            told.append(f"# {name}: {one.landmark or one.body}, {finding.reason}")
        worn = "static" if name in static_only else ""
        rows.append("\t".join((name, worn, one.landmark or "", one.body)))
    hints = [
        "# A draft by names of markers and by the recordings: check and complete it, then name it in marker_set.",
        "# Columns: docs/cohorts.md. The pelvis needs three markers, shank and foot two, the thigh one.",
        *told,
        *open_names,
    ]
    return "\n".join([*hints, "\t".join(_COLUMNS), *rows]) + "\n"
