"""Inertial sensors to joint angles: the baseline of OpenSense."""


rule solve_imu_kinematics:
    """Solve the joint angles of a shard by its inertial sensors alone."""
    message:
        "Angles by the sensors for {params.trials} of {wildcards.cohort}/{wildcards.participant}"
    input:
        statics=rules.ingest_static.output.manifest,
        trials=rules.ingest_motion.output.manifest,
        model=rules.scale_model.output.manifest,
        kinematics=rules.solve_kinematics.output.manifest,
        sync=rules.synchronise.output.manifest,
        calibrations=rules.read_static_sensors.output.manifest,
        sensors=rules.read_motion_sensors.output.manifest,
        models=MODEL_FILES,
    output:
        manifest=manifest("imu_kinematics", "{shard}"),
    log:
        log_of("imu_kinematics", "{shard}"),
    benchmark:
        benchmark_of("imu_kinematics", "{shard}")
    params:
        lost=lost(manifest("imu_kinematics", "{shard}")),
        stage="imu_kinematics",
        trials=motion_trials,
        rows=rows(motion_trials),
        settings=settings("model", "engine", "imu_kinematics"),
        code=code_of("gaitload.stages.imu_kinematics"),
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(5, per_trial=2),
    script:
        "../scripts/run_stage.py"
