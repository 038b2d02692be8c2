"""Stance times that sensors at the pelvis and on the shank tell of running, beside those of the force plates.

`python -m benchmarks.stance_times --results results --stage aligned_virtual --cohorts fukuchi2017` takes the aligned
tables of runs, and writes docs/benchmarks/stance_times.json and stance_times.md.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from benchmarks import tables
from gaitload.conventions import SIDES
from gaitload.study import TELLS_STANCES, StudyWindow
from gaitload.windows.cuts import cuts_of
from gaitload.windows.tables import AlignedTrial, read_trial

SAME_S = 0.1
"""Middles of two stances of a foot nearer than this are of the same step."""


def measured(trial: AlignedTrial, times: str = "pelvis_sensor") -> dict:
    """How many stances plates and sensor found, and the sensor's errors of start and end (s) for those of both.

    `times` is the `stance_times` of the sensor.
    """
    by_plate, by_sensor = (cuts_of(trial, StudyWindow(stance_times=each))[0] for each in ("contact", times))
    errors_s = []
    for cut in by_plate:
        own_s = np.array([other.time_s[[0, -1]] for other in by_sensor if other.side == cut.side]).reshape(-1, 2)
        apart_s = np.abs(own_s.mean(axis=1) - cut.time_s[[0, -1]].mean())
        if len(own_s) and apart_s.min() < SAME_S:
            errors_s.append((own_s[apart_s.argmin()] - cut.time_s[[0, -1]]).tolist())
    return {
        "where": trial.where,
        "times": times,
        "subject": trial.subject,
        "by_plate": {side: sum(cut.side == side for cut in by_plate) for side in SIDES},
        "by_sensor": {side: sum(cut.side == side for cut in by_sensor) for side in SIDES},
        "errors_s": errors_s,
    }


def _spreads(errors_s: list[list]) -> list[str]:
    """Of start and end: mean, standard deviation, and that within a trial (ms); nothing where nothing was found."""
    found_ms = [1000.0 * np.array(errors) for errors in errors_s if len(errors) > 1]
    if not found_ms:
        return ["", ""]
    within_ms = np.mean([errors.std(axis=0, ddof=1) for errors in found_ms], axis=0)
    all_ms = np.concatenate(found_ms)
    return [f"{all_ms[:, end].mean():+.1f} +- {all_ms[:, end].std():.1f} ({within_ms[end]:.1f})" for end in (0, 1)]


def report(rows: list[dict]) -> str:
    """One line a cohort and sensor; errors in milliseconds, positive where the sensor is late."""
    lines = []
    for cohort, times in sorted({(row["subject"].partition("/")[0], row["times"]) for row in rows}):
        own = [row for row in rows if row["subject"].startswith(f"{cohort}/") and row["times"] == times]
        found, plates = sum(len(row["errors_s"]) for row in own), sum(sum(row["by_plate"].values()) for row in own)
        spreads = _spreads([row["errors_s"] for row in own])
        lines.append([cohort, times, len(own), f"{found} of {plates}", *spreads])
    sentence = (
        "Runs; stances of the plates that the sensor found on the same foot; its errors of start and end (ms, late "
        "positive): mean +- standard deviation over stances (in brackets: within a trial). The shank needs a whole "
        "swing behind a stance, and so misses the last one of most trials."
    )
    body = tables.table(["cohort", "stance_times", "trials", "found", "start", "end"], lines)
    return tables.document("Stance times from sensors", tables.machine(), [(sentence, body)])


def main() -> int:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--results", type=Path, required=True)
    parser.add_argument("--cohorts", nargs="+", required=True)
    parser.add_argument("--stage", default="aligned", help="aligned or aligned_virtual")
    asked = parser.parse_args()
    paths = [
        path for name in asked.cohorts for path in sorted((asked.results / asked.stage / name).glob("*/*.parquet"))
    ]
    runs = [trial for trial in map(read_trial, paths) if trial.document["trial"]["activity"] == "run"]
    rows = [measured(trial, times) for times in TELLS_STANCES for trial in runs]
    means = [np.mean(row["errors_s"], axis=0).tolist() if row["errors_s"] else None for row in rows]
    trials = [
        {name: row[name] for name in ("where", "times", "by_plate", "by_sensor")} | {"mean_errors_s": mean}
        for row, mean in zip(rows, means, strict=True)
    ]
    tables.write("stance_times", {"trials": trials}, report(rows))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
