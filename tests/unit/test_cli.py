"""The command line says what is wrong before anything runs."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import pytest
from typer.testing import CliRunner

import synthetic_person as person
from gaitload.cli import app
from gaitload.cohorts.tables import raw_dir_variable
from gaitload.config.motion import METHOD_VERSION
from gaitload.ingest.axes import ground_rotation
from gaitload.io.trc import write_trc
from gaitload.stages.products import key_of
from gaitload.trial import Markers

MARKER_SET = "rajagopal2016_run"
TRIALS = ("good.trc", "z_up.trc", "nobody.trc", "walk.trc", "empty.trc", "odd.xyz")


def _standing() -> Markers:
    """Somebody who stands, with the heels under the name they have in the marker set."""
    markers = person.static_markers()
    names = tuple(name.replace("HEE", "CAL") for name in markers.names)
    return Markers(names, markers.time_s, markers.position_ground_m)


def _write_recordings(folder: Path) -> None:
    folder.mkdir()
    good = _standing()
    to_lab = ground_rotation("+x", "+z").T
    nobody = tuple(f"x{name}" for name in good.names)
    write_trc(folder / "good.trc", good)
    write_trc(folder / "walk.trc", good)
    write_trc(folder / "z_up.trc", Markers(good.names, good.time_s, good.position_ground_m @ to_lab.T))
    write_trc(folder / "nobody.trc", Markers(nobody, good.time_s, good.position_ground_m))
    for name in ("empty.trc", "odd.xyz"):
        (folder / name).write_text("")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with one cohort: a trial that can be used, and one for each thing that may be wrong with others."""
    _write_recordings(tmp_path / "raw")
    folder = tmp_path / "workflow/cohorts/lab"
    folder.mkdir(parents=True)
    (folder / "cohort.yaml").write_text(
        "name: lab\ntitle: A lab\nsource: here\nlicence: CC0\nraw_dir: raw\n"
        f"lab_forward: +x\nlab_up: +y\nmarker_set: {MARKER_SET}\n"
    )
    (folder / "participants.tsv").write_text("participant_id\tmass_kg\theight_m\np1\t60\t1.7\n")
    _write_trials(tmp_path, TRIALS)
    return tmp_path


def _write_trials(root: Path, files: tuple[str, ...]) -> None:
    kinds = {name: "motion\twalk" if name == "walk.trc" else "static\tstatic" for name in files}
    rows = "".join(f"p1\t{name.partition('.')[0]}\t{kind}\t{name}\n" for name, kind in kinds.items())
    (root / "workflow/cohorts/lab/trials.tsv").write_text(f"participant_id\ttrial_id\trole\tactivity\tfile\n{rows}")


def _check(root: Path, *options: str, cohort: str = "lab"):
    return CliRunner().invoke(app, ["check", cohort, "--root", str(root), *options])


def test_check_holds_every_trial_against_what_is_declared(root: Path) -> None:
    result = _check(root)
    assert result.exit_code == 1
    for words in (
        f"of 66 markers of set {MARKER_SET} (",
        "lacks RACR, LACR,",
        "no forces, and none needed",
        "p1/z_up: [GRAVITY_CONTRADICTED]",
        "In these data +z points up",
        "p1/nobody: [NO_MATCHING_MARKER]",
        "no forces: angles alone, loads not measured",
        "p1/empty: [FILE_EMPTY]",
        "p1/odd: [RECORDING_FORMAT]",
        "4 of 6 trials would be refused",
    ):
        assert words in result.output


def test_check_says_when_everything_can_be_used_and_who_has_no_static_trial(root: Path) -> None:
    _write_trials(root, ("good.trc",))
    result = _check(root)
    assert result.exit_code == 0
    assert result.output.endswith("all 1 trials can be used\n")


def test_check_says_who_has_no_static_trial(root: Path) -> None:
    _write_trials(root, ("walk.trc",))
    assert "p1: no static trial" in _check(root).output


def test_check_stops_at_a_cohort_that_is_not_there(root: Path) -> None:
    result = _check(root, cohort="lap")
    assert result.exit_code == 1
    assert "[COHORT_UNKNOWN]" in result.output


def test_check_stops_at_a_model_and_a_marker_set_that_are_not_there(root: Path) -> None:
    assert "[MODEL_UNKNOWN]" in _check(root, "--model", "rajagopal2051").output
    spec = root / "workflow/cohorts/lab/cohort.yaml"
    spec.write_text(spec.read_text().replace(MARKER_SET, "rajagopal2016_ran"))
    result = _check(root)
    assert result.exit_code == 1
    assert "[MARKER_SET_UNKNOWN] marker_set of lab (p1)" in result.output


def test_check_outside_a_repository_says_where_to_run_it(tmp_path: Path) -> None:
    result = _check(tmp_path)
    assert result.exit_code == 1
    assert "no workflow/cohorts here; run it in the repository or use --root" in result.output


def test_check_says_what_makes_recordings_that_are_not_there_yet(repository: Path, tmp_path: Path) -> None:
    result = _check(repository, "--results", str(tmp_path / "nothing"), cohort="embedded")
    assert result.exit_code == 1
    assert "run `snakemake --cores 2 ingest` first" in result.output


