"""Synthetic participants to their recordings, and to the labels of what really happened in them."""


rule record_participant:
    """Make the recordings of a synthetic participant."""
    message:
        "Making the recordings of {wildcards.cohort}/{wildcards.participant} (the first time, kernels are compiled: a minute)"
    input:
        models=MODEL_FILES,
    output:
        manifest=manifest("recordings", "all"),
    log:
        f"{RESULTS}/logs/recordings/{{cohort}}/{{participant}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/recordings/{{cohort}}/{{participant}}.tsv"
    params:
        lost=lost(manifest("recordings", "all")),
        rows=made_rows,
        settings=settings("model", "embedded", "label_mode", "muscles", "scaling", "loads", "ingest"),
        code=code_of("gaitload.stages.record"),
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(15),
    script:
        "../scripts/record_participant.py"


rule label_truth:
    """Write the labels of what really happened in the recordings of a synthetic participant."""
    message:
        "Labelling what really happened in the recordings of {wildcards.cohort}/{wildcards.participant}"
    input:
        recordings=rules.record_participant.output.manifest,
        models=MODEL_FILES,
    output:
        manifest=manifest("recordings", "truth"),
    log:
        f"{RESULTS}/logs/recordings/{{cohort}}/{{participant}}.truth.log",
    benchmark:
        f"{RESULTS}/benchmarks/recordings/{{cohort}}/{{participant}}.truth.tsv"
    params:
        lost=lost(manifest("recordings", "truth")),
        settings=settings("model"),
        code=code_of("gaitload.stages.truth_labels"),
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    script:
        "../scripts/label_truth.py"
