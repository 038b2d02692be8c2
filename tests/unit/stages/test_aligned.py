"""Baselines of a trial say nothing where a sensor was missing, and are doubted with its sensors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gaitload.io.sto import Table, write_sto
from gaitload.io.tables import read_table, write_table
from gaitload.quality import Gate, Quality, Verdict
from gaitload.stages import aligned
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


def test_sensors_and_baselines_carry_what_doubts_the_sensors_and_their_clock_and_labels_their_own(
    jobs, tmp_path, monkeypatch
):
    (job,) = jobs("aligned", "walk1")
    spec = job.cohort.spec.model_copy(update={"imu_files": {"pelvis": "pelvis.txt"}})
    trial = job.trial.model_copy(update={"imu_dir": "walk1_imu"})
    job = replace(job, cohort=replace(job.cohort, spec=spec), trial=trial)
    label = {"label": "angle", "verdict": "passed", "reasons": []}
    columns = {"time_s": (TIME_S, {"unit": "s"}), "knee_angle_r_rad": (TIME_S, label)}
    write_table(job.product("labels", ".parquet"), columns, {})
    slipped = Gate("SYNC_SLIP", Verdict.FAILED, None, None, "", "a stride off")
    clipped = Gate("IMU_CLIPPED", Verdict.WARNED, None, None, "", "at the end of a range")
    for stage, gate in (("sensors", clipped), ("sync", slipped)):
        path = job.product(stage, ".quality.json")
        path.parent.mkdir(parents=True)
        path.write_text(Quality(stage, job.where, (gate,)).to_json())
    made = {
        "_measured": {"pelvis_acc_x_m_per_s2": (TIME_S, {"sensor": "pelvis"})},
        "_angles": {"imu_ik_knee_angle_r_rad": (TIME_S, {"baseline": "imu_ik"})},
        "_loads": {"imu_id_atf_r_bw": (TIME_S, {"baseline": "imu_id"})},
    }
    for name, found in made.items():
        monkeypatch.setattr(aligned, name, lambda *_, found=found: found)

    aligned.run(job, tmp_path)

    _, meanings, _ = read_table(tmp_path / "walk1.parquet")
    told = {name: (meaning.get("verdict"), meaning.get("reasons")) for name, meaning in meanings.items()}
    failed = dict.fromkeys(
        (name for found in made.values() for name in found), ("failed", ["SYNC_SLIP", "IMU_CLIPPED"])
    )
    assert told == {"time_s": (None, None), "knee_angle_r_rad": ("passed", [])} | failed
