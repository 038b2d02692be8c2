"""From the raw recordings of a cohort to structure-specific loads.

The rules follow the data, one file a stage; the only functions are in workflow/rules/common.smk.
"""

from snakemake.utils import min_version

min_version("9.20")


configfile: f"{workflow.current_basedir}/config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/record.smk"
include: "workflow/rules/ingest.smk"
include: "workflow/rules/force_lag.smk"
include: "workflow/rules/scale.smk"
include: "workflow/rules/kinematics.smk"
include: "workflow/rules/loads.smk"
include: "workflow/rules/uncertainty.smk"
include: "workflow/rules/labels.smk"
include: "workflow/rules/external.smk"
include: "workflow/rules/sensors.smk"
include: "workflow/rules/sync.smk"
include: "workflow/rules/imu_kinematics.smk"
include: "workflow/rules/imu_loads.smk"
include: "workflow/rules/aligned.smk"
include: "workflow/rules/estimators.smk"
include: "workflow/rules/evaluation.smk"
include: "workflow/rules/bundle.smk"
include: "workflow/rules/table.smk"
include: "workflow/rules/truth.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/product.smk"


rule all:
    """Everything: labels, tables, studies and the report (the default)."""
    default_target: True
    localrule: True
    message:
        "Cohorts done; open {input.page} in a browser"
    input:
        page=rules.build_report.output.page,
        tables=[f"{RESULTS}/quality/{cohort}.tsv" for cohort in COHORTS],
        truths=[f"{RESULTS}/quality/{cohort}.truth.tsv" for cohort in MADE],
        comparison=f"{RESULTS}/evaluation/{CONFIG.study.name}.summary.tsv" if enough_for_a_study(COHORTS, CONFIG) else [],


rule recordings:
    """The recordings of all synthetic cohorts."""
    localrule: True
    message:
        "Recordings made: {RESULTS}/recordings"
    input:
        manifests=manifests_of("recordings", MADE),
        truths=truths_of(MADE),


for stage in STAGES:

    rule:
        """Everything up to the stage of this name, and the tables of verdicts up to it."""
        name:
            stage
        localrule: True
        message:
            "Done up to here: {rule}; verdicts in {input.tables}"
        input:
            manifests=manifests_of(stage),
            tables=tables_of(stage),


rule estimators:
    """The estimates of every estimator of the study on every sensor set."""
    localrule: True
    message:
        "Estimates done: {RESULTS}/predictions/{CONFIG.study.name}"
    input:
        manifests=estimates_of(CONFIG.study),


rule bundles:
    """Every estimator of the study on every sensor set as a file that is used without the study."""
    localrule: True
    message:
        "Bundles done: {RESULTS}/bundles/{CONFIG.study.name}"
    input:
        bundles=bundles_of(CONFIG.study),


rule evaluation:
    """The comparison of the estimators of the study."""
    localrule: True
    message:
        "Comparison done: {input.summary}"
    input:
        summary=f"{RESULTS}/evaluation/{CONFIG.study.name}.summary.tsv",


rule report:
    """The report: one page that opens without a network."""
    localrule: True
    message:
        "Open {input.page} in a browser"
    input:
        page=rules.build_report.output.page,


onsuccess:
    log_closing_lines(lambda: closing_lines(CONFIG, COHORTS, Path(RESULTS), workflow.dag_settings.targets))


onerror:
    log_closing_lines(
        lambda: [
            "The run did not finish. Jobs that failed are named above; each has a log in "
            f"{RESULTS}/logs. All that was finished is kept: the same command continues."
        ]
    )
