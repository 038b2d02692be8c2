"""Aligned trials to arrays of windows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from gaitload.conventions import sampling_rate_hz
from gaitload.errors import DataError
from gaitload.quality import Verdict
from gaitload.signals.filters import lowpass
from gaitload.signals.resample import resample
from gaitload.study import Study
from gaitload.windows.cuts import Cut, cuts_of
from gaitload.windows.features import WIDTH, sensor_features
from gaitload.windows.mirror import channel_signs, column_sign
from gaitload.windows.tables import (
    AlignedTrial,
    flagged_frames,
    flags_against,
    require_columns,
    require_sensors,
    signal_columns,
    unmeasured,
    verdict_of,
)
from gaitload.windows.worn import sides_of


@dataclass(frozen=True)
class Windows:
    """Windows of many trials; all arrays but `trials` and names share axis 0.

    Attributes
    ----------
    inputs : ndarray, shape (N, P + X, C), float32
        Channels of the sensors, then the other features; X points of context before and after.
    covariates : ndarray, shape (N, V), float32
    targets : ndarray, shape (N, P, K), float32
    time_s : ndarray, shape (N, P)
        Of the targets, on the clock of the trial.
    trial : ndarray of int, shape (N,)
        Into `trials`.
    side : ndarray of str, shape (N,)
    frames : ndarray of int, shape (N, 2)
        `[start, stop)` of the trial's frames that a window touches.
    trials : tuple of AlignedTrial
    channels, covariate_names, target_names : tuple of str
    vectors : tuple of (str, int)
        Kind (`acc`, `gyr`, `six_d`) and first channel of what turns with a sensor, sensor by sensor.
    sensor_width : int
        Channels of each sensor: those of the first come first, then those of the next.
    before : int
        Points of context before the first that is estimated.
    """

    inputs: np.ndarray
    covariates: np.ndarray
    targets: np.ndarray
    time_s: np.ndarray
    trial: np.ndarray
    side: np.ndarray
    frames: np.ndarray
    trials: tuple[AlignedTrial, ...]
    channels: tuple[str, ...]
    covariate_names: tuple[str, ...]
    target_names: tuple[str, ...]
    vectors: tuple[tuple[tuple[str, int], ...], ...]
    sensor_width: int = 0
    before: int = 0

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def subjects(self) -> np.ndarray:
        """Subject of each window, shape (N,)."""
        return np.array([self.trials[index].subject for index in self.trial], dtype=str)

    def rows(self, index: np.ndarray) -> Windows:
        """Some windows, in the order of `index` (int or bool)."""
        along = {
            field.name: getattr(self, field.name)[index]
            for field in fields(self)
            if isinstance(getattr(self, field.name), np.ndarray)
        }
        return replace(self, **along)

    def with_sensors(self, kept: Sequence[int], instead: np.ndarray) -> Windows:
        """Windows whose sensors, but those with the numbers `kept`, show `instead`, shape (C,), in every channel."""
        shown = np.ones(self.inputs.shape[2], dtype=bool)
        shown[: self.sensor_width * len(self.vectors)] = np.repeat(
            np.isin(np.arange(len(self.vectors)), kept), self.sensor_width
        )
        return replace(self, inputs=np.where(shown, self.inputs, instead))

    def columns(self, row: int) -> tuple[str, ...]:
        """The trial's columns that the targets of a window are, shape (K,)."""
        trial, side = self.trials[self.trial[row]], str(self.side[row])
        return tuple(trial.columns_of(stem, side)[0] for stem in self.target_names)


