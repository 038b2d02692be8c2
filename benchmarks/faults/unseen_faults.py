"""Faults that no check was tuned on: pure functions on a situation, tabled in `unseen_catalogue`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from scipy.signal import butter, lfilter

from benchmarks.faults.force_faults import UP
from benchmarks.faults.participant_faults import pairs_of
from benchmarks.faults.situation import Situation
from gaitload.conventions import sampling_rate_hz
from gaitload.signals.filters import lowpass
from gaitload.signals.runs import true_runs
from gaitload.trial import PlateWrench, Recording

STANCE_N = 100.0
MAINS_HZ = 50.0
WOBBLE_HZ = 12.0


def with_forces(situation: Situation, change: Callable[[np.ndarray], np.ndarray]) -> Situation:
    """The situation with force and moment of every plate changed in the same way; `change` takes samples, (N, 3)."""
    return situation.with_plates(
        lambda plate: replace(plate, force_lab_n=change(plate.force_lab_n), moment_lab_nm=change(plate.moment_lab_nm))
    )


def forces_filtered(situation: Situation, cutoff_hz: float, *, delays: bool) -> Situation:
    """Forces were low-pass filtered before they were exported, there and back, or one way and so with a delay."""
    rate_hz = sampling_rate_hz(situation.motion.force_time_s)
    return with_forces(situation, lambda values: _filtered(values, rate_hz, cutoff_hz, delays=delays))


def markers_filtered(situation: Situation, cutoff_hz: float, *, delays: bool) -> Situation:
    """Markers were low-pass filtered before they were exported, there and back, or one way and so with a delay."""
    rate_hz, position = situation.motion.marker_rate_hz, situation.motion.marker_lab_m.copy()
    for column in range(position.shape[1]):
        for run in true_runs(~np.isnan(position[:, column, 0])):
            if run.stop - run.start > 20:
                position[run, column] = _filtered(position[run, column], rate_hz, cutoff_hz, delays=delays)
    return situation.with_markers(position)


def _filtered(values: np.ndarray, rate_hz: float, cutoff_hz: float, *, delays: bool) -> np.ndarray:
    if not delays:
        return lowpass(values, rate_hz=rate_hz, cutoff_hz=cutoff_hz)
    b, a = butter(2, cutoff_hz / (rate_hz / 2))
    return values[0] + lfilter(b, a, values - values[0], axis=0)


def forces_of_another_trial(situation: Situation, shift_s: float) -> Situation:
    """Forces recorded while other steps were made: those of this trial, begun elsewhere."""
    samples = round(shift_s * sampling_rate_hz(situation.motion.force_time_s))
    return with_forces(situation, lambda values: np.roll(values, samples, axis=0))


def samples_skipped(situation: Situation, duration_s: float) -> Situation:
    """The amplifier loses samples in the middle of the labelled part, and what follows moves up in time."""
    motion = situation.motion
    first, last = np.searchsorted(motion.force_time_s, np.add(sum(situation.window_s) / 2, (0.0, duration_s)))
    kept = np.delete(np.arange(len(motion.force_time_s)), np.arange(first, last))
    shorter = with_forces(situation, lambda values: values[kept]).motion
    return replace(situation, motion=replace(shorter, force_time_s=motion.force_time_s[: len(kept)]))


def stance_missing(situation: Situation, _: float) -> Situation:
    """The plate that bears a load in the middle of the labelled part reads zero for that stance."""
    motion, rotation = situation.motion, situation.rotation
    total_n = sum((plate.force_lab_n @ rotation.T)[:, UP] for plate in motion.plates)
    middle = np.searchsorted(motion.force_time_s, sum(situation.window_s) / 2)
    stance = next((run for run in true_runs(total_n > STANCE_N) if run.stop > middle), None)
    if stance is None:
        raise KeyError("a stance after the middle of the window")
    plate = max(motion.plates, key=lambda one: (one.force_lab_n[stance] @ rotation.T)[:, UP].max())
    own = next(run for run in true_runs((plate.force_lab_n @ rotation.T)[:, UP] > STANCE_N / 4) if run.stop > middle)

    def without(values: np.ndarray) -> np.ndarray:
        out = values.copy()
        out[own] = 0.0
        return out

    return situation.with_plates(
        lambda one: (
            replace(one, force_lab_n=without(one.force_lab_n), moment_lab_nm=without(one.moment_lab_nm))
            if one is plate
            else one
        )
    )


def mains_hum(situation: Situation, newtons: float) -> Situation:
    """The mains hum on the three force channels of every plate."""
    hum = newtons * np.sin(2 * np.pi * MAINS_HZ * situation.motion.force_time_s)[:, None]
    return situation.with_wrenches(lambda force, moment: (force + hum, moment))


def without_free_moment(situation: Situation, _: float) -> Situation:
    """The export has no vertical moment channel: moments about the vertical through each plate's middle are zero."""

    def change(plate: PlateWrench) -> PlateWrench:
        centre = plate.surface_lab_m
        if centre is None:
            raise KeyError("a plate whose place is known")
        rotation = situation.rotation
        about = np.cross(np.broadcast_to(centre, plate.force_lab_n.shape), plate.force_lab_n)
        own = (plate.moment_lab_nm - about) @ rotation.T
        own[:, UP] = 0.0
        return replace(plate, moment_lab_nm=own @ rotation + about)

    return situation.with_plates(change)


