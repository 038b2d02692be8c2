"""Where products lie, and what a stage builds on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gaitload.config.external import Emg
from gaitload.config.sensors import Aligned
from gaitload.errors import ContractError, DataError
from gaitload.external.declaration import ExternalColumn, ExternalSource
from gaitload.quality import Quality


def test_products_follow_the_path_grammar(jobs, tmp_path: Path) -> None:
    (job,) = jobs("kinematics", "walk1")
    assert job.product("kinematics", ".mot") == tmp_path / "results/kinematics/lab/p1/walk1.mot"
    assert job.product("ingest", ".trc", "stand") == tmp_path / "results/ingest/lab/p1/stand.trc"
    assert job.where == "lab/p1/walk1"


def test_the_scaled_model_has_one_name_for_all_trials(jobs, tmp_path: Path) -> None:
    (scale,) = jobs("scale")
    (loads,) = jobs("loads", "walk2")
    assert scale.trial is None
    assert scale.product("scale", ".osim") == loads.product("scale", ".osim")
    assert loads.product("scale", ".osim") == tmp_path / "results/scale/lab/p1/model.osim"


def test_scaling_builds_on_the_static_trial_and_the_rest_on_their_own(jobs) -> None:
    (scale,) = jobs("scale")
    (labels,) = jobs("labels", "walk1")
    assert [job.stem for _, job in scale.before("scale")] == ["stand"]
    assert {stage: job.stem for stage, job in labels.before("labels")} == {
        "ingest": "walk1",
        "scale": "model",
        "kinematics": "walk1",
        "loads": "walk1",
    }


def test_only_trials_with_sensors_are_synchronised(jobs) -> None:
    (without,) = jobs("sync", "walk1")
    spec = without.cohort.spec.model_copy(update={"imu_files": {"pelvis": "pelvis.txt"}})
    trial = without.trial.model_copy(update={"imu_dir": "walk1_imu"})
    sensed = replace(without, cohort=replace(without.cohort, spec=spec), trial=trial)
    assert "sync" not in without.stages
    assert sensed.stages[-5:] == ("sensors", "sync", "imu_kinematics", "imu_loads", "aligned")
    virtual = sensed.config.model_copy(update={"aligned": Aligned(sensors="virtual")})
    assert replace(without, config=virtual).stages[-2:] == ("labels", "aligned_virtual")
    assert sensed.cohort.imu_files_of(trial) == {"pelvis": without.cohort.raw_dir / "walk1_imu/pelvis.txt"}
    # What becomes of the sensors must not take the labels with it, nor what became of the markers the sensors.
    assert not {"sensors", "sync"} & {stage for stage, _ in sensed.before("labels")}
    assert sensed.before("sensors") == []


def test_labels_do_not_build_on_external_columns_and_aligned_tables_do(jobs) -> None:
    (plain,) = jobs("aligned", "walk1")
    column = ExternalColumn(column="angle", unit="deg", meaning="an encoder")
    source = ExternalSource(file="{trial}.csv", time="t", columns={"encoder_rad": column})
    spec = plain.cohort.spec.model_copy(update={"external": {"encoder": source}})
    told = replace(plain, cohort=replace(plain.cohort, spec=spec))
    assert told.stages[-2:] == ("external", "aligned")
    assert "external" not in {stage for stage, _ in told.before("labels")}
    assert "external" in {stage for stage, _ in told.before("aligned")}
    informed = replace(told, config=told.config.model_copy(update={"emg": Emg(informed=True)}))
    assert informed.stages[-3:] == ("external", "emg_loads", "aligned")
    alone = replace(informed, trial=told.trial.model_copy(update={"file": None}))
    assert alone.stages == ("external", "aligned")
    without = replace(told, trial=told.trial.model_copy(update={"external": "-"}))
    assert without.stages == plain.stages


def test_a_job_that_reads_only_what_was_declared_gives_nothing_else(jobs) -> None:
    (job,) = jobs("loads", "walk1")
    declared = job.product("ingest", ".quality.json")
    declared.parent.mkdir(parents=True)
    declared.write_text(Quality("ingest", job.where).to_json())
    restricted = job.reading_only([declared])
    assert restricted.quality_of("ingest").stage == "ingest"
    for read in (
        lambda: restricted.product("ingest", ".mot"),
        lambda: restricted.quality_of("kinematics"),
        lambda: restricted.quality_of("ingest", "walk2"),
        lambda: restricted.document("scale", ".scaling.json"),
    ):
        with pytest.raises(ContractError, match="CONTRACT_INPUT_UNDECLARED"):
            read()


def test_a_verdict_that_is_not_there_names_the_stage_to_run(jobs) -> None:
    (job,) = jobs("loads", "walk1")
    with pytest.raises(DataError, match=r"STAGE_NOT_RUN.*snakemake kinematics"):
        job.quality_of("kinematics")


def test_a_damaged_verdict_says_what_to_do(jobs) -> None:
    (job,) = jobs("loads", "walk1")
    path = job.product("ingest", ".quality.json")
    path.parent.mkdir(parents=True)
    path.write_text('{"stage": "ingest"')
    with pytest.raises(DataError, match="Delete the file and run the same command again") as error:
        job.quality_of("ingest")
    assert (error.value.code, error.value.where) == ("QUALITY_DAMAGED", str(path))


@pytest.mark.parametrize("text", [None, "", '{"method": "height"', "[]", '{"a": NaN}'])
def test_a_damaged_document_says_what_to_do(jobs, text: str | None) -> None:
    (job,) = jobs("loads", "walk1")
    path = job.product("scale", ".scaling.json")
    path.parent.mkdir(parents=True)
    if text is not None:
        path.write_text(text)
    with pytest.raises(DataError, match="Delete the file and run the same command again") as error:
        job.document("scale", ".scaling.json")
    assert (error.value.code, error.value.where) == ("PRODUCT_DAMAGED", str(path))
