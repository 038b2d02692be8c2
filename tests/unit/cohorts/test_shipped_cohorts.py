"""The cohorts that come with the workflow."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gaitload.cohorts.embedded.templates import gait_template
from gaitload.cohorts.embedded.trials import MOTIONS, STATIC, made_trial
from gaitload.cohorts.reader import load_cohort
from gaitload.cohorts.tables import Cohort, raw_dir_variable
from gaitload.conventions import STANDARD_GRAVITY_M_PER_S2
from gaitload.errors import ConfigError
from gaitload.models.registry import find_model
from gaitload.models.sensors import load_sensors

NAMES = ("fukuchi2017", "rajagopal2016")


def _cohort(name: str, repository: Path) -> Cohort:
    return load_cohort(repository / "workflow" / "cohorts" / name, root=repository)


def test_every_folder_of_cohorts_can_be_read(repository: Path) -> None:
    folders = sorted(path.name for path in (repository / "workflow" / "cohorts").iterdir())
    assert set(NAMES) <= set(folders)
    for name in folders:
        cohort = _cohort(name, repository)
        assert cohort.movers
        for person in cohort.movers:
            marked = [row for row in cohort.trials_of(person.participant_id) if cohort.has_markers(row)]
            assert not marked or cohort.statics_of(person.participant_id)


def test_twelve_runners_run_at_three_speeds(repository: Path) -> None:
    cohort = _cohort("fukuchi2017", repository)
    speeds = [[row.speed_m_per_s for row in cohort.motions_of(p.participant_id)] for p in cohort.participants]
    assert speeds == [[2.5, 3.5, 4.5]] * 12
    assert all(cohort.on_treadmill(row) for row in cohort.trials)


def test_the_walker_and_the_runner_are_two_people(repository: Path) -> None:
    cohort = _cohort("rajagopal2016", repository)
    walker, runner = (cohort.by_id[name] for name in ("walker", "runner"))
    assert cohort.marker_set_of(walker) != cohort.marker_set_of(runner)
    assert not cohort.on_treadmill(cohort.motions_of("walker")[0])
    assert cohort.on_treadmill(cohort.motions_of("runner")[0])


def test_everybody_who_does_not_exist_can_be_made(repository: Path) -> None:
    cohort = _cohort("embedded", repository)
    sensors = {placement.name for placement in load_sensors(find_model("rajagopal2015").sensors_path)}
    for person in cohort.participants:
        assert person.sex in ("F", "M") and person.height_m is not None
        (static,), motions = cohort.statics_of(person.participant_id), cohort.motions_of(person.participant_id)
        assert static.trial_id == STATIC
        assert [row.trial_id for row in motions] == list(MOTIONS)
        for row in motions:
            made = made_trial(row.trial_id)
            assert gait_template(made.template).activity == row.activity
            # Whose belt it is can only be said where each foot has its own.
            assert bool(row.plate_feet) == made.two_belts
            assert cohort.imu_files_of(row).keys() == sensors
    with pytest.raises(ConfigError, match="MOTION_UNKNOWN"):
        made_trial("hop")


@pytest.mark.parametrize("name", NAMES)
def test_every_recording_of_the_tables_is_published(
    name: str, repository: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(raw_dir_variable(name), str(shared / name))
    cohort = _cohort(name, repository)
    cohort.require_recordings()
    missing = [path for row in cohort.trials for path in cohort.files_of(row) if not path.is_file()]
    assert missing == []


def test_body_mass_of_the_walker_is_the_mean_force_over_a_stride(repository: Path, shared: Path) -> None:
    walker = _cohort("rajagopal2016", repository).by_id["walker"]
    rows = np.loadtxt(shared / "rajagopal2016" / "grf_walk.mot", skiprows=7)
    time_s, vertical_n = rows[:, 0], rows[:, 2] + rows[:, 11]
    stride_s = 1.144
    starts_s = np.arange(0.45, 0.83, 0.02)
    means_n = [vertical_n[(time_s >= start) & (time_s < start + stride_s)].mean() for start in starts_s]
    masses_kg = np.array(means_n) / STANDARD_GRAVITY_M_PER_S2
    # A centre of mass that ends the stride 0.01 m/s faster than it began accounts for 0.08 kg.
    assert masses_kg.mean() == pytest.approx(walker.mass_kg, abs=0.05)
    assert np.ptp(masses_kg) < 0.2


def test_body_mass_of_the_runner_agrees_with_the_forces(repository: Path, shared: Path) -> None:
    runner = _cohort("rajagopal2016", repository).by_id["runner"]
    rows = np.loadtxt(shared / "rajagopal2016" / "grf_run.mot", skiprows=6)
    time_s, right_n, left_n = rows[:, 0], rows[:, 2], rows[:, 8]
    strikes_s = time_s[1:][(right_n[1:] > 20) & (right_n[:-1] <= 20)]
    whole = (time_s >= strikes_s[0]) & (time_s < strikes_s[-1])
    measured_kg = (right_n + left_n)[whole].mean() / STANDARD_GRAVITY_M_PER_S2
    # The set-up file was written for another session or other clothes: 0.7 % is what the two are apart.
    assert measured_kg == pytest.approx(runner.mass_kg, rel=0.012)


def test_the_walk_is_labelled_only_while_every_foot_is_on_a_plate(repository: Path, shared: Path) -> None:
    (walk,) = _cohort("rajagopal2016", repository).motions_of("walker")
    rows = np.loadtxt(shared / "rajagopal2016" / "grf_walk.mot", skiprows=7)
    labelled = (rows[:, 0] >= walk.start_s) & (rows[:, 0] < walk.end_s)
    weight_n = 84.94 * STANDARD_GRAVITY_M_PER_S2
    vertical_n = (rows[:, 2] + rows[:, 11])[labelled]
    # A walker's total vertical force stays above 0.7 BW; the step beside the plate takes it down to 0.02 BW.
    assert vertical_n.min() > 0.7 * weight_n
