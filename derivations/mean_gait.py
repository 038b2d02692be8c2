"""Strides averaged within people, and people averaged into a template."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.transform import Rotation

from derivations.recorded_gait import RecordedGait
from derivations.strides import cosine_series, fourier, sine_series
from gaitload.cohorts.embedded.templates import ANTISYMMETRIC, SIDED, SYMMETRIC, Variation
from gaitload.conventions import SIDES

HARMONICS = 12
"""Of coordinates. Fewer smooth the knee's and the ankle's first tenth of stance: see the residuals in the table."""
FORCE_TERMS, FREE_MOMENT_TERMS, POINT_TERMS = 14, 8, 6
"""Of the series over stance. More forces would follow the belt's vibrations, more points the noise at their ends."""
TRUNK = ("lumbar_extension", "lumbar_bending", "lumbar_rotation")
ARMS = ("arm_flex", "arm_add", "arm_rot", "elbow_flex", "pro_sup")
PELVIS = ("pelvis_tilt", "pelvis_list", "pelvis_rotation")
_TURNS = "ZXY"
"""Order of the turns of the joints below pelvis and trunk: tilt (z), list (x), rotation (y), each about moved axes."""
_STRIDES_MIN = 3
"""Fewer strides of a foot say nothing about their scatter."""


@dataclass(frozen=True)
class MeanGait:
    """One person's, or some people's, mean stride.

    Attributes
    ----------
    cycles, stances : dict
        Quantity -> shape (P,) at `PHASES`, or at `SHARES`; as in `RecordedGait`.
    scalars : dict
        speed, leg_length, stride_time, duty_factor, step_width.
    variation : dict
        Quantity (coordinates, stride_time, duty_factor, step_width) -> `Variation`.
    people, strides : int
    """

    cycles: dict[str, np.ndarray]
    stances: dict[str, np.ndarray]
    scalars: dict[str, float]
    variation: dict[str, Variation]
    people: int
    strides: int


def mean_of_person(gait: RecordedGait) -> MeanGait:
    """Strides averaged, left and right counting alike."""
    stride_time_s = _of_sides(gait.stride_time_s, gait.stride_side)
    stance_time_s = _of_sides(gait.stance_time_s, gait.stance_side)
    scatter = {name: _scatter(values, gait.stride_side) for name, values in gait.cycles.items()}
    scatter["stride_time"] = _scatter(gait.stride_time_s, gait.stride_side)
    scatter["duty_factor"] = _scatter(gait.stance_time_s / stride_time_s, gait.stance_side)
    scatter["step_width"] = float("nan")
    return MeanGait(
        cycles={name: _of_sides(values, gait.stride_side) for name, values in gait.cycles.items()},
        stances={name: _of_sides(values, gait.stance_side) for name, values in gait.stances.items()},
        scalars={
            "speed": gait.speed_m_per_s,
            "leg_length": gait.leg_length_m,
            "stride_time": float(stride_time_s),
            "duty_factor": float(stance_time_s / stride_time_s),
            "step_width": gait.step_width,
        },
        variation={name: Variation(value, float("nan"), float("nan")) for name, value in scatter.items()},
        people=1,
        strides=len(gait.stride_side),
    )


def mean_of_people(people: Sequence[MeanGait]) -> MeanGait:
    """People averaged, each counting alike, with how much they differ."""
    cycles = {name: np.array([person.cycles[name] for person in people]) for name in people[0].cycles}
    stances = {name: np.array([person.stances[name] for person in people]) for name in people[0].stances}
    scalars = {name: np.array([person.scalars[name] for person in people]) for name in people[0].scalars}
    variation = {}
    for name in people[0].variation:
        within = float(np.sqrt(np.mean([person.variation[name].strides ** 2 for person in people])))
        curves = cycles[name] if name in cycles else scalars[name][:, None]
        means = curves.mean(axis=1)
        shape = float(np.sqrt((curves - means[:, None]).var(axis=0, ddof=1).mean())) if name in cycles else np.nan
        variation[name] = Variation(within, float(means.std(ddof=1)), shape)
    return MeanGait(
        cycles={name: values.mean(axis=0) for name, values in cycles.items()},
        stances={name: _finite_mean(values) for name, values in stances.items()},
        scalars={name: float(values.mean()) for name, values in scalars.items()},
        variation=variation,
        people=len(people),
        strides=sum(person.strides for person in people),
    )


def with_trunk_and_arms(gait: MeanGait, donor: MeanGait) -> MeanGait:
    """A gait that was recorded without trunk and arms, with those of somebody else.

    The donor's trunk keeps its orientation in the ground frame, at the same phase: its angles on the pelvis would turn
    with a pelvis that is tilted and turned otherwise.
    """
    trunk = _turns(donor, PELVIS) * _turns(donor, TRUNK)
    angles = (_turns(gait, PELVIS).inv() * trunk).as_euler(_TURNS).T
    borrowed = {name: donor.cycles[name] for name in ARMS} | dict(zip(TRUNK, angles, strict=True))
    variation = {name: donor.variation[name] for name in (*TRUNK, *ARMS)}
    return replace(gait, cycles=gait.cycles | borrowed, variation=gait.variation | variation)


