"""How people walk and run: mean joint angles, pelvis motion and ground reaction over a stride, and how much they vary.

The figures are in gait_templates.tsv beside this module and were derived with this project's own stages ingest, scale
and kinematics (`python -m derivations.gait_templates`, which also says how) from

- a walk, and the trunk and the arms of a treadmill run: one person each, Rajagopal et al. 2016, IEEE Trans Biomed Eng
  63:2068, doi 10.1109/TBME.2016.2586891;
- pelvis, legs and ground reaction of twelve treadmill runners at 2.5, 3.5 and 4.5 m/s: Fukuchi, Fukuchi & Duarte 2017,
  PeerJ 5:e3298, doi 10.7717/peerj.3298.

Phase is the share of the stride that has passed since the right foot's contact; half of a stride later the left foot
does what the right foot did, mirrored. Left and right of those people were averaged, so the templates are symmetric to
the last bit.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from gaitload.conventions import AXES, LATERAL_SIGN
from gaitload.errors import ConfigError

TABLE = Path(__file__).with_name("gait_templates.tsv")
SYMMETRIC = ("pelvis_tilt", "pelvis_tx", "pelvis_ty", "lumbar_extension")
"""Coordinates that are the same half of a stride later: even harmonics only."""
ANTISYMMETRIC = ("pelvis_list", "pelvis_rotation", "pelvis_tz", "lumbar_bending", "lumbar_rotation")
"""Coordinates that have the other sign half of a stride later: odd harmonics only, and no mean."""
SIDED = (
    "hip_flexion",
    "hip_adduction",
    "hip_rotation",
    "knee_angle",
    "ankle_angle",
    "arm_flex",
    "arm_add",
    "arm_rot",
    "elbow_flex",
    "pro_sup",
)
"""Coordinates `<name>_r` and `<name>_l`; the models of the family mirror their axes, so both have the same sign."""
TRANSLATIONS = ("pelvis_tx", "pelvis_ty", "pelvis_tz")
"""In leg lengths; all other coordinates are in rad."""
_LATER = {"r": 0.0, "l": 0.5}
"""Phase at which a foot touches the floor."""


@dataclass(frozen=True)
class Variation:
    """Standard deviations of a quantity, in its unit; NaN where too few people or strides were recorded.

    Attributes
    ----------
    strides : float
        Between strides of one person (root mean square over the stride).
    people_mean : float
        Of the mean over the stride, between people.
    people_shape : float
        Of what is left without that mean, between people (root mean square over the stride).
    """

    strides: float
    people_mean: float
    people_shape: float


@dataclass(frozen=True)
class GaitTemplate:
    """Mean gait of some people at one speed.

    Attributes
    ----------
    name : str
        `walk`, `run_2.5`, `run_3.5`, `run_4.5`.
    activity : str
    speed_m_per_s : float
    leg_length_m : float
        Mean height of the hip's centre over the sole with all coordinates of the scaled model zero.
    stride_time_s, duty_factor, step_width : float
        Duty factor: stance time over stride time. Width: across the floor between the centres of pressure of successive
        steps, in leg lengths.
    people, strides : int
        How many were averaged.
    variation : mapping of str to Variation
        By coordinate (without its side), and of `stride_time` (s), `duty_factor` and `step_width`.
    series : mapping of str to ndarray, shape (3, K)
        Coordinate without its side -> harmonic, cosine and sine coefficient; harmonic 0 is the mean.
    stance : mapping of str to ndarray, shape (K,)
        Coefficients over the stance: `force_*` and `free_moment` of sin(k pi share) from k = 1, `cop_*` of
        cos(k pi share) from k = 0.
    """

    name: str
    activity: str
    speed_m_per_s: float
    leg_length_m: float
    stride_time_s: float
    duty_factor: float
    step_width: float
    people: int
    strides: int
    variation: Mapping[str, Variation]
    series: Mapping[str, np.ndarray]
    stance: Mapping[str, np.ndarray]

    def speed_of(self, leg_length_m: float) -> float:
        """Speed (m/s) at which somebody of another leg length moves like that: the same v / sqrt(g L)."""
        return self.speed_m_per_s * float(np.sqrt(leg_length_m / self.leg_length_m))

    def stride_time_of(self, leg_length_m: float) -> float:
        """Stride time (s) of somebody of another leg length at `speed_of` it: strides as long in leg lengths."""
        return self.stride_time_s * float(np.sqrt(leg_length_m / self.leg_length_m))

    def coordinates(self, phase: np.ndarray, *, leg_length_m: float) -> dict[str, np.ndarray]:
        """Free coordinates of a model of the Rajagopal family at phases of shape (T,), any real number.

        Parameters
        ----------
        phase : ndarray, shape (T,)
        leg_length_m : float
            Of the person who is to move like that.

        Returns
        -------
        dict of str to ndarray, shape (T,)
            rad; translations in m, ground frame. `pelvis_tx` is that of a belt: the way over the floor, speed times
            time, is to be added. `pelvis_ty` is above the floor. Locked and dependent coordinates are not among them.
        """
        found = {name: _series(self.series[name], phase) for name in (*SYMMETRIC, *ANTISYMMETRIC)}
        found |= {
            f"{name}_{side}": _series(self.series[name], phase - later)
            for name in SIDED
            for side, later in _LATER.items()
        }
        return found | {name: leg_length_m * found[name] for name in TRANSLATIONS}

    def stance_share(self, phase: np.ndarray, side: str) -> np.ndarray:
        """Share of a foot's stance that has passed, [0, 1), at phases of shape (T,); NaN in swing."""
        passed = ((phase - _LATER[side]) % 1.0) / self.duty_factor
        return np.where(passed < 1.0, passed, np.nan)

    def ground_force(self, share: np.ndarray, side: str) -> np.ndarray:
        """Force on a foot, shape (T, 3), body weights, ground frame, at shares of its stance; zero where NaN."""
        return self._pushed("force", share, side)

    def free_moment(self, share: np.ndarray, side: str) -> np.ndarray:
        """Moment on a foot about the upward vertical through its centre of pressure, shape (T,); zero where NaN.

        In body weight times leg length.
        """
        inside = np.isfinite(share)
        return LATERAL_SIGN[side] * np.where(inside, _sines(self.stance["free_moment"], share), 0.0)

    def centre_of_pressure(self, share: np.ndarray, side: str) -> np.ndarray:
        """Centre of pressure in the frame of the heel bone (calcn) of that instant, shape (T, 3); NaN in swing.

        In m, for a foot of the generic model's size: multiply by the foot's scale factor. With other angles than the
        template's the point is not on the floor; project it along the vertical.
        """
        places = np.column_stack([_cosines(self.stance[f"cop_{axis}"], share) for axis in AXES])
        return places * _mirror(side)

    def _pushed(self, quantity: str, share: np.ndarray, side: str) -> np.ndarray:
        found = np.column_stack([_sines(self.stance[f"{quantity}_{axis}"], share) for axis in AXES])
        return np.where(np.isfinite(share)[:, None], found, 0.0) * _mirror(side)


