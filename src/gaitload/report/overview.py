"""Cohorts at a glance: who was recorded, what became of every trial, and why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from gaitload.cohorts.tables import Cohort
from gaitload.quality import Verdict

GRAVEST_FIRST = [str(verdict) for verdict in reversed(Verdict)]
FINDINGS_MAX = 3
AREAS = {
    "Hip": ("HIP", "HCF"),
    "Knee": ("KNEE", "KCF", "PTF"),
    "Ankle and foot": ("ANKLE", "SUBTALAR", "MTP", "ATF", "ACF", "FOOT"),
    "Forces and plates": ("FORCE", "FORCES", "COP", "FREE", "CONTACT", "FEET", "FLOOR"),
    "Markers": ("MARKER", "MARKERS", "LABELS", "SEGMENT", "BODY", "STATIC", "RMS"),
    "Inertial sensors": ("IMU", "SYNC", "SENSORS"),
    "External signals": ("EXTERNAL", "EMG"),
}
"""Areas of the reasons in the order of the page, each with words of reason codes; the first that has one is taken."""
OTHER_AREA = "Whole body"
PREFIXES = {
    "RESERVE_SWING_": "reserve in swing: ",
    "RESERVE_": "reserve in stance: ",
    "PLAUSIBLE_": "outside the plausible range: ",
    "RANGE_END_": "at the end of its range: ",
    "PASSIVE_SHARE_": "passive muscle force: ",
}
ABBREVIATIONS = {
    "atf": "Achilles tendon force",
    "ptf": "patellar tendon force",
    "acf": "ankle contact force",
    "kcf": "knee contact force",
    "hcf": "hip contact force",
    "cop": "centre of pressure",
    "imu": "inertial sensor",
    "emg": "electromyogram",
    "rms": "root mean square",
    "knee angle": "knee flexion",
    "ankle angle": "ankle flexion",
    "subtalar angle": "subtalar inversion",
}


def cohort_view(cohort: Cohort, documents: Sequence[dict], truth: pd.DataFrame | None) -> dict:
    """What the page says about a cohort.

    Parameters
    ----------
    documents
        Trials of the cohort, as `gaitload.report.part` writes them.
    truth
        `results/quality/<cohort>.truth.tsv`, where the cohort was made.
    """
    motions = [document for document in documents if document["role"] == "motion"]
    counts = {verdict: sum(document["verdict"] == verdict for document in documents) for verdict in GRAVEST_FIRST}
    return {
        "name": cohort.name,
        "spec": cohort.spec,
        "people": [
            {
                "person": person,
                "trials": [document for document in documents if document["participant"] == person.participant_id],
            }
            for person in cohort.movers
        ],
        "label_groups": list(dict.fromkeys(name for document in motions for name in document["groups"])),
        "n_motions": len(motions),
        "seconds": sum(document["length_s"] or 0.0 for document in motions),
        "counts": {verdict: count for verdict, count in counts.items() if count},
        "findings": findings(documents),
        "reasons": reasons_by_area(documents),
        "refusals": [document for document in documents if document["refusal"]],
        "truth": truth_view(truth) if truth is not None else None,
        "has_sensors": bool(cohort.spec.imu_files),
        "has_markers": any(row.file for row in cohort.trials),
    }


def findings(documents: Sequence[dict]) -> list[str]:
    """The most important facts of a cohort, at most `FINDINGS_MAX` sentences.

    Refused trials come first, then label groups that cannot be used, those of most motions first, then the most
    frequent warnings.
    """
    refused = [document for document in documents if document["refusal"]]
    labelled = [document for document in documents if document["groups"]]
    found = []
    if refused:
        first = refused[0]
        found.append(
            f"{len(refused)} of {len(documents)} trials were refused. {first['id']}: {first['refusal']['found']}."
        )
    unusable = _unusable_groups(labelled)
    found += unusable
    if labelled and not unusable:
        found.append("All measured label groups can be used in every motion.")
    found += [
        f"{reason['n']} of {len(documents)} trials are warned: {reason['title']}."
        for reason in reasons(documents)
        if reason["gravest"] == "warned"
    ]
    return found[:FINDINGS_MAX]


def _unusable_groups(labelled: Sequence[dict]) -> list[str]:
    """A sentence for the label groups that cannot be used in equally many motions for one main reason.

    A group cannot be used where a column fails or is not judged; those of most motions come first.
    """
    causes: dict[str, Counter[str]] = {}
    lost: Counter[str] = Counter()
    for document in labelled:
        verdicts = {gate["code"]: gate["verdict"] for gate in document["gates"]}
        for name, group in document["groups"].items():
            if group["failed"] or group["not_judged"]:
                lost[name] += 1
                codes = {
                    _without_side(code) for code in group["reasons"] if verdicts.get(code) in ("failed", "not_judged")
                }
                causes.setdefault(name, Counter()).update(codes)
    merged: dict[tuple[int, str], list[str]] = {}
    for name, count in lost.items():
        cause = max(sorted(causes[name]), key=causes[name].get, default="")
        merged.setdefault((count, cause), []).append(name)
    sentences = []
    for (count, cause), names in sorted(merged.items(), key=lambda item: -item[0][0]):
        because = f", mostly because of: {title_of(cause)}" if cause else ""
        text = f"{' and '.join(names)} cannot be used in {count} of {len(labelled)} motions{because}."
        sentences.append(text[0].upper() + text[1:])
    return sentences


def reasons_by_area(documents: Sequence[dict]) -> dict[str, list[dict]]:
    """Rows of `reasons` by the area of the body or of the recording that they concern."""
    areas: dict[str, list[dict]] = {area: [] for area in [*AREAS, OTHER_AREA]}
    for entry in reasons(documents):
        areas[area_of(entry["code"])].append(entry)
    return {area: entries for area, entries in areas.items() if entries}


def reasons(documents: Sequence[dict]) -> list[dict]:
    """Gates that did not pass, both sides together, with their trials by the gravest verdict; the gravest first."""
    doubts: dict[str, dict[str, tuple[dict, dict]]] = {}
    for document in documents:
        for gate in document["gates"]:
            if gate["verdict"] != "passed":
                trials = doubts.setdefault(_without_side(gate["code"]), {})
                known = trials.get(document["id"])
                if known is None or _place(gate) < _place(known[1]):
                    trials[document["id"]] = (document, gate)
    found = []
    for code, trials in doubts.items():
        counts = Counter(gate["verdict"] for _, gate in trials.values())
        gravest = min(counts, key=GRAVEST_FIRST.index)
        gravely = [(document, gate) for document, gate in trials.values() if gate["verdict"] == gravest]
        found.append(
            {
                "code": code,
                "title": title_of(code),
                "gravest": gravest,
                "counts": [counts[verdict] for verdict in GRAVEST_FIRST],
                "n": _counted(counts),
                "people": {document["participant"] for document, _ in trials.values()},
                "trials": [document["id"] for document, _ in gravely],
                "example": _with_number(gravely[0][1]),
            }
        )
    return sorted(found, key=lambda entry: ([-count for count in entry["counts"]], entry["code"]))


def title_of(code: str) -> str:
    """Words of a reason code: `RESERVE_SWING_HIP_ROTATION` is "reserve in swing: hip rotation"."""
    for prefix, words in PREFIXES.items():
        if code.startswith(prefix):
            return words + title_of(code.removeprefix(prefix))
    text = code.lower().replace("_", " ")
    for short, words in ABBREVIATIONS.items():
        text = re.sub(rf"\b{short}\b", words, text)
    return text


def area_of(code: str) -> str:
    """Area of a reason code."""
    words = set(code.split("_"))
    return next((area for area, marks in AREAS.items() if words & set(marks)), OTHER_AREA)


def _without_side(code: str) -> str:
    return code.removesuffix("_R").removesuffix("_L")


def _place(gate: Mapping) -> int:
    """Place of a gate's verdict among all, the gravest first."""
    return GRAVEST_FIRST.index(gate["verdict"])


