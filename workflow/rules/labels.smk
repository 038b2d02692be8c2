"""Muscle forces and joint reactions to one self-describing table of loads per trial."""


rule make_labels:
    """Write the label tables of a shard, with the verdict on every trial."""
    message:
        "Labelling {params.trials} of {wildcards.cohort}/{wildcards.participant}"
    input:
        trials=rules.ingest_motion.output.manifest,
        model=rules.scale_model.output.manifest,
        kinematics=rules.solve_kinematics.output.manifest,
        loads=rules.solve_loads.output.manifest,
        lag=rules.gather_force_lag.output.lag if CONFIG.ingest.force_lag == "auto" else [],
        uncertainty=rules.estimate_uncertainty.output.manifest if CONFIG.uncertainty.samples else [],
        models=MODEL_FILES,
    output:
        manifest=manifest("labels", "{shard}"),
    log:
        log_of("labels", "{shard}"),
    benchmark:
        benchmark_of("labels", "{shard}")
    params:
        lost=lost(manifest("labels", "{shard}")),
        stage="labels",
        trials=motion_trials,
        rows=rows(motion_trials),
        settings=settings("model", "engine", "label_mode", "ingest", "loads", "muscles", "uncertainty", "gates"),
        code=code_of("gaitload.stages.labels"),
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(5, per_trial=2),
    script:
        "../scripts/run_stage.py"
