"""What the rules share: the configuration, the cohorts, and the functions of the workflow."""

import os
import re
import sys
from functools import cache
from importlib.metadata import version
from pathlib import Path

from gaitload.cohorts.reader import load_cohorts
from gaitload.config import parse_config
from gaitload.config.motion import INGEST_GATES
from gaitload.errors import GaitloadError
from gaitload.estimators import require_estimators
from gaitload.machine import memory_mb
from gaitload.models.registry import find_model
from gaitload.provenance import code_fingerprint
from gaitload.report.extent import PAGE, shown_s
from gaitload.stages.closing import closing_lines
from gaitload.stages.job import STATIC_STAGES, STAGES, SUBJECT_STAGES, aligned_stage, marker_sets_of
from gaitload.stages.manifests import losses_noted, note_losses
from gaitload.stages.planned import enough_for_a_study, has_part_in, require_study_sensors
from gaitload.study import EVERY_SET
from gaitload.windows.covariates import participant_covariates

# Not `workflow.basedir`: where this is imported as a module, that is the folder of the importer.
ROOT = Path(str(workflow.current_basedir)).parents[1]
try:
    CONFIG = parse_config(config)
    RESULTS = CONFIG.results_dir
    COHORTS = load_cohorts(CONFIG, root=ROOT, results=Path(RESULTS))
    require_estimators(CONFIG.study)
    model_source = find_model(CONFIG.model, CONFIG.model_family)
    for cohort in COHORTS.values():
        marker_sets_of(cohort, model_source)
        cohort.require_recordings()
except GaitloadError as error:
    sys.exit(f"\n{error}")  # An exception would be drowned by Snakemake's own account of where it was raised.
# The Snakemakes inside of jobs do not look: others are at work on products meanwhile.
MAIN = workflow.is_main_process
LOSSES = note_losses(Path(RESULTS), write=not workflow.dryrun) if MAIN else losses_noted(Path(RESULTS))
ALIGNED = aligned_stage(CONFIG)
MADE = [name for name, cohort in COHORTS.items() if cohort.spec.made_by]

MODEL_FILES = [
    os.path.relpath(path)
    for path in dict.fromkeys(
        [*sorted((ROOT / "opensim_models").rglob("*")), *sorted(model_source.family_dir.rglob("*")), Path(CONFIG.model)]
    )
    if path.is_file()
]
PAGE_FILES = [os.path.relpath(path) for path in sorted(PAGE.iterdir())]


if MAIN and workflow.local_exec and not {"mem", "mem_mb", "mem_mib"} & set(workflow.global_resources.keys()):
    # A node with many cores has not always memory for a job on each; through SLURM, the scheduler counts.
    workflow.register_resource("mem_mb", memory_mb())


wildcard_constraints:
    cohort="|".join(COHORTS),
    participant="|".join(sorted({person.participant_id for cohort in COHORTS.values() for person in cohort.movers})),
    shard=r"[1-9]\d*",
    stage="|".join(("recordings", *STAGES)),
    product=r"[^/.]+(/[^/]+)?\.[^/]+",
    until="|".join(STAGES),
    kind="predictions|models",
    study=re.escape(CONFIG.study.name),
    variant="|".join(re.escape(variant.name) for variant in CONFIG.study.variants().values()),
    sensor_set="|".join(map(re.escape, [*CONFIG.study.sensor_sets, EVERY_SET])),
    estimator="|".join(map(re.escape, CONFIG.study.estimators)),


def manifest(stage, shard):
    """Path pattern of the manifest of a shard."""
    return f"{RESULTS}/manifests/{stage}/{{cohort}}/{{participant}}/{shard}.json"


def log_of(stage, shard):
    """Path pattern of the log of a shard."""
    return f"{RESULTS}/logs/{stage}/{{cohort}}/{{participant}}/{shard}.log"


