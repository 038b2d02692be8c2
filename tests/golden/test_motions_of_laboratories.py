"""Activity, speed and belt of recordings of other laboratories, against the path of the pelvis."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from gaitload.discovery.activity import activity_of
from gaitload.discovery.gait import contacts_of
from gaitload.discovery.looks import read_markers_file
from gaitload.discovery.progress import progress_of
from gaitload.trial import Recording

PELVIS = ("RASI", "LASI", "RPSI", "LPSI", "SACR", "RASIS", "LASIS", "RPSIS", "LPSIS", "VSACRAL", "SACRAL")
OVERGROUND = [
    ("cases/lab-10_child_walk_called_run/P01/walk.c3d", "+z", "walk"),
    ("cases/lab-11_overground_called_treadmill/S01/walk.c3d", "+z", "walk"),
    ("cases/lab-04_noise_on_unloaded_plate/P01/sprint.c3d", "+z", "run"),
    ("cases/lab-06_grf_addbiomechanics/walking1.trc", "+y", "walk"),
    ("cases/lab-12_sacrum_only/P02/run25.trc", "+y", "run"),
    ("cases/lab-13_two_markers_a_foot/P01/overground_17.trc", "+y", "walk"),
    ("pig_children/HC002D/Straight/HC002D06.c3d", "+z", "walk"),
    ("pig_children/HC030A/Straight/HC030A05.c3d", "+z", "walk"),
    ("pig_children/HC033A/Straight/HC033A10.c3d", "+z", "walk"),
    ("pig_children/HC038A/Straight/HC038A11.c3d", "+z", "walk"),
    ("pig_children/HC040A/Straight/HC040A14.c3d", "+z", "walk"),
    ("pig_children/HC042A/Straight/HC042A13.c3d", "+z", "walk"),
    ("grandchallenge5_ps/ps_ss1.c3d", "+z", "walk"),
    ("grandchallenge5_ps/ps_ss8.c3d", "+z", "walk"),
    ("rajagopal2016/motion_capture_walk.trc", "+y", "walk"),
]
BELTS = [
    ("rajagopal2016/motion_capture_run.trc", "+y", "run", 4.0),
    ("hamner2013_subject04/subject04/trials/run200/markers.trc", "+y", "run", 2.0),
    ("hamner2013_subject04/subject04/trials/run500/markers.trc", "+y", "run", 5.0),
    ("fukuchi2017/RBDS002/RBDS002runT25.c3d", "+y", "run", 2.5),
    ("cases/35-split-belt-narrow/sep00.c3d", "+z", "walk", 1.2),
]


def _recording(shared: Path, file: str) -> Recording:
    if not (shared / file).is_file():
        pytest.skip(f"no {file}")
    return read_markers_file((shared / file).parent, Path(file).name)


def _pelvis_m_per_s(recording: Recording, up: str) -> float:
    names = [re.sub("[._]", "", name.rpartition(":")[2]).upper() for name in recording.marker_names]
    columns = [names.index(name) for name in PELVIS if name in names]
    path = np.nanmean(recording.marker_lab_m[:, columns], axis=1)
    seen = np.flatnonzero(np.isfinite(path[:, 0]))
    way = path[seen[-1]] - path[seen[0]]
    way["xyz".index(up[1])] = 0.0
    return float(np.linalg.norm(way) / (recording.marker_time_s[seen[-1]] - recording.marker_time_s[seen[0]]))


def _activity(recording: Recording, up: str) -> tuple[str, bool, float]:
    progress = progress_of(recording, up)
    plates = contacts_of(recording.force_time_s, recording.plates, up) if recording.plates else None
    return activity_of(progress, plates)[0], progress.treadmill, progress.speed_m_per_s


@pytest.mark.parametrize(("file", "up", "activity"), OVERGROUND)
def test_activity_and_speed_overground_are_those_of_the_pelvis(shared: Path, file: str, up: str, activity: str) -> None:
    recording = _recording(shared, file)
    found = _activity(recording, up)
    assert found[:2] == (activity, False)
    # Measured: within 2 %.
    assert found[2] == pytest.approx(_pelvis_m_per_s(recording, up), rel=0.05)


@pytest.mark.parametrize(("file", "up", "activity", "belt_m_per_s"), BELTS)
def test_activity_and_speed_on_a_belt_are_those_of_the_belt(
    shared: Path, file: str, up: str, activity: str, belt_m_per_s: float
) -> None:
    found = _activity(_recording(shared, file), up)
    assert found[:2] == (activity, True)
    assert found[2] == pytest.approx(belt_m_per_s, rel=0.06)
