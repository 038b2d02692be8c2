"""Gates of the labels themselves: peak forces against their known range, and knee compartments."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gaitload.config.motion import Activity, Gates
from gaitload.conventions import SIDES, body_weight_n
from gaitload.dependencies import compartments, contact, muscle
from gaitload.gates.muscles import TENDON_GROUPS
from gaitload.gates.solution import Solution
from gaitload.labels import TrialLoads
from gaitload.labels.knee_compartments import split
from gaitload.quality import Gate, judge, outside
from gaitload.signals.runs import median_peak


def judge_plausibility(solution: Solution, limits: Gates, *, activity: Activity) -> Iterator[Gate]:
    """Peaks of tendon and contact forces against what is known of the activity, and knee compartments that would
    pull."""
    loads = solution.loads
    weight_n, bands = body_weight_n(loads.mass_kg), limits.plausible_bw(activity)
    for side in SIDES:
        stances = solution.phases(side)["stance"]
        for label, (values_n, questions) in _judged_forces(loads, side).items():
            peak_bw = median_peak(values_n, stances) / weight_n
            if label in bands and np.isfinite(peak_bw):
                code = f"PLAUSIBLE_{label.upper()}_{side.upper()}"
                yield _in_band(code, peak_bw, bands[label], activity, questions)
        clamped = split(loads)[side][2][solution.contact[:, SIDES.index(side)]]
        yield judge(
            f"KNEE_COMPARTMENT_CLAMPED_{side.upper()}",
            float(np.mean(clamped)) if clamped.size else np.nan,
            unit="share of stance frames",
            reason="a compartment would have pulled and was set to zero",
            warn_above=limits.frames_share,
            questions=(compartments(side),),
        )


def _judged_forces(loads: TrialLoads, side: str) -> dict[str, tuple[np.ndarray, tuple[str, ...]]]:
    """Label -> its size (N), shape (T,), and what its plausibility questions."""
    family = loads.family
    found = {}
    for label, group in TENDON_GROUPS.items():
        names = family.muscles(group, side)
        found[label] = sum(loads.tendon_forces_n[name] for name in names), tuple(map(muscle, names))
    for label, joint in (("acf", "ankle"), ("kcf", "knee"), ("hcf", "hip")):
        found[label] = np.linalg.norm(loads.reactions[joint, side][0], axis=1), (contact(joint, side),)
    return found


def _in_band(
    code: str, peak_bw: float, band_bw: tuple[float, float], activity: str, questions: tuple[str, ...]
) -> Gate:
    low, high = band_bw
    return judge(
        code,
        outside(peak_bw, low, high),
        unit="BW outside the range",
        reason=f"peak of {peak_bw:.1f} BW, median over stances; plausible for {activity}: {low:g} to {high:g} BW",
        warn_above=0.0,
        questions=questions,
    )
