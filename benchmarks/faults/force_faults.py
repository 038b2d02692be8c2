"""Faults of force plates and their amplifiers: delays, gains, signs, channels, drift and units."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from benchmarks.faults.situation import Situation
from gaitload.signals.plates import center_of_pressure
from gaitload.trial import PlateWrench

AHEAD, UP, ASIDE = 0, 1, 2
LOADED_N = 50.0


def delayed(situation: Situation, lag_s: float) -> Situation:
    """Forces later than they were by some time."""
    motion = situation.motion
    return replace(situation, motion=replace(motion, force_time_s=motion.force_time_s + lag_s))


def of_all_trials(situation: Situation, lag_s: float) -> Situation:
    """Forces of every trial of the cohort later than they were."""
    return replace(delayed(situation, lag_s), cohort_lag_s=lag_s)


def gained(situation: Situation, factors: tuple[float, float, float]) -> Situation:
    """Forces along ground X, Y and Z multiplied, with the centre of pressure and the free moment as they were."""
    factor = np.array(factors)

    def change(force: np.ndarray, moment: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return force * factor, _moment_of(force * factor, *_point(force, moment))

    return situation.with_wrenches(change)


def exchanged_axes(situation: Situation, _: float) -> Situation:
    """The cables of the two horizontal channels exchanged."""

    def change(force: np.ndarray, moment: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        swapped = force[:, [ASIDE, UP, AHEAD]]
        return swapped, _moment_of(swapped, *_point(force, moment))

    return situation.with_wrenches(change)


def exchanged_plates(situation: Situation, _: float) -> Situation:
    """The signals of two plates exchanged; where the plates are and what they are called stays."""
    plates = situation.motion.plates
    if len(plates) < 2 or plates[0].corners_lab_m is None:
        raise KeyError("two plates with corners")
    first, second, *rest = plates
    apart = first.corners_lab_m.mean(axis=0) - second.corners_lab_m.mean(axis=0)

    def taking(plate: PlateWrench, other: PlateWrench, moved: np.ndarray) -> PlateWrench:
        moment = other.moment_lab_nm + np.cross(np.broadcast_to(moved, other.force_lab_n.shape), other.force_lab_n)
        return replace(plate, force_lab_n=other.force_lab_n, moment_lab_nm=moment)

    swapped = (taking(first, second, apart), taking(second, first, -apart), *rest)
    return replace(situation, motion=replace(situation.motion, plates=swapped))


def displaced(situation: Situation, offset_m: tuple[float, float, float]) -> Situation:
    """Plates declared off their true place (ground axes, m): wrench and corners move together."""
    offset = np.array(offset_m) @ situation.rotation

    def change(plate: PlateWrench) -> PlateWrench:
        moment = plate.moment_lab_nm + np.cross(np.broadcast_to(offset, plate.force_lab_n.shape), plate.force_lab_n)
        corners = None if plate.corners_lab_m is None else plate.corners_lab_m + offset
        return replace(plate, moment_lab_nm=moment, corners_lab_m=corners)

    return situation.with_plates(change)


def turned(situation: Situation, degrees: float) -> Situation:
    """Plates declared turned about the vertical, each about its middle."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    turn = situation.rotation.T @ np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]]) @ situation.rotation

    def change(plate: PlateWrench) -> PlateWrench:
        centre = plate.surface_lab_m
        if centre is None:
            raise KeyError("a plate whose place is known")
        about = np.broadcast_to(centre, plate.force_lab_n.shape)
        own = plate.moment_lab_nm - np.cross(about, plate.force_lab_n)
        force = plate.force_lab_n @ turn.T
        corners = None if plate.corners_lab_m is None else (plate.corners_lab_m - centre) @ turn.T + centre
        moment = own @ turn.T + np.cross(about, force)
        return replace(plate, force_lab_n=force, moment_lab_nm=moment, corners_lab_m=corners)

    return situation.with_plates(change)


