"""Cohort tables: everything that is wrong is said at once, with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gaitload.cohorts.reader import chosen_people, load_cohort
from gaitload.cohorts.spec import CohortSpec
from gaitload.cohorts.tables import Cohort, Participant, TrialRow
from gaitload.config import parse_config
from gaitload.errors import ConfigError, DataError

SPEC = {
    "name": "lab",
    "title": "A lab",
    "source": "https://example.org/lab",
    "licence": "CC0",
    "raw_dir": "raw",
    "lab_forward": "+x",
    "lab_up": "+y",
    "marker_set": "plain",
}
PEOPLE = ["participant_id\tsex\tmass_kg\theight_m", "p1\tF\t60\t1.7", "p2\t\t70.5\t"]
TRIALS = [
    "participant_id\ttrial_id\trole\tactivity\tfile\tforces_file\tstart_s\tend_s\tfoot_of_plate",
    "p1\tstand\tstatic\tstatic\tp1/stand.trc",
    "p1\twalk\tmotion\twalk\tp1/walk.trc\tp1/walk.mot\t0.5\t1.5\tplate_1=r,plate_2=l",
    "p2\trun\tmotion\trun\tp2/run.c3d",
]


def _load(
    root: Path, *, spec: dict | None = None, people: list[str] | None = None, trials: list[str] | None = None
) -> Cohort:
    folder = root / "workflow" / "cohorts" / "lab"
    folder.mkdir(parents=True, exist_ok=True)
    document = {**SPEC, **(spec or {})}
    lines = [f"{name}: '{value}'" for name, value in document.items() if value is not None]
    (folder / "cohort.yaml").write_text("\n".join(lines))
    (folder / "participants.tsv").write_text("\n".join(people or PEOPLE) + "\n")
    (folder / "trials.tsv").write_text("\n".join(trials or TRIALS) + "\n")
    return load_cohort(folder, root=root)


def _refused(root: Path, **tables: object) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        _load(root, **tables)
    return caught.value


def test_bodies_whose_sensors_are_told_alike_are_refused() -> None:
    # Of two tables that both call their sensor `imu`, the one read last would be on both bodies.
    tables = {"imu_files": {"tibia_l": "l.csv#imu", "tibia_r": "r.csv#imu"}, "imu_columns": {"imu": {"time": "t"}}}
    with pytest.raises(ValidationError, match="#imu for tibia_l and tibia_r"):
        CohortSpec(**SPEC, **tables)


def test_a_cohort_knows_who_did_what(tmp_path: Path) -> None:
    cohort = _load(tmp_path)
    assert [person.participant_id for person in cohort.movers] == ["p1", "p2"]
    assert [row.trial_id for row in cohort.statics_of("p1")] == ["stand"]
    assert cohort.statics_of("p2") == ()
    (walk,) = cohort.motions_of("p1")
    assert (walk.start_s, walk.end_s) == (0.5, 1.5)
    assert walk.plate_feet == {"plate_1": "r", "plate_2": "l"}
    assert cohort.files_of(walk) == (tmp_path / "raw/p1/walk.trc", tmp_path / "raw/p1/walk.mot")
    assert cohort.marker_set_of(cohort.by_id["p1"]) == "plain"


def test_made_recordings_lie_among_the_results_with_their_truth(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GAITLOAD_LAB_DIR", str(tmp_path / "elsewhere"))
    cohort = _load(tmp_path, spec={"raw_dir": None, "made_by": "embedded"})
    home = Path("results/recordings/lab")
    (run,) = cohort.motions_of("p2")
    assert cohort.files_of(run) == (home / "p2/run.c3d",)
    assert cohort.truth_of(run) == home / "p2/run.truth.parquet"
    cohort.require_recordings()


def test_of_a_cohort_that_is_made_as_many_people_are_chosen_as_asked_for(tmp_path: Path) -> None:
    made, recorded = (
        _load(tmp_path / name, spec=spec)
        for name, spec in (("made", {"raw_dir": None, "made_by": "embedded"}), ("recorded", {}))
    )
    one, two, three = (parse_config({"embedded": {"people": people}}) for people in (1, 2, 3))
    chosen = chosen_people(made, one)
    assert [person.participant_id for person in chosen.participants] == ["p1"]
    assert {row.participant_id for row in chosen.trials} == {"p1"}
    assert chosen_people(made, two) == made
    assert chosen_people(recorded, one) is recorded
    with pytest.raises(ConfigError, match=r"PEOPLE_TOO_MANY. embedded\.people: expected at most 2 people"):
        chosen_people(made, three)


@pytest.mark.parametrize("spec", [{"raw_dir": None}, {"made_by": "embedded"}])
def test_recordings_are_either_somewhere_or_made(tmp_path: Path, spec: dict) -> None:
    assert "either raw_dir says where the recordings are, or made_by" in _refused(tmp_path, spec=spec).found


def test_comments_and_blank_lines_do_not_shift_line_numbers(tmp_path: Path) -> None:
    people = ["# where the masses come from", PEOPLE[0], "", PEOPLE[1], "# and one more", "p2\t\theavy\t"]
    assert "participants.tsv line 6: mass_kg = 'heavy'" in _refused(tmp_path, people=people).found


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    error = _refused(
        tmp_path,
        spec={"lab_up": "+x", "colour": "blue"},
        people=[PEOPLE[0], "p 1\tX\t60\t170"],
        trials=[TRIALS[0], "p1\trun\tmotion\tjump\tx.trc", "p1\twalk\tstatic\twalk\tx.trc", "p1\tw\tmotion\twalk"],
    )
    assert error.code == "COHORT_INVALID"
    for words in (
        "cohort.yaml: colour: no such name; known: name, title",
        "participants.tsv line 2: participant_id = 'p 1'",
        "participants.tsv line 2: sex = 'X'",
        "participants.tsv line 2: height_m = '170'",
        "trials.tsv line 2: activity = 'jump'",
        "role static does not go with activity walk",
        "trials.tsv line 4: neither file (markers) nor imu_dir (inertial sensors)",
    ):
        assert words in error.found


def test_mass_of_somebody_with_a_file_of_forces_must_be_known(tmp_path: Path) -> None:
    error = _refused(tmp_path, people=[PEOPLE[0], "p1\tF\t\t1.7", "p2\tM\t70\t1.8"])
    assert error.code == "MASS_MISSING"
    assert "participants.tsv line 2: p1 has no mass_kg" in error.found
    assert "static trial on a force plate" in error.found


def test_mass_of_somebody_without_motion_is_not_asked_for(tmp_path: Path) -> None:
    cohort = _load(tmp_path, people=[*PEOPLE, "p3\tF\t\t"])
    assert [person.participant_id for person in cohort.movers] == ["p1", "p2"]


@pytest.mark.parametrize("path", ["/etc/passwd", "../other/x.trc", "p1/../../x.trc", "link/x.trc"])
def test_a_path_that_leaves_the_cohort_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "raw").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "raw" / "link").symlink_to(tmp_path / "elsewhere")
    error = _refused(tmp_path, trials=[TRIALS[0], f"p1\twalk\tmotion\twalk\tp1/walk.trc\t{path}"])
    assert error.code == "PATH_LEAVES_COHORT"
    assert f"trials.tsv line 2: {path} lies outside" in error.found


SENSED = ["participant_id\ttrial_id\trole\tactivity\tfile\timu_dir", "p2\trun\tmotion\trun\tp2/run.c3d\tp2/imu"]


def _with_sensor(root: Path, name: str) -> Cohort:
    """A cohort in which a sensor of the torso has a file of this name."""
    _load(root, trials=SENSED)
    folder = root / "workflow/cohorts/lab"
    with (folder / "cohort.yaml").open("a") as file:
        file.write(f"\nimu_files: {{torso: '{name}'}}\n")
    return load_cohort(folder, root=root)


@pytest.mark.parametrize("behind", ["", "#/../../../raw/torso.txt"])
def test_a_sensor_file_that_leaves_the_cohort_is_refused(tmp_path: Path, behind: str) -> None:
    with pytest.raises(ConfigError, match=r"p2/imu/../../../torso.txt lies outside") as caught:
        _with_sensor(tmp_path, f"../../../torso.txt{behind}")
    assert caught.value.code == "PATH_LEAVES_COHORT"


def test_a_pattern_finds_no_sensor_file_behind_a_link_out_of_the_cohort(tmp_path: Path) -> None:
    imu = tmp_path / "raw/p2/imu"
    imu.mkdir(parents=True)
    (tmp_path / "secret.txt").write_text("1")
    (imu / "linked.txt").symlink_to(tmp_path / "secret.txt")
    cohort = _with_sensor(tmp_path, "*.txt")
    (run,) = cohort.motions_of("p2")
    assert cohort.imu_files_of(run) == {"torso": imu / "*.txt"}
    (imu / "own.txt").write_text("2")
    assert cohort.imu_files_of(run) == {"torso": imu / "own.txt"}


def test_a_path_that_wanders_inside_the_cohort_is_taken(tmp_path: Path) -> None:
    assert _load(tmp_path, trials=[TRIALS[0], "p1\twalk\tmotion\twalk\tp1/../p2/walk.trc"]).trials


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({"people": [*PEOPLE, "p1\tF\t60\t1.7"]}, "participants.tsv line 4: participant p1 stands twice"),
        ({"trials": [*TRIALS, TRIALS[2]]}, "trials.tsv line 5: trial p1/walk stands twice"),
        ({"trials": [*TRIALS, "p9\trun\tmotion\trun\tx.trc"]}, "participant p9 is not in participants.tsv"),
        (
            {"people": [PEOPLE[0] + "\tweight", *PEOPLE[1:]]},
            "unknown columns weight (did you mean height_m?)",
        ),
        ({"people": ["participant_id,mass_kg", "p1,60"]}, "'participant_id,mass_kg': separate the columns by tabs"),
        ({"people": [*PEOPLE, "p3\tF\t60\t1.7\tx"]}, "participants.tsv line 4: 5 cells under 4 columns"),
        ({"spec": {"name": "labb"}}, "name labb is not the name of the folder, lab"),
        ({"spec": {"marker_set": None}}, "participants.tsv line 2: no marker_set"),
        ({"spec": {"lab_up": "-x"}}, "lab_forward and lab_up share the axis x"),
        ({"trials": [TRIALS[0], "p1\tw\tmotion\twalk\tx\t\t2\t1"]}, "end_s 1.0 is not after start_s 2.0"),
        ({"trials": [TRIALS[0], "p1\tw\tmotion\twalk\tx\t\t\t\tplate_1=left"]}, "foot_of_plate = 'plate_1=left'"),
        ({"people": [PEOPLE[0], "p1\tF\tnan\t1.7"]}, "participants.tsv line 2: mass_kg = 'nan'"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(tmp_path: Path, tables: dict, words: str) -> None:
    assert words in _refused(tmp_path, **tables).found


def test_a_missing_key_is_named_without_the_rest_of_the_file(tmp_path: Path) -> None:
    found = _refused(tmp_path, spec={"licence": None}).found
    assert found == "cohort.yaml: licence: is missing"


def test_missing_tables_are_named(tmp_path: Path) -> None:
    folder = tmp_path / "lab"
    folder.mkdir()
    with pytest.raises(ConfigError, match=r"cohort\.yaml: no such file; participants\.tsv: no such file; trials"):
        load_cohort(folder, root=tmp_path)


def test_an_unknown_cohort_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    _load(tmp_path)
    with pytest.raises(ConfigError, match=r"COHORT_UNKNOWN.*one of the cohorts lab; found lap"):
        load_cohort(tmp_path / "workflow" / "cohorts" / "lap", root=tmp_path)


def test_absent_recordings_name_the_variable_and_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError) as caught:
        _load(tmp_path).require_recordings()
    assert caught.value.code == "RECORDINGS_NOT_FOUND"
    assert "https://example.org/lab" in caught.value.do
    assert "GAITLOAD_LAB_DIR" in caught.value.do
    assert "raw_dir" in caught.value.do
    elsewhere = tmp_path / "disk"
    elsewhere.mkdir()
    monkeypatch.setenv("GAITLOAD_LAB_DIR", str(elsewhere))
    cohort = _load(tmp_path)
    cohort.require_recordings()
    assert cohort.raw_dir == elsewhere


@given(
    st.text(min_size=1).filter(
        lambda text: not set(text) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
    )
)
def test_no_other_character_gets_into_an_id(text: str) -> None:
    with pytest.raises(ValidationError):
        Participant(participant_id=text)


@given(st.dictionaries(st.from_regex(r"[a-z]+_[0-9]", fullmatch=True), st.sampled_from("rl"), min_size=1))
def test_plate_overrides_read_back_as_written(feet: dict[str, str]) -> None:
    written = ",".join(f"{plate}={side}" for plate, side in feet.items())
    row = TrialRow(participant_id="p", trial_id="t", role="motion", activity="run", file="x.c3d", foot_of_plate=written)
    assert row.plate_feet == feet


ALONE = ["participant_id\ttrial_id\trole\tactivity\timu_dir", "p1\twalk\tmotion\twalk\timu"]


def _sensors_alone(root: Path, text: str, trials: list[str] = ALONE) -> Cohort:
    folder = root / "workflow" / "cohorts" / "lab"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cohort.yaml").write_text(f"name: lab\ntitle: t\nsource: s\nlicence: l\nraw_dir: raw\n{text}\n")
    (folder / "participants.tsv").write_text("participant_id\np1\n")
    (folder / "trials.tsv").write_text("\n".join(trials) + "\n")
    return load_cohort(folder, root=root)


def test_sensors_alone_need_neither_axes_nor_a_marker_set_nor_a_mass(tmp_path: Path) -> None:
    cohort = _sensors_alone(tmp_path, "imu_files: {pelvis: a.txt}\nimu_forward: {pelvis: +z}")
    (walk,) = cohort.motions_of("p1")
    assert cohort.has_sensors(walk) and not cohort.has_markers(walk)
    assert cohort.files_of(walk) == () and cohort.wearers == {}


@pytest.mark.parametrize(
    ("text", "trials", "words"),
    [
        ("imu_files: {pelvis: a.txt}", ALONE, "no imu_forward, for example"),
        ("lab_up: +z\nlab_forward: +x", ALONE, "cohort.yaml says in imu_files what they sit on"),
        ("imu_files: {pelvis: a.txt}\nimu_forward: {torso: +z}", ALONE, "imu_forward names torso"),
        ("lab_up: +z", ALONE, "lab_forward and lab_up are given together"),
        (
            "imu_files: {pelvis: a.txt}\nimu_forward: {pelvis: +z}",
            ["participant_id\ttrial_id\trole\tactivity\tfile", "p1\twalk\tmotion\twalk\ta.c3d"],
            "no lab_forward and lab_up",
        ),
        (
            "imu_files: {pelvis: a.txt}\nimu_forward: {pelvis: +z}",
            [f"{ALONE[0]}\tforces_file", f"{ALONE[1]}\ta.mot"],
            "forces (forces_file, plates, foot_of_plate) without markers",
        ),
    ],
)
def test_what_trials_with_and_without_markers_need_is_said(tmp_path: Path, text: str, trials: list, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        _sensors_alone(tmp_path, text, trials)
    assert words in caught.value.found
