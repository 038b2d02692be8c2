"""Verdicts of all trials of a cohort to one table."""


rule tabulate_cohort:
    """Gather the verdicts of all stages on every trial of a cohort."""
    message:
        "Gathering the verdicts of {wildcards.cohort}"
    input:
        manifests=lambda wildcards: manifests_of("labels", [wildcards.cohort]) + manifests_of(ALIGNED, [wildcards.cohort]),
    output:
        table=shown(f"{RESULTS}/quality/{{cohort}}.tsv", "verdicts", "Verdicts", cohort="{cohort}"),
    log:
        f"{RESULTS}/logs/quality/{{cohort}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/quality/{{cohort}}.tsv"
    params:
        trials=lambda wildcards: [row.model_dump() for row in COHORTS[wildcards.cohort].trials],
        code=code_of("gaitload.stages.table"),
    threads: 1
    resources:
        mem_mb=growing(500),
        runtime=growing(5),
    script:
        "../scripts/tabulate_cohort.py"


rule tabulate_stages:
    """Gather the verdicts of the stages up to one of them: the table of a run that ends there."""
    message:
        "Gathering the verdicts of {wildcards.cohort} up to {wildcards.until}"
    input:
        manifests=manifests_until,
    output:
        table=f"{RESULTS}/quality/{{cohort}}.{{until}}.tsv",
    log:
        f"{RESULTS}/logs/quality/{{cohort}}.{{until}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/quality/{{cohort}}.{{until}}.tsv"
    params:
        trials=lambda wildcards: [row.model_dump() for row in COHORTS[wildcards.cohort].trials],
        code=code_of("gaitload.stages.table"),
    threads: 1
    resources:
        mem_mb=growing(500),
        runtime=growing(5),
    script:
        "../scripts/tabulate_cohort.py"