def _with_number(gate: Mapping) -> str:
    """The sentence of a gate, with what was measured and what it was held against where it says so."""
    if gate["value"] is None:
        return gate["reason"]
    limit = "" if gate["limit"] is None else f", limit {gate['limit']:.3g}"
    return f"{gate['reason']} ({gate['value']:.3g} {gate['unit']}{limit})"


def _counted(counts: Mapping[str, int]) -> str:
    """`7` of one verdict, `1 failed, 6 warned` of several."""
    if len(counts) == 1:
        return str(sum(counts.values()))
    words = {verdict: verdict.replace("_", " ") for verdict in GRAVEST_FIRST}
    return ", ".join(f"{counts[verdict]} {words[verdict]}" for verdict in GRAVEST_FIRST if verdict in counts)


def truth_view(truth: pd.DataFrame) -> dict:
    """How labels of a made cohort agree with what they were made from: counts, and the largest error per quantity."""
    rows = [
        {
            "quantity": quantity,
            "unit": group["unit"].fillna("").iloc[0],
            "median": group["error"].median(),
            "worst": group["error"].max(),
            "bound": group["bound"].max(),
            "agree": int(group["ok"].sum()),
            "n": len(group),
        }
        for quantity, group in truth.groupby("quantity", sort=False)
    ]
    return {"agree": int(truth["ok"].sum()), "n": len(truth), "rows": rows}


def read_truth(path: Path) -> pd.DataFrame | None:
    """The table of a made cohort, or None."""
    return pd.read_csv(path, sep="\t") if path.is_file() else None
