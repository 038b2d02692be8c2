"""External columns to one table a trial, and labels by muscle forces that follow the electromyograms among them."""


rule read_external_columns:
    """Read the external columns of a shard: checked, in SI units, on the clock of the trial."""
    message:
        "Reading the external columns of {params.trials} of {wildcards.cohort}/{wildcards.participant}"
    input:
        models=MODEL_FILES,
    output:
        manifest=manifest("external", "{shard}"),
    log:
        log_of("external", "{shard}"),
    benchmark:
        benchmark_of("external", "{shard}")
    params:
        lost=lost(manifest("external", "{shard}")),
        stage="external",
        trials=motion_trials,
        # Electromyograms have their references in the other motions of the person.
        rows=rows(trials_of_person),
        columns=stamps(external_files, trials_of_person),
        settings=settings("model", "external", "emg"),
        code=code_of("gaitload.stages.external"),
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(5, per_trial=1),
    script:
        "../scripts/run_stage.py"


rule follow_electromyograms:
    """Solve the muscle forces of a shard anew, following its electromyograms."""
    message:
        "Following the electromyograms of {params.trials} of {wildcards.cohort}/{wildcards.participant}"
    input:
        trials=rules.ingest_motion.output.manifest,
        model=rules.scale_model.output.manifest,
        loads=lambda wildcards: of_person("loads", wildcards),
        external=lambda wildcards: of_person("external", wildcards),
        models=MODEL_FILES,
    output:
        manifest=manifest("emg_loads", "{shard}"),
    log:
        log_of("emg_loads", "{shard}"),
    benchmark:
        benchmark_of("emg_loads", "{shard}")
    params:
        lost=lost(manifest("emg_loads", "{shard}")),
        stage="emg_loads",
        trials=motion_trials,
        rows=rows(trials_of_person),
        settings=settings("model", "engine", "label_mode", "ingest", "loads", "muscles", "emg", "gates"),
        code=code_of("gaitload.stages.emg_loads"),
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(10, per_trial=5),
    script:
        "../scripts/run_stage.py"