def origin_below(situation: Situation, depth_m: float) -> Situation:
    """Moments about the transducers are taken for those about the surface of the plate, which lies above them."""
    down = -depth_m * situation.rotation.T @ np.array([0.0, 1.0, 0.0])
    return situation.with_plates(
        lambda plate: replace(plate, moment_lab_nm=plate.moment_lab_nm - np.cross(down, plate.force_lab_n))
    )


def both_plates_read_the_sum(situation: Situation, _: float) -> Situation:
    """Two plates are exported with the sum of both forces on each: loads count twice."""
    plates = situation.motion.plates
    if len(plates) != 2:
        raise KeyError("two plates")
    force = plates[0].force_lab_n + plates[1].force_lab_n
    moment = plates[0].moment_lab_nm + plates[1].moment_lab_nm
    return situation.with_plates(lambda plate: replace(plate, force_lab_n=force, moment_lab_nm=moment))


def one_plate_gained(situation: Situation, factor: float) -> Situation:
    """The amplifier of one of several plates has another gain, of all channels."""
    first, *rest = situation.motion.plates
    if not rest:
        raise KeyError("two plates")
    gained = replace(first, force_lab_n=factor * first.force_lab_n, moment_lab_nm=factor * first.moment_lab_nm)
    return replace(situation, motion=replace(situation.motion, plates=(gained, *rest)))


def one_plate_turned(situation: Situation, _: float) -> Situation:
    """One of several plates is declared turned by half a turn about its middle."""
    first, *rest = situation.motion.plates
    centre = first.surface_lab_m
    if not rest or centre is None:
        raise KeyError("two plates whose places are known")
    turn = situation.rotation.T @ np.diag([-1.0, 1.0, -1.0]) @ situation.rotation
    about = np.broadcast_to(centre, first.force_lab_n.shape)
    own, force = first.moment_lab_nm - np.cross(about, first.force_lab_n), first.force_lab_n @ turn.T
    turned = replace(first, force_lab_n=force, moment_lab_nm=own @ turn.T + np.cross(about, force))
    return replace(situation, motion=replace(situation.motion, plates=(turned, *rest)))


def one_marker_mirrored(situation: Situation, landmark: str) -> Situation:
    """The lateral coordinate of one marker has the other sign, about the middle of the pelvis."""
    column = situation.column_of(landmark)
    across, position = situation.rotation[2], situation.motion.marker_lab_m.copy()
    pelvis = [situation.column_of(name) for name in ("asis_r", "asis_l")]
    aside = (position[:, column] - position[:, pelvis].mean(axis=1)) @ across
    position[:, column] -= 2 * aside[:, None] * across
    return situation.with_markers(position)


def belt_slipped(situation: Situation, distance_m: float) -> Situation:
    """All markers of the pelvis, on an elastic belt, sit lower than in the static trial."""
    members = situation.marker_set.segments["pelvis"]
    columns = [k for k, name in enumerate(situation.motion.marker_names) if name in members]
    position = situation.motion.marker_lab_m.copy()
    position[:, columns] -= distance_m * situation.rotation[1]
    return situation.with_markers(position)


def stuck_on_anew(situation: Situation, landmark: str, distance_m: float) -> Situation:
    """A marker fell off after the static trial and was stuck on higher."""
    position = situation.motion.marker_lab_m.copy()
    position[:, situation.column_of(landmark)] += distance_m * situation.rotation[1]
    return situation.with_markers(position)


def frames_repeated(situation: Situation, every: float) -> Situation:
    """Every so many frames the recorder repeats the frame before in place of a new one."""
    position = situation.motion.marker_lab_m.copy()
    frames = np.arange(int(every), len(position), int(every))
    position[frames] = position[frames - 1]
    return situation.with_markers(position)


def rounded(situation: Situation, step_m: float) -> Situation:
    """The export rounds coordinates."""
    return situation.with_markers(np.round(situation.motion.marker_lab_m / step_m) * step_m)


def wobbling(situation: Situation, amplitude_m: float) -> Situation:
    """A loose marker of the knee swings forth and back."""
    column, position = situation.column_of("knee_lateral_r"), situation.motion.marker_lab_m.copy()
    swing = amplitude_m * np.sin(2 * np.pi * WOBBLE_HZ * situation.motion.marker_time_s)
    position[:, column] += swing[:, None] * situation.rotation[0]
    return situation.with_markers(position)


