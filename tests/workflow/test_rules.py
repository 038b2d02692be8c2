"""The rules themselves: complete, closed, thin."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from gaitload.cohorts.tables import raw_dir_variable

ROOT = Path(__file__).resolve().parents[2]
RULES = {
    match.group(1): match.group(2)
    for path in sorted((ROOT / "workflow/rules").glob("*.smk"))
    for match in re.finditer(r"^rule (\w+):\n((?:    .*\n|\n)+)", path.read_text(), re.MULTILINE)
}
BY_PATH = {"product", "prediction"}
"""Rules that make nothing themselves."""
DIRECTIVES = ("message", "input", "output", "log", "benchmark", "params", "threads", "resources", "script")


def test_the_rules_follow_the_data() -> None:
    assert RULES.keys() - BY_PATH == {
        "record_participant",
        "label_truth",
        "ingest_static",
        "ingest_motion",
        "scale_model",
        "solve_kinematics",
        "solve_loads",
        "read_external_columns",
        "follow_electromyograms",
        "estimate_uncertainty",
        "gather_force_lag",
        "make_bundle",
        "make_labels",
        "read_static_sensors",
        "read_motion_sensors",
        "synchronise",
        "solve_imu_kinematics",
        "solve_imu_loads",
        "align_sensors",
        "align_virtual_sensors",
        "train_estimator",
        "evaluate_study",
        "tabulate_cohort",
        "tabulate_stages",
        "check_truth",
        "picture_participant",
        "build_report",
    }


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_is_described(rule: str) -> None:
    assert re.match(r'    """[A-Z][^"\n]+\."""\n', RULES[rule])


@pytest.mark.parametrize("rule", sorted(RULES.keys() - BY_PATH))
def test_a_rule_says_everything_about_itself(rule: str) -> None:
    said = re.findall(r"^    (\w+):", RULES[rule], re.MULTILINE)
    assert sorted(said) == sorted(DIRECTIVES)
    for directive in ("input", "output"):
        (block,) = re.findall(rf"^    {directive}:\n((?:        .*\n)+)", RULES[rule], re.MULTILINE)
        assert all(re.match(r"        \w+=", line) for line in block.splitlines())
    assert "code=code_of(" in RULES[rule]
    (output,) = re.findall(r"^    output:\n((?:        .*\n)+)", RULES[rule], re.MULTILINE)
    for pattern in re.findall(r"^        manifest=(.*),$", output, re.MULTILINE):
        assert f"        lost=lost({pattern}),\n" in RULES[rule], "or what was deleted is not made again"


@pytest.mark.parametrize("path", sorted((ROOT / "workflow/rules").glob("*.smk")), ids=lambda path: path.name)
def test_functions_are_in_common_only(path: Path) -> None:
    has_functions = re.search(r"^\s*def ", path.read_text(), re.MULTILINE) is not None
    assert has_functions == (path.name == "common.smk")


def test_planning_imports_nothing_that_solves_or_trains() -> None:
    imports = re.findall(r"^from gaitload.*$", (ROOT / "workflow/rules/common.smk").read_text(), re.MULTILINE)
    slow = {"matplotlib", "numba", "opensim", "sklearn", "statsmodels", "torch"}
    code = "\n".join([*imports, "import sys", f"print(*({slow} & sys.modules.keys()))"])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("path", sorted((ROOT / "workflow/scripts").glob("*.py")), ids=lambda path: path.name)
def test_scripts_are_glue(path: Path) -> None:
    tree = ast.parse(path.read_text())
    logic = (ast.For, ast.While, ast.If, ast.FunctionDef, ast.Lambda, ast.ListComp, ast.Try)
    assert not [node for node in ast.walk(tree) if isinstance(node, logic)]


def test_lint_has_only_the_complaint_that_is_answered(finished) -> None:
    said = finished.snakemake("--lint", check=False)
    complaints = set(re.findall(r"^    \* (.*?):*$", said, re.MULTILINE))
    # Answered in workflow/README.md: the Snakefile itself imports the package, so the rules have its environment.
    assert complaints == {"Specify a conda environment or container for each rule."}


def test_a_target_stops_at_its_stage(finished) -> None:
    said = finished.snakemake("--dry-run", "--forceall", "kinematics")
    assert "solve_kinematics" in said
    assert "solve_loads" not in said


def test_the_default_profile_is_found(finished) -> None:
    assert "Using workflow specific profile profiles/default" in finished.snakemake("--list")


def test_without_any_recordings_they_are_made_and_the_labels_held_against_the_truth(finished) -> None:
    assert not (finished.root / "results/recordings").exists()
    per_person = ("record_participant", "label_truth", "ingest_static", "scale_model", "read_static_sensors")
    per_person += ("picture_participant",)
    per_shard = ("ingest_motion", "solve_kinematics", "solve_loads", "make_labels")
    per_shard += ("read_motion_sensors", "synchronise", "solve_imu_kinematics", "solve_imu_loads", "align_sensors")
    once = ("tabulate_cohort", "check_truth", "build_report", "all")
    # Four motion trials of a person are two shards of two.
    expected = dict.fromkeys(per_person, 2) | dict.fromkeys(per_shard, 4) | dict.fromkeys(once, 1)
    assert finished.planned(cohorts="embedded", embedded="{people: 2}") == expected


@pytest.mark.parametrize(
    ("people", "study", "evaluation", "jobs"),
    [
        (3, "{without: [embedded/p1]}", "{}", {}),
        (2, "{protocol: user_generalised, estimators: [ridge]}", "{}", {"train_estimator": 1, "evaluate_study": 1}),
        (1, "{}", "{learned: false}", {"evaluate_study": 1}),
    ],
)
def test_a_study_is_asked_for_where_its_protocol_has_enough_people(finished, people, study, evaluation, jobs) -> None:
    planned = finished.planned(cohorts="embedded", embedded=f"{{people: {people}}}", study=study, evaluation=evaluation)
    assert {name: planned[name] for name in ("train_estimator", "evaluate_study") if name in planned} == jobs


def test_made_recordings_move_with_the_results(finished, tmp_path: Path) -> None:
    home = str(tmp_path / "elsewhere")
    made = f"{home}/recordings/embedded/p1/walk.truth.parquet"
    assert finished.planned(made, cohorts="embedded", results_dir=home) == {
        "record_participant": 1,
        "label_truth": 1,
        "product": 1,
    }


def test_more_people_than_there_are_stop_before_anything_runs(finished) -> None:
    said = finished.snakemake("--dry-run", check=False, cohorts="embedded", embedded="{people: 9}")
    assert "at most 8 people" in said and "PEOPLE_TOO_MANY" in said


def test_a_sensor_that_a_cohort_lacks_stops_before_anything_runs(finished) -> None:
    sets = "{sensor_sets: {feet: [foot]}}"
    said = finished.snakemake("--dry-run", check=False, cohorts="embedded", embedded="{people: 3}", study=sets)
    assert "STUDY_SENSOR_UNKNOWN" in said and "found foot" in said and "Traceback" not in said
    labels = finished.snakemake("labels", "--dry-run", cohorts="embedded", embedded="{people: 3}", study=sets)
    assert "make_labels" in labels


def test_shipped_cohorts_make_the_jobs_they_should(finished, shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("rajagopal2016", "fukuchi2017"):
        monkeypatch.setenv(raw_dir_variable(name), str(shared / name))
    planned = finished.planned(cohorts="rajagopal2016,fukuchi2017", shard_trials="2", window="{duration_s: 1.0}")
    # Twelve runners with three trials each are two shards of two; the walker and the runner have one trial each.
    per_shard = ("ingest_motion", "solve_kinematics", "solve_loads", "make_labels")
    per_person = ("ingest_static", "scale_model", "picture_participant")
    expected = dict.fromkeys(per_person, 14) | dict.fromkeys(per_shard, 26)
    assert planned == {**expected, "tabulate_cohort": 2, "build_report": 1, "all": 1}


@pytest.mark.parametrize(
    ("config", "rule", "minutes"),
    [
        ({}, "loads", {16, 12}),
        ({"engine": "tools", "label_mode": "opensim"}, "loads", {55, 25}),
        ({"engine": "tools", "label_mode": "opensim"}, "kinematics", {40, 20}),
        ({"uncertainty": "{samples: 100}"}, "uncertainty", {26, 12}),
    ],
)
def test_time_is_asked_for_by_the_trials_of_a_job_and_by_the_engine(project, config, rule, minutes) -> None:
    """Three trials of one person and one of another; a hundred must not ask for a day of seconds."""
    path = f"workflow/rules/{rule}.smk"
    (message,) = re.findall(r'    message:\n        "(.*)"', (project.root / path).read_text())
    project.edit(path, message, "asks for {resources.runtime} minutes")
    said = project.snakemake("--dry-run", "--forceall", "labels", **{"shard_trials": "100", **config})
    assert {int(asked) for asked in re.findall(r"asks for (\d+) minutes", said)} == minutes


def test_the_report_of_the_workflow_shows_what_the_page_shows(finished) -> None:
    finished.snakemake("--report", "report.zip")
    with zipfile.ZipFile(finished.root / "report.zip") as archive:
        told = archive.read("report/report.html").decode()
    for category in ("Verdicts", "Report"):
        assert f'"{category}"' in told


def test_the_profile_of_slurm_names_settings_and_rules_that_are_there(finished) -> None:
    text = (finished.root / "workflow/profiles/slurm/config.yaml").read_text()
    offered = r"^( *)# (?=( *)(?:slurm_\w+|set-resources|train_\w+|gpu):)"
    profile = yaml.safe_load(re.sub(offered, r"\1", text, flags=re.MULTILINE))
    assert profile["default-resources"].keys() == {"mem_mb", "runtime", "slurm_account", "slurm_partition"}
    assert profile["set-resources"] == {"train_estimator": {"slurm_partition": "gpu", "gpu": 1}}
    assert profile["set-resources"].keys() <= RULES.keys()
    default = yaml.safe_load((finished.root / "workflow/profiles/default/config.yaml").read_text())
    assert default.pop("cores") == "all", "through SLURM that would be a limit on the jobs of all nodes"
    assert default.items() <= profile.items(), "it takes the place of the default profile, so it says all of it"