def mirrored_pressure(situation: Situation, axis: float) -> Situation:
    """Sign of a horizontal moment channel wrong: the centre of pressure is mirrored at the middle of the plate."""
    axis = int(axis)

    def change(plate: PlateWrench) -> PlateWrench:
        rotation, centre = situation.rotation, plate.surface_lab_m
        if centre is None:
            raise KeyError("a plate whose place is known")
        centre = rotation @ centre
        force, moment = plate.force_lab_n @ rotation.T, plate.moment_lab_nm @ rotation.T
        point, free = _point(force, moment)
        point[:, axis] = 2 * centre[axis] - point[:, axis]
        return replace(plate, moment_lab_nm=_moment_of(force, point, free) @ rotation)

    return situation.with_plates(change)


def free_moment_times(situation: Situation, factor: float) -> Situation:
    """The free moment multiplied: -1 is a wrong sign of the vertical moment channel."""

    def change(force: np.ndarray, moment: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        point, free = _point(force, moment)
        return force, _moment_of(force, point, factor * free)

    return situation.with_wrenches(change)


def drifting(situation: Situation, newtons: float) -> Situation:
    """The vertical channel of every plate drifts over the recording, evenly and through zero in its middle."""
    time_s = situation.motion.force_time_s
    ramp = newtons * ((time_s - time_s[0]) / (time_s[-1] - time_s[0]) - 0.5)

    def change(plate: PlateWrench) -> PlateWrench:
        up = situation.rotation.T @ np.array([0.0, 1.0, 0.0])
        added = ramp[:, None] * up
        centre = plate.surface_lab_m
        arm = np.zeros(3) if centre is None else centre
        moment = plate.moment_lab_nm + np.cross(np.broadcast_to(arm, added.shape), added)
        return replace(plate, force_lab_n=plate.force_lab_n + added, moment_lab_nm=moment)

    return situation.with_plates(change)


def drifting_moment(situation: Situation, newton_metres: float) -> Situation:
    """A horizontal moment channel drifts over the recording: the centre of pressure wanders."""
    time_s = situation.motion.force_time_s
    ramp = newton_metres * ((time_s - time_s[0]) / (time_s[-1] - time_s[0]) - 0.5)
    return situation.with_wrenches(lambda force, moment: (force, moment + ramp[:, None] * np.array([0.0, 0.0, 1.0])))


def offset(situation: Situation, newtons: float) -> Situation:
    """Amplifiers not set to zero: a constant reading on the vertical and the fore-aft channel."""
    reading = np.array([0.5 * newtons, newtons, 0.0])

    def change(plate: PlateWrench) -> PlateWrench:
        added = np.broadcast_to(reading @ situation.rotation, plate.force_lab_n.shape)
        centre = plate.surface_lab_m
        arm = np.broadcast_to(np.zeros(3) if centre is None else centre, added.shape)
        return replace(
            plate, force_lab_n=plate.force_lab_n + added, moment_lab_nm=plate.moment_lab_nm + np.cross(arm, added)
        )

    return situation.with_plates(change)


def saturated(situation: Situation, share: float) -> Situation:
    """The vertical channel ends at a share of the largest force."""

    def change(force: np.ndarray, moment: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        clipped = force.copy()
        clipped[:, UP] = np.minimum(force[:, UP], share * force[:, UP].max())
        return clipped, _moment_of(clipped, *_point(force, moment))

    return situation.with_wrenches(change)


def cross_talk(situation: Situation, share: float) -> Situation:
    """A share of the vertical force shows on the fore-aft channel."""

    def change(force: np.ndarray, moment: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mixed = force.copy()
        mixed[:, AHEAD] += share * force[:, UP]
        return mixed, _moment_of(mixed, *_point(force, moment))

    return situation.with_wrenches(change)


def dead_moment(situation: Situation, _: float) -> Situation:
    """The horizontal moment channel about the lateral axis is dead: the centre of pressure stays at mid-plate ahead."""

    def change(plate: PlateWrench) -> PlateWrench:
        rotation, centre = situation.rotation, plate.surface_lab_m
        if centre is None:
            raise KeyError("a plate whose place is known")
        force, moment = plate.force_lab_n @ rotation.T, plate.moment_lab_nm @ rotation.T
        point, free = _point(force, moment)
        point[:, AHEAD] = (rotation @ centre)[AHEAD]
        return replace(plate, moment_lab_nm=_moment_of(force, point, free) @ rotation)

    return situation.with_plates(change)


def moments_times(situation: Situation, factor: float) -> Situation:
    """Moments about the middle of each plate in another unit."""

    def change(plate: PlateWrench) -> PlateWrench:
        centre = plate.surface_lab_m
        if centre is None:
            raise KeyError("a plate whose place is known")
        about = np.cross(np.broadcast_to(centre, plate.force_lab_n.shape), plate.force_lab_n)
        return replace(plate, moment_lab_nm=factor * (plate.moment_lab_nm - about) + about)

    return situation.with_plates(change)


def stretched(situation: Situation, share: float) -> Situation:
    """The rate of the forces is declared wrong: their clock runs off by a share."""
    time_s = situation.motion.force_time_s
    return replace(
        situation, motion=replace(situation.motion, force_time_s=time_s[0] + (time_s - time_s[0]) * (1 + share))
    )


def lost_samples(situation: Situation, duration_s: float) -> Situation:
    """The amplifier stops in the middle of the labelled part: forces hold their last value."""
    time_s = situation.motion.force_time_s
    middle = sum(situation.window_s) / 2
    first, last = np.searchsorted(time_s, (middle, middle + duration_s))

    def held(values: np.ndarray) -> np.ndarray:
        out = values.copy()
        out[first:last] = values[first]
        return out

    return situation.with_plates(
        lambda plate: replace(plate, force_lab_n=held(plate.force_lab_n), moment_lab_nm=held(plate.moment_lab_nm))
    )


def other_foot(situation: Situation, _: float) -> Situation:
    """The plates are declared to carry the other foot."""
    names = [plate.name for plate in situation.motion.plates]
    if len(names) != 2:
        raise KeyError("two plates")
    sides = [_side_on(situation, k) for k in range(2)]
    if set(sides) != {"r", "l"}:
        raise KeyError("a plate for each foot")
    told = ",".join(f"{name}={'l' if side == 'r' else 'r'}" for name, side in zip(names, sides, strict=True))
    return replace(situation, row={**situation.row, "foot_of_plate": told})


def _side_on(situation: Situation, plate: int) -> str:
    """Foot whose heel is nearer the centre of pressure of a plate while it is loaded, on average."""
    motion = situation.motion
    force, moment = (
        values @ situation.rotation.T
        for values in (motion.plates[plate].force_lab_n, motion.plates[plate].moment_lab_nm)
    )
    point, _ = _point(force, moment)
    rows = np.flatnonzero(force[:, UP] > LOADED_N)
    frames = np.clip(np.searchsorted(motion.marker_time_s, motion.force_time_s[rows]), 0, len(motion.marker_time_s) - 1)
    heels = {
        side: motion.marker_lab_m[frames, situation.column_of(f"heel_{side}")] @ situation.rotation.T for side in "rl"
    }
    apart = {side: np.nanmean(np.linalg.norm((heel - point[rows])[:, [0, 2]], axis=1)) for side, heel in heels.items()}
    return min(apart, key=apart.__getitem__)


def _point(force_n: np.ndarray, moment_nm: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Centre of pressure on the floor, shape (N, 3), and free moment, shape (N,); the origin where there is no load."""
    point, free = center_of_pressure(force_n, moment_nm, 0.0)
    light = ~(np.abs(force_n[:, UP]) > 5.0)
    point = np.where(light[:, None] | ~np.isfinite(point), 0.0, point)
    return point, np.where(light | ~np.isfinite(free), 0.0, free)


def _moment_of(force_n: np.ndarray, point_m: np.ndarray, free_nm: np.ndarray) -> np.ndarray:
    moment = np.cross(point_m, force_n)
    moment[:, UP] += free_nm
    return moment