def slice_trials(
    trials: Sequence[AlignedTrial], study: Study, sensors: Sequence[str], *, labelled: bool = True
) -> tuple[Windows, Counter]:
    """Cut trials into windows, left legs mirrored where windows are seen from a side.

    Parameters
    ----------
    trials, study, sensors
        The sensors are those of a sensor set.
    labelled
        False: trials of sensors alone; windows have no targets.

    Returns
    -------
    windows : Windows
    left_out : Counter
        Windows that were not made, by `<where>: <reason>`.

    Raises
    ------
    ConfigError
        STUDY_SENSOR_UNKNOWN; STUDY_FLAG_UNKNOWN: a frame flag that tables do not have.
    DataError
        STUDY_COLUMN_MISSING; STUDY_COVARIATE_MISSING, with who lacks it; STUDY_EMPTY: no window is left.
    """
    sides = sides_of(study.window)
    if not trials:
        raise _empty("no trial", Counter())
    if labelled:  # Somebody may wear a sensor on one leg alone.
        require_sensors(trials, sensors, sides)
    left_out: Counter = Counter()
    targets = _target_names(trials, study, left_out) if labelled else ()
    require_columns(trials, study.features, sides, "study.features")
    parts = []
    for index, trial in enumerate(trials):
        cuts, odd = cuts_of(trial, study.window)
        if odd:
            left_out[f"{trial.where}: unusual duration"] += odd
        if not cuts and not odd:
            left_out[f"{trial.where}: not one whole {study.window.kind}"] += 1
        for side in sides:
            own = [cut for cut in cuts if cut.side == side]
            if own:
                parts += _windows(trial, index, own, side, study, sensors, targets, left_out)
    if not parts:
        raise _empty(f"{len(trials)} trials", left_out)
    windows = _joined(parts, tuple(trials), study, sensors, targets)
    return windows, left_out


def _target_names(trials: Sequence[AlignedTrial], study: Study, left_out: Counter) -> tuple[str, ...]:
    """Targets by stem where windows have a side, else every column that is meant; those that no trial measured are left
    out, unless that would leave none."""
    sides = sides_of(study.window)
    require_columns(trials, study.targets, sides, "study.targets")
    lost = [stem for stem in study.targets if unmeasured(trials, stem, sides)]
    if len(lost) == len(study.targets):
        raise _nothing_measured(lost)
    left_out.update({f"study.targets: {stem} was measured in no trial": len(trials) for stem in lost})
    kept = tuple(stem for stem in study.targets if stem not in lost)
    if study.side_seen:
        return kept
    columns = [name for stem in kept for name in trials[0].columns_of(stem, "")]
    return tuple(dict.fromkeys(columns))


def _windows(trial, index, cuts: list[Cut], side, study: Study, sensors, targets, left_out: Counter) -> list[dict]:
    """The windows of one side of a trial that can be used, as a list of one dictionary of arrays, or of none."""
    reason, worn = _unusable(trial, side, study, sensors, targets)
    if reason:
        left_out[f"{trial.where}: {reason}"] += len(cuts)
        return []
    seen_s = np.concatenate([cut.seen_s for cut in cuts])
    time_s = np.stack([cut.time_s for cut in cuts])
    shape = (len(cuts), len(cuts[0].seen_s))
    raw = {sensor: _raw(trial, name, side, seen_s, shape, study) for sensor, name in worn.items()}
    features = _columns(trial, study.features, side, seen_s).reshape(*shape, -1)
    wanted = _columns(trial, targets, side, time_s.ravel()).reshape(*time_s.shape, -1)
    arrays = [*(array for sensor in raw.values() for array in sensor.values()), features]
    refusals = {
        "input missing": ~np.all([np.isfinite(array).all(axis=(1, 2)) for array in arrays], axis=0),
        "target missing": ~np.isfinite(wanted).all(axis=(1, 2)),
        "flagged frames": _flagged(trial, cuts, study, targets),
    }
    usable = np.ones(len(cuts), dtype=bool)
    for why, refused in refusals.items():
        left_out[f"{trial.where}: {why}"] += int((refused & usable).sum())
        usable &= ~refused
    left_out += Counter()  # Drops the zeros.
    if not usable.any():
        return []
    kept = [cut for cut, good in zip(cuts, usable, strict=True) if good]
    before = study.window.context[0]
    channels = [
        sensor_features(
            *(sensor[name][usable] if name in sensor else None for name in ("acc", "gyr", "quat")),
            channels=study.channels,
            frame=study.frame,
            within=slice(before, before + wanted.shape[1]),
        )
        for sensor in raw.values()
    ]
    return [
        {
            "inputs": np.concatenate([*channels, features[usable]], axis=-1).astype(np.float32),
            "covariates": np.array([_covariates(trial, cut, study) for cut in kept], np.float32).reshape(len(kept), -1),
            "targets": wanted[usable].astype(np.float32),
            "time_s": time_s[usable],
            "trial": np.full(len(kept), index),
            "side": np.full(len(kept), side, dtype="<U1"),
            "frames": np.array([cut.frames(trial.time_s) for cut in kept]),
        }
    ]