def test_check_finds_nothing_wrong_with_a_shipped_cohort(
    repository: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(raw_dir_variable("rajagopal2016"), str(shared / "rajagopal2016"))
    result = _check(repository, cohort="rajagopal2016")
    assert result.exit_code == 0
    assert "runner/run: 42 of 66 markers of set rajagopal2016_run, 510 frames at 100 Hz" in result.output
    assert "all 5 trials can be used" in result.output


def test_schemas_are_written_where_the_workflow_keeps_them(tmp_path: Path, repository: Path) -> None:
    assert CliRunner().invoke(app, ["schemas", "--root", str(tmp_path)]).exit_code == 0
    written = {path.name: path.read_text() for path in (tmp_path / "workflow/schemas").iterdir()}
    assert written == {path.name: path.read_text() for path in (repository / "workflow/schemas").iterdir()}


def _new_cohort(root: Path, folder: Path, *options: str):
    return CliRunner().invoke(app, ["new-cohort", str(folder), "--root", str(root), *options])


def test_new_cohort_writes_tables_and_says_what_it_could_not_tell(root: Path) -> None:
    write_trc(root / "people/S1/stand.trc", _standing())
    result = _new_cohort(root, root / "people", "--name", "new people")
    assert result.exit_code == 0
    assert "next: answer" in result.output
    assert "then gaitload check new_people" in result.output
    written = {path.name for path in (root / "workflow/cohorts/new_people").iterdir()}
    assert written >= {"cohort.yaml", "participants.tsv", "trials.tsv", "questions.md"}
    again = _new_cohort(root, root / "people", "--name", "new people")
    assert again.exit_code == 1
    assert "[COHORT_EXISTS]" in again.output
    assert _new_cohort(root, root / "people", "--name", "new people", "--force").exit_code == 0


def test_new_cohort_of_an_empty_folder_writes_nothing(root: Path) -> None:
    (root / "empty").mkdir()
    result = _new_cohort(root, root / "empty")
    assert result.exit_code == 1
    assert "[RECORDINGS_NONE]" in result.output
    assert not (root / "workflow/cohorts/empty").exists()


def test_forecast_takes_settings_as_snakemake_does(repository: Path, tmp_path: Path) -> None:
    def said(*options: str) -> str:
        arguments = ["forecast", "embedded", "--root", str(repository), "--results", str(tmp_path), *options]
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 0, result.output
        return result.output

    assert "embedded: 16 motion trials, 8960 frames" in said()
    settings = ("embedded={people: 1}", "window={duration_s: 1}")
    for options in (
        ("--config", *settings),
        ("--config", settings[0], "--config", settings[1]),
        (f"--config={settings[0]}", settings[1]),
    ):
        assert "embedded: 4 motion trials, 400 frames" in said(*options)


def test_a_cohort_may_stand_behind_settings(repository: Path, tmp_path: Path) -> None:
    settings = ["--config", "embedded={people: 1}", "window={duration_s: 1}", "embedded"]
    result = CliRunner().invoke(app, ["forecast", *settings, "--root", str(repository), "--results", str(tmp_path)])
    assert "embedded: 4 motion trials, 400 frames" in result.output, result.output


def test_settings_within_settings_are_put_over_those_of_the_file(repository: Path, tmp_path: Path) -> None:
    arguments = ["forecast", "embedded", "--root", str(repository), "--results", str(tmp_path)]
    result = CliRunner().invoke(app, [*arguments, "--config", "loads={cutoff_hz: {run: 20}}"])
    assert result.exit_code == 0, result.output
    result = CliRunner().invoke(app, [*arguments, "--config", "window={duration_s"])
    assert result.exit_code == 1
    assert "write name=value" in result.output


def test_a_damaged_configuration_is_told_in_a_sentence(root: Path) -> None:
    (root / "config.yaml").write_text("window: {")
    result = _check(root)
    assert result.exit_code == 1
    assert "[CONFIG" in result.output and "is not YAML" in result.output


def test_forecast_stops_at_a_cohort_that_is_not_there(repository: Path) -> None:
    result = CliRunner().invoke(app, ["forecast", "embeded", "--root", str(repository)])
    assert result.exit_code == 1
    assert "[COHORT_UNKNOWN]" in result.output


def _verify(root: Path, *options: str):
    return CliRunner().invoke(app, ["verify", "--root", str(root), *options])


def test_verify_says_what_does_not_match_and_ends_with_one(root: Path) -> None:
    folder = root / "results/ingest/lab/p1"
    folder.mkdir(parents=True)
    record = {"stage": "ingest", "code": "", "settings": {}, "inputs": [], "products": {"good.trc": "0"}}
    (folder / "good.provenance.json").write_text(json.dumps(record | {"key": key_of(record)}))
    (folder / "good.trc").write_text("markers")
    result = _verify(root)
    assert result.exit_code == 1
    for words in (
        "ingest/lab/p1/good: product: good.trc was changed",
        "ingest/lab/p1/good: input: raw/good.trc is new",
        "ingest/lab/p1/good: code: made by another version",
        "mismatches in 1 places, of 1 records",
    ):
        assert words in result.output


def test_verify_without_results_says_so(root: Path) -> None:
    result = _verify(root, "--results", "elsewhere")
    assert result.exit_code == 1
    assert "no results in" in result.output


def test_verify_takes_settings_as_snakemake_does(root: Path) -> None:
    said = _verify(root, "--config", "model=rajagopal2016", "kinematic=1").output
    assert "kinematic: no such name; did you mean kinematics" in said


def test_check_takes_settings_as_snakemake_does(root: Path) -> None:
    _write_trials(root, ("good.trc",))
    said = _check(root, "--config", "cohorts=lab", "model=rajagopal2051").output
    assert "[MODEL_UNKNOWN]" in said


def test_the_version_names_package_and_method() -> None:
    said = CliRunner().invoke(app, ["--version"])
    assert said.exit_code == 0
    assert said.output == f"gaitload {version('gaitload')}, method version {METHOD_VERSION}\n"
