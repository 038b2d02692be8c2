"""What is to be done of a configuration, by tables alone: the workflow and a forecast of it ask the same questions."""

from __future__ import annotations

from collections.abc import Mapping

from gaitload.cohorts.tables import Cohort
from gaitload.config import Config
from gaitload.models.registry import ModelSource
from gaitload.models.sensors import load_sensors
from gaitload.stages.job import EXTERNAL_STAGES, SENSOR_STAGES, aligned_stage
from gaitload.windows.worn import require_worn, sides_of


def has_part_in(stage: str, cohort: Cohort, config: Config) -> bool:
    """Whether a cohort has anything to do in a stage: some only work on inertial sensors, recorded or virtual, or on
    external columns, and without markers there are few."""
    if cohort.spec.external and not any(map(cohort.has_markers, cohort.trials)):
        return stage in _without_markers(cohort, config)
    if stage == "uncertainty":
        return bool(config.uncertainty.samples)
    external = bool(cohort.spec.external)
    if stage in EXTERNAL_STAGES:
        return external and (stage == "external" or config.emg.informed)
    if stage not in (*SENSOR_STAGES, "aligned", "aligned_virtual"):
        return True
    measured = config.aligned.sensors == "measured"
    if stage == "aligned_virtual":
        return not measured
    return measured and (bool(cohort.spec.imu_files) or (external and stage == "aligned"))


def _without_markers(cohort: Cohort, config: Config) -> set[str]:
    """Stages of a cohort of external columns that nobody wore markers for."""
    if config.aligned.sensors != "measured":
        return {"external"}
    sensors = {"sensors"} if cohort.spec.imu_files else set()
    angles = {"scale", "imu_kinematics"} if sensors and cohort.spec.imu_forward else set()
    return {"external", "aligned"} | sensors | angles


def enough_for_a_study(cohorts: Mapping[str, Cohort], config: Config) -> bool:
    """Whether enough people of the study wear sensors: for its protocol, or for baselines or the mean of others."""
    baselines = 1 if config.aligned.sensors == "measured" else 2
    wanted = config.study.people_min if config.evaluation.learned else baselines
    return sum(_people_taken(cohort, config) for cohort in cohorts.values()) >= wanted


def trainings_of(cohorts: Mapping[str, Cohort], config: Config) -> list[tuple[str, str]]:
    """Sensor set and estimator of each training that is asked for."""
    if not (config.evaluation.learned and enough_for_a_study(cohorts, config)):
        return []
    return config.study.trainings()


def require_study_sensors(cohorts: Mapping[str, Cohort], config: Config, source: ModelSource) -> None:
    """Make sure that every cohort that a training takes has the sensors of its set, as far as tables say.

    Measured ones are those of `imu_files` in cohort.yaml, virtual ones those of the model's sensors.yaml.

    Raises
    ------
    ConfigError
        STUDY_SENSOR_UNKNOWN, as the training would say it; SENSORS_INVALID.
    """
    for sensor_set in dict.fromkeys(name for name, _ in trainings_of(cohorts, config)):
        sensors = config.study.sensors_of(sensor_set)
        for name, cohort in cohorts.items():
            if _people_taken(cohort, config):
                require_worn(name, [_sensors_of(cohort, config, source)], sensors, sides_of(config.study.window))


def _people_taken(cohort: Cohort, config: Config) -> int:
    """How many of a cohort are in the study by what they did, and not left out of it."""
    if not has_part_in(aligned_stage(config), cohort, config):
        return 0
    study, left_out = config.study, set(config.study.without)
    measured = config.aligned.sensors == "measured"
    return sum(
        any(
            (row.file is not None or (measured and cohort.has_external(row)))
            and row.activity in study.activities
            and not left_out & {who, f"{who}/{row.trial_id}"}
            for row in cohort.motions_of(person.participant_id)
        )
        for person in cohort.movers
        for who in [f"{cohort.name}/{person.participant_id}"]
    )


def _sensors_of(cohort: Cohort, config: Config, source: ModelSource) -> tuple[str, ...]:
    if config.aligned.sensors == "measured":
        return tuple(cohort.spec.imu_files)
    return tuple(placement.name for placement in load_sensors(source.sensors_path))
