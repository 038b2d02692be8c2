"""Every stage keeps the contract of `gaitload.stages`, and its rule sees what it depends on."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gaitload.cohorts.reader import load_cohort
from gaitload.cohorts.spec import CohortSpec
from gaitload.config import Config
from gaitload.config.motion import INGEST_GATES, Gates
from gaitload.external.declaration import ExternalSource
from gaitload.provenance import code_fingerprint
from gaitload.quality import Quality
from gaitload.section import Section
from gaitload.stages.job import RECORDING_STAGES, STAGES, SUBJECT_STAGES, Job, jobs_of
from gaitload.stages.shard import stage_module

ROOT = Path(__file__).resolve().parents[2]
UNSEEN = {"cohorts", "results_dir", "shard_trials", "model", "model_family"}
"""Not changed here: where things go; and the model with its family, which every rule has and whose change may need a
download."""


def _variants() -> Iterator[tuple[str, Config]]:
    """The default configuration with one setting changed, and the section that setting is in."""
    default = Config()
    for name in sorted(Config.model_fields.keys() - UNSEEN):
        section = getattr(default, name)
        if not isinstance(section, Section):
            yield name, default.model_copy(update={name: _other(section)})
            continue
        for setting in type(section).model_fields:
            changed = section.model_copy(update={setting: _other(getattr(section, setting))})
            yield name, default.model_copy(update={name: changed})


def _other(value: object) -> object:
    """A value that differs; settings are compared, not used, so it need not be valid."""
    if isinstance(value, Section):
        return value.model_copy(update={name: _other(item) for name, item in value})
    if isinstance(value, tuple):
        return tuple(_other(item) for item in value)
    if isinstance(value, bool):
        return not value
    if isinstance(value, dict):
        return {f"{name}_": item for name, item in value.items()}
    if value is None:
        return 1.0
    return f"{value}_" if isinstance(value, str) else value + type(value)(1)


@pytest.fixture
def job_of(tmp_path: Path, repository: Path):
    """A job of a stage on a shipped cohort with sensors and an external column, after those that read recordings."""
    recorded = load_cohort(repository / "workflow/cohorts/rajagopal2016", root=repository)
    column = {"column": "angle", "unit": "deg", "meaning": "an encoder"}
    encoder = ExternalSource(file="{trial}.csv", time="time_s", columns={"encoder_rad": column})
    sensors = {"pelvis": "pelvis.txt", "torso": "torso.txt"}
    spec = recorded.spec.model_copy(update={"imu_files": sensors, "external": {"encoder": encoder}})
    rows = tuple(row.model_copy(update={"imu_dir": f"{row.trial_id}_imu"}) for row in recorded.trials)
    cohort = replace(recorded, spec=spec, trials=rows)

    def make(stage: str, config: Config) -> Job:
        trials = ("static",) if stage in SUBJECT_STAGES else ("walk",)
        return jobs_of(stage, trials, config=config, cohort=cohort, participant_id="walker", results=tmp_path)[0]

    job = make("kinematics", Config())
    for stage in RECORDING_STAGES:
        for trial in ("static", "walk"):
            path = job.product(stage, ".quality.json", trial)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(Quality(stage, job.where, (), {"window_s": [0.45, 1.9]}).to_json())
    return make


def _sections_in_rules(stage: str) -> list[set[str]]:
    text = "".join(path.read_text() for path in sorted((ROOT / "workflow/rules").glob("*.smk")))
    rules = re.findall(rf'stage="{stage}",.*?settings=settings\((.*?)\)', text, re.DOTALL)
    return [set(re.findall(r'"(\w+)"', sections)) for sections in rules]


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_is_called_like_its_file(name: str) -> None:
    stage = stage_module(name)
    assert name == stage.NAME
    assert all(callable(getattr(stage, part)) for part in ("inputs", "settings", "run"))


@pytest.mark.parametrize("name", STAGES)
def test_settings_are_plain(name: str, job_of) -> None:
    settings = stage_module(name).settings(job_of(name, Config()))
    assert json.loads(json.dumps(settings, allow_nan=False, sort_keys=True)).keys() == settings.keys()


@pytest.mark.parametrize("name", STAGES)
def test_the_rule_sees_every_setting_the_stage_depends_on(name: str, job_of) -> None:
    stage = stage_module(name)
    before = stage.settings(job_of(name, Config()))
    used = {section for section, config in _variants() if stage.settings(job_of(name, config)) != before}
    assert used, "a stage without settings makes this test say nothing"
    rules = _sections_in_rules(name)
    assert rules
    for sections in rules:
        assert used | {"model"} <= sections


@pytest.mark.parametrize("name", STAGES)
def test_inputs_are_paths_each_once(name: str, job_of) -> None:
    job = job_of(name, Config())
    inputs = stage_module(name).inputs(job)
    assert inputs
    assert all(isinstance(path, Path) for path in inputs)
    assert len(set(inputs)) == len(inputs)


@pytest.mark.parametrize("name", STAGES)
def test_only_stages_that_read_recordings_read_files_of_the_cohort(name: str, job_of) -> None:
    """Sensors are read, checked and oriented once; all later stages read what came of it."""
    job = job_of(name, Config())
    recorded = [path for path in stage_module(name).inputs(job) if path.is_relative_to(job.cohort.raw_dir)]
    assert bool(recorded) == (name in RECORDING_STAGES)


def test_ingest_knows_the_limits_of_its_gates_and_no_others() -> None:
    """Limits of labels must not read recordings again."""
    texts = (path.read_text() for path in sorted((ROOT / "src/gaitload/ingest").glob("*.py")))
    read = {name for text in texts for name in re.findall(r"(?:limits|gates)\.(\w+)", text)}
    assert read & Gates.model_fields.keys() == set(INGEST_GATES)


BEFORE_LABELS = ("record", "ingest", "scale", "kinematics", "loads", "sensors", "sync", "imu_kinematics")


@pytest.mark.parametrize(
    ("path", "text", "kept"),
    [
        ("labels/added.py", '"""A label."""\n', BEFORE_LABELS),
        ("gates/dynamics.py", "\n\nADDED = 1.0\n", (*BEFORE_LABELS, "uncertainty", "imu_loads")),
        ("estimators/added.py", '"""An estimator."""\n', (*STAGES, "record", "estimators")),
    ],
    ids=["label", "gate", "estimator"],
)
def test_what_is_added_makes_nothing_before_it_again(
    path: str, text: str, kept: tuple[str, ...], tmp_path: Path
) -> None:
    shutil.copytree(ROOT / "src/gaitload", tmp_path / "gaitload", ignore=shutil.ignore_patterns("__pycache__"))
    stages = (*STAGES, "record", "truth_labels", "estimators")
    before = {name: code_fingerprint(f"gaitload.stages.{name}", root=tmp_path) for name in stages}
    with (tmp_path / "gaitload" / path).open("a") as file:
        file.write(text)
    after = {name: code_fingerprint(f"gaitload.stages.{name}", root=tmp_path) for name in stages}
    assert {name for name in kept if before[name] != after[name]} == set()
    assert "estimator" in path or before["labels"] != after["labels"]


def test_what_cohort_yaml_says_of_a_laboratory_makes_labels_again():
    rules = (ROOT / "workflow" / "rules" / "common.smk").read_text(encoding="utf-8")
    (seen,) = re.findall(r"laboratory = cohort\.spec\.model_dump\(mode=\"json\", include=\{([^}]*)\}", rules)
    # Names and notes change nothing; recordings are inputs of rules, by their paths.
    aside = {"name", "title", "raw_dir", "made_by", "notes"}
    assert set(re.findall(r"\w+", seen)) == set(CohortSpec.model_fields) - aside
