"""Markers and forces to the standard deviation of every label: each trial solved again with what is not known drawn anew."""


rule estimate_uncertainty:
    """Estimate the standard deviation of every label of a shard."""
    message:
        "Estimating label uncertainty of {params.trials} of {wildcards.cohort}/{wildcards.participant}"
    input:
        trials=rules.ingest_motion.output.manifest,
        model=rules.scale_model.output.manifest,
        kinematics=rules.solve_kinematics.output.manifest,
        loads=rules.solve_loads.output.manifest,
        models=MODEL_FILES,
    output:
        manifest=manifest("uncertainty", "{shard}"),
    log:
        log_of("uncertainty", "{shard}"),
    benchmark:
        benchmark_of("uncertainty", "{shard}")
    params:
        lost=lost(manifest("uncertainty", "{shard}")),
        stage="uncertainty",
        trials=motion_trials,
        rows=rows(motion_trials),
        settings=settings("model", "label_mode", "ingest", "loads", "muscles", "uncertainty"),
        code=code_of("gaitload.stages.uncertainty"),
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(5, per_trial=2 + CONFIG.uncertainty.samples // 20),
    script:
        "../scripts/run_stage.py"
