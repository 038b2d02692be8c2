"""Aligned trials to estimates of people unseen: a job an estimator and sensor set, which holds all folds and seeds."""


rule train_estimator:
    """Train one estimator on one sensor set, over all folds and seeds of the study."""
    message:
        "Training {wildcards.estimator} on {wildcards.sensor_set} for the study {wildcards.study}"
    input:
        manifests=manifests_of(ALIGNED),
    output:
        manifest=f"{RESULTS}/manifests/estimators/{{study}}/{{sensor_set}}/{{estimator}}.json",
    log:
        f"{RESULTS}/logs/estimators/{{study}}/{{sensor_set}}/{{estimator}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/estimators/{{study}}/{{sensor_set}}/{{estimator}}.tsv"
    params:
        lost=lost(f"{RESULTS}/manifests/estimators/{{study}}/{{sensor_set}}/{{estimator}}.json"),
        study=study_of,
        trials=trials_of_cohorts,
        covariates=covariates_of,
        versions=versions("torch", "scikit-learn"),
        code=code_of("gaitload.stages.estimators"),
        estimator_code=lambda wildcards: code_fingerprint(f"gaitload.estimators.{CONFIG.study.file_of(wildcards.estimator)}"),
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(240),
    script:
        "../scripts/train_estimator.py"
