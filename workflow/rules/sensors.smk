"""Files of inertial sensors to one table a trial: read, checked, oriented, on one clock."""


rule read_static_sensors:
    """Read the inertial sensors of the static trials of a participant: checked, oriented, on one clock."""
    message:
        "Reading the sensors of the static trials of {wildcards.cohort}/{wildcards.participant}"
    input:
        recordings=recordings_made,
        models=MODEL_FILES,
    output:
        manifest=manifest("sensors", "static"),
    log:
        log_of("sensors", "static"),
    benchmark:
        benchmark_of("sensors", "static")
    params:
        lost=lost(manifest("sensors", "static")),
        stage="sensors",
        trials=static_trials,
        rows=rows(static_trials),
        sensors=stamps(sensor_folder, static_trials),
        settings=settings("model", "sync"),
        code=code_of("gaitload.stages.sensors"),
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    script:
        "../scripts/run_stage.py"


rule read_motion_sensors:
    """Read the inertial sensors of a shard: checked, oriented, on one clock."""
    message:
        "Reading the sensors of {params.trials} of {wildcards.cohort}/{wildcards.participant}"
    input:
        recordings=recordings_made,
        models=MODEL_FILES,
    output:
        manifest=manifest("sensors", "{shard}"),
    log:
        log_of("sensors", "{shard}"),
    benchmark:
        benchmark_of("sensors", "{shard}")
    params:
        lost=lost(manifest("sensors", "{shard}")),
        stage="sensors",
        trials=motion_trials,
        rows=rows(motion_trials),
        sensors=stamps(sensor_folder, motion_trials),
        settings=settings("model", "sync"),
        code=code_of("gaitload.stages.sensors"),
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(5, per_trial=1),
    script:
        "../scripts/run_stage.py"
