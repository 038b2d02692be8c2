"""Angles by the sensors and measured ground reaction to moments and loads: the baseline of IMU-driven dynamics."""


rule solve_imu_loads:
    """Solve the loads of a shard by its inertial sensors and the measured ground reaction."""
    message:
        "Loads by the sensors for {params.trials} of {wildcards.cohort}/{wildcards.participant}"
    input:
        trials=rules.ingest_motion.output.manifest,
        model=rules.scale_model.output.manifest,
        loads=rules.solve_loads.output.manifest,
        angles=rules.solve_imu_kinematics.output.manifest,
        models=MODEL_FILES,
    output:
        manifest=manifest("imu_loads", "{shard}"),
    log:
        log_of("imu_loads", "{shard}"),
    benchmark:
        benchmark_of("imu_loads", "{shard}")
    params:
        lost=lost(manifest("imu_loads", "{shard}")),
        stage="imu_loads",
        trials=motion_trials,
        rows=rows(motion_trials),
        settings=settings("model", "engine", "label_mode", "ingest", "loads", "muscles"),
        code=code_of("gaitload.stages.imu_loads"),
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(10, per_trial=by_engine(tools=15, others=2)),
    script:
        "../scripts/run_stage.py"