def with_pelvis_tilt(gait: MeanGait, mean_rad: float, hip_in_pelvis: np.ndarray) -> MeanGait:
    """A gait whose pelvis is tilted by `mean_rad` on average, with hips, thighs and trunk where they were.

    `hip_in_pelvis`, shape (2,), as in `RecordedGait`.
    """
    tilt = gait.cycles["pelvis_tilt"]
    more_rad = mean_rad - tilt.mean()
    ahead, up = (_turned(hip_in_pelvis, tilt) - _turned(hip_in_pelvis, tilt + more_rad)).T
    moved = {"pelvis_tilt": more_rad, "hip_flexion": -more_rad, "lumbar_extension": -more_rad}
    moved |= {"pelvis_tx": ahead - ahead.mean(), "pelvis_ty": up}
    return _moved(gait, moved)


def with_bent_knee(gait: MeanGait, least_rad: float) -> MeanGait:
    """A gait whose knee is straight to `least_rad` at most and bends as far as it did; the foot keeps its orientation.

    Knee flexion is compressed towards its maximum; thigh and shank each turn by half of what it gains.
    """
    knee = gait.cycles["knee_angle"]
    more = (knee.max() - knee) * (least_rad - knee.min()) / (knee.max() - knee.min())
    return _moved(gait, {"knee_angle": more, "hip_flexion": more / 2.0, "ankle_angle": more / 2.0})


def coordinate_terms(gait: MeanGait) -> dict[str, tuple[float, np.ndarray, np.ndarray, np.ndarray]]:
    """Coordinate -> mean, harmonics, cosine and sine coefficients, symmetric between left and right."""
    every = np.arange(1, HARMONICS + 1)
    kept = dict.fromkeys(SYMMETRIC, every[1::2]) | dict.fromkeys(ANTISYMMETRIC, every[0::2])
    kept |= dict.fromkeys(SIDED, every)
    found = {}
    for name, harmonics in kept.items():
        mean, cosine, sine = fourier(gait.cycles[name], harmonics)
        found[name] = (0.0 if name in ANTISYMMETRIC else mean, harmonics, cosine, sine)
    return found


def residuals(gait: MeanGait) -> dict[str, float]:
    """Coordinate -> root mean square of what its harmonics leave out of the symmetric mean stride."""
    highest = len(next(iter(gait.cycles.values()))) // 2
    left = {}
    for name, (_, harmonics, _, _) in coordinate_terms(gait).items():
        step = 1 if name in SIDED else 2
        beyond = np.arange(harmonics[-1] + step, highest, step)
        _, cosine, sine = fourier(gait.cycles[name], beyond)
        left[name] = float(np.sqrt((cosine**2 + sine**2).sum() / 2.0))
    return left


def stance_terms(gait: MeanGait) -> dict[str, np.ndarray]:
    """Coefficients over the stance: sines of forces and free moment, cosines of the centre of pressure."""
    pressed = np.isfinite(gait.stances["cop_x"])
    weights = np.where(pressed, gait.stances["force_y"], 0.0)
    found = {f"force_{axis}": sine_series(gait.stances[f"force_{axis}"], FORCE_TERMS) for axis in "xyz"}
    found["free_moment"] = sine_series(gait.stances["free_moment"], FREE_MOMENT_TERMS)
    places = {f"cop_{axis}": np.nan_to_num(gait.stances[f"cop_{axis}"]) for axis in "xyz"}
    return found | {name: cosine_series(values, weights, POINT_TERMS) for name, values in places.items()}


def _turns(gait: MeanGait, names: Sequence[str]) -> Rotation:
    return Rotation.from_euler(_TURNS, np.column_stack([gait.cycles[name] for name in names]))


def _turned(point: np.ndarray, angle_rad: np.ndarray) -> np.ndarray:
    """A point of the plane, shape (2,), turned about the origin: shape (P, 2)."""
    cosine, sine = np.cos(angle_rad), np.sin(angle_rad)
    return np.column_stack((cosine * point[0] - sine * point[1], sine * point[0] + cosine * point[1]))


def _moved(gait: MeanGait, by: dict[str, np.ndarray | float]) -> MeanGait:
    return replace(gait, cycles=gait.cycles | {name: gait.cycles[name] + more for name, more in by.items()})


def _of_sides(values: np.ndarray, side: np.ndarray) -> np.ndarray:
    return np.mean([_finite_mean(values[side == each]) for each in SIDES], axis=0)


def _finite_mean(values: np.ndarray) -> np.ndarray:
    """Mean along axis 0 over what is finite; NaN where nothing is."""
    counts = np.isfinite(values).sum(axis=0)
    return np.where(counts > 0, np.nansum(values, axis=0) / np.maximum(counts, 1), np.nan)


def _scatter(values: np.ndarray, side: np.ndarray) -> float:
    """Standard deviation between strides of one side, root mean square over phases and sides."""
    if min(np.count_nonzero(side == each) for each in SIDES) < _STRIDES_MIN:
        return float("nan")
    return float(np.sqrt(np.mean([values[side == each].var(axis=0, ddof=1).mean() for each in SIDES])))
