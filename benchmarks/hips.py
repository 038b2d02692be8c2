"""Hip loads of runners by correction, and their moments compared with an independent computation.

`python -m benchmarks.hips` writes docs/benchmarks/hips.json and hips.md. They hold loads in three seconds of every
trial of fukuchi2017 with each correction, the isometric strength of the hip in the models, residuals of two cohorts,
whose trunk was measured, with and without bounded residual reduction, and knee contact beside an implant. `--parts`
measures some parts again; the others stay as they were written.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks import hips_free_segments, hips_patient, hips_strength, tables
from benchmarks.trials import ROOT, Case, prepared
from benchmarks.truth_runners import COHORT, SPEEDS, WINDOW_S
from gaitload.cohorts.reader import load_cohort
from gaitload.errors import DataError
from gaitload.quality import Quality
from gaitload.stages.job import Job

KEPT, FREE = {"ingest": {"free_moment_bias": "keep"}}, {"scaling": {"subtalar": "auto"}}
ROTATORS, STRONGER = {"model": "rajagopal2023_rotators"}, {"scaling": {"subtalar": "auto", "strength_factor": 1.25}}
STEPS = {
    "before": KEPT,
    "free moment without bias (default)": {},
    "short rotators": KEPT | ROTATORS,
    "bounded residual reduction": KEPT | {"loads": {"residual_reduction": "bounded"}},
    "subtalar joint free": KEPT | FREE,
    "free moment, rotators and subtalar joint": FREE | ROTATORS,
    "and muscles 25 % stronger": STRONGER | ROTATORS,
}
"""Each step and the settings by which it differs from the default."""
PARTS = (*STEPS, "moments", "strength", "residuals", "patient")
RESERVES = {
    "flexion": "RESERVE_HIP_FLEXION",
    "adduction": "RESERVE_HIP_ADDUCTION",
    "rotation": "RESERVE_HIP_ROTATION",
    "rotation, swing": "RESERVE_SWING_HIP_ROTATION",
}
PEAKS = {"hip": "hcf_{}_norm_bw", "knee": "kcf_{}_norm_bw", "medial": "kcf_med_{}_bw", "ankle": "acf_{}_norm_bw"}
WITH_TRUNK = (
    Case("rajagopal2016", "walker", "walk", 0.45, 1.90),
    Case("rajagopal2016", "runner", "run", 0.60, 2.60),
    Case("grandchallenge5_ps", "PS", "ss1", 0.0, 60.0),
    Case("grandchallenge5_ps", "PS", "ss3", 0.0, 60.0),
    Case("grandchallenge5_ps", "PS", "ss8", 0.0, 60.0),
)
_STEPS = (
    "Runners of `fukuchi2017` at three speeds, {start:g} to {end:g} s of every trial. Peaks (BW): mean over trials and "
    "legs, in brackets the change from the first row on the same trials. Reserves: legs of trials in which the gate "
    "fails (above 10 % of the joint's peak moment), in brackets the median over all of them. Columns: those of tendon "
    "and contact forces that are not failed. Runners: without a failed column of a load at {speeds} m/s and at all "
    "speeds, of those that were measured (`--runners`)."
)
_BIAS = (
    "Free moment that both feet share, over the vertical force: by the symmetry of left and right, by the balance of "
    "angular momentum (mm), and the share of the common curve that the vertical force explains."
)
_TRUNK = (
    "Residual force and moment (root mean square) without and with bounded residual reduction: masses within 3 %, the "
    "trunk's centre of mass within 20 mm along each axis, fitted to the frames in which all forces are known. Largest "
    "change of a mass, and what peaks of contact do."
)


def job_of(case: Case, results: Path, settings: Mapping) -> Job:
    """Compute a trial up to its labels. Steps with the same forces share a folder, so ingest runs once for them."""
    folder = results / settings.get("ingest", {}).get("free_moment_bias", "auto")
    return prepared(case, folder, upto="labels", label_mode="physical", engine="compiled", **settings)


def measured(cases: Sequence[Case], settings: Mapping, results: Path) -> list[dict]:
    """Read the numbers of each trial from its quality files; of a refused trial only the code is given."""
    rows = []
    for case in cases:
        try:
            job = job_of(case, results, settings)
        except DataError as error:
            rows.append({"runner": case.participant, "trial": case.trial, "refused": error.code})
            continue
        quality = job.quality_of("labels")
        bias = job.quality_of("ingest").numbers["free_moment_bias"]
        rows.append({"runner": case.participant, "trial": case.trial, "bias": bias, **_of_labels(quality)})
    return rows


def _of_labels(quality: Quality) -> dict:
    loads = {name: one for name, one in quality.groups.items() if name.endswith("force") and "ground" not in name}
    values = {gate.code: (gate.value, gate.verdict.value) for gate in quality.gates}
    return {
        "columns": sum(one.passed + one.warned + one.failed for one in loads.values()),
        "failed": sum(one.failed for one in loads.values()),
        "reserves": {
            name: [values[f"{code}_{side}"] for side in ("R", "L") if f"{code}_{side}" in values]
            for name, code in RESERVES.items()
        },
        "peaks_bw": {
            name: [quality.numbers[key] for side in "rl" if (key := f"peak_{column.format(side)}") in quality.numbers]
            for name, column in PEAKS.items()
        },
    }


def with_trunk(case: Case, results: Path) -> dict:
    """Measure residuals and peaks of a trial with and without residual reduction."""
    plain = job_of(case, results, {})
    before = _of_labels(plain.quality_of("labels"))["peaks_bw"]
    reduced = job_of(case, results, {"loads": {"residual_reduction": "bounded"}})
    found = reduced.quality_of("loads").numbers["residual_reduction"]
    after = _of_labels(reduced.quality_of("labels"))["peaks_bw"]
    return {"name": case.name, "found": found, "peaks_bw": {name: [before[name], after[name]] for name in before}}


def report(found: Mapping) -> str:
    """Return the Markdown text of everything that was measured."""
    sections = []
    if found["steps"]:
        first = next(iter(found["steps"].values()))
        about = {"speeds": " / ".join(f"{speed:g}" for speed in SPEEDS.values()), "start": WINDOW_S[0]}
        about |= {"end": WINDOW_S[1]}
        head = ["step", *(f"{name} (BW)" for name in PEAKS), *RESERVES, "columns", "runners"]
        rows = [[name, *_step_row(trials, first)] for name, trials in found["steps"].items()]
        sections += [
            (_STEPS.format(**about), tables.table(head, rows)),
            (_BIAS, tables.table(["runner, trial", "symmetry", "balance", "explained", "proven"], _bias_rows(first))),
        ]
    sections += hips_free_segments.sections(found["moments"]) + hips_strength.sections(found["strength"])
    if found["residuals"]:
        sections.append((_TRUNK, _trunk_table(found["residuals"])))
    sections += hips_patient.sections(found["patient"])
    return tables.document("Hip loads, one correction at a time", found["machine"], sections)


def _step_row(trials: Sequence[Mapping], first: Sequence[Mapping]) -> list[str]:
    """Return the cells of a step; peaks are compared with those of the first step on the same trials."""
    known = [row for row in trials if "refused" not in row]
    before = {(row["runner"], row["trial"]): row for row in first if "refused" not in row}
    peaks = []
    for name in PEAKS:
        pairs = [(row, before[row["runner"], row["trial"]]) for row in known]
        after, change = (
            np.mean([value for row, _ in pairs for value in row["peaks_bw"][name]]),
            np.mean([np.mean(row["peaks_bw"][name]) - np.mean(other["peaks_bw"][name]) for row, other in pairs]),
        )
        peaks.append(f"{after:.2f} ({change:+.2f})")
    reserves = []
    for name in RESERVES:
        legs = [leg for row in known for leg in row["reserves"][name]]
        share = float(np.median([value for value, _ in legs]))
        reserves.append(f"{sum(verdict == 'failed' for _, verdict in legs)} of {len(legs)} ({share:.1%})")
    kept = 1 - sum(row["failed"] for row in known) / sum(row["columns"] for row in known)
    clean = {trial: {row["runner"] for row in known if row["trial"] == trial and not row["failed"]} for trial in SPEEDS}
    counts = [*map(len, clean.values()), len(set.intersection(*clean.values()))]
    runners = len({row["runner"] for row in known})
    return [*peaks, *reserves, f"{kept:.1%}", f"{' / '.join(map(str, counts))} of {runners}"]


def _bias_rows(trials: Sequence[Mapping]) -> list[list[str]]:
    return [
        [
            f"{row['runner']}, {row['trial']}",
            f"{1e3 * row['bias']['lever_m']:.1f} ± {1e3 * row['bias']['lever_se_m']:.1f}",
            f"{1e3 * row['bias']['balance_m']:.1f}",
            f"{row['bias']['explained']:.2f}",
            "yes" if row["bias"]["proven"] else "no",
        ]
        for row in trials
        if "bias" in row
    ]


def _trunk_table(trials: Sequence[Mapping]) -> str:
    rows = []
    for trial in trials:
        found = trial["found"]
        body, share = max(found["mass_share"].items(), key=lambda pair: abs(pair[1]))
        changes = [
            f"{name} {np.mean(after) - np.mean(before):+.2f}"
            for name, (before, after) in trial["peaks_bw"].items()
            if before
        ]
        rows.append(
            [
                trial["name"],
                str(found["frames"]),
                "{:.1f} / {:.1f} N".format(*found["force_rms_n"]),
                "{:.1f} / {:.1f} N m".format(*found["moment_rms_nm"]),
                f"{body} {share:+.1%}",
                ", ".join(f"{1e3 * value:+.0f}" for value in found["trunk_shift_m"]) + " mm",
                ", ".join(changes) + " BW",
            ]
        )
    head = ["trial", "frames", "force, without / with", "moment, without / with", "largest mass", "trunk", "peaks"]
    return tables.table(head, rows)


def main() -> None:
    """Measure the parts that are asked for, and write the report after each."""
    options = argparse.ArgumentParser(prog="python -m benchmarks.hips", description=__doc__)
    options.add_argument("--runners", type=int, default=12, help="how many runners of fukuchi2017")
    options.add_argument("--parts", nargs="+", default=PARTS, choices=PARTS, help="what is measured anew")
    options.add_argument("--results", type=Path, default=Path("results/hips_trials"), help="where trials are kept")
    options.add_argument("--out", type=Path, default=tables.FOLDER, help="folder of the tables")
    chosen = options.parse_args()
    results, begun = chosen.results.resolve(), time.perf_counter()
    cohort = load_cohort(ROOT / "workflow" / "cohorts" / COHORT, root=ROOT, results=results)
    people = [person.participant_id for person in cohort.participants[: chosen.runners]]
    cases = [Case(COHORT, person, trial, *WINDOW_S) for person in people for trial in SPEEDS]
    written = chosen.out / "hips.json"
    found: dict = {"steps": {}, "moments": {}, "strength": [], "residuals": [], "patient": {}}
    if set(chosen.parts) != set(PARTS) and written.is_file():
        found |= json.loads(written.read_text(encoding="utf-8"))
    for part in chosen.parts:
        if part in STEPS:
            found["steps"][part] = measured(cases, STEPS[part], results)
        elif part == "moments":
            found[part] = hips_free_segments.measured(lambda case: job_of(case, results, {}), people)
        elif part == "strength":
            found[part] = hips_strength.measured()
        elif part == "patient":
            found[part] = hips_patient.measured(results)
        else:
            found[part] = [with_trunk(case, results) for case in WITH_TRUNK]
        print(f"{time.perf_counter() - begun:6.0f} s  {part}", file=sys.stderr, flush=True)
        found["steps"] = {name: found["steps"][name] for name in STEPS if name in found["steps"]}
        found["machine"] = tables.machine()
        # What was measured is kept, should the rest fail.
        tables.write("hips", found, report(found), chosen.out)


if __name__ == "__main__":
    main()
