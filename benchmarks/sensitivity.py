"""How far the peaks of running move with what a laboratory chooses: scaling, force lag, centre of pressure, filter.

`python -m benchmarks.sensitivity` writes docs/benchmarks/sensitivity.json and sensitivity.md.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import tables
from benchmarks.trials import Case, prepared
from gaitload.conventions import SIDES
from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.perturbation import Perturbed
from gaitload.opensim.actuation import write_actuated_model
from gaitload.opensim.scaling import scale_subject
from gaitload.signals.clock import frames_within
from gaitload.signals.foot_forces import delayed
from gaitload.signals.runs import true_runs
from gaitload.stages.job import Job
from gaitload.stages.sampling import Measured, read_trial, sampled_labels
from gaitload.stages.uncertainty import what_was_measured

RUNNERS = ("RBDS001", "RBDS002", "RBDS03", "RBDS05", "RBDS08", "RBDS010")
CASES = tuple(Case("fukuchi2017", runner, "runT35", 5.0, 9.0) for runner in RUNNERS)
"""Four seconds at 3.5 m/s: some five stances of either foot."""
LABELS = {
    "Achilles": "atf_{}_bw",
    "patellar tendon": "ptf_{}_bw",
    "ankle contact": "acf_{}_norm_bw",
    "knee contact": "kcf_{}_norm_bw",
}
DEFAULT = "default"
AUTHORS = "rajagopal2016_run"
"""Marker set at the places, and with the weights, of the model's authors."""


@dataclass(frozen=True)
class Choice:
    """What one laboratory does otherwise than the default.

    Attributes
    ----------
    scaling : str
        As `scaling.method`; it decides which model is prepared.
    static : bool
        False: no static trial is used, so that markers stay at the places of the marker set.
    generic_landmarks : bool
        True: registered by anatomical markers at the places that the authors of the model gave them, without centres of
        knees and ankles.
    lag_s : float or None
        As `ingest.force_lag`: the forces are delayed by it; None: by what was estimated for the runner.
    forward_m : float
        By which the centre of pressure lies farther forwards.
    cutoff_hz : float or None
        As `loads.cutoff_hz`, of motion and forces alike; the default's without.
    """

    scaling: str = "auto"
    static: bool = True
    generic_landmarks: bool = False
    lag_s: float | None = 0.0
    forward_m: float = 0.0
    cutoff_hz: float | None = None


CHOICES = {
    DEFAULT: Choice(),
    "scaled by marker pairs": Choice(scaling="marker_pairs"),
    "scaled by height": Choice(scaling="height"),
    "scaled and registered by markers at the places of the model's authors": Choice(
        scaling="marker_pairs", generic_landmarks=True
    ),
    "no static trial: by height, markers at generic places": Choice(scaling="height", static=False),
    "forces 3.3 ms earlier": Choice(lag_s=-1 / 300),
    "forces 3.3 ms later": Choice(lag_s=1 / 300),
    "forces later by the lag estimated for the runner": Choice(lag_s=None),
    "centre of pressure 10 mm backwards": Choice(forward_m=-0.010),
    "centre of pressure 10 mm forwards": Choice(forward_m=0.010),
    **{f"{cutoff_hz:g} Hz": Choice(cutoff_hz=cutoff_hz) for cutoff_hz in (6.0, 10.0, 15.0, 20.0, 30.0)},
}


def stances_of(trial: Measured) -> dict[str, list[slice]]:
    """Whole stances of either foot in the labelled window, as slices of its frames."""
    clock_s = trial.markers.time_s
    forces = trial.filtering.forces(trial.forces, clock_s)
    contact = forces.contact[frames_within(clock_s, trial.window_s)]
    return {
        side: [run for run in true_runs(contact[:, number]) if run.start > 0 and run.stop < len(contact)]
        for number, side in enumerate(SIDES)
    }


def peaks_bw(labels: Mapping[str, np.ndarray], stances: Mapping[str, list[slice]]) -> dict[str, float]:
    """Greatest value in a stance (BW), mean over the stances of both feet, by label."""
    return {
        name: float(np.mean([labels[column.format(side)][run].max() for side in SIDES for run in stances[side]]))
        for name, column in LABELS.items()
    }


def measured(case: Case, results: Path) -> tuple[dict[str, dict[str, float]], float]:
    """Peaks (BW) of one runner by choice and label, and the lag of the forces that was estimated (s).

    Models are scaled once, and everything else is solved in memory.
    """
    found, prepared_for = {}, {}
    for name, choice in CHOICES.items():
        model = (choice.scaling, choice.static, choice.generic_landmarks)
        prepared_for[model] = prepared_for.get(model) or scaled(case, results, *model)
        mechanism, trial, estimated_lag_s = prepared_for[model]
        lag_s = estimated_lag_s if choice.lag_s is None else choice.lag_s
        if name == DEFAULT:
            # For all: edges of contact move with lag and filter, peaks lie in the middle.
            stances, told_lag_s = stances_of(trial), estimated_lag_s
        chosen = Perturbed(
            mechanism=mechanism,
            body_scale=np.ones(len(mechanism.bodies)),
            cop_offset_ground_m=np.array([choice.forward_m, 0.0, 0.0]),
            cutoff_factor=(choice.cutoff_hz or trial.filtering.cutoff_hz) / trial.filtering.cutoff_hz,
        )
        time_s = trial.markers.time_s[frames_within(trial.markers.time_s, trial.window_s)]
        labels, _ = sampled_labels(chosen, replace(trial, forces=delayed(trial.forces, lag_s)), time_s)
        found[name] = peaks_bw(labels, stances)
    return found, told_lag_s