def _unusable(trial, side: str, study: Study, sensors, targets) -> tuple[str | None, dict[str, str]]:
    """Why a side of a trial cannot be used at all, and the trial's sensor for each one wanted."""
    worn = {sensor: trial.worn(sensor, side) for sensor in sensors}
    lost = [sensor for sensor, name in worn.items() if name is None]
    if lost:
        return f"no sensor {', '.join(lost)}", {}
    for name in worn.values():
        if trial.meanings[signal_columns(name, "acc")[0]].get("verdict", "passed") in study.verdicts.leave_out:
            return f"sensor {name} or its synchronisation in doubt", {}
    for stem in targets:
        columns = trial.columns_of(stem, side)
        if not columns:
            return f"no column {stem}", {}
        verdict = verdict_of(trial.meanings[columns[0]], study.window.kind)
        if verdict in (*study.verdicts.leave_out, Verdict.NOT_MEASURED):
            return f"{columns[0]} {verdict}", {}
    return None, worn


def _raw(trial, sensor: str, side: str, seen_s: np.ndarray, shape: tuple[int, int], study: Study) -> dict:
    """Channels of a sensor at the points of windows, mirrored for the left, shape (N, P, 3 or 4)."""
    wants_orientation = study.frame == "heading_free" or {"six_d", "euler"} & set(study.channels)
    found = {}
    for channel in ("acc", "gyr", "quat") if wants_orientation else ("acc", "gyr"):
        columns = trial.signals(sensor, channel)
        if channel == "quat":
            columns = _continuous(columns)
        elif study.cutoff_hz:
            columns = lowpass(columns, rate_hz=sampling_rate_hz(trial.time_s), cutoff_hz=study.cutoff_hz)
        sampled = resample(columns, trial.time_s, seen_s).reshape(*shape, -1)
        found[channel] = sampled * channel_signs(channel, side)
    return found


def _continuous(quaternion_wxyz: np.ndarray) -> np.ndarray:
    """Quaternions, shape (T, 4), with signs that do not jump, so that they can be interpolated; gaps stay."""
    continuous = quaternion_wxyz.copy()
    known = np.flatnonzero(np.isfinite(continuous).all(axis=1))
    products = np.einsum("ij,ij->i", continuous[known[1:]], continuous[known[:-1]])
    continuous[known[1:]] *= np.cumprod(np.where(products < 0, -1.0, 1.0))[:, None]
    return continuous


def _columns(trial, stems: Sequence[str], side: str, time_s: np.ndarray) -> np.ndarray:
    """Columns of a side at some times, shape (M, K), mirrored for the left."""
    names = [name for stem in stems for name in trial.columns_of(stem, side)]
    if not names:
        return np.zeros((len(time_s), 0))
    signs = np.array([column_sign(name, side) for name in names])
    return signs * resample(np.stack([trial.values[name] for name in names], axis=1), trial.time_s, time_s)


