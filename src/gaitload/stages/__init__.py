"""The stages of the workflow, one module each.

A stage module offers

`NAME`
    Name of the stage and of its folder in the results; one of `job.STAGES`.
`inputs(job) -> list of Path`
    Files whose content decides the result.
`settings(job) -> dict`
    What else decides it, as plain JSON: sections of the configuration, cells of the cohort tables.
`run(job, out) -> Quality`
    Reads no product but those of `inputs`: its job refuses others (`Job.reading_only`). Writes products named
    `<stem>.<ext>`, or folders named `<stem>`, into the fresh folder `out`, which is moved away afterwards: no product
    may hold the path of `out`. Raises an error of `gaitload.errors` to refuse.

`shard.run_shard` calls it, for one trial at a time (for one subject at a time where the stage is in
`job.SUBJECT_STAGES`).
"""
