"""The lag between forces and markers: one for a cohort, because a laboratory has one."""


rule gather_force_lag:
    """Gather what the motions of a cohort tell of the lag of its laboratory."""
    message:
        "Gathering the lag between forces and markers of {wildcards.cohort}"
    input:
        manifests=lambda wildcards: manifests_of("ingest", [wildcards.cohort]),
    output:
        lag=f"{RESULTS}/force_lag/{{cohort}}.json",
    log:
        f"{RESULTS}/logs/force_lag/{{cohort}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/force_lag/{{cohort}}.tsv"
    params:
        trials=lambda wildcards: [row.model_dump() for row in COHORTS[wildcards.cohort].trials],
        code=code_of("gaitload.stages.force_lag"),
    threads: 1
    resources:
        mem_mb=growing(500),
        runtime=growing(5),
    script:
        "../scripts/gather_force_lag.py"
