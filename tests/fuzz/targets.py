"""The readers under test, each with its undamaged files, its judge, and what may be done to its files."""

from __future__ import annotations

from pathlib import Path

from gaitload.cohorts.reader import load_cohort
from gaitload.config import load_config
from gaitload.io.c3d import read_c3d
from gaitload.io.forces import read_forces
from gaitload.io.imu.oriented import read_sensors
from gaitload.io.imu.reader import read_imu
from gaitload.io.mat import read_mat
from gaitload.io.sto import read_sto
from gaitload.io.tables import read_table
from gaitload.io.trc import read_trc
from gaitload.io.trials import read_trial
from gaitload.io.xml import parse_xml
from gaitload.models import family
from gaitload.models.markersets import MarkerSet, load_marker_set
from gaitload.quality import read_quality
from gaitload.stages.products import read_record
from gaitload.training.checkpoints import read_weights
from tests.fuzz import judge_imu, judge_tables, judges, seeds, seeds_imu, seeds_tables
from tests.fuzz.cases import Target
from tests.fuzz.judge_imu import imu
from tests.fuzz.mutations import ANY, C3D, TEXT
from tests.fuzz.opened_models import open_damaged


def _cohort(path: Path):
    return load_cohort(path.parent, root=path.parent)


def _marker_set(path: Path) -> MarkerSet:
    return load_marker_set(path, seeds_tables.LANDMARKS)


def _family(path: Path):
    family.read.cache_clear()
    return family.load_family(path)


def _markers_of_mat(path: Path):
    return read_mat(path, rate_hz=100.0, length_unit="mm")


TARGETS = {
    target.name: target
    for target in (
        Target("c3d", seeds.c3d, read_c3d, judges.c3d, C3D),
        Target("trc", seeds.trc, read_trc, judges.trc, TEXT),
        Target("mat", seeds.mat, _markers_of_mat, judges.mat, ANY),
        Target("sto", seeds.sto, read_sto, judges.sto, TEXT),
        Target("forces", seeds.forces, read_forces, judges.forces, TEXT),
        Target("quaternion_sto", seeds_imu.quaternion_sto, read_imu, imu(judge_imu.quaternions), TEXT),
        Target("xsens", seeds_imu.xsens, read_imu, imu(judge_imu.xsens), TEXT),
        Target("dot", seeds_imu.dot, read_imu, imu(judge_imu.dot), TEXT),
        Target("apdm", seeds_imu.apdm, read_imu, imu(judge_imu.apdm), TEXT),
        Target("mvnx", seeds_imu.mvnx, read_imu, imu(None), TEXT),
        Target("apdm_h5", seeds_imu.apdm_h5, read_imu, imu(None), ANY),
        Target("matlab", seeds_imu.matlab, read_imu, imu(None), ANY),
        Target("named_columns", seeds_imu.named_columns, read_imu, imu(judge_imu.named), TEXT),
        Target("imu_csv", seeds_imu.imu_csv, read_imu, imu(judge_imu.plain), TEXT),
        Target("imu_parquet", seeds_imu.imu_parquet, read_imu, imu(None), ANY),
        Target("sensors", seeds_tables.sensors, read_sensors, judge_imu.same_sensors, ANY),
        Target("trial", seeds_tables.trial, read_trial, judges.same_trial, ANY),
        Target("table", seeds_tables.table, read_table, judges.same_table, ANY),
        Target("xml", seeds_tables.xml, parse_xml, judge_tables.xml, TEXT),
        Target("cohort", seeds_tables.cohort, _cohort, judge_tables.cohort, TEXT),
        Target("config", seeds_tables.config, load_config, judge_tables.config, TEXT),
        Target("family", seeds_tables.family, _family, judge_tables.config, TEXT),
        Target("marker_set", seeds_tables.marker_set, _marker_set, judge_tables.marker_set, TEXT),
        Target("weights", seeds_tables.weights, read_weights, judge_tables.weights, ANY),
        Target("quality", seeds_tables.quality, read_quality, judge_tables.quality, TEXT),
        Target("provenance", seeds_tables.provenance, read_record, judge_tables.same_json, TEXT),
        Target("model", seeds_tables.model, open_damaged, judge_tables.model, TEXT),
    )
}
"""`model` opens what it damages in an interpreter of its own, at a second a case; all others read in this one."""