def gap_bridged(situation: Situation, duration_s: float) -> Situation:
    """A gap of the ankle marker was filled by a straight line before the export."""
    column, position = situation.column_of("ankle_lateral_r"), situation.motion.marker_lab_m.copy()
    first, last = np.searchsorted(
        situation.motion.marker_time_s, np.add(sum(situation.window_s) / 2, (0.0, duration_s))
    )
    share = np.linspace(0.0, 1.0, last - first)[:, None]
    position[first:last, column] = (1 - share) * position[first, column] + share * position[last - 1, column]
    return situation.with_markers(position)


def feet_exchanged(situation: Situation, _: float) -> Situation:
    """The markers of both feet carry the names of the other side; those of the legs are right."""
    names = situation.motion.marker_names
    feet = {name for side in "rl" for name in situation.marker_set.foot(side)}
    pairs = [pair for pair in pairs_of(situation, names) if names[pair[0]] in feet]
    if not pairs:
        raise KeyError("markers on either foot")
    position = situation.motion.marker_lab_m.copy()
    for right, left in pairs:
        position[:, [right, left]] = position[:, [left, right]]
    return situation.with_markers(position)


def copied_marker(situation: Situation, _: float) -> Situation:
    """The trajectory of one heel was pasted over that of the other."""
    position = situation.motion.marker_lab_m.copy()
    position[:, situation.column_of("heel_l")] = position[:, situation.column_of("heel_r")]
    return situation.with_markers(position)


def spliced(situation: Situation, lost_s: float) -> Situation:
    """Two pieces of a recording were joined: a part in the middle is missing, of markers and forces alike."""
    motion, middle = situation.motion, sum(situation.window_s) / 2

    def kept(time_s: np.ndarray) -> np.ndarray:
        return np.flatnonzero((time_s < middle) | (time_s >= middle + lost_s))

    frames, rows = kept(motion.marker_time_s), kept(motion.force_time_s)
    shorter = with_forces(situation, lambda values: values[rows]).motion
    joined = replace(
        shorter,
        marker_time_s=motion.marker_time_s[: len(frames)],
        marker_lab_m=motion.marker_lab_m[frames],
        force_time_s=motion.force_time_s[: len(rows)],
    )
    return replace(situation, motion=joined)


def yawed(situation: Situation, degrees: float) -> Situation:
    """Cameras calibrated turned about the vertical against the plates, in the static trial too."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return _every_marker(situation, np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]]))


def height_scaled(situation: Situation, share: float) -> Situation:
    """Heights measured by the cameras are too large by a share, in the static trial too."""
    return _every_marker(situation, np.diag([1.0, 1.0 + share, 1.0]))


def _every_marker(situation: Situation, change: np.ndarray) -> Situation:
    lab = situation.rotation.T @ change @ situation.rotation
    statics = {
        trial: replace(recording, marker_lab_m=recording.marker_lab_m @ lab.T)
        for trial, recording in situation.statics.items()
    }
    return replace(situation.with_markers(situation.motion.marker_lab_m @ lab.T), statics=statics)


def static_while_moving(situation: Situation, _: float) -> Situation:
    """A second of the motion is declared as the static trial."""
    inside = np.flatnonzero(situation.inside())[: round(situation.motion.marker_rate_hz)]

    def taken(recording: Recording) -> Recording:
        motion = situation.motion
        return replace(
            recording,
            marker_names=motion.marker_names,
            marker_time_s=motion.marker_time_s[inside],
            marker_lab_m=motion.marker_lab_m[inside],
        )

    return _statics(situation, taken)


def static_in_another_unit(situation: Situation, factor: float) -> Situation:
    """The static trial alone is in another unit than declared."""
    return _statics(situation, lambda one: replace(one, marker_lab_m=factor * one.marker_lab_m))


def static_in_other_axes(situation: Situation, _: float) -> Situation:
    """The static trial alone was exported with forward and up exchanged."""
    turn = situation.rotation.T @ np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]) @ situation.rotation
    return _statics(situation, lambda one: replace(one, marker_lab_m=one.marker_lab_m @ turn.T))


def _statics(situation: Situation, change: Callable[[Recording], Recording]) -> Situation:
    if not situation.statics:
        raise KeyError("a static trial")
    return replace(situation, statics={trial: change(one) for trial, one in situation.statics.items()})


def mass_of_another(situation: Situation, kilograms: float) -> Situation:
    """The mass in the table is that of another participant, who is heavier or lighter."""
    return replace(situation, participant={**situation.participant, "mass_kg": situation.mass_kg + kilograms})
