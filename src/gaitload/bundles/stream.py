"""A bundle applied while sensors record: samples in, loads out, with nothing of the future."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from vqf import VQF

from gaitload.bundles.file import Bundle, Runner, study_of
from gaitload.bundles.likeness import Likeness
from gaitload.bundles.mounting import facing_doubts, require_facing, require_up
from gaitload.bundles.predict import (
    require_covariates,
    require_rate,
    require_sensors,
    unlike_people,
)
from gaitload.bundles.recording import trial_of
from gaitload.errors import DataError
from gaitload.trial import ImuRecording
from gaitload.windows.slicing import Windows, slice_trials
from gaitload.windows.tables import AlignedTrial
from gaitload.windows.worn import sides_of

BUFFER_S = 4.0
"""Length of the past in which stances are found: five strides of a runner. Longer costs time; with fewer strides the
usual duration of a stance, and the foot that stands, are less certain."""
LOOK_S = 0.1
"""Time from one look for new stances to the next. Longer adds to the delay; shorter costs time."""
SETTLE_S = 0.1
"""Time behind a window before it is estimated: low-passes at 6 and 10 Hz bend towards the end of the buffer."""
JUDGED = 6
"""Number of latest windows that are judged together as like the training data or not."""


@dataclass(frozen=True)
class Load:
    """What was estimated of one stance, or of the latest points of a fixed window.

    Attributes
    ----------
    side : str
        `r`, `l`, or empty for fixed windows.
    time_s : ndarray, shape (P,)
        On the clock of the samples.
    estimates : ndarray, shape (P, K)
        NaN where `reason` is given.
    delay_s : float
        Time from the last of `time_s` to the sample with which the estimate came.
    reason : str
        Why there is no estimate: a sensor is worn another way up (then without any stance, `time_s` is now), or the
        latest windows are unlike the training data; empty where there is one.
    doubt : str
        Which sensors face another way than in training, by the stances of the buffer; empty where none does.
    """

    side: str
    time_s: np.ndarray
    estimates: np.ndarray
    delay_s: float
    reason: str
    doubt: str = ""


class Stream:
    """Loads of a person who is being recorded.

    Orientations are those of VQF's filter as it runs (Laidig & Seel 2023), without a magnetometer. Stances are found in
    the last `BUFFER_S` seconds by the same functions as in `gaitload.bundles.predict`; the estimate of one comes when
    its window, with its context and `SETTLE_S`, has passed. A study of fixed windows is estimated every `window.stride`
    samples: its latest points.

    Parameters
    ----------
    bundle
    bodies : sequence of str
        The sensors that are worn, as in `predict`: `pelvis`, `tibia_r`.
    rate_hz : float
        Sampling rate of all sensors.
    speed_m_per_s, person
        As in `predict`.

    Attributes
    ----------
    targets : tuple of str
    doubts : list of str
        Doubts about the person.

    Raises
    ------
    ConfigError
        PREDICTION_SENSOR_MISSING, PREDICTION_COVARIATE_MISSING, PREDICTION_PERSON.
    DataError
        PREDICTION_RATE.
    """

    def __init__(
        self,
        bundle: Bundle,
        bodies: Sequence[str],
        rate_hz: float,
        *,
        speed_m_per_s: float | None = None,
        person: Mapping | None = None,
    ) -> None:
        self._study, self._wanted = study_of(bundle), bundle.document["sensors"]
        require_sensors(tuple(self._wanted), self._study, bodies)
        require_covariates(self._study, speed_m_per_s, person or {})
        self.doubts = unlike_people(person or {}, bundle.document["training"]["people_range"])
        require_rate(rate_hz)
        window = self._study.window
        self.targets = tuple(bundle.document["target_names"])
        self._document, self._bodies, self._rate_hz = bundle.document, tuple(bodies), rate_hz
        self._known = {"speed_m_per_s": speed_m_per_s, "person": person}
        self._likeness, self._run = Likeness.from_arrays(bundle.arrays), Runner(bundle.graph)
        self._filters = {body: VQF(1.0 / rate_hz) for body in bodies}
        fixed = window.kind == "fixed"
        self._fixed = fixed
        self._length = round((window.length - 1) / window.rate_hz * rate_hz) + 1 if fixed else round(BUFFER_S * rate_hz)
        self._hop = max(1, round(window.stride / window.rate_hz * rate_hz) if fixed else round(LOOK_S * rate_hz))
        # Twice as long as what is looked at, so that the past is moved once in so many samples.
        self._signals = np.full((2 * self._length, len(bodies), 10), np.nan)
        self._stop = self._count = 0
        self._done_s: dict[str, float] = {}
        self._latest: list[np.ndarray] = []

    def push(self, samples: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> list[Load]:
        """Take one sample of every sensor, specific force (m/s2) and angular rate (rad/s); say what is new.

        A sample that was lost is NaN.
        """
        if self._stop == len(self._signals):
            self._signals[: self._length] = self._signals[-self._length :]
            self._stop = self._length
        for place, body in enumerate(self._bodies):
            acc, gyr = samples[body]
            self._signals[self._stop, place] = [*acc, *gyr, *self._orientation(body, acc, gyr)]
        self._stop, self._count = self._stop + 1, self._count + 1
        if self._count < self._length // (1 if self._fixed else 2) or self._count % self._hop:
            return []
        return self._new()

    def _orientation(self, body: str, acc: np.ndarray, gyr: np.ndarray) -> np.ndarray:
        if not (np.isfinite(acc).all() and np.isfinite(gyr).all()):
            return np.full(4, np.nan)
        self._filters[body].update(np.ascontiguousarray(gyr, dtype=float), np.ascontiguousarray(acc, dtype=float))
        return self._filters[body].getQuat6D()

    def _new(self) -> list[Load]:
        now_s = (self._count - 1) / self._rate_hz
        trial = self._trial(now_s)
        windows, turned = self._windows(trial), self._turned(trial)
        if windows is None:
            # Not at each look: nothing has happened but time.
            said = turned and self._count % (self._length - self._length % self._hop) == 0
            return [Load("", np.array([now_s]), np.full((1, len(self.targets)), np.nan), 0.0, turned)] if said else []
        doubt = "; ".join(facing_doubts(windows, tuple(self._wanted), self._document))
        context_s = np.diff(windows.time_s[:, :2], axis=1)[:, 0] * self._study.window.context[1]
        ripe = windows.time_s[:, -1] + context_s + (0.0 if self._fixed else SETTLE_S) <= now_s + 1e-9
        fresh = [windows.time_s[row, 0] > self._done_s.get(str(windows.side[row]), -1.0) for row in range(len(windows))]
        rows = np.flatnonzero(ripe & (np.array(fresh) | self._fixed))
        if not len(rows):
            return []
        windows = windows.rows(rows[np.argsort(windows.time_s[rows, -1])])
        estimates, reason = self._run(windows.inputs, windows.covariates), turned or self._unlike(windows)
        latest = slice(-self._study.window.stride, None) if self._fixed else slice(None)
        found = []
        for row, curve in enumerate(estimates):
            side, time_s = str(windows.side[row]), windows.time_s[row, latest]
            # The middle of a stance: the next look may find its ends a few samples later.
            self._done_s[side] = float(time_s.mean())
            said = np.full_like(curve[latest], np.nan) if reason else curve[latest]
            found.append(Load(side, time_s, said, float(now_s - time_s[-1]), reason, doubt))
        return found

    def _trial(self, now_s: float) -> AlignedTrial:
        """The samples of the buffer."""
        length = min(self._length, self._count)
        signals = self._signals[self._stop - length : self._stop]
        time_s = now_s - np.arange(length)[::-1] / self._rate_hz
        worn = {
            body: ImuRecording(
                body, time_s, signals[:, place, :3], signals[:, place, 3:6], orientation_wxyz=signals[:, place, 6:]
            )
            for place, body in enumerate(self._bodies)
        }
        return trial_of(worn, **self._known)

    def _windows(self, trial: AlignedTrial) -> Windows | None:
        """Windows of the buffer; None without any."""
        try:
            return slice_trials([trial], self._study, self._wanted, labelled=False)[0]
        except DataError as error:
            if error.code != "STUDY_EMPTY":
                raise
            return None

    def _turned(self, trial: AlignedTrial) -> str:
        """The sensor that is worn another way up than in training, in words; empty where none is."""
        try:
            require_up(trial, self._document["ups"], sides_of(self._study.window))
        except DataError as error:
            return error.found
        return ""

    def _unlike(self, windows: Windows) -> str:
        """Why the latest windows, these among them, are unlike the training data; empty where they are not."""
        self._latest = [*self._latest, *windows.inputs][-JUDGED:]
        score = self._likeness.score(np.stack(self._latest))
        if score > self._likeness.refuse:
            return f"unlike the training data (score {score:.2f}, at most {self._likeness.refuse:.2f})"
        try:
            require_facing(windows, tuple(self._wanted), self._document)
        except DataError as error:
            return error.found
        return ""
