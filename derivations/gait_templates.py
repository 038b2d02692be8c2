"""Derives the gait templates of the embedded cohort from the published recordings.

`python -m derivations.gait_templates` brings the recordings up to joint angles (some four minutes), averages them and
writes src/gaitload/cohorts/embedded/gait_templates.tsv and docs/figures/gait_templates.png; `--only walk` derives that
template anew and keeps the others. It needs the recordings of the cohorts (see their cohort.yaml) and the extra `docs`.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.trials import ROOT, Case, prepared
from derivations.mean_gait import (
    MeanGait,
    coordinate_terms,
    mean_of_people,
    mean_of_person,
    residuals,
    stance_terms,
    with_bent_knee,
    with_pelvis_tilt,
    with_trunk_and_arms,
)
from derivations.recorded_gait import recorded_gait
from derivations.strides import PHASES
from gaitload.cohorts.embedded.templates import KEYS, TABLE, TRANSLATIONS, gait_templates
from gaitload.cohorts.reader import load_cohort
from gaitload.stages.job import Job

FIGURE = ROOT / "docs" / "figures" / "gait_templates.png"
MODEL = "rajagopal2015"
"""The templates were derived with it; its knee bends about another place than that of rajagopal2023."""
WALK = Case("rajagopal2016", "walker", "walk", 0.0, 3.0)
WALKING = "walk"
TRUNK_DONOR = Case("rajagopal2016", "runner", "run", 0.0, 10.0)
RUNNERS = "fukuchi2017"
RUNNING_S = (5.0, 13.0)
"""Of the recordings of half a minute: ten to twelve strides of either foot."""
PELVIS_TILT_RAD = 0.0
"""On average, of the walk. Inverse kinematics of a healthy person at 0.9 to 1.6 m/s with a model of the same pelvis
gives 0.0 deg (15 walks, Camargo et al. 2021, J Biomech 119:110320), of the patient of grandchallenge5_ps 0 to 1 deg."""
STRAIGHTEST_KNEE_RAD = np.radians(2.0)
SPEEDS_M_PER_S = (2.5, 3.5, 4.5)
ZERO = 1e-9
HEADER = """\
# Gait templates, derived from Rajagopal et al. 2016 (IEEE TBME 63:2068; walk, and trunk and arms of the runs) and
# Fukuchi, Fukuchi & Duarte 2017 (PeerJ 5:e3298, CC BY 4.0; runs) by: python -m derivations.gait_templates
# What the quantities are: gaitload.cohorts.embedded.templates. Empty: too few people or strides to tell.
"""


def running_cases(speed_m_per_s: float) -> list[Case]:
    """The trials of all runners at a speed."""
    cohort = load_cohort(ROOT / "workflow" / "cohorts" / RUNNERS, root=ROOT, results=Path("results"))
    chosen = [row for row in cohort.trials if row.speed_m_per_s == speed_m_per_s]
    return [Case(RUNNERS, row.participant_id, row.trial_id, *RUNNING_S) for row in chosen]


def cohort_lag_s(jobs: list[Job]) -> float:
    """Median over trials of the time by which forces lead markers: it belongs to the instruments, not to people."""
    return float(np.median([job.quality_of("kinematics").numbers["force_lag_s"] for job in jobs]))


def walking(results: Path, *, forearm_rad: float) -> MeanGait:
    """The walk, one person's.

    ASSUME: people walk with the pelvis upright (`PELVIS_TILT_RAD`). The walker's is tilted back by 12 deg as its
    markers sit, which puts the hips at the end of the model's range; hips, thighs and trunk stay as recorded.
    ASSUME: knees stay in the model's range, 2 deg off its end; the walker's were hyperextended by 5 deg at contact.
    ASSUME: forearms are turned as the runner's are on average: one wrist marker an arm does not show it.
    """
    job = prepared(WALK, results, upto="kinematics", model=MODEL)
    recorded = recorded_gait(job, force_lag_s=0.0, speed_m_per_s=None)
    mean = mean_of_person(recorded)
    mean = replace(mean, cycles=mean.cycles | {"pro_sup": np.full(len(PHASES), forearm_rad)})
    return with_bent_knee(with_pelvis_tilt(mean, PELVIS_TILT_RAD, recorded.hip_in_pelvis), STRAIGHTEST_KNEE_RAD)


def trunk_donor(results: Path) -> MeanGait:
    """The run whose trunk and arms were recorded; its belt's speed is not published and not needed."""
    job = prepared(TRUNK_DONOR, results, upto="kinematics", model=MODEL)
    return mean_of_person(recorded_gait(job, force_lag_s=0.0, speed_m_per_s=0.0))


