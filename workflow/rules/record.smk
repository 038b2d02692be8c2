"""People who do not exist to the recordings of them, and to the truth about these."""

for made in MADE:
    for person in COHORTS[made].movers:

        rule:
            name:
                f"record_{made}_{person.participant_id}"
            message:
                "Making the recordings of {params.cohort}/{params.participant}"
            input:
                models=MODEL_FILES,
            output:
                recordings=made_recordings(made, person.participant_id),
                sensors=directory(made_sensor_folders(made, person.participant_id)),
                truths=made_truths(made, person.participant_id),
            log:
                f"{RESULTS}/logs/recordings/{made}/{person.participant_id}.log",
            benchmark:
                f"{RESULTS}/benchmarks/recordings/{made}/{person.participant_id}.tsv"
            params:
                cohort=made,
                participant=person.participant_id,
                rows=made_rows(made, person.participant_id),
                settings=settings("model", "embedded", "label_mode", "muscles", "scaling", "loads", "ingest"),
                code=code_fingerprint("gaitload.stages.record"),
            threads: 1
            resources:
                mem_mb=growing(1500),
                runtime=growing(15),
            script:
                "../scripts/record_participant.py"
