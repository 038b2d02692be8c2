"""Cohorts at a glance: who was recorded, what became of every trial, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from gaitload.cohorts.tables import Cohort
from gaitload.quality import Verdict

GRAVEST_FIRST = [str(verdict) for verdict in reversed(Verdict)]


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
        "n_motions": len(motions),
        "seconds": sum(document["length_s"] or 0.0 for document in motions),
        "counts": {verdict: count for verdict, count in counts.items() if count},
        "reasons": reasons(documents),
        "refusals": [document for document in documents if document["refusal"]],
        "truth": truth_view(truth) if truth is not None else None,
        "has_sensors": bool(cohort.spec.imu_files),
        "has_markers": any(row.file for row in cohort.trials),
    }


def reasons(documents: Sequence[dict]) -> list[dict]:
    """Gates that did not pass, each with its trials counted by verdict; the gravest and most frequent first."""
    doubts: dict[str, list[tuple[dict, dict]]] = {}
    for document in documents:
        for gate in document["gates"]:
            if gate["verdict"] != "passed":
                doubts.setdefault(gate["code"], []).append((document, gate))
    found = []
    for code, told in doubts.items():
        counts = Counter(gate["verdict"] for _, gate in told)
        gravest = min(counts, key=GRAVEST_FIRST.index)
        gravely = [(document, gate) for document, gate in told if gate["verdict"] == gravest]
        found.append(
            {
                "code": code,
                "gravest": gravest,
                "counts": [counts[verdict] for verdict in GRAVEST_FIRST],
                "n": _counted(counts),
                "people": {document["participant"] for document, _ in told},
                "trials": [document["id"] for document, _ in gravely],
                "example": _with_number(gravely[0][1]),
            }
        )
    return sorted(found, key=lambda entry: ([-count for count in entry["counts"]], entry["code"]))


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