def _flagged(trial: AlignedTrial, cuts: list[Cut], study: Study, targets: Sequence[str]) -> np.ndarray:
    """Whether a frame of the targets carries a flag that counts against one of them or a feature, shape (N,)."""
    side = cuts[0].side
    names = [name for stem in (*targets, *study.features) for name in trial.columns_of(stem, side)]
    if not names:
        return np.zeros(len(cuts), dtype=bool)
    concerns = set().union(
        *(flags_against(trial.meanings[name].get("unit", ""), study.verdicts.frame_flags) for name in names)
    )
    flagged = flagged_frames(trial.values, trial.meanings, concerns, side)
    spans = [np.searchsorted(trial.time_s, cut.time_s[[0, -1]] + [-1e-6, 1e-6]) for cut in cuts]
    return np.array([flagged[start:stop].any() for start, stop in spans])


def _covariates(trial: AlignedTrial, cut: Cut, study: Study) -> list[float]:
    person, row = trial.document["participant"], trial.document["trial"]
    known = {
        "mass_kg": person.get("mass_kg"),
        "height_m": person.get("height_m"),
        "sex": {"F": 0.0, "M": 1.0}.get(person.get("sex")),
        "speed_m_per_s": row.get("speed_m_per_s"),
        "side": {"r": 1.0, "l": 0.0}.get(cut.side),
        "affected_side": _affected(person.get("affected_side"), cut.side),
        **{name: person.get(name) for name in ("knee_alignment_r_deg", "knee_alignment_l_deg")},
        "knee_alignment_deg": person.get(f"knee_alignment_{cut.side}_deg"),
        "duration_s": cut.duration_s,
        "stride_s": None if np.isnan(cut.stride_s) else cut.stride_s,
        "duty": None if np.isnan(cut.stride_s) else cut.duration_s / cut.stride_s,
    }
    lost = [name for name in study.covariates if known[name] is None]
    if lost:
        raise DataError(
            expected="a value for every covariate (sex: F or M)",
            found=f"none for {', '.join(lost)}",
            where=trial.where,
            do="Fill participants.tsv and trials.tsv, or take the covariate out of study.covariates.",
            code="STUDY_COVARIATE_MISSING",
        )
    return [float(known[name]) for name in study.covariates]


def _affected(affected: str | None, side: str) -> float | None:
    """Whether the window's own leg is the affected one; of a window without a side 1 for the right leg, -1 for the
    left, 0 for neither."""
    if affected is None:
        return None
    return float(affected == side) if side else {"r": 1.0, "l": -1.0, "none": 0.0}[affected]


def _joined(parts: list[dict], trials, study: Study, sensors, targets) -> Windows:
    arrays = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    width = sum(WIDTH[channel] for channel in study.channels)
    offsets = np.cumsum([0, *(WIDTH[channel] for channel in study.channels)])
    names = [f"{s}_{c}_{number}" for s in sensors for c in study.channels for number in range(WIDTH[c])]
    vectors = tuple(
        tuple(
            (c, place * width + int(first)) for c, first in zip(study.channels, offsets, strict=False) if c != "euler"
        )
        for place in range(len(sensors))
    )
    features = [
        name for stem in study.features for name in ([stem] if study.side_seen else trials[0].columns_of(stem, ""))
    ]
    return Windows(
        **arrays,
        trials=trials,
        channels=(*names, *features),
        covariate_names=study.covariates,
        target_names=targets,
        vectors=vectors,
        sensor_width=width,
        before=study.window.context[0],
    )


def _nothing_measured(lost: Sequence[str]) -> DataError:
    return DataError(
        expected="targets that some trial measured",
        found=f"recordings without force plates, which have no {', '.join(lost)}",
        where="study.targets",
        do="Choose angles, for example study='{targets: [knee_angle_rad]}', or cohorts with force plates.",
        code="STUDY_COLUMN_MISSING",
    )


def _empty(found: str, left_out: Counter) -> DataError:
    reasons = "; ".join(f"{count} windows {reason}" for reason, count in left_out.most_common(5))
    return DataError(
        expected="windows to learn from",
        found=f"none in {found}{f' ({reasons})' if reasons else ''}",
        where="study",
        do="Look at the reasons, then at study.activities, study.window and study.verdicts.",
        code="STUDY_EMPTY",
    )
