"""Published recordings under other names give the tables that were written for them by hand, and these run."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from gaitload.cohorts.reader import load_cohort
from gaitload.cohorts.tables import Cohort, raw_dir_variable
from gaitload.config import Config, parse_config
from gaitload.discovery.check import check_cohort
from gaitload.discovery.findings import Draft
from gaitload.discovery.make import known_marker_sets, make_cohort
from gaitload.io.tables import read_table
from gaitload.models.registry import find_model
from gaitload.stages.job import Job, jobs_of
from gaitload.stages.shard import run_shard, stage_module

RAJAGOPAL = {
    "static_run.trc": "a.trc",
    "motion_capture_run.trc": "b.trc",
    "static_walk_1.trc": "c1.trc",
    "static_walk_2.trc": "c2.trc",
    "motion_capture_walk.trc": "d.trc",
    "grf_walk.mot": "x.mot",
    "grf_run.mot": "y.mot",
}
"""New names that say nothing about what is in a file, nor which file goes with which."""
PEOPLE = {"p1": "runner", "p2": "walker"}
RUNNERS = ("RBDS001", "RBDS002", "RBDS08")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """A repository without cohorts of real people."""
    place = tmp_path_factory.mktemp("repository")
    shutil.copytree(repository / "workflow/cohorts/embedded", place / "workflow/cohorts/embedded")
    return place


@pytest.fixture(scope="module")
def walk_and_run(root: Path, shared: Path) -> Draft:
    for old, new in RAJAGOPAL.items():
        (root / "unnamed").mkdir(exist_ok=True)
        shutil.copyfile(shared / "rajagopal2016" / old, root / "unnamed" / new)
    return _made(root, "unnamed")


@pytest.fixture(scope="module")
def runners(root: Path, shared: Path) -> Draft:
    for number, name in enumerate(RUNNERS, start=1):
        for path in (shared / "fukuchi2017" / name).iterdir():
            new = root / f"study/Proband {number}/{path.name.removeprefix(name).replace('run', 'm')}"
            new.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, new)
    return _made(root, "study")


def _made(root: Path, folder: str) -> Draft:
    sets = known_marker_sets(find_model("rajagopal2015"), root)
    return make_cohort(root / folder, folder, sets, root=root).draft


def _shipped(repository: Path, name: str) -> Cohort:
    return load_cohort(repository / "workflow/cohorts" / name, root=repository)


def test_a_walker_and_a_runner_are_found_in_a_folder_whose_names_say_nothing(
    walk_and_run: Draft, repository: Path
) -> None:
    shipped = _shipped(repository, "rajagopal2016")
    by_hand = {
        (
            row.participant_id,
            RAJAGOPAL[row.file],
            row.forces_file and RAJAGOPAL[row.forces_file],
            row.role,
            row.activity,
        )
        for row in shipped.trials
    }
    found = {
        (PEOPLE[row.participant_id], row.file, row.forces_file, row.role, row.activity) for row in walk_and_run.trials
    }
    assert found == by_hand
    order = [row.file for row in walk_and_run.trials if row.participant_id == "p2" and row.role == "static"]
    assert order == ["c1.trc", "c2.trc"], "the first has the medial markers that the proportions need"
    belts = {row.file: row.treadmill for row in walk_and_run.trials}
    assert (walk_and_run.spec["treadmill"], belts["b.trc"], belts["d.trc"]) == (False, True, None)


def test_people_of_that_folder_are_as_heavy_as_was_found_by_hand(walk_and_run: Draft, repository: Path) -> None:
    by_hand = {one.participant_id: one for one in _shipped(repository, "rajagopal2016").participants}
    for one in walk_and_run.people:
        assert one.marker_set == by_hand[PEOPLE[one.participant_id]].marker_set
        assert one.mass_kg == pytest.approx(by_hand[PEOPLE[one.participant_id]].mass_kg, rel=0.02)
    assert walk_and_run.suggested == {("p1", "mass_kg"), ("p2", "mass_kg")}


def test_nothing_has_to_be_answered_before_that_folder_runs(walk_and_run: Draft, root: Path) -> None:
    assert [one for one in walk_and_run.questions if one.needed] == []
    assert walk_and_run.faults == ()
    verdict = check_cohort(
        root / "workflow/cohorts/unnamed", Config(), root=root, results=root / "results", model="rajagopal2015"
    )
    assert verdict.problems == []
    estimates = [remark for remark in verdict.remarks if "is an estimate" in remark]
    assert [remark.split(":")[0] for remark in estimates] == ["p1", "p2"]
    assert [remark for remark in verdict.remarks if remark not in estimates and not _about_gates(remark)] == []


def _about_gates(remark: str) -> bool:
    """Whether a remark is a gate of ingest, which labels carry too."""
    return re.search(r"^\S+: [A-Z][A-Z0-9_]+: ", remark) is not None


@pytest.mark.slow
def test_labels_of_tables_that_were_found_are_those_of_tables_written_by_hand(
    walk_and_run: Draft, root: Path, repository: Path, shared: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(raw_dir_variable("rajagopal2016"), str(shared / "rajagopal2016"))
    found = _labels(load_cohort(root / "workflow/cohorts/unnamed", root=root), "p2", "d", tmp_path / "found")
    by_hand = _labels(_shipped(repository, "rajagopal2016"), "walker", "walk", tmp_path / "by_hand")
    for column in ("knee_angle_r_rad", "ankle_angle_l_rad", "grf_r_y_bw"):
        # The mass that forces suggest is 84.9 kg and the stated one 84.94.
        assert found[column] == pytest.approx(by_hand[column], abs=2e-3)


def _labels(cohort: Cohort, person: str, trial: str, results: Path):
    window = {"start_s": 0.70, "end_s": 0.80}
    rows = tuple(row.model_copy(update=window) if row.role == "motion" else row for row in cohort.trials)
    cohort = Cohort(cohort.spec, cohort.raw_dir, cohort.participants, rows)
    config = parse_config({"results_dir": str(results), "label_mode": "opensim"})
    statics = [row.trial_id for row in cohort.statics_of(person)]
    for stage, trials in (
        ("ingest", statics),
        ("scale", []),
        *((name, [trial]) for name in ("ingest", "kinematics", "loads", "labels")),
    ):
        jobs: list[Job] = jobs_of(stage, trials, config=config, cohort=cohort, participant_id=person, results=results)
        run_shard(stage_module(stage), jobs, manifest=results / f"{stage}.json", log=results / f"{stage}.log")
    return read_table(results / "labels" / cohort.name / person / f"{trial}.parquet")[0]


def test_runners_are_found_by_their_folders_with_speed_plate_and_set(runners: Draft, repository: Path) -> None:
    by_hand = _shipped(repository, "fukuchi2017")
    numbers = {f"Proband_{number}": name for number, name in enumerate(RUNNERS, start=1)}
    expected = {
        (row.participant_id, row.file.rpartition(row.participant_id)[2].replace("run", "m")): row
        for row in by_hand.trials
        if row.participant_id in RUNNERS
    }
    assert len(runners.trials) == len(expected)
    for row in runners.trials:
        hand = expected[numbers[row.participant_id], row.file.rpartition("/")[2]]
        assert (row.role, row.activity) == (hand.role, hand.activity)
        assert row.speed_m_per_s == (hand.speed_m_per_s and pytest.approx(hand.speed_m_per_s, rel=0.04))
    spec = by_hand.spec
    for key in ("lab_forward", "lab_up", "treadmill"):
        assert runners.spec[key] == getattr(spec, key)
    assert {one.marker_set for one in runners.people} == {"fukuchi2017"}
    assert runners.faults == ()


def test_masses_of_runners_by_force_are_within_what_the_suggestion_says(runners: Draft, repository: Path) -> None:
    by_hand = {one.participant_id: one.mass_kg for one in _shipped(repository, "fukuchi2017").participants}
    for one, name in zip(runners.people, RUNNERS, strict=True):
        assert one.mass_kg == pytest.approx(by_hand[name], rel=0.06)


def test_masses_and_heights_are_taken_from_the_table_beside_the_recordings(root: Path, shared: Path) -> None:
    place = root / "one_runner"
    shutil.copytree(shared / "fukuchi2017/RBDS03", place / "RBDS03")
    for path in place.rglob("*"):
        path.chmod(0o755)
    shutil.copyfile(shared / "fukuchi2017/participants.tsv", place / "participants.tsv")
    draft = _made(root, "one_runner")
    (runner,) = draft.people
    assert (runner.participant_id, runner.sex, runner.mass_kg, runner.height_m) == ("RBDS03", "M", 65.4, 1.77)
    assert [one for one in draft.questions if "participants.tsv" in one.where] == []


@pytest.mark.parametrize("name", ["fukuchi2017", "rajagopal2016"])
def test_nothing_looks_wrong_in_cohorts_described_by_hand(
    name: str, repository: Path, shared: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(raw_dir_variable(name), str(shared / name))
    folder = tmp_path / "workflow/cohorts" / name
    shutil.copytree(repository / "workflow/cohorts" / name, folder)
    keep = [line for line in (folder / "trials.tsv").read_text().splitlines() if not line.startswith("RBDS01")]
    (folder / "trials.tsv").write_text("\n".join(keep) + "\n")
    verdict = check_cohort(folder, Config(), root=tmp_path, results=tmp_path / "results", model="rajagopal2015")
    known = (
        "LABELS_S",
        "LABELS_MISNAMED",
        "CONTACT_UNMEASURED_L: foot l stands",
        "FORCE_LAG: forces lag behind",
        "COP_HEADS: late in stance",  # Of the run of rajagopal2016: docs/quality.md.
    )
    unexpected = [remark for remark in verdict.remarks if not any(code in remark for code in known)]
    assert (verdict.problems, unexpected) == ([], []), "names of markers, a step beside the plates, late forces: true"


def test_what_is_wrong_with_a_folder_is_told_at_once_and_the_rest_goes_on(root: Path, shared: Path) -> None:
    place = root / "muddle"
    runner, walker = shared / "fukuchi2017/RBDS08", shared / "rajagopal2016"
    copies = {
        runner / "RBDS08static.c3d": "S1/static.c3d",
        runner / "RBDS08runT25.c3d": "S1/run.c3d",
        walker / "motion_capture_walk.trc": "S1/walk.trc",
        shared / "fukuchi2017/RBDS001/RBDS001runT25.c3d": "S2/run.c3d",
    }
    for source, name in copies.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place / name)
    (place / "S1/cut.c3d").write_bytes((runner / "RBDS08runT35.c3d").read_bytes()[:200_000])
    (place / "S2/empty.trc").write_text("")
    draft = _made(root, "muddle")
    wrong = {fault.where: fault for fault in draft.faults}
    assert wrong.keys() == {"S1/walk.trc", "S1/cut.c3d", "S2/empty.trc"}
    assert (
        "wears marker set rajagopal2016_walk, while most recordings of S1 wear fukuchi2017" in wrong["S1/walk.trc"].what
    )
    assert "[C3D_TRUNCATED]" in wrong["S1/cut.c3d"].what
    assert all(fault.do for fault in wrong.values())
    assert [(row.participant_id, row.trial_id) for row in draft.trials] == [
        ("S1", "static"),
        ("S1", "run"),
        ("S2", "run"),
    ]
    needed = [one.where for one in draft.questions if one.needed]
    assert needed == ["participants.tsv, height_m of S2"], "S2 has no static trial"


def test_a_folder_of_files_made_to_break_readers_gives_a_reason_for_each(root: Path, shared: Path) -> None:
    shutil.copytree(shared / "c3d_cases", root / "cases")
    draft = _made(root, "cases")
    faults = {fault.where: fault.what for fault in draft.faults}
    assert "[C3D_TRUNCATED]" in faults["Optotrak.c3d"]
    assert "[C3D_NO_MARKERS]" in faults["Kistler.c3d"]
    assert "[FRAMES_TOO_FEW]" in faults["FP_Type3.c3d"]
    assert {"walking2.c3d", "walking5.c3d"} <= {row.file for row in draft.trials}
