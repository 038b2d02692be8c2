"""Labels beside measurements (implant, electromyograms, passive joint moments) and beside other groups' results.

`python -m benchmarks.truth` writes docs/benchmarks/truth.json and truth.md, and the known errors of the package. With
`--criteria` it also compares ways of sharing moments between muscles, on one walk. `--parts` measures some parts anew;
the others stay as they were written.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from benchmarks import tables, truth_emg, truth_known, truth_passive, truth_runners
from benchmarks.trials import ROOT, Case, prepared
from benchmarks.truth_patient import (
    COHORT,
    EMG_MUSCLES,
    PATIENT,
    SIDE,
    Cycle,
    compared,
    emg_agreement,
    read_cycle,
    read_envelopes,
    read_implant,
)
from gaitload.cohorts.reader import load_cohort
from gaitload.config import parse_config
from gaitload.conventions import body_weight_n
from gaitload.io.sto import read_sto
from gaitload.io.tables import read_table
from gaitload.known_errors import KnownError
from gaitload.models.registry import find_model
from gaitload.opensim.export import export_mechanism

_KNEE = (
    "Contact force of an instrumented left knee (fifth Grand Challenge, patient PS, walks {walks}; "
    "body weight 735 N): root mean square error and correlation in stance, error of the two peaks and mean error in "
    "swing, in body weights, mean over the walks. EMG: mean correlation of activations with the envelopes of sixteen "
    "muscles (in brackets with an electromechanical delay of 50 ms), and share of the gait cycle in which both are on "
    "or off. Hip: peak contact force. Targets: {targets}."
)
_BY_WALK = (
    "`physical` by walk. How moments are shared was chosen on {walk}; the other walks were opened once, afterwards."
)
_CRITERIA = (
    "Criteria of sharing that can be set, on {walk} alone, all else as in `physical`. a: activation; R: share of the "
    "optimal fibre length in the length of fibres and tendon. docs/method.md lists the others that were tried."
)
_EMG = (
    "Correlation with the electromyogram, and share of the cycle with both on or off, by muscle (left leg). The side "
    "of the electrodes is not documented; the last row takes the right leg."
)
_PASSIVE = "Passive joint moments of the generic models beside Riener & Edrich 1999. Right: within 10 N m or 50 %."

WALKS = ("ss1", "ss3", "ss8")
WHOLE_S = (0.0, 60.0)
"""Holds all of a walk: recordings begin seconds after the clock of the capture, and last 1.2 s."""
CHOICE_WALK = "ss1"
"""The criterion of sharing was chosen on this walk; the others were opened once, afterwards."""
DELAY_S = 0.05
"""Electromechanical delay of the second comparison with electromyograms."""
PARTS = ("knee", "electromyograms", "passive", "runners")
COLUMNS = {"total": "kcf_{}_norm_n", "medial": "kcf_med_{}_n", "lateral": "kcf_lat_{}_n"}
TARGETS = "total: RMSE 0.35, r 0.85, second peak within 0.4, swing 0.15; medial RMSE 0.30, lateral 0.25; EMG r 0.5"


@dataclass(frozen=True)
class Method:
    """Settings that differ from the default, and what participants.tsv should say otherwise."""

    settings: Mapping = field(default_factory=dict)
    participant: Mapping = field(default_factory=dict)


PREVIOUS = {
    "tendons": "rigid",
    "fibre_velocity_max": None,
    "activation_min": None,
    "sharing": "activation",
}
"""Settings of `muscles` before labels were compared with measurements."""
NEW = {"tendons": "elastic", "fibre_velocity_max": 15.0, "activation_min": 0.0, "sharing": "mean_stress"}


def physical(model: str = "rajagopal2023", exponent: float = 2.0, **muscles: object) -> Method:
    """Mode physical with some settings of `muscles`."""
    return Method({"model": model, "muscles": NEW | muscles, "loads": {"activation_exponent": exponent}})


BASELINE = Method({"model": "rajagopal2015", "muscles": PREVIOUS})
METHODS = {
    "`opensim`, rajagopal2015": Method({"model": "rajagopal2015", "label_mode": "opensim"}),
    "`physical` as it was: rajagopal2015, rigid tendons, least a^2": BASELINE,
    "with rajagopal2023": Method({"model": "rajagopal2023", "muscles": PREVIOUS}),
    "and elastic tendons": physical(activation_min=None, sharing="activation"),
    "and no least activation": physical(sharing="activation"),
    "and mean stress: **`physical`**": physical(),
}
"""From the previous method to the new one, one step at a time."""
CRITERIA = {
    "sum of a^2": physical(sharing="activation"),
    "sum of a^3": physical(sharing="activation", exponent=3.0),
    "volume x a^2": physical(sharing="volume"),
    "a^2 / R": physical(sharing="fibre_share"),
    "(a / R)^2": physical(),
    "a^2, biarticular x 2": physical(sharing="activation", sharing_weights={"biarticular": 2.0}),
    "a^2, biarticular x 4": physical(sharing="activation", sharing_weights={"biarticular": 4.0}),
    "a^2, gastrocnemius x 7, hamstrings x 3": physical(
        sharing="activation", sharing_weights={"gastrocnemius": 7.0, "hamstrings": 3.0}
    ),
    "(a / R)^2 without fibre velocity": physical(fibre_velocity=False),
    "(a / R)^2, fibres up to 10 lengths/s": physical(fibre_velocity_max=10.0),
}
DEPENDENCE = {
    "height 1.70 m": Method(physical().settings, {"height_m": 1.70}),
    "height 1.90 m": Method(physical().settings, {"height_m": 1.90}),
    "strength of the model, for no height": Method(physical().settings | {"scaling": {"strength": "stock"}}),
}


def measured(method: Method, walks: tuple[str, ...], results: Path) -> dict:
    """Mean over walks of everything that was measured in the patient, with one method."""
    raw_dir = load_cohort(ROOT / "workflow" / "cohorts" / COHORT, root=ROOT, results=results).raw_dir
    implant, rows = read_implant(raw_dir / "implant_knee_l.tsv"), []
    settings = {"label_mode": "physical", "engine": "compiled", **method.settings}
    # Motion stages are shared between methods on the same model.
    strength = f"{settings['label_mode']}_{settings.get('scaling', {}).get('strength', 'auto')}"
    folder = results / "_".join([settings["model"], strength, *map(str, method.participant.values())])
    for walk in walks:
        case = Case(COHORT, PATIENT, walk, *WHOLE_S)
        job = prepared(case, folder, upto="labels", participant=dict(method.participant), **settings)
        cycle = read_cycle(raw_dir / f"ps_{walk}.c3d")
        labels, weight_n = read_table(job.product("labels", ".parquet"))[0], body_weight_n(job.participant.mass_kg)
        knee = {
            part: compared(
                cycle.normalised(labels["time_s"], labels[column.format(SIDE)]),
                implant[walk][part],
                cycle.stance_share,
                weight_n,
            )
            for part, column in COLUMNS.items()
        }
        activations = read_sto(job.product("loads", "") / "activations.sto")
        emg = {
            "l": _emg(activations, "l", raw_dir / f"ps_{walk}.c3d", cycle),
            "r": _emg(activations, "r", raw_dir / f"ps_{walk}.c3d", cycle),
            "l_delayed": _emg(activations, "l", raw_dir / f"ps_{walk}.c3d", cycle, DELAY_S),
        }
        hip_bw = float(np.nanmax(labels[f"hcf_{SIDE}_norm_bw"]))
        rows.append({"knee": knee, "emg": emg, "hip_bw": hip_bw})
    return _mean(rows)


def _emg(activations, side: str, path: Path, cycle: Cycle, delay_s: float = 0.0) -> dict[str, dict[str, float]]:
    envelopes = read_envelopes(path, cycle, delay_s=delay_s)
    return {
        muscle: emg_agreement(
            cycle.normalised(activations.time_s, activations.column(f"{muscle}_{side}")), envelopes[channel]
        )
        for channel, muscle in EMG_MUSCLES.items()
    }


def _mean(rows: list):
    """Mean of numbers at the same place of nested mappings."""
    if isinstance(rows[0], dict):
        return {key: _mean([row[key] for row in rows]) for key in rows[0]}
    return float(np.mean(rows))


def over_muscles(emg: Mapping[str, Mapping[str, float]], what: str) -> float:
    """Mean over the muscles of what was measured."""
    return float(np.mean([row[what] for row in emg.values()]))


def knee_table(found: Mapping[str, dict]) -> str:
    """Knee contact force and electromyograms by method."""
    rows = []
    for name, one in found.items():
        total, medial, lateral = (one["knee"][part] for part in COLUMNS)
        rows.append(
            [
                name,
                f"{total['rmse_bw']:.2f}",
                f"{total['r']:.2f}",
                f"{total['peak_1_bw']:+.2f} / {total['peak_2_bw']:+.2f}",
                f"{total['swing_bias_bw']:+.2f}",
                f"{medial['rmse_bw']:.2f}",
                f"{lateral['rmse_bw']:.2f}",
                f"{over_muscles(one['emg']['l'], 'r'):.2f} ({over_muscles(one['emg']['l_delayed'], 'r'):.2f})",
                f"{over_muscles(one['emg']['l'], 'on_off'):.2f}",
                f"{one['hip_bw']:.1f}",
            ]
        )
    columns = [
        "method",
        "total RMSE",
        "r",
        "peaks 1 / 2",
        "swing",
        "medial RMSE",
        "lateral RMSE",
        "EMG r",
        "on/off",
        "hip",
    ]
    return tables.table(columns, rows)


def emg_table(found: Mapping[str, dict]) -> str:
    """Agreement with the electromyogram of each muscle."""
    rows = [
        [
            muscle,
            *(
                f"{one['emg']['l'][muscle]['r']:.2f} / {one['emg']['l'][muscle]['on_off']:.2f}"
                for one in found.values()
            ),
        ]
        for muscle in EMG_MUSCLES.values()
    ]
    rows.append(["mean, right leg", *(f"{over_muscles(one['emg']['r'], 'r'):.2f}" for one in found.values())])
    return tables.table(["muscle", *found], rows)


def passive(methods: Mapping[str, Method]) -> dict[str, dict]:
    """Passive moments of the generic models, and the cells that are off, by method."""
    found = {}
    for name, method in methods.items():
        config = parse_config({"label_mode": "physical", **method.settings})
        source = find_model(config.model)
        moments = truth_passive.modelled_nm(export_mechanism(source.path), source.family, config.physics)
        found[name] = {"moments_nm": moments, "outside": list(truth_passive.outside(moments))}
    return found


def passive_table(found: Mapping[str, dict]) -> str:
    """Passive moments beside the measured ones."""
    rows = []
    for number, pose in enumerate(truth_passive.POSES_DEG):
        theirs = truth_passive.measured_nm(*pose)
        for joint, moment in theirs.items():
            ours = (f"{one['moments_nm'][number][joint]:.1f}" for one in found.values())
            rows.append(["{} / {} / {}".format(*pose), joint, f"{moment:.1f}", *ours])
    return tables.table(["ankle / knee / hip (deg)", "moment (N m)", "measured", *found], rows)


def report(found: dict) -> str:
    """The Markdown text of everything that was measured."""
    walks = ", ".join(found["walks"])
    previous, after = list(METHODS)[1], list(METHODS)[-1]
    outside = "; ".join(f"{name}: {len(one['outside'])} of 21" for name, one in found["passive"].items())
    knee = _KNEE.format(walks=walks, targets=TARGETS)
    sections = [(f"{_dates(found['dates'])} {knee}", knee_table(found["methods"]))]
    sections.append((_BY_WALK.format(walk=CHOICE_WALK), knee_table(found["by_walk"])))
    if found["criteria"]:
        sections.append((_CRITERIA.format(walk=CHOICE_WALK), knee_table(found["criteria"])))
    sections += [
        ("How far what is not documented matters, mean over the same walks.", knee_table(found["dependence"])),
        (_EMG, emg_table({name: found["methods"][name] for name in (next(iter(METHODS)), previous, after)})),
        *truth_emg.sections(found["electromyograms"]),
        (f"{_PASSIVE} Outside: {outside}.", passive_table(found["passive"])),
        *truth_runners.sections(found["runners"]),
    ]
    return tables.document("Labels beside what was measured", found["machine"], sections)


def known_of(found: Mapping) -> list[KnownError]:
    """What the package says about its labels: of both modes, each with the model that it was measured with."""
    names, walks = (list(METHODS)[-1], next(iter(METHODS))), len(found["walks"])
    return [
        error
        for name in names
        for error in truth_known.known(
            found["methods"][name]["knee"],
            label_mode=METHODS[name].settings.get("label_mode", "physical"),
            model=METHODS[name].settings["model"],
            trials=walks,
        )
    ]


def _dates(dates: Mapping[str, str]) -> str:
    """When the parts were measured."""
    days: dict[str, list[str]] = {}
    for part, day in dates.items():
        days.setdefault(day, []).append(part)
    return "Measured on " + "; ".join(f"{day} ({', '.join(parts)})" for day, parts in days.items()) + "."


def _knee_parts(walks: tuple[str, ...], results: Path, *, criteria: bool) -> dict:
    """What was measured in the patient, by method, walk, criterion and what is not documented."""
    begun, last = time.perf_counter(), list(METHODS)[-1]

    def all_of(methods: Mapping[str, Method], walks: tuple[str, ...]) -> dict[str, dict]:
        out = {}
        for name, method in methods.items():
            out[name] = measured(method, walks, results)
            print(f"{time.perf_counter() - begun:6.0f} s  {name}", file=sys.stderr, flush=True)
        return out

    return {
        "walks": walks,
        "criteria": all_of(CRITERIA, (CHOICE_WALK,)) if criteria else {},
        "methods": all_of(METHODS, walks),
        "by_walk": {walk: measured(METHODS[last], (walk,), results) for walk in walks},
        "dependence": all_of(DEPENDENCE, walks),
    }


def main() -> None:
    """Measure and write."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--parts", nargs="+", default=PARTS, choices=PARTS, help="what is measured anew")
    options.add_argument("--walks", nargs="+", default=WALKS, choices=WALKS, help="walks of the patient")
    options.add_argument("--criteria", action="store_true", help=f"compare criteria of sharing, on {CHOICE_WALK}")
    options.add_argument("--runners", type=int, default=12, help="how many runners of fukuchi2017; 0: none")
    options.add_argument("--results", type=Path, default=Path("results/truth_trials"), help="where trials are kept")
    options.add_argument("--out", type=Path, default=tables.FOLDER, help="folder of the tables")
    chosen = options.parse_args()
    results, after = chosen.results.resolve(), list(METHODS)[-1]
    before_and_after = {"previous": BASELINE, "`physical`": METHODS[after]}
    by_mode = {"`physical`": METHODS[after], "`opensim`": METHODS[next(iter(METHODS))], "previous": BASELINE}
    measure: dict[str, Callable[[], dict]] = {
        "knee": lambda: _knee_parts(tuple(chosen.walks), results, criteria=chosen.criteria),
        "electromyograms": lambda: {
            "electromyograms": truth_emg.measured({name: one.settings for name, one in METHODS.items()}, results)
        },
        "passive": lambda: {"passive": passive(before_and_after)},
        "runners": lambda: {
            "runners": truth_runners.measured(
                {name: one.settings for name, one in by_mode.items()}, chosen.runners, results
            )
        },
    }
    written = chosen.out / "truth.json"
    found = {"dates": {}} if set(chosen.parts) == set(PARTS) else json.loads(written.read_text(encoding="utf-8"))
    for part in chosen.parts:
        found |= measure[part]()
        found["dates"][part] = datetime.now(UTC).date().isoformat()
    found["machine"] = tables.machine()
    tables.write("truth", found, report(found), chosen.out)
    if chosen.out == tables.FOLDER:
        truth_known.write(known_of(found))


if __name__ == "__main__":
    main()
