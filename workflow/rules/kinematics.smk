"""Markers to joint angles."""


rule solve_kinematics:
    """Solve the inverse kinematics of a shard: joint angles."""
    message:
        "Solving inverse kinematics of {params.trials} of {wildcards.cohort}/{wildcards.participant}"
    input:
        trials=rules.ingest_motion.output.manifest,
        model=rules.scale_model.output.manifest,
        models=MODEL_FILES,
    output:
        manifest=manifest("kinematics", "{shard}"),
    log:
        log_of("kinematics", "{shard}"),
    benchmark:
        benchmark_of("kinematics", "{shard}")
    params:
        lost=lost(manifest("kinematics", "{shard}")),
        stage="kinematics",
        trials=motion_trials,
        rows=rows(motion_trials),
        settings=settings("model", "engine", "kinematics"),
        code=code_of("gaitload.stages.kinematics"),
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(10, per_trial=by_engine(tools=10, others=2)),
    script:
        "../scripts/run_stage.py"
