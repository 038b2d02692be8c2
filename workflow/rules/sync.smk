"""Inertial sensors and joint angles to the clock of the sensors against that of the markers."""


rule synchronise:
    """Find the clock of the inertial sensors of a shard against that of the markers."""
    message:
        "Synchronising the sensors of {params.trials} of {wildcards.cohort}/{wildcards.participant}"
    input:
        trials=rules.ingest_motion.output.manifest,
        model=rules.scale_model.output.manifest,
        kinematics=rules.solve_kinematics.output.manifest,
        labels=rules.make_labels.output.manifest,
        sensors=rules.read_motion_sensors.output.manifest,
        models=MODEL_FILES,
    output:
        manifest=manifest("sync", "{shard}"),
    log:
        log_of("sync", "{shard}"),
    benchmark:
        benchmark_of("sync", "{shard}")
    params:
        lost=lost(manifest("sync", "{shard}")),
        stage="sync",
        trials=motion_trials,
        rows=rows(motion_trials),
        settings=settings("model", "sync"),
        code=code_of("gaitload.stages.sync"),
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(5, per_trial=2),
    script:
        "../scripts/run_stage.py"
