"""Everything that was made to one page that opens without a network, its drawings, and their numbers."""


rule picture_participant:
    """Draw the trials of a participant for the report."""
    message:
        "Drawing the trials of {wildcards.cohort}/{wildcards.participant}"
    input:
        manifests=labels_of,
        models=MODEL_FILES,
    output:
        part=f"{RESULTS}/report/parts/{{cohort}}/{{participant}}.json",
        figures=shown(directory(f"{RESULTS}/report/figures/{{cohort}}/{{participant}}"), "loads", "Loads", ["{trial}/loads.svg"], cohort="{cohort}", person="{participant}", trial="{trial}"),
        data=directory(f"{RESULTS}/report/data/{{cohort}}/{{participant}}"),
    log:
        f"{RESULTS}/logs/report/{{cohort}}/{{participant}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/report/{{cohort}}/{{participant}}.tsv"
    params:
        shown_s=shown_s(CONFIG, COHORTS),
        rows=rows(trials_of_person),
        settings=settings("model", "gates", "report"),
        code=code_of("gaitload.report.part"),
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(30),
    script:
        "../scripts/picture_participant.py"


rule build_report:
    """Put the report together: one page that opens without a network."""
    message:
        "Building the page of all cohorts"
    input:
        parts=parts_of(),
        tables=[f"{RESULTS}/quality/{cohort}.tsv" for cohort in COHORTS],
        truths=[f"{RESULTS}/quality/{cohort}.truth.tsv" for cohort in MADE],
        comparison=f"{RESULTS}/evaluation/{CONFIG.study.name}.summary.tsv" if enough_for_a_study(COHORTS, CONFIG) else [],
        page=PAGE_FILES,
    output:
        page=shown(f"{RESULTS}/report/index.html", "page", "Report", page="all cohorts"),
        figures=shown(directory(f"{RESULTS}/report/figures/all"), "whole", "Cohorts and studies", ["{figure}.svg"], figure="{figure}"),
        data=directory(f"{RESULTS}/report/data/all"),
    log:
        f"{RESULTS}/logs/report/page.log",
    benchmark:
        f"{RESULTS}/benchmarks/report/page.tsv"
    params:
        cohorts={name: cohort.spec.model_dump() for name, cohort in COHORTS.items()},
        settings=CONFIG.model_dump(mode="json"),
        code=code_of("gaitload.report.build"),
    threads: 1
    resources:
        mem_mb=growing(1500),
        runtime=growing(10),
    script:
        "../scripts/build_report.py"
