"""Events without plates against plates, on a published walk."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gaitload.conventions import sampling_rate_hz
from gaitload.io.sto import read_sto
from gaitload.io.trc import read_trc
from gaitload.signals.contact import loaded
from gaitload.signals.events import events_by_coordinates, stances_by_contact, strikes_by_contact

NEAR_S = 0.025
"""Zeni et al. 2008 report events within one or two frames at 60 Hz."""


@pytest.mark.parametrize(("side", "strikes"), [("r", 2), ("l", 1)])
def test_coordinates_find_the_strikes_that_plates_saw(shared: Path, side: str, strikes: int) -> None:
    markers = read_trc(shared / "rajagopal2016" / "motion_capture_walk.trc")
    forward = dict(zip(markers.marker_names, markers.marker_lab_m[:, :, 0].T, strict=True))
    pelvis = (forward["R.PSIS"] + forward["L.PSIS"]) / 2
    foot = side.upper()
    found, toe_offs = events_by_coordinates(
        forward[f"{foot}.Heel"], forward[f"{foot}.Toe"], pelvis, sampling_rate_hz(markers.marker_time_s)
    )
    forces = read_sto(shared / "rajagopal2016" / "grf_walk.mot")
    upward_n = forces.values[:, forces.names.index(f"ground_force_{side}_vy")]
    contact = loaded(upward_n, sampling_rate_hz(forces.time_s), 20.0)
    told = forces.time_s[strikes_by_contact(contact)]
    assert len(told) == strikes
    for time_s in told:
        assert np.abs(markers.marker_time_s[found] - time_s).min() < NEAR_S
    for stance in stances_by_contact(contact):
        assert np.abs(markers.marker_time_s[toe_offs] - forces.time_s[stance.stop - 1]).min() < NEAR_S
