"""A shard: what is finished is skipped, and what fails fails alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gaitload.errors import ConfigError, ContractError, ConventionError, DataError, SolverError
from gaitload.quality import Gate, Quality, Verdict, judge
from gaitload.stages.shard import run_shard

_SUFFIXES = ("", ".txt", ".quality.json", ".provenance.json")


def _raise(error: Exception):
    def act(job, out: Path) -> None:
        (out / f"{job.stem}.txt").write_text("half a product")
        raise error

    return act


def _error(kind: type, code: str):
    return kind(expected="a recording", found="noise", where="lab/p1/walk2", do="Record again.", code=code)


def _results(manifest: Path) -> dict:
    return json.loads(manifest.read_text())["results"]


def _visible(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_products_lie_in_place_with_their_hashes_in_the_manifest(jobs, toy, files) -> None:
    run_shard(toy(), jobs(), files.manifest, files.log)
    entry = _results(files.manifest)["walk1"]
    assert entry["verdict"] == "passed"
    assert entry["products"].keys() == {"walk1", "walk1.txt", "walk1.quality.json"}
    folder = jobs()[0].folder("ingest")
    expected = {f"{trial}{suffix}" for trial in ("walk1", "walk2", "walk3") for suffix in _SUFFIXES}
    assert _visible(folder) == expected


def test_running_again_runs_nothing_and_changes_no_byte(jobs, toy, files) -> None:
    stage = toy()
    run_shard(stage, jobs(), files.manifest, files.log)
    manifest = files.manifest.read_bytes()
    stamps = {path: path.stat().st_mtime_ns for path in jobs()[0].folder("ingest").rglob("*")}
    stage.ran.clear()
    run_shard(stage, jobs(), files.manifest, files.log)
    assert stage.ran == []
    assert files.manifest.read_bytes() == manifest
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps
    assert files.log.read_text().count("passed (unchanged)") == 3


def test_a_changed_recording_runs_its_trial_only(jobs, toy, files, cohort) -> None:
    stage = toy()
    run_shard(stage, jobs(), files.manifest, files.log)
    stage.ran.clear()
    (cohort.raw_dir / "walk2.trc").write_text("recorded again")
    run_shard(stage, jobs(), files.manifest, files.log)
    assert stage.ran == ["walk2"]


def test_changed_settings_or_code_run_everything_again(jobs, toy, files) -> None:
    stage = toy(numbers={"cutoff_hz": 6})
    run_shard(stage, jobs(), files.manifest, files.log)
    stage.numbers["cutoff_hz"] = 8
    run_shard(stage, jobs(), files.manifest, files.log)
    assert "'cutoff_hz': 8" in jobs()[0].product("ingest", ".txt").read_text()
    stage.__name__ = "gaitload.trial"
    run_shard(stage, jobs(), files.manifest, files.log)
    assert stage.ran == ["walk1", "walk2", "walk3"] * 3


@pytest.mark.parametrize("damage", ["walk1.txt", "walk1/detail.txt", "walk1.quality.json", "walk1.provenance.json"])
@pytest.mark.parametrize("how", ["cut", "removed"])
def test_a_damaged_product_is_made_again(jobs, toy, files, damage: str, how: str) -> None:
    stage = toy()
    run_shard(stage, jobs(), files.manifest, files.log)
    path = jobs()[0].folder("ingest") / damage
    good = path.read_bytes()
    if how == "removed":
        path.unlink()
    else:
        path.write_bytes(good[: len(good) // 2])
    stage.ran.clear()
    run_shard(stage, jobs(), files.manifest, files.log)
    assert stage.ran == ["walk1"]
    assert path.read_bytes() == good


@pytest.mark.parametrize("kind", [DataError, ConventionError, SolverError])
def test_a_refused_trial_says_why_and_leaves_no_products(jobs, toy, files, kind: type) -> None:
    run_shard(toy(), jobs(), files.manifest, files.log)
    stage = toy(numbers={"other": 1}, acts={"walk2": _raise(_error(kind, "NOISE"))})
    run_shard(stage, jobs(), files.manifest, files.log)
    walk2 = jobs()[1]
    quality = walk2.quality_of("ingest")
    assert quality.verdict is Verdict.REFUSED
    assert [gate.code for gate in quality.gates] == ["NOISE"]
    assert quality.numbers["refusal"] == {
        "expected": "a recording",
        "found": "noise",
        "where": "lab/p1/walk2",
        "do": "Record again.",
    }
    assert {name for name in _visible(walk2.folder("ingest")) if "walk2" in name} == {"walk2.quality.json"}
    assert _results(files.manifest)["walk2"].keys() == {"verdict", "products"}
    assert stage.ran == ["walk1", "walk2", "walk3"]


def test_another_reason_makes_another_manifest(jobs, toy, files) -> None:
    manifests = []
    for code in ("NOISE", "NOISE", "SILENCE"):
        run_shard(toy(acts={"walk2": _raise(_error(DataError, code))}), jobs(), files.manifest, files.log)
        manifests.append(files.manifest.read_bytes())
    assert manifests[0] == manifests[1] != manifests[2]


def test_a_missing_recording_refuses_its_trial_only(jobs, toy, files, cohort) -> None:
    (cohort.raw_dir / "walk1.trc").unlink()
    stage = toy()
    run_shard(stage, jobs(), files.manifest, files.log)
    assert stage.ran == ["walk2", "walk3"]
    refused = jobs()[0].quality_of("ingest")
    assert refused.gates[0].code == "FILE_MISSING"
    assert "walk1.trc" in refused.numbers["refusal"]["found"]


def test_a_refused_trial_is_tried_again_once_its_recording_is_there(jobs, toy, files, cohort) -> None:
    (cohort.raw_dir / "walk1.trc").unlink()
    stage = toy()
    run_shard(stage, jobs(), files.manifest, files.log)
    (cohort.raw_dir / "walk1.trc").write_text("found in a drawer")
    stage.ran.clear()
    run_shard(stage, jobs(), files.manifest, files.log)
    assert stage.ran == ["walk1"]
    assert _results(files.manifest)["walk1"]["verdict"] == "passed"


def test_a_refusal_runs_through_the_later_stages_with_its_first_reason(jobs, toy, files) -> None:
    ingest = toy(acts={"walk2": _raise(_error(DataError, "NOISE"))})
    run_shard(ingest, jobs("ingest", "stand", "walk1", "walk2"), files.manifest, files.log)
    run_shard(toy("scale"), jobs("scale"), files.manifest, files.log)
    kinematics, loads = toy("kinematics"), toy("loads")
    run_shard(kinematics, jobs("kinematics", "walk1", "walk2"), files.manifest, files.log)
    run_shard(loads, jobs("loads", "walk1", "walk2"), files.manifest, files.log)
    assert kinematics.ran == loads.ran == ["walk1"]
    quality = jobs("loads", "walk2")[0].quality_of("loads")
    assert quality.verdict is Verdict.REFUSED
    assert [gate.code for gate in quality.gates] == ["NOISE"]
    assert quality.numbers["refused_in"] == "ingest"
    assert quality.numbers["refusal"]["do"] == "Record again."


def test_a_refused_static_trial_refuses_the_model_and_what_needs_it(jobs, toy, files) -> None:
    ingest = toy(acts={"stand": _raise(_error(DataError, "NOISE"))})
    run_shard(ingest, jobs("ingest", "stand", "walk1"), files.manifest, files.log)
    scale, kinematics = toy("scale"), toy("kinematics")
    run_shard(scale, jobs("scale"), files.manifest, files.log)
    run_shard(kinematics, jobs("kinematics", "walk1"), files.manifest, files.log)
    assert scale.ran == kinematics.ran == []
    assert jobs("kinematics", "walk1")[0].quality_of("kinematics").gates[0].code == "NOISE"


def test_a_failed_gate_keeps_the_products_and_the_later_stages_go_on(jobs, toy, files) -> None:
    poor = Quality("ingest", "lab/p1/walk1", (judge("RMS", 2.0, unit="m", reason="far", fail_above=1.0),))
    run_shard(toy(acts={"walk1": lambda job, out: poor}), jobs("ingest", "stand", "walk1"), files.manifest, files.log)
    assert "2/2 p1/walk1 ingest failed RMS" in files.log.read_text()
    run_shard(toy("scale"), jobs("scale"), files.manifest, files.log)
    kinematics = toy("kinematics")
    run_shard(kinematics, jobs("kinematics", "walk1"), files.manifest, files.log)
    assert kinematics.ran == ["walk1"]


@pytest.mark.parametrize(
    "error",
    [ZeroDivisionError("by zero"), _error(SolverError, "PROCESS_KILLED"), _error(SolverError, "MACHINE_FAILED")],
)
def test_a_crash_is_listed_at_the_end_and_the_others_are_kept(jobs, toy, files, error: Exception) -> None:
    stage = toy(acts={"walk2": _raise(error)})
    with pytest.raises(SolverError) as caught:
        run_shard(stage, jobs(), files.manifest, files.log)
    assert caught.value.code == "SHARD_INCOMPLETE"
    assert "1 of 3 crashed: lab/p1/walk2" in caught.value.found
    assert not files.manifest.exists()
    assert "Traceback" in files.log.read_text()
    stage.acts.clear()
    stage.ran.clear()
    run_shard(stage, jobs(), files.manifest, files.log)
    assert stage.ran == ["walk2"]
    assert _results(files.manifest).keys() == {"walk1", "walk2", "walk3"}
    assert not [name for name in _visible(jobs()[0].folder("ingest")) if name.startswith(".")]


@pytest.mark.parametrize("kind", [ConfigError, ContractError])
def test_an_error_that_concerns_all_trials_stops_at_once(jobs, toy, files, kind: type) -> None:
    stage = toy(acts={"walk2": _raise(_error(kind, "WRONG"))})
    with pytest.raises(kind):
        run_shard(stage, jobs(), files.manifest, files.log)
    assert stage.ran == ["walk1", "walk2"]


@pytest.mark.parametrize("damage", ["walk1.txt", "walk1.quality.json"])
def test_what_an_earlier_stage_made_and_was_damaged_fails_the_job_and_keeps_what_was_made_of_it(
    jobs, toy, files, damage: str
) -> None:
    ingest, scale = toy(), toy("scale")
    run_shard(ingest, jobs("ingest", "stand", "walk1"), files.manifest, files.log)
    run_shard(scale, jobs("scale"), files.manifest, files.log)
    kinematics, walk = toy("kinematics"), jobs("kinematics", "walk1")
    kinematics.inputs = lambda job: [job.product("ingest", ".txt")]
    run_shard(kinematics, walk, files.manifest, files.log)
    made = walk[0].product("kinematics", ".txt").read_bytes()
    (walk[0].folder("ingest") / damage).write_text('{"stage": "ing')
    kinematics.ran.clear()
    with pytest.raises(SolverError, match="Delete the file and run the same command again") as caught:
        run_shard(kinematics, walk, files.manifest, files.log)
    assert "PRODUCT_DAMAGED" in caught.value.found or "QUALITY_DAMAGED" in caught.value.found
    assert kinematics.ran == [] and walk[0].product("kinematics", ".txt").read_bytes() == made
    ingest.ran.clear()
    run_shard(ingest, jobs("ingest", "stand", "walk1"), files.manifest, files.log)
    run_shard(kinematics, walk, files.manifest, files.log)
    assert ingest.ran == ["walk1"] and kinematics.ran == []


def test_a_product_under_a_foreign_name_breaks_the_contract(jobs, toy, files) -> None:
    def act(job, out: Path) -> None:
        (out / "walk3.txt").write_text("not mine")

    with pytest.raises(ContractError, match=r"CONTRACT_PRODUCT_NAME.*walk3\.txt"):
        run_shard(toy(acts={"walk1": act}), jobs(), files.manifest, files.log)


def test_the_log_says_who_what_and_how_long(jobs, toy, files, capsys: pytest.CaptureFixture) -> None:
    run_shard(toy(acts={"walk2": _raise(_error(DataError, "NOISE"))}), jobs(), files.manifest, files.log)
    assert capsys.readouterr().err == "", "the console belongs to the progress of the run"
    lines = files.log.read_text().splitlines()
    assert [line.rpartition(" ")[0].rpartition(" ")[0] for line in lines] == [
        "1/3 p1/walk1 ingest passed",
        "2/3 p1/walk2 ingest refused NOISE",
        "3/3 p1/walk3 ingest passed",
    ]


def test_trial_ids_that_begin_alike_do_not_touch_each_other(jobs, toy, files, cohort) -> None:
    stage = toy(acts={"walk1": _raise(_error(DataError, "NOISE"))})
    folder = jobs()[0].folder("ingest")
    folder.mkdir(parents=True)
    (folder / "walk10.txt").write_text("of another trial")
    run_shard(stage, jobs(), files.manifest, files.log)
    assert (folder / "walk10.txt").read_text() == "of another trial"


def test_an_empty_shard_has_an_empty_manifest(toy, files) -> None:
    run_shard(toy(), [], files.manifest, files.log)
    assert _results(files.manifest) == {}


def test_where_recordings_and_results_lie_decides_nothing(jobs, toy, files, tmp_path: Path) -> None:
    run_shard(toy(), jobs(), files.manifest, files.log)
    key = _results(files.manifest)["walk1"]["key"]
    record = json.loads(jobs()[0].product("ingest", ".provenance.json").read_text())
    assert record["key"] == key
    assert [item["file"] for item in record["inputs"]] == ["raw/walk1.trc"]
    assert str(tmp_path) not in json.dumps(record)


def test_gates_survive_the_way_through_the_quality_file(jobs, toy, files) -> None:
    gate = Gate("RESERVE_ANKLE_R", Verdict.WARNED, 0.07, 0.05, "", "large reserve", ("atf_r",))
    quality = Quality("ingest", "lab/p1/walk1", (gate,), {"rms_m": 0.004})
    run_shard(toy(acts={"walk1": lambda job, out: quality}), jobs(), files.manifest, files.log)
    assert jobs()[0].quality_of("ingest") == quality


def test_a_stage_that_reads_a_product_which_it_does_not_declare_stops_everything(jobs, toy, files) -> None:
    stage = toy("kinematics", {"walk1": lambda job, out: job.document("scale", ".scaling.json")})
    for name, trial in (("ingest", "stand"), ("ingest", "walk1"), ("scale", "walk1")):
        run_shard(toy(name), jobs(name, trial), files.manifest, files.log)
    with pytest.raises(ContractError, match=r"CONTRACT_INPUT_UNDECLARED.*scale/lab/p1/model\.scaling\.json"):
        run_shard(stage, jobs("kinematics", "walk1"), files.manifest, files.log)