def scaled(
    case: Case, results: Path, scaling: str, static: bool, generic_landmarks: bool
) -> tuple[Mechanism, Measured, float]:
    """Model and recording of a runner, and the lag of the forces that was estimated (s)."""
    settings = {"label_mode": "physical", "engine": "compiled", "scaling": {"method": scaling}}
    folder = results / f"{scaling}{'' if static else '_without_static'}"
    job = prepared(case, folder, with_static=static, **settings)
    what = what_was_measured(job)
    if generic_landmarks:
        with tempfile.TemporaryDirectory() as place:
            what |= by_generic_landmarks(job, Path(place))
            read = read_trial(**what)
    else:
        read = read_trial(**what)
    return *read, job.quality_of("kinematics").numbers["force_lag_s"]


def by_generic_landmarks(job: Job, folder: Path) -> dict:
    """Model with actuators, and what else of `read_trial` follows from scaling with `generic_marker_set`."""
    source, person, loads = job.model_source, job.participant, job.config.loads
    model, actuated, marker_set = (str(folder / name) for name in ("model.osim", "actuated.osim", "markers.tsv"))
    generic_marker_set(job.marker_set_path, source.marker_set_path(AUTHORS)).to_csv(marker_set, sep="\t", index=False)
    record = scale_subject(
        model=str(source.path),
        family=str(source.family_path),
        marker_set=marker_set,
        static_trcs=[str(job.product("ingest", ".trc", static.trial_id)) for static in job.statics],
        mass_kg=person.mass_kg,
        height_m=person.height_m,
        output=model,
        where=job.where,
        **job.config.scaling.model_dump(mode="json") | {"strength": job.config.strength},
    )
    write_actuated_model(
        model=model,
        family=source.family,
        reserve_optimal_nm=loads.reserve_optimal_nm,
        residual_optimal_n=loads.residual_optimal_n,
        residual_optimal_nm=loads.residual_optimal_nm,
        output=actuated,
    )
    return {"model": actuated, "condylar_spacing_m": record["condylar_spacing_m"]}


def generic_marker_set(worn: Path, authors: Path) -> pd.DataFrame:
    """The table of a marker set with its landmarks at the places, and with the static weights, of another.

    Medial knees and ankles are no landmarks there, so that nothing tells the centres of these joints.
    """
    table, known = (pd.read_csv(path, sep="\t", comment="#") for path in (worn, authors))
    known = known.dropna(subset="landmark").set_index("landmark")
    columns = ["body", "x_m", "y_m", "z_m", "static_weight"]
    for row, landmark in table["landmark"].items():
        if landmark in known.index:
            table.loc[row, columns] = known.loc[landmark, columns]
    table.loc[table["landmark"].str.contains("_medial_", na=False), "landmark"] = None
    return table


def report(found: dict) -> str:
    """The Markdown text of everything that was measured."""
    runners = list(found["runners"].values())
    rows = []
    for name in CHOICES:
        less = {} if name == DEFAULT else runners[0][DEFAULT]
        values = np.array(
            [[of[name][label] - (label in less) * of[DEFAULT][label] for label in LABELS] for of in runners]
        )
        pairs = zip(values.mean(axis=0), values.std(axis=0, ddof=1), strict=True)
        rows.append([name, *(f"{mean:{'' if name == DEFAULT else '+'}.2f} ± {spread:.2f}" for mean, spread in pairs)])
    who = f"{len(runners)} runners of `fukuchi2017` ({', '.join(found['runners'])})"
    sentence = (
        "Peaks of a stance (BW) in label mode `physical`, mean over the whole stances of both feet in four seconds at "
        f"3.5 m/s, mean ± standard deviation over {who}. First row: the default settings (joint centres, 15 Hz). The "
        "others: one choice, everything else as it was, less the default. Whatever scales the bones, a static trial "
        "moves the markers to where they were seen; without one they stay at the places of the marker set, which are "
        "medians over runners of this very cohort. Estimated "
        f"lags: {', '.join(f'{1e3 * lag_s:.1f}' for lag_s in found['force_lag_s'].values())} ms."
    )
    return tables.document(
        "Peaks of running with what a laboratory chooses",
        found["machine"],
        [(sentence, tables.table(["choice", *LABELS], rows))],
    )


def main() -> None:
    """Measure and write."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--runners", type=int, default=len(CASES), help="how many of the runners, at least 2")
    options.add_argument(
        "--results", type=Path, default=Path("results/sensitivity_trials"), help="where trials are kept"
    )
    options.add_argument("--out", type=Path, default=tables.FOLDER, help="folder of the tables")
    chosen = options.parse_args()
    begun = time.perf_counter()
    runners, lags_s = {}, {}
    for case in CASES[: chosen.runners]:
        runners[case.participant], lags_s[case.participant] = measured(case, chosen.results.resolve())
        print(f"{time.perf_counter() - begun:6.0f} s  {case.participant}", file=sys.stderr, flush=True)
    found = {"runners": runners, "force_lag_s": lags_s, "machine": tables.machine()}
    tables.write("sensitivity", found, report(found), chosen.out)


if __name__ == "__main__":
    main()