@cache
def gait_templates() -> dict[str, GaitTemplate]:
    """All templates, by their names."""
    with TABLE.open(newline="") as lines:
        rows = list(csv.DictReader((line for line in lines if not line.startswith("#")), delimiter="\t"))
    return {name: _template(name, rows) for name in list(rows[0])[len(KEYS) :]}


def gait_template(name: str) -> GaitTemplate:
    """One template; raises `ConfigError` (GAIT_TEMPLATE_UNKNOWN)."""
    known = gait_templates()
    if name not in known:
        raise ConfigError(
            expected=f"one of {', '.join(known)}",
            found=name,
            where="name of a gait template",
            do="Correct the name, or derive the template: python -m derivations.gait_templates.",
            code="GAIT_TEMPLATE_UNKNOWN",
        )
    return known[name]


KEYS = ("quantity", "unit", "kind", "harmonic")
"""Columns of the table before those of the templates."""


def _template(name: str, rows: list[dict[str, str]]) -> GaitTemplate:
    cells = {
        (row["quantity"], row["kind"], int(row["harmonic"] or 0)): float(row[name]) if row[name] else np.nan
        for row in rows
    }
    quantities = dict.fromkeys(quantity for quantity, _, _ in cells)
    return GaitTemplate(
        name=name,
        activity=name.partition("_")[0],
        **{
            field: cells[quantity, "mean", 0]
            for field, quantity in (
                ("speed_m_per_s", "speed"),
                ("leg_length_m", "leg_length"),
                ("stride_time_s", "stride_time"),
                ("duty_factor", "duty_factor"),
                ("step_width", "step_width"),
            )
        },
        people=int(cells["people", "count", 0]),
        strides=int(cells["strides", "count", 0]),
        variation={
            quantity: Variation(
                *(cells[quantity, f"sd_{what}", 0] for what in ("strides", "people_mean", "people_shape"))
            )
            for quantity in quantities
            if (quantity, "sd_strides", 0) in cells
        },
        series={quantity: _harmonics(quantity, cells) for quantity in (*SYMMETRIC, *ANTISYMMETRIC, *SIDED)},
        stance={
            quantity: np.array(
                [value for (which, kind, _), value in cells.items() if (which, kind) == (quantity, term)]
            )
            for quantity in quantities
            for term in ("sin_stance", "cos_stance")
            if (quantity, term, 1) in cells
        },
    )


def _harmonics(quantity: str, cells: dict[tuple[str, str, int], float]) -> np.ndarray:
    terms = [harmonic for which, kind, harmonic in cells if (which, kind) == (quantity, "cos")]
    mean = (0.0, cells.get((quantity, "mean", 0), 0.0), 0.0)
    return np.array([mean, *((k, cells[quantity, "cos", k], cells[quantity, "sin", k]) for k in terms)]).T


def _series(terms: np.ndarray, phase: np.ndarray) -> np.ndarray:
    harmonic, cosine, sine = terms
    turned = 2.0 * np.pi * np.outer(phase, harmonic)
    return np.cos(turned) @ cosine + np.sin(turned) @ sine


def _sines(coefficients: np.ndarray, share: np.ndarray) -> np.ndarray:
    return np.sin(np.pi * np.outer(share, np.arange(1, len(coefficients) + 1))) @ coefficients


def _cosines(coefficients: np.ndarray, share: np.ndarray) -> np.ndarray:
    return np.cos(np.pi * np.outer(share, np.arange(len(coefficients)))) @ coefficients


def _mirror(side: str) -> np.ndarray:
    return np.array([1.0, 1.0, LATERAL_SIGN[side]])
