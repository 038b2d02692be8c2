"""What all trials of a cohort share because one laboratory recorded them: the lag between forces and markers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from gaitload.ingest.lag import AGREEMENT_S

STANDARD_ERROR_MAX_S = 0.0015
"""Largest standard error over participants that either method may have for a correction."""
WORTH_S = 0.002
"""Smaller lags are not corrected: the methods are not better than that."""
TRIAL_ERROR_MAX_S = 0.003
"""A trial whose own estimate is less certain, or of unknown certainty, does not count: walks tell the lag less well
than runs, and a trial of one block has no standard error."""


@dataclass(frozen=True)
class TrialLag:
    """Lags of one trial; NaN where a method says nothing.

    Attributes
    ----------
    participant : str
    trial : str
    vertical_s, vertical_se_s : float
        By vertical force and centre of mass; see `lag.estimate_force_lag`.
    belt_s : float
        By centre of pressure and belt; see `lag.estimate_belt_lag`.
    """

    participant: str
    trial: str
    vertical_s: float
    vertical_se_s: float
    belt_s: float


@dataclass(frozen=True)
class LaboratoryLag:
    """Lag of a cohort. Positive: forces lead the markers.

    Attributes
    ----------
    trials, participants : int
        That tell it by vertical force.
    vertical_s, vertical_se_s : float
        Mean over participants and its standard error (over trials where there is one participant); NaN without.
    belt_s, belt_se_s : float
        The same by the belt.
    median_s : float
        Median over trials by vertical force, which single trials are held against.
    correction_s : float
        By which `ingest.force_lag: auto` delays the forces; 0 unless both methods agree.
    reason : str
        Why that much.
    """

    trials: int
    participants: int
    vertical_s: float
    vertical_se_s: float
    belt_s: float
    belt_se_s: float
    median_s: float
    correction_s: float
    reason: str

    def as_dict(self) -> dict:
        """For the file of the cohort."""
        return asdict(self)


def laboratory_lag(trials: Iterable[TrialLag]) -> LaboratoryLag:
    """Gather the lags of the trials of a cohort.

    Trials of one participant share their body and count once; what differs between participants is the error.

    Parameters
    ----------
    trials : iterable of TrialLag
    """
    known = [one for one in trials if np.isfinite(one.vertical_s) and one.vertical_se_s <= TRIAL_ERROR_MAX_S]
    vertical = _by_participant([(one.participant, one.vertical_s) for one in known])
    belt = _by_participant([(one.participant, one.belt_s) for one in known if np.isfinite(one.belt_s)])
    median = float(np.median([one.vertical_s for one in known])) if known else float("nan")
    correction, reason = _correction(*vertical, *belt)
    return LaboratoryLag(
        len(known), len({one.participant for one in known}), *vertical, *belt, median, correction, reason
    )


def _by_participant(values: Sequence[tuple[str, float]]) -> tuple[float, float]:
    """Mean over participants and its standard error; over trials where there is one participant."""
    people: dict[str, list[float]] = {}
    for participant, value in values:
        people.setdefault(participant, []).append(value)
    if not people:
        return float("nan"), float("nan")
    each = [float(np.mean(own)) for own in people.values()]
    spread = each if len(each) > 1 else next(iter(people.values()))
    error = float(np.std(spread, ddof=1) / np.sqrt(len(spread))) if len(spread) > 1 else float("nan")
    return float(np.mean(each)), error


def _correction(vertical_s: float, vertical_se_s: float, belt_s: float, belt_se_s: float) -> tuple[float, str]:
    """The correction of `auto` and why."""
    if np.isnan(vertical_s) or np.isnan(belt_s):
        return 0.0, "not corrected: two methods need runs on a belt"
    told = f"{1e3 * vertical_s:.1f} ms by vertical force, {1e3 * belt_s:.1f} ms by the belt"
    if not np.max((vertical_se_s, belt_se_s)) <= STANDARD_ERROR_MAX_S:
        return 0.0, f"not corrected: a standard error is above {1e3 * STANDARD_ERROR_MAX_S:g} ms, or not known ({told})"
    if abs(vertical_s - belt_s) > AGREEMENT_S:
        return 0.0, f"not corrected: the methods differ by more than {1e3 * AGREEMENT_S:g} ms ({told})"
    mean_s = (vertical_s + belt_s) / 2
    if abs(mean_s) < WORTH_S:
        return 0.0, f"not corrected: below {1e3 * WORTH_S:g} ms ({told})"
    return mean_s, f"mean of two methods that agree ({told})"
