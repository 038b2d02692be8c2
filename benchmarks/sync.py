"""Synchronisation on simulated truth: errors, slips and flags beside the published search, and speed.

`python -m benchmarks.sync` writes docs/benchmarks/sync.json and sync.md.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks import tables
from benchmarks.motions import SEGMENTS, Motion, load_motions
from benchmarks.sync_truth import Condition, Truth, lengthened, recorded
from gaitload.sync.absolute import mean_angles
from gaitload.sync.search import synchronise
from gaitload.sync.streams import Orientations

RATES_HZ = (40, 60, 100)
WINDOWS_S = (2.5, 5.0, 10.0, 20.0, 60.0)
PUBLISHED_WINDOWS_S = (2.5, 5.0)
SLIP_S = 0.1
"""Larger errors are another trough, hence another step or stride."""
WHOLE_S = 25.0
"""Longer trials are taken as recorded, for shorter windows; otherwise strides are joined."""
REAL_S, JOINED_S = 30.0, 75.0
ALL = Condition()
NONE = Condition(heading_rad=0.0, mount_rad=0.0, drift_rad_per_s=0.0, skew=0.0, lost=0.0)
CONDITIONS = {
    "frames in common": NONE,
    "sensors turned by 15 deg": replace(NONE, mount_rad=np.radians(15)),
    "headings off by 30 deg": replace(NONE, heading_rad=np.radians(30)),
    "all together": ALL,
    "all, skin wobbling by 2 deg": replace(ALL, wobble_rad=np.radians(2)),
}
HARD = {
    "pelvis alone": (ALL, (0,), True),
    "pelvis alone, 3 deg of noise": (replace(ALL, noise_rad=np.radians(3)), (0,), True),
    "one shank alone": (ALL, (2,), True),
    "all sensors, 5 deg of noise": (replace(ALL, noise_rad=np.radians(5)), None, True),
    "copies of one stride": (ALL, None, False),
}
SWAPS = {"thighs exchanged": (1, 4), "shanks exchanged": (2, 5), "pelvis and a thigh exchanged": (0, 1)}
LEGS = (0, 4, 5, 6, 1, 2, 3)


def orientations_for(motion: Motion, window_s: float, rng: np.random.Generator, *, varied: bool = True) -> np.ndarray:
    """The trial as recorded where it is long enough, else joined strides."""
    whole = motion.orientation_ground_wxyz
    if varied and len(whole) / motion.rate_hz > WHOLE_S > window_s:
        return whole
    return lengthened(motion, REAL_S if window_s < WHOLE_S else JOINED_S, rng, varied=varied)


def worst_error_s(truth: Truth, mapped: Callable[[np.ndarray], np.ndarray]) -> float:
    """Greatest error of mapped times over the true overlap (s), from its ends."""
    ends = truth.mocap.time_s[[0, -1]]
    overlap = np.clip((ends - truth.offset_s) / (1 + truth.skew), *truth.imu.time_s[[0, -1]])
    wrong = np.abs(mapped(overlap) - (truth.offset_s + (1 + truth.skew) * overlap)).max()
    return float(wrong) if np.isfinite(wrong) else np.inf


def by_ours(truth: Truth) -> dict:
    """Error, and what the search thinks of itself."""
    begun = time.process_time()
    found = synchronise(truth.imu, truth.mocap)
    return {
        "error_s": worst_error_s(truth, found.to_mocap),
        "skew_error_ppm": abs(found.skew - truth.skew) * 1e6,
        "preference": found.preference,
        "codes": found.codes,
        "flagged": not found.trusted,
        "swap": "SENSORS_SWAPPED" in found.codes,
        "seconds": time.process_time() - begun,
    }


def by_published(truth: Truth) -> dict:
    """Error of the literal search."""
    offset_s, angle_rad = mean_angles(truth.imu, truth.mocap, overlap_min_s=truth.imu.duration_s / 2)
    best = float(offset_s[np.nanargmin(angle_rad)])
    return {"error_s": worst_error_s(truth, lambda time_s: best + time_s)}


def summary(rows: Sequence[dict]) -> dict:
    """Errors of all cases, slips, and which of both are flagged."""
    error = np.array([row["error_s"] for row in rows])
    slips = error > SLIP_S
    found = {
        "cases": len(rows),
        "median_ms": float(np.median(error) * 1e3),
        "p95_ms": float(np.percentile(error, 95, method="higher") * 1e3),
        "slips_percent": float(100 * slips.mean()),
        "slips": int(slips.sum()),
    }
    if "flagged" not in rows[0]:
        return found
    flagged = np.array([row["flagged"] for row in rows])
    return found | {
        "slips_flagged": int((slips & flagged).sum()),
        "false_flags_percent": float(100 * (flagged & ~slips).sum() / max((~slips).sum(), 1)),
        "largest_preference_of_a_slip": max((row["preference"] for row in np.array(rows)[slips]), default=None),
    }


def bar(motions: Iterable[Motion], repeats: int, published: int, rng: np.random.Generator, say) -> dict:
    """Rates, windows and trials under everything at once."""
    ours: dict[tuple, list] = {}
    theirs: dict[tuple, list] = {}
    for window_s in WINDOWS_S:
        for rate_hz in RATES_HZ:
            say(f"{window_s:g} s at {rate_hz} Hz")
            for motion in motions:
                for number in range(repeats if window_s < WHOLE_S else max(1, repeats // 4)):
                    truth = recorded(
                        motion,
                        orientations_for(motion, window_s, rng),
                        ALL,
                        rate_hz=rate_hz,
                        window_s=window_s,
                        rng=rng,
                    )
                    ours.setdefault((window_s, rate_hz), []).append(by_ours(truth) | {"motion": motion.name})
                    if number < published and window_s in PUBLISHED_WINDOWS_S:
                        theirs.setdefault((window_s, rate_hz), []).append(by_published(truth))
    rows = [row for cell in ours.values() for row in cell]
    return {
        "cells": [
            {"window_s": window_s, "rate_hz": rate_hz, "ours": summary(cell)}
            | ({"published": summary(theirs[window_s, rate_hz])} if (window_s, rate_hz) in theirs else {})
            for (window_s, rate_hz), cell in ours.items()
        ],
        "all": summary(rows),
        "published": summary([row for cell in theirs.values() for row in cell]),
        "trials": {motion.name: summary([row for row in rows if row["motion"] == motion.name]) for motion in motions},
    }


def conditions(motions: Sequence[Motion], repeats: int, rng: np.random.Generator, say) -> list[dict]:
    """One disturbance at a time, windows of 2.5 s, both searches."""
    found = []
    for name, condition in CONDITIONS.items():
        say(name)
        truths = [
            recorded(motion, orientations_for(motion, 2.5, rng), condition, rate_hz=60, window_s=2.5, rng=rng)
            for motion in motions
            for _ in range(repeats)
        ]
        ours, theirs = (summary([search(truth) for truth in truths]) for search in (by_ours, by_published))
        found.append({"condition": name, "ours": ours, "published": theirs})
    return found


def hard(motions: Sequence[Motion], repeats: int, rng: np.random.Generator, say) -> list[dict]:
    """Where slips cannot be helped, they have to be told."""
    found = []
    for name, (condition, columns, varied) in HARD.items():
        say(name)
        rows = [
            by_ours(
                recorded(
                    motion,
                    orientations_for(motion, window_s, rng, varied=varied),
                    condition,
                    rate_hz=60,
                    window_s=window_s,
                    rng=rng,
                    columns=columns,
                )
            )
            for motion in motions
            for window_s in (2.5, 10.0)
            for _ in range(repeats)
        ]
        found.append({"condition": name, **summary(rows)})
    return found


def long(motions: Sequence[Motion], minutes: Sequence[float], rng: np.random.Generator, say) -> list[dict]:
    """Skew in recordings of minutes."""
    found = []
    for duration_min in minutes:
        say(f"{duration_min:g} min")
        rows = []
        for motion in motions:
            orientation = lengthened(motion, 60 * duration_min, rng)
            for rate_hz in RATES_HZ:
                truth = recorded(
                    motion,
                    orientation,
                    ALL,
                    rate_hz=rate_hz,
                    window_s=60 * duration_min,
                    rng=rng,
                    overhang=0.05,
                )
                rows.append(by_ours(truth))
        skew = np.array([row["skew_error_ppm"] for row in rows])
        found.append(
            {
                "minutes": duration_min,
                **summary(rows),
                "skew_median_ppm": float(np.median(skew)),
                "skew_worst_ppm": float(skew.max()),
                "seconds": float(np.median([row["seconds"] for row in rows])),
            }
        )
    return found


def swaps(motions: Sequence[Motion], repeats: int, rng: np.random.Generator, say) -> list[dict]:
    """Sensors said to be on segments that they are not on."""
    say("swaps")
    orders = {"as said": tuple(range(len(SEGMENTS))), "both legs exchanged": LEGS}
    for name, (first, second) in SWAPS.items():
        order = list(range(len(SEGMENTS)))
        order[first], order[second] = second, first
        orders[name] = tuple(order)
    found = []
    for name, order in orders.items():
        rows = []
        for motion in motions:
            for _ in range(repeats):
                truth = recorded(motion, orientations_for(motion, 5, rng), ALL, rate_hz=60, window_s=5, rng=rng)
                rows.append(by_ours(replace(truth, imu=truth.imu.only(list(order)))))
        told = 100 * float(np.mean([row["swap"] for row in rows]))
        found.append({"swap": name, "told_percent": told, **summary(rows)})
    return found


def speed(motion: Motion, rng: np.random.Generator, say, *, minutes: float = 10.0, every: int = 2000) -> dict:
    """Ten minutes of eight sensors: the whole search, its coarse part, and the sliding search over all lags."""
    say("speed")
    columns = (*range(len(SEGMENTS)), 0)
    orientation = lengthened(motion, 60 * minutes, rng)
    truth = recorded(motion, orientation, ALL, rate_hz=100, window_s=60 * minutes, rng=rng, columns=columns)
    imu, mocap = truth.imu, truth.mocap
    imu, mocap = (
        Orientations(tuple(map(str, range(len(columns)))), each.time_s, each.orientation_wxyz) for each in (imu, mocap)
    )
    ours = [by_ours(replace(truth, imu=imu, mocap=mocap))["seconds"] for _ in range(3)]
    begun = time.process_time()
    offset_s, _ = mean_angles(imu, mocap, overlap_min_s=1.0, every=every)
    sliding = (time.process_time() - begun) * every
    return {"ours_s": float(np.median(ours)), "sliding_s": sliding, "lags_timed": len(offset_s), "every": every}


def report(found: dict) -> str:
    """The Markdown text of everything that was measured."""
    ours = ["cases", "median_ms", "p95_ms", "slips_percent", "slips_flagged", "false_flags_percent"]
    heads = ["cases", "median (ms)", "95 % (ms)", "slips (%)", "slips flagged", "false flags (%)"]

    def own(cell: dict) -> list:
        flagged = f"{cell['slips_flagged']} of {cell['slips']}"
        return [flagged if name == "slips_flagged" else cell[name] for name in ours]

    def other(cell: dict | None) -> list:
        return [cell["median_ms"], cell["slips_percent"], cell["cases"]] if cell else [None] * 3

    published = ["published: median (ms)", "slips (%)", "cases"]
    whole = found["bar"]["all"]
    cells = [
        [row["window_s"], row["rate_hz"], *own(row["ours"]), *other(row.get("published"))]
        for row in found["bar"]["cells"]
    ]
    cells.append(["all", "all", *own(whole), *other(found["bar"]["published"])])
    seconds = found["speed"]
    return tables.document(
        "Synchronisation of sensors with markers, on simulated truth",
        found["machine"],
        [
            (
                "Seven sensors (pelvis, thighs, shanks, feet); headings off by up to 90 deg either way, sensors turned "
                "on their segments by up to 30 deg, 1 deg of white noise per axis and sample, headings drifting by 2 "
                "deg a minute, skew up to 100 ppm either way, 2 % of samples lost, a fifth of the window hanging over "
                "at most. Markers at 100 Hz for 30 s (75 s with windows of a minute). The error is the greatest over "
                "the overlap; a slip is one above 0.1 s; flagged is an answer with a failed gate. The published search "
                "(Hur 2025, literally) sees the first of the same recordings.",
                tables.table(["window (s)", "sensors (Hz)", *heads, *published], cells),
            ),
            (
                "The same by trial.",
                tables.table(["trial", *heads], [[name, *own(cell)] for name, cell in found["bar"]["trials"].items()]),
            ),
            (
                "Windows of 2.5 s at 60 Hz, one disturbance at a time, 1 deg of noise in all.",
                tables.table(
                    ["condition", *heads, *published],
                    [[row["condition"], *own(row["ours"]), *other(row["published"])] for row in found["conditions"]],
                ),
            ),
            (
                "Cases meant to slip, windows of 2.5 and 10 s at 60 Hz. Copies of one stride cannot be told apart by "
                "anybody: right answers are luck there, and no flag is false. The last column is the surest slip, in "
                "standard errors; below 2.5 an answer is flagged.",
                tables.table(
                    ["condition", *heads, "surest slip"],
                    [[row["condition"], *own(row), row["largest_preference_of_a_slip"]] for row in found["hard"]],
                ),
            ),
            (
                "Recordings of minutes, all trials, sensors at 40, 60 and 100 Hz.",
                tables.table(
                    ["minutes", *heads, "skew error, median (ppm)", "worst (ppm)", "processor time (s)"],
                    [
                        [row["minutes"], *own(row), row["skew_median_ppm"], row["skew_worst_ppm"], row["seconds"]]
                        for row in found["long"]
                    ],
                ),
            ),
            (
                "Sensors on other segments than said, windows of 5 s at 60 Hz.",
                tables.table(
                    ["sensors", "told (%)", "cases", "median (ms)", "slips (%)"],
                    [
                        [row["swap"], row["told_percent"], row["cases"], row["median_ms"], row["slips_percent"]]
                        for row in found["swaps"]
                    ],
                ),
            ),
            (
                "Processor time, ten minutes of eight sensors at 100 Hz, all lags. The sliding search, vectorised over "
                f"samples and sensors, was timed on every {seconds['every']}th lag and multiplied.",
                tables.table(
                    ["search", "seconds", "times ours"],
                    [
                        ["this one, whole", seconds["ours_s"], 1.0],
                        ["sliding shortest angle", seconds["sliding_s"], seconds["sliding_s"] / seconds["ours_s"]],
                    ],
                ),
            ),
        ],
    )


def main() -> None:
    """Measure and write."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        "--repeats",
        type=int,
        default=17,
        help="recordings per trial, window and rate; a quarter in windows of a minute",
    )
    options.add_argument("--published", type=int, default=1, help="of these, how many the published search sees too")
    options.add_argument("--minutes", type=float, nargs="*", default=[5, 10], help="lengths of the long recordings")
    options.add_argument("--seed", type=int, default=0)
    options.add_argument("--results", type=Path, default=Path("results/benchmark_trials"), help="where trials are kept")
    options.add_argument("--out", type=Path, default=tables.FOLDER, help="folder of the tables")
    chosen = options.parse_args()
    begun = time.perf_counter()

    def say(line: str) -> None:
        print(f"{time.perf_counter() - begun:6.0f} s  {line}", file=sys.stderr, flush=True)

    motions, rng = load_motions(chosen.results.resolve()), np.random.default_rng(chosen.seed)
    few = max(1, chosen.repeats // 4)
    found = {
        "bar": bar(motions, chosen.repeats, chosen.published, rng, say),
        "conditions": conditions(motions, few, rng, say),
        "hard": hard(motions, few, rng, say),
        "swaps": swaps(motions, few, rng, say),
        "long": long(motions, chosen.minutes, rng, say),
        "speed": speed(motions[0], rng, say),
        "machine": tables.machine(),
        "seed": chosen.seed,
    }
    found["processor_s"] = time.process_time()
    tables.write("sync", found, report(found), chosen.out)
    say(f"written to {chosen.out}")


if __name__ == "__main__":
    main()
