"""Effects of a fault on labels, what was reported of it, and whether the first reason names the cause."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass

import numpy as np

from benchmarks.faults.situation import Fault
from benchmarks.faults.workflow import Outcome
from gaitload.quality import Gate, Verdict, ranked
from gaitload.trial import Markers

FORCE_LIMIT_BW, MOMENT_LIMIT_SHARE, ANGLE_LIMIT_DEG = 0.3, 0.10, 3.0
"""Changes of a label that have to be reported."""
PERCENTILE = 95.0
"""A fault is measured by this percentile of its differences over the frames of a trial, not by single frames beside
touch-down."""
MOMENT_FLOOR_NM_PER_KG = 0.2
"""Moments of smaller peaks (hip rotation in walking) are compared with this."""
RESTORED_M = 0.001
"""A repair is right where every marker is back within this of the clean trial, in runs that stop after ingest."""
OF_MUSCLES = re.compile(r"RESERVE_|MUSCLES_|KNEE_COMPARTMENT|OPTIMIZATION_|PASSIVE_|RANGE_END|STRENGTH_|PLAUSIBLE_")
"""Gates of what the model makes of a motion: they warn about clean trials too, and name no fault of a recording."""
_GRAVITY = {verdict: rank for rank, verdict in enumerate(Verdict)}


@dataclass(frozen=True)
class Score:
    """What became of one fault of one size in one trial.

    Attributes
    ----------
    fault, group, part, trial : str
    size : float
    unit : str
    force_bw, moment_share, angle_deg : float
        Largest change of a label of each kind; NaN where the trial was refused.
    matters : bool
        A change is above its limit. A refused trial's counts as such, and so does every fault where no labels are made.
    reported_by : tuple of str
        `refused`, `check`, or codes of the gates that are graver than in the clean run.
    first_reason : str
    detected, named, repaired, repaired_wrongly : bool
    check_s : float
    """

    fault: str
    group: str
    part: str
    trial: str
    size: float
    unit: str
    force_bw: float
    moment_share: float
    angle_deg: float
    matters: bool
    reported_by: tuple[str, ...]
    first_reason: str
    detected: bool
    named: bool
    repaired: bool
    repaired_wrongly: bool
    check_s: float

    def as_dict(self) -> dict:
        """For the JSON file."""
        return asdict(self)


def score(fault: Fault, size: float, trial: str, clean: Outcome, faulty: Outcome) -> Score:
    """Hold a faulty run against the clean run of the same trial."""
    effects = effects_of(clean, faulty)
    limits = (FORCE_LIMIT_BW, MOMENT_LIMIT_SHARE, ANGLE_LIMIT_DEG)
    matters = (
        not clean.labels
        or bool(faulty.refusal or faulty.crash)
        or any(effect > limit for effect, limit in zip(effects, limits, strict=True))
    )
    reports = reported(clean, faulty)
    first = reports[0][1] if reports else faulty.crash
    repaired = bool(set(faulty.repairs) - set(clean.repairs)) and not faulty.refusal
    still_wrong = matters if clean.labels else _apart_m(clean.markers, faulty.markers) > RESTORED_M
    return Score(
        fault=fault.name,
        group=fault.group,
        part=fault.part,
        trial=trial,
        size=size,
        unit=fault.unit,
        force_bw=effects[0],
        moment_share=effects[1],
        angle_deg=effects[2],
        matters=matters,
        reported_by=tuple(dict.fromkeys(who for who, _ in reports)),
        first_reason=first,
        detected=bool(reports),
        named=any(re.search(pattern, first, re.IGNORECASE) for pattern in fault.cause),
        repaired=repaired and not still_wrong,
        repaired_wrongly=repaired and still_wrong,
        check_s=faulty.check_s,
    )


def _apart_m(clean: Markers | None, faulty: Markers | None) -> float:
    """Largest distance of a marker from its place in the clean trial; infinite where they cannot be compared."""
    if clean is None or faulty is None or set(clean.names) != set(faulty.names):
        return float("inf")
    if len(clean.time_s) != len(faulty.time_s):
        return float("inf")
    apart_m = [np.linalg.norm(clean.of(name) - faulty.of(name), axis=1) for name in clean.names]
    return float(np.nanmax(apart_m, initial=0.0))


def reported(clean: Outcome, faulty: Outcome) -> list[tuple[str, str]]:
    """`(by whom, sentence)` of everything that the clean run did not report, the likeliest cause first."""
    found = [("refused", faulty.refusal)] if faulty.refusal else []
    known = {gate.code: _GRAVITY[gate.verdict] for gate in clean.gates}
    graver = [gate for gate in alarms(faulty.gates) if _GRAVITY[gate.verdict] > known.get(gate.code, 0)]
    found += [(gate.code, f"{gate.code}: {gate.reason}") for gate in graver]
    unlike = set(map(_without_numbers, clean.check))
    found += [("check", line) for line in faulty.check if _without_numbers(line) not in unlike]
    return found


def alarms(gates: Iterable[Gate]) -> list[Gate]:
    """Gates that warn or fail and speak of a recording, the likeliest cause first, as `gaitload check` tells them."""
    return [gate for gate in ranked(gates) if not OF_MUSCLES.match(gate.code)]


def effects_of(clean: Outcome, faulty: Outcome) -> tuple[float, float, float]:
    """Largest changes of forces (BW), moments (share of the peak) and angles (deg); NaN where there are no labels."""
    if not faulty.labels or not clean.labels:
        return (float("nan"),) * 3
    largest = {"bw": 0.0, "moment": 0.0, "angle": 0.0}
    for name, values in clean.labels.items():
        kind = _kind(name)
        if kind is None or name not in faulty.labels:
            continue
        other = _on_clock(clean.labels["time_s"], faulty, name)
        known = np.isfinite(values) & np.isfinite(other)
        if not known.any():
            continue
        change = float(np.percentile(np.abs(values - other)[known], PERCENTILE))
        if kind == "moment":
            change /= max(float(np.nanmax(np.abs(values))), MOMENT_FLOOR_NM_PER_KG)
        largest[kind] = max(largest[kind], np.degrees(change) if kind == "angle" else change)
    return float(largest["bw"]), float(largest["moment"]), float(largest["angle"])


def with_effects(scores: Iterable[Mapping], earlier: Iterable[Mapping]) -> dict[str, object]:
    """Scores of a run without labels, with the effects that an earlier run found of the same faults.

    What a fault does to labels depends on the recording and the model, not on the checks. Faults that the earlier run
    did not have keep counting.

    Parameters
    ----------
    scores, earlier : iterable of mapping
        As in the JSON files.

    Returns
    -------
    dict
        `scores`, and `effects_known`, how many of them have effects.
    """
    keys = ("fault", "size", "trial")
    known = {tuple(one[key] for key in keys): one for one in earlier}
    joined, count = [], 0
    for one in scores:
        other = known.get(tuple(one[key] for key in keys))
        count += other is not None
        effects = ("force_bw", "moment_share", "angle_deg", "matters")
        joined.append({**one, **({key: other[key] for key in effects} if other else {})})
    return {"scores": joined, "effects_known": count}


def _on_clock(time_s: np.ndarray, faulty: Outcome, name: str) -> np.ndarray:
    """A column of the faulty run at the frames of the clean one; where clocks run differently, frame by frame."""
    values = faulty.labels[name]
    if len(values) == len(time_s):
        return values
    rows = np.clip(np.rint(np.linspace(0, len(values) - 1, len(time_s))).astype(int), 0, len(values) - 1)
    return values[rows]


def _kind(name: str) -> str | None:
    if name.startswith(("frame_flags", "contact_", "time_s")):
        return None
    if name.endswith("_bw") and name.startswith(("atf", "ptf", "acf", "kcf", "hcf")):
        return "bw"
    if name.endswith("_nm_per_kg") and "_moment_" in name:
        return "moment"
    return "angle" if name.endswith("_rad") else None


def _without_numbers(line: str) -> str:
    return re.sub(r"[-+]?\d[\d.,e+-]*", "#", line)
