"""What really happens in a trial: the motion of somebody's body, and the forces on their feet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from gaitload.cohorts.embedded import laboratory
from gaitload.cohorts.embedded.gait import intention
from gaitload.cohorts.embedded.possible import Mover, Wrenches, foot_wrenches, possible_motion
from gaitload.cohorts.embedded.standing import carried, soles_z_m, standing
from gaitload.cohorts.embedded.templates import gait_template
from gaitload.cohorts.embedded.trials import STATIC, made_trial
from gaitload.conventions import SIDES
from gaitload.mechanics.whole_body import whole_body
from gaitload.opensim.virtual_person import VirtualPerson

SENSOR_FRAMES_HZ = 200.0
"""At which sensors are told the motion; its splines have no more to say."""


@dataclass(frozen=True)
class Performance:
    """What really happened in a trial, on the clock of the cameras, which starts at 0.

    Attributes
    ----------
    marker_time_s, force_time_s : ndarray, shapes (T,), (N,)
    q : ndarray, shape (T, C)
        All coordinates (rad, m).
    phase : ndarray, shape (T,)
        Strides that have passed.
    force_n, moment_nm : ndarray, shape (N, 2, 3)
        On the feet, ground frame; moment about its origin; axis 1 runs over `SIDES`.
    residual_n : ndarray, shape (N, 3)
        Residual force of the motion: demanded, and given by no foot.
    sensor_time_s, sensor_q : ndarray, shapes (K,), (K, C)
        Motion while the sensors run, who start before the cameras: the first time is negative.
    """

    marker_time_s: np.ndarray
    force_time_s: np.ndarray
    q: np.ndarray
    phase: np.ndarray
    force_n: np.ndarray
    moment_nm: np.ndarray
    residual_n: np.ndarray
    sensor_time_s: np.ndarray
    sensor_q: np.ndarray

    @property
    def lead_s(self) -> float:
        """How long before the cameras the sensors start."""
        return -float(self.sensor_time_s[0])


def perform(
    person: VirtualPerson, trial_id: str, *, duration_s: float, random: np.random.Generator, where: str
) -> Performance:
    """Stand, or walk or run for `duration_s` as the id of the trial says.

    Raises
    ------
    ConfigError
        MOTION_UNKNOWN.
    SolverError
        POSTURE_UNSOLVED, GAIT_UNSOLVED.
    """
    if trial_id == STATIC:
        return _stood(person, random, where)
    made = made_trial(trial_id)
    lead_s = float(random.uniform(*laboratory.LEAD_S))
    meant = intention(
        gait_template(made.template),
        lead_s + duration_s,
        leg_length_m=person.leg_length_m,
        mass_kg=person.mass_kg,
        random=random,
    )
    mover = Mover(
        person.mechanism, person.family.pelvis_body, person.feet, person.factors[person.feet[0]], person.mass_kg
    )
    motion = possible_motion(mover, meant, lead_s + duration_s, where)
    return _sampled(lead_s, duration_s, motion.coordinates, meant.phase, partial(foot_wrenches, meant, motion))


def _stood(person: VirtualPerson, random: np.random.Generator, where: str) -> Performance:
    foot = dict(zip(SIDES, person.feet, strict=True))
    scale = person.factors[person.feet[0]]
    q = standing(person.mechanism, foot, scale, where)
    still = np.zeros((1, len(q)))
    body = whole_body(person.mechanism.tree, np.empty(0), q[None], still, still)
    given = carried(body.force_n[0], body.moment_nm[0], soles_z_m(person.mechanism, q, foot, scale))

    def wrenches(time_s: np.ndarray) -> Wrenches:
        return Wrenches(*(np.tile(values, (len(time_s), 1, 1)) for values in given), np.zeros((len(time_s), 3)))

    lead_s = float(random.uniform(*laboratory.LEAD_S))
    return _sampled(lead_s, laboratory.STATIC_S, lambda time_s: np.tile(q, (len(time_s), 1)), np.zeros_like, wrenches)


def _sampled(
    lead_s: float,
    duration_s: float,
    coordinates: Callable[[np.ndarray], np.ndarray],
    phase: Callable[[np.ndarray], np.ndarray],
    wrenches: Callable[[np.ndarray], Wrenches],
) -> Performance:
    """What is known at any time since the sensors started, at the times of the instruments."""
    frames = round(duration_s * laboratory.MARKER_RATE_HZ)
    marker_time_s = np.arange(frames) / laboratory.MARKER_RATE_HZ
    samples = frames * round(laboratory.FORCE_RATE_HZ / laboratory.MARKER_RATE_HZ)
    force_time_s = np.arange(samples) / laboratory.FORCE_RATE_HZ
    force, moment, residual = wrenches(lead_s + force_time_s)
    sensor_time_s = np.arange(round((lead_s + duration_s) * SENSOR_FRAMES_HZ)) / SENSOR_FRAMES_HZ
    return Performance(
        marker_time_s=marker_time_s,
        force_time_s=force_time_s,
        q=coordinates(lead_s + marker_time_s),
        phase=phase(lead_s + marker_time_s),
        force_n=force,
        moment_nm=moment,
        residual_n=residual,
        sensor_time_s=sensor_time_s - lead_s,
        sensor_q=coordinates(sensor_time_s),
    )
