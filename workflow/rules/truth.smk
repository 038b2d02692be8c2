"""Labels of synthetic participants held against the truth."""


rule check_truth:
    """Hold the labels of a synthetic cohort against the truth."""
    message:
        "Holding the labels of {wildcards.cohort} against the truth"
    input:
        manifests=lambda wildcards: manifests_of("labels", [wildcards.cohort]) + manifests_of("sync", [wildcards.cohort]),
        truths=lambda wildcards: truths_of([wildcards.cohort]),
    output:
        table=shown(f"{RESULTS}/quality/{{cohort}}.truth.tsv", "truth", "Against the truth", cohort="{cohort}"),
    log:
        f"{RESULTS}/logs/quality/{{cohort}}.truth.log",
    benchmark:
        f"{RESULTS}/benchmarks/quality/{{cohort}}.truth.tsv"
    params:
        trials=lambda wildcards: [row.model_dump() for row in COHORTS[wildcards.cohort].trials],
        code=code_of("gaitload.stages.truth"),
    threads: 1
    resources:
        mem_mb=growing(500),
        runtime=growing(5),
    script:
        "../scripts/check_truth.py"