def templates(results: Path, names: Sequence[str]) -> dict[str, MeanGait]:
    """Those of some names."""
    donor, found = trunk_donor(results), {}
    if WALKING in names:
        found[WALKING] = walking(results, forearm_rad=donor.cycles["pro_sup"].mean())
    speeds = [speed for speed in SPEEDS_M_PER_S if f"run_{speed}" in names]
    jobs = {
        speed: [prepared(case, results, upto="kinematics", model=MODEL) for case in running_cases(speed)]
        for speed in speeds
    }
    if speeds:
        lag_s = cohort_lag_s([job for some in jobs.values() for job in some])
        print(f"forces of {RUNNERS} delayed by {1e3 * lag_s:.1f} ms")
    for speed, some in jobs.items():
        gaits = [recorded_gait(job, force_lag_s=lag_s, speed_m_per_s=speed) for job in some]
        ratios = [gait.weight_ratio for gait in gaits]
        print(f"{speed} m/s: mean vertical force over weight {np.mean(ratios):.3f} (sd {np.std(ratios, ddof=1):.3f})")
        found[f"run_{speed}"] = with_trunk_and_arms(mean_of_people([mean_of_person(gait) for gait in gaits]), donor)
    return found


def rows_of(gait: MeanGait) -> dict[tuple[str, str, str, str], float]:
    """Keys of the table -> value."""
    units = {"speed": "m/s", "leg_length": "m", "stride_time": "s", "duty_factor": "1", "step_width": "leg_length"}
    rows = {(name, units[name], "mean", ""): value for name, value in gait.scalars.items()}
    rows |= {("people", "1", "count", ""): gait.people, ("strides", "1", "count", ""): gait.strides}
    left = residuals(gait)
    for name, (mean, harmonics, cosine, sine) in coordinate_terms(gait).items():
        units[name] = "leg_length" if name in TRANSLATIONS else "rad"
        rows[name, units[name], "mean", ""] = mean
        for harmonic, *coefficients in zip(harmonics, cosine, sine, strict=True):
            for kind, value in zip(("cos", "sin"), coefficients, strict=True):
                rows[name, units[name], kind, str(harmonic)] = value
        rows[name, units[name], "residual", ""] = left[name]
    for name, varies in gait.variation.items():
        for kind in ("strides", "people_mean", "people_shape"):
            rows[name, units[name], f"sd_{kind}", ""] = getattr(varies, kind)
    for name, coefficients in stance_terms(gait).items():
        unit = {"force": "body_weight", "cop": "m", "free": "body_weight*leg_length"}[name.partition("_")[0]]
        kind, first = ("cos_stance", 0) if name.startswith("cop") else ("sin_stance", 1)
        rows |= {(name, unit, kind, str(first + k)): value for k, value in enumerate(coefficients)}
    return rows


def text_of(columns: Mapping[str, Mapping[tuple[str, str, str, str], str]]) -> str:
    """The table: a column a template, its cells by the keys of the table."""
    lines = ["\t".join((*KEYS, *columns))]
    for key in next(iter(columns.values())):
        lines.append("\t".join((*key, *(column[key] for column in columns.values()))))
    return HEADER + "\n".join(lines) + "\n"


def cells_of(path: Path) -> dict[str, dict[tuple[str, str, str, str], str]]:
    """Columns of a table, as `text_of` takes them."""
    _, *rows = [line.split("\t") for line in path.read_text().splitlines() if not line.startswith("#")]
    return {
        name: {tuple(row[: len(KEYS)]): row[len(KEYS) + place] for row in rows}
        for place, name in enumerate(gait_templates())
    }


def _cell(value: float) -> str:
    # What rounding leaves of a zero differs from machine to machine.
    return "" if np.isnan(value) else f"{value if abs(value) > ZERO else 0.0:.5g}"


def main() -> None:
    """Derive, write, draw."""
    # matplotlib is an extra that tests of what is derived here do without.
    from derivations.template_figure import draw

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--results", type=Path, help="folder of products that is kept; by default a temporary one")
    parser.add_argument("--only", nargs="+", choices=[*gait_templates()], default=[*gait_templates()])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        found = templates(arguments.results or Path(scratch), arguments.only)
    derived = {name: {key: _cell(value) for key, value in rows_of(gait).items()} for name, gait in found.items()}
    TABLE.write_text(text_of(cells_of(TABLE) | derived))
    gait_templates.cache_clear()
    draw(gait_templates(), FIGURE)
    for name, gait in found.items():
        worst = max((np.degrees(value), which) for which, value in residuals(gait).items() if which not in TRANSLATIONS)
        print(f"{name}: {gait.people} people, {gait.strides} strides; largest residual {worst[0]:.2f} deg ({worst[1]})")


if __name__ == "__main__":
    main()