def benchmark_of(stage, shard):
    """Path pattern of the time and memory a shard took."""
    return f"{RESULTS}/benchmarks/{stage}/{{cohort}}/{{participant}}/{shard}.tsv"


def shards_of(cohort, participant):
    """Ids of the motion trials of each shard of a participant, by the shard's number."""
    trials = [row.trial_id for row in COHORTS[cohort].motions_of(participant)]
    size = CONFIG.shard_trials
    return {str(start // size + 1): trials[start : start + size] for start in range(0, len(trials), size)}


def whole_of(stage, product=""):
    """Name of the only shard of a participant, for what is done once for a person; else None."""
    if stage == "recordings":
        return "truth" if product.endswith(".truth.parquet") else "all"
    return "model" if stage in SUBJECT_STAGES else None


def shard_names(stage, cohort, participant):
    """Names of the jobs of a stage for a participant."""
    if whole_of(stage):
        return [whole_of(stage)]
    return [*(["static"] if stage in STATIC_STAGES else []), *shards_of(cohort, participant)]


def truths_of(cohorts):
    """Manifests of what really happened to everybody in some cohorts."""
    pattern = manifest("recordings", "truth")
    people = [(name, person.participant_id) for name in cohorts for person in COHORTS[name].movers]
    return [pattern.format(cohort=name, participant=participant) for name, participant in people]


def manifests_of(stage, cohorts=tuple(COHORTS)):
    """Manifests of a stage for everybody in some cohorts."""
    return [
        manifest(stage, shard).format(cohort=cohort, participant=person.participant_id)
        for cohort in cohorts
        if has_part_in(stage, COHORTS[cohort], CONFIG)
        for person in COHORTS[cohort].movers
        for shard in shard_names(stage, cohort, person.participant_id)
    ]


def manifests_until(wildcards):
    """Input function: manifests of a cohort of all stages up to one."""
    stages = STAGES[: STAGES.index(wildcards.until) + 1]
    return [path for stage in stages for path in manifests_of(stage, [wildcards.cohort])]


def manifest_of_product(wildcards):
    """Input function: manifest of the job that makes a product."""
    trial = re.split("[/.]", wildcards.product)[0]
    shards = shards_of(wildcards.cohort, wildcards.participant) | {"static": static_trials(wildcards)}
    shard = whole_of(wildcards.stage, wildcards.product) or next((name for name, trials in shards.items() if trial in trials), None)
    if shard is None:
        sys.exit(f"\n{wildcards.product}: trials.tsv of {wildcards.cohort} has no trial {trial} of {wildcards.participant}")
    return manifest(wildcards.stage, shard).format(**wildcards)


def tables_of(stage):
    """Tables of the verdicts up to a stage, of all cohorts that have a part in it."""
    return [f"{RESULTS}/quality/{name}.{stage}.tsv" for name in COHORTS if has_part_in(stage, COHORTS[name], CONFIG)]


def estimates_of(study):
    """Manifests of every estimator of a study on every sensor set."""
    return [f"{RESULTS}/manifests/estimators/{study.name}/{worn}/{estimator}.json" for worn, estimator in study.trainings()]


def manifest_of_estimates(wildcards):
    """Input function: manifest of the job that estimates in a variant of the study."""
    study, estimator = CONFIG.study, wildcards.estimator
    worn = EVERY_SET if study.is_masked(estimator) else wildcards.sensor_set
    return f"{RESULTS}/manifests/estimators/{study.name}/{worn}/{estimator}.json"


def bundles_of(study):
    """Bundles of every estimator of a study on every sensor set."""
    return [
        f"{RESULTS}/bundles/{study.name}/{sensor_set}/{estimator}.gaitload"
        for sensor_set, estimator in study.trainings()
        if sensor_set != EVERY_SET
    ]


@cache
def require_sensors_of_study():
    """Stop where a cohort lacks a sensor: when a training is planned, because others need not have those of the study."""
    try:
        require_study_sensors(COHORTS, CONFIG, model_source)
    except GaitloadError as error:
        sys.exit(f"\n{error}")


def study_of(wildcards):
    """Settings of the study that decide what one estimator makes of one sensor set."""
    require_sensors_of_study()
    variants = [variant.deciding(wildcards.estimator) for variant in CONFIG.study.variants().values()]
    sets = CONFIG.study.sensor_sets if wildcards.sensor_set == EVERY_SET else ()
    return {"variants": variants, "sensors": CONFIG.study.sensors_of(wildcards.sensor_set), "sets": sets}


def covariates_of(wildcards):
    """Params function: what participants.tsv says about everybody, of the covariates of the study."""
    return participant_covariates(CONFIG.study, COHORTS)


def trials_of_cohorts(wildcards):
    """Ids of all motion trials by `cohort/participant`."""
    return {
        f"{name}/{person.participant_id}": [row.trial_id for row in cohort.motions_of(person.participant_id)]
        for name, cohort in COHORTS.items()
        for person in cohort.movers
    }


def log_closing_lines(lines):
    """Hand the last lines of a run to the console; they come after the progress of all jobs.

    `lines` is a function: what it cannot say must not make a good run a failed one.
    """
    try:
        text = "\n".join(lines())
    except Exception as error:
        text = f"Done. The summary could not be made: {type(error).__name__}: {error}"
    logger.info(text, extra={"closing": True})


FINGERPRINTS = {}


def code_of(module):
    """Params function: fingerprint of the code of a job.

    A function, as it takes a tenth of a second for each module: so a Snakemake inside of a job takes that of its job alone.
    """

    def fingerprint(wildcards):
        if module not in FINGERPRINTS:
            FINGERPRINTS[module] = code_fingerprint(module)
        return FINGERPRINTS[module]

    return fingerprint


def versions(*packages):
    """Versions of packages whose code decides numbers and is not read by `code_fingerprint`."""
    return {name: version(name) for name in packages}


def motion_trials(wildcards):
    """Ids of the trials of a shard."""
    return shards_of(wildcards.cohort, wildcards.participant)[wildcards.shard]


def static_trials(wildcards):
    """Ids of the static trials."""
    return [row.trial_id for row in COHORTS[wildcards.cohort].statics_of(wildcards.participant)]


def markers_and_forces(cohort, row):
    """Recordings of a trial."""
    return cohort.files_of(row)


def sensor_folder(cohort, row):
    """Folder of what the inertial sensors of a trial recorded, if it has any."""
    return [cohort.raw_dir / row.imu_dir] if row.imu_dir else []


def external_files(cohort, row):
    """Files of the external columns of a trial, and of the events of their cycles."""
    return [*(cohort.external_file(row, source) for source in cohort.external_of(row).values()), *cohort.files_of(row)]


def of_shard(*stages):
    """Input function: manifests of those of some stages that a cohort has a part in, of one shard."""

    def paths(wildcards):
        own = [stage for stage in stages if has_part_in(stage, COHORTS[wildcards.cohort], CONFIG)]
        return [manifest(stage, whole_of(stage) or wildcards.shard).format(**wildcards) for stage in own]

    return paths


def of_person(stage, wildcards):
    """Manifests of a stage for all motions of a person."""
    return [path for path in manifests_of(stage, [wildcards.cohort]) if Path(path).parent.name == wildcards.participant]


def recordings_made(wildcards):
    """Input function: manifest of the recordings of a participant, where the workflow makes them."""
    return manifest("recordings", "all").format(**wildcards) if wildcards.cohort in MADE else []


def stamps(kind, trials):
    """Params function: sizes and times (ns) of the recordings of some trials, where the workflow does not make them.

    They are no inputs: a recording that goes during a run would stop all of it, where a stage lets its trial alone fail,
    and names that come from files would reach the command lines of a cluster.
    """

    def by_name(wildcards):
        cohort = COHORTS[wildcards.cohort]
        rows = [row for row in cohort.trials_of(wildcards.participant) if row.trial_id in trials(wildcards)]
        paths = [path for row in rows for path in kind(cohort, row)] if not cohort.spec.made_by else []
        files = {file for path in paths for file in ([path] if path.is_file() else path.rglob("*"))}
        found = {file: file.stat() for file in sorted(files) if file.is_file()}
        return {os.path.relpath(file, cohort.raw_dir): [at.st_size, at.st_mtime_ns] for file, at in found.items()}

    return by_name


def trials_of_person(wildcards):
    """Ids of all trials of a participant, over all shards."""
    return [row.trial_id for row in COHORTS[wildcards.cohort].trials_of(wildcards.participant)]


def labels_of(wildcards):
    """Input function: manifests of the last stages of a participant."""
    return of_person("labels", wildcards) + of_person(ALIGNED, wildcards)


def parts_of(cohorts=tuple(COHORTS)):
    """What the page of the report says about everybody in some cohorts."""
    return [
        f"{RESULTS}/report/parts/{cohort}/{person.participant_id}.json"
        for cohort in cohorts
        for person in COHORTS[cohort].movers
    ]


def shown(path, caption, category, patterns=(), **labels):
    """An output that `snakemake --report` shows, with a caption of workflow/report/."""
    folder = {"patterns": list(patterns)} if patterns else {}
    return report(path, caption=f"../report/{caption}.rst", category=category, labels=labels, **folder)


def made_rows(wildcards):
    """Params function: what the tables of a cohort that is made say about the recordings of a person."""
    whole, participant = COHORTS[wildcards.cohort], wildcards.participant
    return {
        "laboratory": whole.spec.model_dump(mode="json", include={"lab_forward", "lab_up", "marker_set", "imu_files", "imu_rate_hz", "imu_columns"}),
        "participant": whole.by_id[participant].model_dump(include={"participant_id", "sex", "mass_kg", "height_m", "marker_set"}),
        "trials": [
            row.model_dump(include={"trial_id", "role", "activity", "file", "imu_dir"})
            for row in whole.trials_of(participant)
        ],
    }


def lost(pattern):
    """Params function: what was found missing of the products of a job, by the path pattern of its manifest."""
    return lambda wildcards: LOSSES.get(os.path.relpath(pattern.format(**wildcards), f"{RESULTS}/manifests"), "")


def rows(trials):
    """Params function: what the cohort's tables say about a participant and some trials."""

    def plain(wildcards):
        cohort = COHORTS[wildcards.cohort]
        chosen = [row for row in cohort.trials_of(wildcards.participant) if row.trial_id in trials(wildcards)]
        laboratory = cohort.spec.model_dump(mode="json", include={"lab_forward", "lab_up", "treadmill", "marker_set", "marker_rate_hz", "marker_length_unit", "imu_files", "imu_forward", "imu_rate_hz", "imu_columns", "external", "source", "licence"})
        person = cohort.by_id[wildcards.participant].deciding_labels()
        return {"laboratory": laboratory, "participant": person, "trials": [row.model_dump() for row in chosen]}

    return plain


def settings(*names, **only):
    """Parts of the configuration as plain values, so that Snakemake sees a change; of some sections only some values."""
    everything = CONFIG.model_dump(mode="json")
    # A model is what it is together with its family.
    parts = {name: everything[name] for name in ([*names, "model_family"] if "model" in names else names)}
    return parts | {name: {key: parts[name][key] for key in keys} for name, keys in only.items()}


def by_engine(*, tools, others):
    """One number for OpenSim's own tools, which take minutes a trial, and one for the engines, which take seconds."""
    return tools if CONFIG.engine == "tools" else others


def growing(start, per_trial=0):
    """Resource function: grows with the trials of a shard, and again with each attempt."""

    def amount(wildcards, attempt):
        trials = len(motion_trials(wildcards)) if "shard" in wildcards.keys() else 1
        return attempt * (start + per_trial * trials)

    return amount
