"""A real walk damaged in the ways people damage recordings: all of them in one shard, beside the good one."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gaitload.cohorts.spec import CohortSpec
from gaitload.cohorts.tables import Cohort, Participant, TrialRow
from gaitload.config import parse_config
from gaitload.io.sto import read_sto, write_sto
from gaitload.io.trc import read_markers, read_trc, write_trc
from gaitload.stages.job import Job, jobs_of
from gaitload.stages.shard import run_shard, stage_module
from gaitload.trial import Markers

GAP = slice(120, 126)
"""Frames without the right heel: 0.06 s of swing, short enough for a spline (its foot has but two other markers)."""
REFUSED = {
    "millimetres_as_metres": "UNITS_IMPLAUSIBLE",
    "z_up_as_y_up": "GRAVITY_CONTRADICTED",
    "plates_swapped": "FEET_SWAPPED",
    "strange_names": "NO_MATCHING_MARKER",
    "empty": "FILE_EMPTY",
    "truncated": "C3D_TRUNCATED",
}


def damaged(raw: Path, published: Path) -> None:
    """Write every damaged walk beside the good one."""
    for number in (1, 2):
        shutil.copy(published / f"static_walk_{number}.trc", raw / f"static_{number}.trc")
    shutil.copy(published / "motion_capture_walk.trc", raw / "good.trc")
    shutil.copy(published / "grf_walk.mot", raw / "good.mot")
    recording, forces = read_trc(raw / "good.trc"), read_sto(raw / "good.mot")
    markers = Markers(recording.marker_names, recording.marker_time_s, recording.marker_lab_m)

    text = (raw / "good.trc").read_text()
    assert "\t mm\t" in text
    (raw / "millimetres_as_metres.trc").write_text(text.replace("\t mm\t", "\t m\t", 1))
    x, y, z = np.moveaxis(markers.position_ground_m, -1, 0)
    write_trc(raw / "z_up_as_y_up.trc", replace(markers, position_ground_m=np.stack([x, -z, y], axis=-1)))
    write_trc(raw / "strange_names.trc", replace(markers, names=tuple(f"M{k}" for k in range(len(markers.names)))))
    renamed = tuple("Marker17" if name == "R.Knee" else name for name in markers.names)
    write_trc(raw / "one_renamed.trc", replace(markers, names=renamed))
    lost = markers.position_ground_m.copy()
    lost[GAP, markers.names.index("R.Heel")] = 0.0
    write_trc(raw / "gap_as_zeros.trc", replace(markers, position_ground_m=lost))
    exchange = {"_r_": "_l_", "_l_": "_r_"}
    names = tuple(name.replace(side, exchange[side]) for name in forces.names for side in exchange if side in name)
    write_sto(raw / "plates_swapped.mot", replace(forces, names=names), name="grf", in_degrees=False)
    (raw / "empty.c3d").write_bytes(b"")
    whole = (published.parent / "c3d_cases" / "walking2.c3d").read_bytes()
    (raw / "truncated.c3d").write_bytes(whole[: len(whole) // 2])


@pytest.fixture(scope="module")
def jobs(shared, tmp_path_factory) -> dict[str, Job]:
    """Every walk after ingest, by its name."""
    results, raw = tmp_path_factory.mktemp("results"), tmp_path_factory.mktemp("raw")
    damaged(raw, shared / "rajagopal2016")
    markers = {"plates_swapped": "good.trc", "empty": "empty.c3d"}
    markers |= {"truncated": "truncated.c3d"}
    forces = {"plates_swapped": "plates_swapped.mot", "empty": None, "truncated": None}
    common = {"participant_id": "walker", "role": "motion", "activity": "walk", "start_s": 0.45, "end_s": 1.9}
    walks = [
        TrialRow(
            trial_id=name,
            file=markers.get(name, f"{name}.trc"),
            forces_file=forces.get(name, "good.mot"),
            **common,
        )
        for name in ("good", *REFUSED, "one_renamed", "gap_as_zeros")
    ]
    statics = [
        TrialRow(participant_id="walker", trial_id=name, role="static", activity="static", file=f"{name}.trc")
        for name in ("static_1", "static_2")
    ]
    spec = CohortSpec(
        name="lab", title="", source="", licence="", raw_dir="raw", lab_forward="+x", lab_up="+y",
        marker_set="rajagopal2016_walk",
    )  # fmt: skip
    cohort = Cohort(spec, raw, (Participant(participant_id="walker", mass_kg=84.94),), (*statics, *walks))
    done = {}
    for trials in ([static.trial_id for static in statics], [walk.trial_id for walk in walks]):
        of = {"config": parse_config({}), "cohort": cohort, "participant_id": "walker", "results": results}
        shard = jobs_of("ingest", trials, **of)
        run_shard(stage_module("ingest"), shard, manifest=results / "1.json", log=results / "1.log")
        done |= {job.stem: job for job in shard}
    assert json.loads((results / "1.json").read_text())["results"].keys() == {walk.trial_id for walk in walks}
    return done


@pytest.mark.parametrize(("trial", "code"), REFUSED.items())
def test_what_cannot_be_used_is_refused_with_its_reason_and_leaves_no_products(jobs, trial, code):
    quality = jobs[trial].quality_of("ingest")
    assert (quality.verdict, quality.gates[0].code) == ("refused", code)
    assert all(quality.numbers["refusal"][answer] for answer in ("expected", "found", "where", "do"))
    left = [path.name for path in jobs[trial].folder("ingest").iterdir() if path.name.startswith(trial)]
    assert left == [f"{trial}.quality.json"]


def test_the_good_walk_between_them_is_there(jobs):
    assert jobs["good"].quality_of("ingest").verdict in ("passed", "warned")
    kinds = {path.suffix for path in jobs["good"].folder("ingest").glob("good.*")}
    assert kinds == {".trc", ".mot", ".xml", ".npz", ".json"}


def test_a_renamed_marker_is_found_by_its_distances_and_gets_its_name_back(jobs):
    gates = {gate.code: gate for gate in jobs["one_renamed"].quality_of("ingest").gates}
    assert gates["LABELS_MISNAMED"].verdict == "warned"
    assert "Marker17 is R.Knee" in gates["LABELS_MISNAMED"].reason
    repaired, good = (read_markers(jobs[name].product("ingest", ".trc")) for name in ("one_renamed", "good"))
    # Both were written with six decimals of a millimetre.
    np.testing.assert_allclose(repaired.of("R.Knee"), good.of("R.Knee"), atol=1e-6)


def test_a_gap_written_as_zeros_is_filled_like_any_other(jobs):
    filled, good = (read_markers(jobs[name].product("ingest", ".trc")) for name in ("gap_as_zeros", "good"))
    gaps = jobs["gap_as_zeros"].quality_of("ingest").numbers["gaps"]
    assert any(gap["marker"] == "R.Heel" and gap["filled"] == GAP.stop - GAP.start for gap in gaps)
    assert np.isfinite(filled.of("R.Heel")).all()
    moved = np.ptp(good.of("R.Heel")[inside(good, GAP)], axis=0).max()
    assert moved > 0.1
    # A heel in swing is no spline over 0.06 s: up to 20 mm (95th percentile of running feet).
    np.testing.assert_allclose(filled.of("R.Heel"), good.of("R.Heel"), atol=0.02)


def inside(markers, frames: slice) -> np.ndarray:
    """Frames of what ingest wrote that were missing in the recording at 100 Hz."""
    return (markers.time_s >= frames.start / 100) & (markers.time_s < frames.stop / 100)
