"""Studies to bundles: an estimator fitted to everybody, in a file of its own, with errors of held-out people."""


rule make_bundle:
    """Fit one estimator on one sensor set to all people of the study, and write it as a bundle."""
    message:
        "Bundling {wildcards.estimator} on {wildcards.sensor_set} of the study {wildcards.study}"
    input:
        manifests=manifests_of(ALIGNED),
        estimates=f"{RESULTS}/manifests/estimators/{{study}}/{{sensor_set}}/{{estimator}}.json",
    output:
        bundle=f"{RESULTS}/bundles/{{study}}/{{sensor_set}}/{{estimator}}.gaitload",
    log:
        f"{RESULTS}/logs/bundles/{{study}}/{{sensor_set}}/{{estimator}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/bundles/{{study}}/{{sensor_set}}/{{estimator}}.tsv"
    params:
        study=study_of,
        level=CONFIG.evaluation.interval_level,
        trials=trials_of_cohorts,
        covariates=covariates_of,
        versions=versions("torch", "onnxruntime"),
        code=code_of("gaitload.stages.bundle"),
        estimator_code=lambda wildcards: code_fingerprint(f"gaitload.estimators.{CONFIG.study.file_of(wildcards.estimator)}"),
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(120),
    script:
        "../scripts/make_bundle.py"
