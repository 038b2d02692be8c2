"""What the console says about the progress of a run."""

from gaitload.progress import LINES, SECONDS_OF_RULE, Progress, clock


def test_the_share_and_the_time_left_follow_the_expected_time_not_the_number_of_jobs() -> None:
    progress = Progress({"record_participant": 1, "ingest_motion": 20}, begun_s=100.0)
    assert progress.remaining_s(130.0) is None
    progress.start(1, "record_participant", "Making the recordings of p1")
    progress.finish(1)
    assert progress.share == SECONDS_OF_RULE["record_participant"] / 120  # Twenty other jobs of 3 s are expected.
    assert progress.remaining_s(130.0) == 30.0


def test_the_current_step_is_the_one_that_began_first_of_those_that_run() -> None:
    progress = Progress({"ingest_motion": 3}, begun_s=0.0)
    for job in (1, 2):
        progress.start(job, "ingest_motion", f"Reading {job}")
    progress.fail(1)
    assert progress.describe(5.0) == "  0%  0 of 3 jobs  0:05  Reading 2"
    progress.finish(2)
    progress.start(3, "ingest_motion", "Reading 3")
    assert progress.describe(6.0) == " 33%  1 of 3 jobs  0:06, about 0:12 left  Reading 3"


def test_a_run_of_many_jobs_says_few_lines() -> None:
    progress = Progress({"ingest_motion": 1000}, begun_s=0.0)
    lines = []
    for job in range(1000):
        progress.start(job, "ingest_motion", "Reading")
        lines.append(progress.line_due(float(job)))
        progress.finish(job)
    assert 10 < sum(line is not None for line in lines) <= LINES + 1


def test_durations_read_as_clocks_do() -> None:
    assert [clock(seconds) for seconds in (0.4, 59.6, 61, 3600, 7384)] == ["0:00", "1:00", "1:01", "1:00:00", "2:03:04"]
