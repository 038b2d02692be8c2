"""Isometric strength of the hip in the generic models, by hip flexion, beside what was measured in people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from scipy.optimize import linprog

from benchmarks import tables
from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.curves import capacities
from gaitload.mechanics.moment_arms import muscle_geometry
from gaitload.models.registry import find_model
from gaitload.opensim.export import export_mechanism

MODELS = ("rajagopal2023", "rajagopal2023_rotators")
FLEXIONS_DEG = (0.0, 20.0, 40.0, 90.0)
ABDUCTION = 2.0
"""Abduction (N m/kg) that fast runners ask for while the hip has to rotate internally."""
TURNS = ("flexion", "adduction", "rotation")
_SENTENCE = (
    "Greatest isometric moments of the right hip (N m/kg) at full activation, with rigid tendons, in the generic "
    "models; the knee is flexed as the hip is. Last column: the internal rotation that is left beside {abduction:g} "
    "N m/kg of abduction and no flexion. Measured in people: internal rotation is stronger than external in all but "
    "one test position, with the hip flexed and extended (60 people, Lindsay et al. 1992, J Orthop Sports Phys Ther "
    "16:43-50); external rotation does not depend on hip flexion between 10 and 90 deg, internal rotation grows "
    "with it (30 people, Johnson & Hoffman 2010, J Sport Rehabil 19:12-20); eccentric abduction of 831 novice "
    "runners is 1.62 ± 0.38 (men) and 1.41 ± 0.33 N m/kg (women) (Ramskov et al. 2014, Int J Sports Phys Ther "
    "9:68-75)."
)


def measured() -> list[dict]:
    """Return the strength by model and hip flexion (N m/kg)."""
    rows = []
    for name in MODELS:
        mechanism = export_mechanism(find_model(name).path)
        rows += [{"model": name, "flexion_deg": flexion} | _strength(mechanism, flexion) for flexion in FLEXIONS_DEG]
    return rows


def _strength(mechanism: Mechanism, flexion_deg: float) -> dict[str, float]:
    per_kg = _moments(mechanism, flexion_deg) / mechanism.tree.mass_kg.sum()
    flexion, adduction, rotation = per_kg.T
    return {
        "internal": float(rotation[rotation > 0].sum()),
        "external": float(-rotation[rotation < 0].sum()),
        "abduction": float(-adduction[adduction < 0].sum()),
        "internal_beside": _most(rotation, {0.0: flexion, -ABDUCTION: adduction}),
    }


def _moments(mechanism: Mechanism, flexion_deg: float) -> np.ndarray:
    """Return moments (N m) of fully active muscles about the axes of the right hip, shape (M, 3)."""
    names, coordinates = mechanism.coordinate_names, mechanism.coordinates
    q = coordinates.default.copy()
    q[[names.index("hip_flexion_r"), names.index("knee_angle_r")]] = np.radians(flexion_deg)
    q = (coordinates.slope * q[coordinates.leader] + coordinates.intercept)[None]
    length, speed, arms = muscle_geometry(mechanism, q, np.zeros_like(q), balanced=True)
    moving = np.zeros(len(mechanism.muscle_names), dtype=bool)
    active, _ = capacities(mechanism.muscles, length, speed, true_pennation=True, force_velocity=moving)
    return arms[0][:, [names.index(f"hip_{turn}_r") for turn in TURNS]] * active[0][:, None]


def _most(wanted: np.ndarray, given: Mapping[float, np.ndarray]) -> float:
    """Return the greatest sum of shares of moments, each from 0 to 1, beside given sums of others; NaN for none."""
    found = linprog(-wanted, A_eq=np.stack(list(given.values())), b_eq=list(given), bounds=(0.0, 1.0))
    return float(-found.fun) if found.status == 0 else float("nan")


def sections(rows: Sequence[Mapping]) -> list[tuple[str, str]]:
    """Return sections of the report, each a sentence and a table; none without measurements."""
    if not rows:
        return []
    head = ["model", "hip flexion (deg)", "internal", "external", "internal / external", "abduction", "internal beside"]
    cells = [
        [
            row["model"],
            f"{row['flexion_deg']:.0f}",
            f"{row['internal']:.2f}",
            f"{row['external']:.2f}",
            f"{row['internal'] / row['external']:.2f}",
            f"{row['abduction']:.2f}",
            f"{row['internal_beside']:.2f}" if np.isfinite(row["internal_beside"]) else "none",
        ]
        for row in rows
    ]
    return [(_SENTENCE.format(abduction=ABDUCTION), tables.table(head, cells))]
