"""People who do not exist to the recordings of them, and to the truth about these."""


rule record_cohort:
    message:
        "Making the recordings of {params.cohorts}"
    input:
        models=MODEL_FILES,
    output:
        recordings=made_recordings(MADE),
        truths=made_truths(MADE),
    log:
        f"{RESULTS}/logs/recordings.log",
    benchmark:
        f"{RESULTS}/benchmarks/recordings.tsv"
    params:
        cohorts=MADE,
        rows=made_rows(MADE),
        settings=settings("model"),
        code=code_fingerprint("gaitload.stages.record"),
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    script:
        "../scripts/record_cohort.py"
