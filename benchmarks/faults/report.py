"""The page of the documentation: misses first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks import tables
from benchmarks.faults.full_length import TRUE_OF_RECORDINGS, laboratory_of
from benchmarks.faults.known_limits import WHY_ALARMED, WHY_MISSED
from benchmarks.faults.scoring import ANGLE_LIMIT_DEG, FORCE_LIMIT_BW, MOMENT_LIMIT_SHARE, PERCENTILE, RESTORED_M
from benchmarks.faults.situation import PARTS
from gaitload.ingest.laboratory import LaboratoryLag

_TRUE = "markers that are missing or misnamed, and steps beside plates, are true of these recordings and do not count."
FIRST_DETECTED_PERCENT, FIRST_NAMED_PERCENT = 85, 81
"""Rates of the held-out part when it was reported for the first time. Checks were mended by it since, so that no later
run can measure them."""
_COLUMNS = ("fault", "size", "trial", "force (BW)", "moment (%)", "angle (deg)")


def page(found: Mapping) -> str:
    """The Markdown text of everything that was measured."""
    scores = found["scores"]
    mattering = [one for one in scores if one["matters"]]
    seen = [one for one in mattering if one["detected"]]
    by_stages = [one for one in seen if not {"check", "refused"} & set(one["reported_by"])]
    sections = [
        _summary(scores, found["clean"], _of_run(found)),
        (
            "**Missed**: faults that change a label and that nothing reports.",
            _table(
                [one | {"why": WHY_MISSED.get(one["fault"], "")} for one in mattering if not one["detected"]], "why"
            ),
        ),
        _repairs(scores),
        (
            "**Reported with another cause first**: the first reason does not name the fault.",
            _table([one for one in seen if not one["named"]], "first_reason"),
        ),
        (
            "**Missed by `gaitload check`**: reported by the stages of a run alone.",
            _table(by_stages, "reported_by"),
        ),
        _alarms(found["clean"]),
        *([_in_full_length(found["full_length"])] if found.get("full_length") else []),
        *(_sensors(found["sensors"]) if found.get("sensors") else []),
        (
            "**Reported with the cause.**",
            _table([one for one in seen if one["named"]], "reported_by"),
        ),
        (
            "**Without effect**: labels change by less than the limits, or the fault was repaired.",
            _table([one for one in scores if not one["matters"]], "reported_by"),
        ),
    ]
    if found.get("left_out"):
        sections.append(("**Left out**: the trial lacks what the fault concerns.", "; ".join(found["left_out"]) + "."))
    return tables.document("Faults of laboratories: what is reported and what is missed", found["machine"], sections)


def _sensors(scores: Sequence[Mapping]) -> list[tuple[str, str]]:
    """Faults of inertial sensors: the rates, and what is missed or has another cause first."""
    rows = []
    for part in PARTS:
        own = [one for one in scores if one["part"] == part]
        if own:
            shares = [f"{100 * sum(one[key] for one in own) / len(own):.0f} %" for key in ("detected", "named")]
            rows.append([part, len({one["type"] for one in own}), len(own), *shares])
    sentence = (
        "**Inertial sensors**: faults injected into the sensors of neura_sparse01 (with orientations) and "
        "camargo2021_ab06 (without), every one counted whatever it changes. Faults that need markers or other trials "
        "to be seen (sensors exchanged, worn otherwise) are not among them. All but the unseen part were looked at "
        "while limits were chosen."
    )
    missed = [
        [one["fault"], f"{one['size']:g} {one['unit']}".strip(), one["recording"], one["code"] or "nothing"]
        for one in scores
        if not one["named"]
    ]
    return [
        (sentence, tables.table(["part", "fault types", "runs", "detected", "cause first"], rows)),
        (
            "**Faults of sensors that are missed, or reported with another cause first.**",
            tables.table(["fault", "size", "recording", "reported first"], missed) if missed else "None.",
        ),
    ]


def _repairs(scores: Sequence[Mapping]) -> tuple[str, str]:
    """Wrong repairs, and how many are right."""
    right = [one for one in scores if one["repaired"]]
    wrong = [one for one in scores if one["repaired_wrongly"]]
    sentence = (
        f"**Repaired wrongly or by half**: a repair was reported, and labels are still changed; where a run stopped "
        f"after ingest, markers are still {1e3 * RESTORED_M:.0f} mm and more off the clean trial. {len(right)} other "
        "repairs are right."
    )
    return sentence, _table(wrong, "first_reason")


def _in_full_length(found: Mapping[str, Mapping]) -> tuple[str, str]:
    """Clean recordings in full length, those with alarms first, with what is true of them in a column of its own."""
    rows = []
    for trial, one in found.items():
        true = [code for code in one["alarms"] if code.startswith(TRUE_OF_RECORDINGS)]
        false = [code for code in one["alarms"] if code not in true]
        why = WHY_ALARMED.get(trial.rpartition("/")[0], "") if false else ""
        rows.append([trial, ", ".join(false), ", ".join(true), why])
    rows.sort(key=lambda row: not row[1])
    count = sum(bool(row[1]) for row in rows)
    took_s = [one["check_s"] for one in found.values()]
    sentence = (
        f"**Clean recordings in full length**: {count} of {len(rows)} motions "
        f"({100 * count / max(len(rows), 1):.1f} %) raise an alarm; {_TRUE} Reading and checking a motion took "
        f"{np.median(took_s):.1f} s of a processor's time (median; up to {max(took_s):.1f} s). "
        f"{_of_lag(laboratory_of(found, 'fukuchi2017'))}"
    )
    return sentence, tables.table(["trial", "alarms", "true of the recording", "why"], rows)


def _of_lag(lag: LaboratoryLag) -> str:
    """The lag of fukuchi2017 by both methods with their standard errors; empty where it was not measured."""
    if np.isnan(lag.vertical_s):
        return ""
    return (
        f"Forces of fukuchi2017 lead the markers by {1e3 * lag.vertical_s:.1f} +- {1e3 * lag.vertical_se_s:.1f} ms by "
        f"vertical force and {1e3 * lag.belt_s:.1f} +- {1e3 * lag.belt_se_s:.1f} ms by the belt (mean and standard "
        f"error over {lag.participants} participants, {lag.trials} trials)."
    )


def rates(scores: Sequence[Mapping]) -> dict[str, float]:
    """Counts and shares of the faults that change a label."""
    mattering = [one for one in scores if one["matters"]]
    count = max(len(mattering), 1)
    return {
        "runs": len(scores),
        "types": len({one["fault"] for one in scores}),
        "change a label": len(mattering),
        "detected": sum(one["detected"] for one in mattering) / count,
        "cause first": sum(one["detected"] and one["named"] for one in mattering) / count,
        "repaired wrongly": sum(one["repaired_wrongly"] for one in scores),
    }


def _summary(scores: Sequence[Mapping], clean: Mapping, of_run: str) -> tuple[str, str]:
    rows = []
    for part in PARTS:
        own = [one for one in scores if one["part"] == part]
        if not own:
            continue
        of_part = rates(own)
        cells = [of_part["types"], of_part["runs"], of_part["change a label"]]
        cells += [f"{100 * of_part[key]:.0f} %" for key in ("detected", "cause first")]
        rows.append([part, *cells, of_part["repaired wrongly"]])
    known_s = [one["check_s"] for one in scores if one["check_s"] is not None and np.isfinite(one["check_s"])]
    median_s, slowest_s = (np.median(known_s), max(known_s)) if known_s else (float("nan"),) * 2
    sentence = (
        "`python -m benchmarks.faults` injects one fault at a time into clean recordings of two seconds (and four on "
        "either side), and runs `gaitload check` and all stages up to the labels. A fault changes a label where the "
        f"{PERCENTILE:.0f}th percentile over the frames of the difference from the clean run is above "
        f"{FORCE_LIMIT_BW:g} BW of a tendon or contact force, {100 * MOMENT_LIMIT_SHARE:.0f} % of the peak of a joint "
        f"moment or {ANGLE_LIMIT_DEG:g} deg of a joint angle, or where the trial is refused; runs that stop after "
        "ingest (no changes in the tables) count every fault. It is detected where the trial is refused, or where "
        "`check` or a gate reports what it does not report of the clean run; gates of the "
        "muscle solution (reserves, saturation, plausible peaks) do not count. The cause is right where the first "
        "reason names it.\n\nChecks were tuned on the development part of the faults and trials. The held-out part was "
        f"reported once ({FIRST_DETECTED_PERCENT} % detected, {FIRST_NAMED_PERCENT} % with the cause first, as noted "
        "then; this run does not measure them). Classes of faults that it showed to be missed were mended since, by "
        "physics and on other trials, so that its numbers are no longer those of unseen faults. The unseen part was "
        "written after the checks, into trials that had no part in the other two. But RBDS017 and RBDS021 belong to "
        "the 36 runs of fukuchi2017 by which the limits of `COP_HEADS` and of drift were chosen. The unseen part "
        f"stands as it was first found.\n\n{of_run}`check` took {median_s:.1f} s of a processor's time a "
        f"trial (median; up to {slowest_s:.1f} s), without reading the file. Clean trials: {', '.join(clean)}."
    )
    columns = ["part", "fault types", "runs", "change a label", "detected", "cause first", "repaired wrongly"]
    return sentence, tables.table(columns, rows)


def _of_run(found: Mapping) -> str:
    """How long the run was, and where its effects come from."""
    text = ""
    if "sizes" in found:
        text = f"Faults had up to {found['sizes']} of their sizes in up to {found['trials_each']} of the trials. "
    known = found.get("effects_known")
    if known is None:
        return text
    return (
        f"{text}The run stopped after ingest; the effects of {known} of its {len(found['scores'])} faults are those of "
        "an earlier run up to the labels, which depend on the recordings and not on the checks; all others count. "
    )


def _alarms(clean: Mapping) -> tuple[str, str]:
    rows = [[trial, "; ".join(alarms) or "none"] for trial, alarms in clean.items()]
    doubted = [trial for trial, alarms in clean.items() if any(map(_is_false, alarms))]
    sentence = (
        f"**Alarms on the clean trials.** {len(doubted)} of {len(clean)} raise one that is not true of the recording; "
        f"{_TRUE}"
    )
    return sentence, tables.table(["trial", "alarms"], rows)


def _is_false(alarm: str) -> bool:
    """Whether an alarm says something else than what is true of a recording; remarks of `check` begin with `check:`."""
    code = alarm.split(": ")[2] if alarm.startswith("check: ") else alarm
    return not code.startswith(TRUE_OF_RECORDINGS)


def _table(scores: Sequence[Mapping], last: str = "") -> str:
    if not scores:
        return "None."
    rows = []
    by_name = sorted(scores, key=lambda one: (one["group"], one["fault"], one["trial"], one["size"]))
    for one in by_name:
        size = f"{one['size']:g} {one['unit']}".strip() if one["unit"] else ""
        changes = [_cell(one["force_bw"]), _cell(one["moment_share"], 100), _cell(one["angle_deg"])]
        cell = one[last] if last else ""
        cell = ", ".join(cell) if isinstance(cell, list | tuple) else cell
        row = [one["fault"], size, one["trial"], *changes]
        rows.append([*row, *([cell if last == "why" else _short(cell)] if last else [])])
    return tables.table([*_COLUMNS, *([last.replace("_", " ")] if last else [])], rows)


def _cell(value: float | None, factor: float = 1.0) -> str:
    return "" if value is None or np.isnan(value) else f"{factor * value:.2g}"


def _short(text: str, length: int = 160) -> str:
    text = text.replace("|", "/").replace("\n", " ")
    return text if len(text) <= length else f"{text[: length - 3]}..."
