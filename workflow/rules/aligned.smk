"""Sensors, baselines and labels of a trial to one table on one clock."""


rule align_sensors:
    message:
        "Putting sensors beside the labels of {params.trials} of {wildcards.cohort}/{wildcards.participant}"
    input:
        model=rules.scale_model.output.manifest,
        loads=rules.solve_loads.output.manifest,
        labels=rules.make_labels.output.manifest,
        sync=rules.synchronise.output.manifest if MEASURED else [],
        angles=rules.solve_imu_kinematics.output.manifest if MEASURED else [],
        baseline=rules.solve_imu_loads.output.manifest if MEASURED else [],
        sensors=rules.read_motion_sensors.output.manifest if MEASURED else [],
        models=MODEL_FILES,
    output:
        manifest=manifest("aligned", "{shard}"),
    log:
        log_of("aligned", "{shard}"),
    benchmark:
        benchmark_of("aligned", "{shard}")
    params:
        stage="aligned",
        trials=motion_trials,
        rows=rows(motion_trials),
        settings=settings("model", "loads", "aligned"),
        code=code_fingerprint("gaitload.stages.aligned"),
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(5, per_trial=2),
    script:
        "../scripts/run_stage.py"
