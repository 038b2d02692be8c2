"""What no longer matches its provenance is found, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gaitload.config import parse_config
from gaitload.errors import DataError
from gaitload.stages.shard import run_shard
from gaitload.stages.verify import Mismatch, mismatches


@pytest.fixture
def stage(toy):
    """A stage that refuses the third walk."""

    def refuse(job, out: Path) -> None:
        raise DataError(expected="a recording", found="noise", where=job.where, do="Record again.", code="NOISE")

    return toy(acts={"walk3": refuse}, numbers={"ingest": {"cutoff_hz": 6, "rate_hz": 100}})


@pytest.fixture
def made(jobs, stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Results of a finished shard."""
    monkeypatch.setattr("gaitload.stages.verify.stage_module", lambda name: stage)
    results = tmp_path / "results"
    run_shard(stage, jobs(), results / "manifests/ingest/lab/p1/1.json", results / "logs/1.log")
    return results


@pytest.fixture
def found(cohort, made: Path):
    """What does not match, with the cohort as it is or with another."""

    def of(*cohorts) -> list[Mismatch]:
        known = {each.name: each for each in cohorts or (cohort,)}
        return list(mismatches(parse_config({}), known, made))

    return of


def _words(found: list[Mismatch]) -> list[str]:
    return [f"{each.where}: {each.what}: {each.found}" for each in found]


def test_a_finished_run_matches(found) -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("walk1.txt", "walk1.txt was changed"),
        ("walk1/detail.txt", "walk1 was changed"),
        ("walk1.quality.json", "walk1.quality.json was changed"),
        ("walk1.provenance.json", "walk1.provenance.json is not as it was written"),
    ],
)
def test_a_product_that_was_changed_is_named(found, made: Path, name: str, said: str) -> None:
    with (made / "ingest/lab/p1" / name).open("ab") as file:
        file.write(b"}")
    assert f"ingest/lab/p1/walk1: product: {said}" in _words(found())
    assert all("walk1" in words for words in _words(found()))


@pytest.mark.parametrize("text", ["{}", "[]", "null", '{"results": 1}', '{"results": {"walk1": 1}}', "[" * 100_000])
@pytest.mark.parametrize("name", ["ingest/lab/p1/walk1.provenance.json", "manifests/ingest/lab/p1/1.json"])
def test_a_record_or_a_manifest_that_is_none_is_named(found, made: Path, name: str, text: str) -> None:
    (made / name).write_text(text)
    assert any(words.endswith("is not as it was written") for words in _words(found()))


def test_a_record_that_was_edited_is_named(found, made: Path) -> None:
    record = made / "ingest/lab/p1/walk1.provenance.json"
    record.write_text(record.read_text().replace('"rate_hz": 100', '"rate_hz": 200'))
    assert _words(found()) == ["ingest/lab/p1/walk1: product: walk1.provenance.json is not as it was written"]


def test_a_product_that_is_gone_and_one_that_nobody_made_are_named(found, made: Path) -> None:
    (made / "ingest/lab/p1/walk2.txt").rename(made / "ingest/lab/p1/walk2.mot")
    assert _words(found()) == [
        "ingest/lab/p1/walk2: product: walk2.txt is missing",
        "ingest/lab/p1/walk2: product: walk2.mot is in no provenance record",
    ]


def test_a_recording_that_was_changed_or_is_gone_is_named(found, cohort) -> None:
    (cohort.raw_dir / "walk1.trc").write_text("recorded again")
    (cohort.raw_dir / "walk2.trc").unlink()
    one, other = found()
    assert (one.where, one.what, one.found) == ("ingest/lab/p1/walk1", "input", "raw/walk1.trc was changed")
    assert (other.where, other.what) == ("ingest/lab/p1/walk2", "input")
    assert "walk2.trc (FILE_MISSING)" in other.found


def test_other_settings_and_other_code_are_named(found, stage) -> None:
    stage.numbers["ingest"] = {"cutoff_hz": 8, "rate_hz": 100}
    assert _words(found())[0] == "ingest/lab/p1/walk1: settings: ingest.cutoff_hz: made with 6, now 8"
    stage.numbers["ingest"] = {"cutoff_hz": 6, "rate_hz": 100}
    stage.__name__ = "gaitload.trial"
    assert [each.what for each in found()] == ["code", "code"]


def test_a_trial_that_left_the_tables_and_a_cohort_that_is_gone_are_named(found, cohort) -> None:
    shorter = replace(cohort, trials=tuple(row for row in cohort.trials if row.trial_id != "walk2"))
    assert _words(found(shorter)) == ["ingest/lab/p1/walk2: tables: no such trial in the tables of the cohort"]
    other = replace(cohort, spec=cohort.spec.model_copy(update={"name": "elsewhere"}))
    assert {each.what for each in found(other)} == {"tables"}


def test_a_manifest_of_another_run_is_named(found, made: Path, jobs, stage) -> None:
    manifest = made / "manifests/ingest/lab/p1/1.json"
    old = manifest.read_bytes()
    stage.numbers["ingest"] = {"cutoff_hz": 8, "rate_hz": 100}
    run_shard(stage, jobs(), manifest, made / "logs/1.log")
    assert found() == []
    manifest.write_bytes(old)
    (made / "ingest/lab/p1/walk3.quality.json").unlink()
    assert [(each.what, each.found.partition(" ")[0]) for each in found()] == [
        ("manifest", "walk1"),
        ("manifest", "walk2"),
        ("manifest", "walk3"),
    ]


@pytest.mark.parametrize("folder", ["manifests/ingest/lab/p1", "manifests/estimators/study/pelvis"])
def test_what_a_killed_run_was_still_writing_is_no_manifest(found, made: Path, folder: str) -> None:
    (made / folder).mkdir(parents=True, exist_ok=True)
    (made / folder / ".1.0123abcd.json").write_text('{"results": {')
    assert found() == []
