"""From the raw recordings of a cohort to structure-specific loads.

The rules follow the data, one file a stage; the only functions are in workflow/rules/common.smk.
"""

from snakemake.utils import min_version

min_version("9.20")


configfile: f"{workflow.basedir}/config.yaml"


report: "workflow/report/workflow.rst"


include: "workflow/rules/common.smk"
include: "workflow/rules/record.smk"
include: "workflow/rules/ingest.smk"
include: "workflow/rules/scale.smk"
include: "workflow/rules/kinematics.smk"
include: "workflow/rules/loads.smk"
include: "workflow/rules/uncertainty.smk"
include: "workflow/rules/labels.smk"
include: "workflow/rules/sensors.smk"
include: "workflow/rules/sync.smk"
include: "workflow/rules/imu_kinematics.smk"
include: "workflow/rules/imu_loads.smk"
include: "workflow/rules/aligned.smk"
include: "workflow/rules/estimators.smk"
include: "workflow/rules/evaluation.smk"
include: "workflow/rules/table.smk"
include: "workflow/rules/truth.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    localrule: True
    message:
        "Cohorts done; open {input.page} in a browser"
    input:
        page=rules.build_report.output.page,
        tables=[f"{RESULTS}/quality/{cohort}.tsv" for cohort in COHORTS],
        truths=[f"{RESULTS}/quality/{cohort}.truth.tsv" for cohort in MADE],
        comparison=f"{RESULTS}/evaluation/{CONFIG.study.name}.summary.tsv" if enough_for_a_study(COHORTS, CONFIG) else [],


rule report:
    localrule: True
    message:
        "Open {input.page} in a browser"
    input:
        page=rules.build_report.output.page,


for stage in STAGES:

    rule:
        name:
            stage
        localrule: True
        message:
            "Done up to here: {rule}"
        input:
            manifests=manifests_of(stage),


rule estimators:
    localrule: True
    message:
        "Estimates done: results/predictions/{CONFIG.study.name}"
    input:
        manifests=estimates_of(CONFIG.study),


rule evaluation:
    localrule: True
    message:
        "Comparison done: {input.summary}"
    input:
        summary=f"{RESULTS}/evaluation/{CONFIG.study.name}.summary.tsv",
