"""Other ways to cut the stages into jobs than the workflow has, each as small as it can be, over the same toys.

`declared` is a job for each stage of each trial, whose products are its declared outputs, in groups of a participant
for a cluster. `through` is a job for a shard that takes its trials through all stages in one interpreter. Both run the
code of `gaitload.stages.shard`; the workflow itself is measured beside them.
"""

from __future__ import annotations

from pathlib import Path

STAGES = ("ingest", "kinematics", "loads", "labels")
HEAD = """
STAGES = {stages!r}
PEOPLE = {people!r}
TRIALS = {trials!r}
SHARD = {shard}


rule target:
    input:
        {target}


rule whole:
    output:
        "results/once/{{who}}.json",
    params:
        steps=[("ingest", ["stand"]), ("scale", [])],
    script:
        "run_steps.py"

"""
DECLARED = """
for before, stage in zip(("", *STAGES), STAGES):

    rule:
        name:
            stage
        input:
            once="results/once/{who}.json",
            before=f"results/{before}/toy/{{who}}/{{trial}}.txt" if before else [],
        output:
            product=f"results/{stage}/toy/{{who}}/{{trial}}.txt",
        group:
            "trials"
        params:
            steps=lambda wildcards, stage=stage: [(stage, [wildcards.trial])],
        script:
            "run_steps.py"
"""
THROUGH = """
rule through:
    input:
        once="results/once/{who}.json",
    output:
        manifest="results/through/{who}.{number}.json",
    params:
        steps=lambda wildcards: [(stage, TRIALS[int(wildcards.number) * SHARD :][:SHARD]) for stage in STAGES],
    script:
        "run_steps.py"
"""
TARGETS = {
    "declared": 'expand("results/labels/toy/{who}/{trial}.txt", who=PEOPLE, trial=TRIALS),',
    "through": 'expand("results/through/{who}.{number}.json", who=PEOPLE, number=range(-(-len(TRIALS) // SHARD))),',
}
RULES = {"declared": DECLARED, "through": THROUGH}
RUN_STEPS = """
from pathlib import Path

from gaitload.cohorts.reader import load_cohort
from gaitload.config import parse_config
from gaitload.stages.job import jobs_of
from gaitload.stages.shard import run_shard, stage_module

config, results = parse_config({"cohorts": ["toy"]}), Path("results").resolve()
cohort = load_cohort(Path("workflow/cohorts/toy"), root=Path.cwd(), results=results)
for stage, trials in snakemake.params.steps:
    jobs = jobs_of(
        stage, trials, config=config, cohort=cohort, participant_id=snakemake.wildcards.who, results=results
    )
    place = results / "done" / "_".join([stage, snakemake.wildcards.who, *snakemake.wildcards[1:]])
    run_shard(stage_module(stage), jobs, manifest=place.with_suffix(".json"), log=place.with_suffix(".log"))
if snakemake.rule in ("whole", "through"):
    Path(snakemake.output[0]).touch()
"""


def write_design(folder: Path, name: str, people: list[str], trials: list[str], shard: int) -> None:
    """Put the Snakefile of a design, by its name in `RULES`, and its script into a folder of their own."""
    folder.mkdir(parents=True, exist_ok=True)
    head = HEAD.format(stages=STAGES, people=people, trials=trials, shard=shard, target=TARGETS[name])
    (folder / "Snakefile").write_text(head + RULES[name])
    (folder / "run_steps.py").write_text(RUN_STEPS)
