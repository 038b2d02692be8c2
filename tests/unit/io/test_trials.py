"""The trial record comes back as it was written, or is refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gaitload.errors import DataError
from gaitload.io.trials import read_trial, write_trial
from gaitload.trial import FootForces, Markers, Plate, Step, Trial, Validity

TIME_S = np.arange(5) / 100
FORCE_S = np.arange(20) / 400


@pytest.fixture
def trial() -> Trial:
    random = np.random.default_rng(0)
    position = random.normal(size=(5, 2, 3))
    position[1, 0] = np.nan
    mask = np.zeros((5, 2), dtype=np.uint8)
    mask[2, 1] = 9
    forces = FootForces(
        FORCE_S, random.normal(size=(20, 2, 3)), random.normal(size=(20, 2, 3)), random.random((20, 2)) > 0.5, 0.015
    )
    corners = random.normal(size=(4, 3))
    return Trial(
        markers=Markers(("RASI", "LASI"), TIME_S, position),
        forces=forces,
        validity=Validity(TIME_S, mask),
        window_s=(0.01, 0.04),
        plates=(Plate("left", "l", corners, (1.0, -2.0, 0.5)), Plate("other", None, None, (0.0, 0.0, 0.0))),
        steps=(Step("left", None, 0.0, 0.02, 512.0, 0.3, np.nan, np.nan, 0.4, False, "no foot near it"),),
    )


def test_everything_comes_back_to_the_bit(trial, tmp_path: Path):
    write_trial(tmp_path / "a.trial.npz", trial)
    back = read_trial(tmp_path / "a.trial.npz")
    assert back.markers.names == trial.markers.names
    np.testing.assert_array_equal(back.markers.position_ground_m, trial.markers.position_ground_m)
    for name in ("time_s", "force_ground_n", "moment_ground_nm", "contact", "surface_height_m"):
        np.testing.assert_array_equal(getattr(back.forces, name), getattr(trial.forces, name))
    np.testing.assert_array_equal(back.validity.mask, trial.validity.mask)
    assert back.window_s == trial.window_s
    assert repr(back.steps) == repr(trial.steps)
    assert [(one.name, one.side, one.baseline_n) for one in back.plates] == [
        (one.name, one.side, one.baseline_n) for one in trial.plates
    ]
    np.testing.assert_array_equal(back.plates[0].corners_ground_m, trial.plates[0].corners_ground_m)
    assert back.plates[1].corners_ground_m is None


def test_equal_records_are_equal_bytes(trial, tmp_path: Path):
    for name in "ab":
        write_trial(tmp_path / name, trial)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_trial_without_forces_has_none(trial, tmp_path: Path):
    still = Trial(trial.markers, None, trial.validity, trial.window_s)
    write_trial(tmp_path / "a.trial.npz", still)
    assert read_trial(tmp_path / "a.trial.npz").forces is None


def test_a_record_that_lacks_its_forces_is_refused(trial, tmp_path: Path):
    path = tmp_path / "a.trial.npz"
    write_trial(path, trial)
    with np.load(path) as archive:
        kept = {name: values for name, values in archive.items() if not name.startswith(("force", "moment", "contact"))}
    np.savez(path, **kept)
    with pytest.raises(DataError, match="TRIAL_DAMAGED"):
        read_trial(path)


@pytest.mark.parametrize("place", [0.05, 0.3, 0.6, 0.95])
def test_a_damaged_record_is_refused(trial, tmp_path: Path, place):
    path = tmp_path / "a.trial.npz"
    write_trial(path, trial)
    content = bytearray(path.read_bytes())
    start = int(place * len(content))
    content[start : start + 8] = bytes(value ^ 0xFF for value in content[start : start + 8])
    path.write_bytes(content)
    with pytest.raises(DataError) as caught:
        read_trial(path)
    assert caught.value.code == "TRIAL_DAMAGED"


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_record_cut_short_is_refused(trial, tmp_path: Path, share):
    path = tmp_path / "a.trial.npz"
    write_trial(path, trial)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(DataError, match="TRIAL_DAMAGED"):
        read_trial(path)


def test_a_motion_without_force_plates_keeps_when_the_feet_are_on_the_floor(trial, tmp_path: Path):
    down = np.array([[True, False]] * 5)
    write_trial(tmp_path / "a.trial.npz", replace(trial, forces=None, plates=(), steps=(), down=down))
    back = read_trial(tmp_path / "a.trial.npz")
    assert back.forces is None
    np.testing.assert_array_equal(back.down, down)
    write_trial(tmp_path / "b.trial.npz", replace(trial, forces=None, plates=(), steps=(), down=down[:3]))
    with pytest.raises(DataError, match="down"):
        read_trial(tmp_path / "b.trial.npz")
