"""What a run says on the console without a terminal."""

import re


def test_a_run_says_one_screen_that_ends_with_the_verdicts_and_the_report(project) -> None:
    said = project.snakemake("--forceall").splitlines()
    assert len(said) <= 60
    assert "21 jobs" in said
    assert any(re.fullmatch(r" *\d+%  +\d+ of 21 jobs  \d+:\d\d.*  Solving .* of toy/anna", line) for line in said)
    verdicts = next(number for number, line in enumerate(said) if line.startswith("toy: 5 trials, 5 passed"))
    assert said[verdicts + 1].startswith("Report: results/report/index.html")
    assert said[verdicts + 2].startswith("Next: gaitload new-cohort")
    assert "Shutting down" not in "\n".join(said)


def test_a_run_to_a_stage_ends_with_the_verdicts_up_to_it(project) -> None:
    said = project.snakemake("labels", "--forceall")
    assert "toy: 5 trials, 5 passed (why: results/quality/toy.labels.tsv)" in said
    assert "Report:" not in said


def test_a_run_that_fails_shows_the_error_and_how_to_go_on(project) -> None:
    project.edit("recordings/anna/walk1.txt", "anna walk1", "crash me")
    said = project.snakemake(check=False)
    assert "Error in rule ingest_motion" in said and "SHARD_INCOMPLETE" in said
    assert "the same command continues" in said


def test_snakemakes_own_messages_are_in_its_log_and_shown_on_request(project) -> None:
    project.edit("recordings/anna/walk1.txt", "anna walk1", "recorded again")
    assert "Select jobs to execute" not in project.snakemake("ingest")
    log = max((project.root / ".snakemake" / "log").glob("*.log"))
    assert "Select jobs to execute" in log.read_text()
    project.edit("recordings/anna/walk1.txt", "recorded again", "recorded once more")
    assert "Select jobs to execute" in project.snakemake("ingest", "--verbose")
