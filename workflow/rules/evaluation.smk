"""Labels, baselines and estimates of a study to one table of comparison, and to the tests behind it."""


rule evaluate_study:
    """Hold all estimates and baselines of the study against the labels."""
    message:
        "Evaluating the study {wildcards.study}"
    input:
        aligned=manifests_of(ALIGNED),
        estimates=estimates_of(CONFIG.study) if CONFIG.evaluation.learned else [],
    output:
        trials=f"{RESULTS}/evaluation/{{study}}.parquet",
        subjects=f"{RESULTS}/evaluation/{{study}}.subjects.parquet",
        curves=f"{RESULTS}/evaluation/{{study}}.curves.parquet",
        summary=shown(f"{RESULTS}/evaluation/{{study}}.summary.tsv", "comparison", "Estimators", study="{study}"),
        conditions=f"{RESULTS}/evaluation/{{study}}.conditions.tsv",
        sets=f"{RESULTS}/evaluation/{{study}}.sets.tsv",
        statistics=f"{RESULTS}/evaluation/{{study}}.statistics.json",
    log:
        f"{RESULTS}/logs/evaluation/{{study}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/evaluation/{{study}}.tsv"
    params:
        settings=settings("study", "evaluation"),
        trials=trials_of_cohorts,
        code=code_of("gaitload.stages.evaluation"),
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(30),
    script:
        "../scripts/evaluate_study.py"
