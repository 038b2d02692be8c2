"""Baselines of a trial say nothing where a sensor was missing."""

from __future__ import annotations

import numpy as np

from gaitload.io.sto import Table, write_sto
from gaitload.stages.aligned import sensor_missing

TIME_S = np.arange(100) / 100


def test_what_was_held_while_a_sensor_was_missing_is_left_out_as_far_as_the_filter_smears_it(jobs):
    (job,) = jobs("aligned", "walk1")
    errors = np.full((80, 2), 0.1)
    errors[40:45, 1] = np.nan
    path = job.product("imu_kinematics", ".errors.sto")
    path.parent.mkdir(parents=True)
    write_sto(path, Table(("pelvis", "tibia_r"), TIME_S[10:90], errors), name="errors", in_degrees=False)
    missing = sensor_missing(job, "", TIME_S)
    # A quarter of a period of 6 Hz is 4.2 frames.
    reach = int(np.ceil(25 / job.config.loads.cutoff_hz.of(job.trial.activity)))
    assert np.flatnonzero(missing[20:80]).tolist() == list(range(30 - reach, 35 + reach))
    assert missing[:10].all() and missing[90:].all()
    assert reach == 5
