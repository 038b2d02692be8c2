"""Verdicts of all trials of a cohort to one table."""


rule tabulate_cohort:
    message:
        "Gathering the verdicts of {wildcards.cohort}"
    input:
        manifests=lambda wildcards: manifests_of("labels", [wildcards.cohort]) + manifests_of("aligned", [wildcards.cohort]),
    output:
        table=shown(f"{RESULTS}/quality/{{cohort}}.tsv", "verdicts", "Verdicts", cohort="{cohort}"),
    log:
        f"{RESULTS}/logs/quality/{{cohort}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/quality/{{cohort}}.tsv"
    params:
        trials=lambda wildcards: [row.model_dump() for row in COHORTS[wildcards.cohort].trials],
        code=code_fingerprint("gaitload.stages.table"),
    threads: 1
    resources:
        mem_mb=growing(500),
        runtime=growing(5),
    script:
        "../scripts/tabulate_cohort.py"
