"""The generic model to the subject's."""


rule scale_model:
    """Scale the generic model to a participant."""
    message:
        "Scaling the model to {wildcards.cohort}/{wildcards.participant}"
    input:
        static=rules.ingest_static.output.manifest,
        models=MODEL_FILES,
    output:
        manifest=manifest("scale", "model"),
    log:
        log_of("scale", "model"),
    benchmark:
        benchmark_of("scale", "model")
    params:
        lost=lost(manifest("scale", "model")),
        stage="scale",
        trials=[],
        rows=rows(static_trials),
        settings=settings("model", "label_mode", "scaling"),
        code=code_of("gaitload.stages.scale"),
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(15),
    script:
        "../scripts/run_stage.py"
