"""What inertial sensors write of a performance, and the clock that has to be found to read it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gaitload.config.embedded import VirtualSensors
from gaitload.imu.placement import AS_PLACED
from gaitload.imu.virtual import SensorClock
from gaitload.io.imu.reader import read_imu
from gaitload.mechanics.body_tree import Mechanism
from gaitload.models.registry import find_model
from gaitload.models.sensors import load_sensors
from gaitload.opensim.export import export_mechanism
from gaitload.opensim.virtual_imu import ideal_imus
from gaitload.stages.made.instruments import write_sensors
from gaitload.stages.made.performance import Performance

PERFECT = VirtualSensors(noise=0.0, loss_share=0.0)
LEAD_S = 0.37


@pytest.fixture(scope="module")
def mechanism() -> Mechanism:
    return export_mechanism(find_model("rajagopal2015").path)


@pytest.fixture(scope="module")
def placements():
    return load_sensors(find_model("rajagopal2015").sensors_path)


@pytest.fixture(scope="module")
def performance(mechanism) -> Performance:
    """A right knee that swings, from before the cameras start on."""
    sensor_time_s = np.arange(500) / 200.0 - LEAD_S
    sensor_q = np.tile(mechanism.coordinates.default, (len(sensor_time_s), 1))
    sensor_q[:, mechanism.coordinate_names.index("knee_angle_r")] = 0.7 + 0.5 * np.sin(6.0 * sensor_time_s)
    nothing = np.empty(0)
    return Performance(
        marker_time_s=nothing,
        force_time_s=nothing,
        q=nothing,
        phase=nothing,
        force_n=nothing,
        moment_nm=nothing,
        residual_n=nothing,
        sensor_time_s=sensor_time_s,
        sensor_q=sensor_q,
    )


# At an offset of 0 the first sample is at 10 ms of the motion, at 9 ms at 19 ms: files hold neither.
@pytest.mark.parametrize(("offset_s", "skew"), [(0.0, 0.0), (0.004, 0.0), (0.009, 3e-3), (0.004, -3e-3)])
def test_the_clock_leads_from_the_files_to_the_cameras(
    mechanism, placements, performance, tmp_path: Path, offset_s, skew
):
    names = ("tibia_r", "calcn_r")
    files = {name: tmp_path / f"{name}.txt" for name in names}
    clock = write_sensors(
        files,
        mechanism,
        performance,
        placements,
        mountings=dict.fromkeys(names, AS_PLACED),
        clock=SensorClock(100.0, offset_s, skew),
        settings=PERFECT,
        random=np.random.default_rng(1),
    )
    assert clock.skew == skew
    recordings = {recording.name: recording for recording in read_imu(list(files.values()))}
    true = ideal_imus(
        mechanism, performance.sensor_time_s, performance.sensor_q, placements, clock=SensorClock(2000.0)
    )["tibia_r"]
    # Files hold means over the period before each sample: the rates of half a period earlier.
    shank = recordings["tibia_r"]
    assert shank.time_s[0] == 0.0
    rates_s = clock.motion_time(shank.time_s - 0.5 / shank.rate_hz)
    expected = np.column_stack([np.interp(rates_s, true.time_s, rate) for rate in true.gyr_sensor_rad_per_s.T])
    inside = (rates_s > true.time_s[0]) & (rates_s < true.time_s[-1])
    # The rate changes by 18 rad/s2: 0.1 ms of the clock are 0.002 rad/s, one sample 0.18.
    off = np.abs(shank.gyr_sensor_rad_per_s - expected)[inside]
    assert off.max() < 0.002
