"""Joint angles and foot forces to joint moments, muscle forces and joint reactions."""


rule solve_loads:
    """Solve the dynamics, the muscle forces and the joint reactions of a shard."""
    message:
        "Solving dynamics, muscles and contact of {params.trials} of {wildcards.cohort}/{wildcards.participant}"
    input:
        trials=rules.ingest_motion.output.manifest,
        model=rules.scale_model.output.manifest,
        kinematics=rules.solve_kinematics.output.manifest,
        lag=rules.gather_force_lag.output.lag if CONFIG.ingest.force_lag == "auto" else [],
        models=MODEL_FILES,
    output:
        manifest=manifest("loads", "{shard}"),
    log:
        log_of("loads", "{shard}"),
    benchmark:
        benchmark_of("loads", "{shard}")
    params:
        lost=lost(manifest("loads", "{shard}")),
        stage="loads",
        trials=motion_trials,
        rows=rows(motion_trials),
        settings=settings("model", "engine", "label_mode", "ingest", "loads", "muscles"),
        code=code_of("gaitload.stages.loads"),
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(10, per_trial=by_engine(tools=15, others=2)),
    script:
        "../scripts/run_stage.py"
