"""Labels of runners beside other groups' results on the same recordings, and beside published Achilles forces."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import tables
from benchmarks.trials import ROOT, Case, prepared
from gaitload.cohorts.reader import load_cohort
from gaitload.conventions import SIDES
from gaitload.errors import DataError
from gaitload.io.tables import read_table
from gaitload.signals.runs import true_runs

COHORT = "fukuchi2017"
SPEEDS = {"runT25": 2.5, "runT35": 3.5, "runT45": 4.5}
WINDOW_S = (5.0, 8.0)
"""Three seconds of every trial: four whole stances of either foot."""
LABELS = {
    "Achilles": "atf_{}_bw",
    "patellar tendon": "ptf_{}_bw",
    "ankle contact": "acf_{}_norm_bw",
    "knee contact": "kcf_{}_norm_bw",
    "hip contact": "hcf_{}_norm_bw",
}
SWING_PERCENTILE = 95
STANCE_MIN = 10
"""Frames of a stance; shorter ones are cut by the window."""
LIEW = {
    "ankle": ("ankle_moment_{}_nm_per_kg", "ankle_moment_ml"),
    "knee": ("knee_moment_{}_nm_per_kg", "knee_moment_ml"),
}
GROUPS = {
    "Achilles": "atf",
    "patellar tendon": "ptf",
    "ankle contact": "acf",
    "knee contact": "kcf",
    "hip contact": "hcf",
}
"""Loads whose columns are counted by verdict, and how their labels begin."""
VERDICTS = ("passed", "warned", "failed")
PUBLISHED = (
    "Achilles forces measured in vivo: 8.2 to 10.1 BW in running at 2.7 to 4.5 m/s by shear-wave tensiometry; 2.0 to "
    "2.6 kN, about 3 BW, by ultrasound with individual force-length curves, in a literature range of 3.1 to 4.6 kN"
)
_VERDICTS = (
    "Columns of these loads by verdict over all trials: passed / warned / failed, and in brackets how many would be "
    "failed if swing were not judged, as it was not when labels were first compared with measurements (then the worst "
    "stance decided, now the median). The limits of reserves, 5 % and 10 % of the joint's peak moment, are the same."
)


def measured(methods: Mapping[str, Mapping], runners: int, results: Path) -> dict:
    """Peaks of stance and upper percentiles of swing (BW) by method and speed, and what others found; `{}` for none."""
    if not runners:
        return {}
    cohort = load_cohort(ROOT / "workflow" / "cohorts" / COHORT, root=ROOT, results=results)
    others = cohort.raw_dir.parent / "fukuchi2017_second_opinions"
    curves, forces = (
        pd.read_csv(others / name, sep="\t") if (others / name).is_file() else None
        for name in ("moments_liew2021.tsv", "forces_fox_3p5.tsv")
    )
    found: dict = {"methods": {}, "verdicts": {}, "moments": {}, "forces": {}, "refused": []}
    for method, chosen in methods.items():
        settings = {"label_mode": "physical", "engine": "compiled", **chosen}
        folder = results / f"runners_{settings['model']}_{settings['label_mode']}"
        rows, verdicts, moments, peaks = [], [], [], []
        for person in cohort.participants[:runners]:
            for trial, speed in SPEEDS.items():
                try:
                    job = prepared(
                        Case(COHORT, person.participant_id, trial, *WINDOW_S),
                        folder,
                        upto="labels",
                        **settings,
                    )
                except DataError as error:
                    found["refused"].append(f"{person.participant_id} {trial}: {error.code}")
                    continue
                labels, columns = read_table(job.product("labels", ".parquet"))[:2]
                rows.append({"speed": speed, **_peaks(labels)})
                verdicts += [{"speed": speed, **row} for row in _verdicts(columns)]
                where = {"runner": person.participant_id, "speed_m_per_s": speed}
                if curves is not None:
                    moments += [{**where, **row} for row in _beside_liew(labels, curves, **where)]
                if forces is not None and speed == 3.5:
                    peaks.append(_beside_fox(labels, forces, person.participant_id, person.mass_kg))
            print(f"{person.participant_id}, {method}", file=sys.stderr, flush=True)
        table = pd.DataFrame(rows).groupby("speed")
        found["methods"][method] = {
            str(speed): {name: [float(part[name].mean()), float(part[name].std())] for name in part if name != "speed"}
            for speed, part in table
        }
        counted = pd.DataFrame(verdicts).groupby(["speed", "load"]).sum()
        found["verdicts"][method] = {
            str(speed): {load: row.to_dict() for load, row in part.droplevel("speed").iterrows()}
            for speed, part in counted.groupby("speed")
        }
        found["moments"][method] = moments
        found["forces"][method] = peaks
    return found


def _stances(labels: Mapping[str, np.ndarray], side: str) -> list[slice]:
    contact = np.asarray(labels[f"contact_{side}"], dtype=bool)
    runs = true_runs(contact)
    return [run for run in runs if run.start > 0 and run.stop < len(contact) and run.stop - run.start >= STANCE_MIN]


def _peaks(labels: Mapping[str, np.ndarray]) -> dict[str, float]:
    found = {}
    for name, column in LABELS.items():
        stance = [np.nanmax(labels[column.format(side)][run]) for side in SIDES for run in _stances(labels, side)]
        swing = np.concatenate(
            [labels[column.format(side)][~np.asarray(labels[f"contact_{side}"], dtype=bool)] for side in SIDES]
        )
        found[name] = float(np.mean(stance)) if stance else np.nan
        found[f"{name}, swing"] = float(np.nanpercentile(swing, SWING_PERCENTILE))
    return found


def _verdicts(columns: Mapping[str, Mapping]) -> list[dict]:
    """Columns of each load by verdict; `stance`: failed by a gate that does not judge swing."""
    rows = []
    for load, label in GROUPS.items():
        own = [one for one in columns.values() if str(one.get("label", "")).startswith(label)]
        counts = {verdict: sum(one["verdict"] == verdict for one in own) for verdict in VERDICTS}
        rows.append({"load": load, **counts, "stance": sum(one["verdict_stance"] == "failed" for one in own)})
    return rows


def _beside_liew(
    labels: Mapping[str, np.ndarray], curves: pd.DataFrame, *, runner: str, speed_m_per_s: float
) -> list[dict]:
    """Peak sagittal moments of mean stances (N m/kg), ours and theirs, of either leg."""
    rows = []
    chosen = curves[(curves.runner == runner) & (curves.speed_m_per_s == speed_m_per_s)]
    for side, name in (("r", "right"), ("l", "left")):
        theirs = chosen[chosen.side == name]
        stances = _stances(labels, side)
        if theirs.empty or not stances:
            continue
        for joint, (ours, column) in LIEW.items():
            mean = np.mean([_stretched(labels[ours.format(side)][run]) for run in stances], axis=0)
            rows.append(
                {"joint": joint, "ours": float(np.abs(mean).max()), "theirs": float(theirs[column].abs().max())}
            )
    return rows


def _stretched(values: np.ndarray) -> np.ndarray:
    return np.interp(np.linspace(0, 1, 101), np.linspace(0, 1, len(values)), values)


def _beside_fox(labels: Mapping[str, np.ndarray], forces: pd.DataFrame, runner: str, mass_kg: float) -> dict:
    """Peak forces (N) of triceps surae and quadriceps of the right leg, ours and theirs."""
    theirs = forces[forces.runner == runner]
    ours = {
        muscle: float(np.mean([np.nanmax(labels[column][run]) for run in _stances(labels, "r")]))
        for muscle, column in (("triceps_surae_r_n", "atf_r_n"), ("quadriceps_r_n", "ptf_r_n"))
    }
    return {"runner": runner, "mass_kg": mass_kg} | {
        muscle: [value, float(theirs[muscle].max()) if len(theirs) else float("nan")] for muscle, value in ours.items()
    }


def _counts(one: Mapping[str, int]) -> str:
    return " / ".join(str(int(one[verdict])) for verdict in VERDICTS) + f" ({int(one['stance'])})"


def sections(found: Mapping) -> list[tuple[str, str]]:
    """Sentences and tables of the report."""
    if not found:
        return []
    methods, speeds = found["methods"], sorted({speed for one in found["methods"].values() for speed in one})
    rows = []
    for name in [*LABELS, *(f"{name}, swing" for name in LABELS)]:
        cells = ["{:.1f} ± {:.1f}".format(*methods[method][speed][name]) for speed in speeds for method in methods]
        rows.append([name, *cells])
    refused = f" Refused: {'; '.join(sorted(set(found['refused'])))}." if found["refused"] else ""
    out = [
        (
            "Runners of `fukuchi2017`: mean peak of a stance and 95th percentile of swing (BW, both legs, mean ± "
            f"standard deviation over runners, {WINDOW_S[0]:g} to {WINDOW_S[1]:g} s of every trial). {PUBLISHED}."
            f"{refused}",
            tables.table(["", *(f"{speed} m/s {method}" for speed in speeds for method in methods)], rows),
        )
    ]
    if found.get("verdicts"):
        rows = [
            [load, *(_counts(found["verdicts"][method][speed][load]) for speed in speeds for method in methods)]
            for load in GROUPS
        ]
        columns = ["", *(f"{speed} m/s {method}" for speed in speeds for method in methods)]
        out.append((_VERDICTS, tables.table(columns, rows)))
    rows = []
    for method, peaks in found["moments"].items():
        table = pd.DataFrame(peaks)
        for joint, part in table.groupby("joint") if len(table) else ():
            ratio = part.ours / part.theirs
            rows.append(
                [method, joint, f"{ratio.mean():.2f}", f"{ratio.min():.2f} to {ratio.max():.2f}", str(len(part))]
            )
    if rows:
        sentence = (
            "Peak sagittal moments of the mean stance, ours over those of Liew et al. 2021 (three runners, three "
            "speeds), who used the same recordings and other software."
        )
        out.append((sentence, tables.table(["method", "joint", "mean ratio", "range", "stances compared"], rows)))
    rows = []
    for method, peaks in found["forces"].items():
        for muscle in ("triceps_surae_r_n", "quadriceps_r_n"):
            pairs = np.array([one[muscle] for one in peaks])
            if len(pairs):
                ratio = pairs[:, 0] / pairs[:, 1]
                means = (f"{values:.0f}" for values in np.nanmean(pairs, axis=0))
                rows.append([method, muscle.removesuffix("_r_n").replace("_", " "), *means, f"{np.nanmean(ratio):.2f}"])
    if rows:
        sentence = (
            "Peak forces at 3.5 m/s (N, right leg, mean over the runners) beside static optimization by another "
            "laboratory (one stride, strength x 1.5). Its ankle moments are 18 to 41 % above two other computations: "
            "nothing is tuned towards it."
        )
        out.append((sentence, tables.table(["method", "muscles", "ours", "theirs", "mean ratio"], rows)))
    return out
