"""Recordings to markers and foot forces in the ground frame."""


rule ingest_static:
    """Read the static trials of a participant."""
    message:
        "Reading the static trials of {wildcards.cohort}/{wildcards.participant}"
    input:
        recordings=recordings_made,
        models=MODEL_FILES,
    output:
        manifest=manifest("ingest", "static"),
    log:
        log_of("ingest", "static"),
    benchmark:
        benchmark_of("ingest", "static")
    params:
        lost=lost(manifest("ingest", "static")),
        stage="ingest",
        trials=static_trials,
        rows=rows(static_trials),
        recordings=stamps(markers_and_forces, static_trials),
        settings=settings("model", "window", "ingest", "gates", gates=INGEST_GATES),
        code=code_of("gaitload.stages.ingest"),
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    script:
        "../scripts/run_stage.py"


rule ingest_motion:
    """Read the motion trials of a shard: markers and foot forces in the ground frame."""
    message:
        "Reading {params.trials} of {wildcards.cohort}/{wildcards.participant}"
    input:
        static=rules.ingest_static.output.manifest,
        recordings=recordings_made,
        models=MODEL_FILES,
    output:
        manifest=manifest("ingest", "{shard}"),
    log:
        log_of("ingest", "{shard}"),
    benchmark:
        benchmark_of("ingest", "{shard}")
    params:
        lost=lost(manifest("ingest", "{shard}")),
        stage="ingest",
        trials=motion_trials,
        rows=rows(motion_trials),
        recordings=stamps(markers_and_forces, motion_trials),
        settings=settings("model", "window", "ingest", "gates", gates=INGEST_GATES),
        code=code_of("gaitload.stages.ingest"),
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(5, per_trial=2),
    script:
        "../scripts/run_stage.py"
