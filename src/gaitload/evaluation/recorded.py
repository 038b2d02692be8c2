"""What the aligned tables of a study say: labels to hold estimates against, and baselines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from gaitload.errors import DataError
from gaitload.evaluation.estimates import Estimated, Method, baselines_of
from gaitload.evaluation.labelled import Choice, Labelled, labelled_columns, verdict_reason
from gaitload.io.tables import read_table
from gaitload.quality import Verdict
from gaitload.windows.tables import without_side

_NOT_FOUND = "NO_SEGMENT"


@dataclass
class Recorded:
    """What the aligned tables of a study say.

    Attributes
    ----------
    labelled : dict of str to list of Labelled
        By `cohort/participant/trial`; empty lists where no label of a trial can be used.
    clocks : dict of str to ndarray, shape (T,)
    baselines : dict of Method to list of Estimated
    left_out : list of dict
        `where` (trial and column) and `reason`.
    """

    labelled: dict[str, list[Labelled]] = field(default_factory=dict)
    clocks: dict[str, np.ndarray] = field(default_factory=dict)
    baselines: dict[Method, list[Estimated]] = field(default_factory=dict)
    left_out: list[dict] = field(default_factory=list)

    @property
    def every_label(self) -> list[Labelled]:
        """Labels of all trials."""
        return [item for items in self.labelled.values() for item in items]


def read_aligned(paths: Iterable[Path], choice: Choice) -> Recorded:
    """Labels and baselines of the aligned tables of a study; raises `DataError` where a file is missing."""
    recorded = Recorded()
    for path in paths:
        values, meanings, document = read_table(path)
        labelled, left_out = labelled_columns(values, meanings, document, choice)
        who, trial = document["participant"]["participant_id"], document["trial"]["trial_id"]
        where = f"{document['cohort']}/{who}/{trial}"
        recorded.labelled[where] = labelled
        recorded.clocks[where] = values["time_s"]
        for column, method, estimated in baselines_of(values, meanings, labelled, choice):
            recorded.baselines.setdefault(method, []).append(estimated)
            if meanings[column]["verdict"] in choice.leave_out:
                left_out[column] = verdict_reason(meanings[column]["verdict"])
        recorded.left_out += [{"where": f"{where}/{column}", "reason": reason} for column, reason in left_out.items()]
    return recorded


def require_labels(recorded: Recorded, choice: Choice, study: str) -> None:
    """Make sure that there is something to hold estimates against; raises `DataError`."""
    if not recorded.labelled:
        raise nothing_to_evaluate(study, "no aligned table of any trial")
    there = {name for item in recorded.every_label for name in (item.label, item.column)}
    # Without force plates there are no loads to compare; a study goes on with the angles.
    lost = sorted(set(choice.labels or ()) - there - (_unmeasured(recorded) if there else set()))
    if lost or not there:
        reasons = Counter(row["reason"] for row in recorded.left_out)
        found = ", ".join(f"{count} x {reason}" for reason, count in reasons.most_common()) or "no such columns"
        expected = f"labels for {', '.join(lost)}" if lost else "labels"
        raise _error(expected, f"none that can be used ({found})", study, "TARGET_WITHOUT_LABELS")
    people = {where.rpartition("/")[0] for where in recorded.labelled}
    empty = sorted(people - {item.person for item in recorded.every_label})
    without = [
        person
        for person in empty
        if all(row["reason"] == _NOT_FOUND for row in recorded.left_out if row["where"].startswith(f"{person}/"))
    ]
    if without:
        raise _error(
            "a stance or cycle of everybody", f"none of {', '.join(without)}", study, "SUBJECT_WITHOUT_SEGMENTS"
        )


def _unmeasured(recorded: Recorded) -> set[str]:
    """Labels, with and without their side, that were left out of every trial because they were not measured."""
    reasons: dict[str, set[str]] = {}
    for row in recorded.left_out:
        column = row["where"].rpartition("/")[2]
        for name in (column, without_side(column)[0]):
            reasons.setdefault(name, set()).add(row["reason"])
    return {name for name, why in reasons.items() if why == {verdict_reason(Verdict.NOT_MEASURED)}}


def nothing_to_evaluate(study: str, found: str) -> DataError:
    """The error for a study without labels or without estimates."""
    return DataError(
        expected="labels, and estimates of them",
        found=found,
        where=study,
        do="Run `snakemake aligned` and `snakemake estimators`, or choose cohorts whose trials are not all refused.",
        code="NOTHING_TO_EVALUATE",
    )


def _error(expected: str, found: str, where: str, code: str) -> DataError:
    do = {
        "TARGET_WITHOUT_LABELS": "Correct the study's targets, or read in results/quality why the labels fail.",
        "SUBJECT_WITHOUT_SEGMENTS": "Look at contact_r and contact_l of their tables, or leave them out of the study.",
    }[code]
    return DataError(expected=expected, found=found, where=where, do=do, code=code)
