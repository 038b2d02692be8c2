"""Coverage and width of intervals on generated participants, and on the held-out runners of the shipped estimators.

`python -m benchmarks.intervals` writes docs/benchmarks/intervals.json and intervals.md.
"""

from __future__ import annotations

import argparse
from itertools import product

import numpy as np

from benchmarks import tables
from gaitload.bundles.file import read_bundle
from gaitload.bundles.intervals import half_width
from gaitload.evaluation.agreement import conformal_half_width

FOLDER = tables.FOLDER.parents[1] / "workflow" / "bundles"
LEVEL, PEOPLE, NEW, STEPS, DRAWS = 0.9, 12, 20, 40, 200
"""Twelve participants calibrate, twenty new ones are predicted, two hundred times."""
SPREADS = ((1.0, 0.2), (1.0, 0.7), (0.5, 1.0))
"""Standard deviations of residuals between participants and within."""
EFFECTS = {
    "normal": lambda random, count: random.standard_normal(count),
    "heavy tails (t, 4)": lambda random, count: random.standard_t(4, count) / np.sqrt(2),
    "skewed (gamma, 2)": lambda random, count: (random.gamma(2, 1, count) - 2) / np.sqrt(2),
}
WIDTHS = {"cross-validated": half_width, "conformal": conformal_half_width}


def generated(effect: str, between: float, within: float) -> dict:
    """Mean coverage of new participants and mean width of each way, over draws."""
    random, person = np.random.default_rng(0), np.repeat(np.arange(PEOPLE + NEW), STEPS)
    found: dict[str, list] = {name: [] for name in WIDTHS}
    for _ in range(DRAWS):
        count = PEOPLE + NEW
        spread = within * np.exp(0.3 * random.standard_normal(count))
        residual = between * EFFECTS[effect](random, count)[person] + spread[person] * random.standard_normal(
            len(person)
        )
        known = person < PEOPLE
        for name, width_of in WIDTHS.items():
            width = width_of(residual[known], person[known], LEVEL)
            found[name].append(((np.abs(residual[~known]) <= width).mean(), width))
    return {name: np.mean(pairs, axis=0).tolist() for name, pairs in found.items()}


def shipped() -> list[dict]:
    """Intervals of the shipped estimators, by target, before and after calibration to a person."""
    rows = []
    for path in sorted(FOLDER.glob("*.gaitload")):
        document = read_bundle(path).document
        for name, calibrated in product(document["target_names"], (False, True)):
            target = document["targets"][name]
            own = target["calibrated"] if calibrated else target
            rows.append(
                {
                    "bundle": path.stem,
                    "target": name,
                    "calibrated": calibrated,
                    "errors": {key: own["errors"][key] for key in ("rmse", "peak_rmse", "peak_mean")},
                    "intervals": {key: value for key, value in own["intervals"].items() if key != "curve"},
                    "curve_width": float(np.mean(own["intervals"]["curve"])),
                }
            )
    return rows


def report(found: dict) -> str:
    """Markdown of what was measured."""
    made = [
        [one["effect"], one["between"], one["within"], *one["cross-validated"], *one["conformal"]]
        for one in found["generated"]
    ]
    held = [
        [one["bundle"], one["target"], "yes" if one["calibrated"] else "", own["peak"], 100 * own["total_share"]]
        + [
            _words(own["coverage"][kind], own["coverage_refused"][kind])
            for kind in ("curve", "peak", "impulse", "total")
        ]
        for one in found["shipped"]
        for own in [one["intervals"]]
    ]
    speeds = [
        [one["bundle"], one["target"], "yes" if one["calibrated"] else "", at]
        + [100 * shares[kind] for kind in ("curve", "peak", "impulse", "total")]
        for one in found["shipped"]
        for at, shares in one["intervals"]["coverage_by_speed"].items()
    ]
    return tables.document(
        "Intervals",
        found["machine"],
        [
            (
                f"Generated participants: {PEOPLE} calibrate, {NEW} new ones of {STEPS} steps are predicted, {DRAWS} "
                "times; coverage and half width of intervals of 90 %.",
                tables.table(["effect", "between", "within", "cross-validated", "width", "conformal", "width"], made),
            ),
            (
                "Held-out runners of the shipped estimators: half width of the peak (BW) and of the sum over a "
                "recording of 30 s (%), and how often intervals from all other runners held: mean (bootstrap interval "
                "over runners; worst runner; refused recordings counted as missed), %.",
                tables.table(
                    ["bundle", "target", "calibrated", "peak", "sum (%)", "curve", "peaks", "impulses", "sums"], held
                ),
            ),
            (
                "The same by speed (m/s): mean coverage, %.",
                tables.table(["bundle", "target", "calibrated", "speed", "curve", "peaks", "impulses", "sums"], speeds),
            ),
        ],
    )


def _words(held: dict, answered: float) -> str:
    shares = [f"{100 * held[key]:.0f}" for key in ("mean", "low", "high", "worst")]
    return f"{shares[0]} ({shares[1]} to {shares[2]}; {shares[3]}; {100 * answered:.0f})"


def main() -> int:
    """Measure and write."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    made = [
        {"effect": effect, "between": between, "within": within, **generated(effect, between, within)}
        for effect, (between, within) in product(EFFECTS, SPREADS)
    ]
    found = {"generated": made, "shipped": shipped(), "machine": tables.machine()}
    tables.write("intervals", found, report(found))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
