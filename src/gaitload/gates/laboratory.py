"""Gates of what a laboratory has in common: the lag between forces and markers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from gaitload.config.motion import Gates
from gaitload.dependencies import GROUND_REACTIONS
from gaitload.ingest.laboratory import LaboratoryLag, TrialLag
from gaitload.ingest.lag import describe_error, describe_lag
from gaitload.quality import Gate, judge, not_judged, outside

TRIALS_MIN = 3
"""Fewer trials have no median that one of them could depart from."""


def judge_laboratory_lag(
    laboratory: LaboratoryLag | None, own: TrialLag, limits: Gates, *, corrected_s: float = 0.0
) -> Iterator[Gate]:
    """The lag of a cohort against what laboratories have, and the lag of one trial against its cohort.

    Parameters
    ----------
    laboratory : LaboratoryLag or None
        None where it was not gathered.
    own : TrialLag
    limits : Gates
    corrected_s : float
        By which forces were delayed since the lags were estimated (`ingest.force_lag: auto`).
    """
    if laboratory is None or laboratory.trials == 0:
        reason = "the lag of the cohort is not known: no trial tells it, or it was not gathered"
        yield not_judged("FORCE_LAG_COHORT", reason=reason, questions=GROUND_REACTIONS)
        return
    low, high = limits.force_lag_range_s
    median, left = laboratory.median_s, laboratory.median_s - corrected_s
    corrected = f", after forces were delayed by {1e3 * corrected_s:.1f} ms" if corrected_s else ""
    yield judge(
        "FORCE_LAG_COHORT",
        outside(left, low, high),
        unit="s outside the range",
        reason=f"in the cohort, forces {describe_lag(left)} the markers by {1e3 * abs(left):.1f} ms{corrected} "
        f"(median of {laboratory.trials} trials, {describe_error(laboratory.vertical_se_s)}; laboratories: "
        f"{1e3 * low:.0f} to {1e3 * high:.0f} ms): correct the delay of the recorder, or set ingest.force_lag",
        warn_above=limits.force_lag_accuracy_s,
        questions=GROUND_REACTIONS,
    )
    if laboratory.trials < TRIALS_MIN or np.isnan(own.vertical_s):
        reason = "the trial tells no lag, or the cohort has too few trials to compare it with"
        yield not_judged("FORCE_LAG_TRIAL", reason=reason, questions=GROUND_REACTIONS)
        return
    apart = own.vertical_s - median
    uncertain = 2 * float(np.nan_to_num(own.vertical_se_s))
    yield judge(
        "FORCE_LAG_TRIAL",
        max(abs(apart) - uncertain, 0.0),
        unit="s",
        reason=f"forces of this trial are {1e3 * abs(apart):.1f} ms {'early' if apart > 0 else 'late'} against the "
        f"median lag of the cohort ({1e3 * median:.1f} ms): its recorder started late, or files of two trials were "
        "joined",
        warn_above=limits.force_lag_departure_s,
        fail_above=2 * limits.force_lag_departure_s,
        questions=GROUND_REACTIONS,
    )
