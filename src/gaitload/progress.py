"""How far a run of the workflow is: jobs done, the current step, and the time that is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SECONDS_OF_RULE = {
    "record_participant": 60.0,
    "scale_model": 6.0,
    "solve_kinematics": 5.0,
    "solve_loads": 8.0,
    "estimate_uncertainty": 15.0,
    "train_estimator": 12.0,
    "evaluate_study": 12.0,
    "picture_participant": 10.0,
    "build_bundle": 10.0,
}
"""Median wall time of a job of the embedded cohort. Only the ratios matter: a run is held against its own pace."""
OTHER_RULE_S = 3.0
LINES = 20
"""Greatest number of lines that a run without a terminal prints about its progress."""


@dataclass
class Progress:
    """Jobs of one run.

    Attributes
    ----------
    counts : mapping of str to int
        Jobs by rule.
    begun_s : float
        Clock when the first job could start.
    running : dict of int to (str, str)
        Rule and description of each job that has started and not ended, in the order of starts.
    """

    counts: Mapping[str, int]
    begun_s: float
    done: int = 0
    running: dict[int, tuple[str, str]] = field(default_factory=dict)
    _expected_s: float = 0.0
    _said_share: float = -1.0

    @property
    def jobs(self) -> int:
        """Number of jobs of the run."""
        return sum(self.counts.values())

    @property
    def share(self) -> float:
        """Share of the expected work that is done (0 to 1)."""
        whole_s = sum(count * expected_s(rule) for rule, count in self.counts.items())
        return min(self._expected_s / whole_s, 1.0) if whole_s else 1.0

    def start(self, job: int, rule: str, description: str) -> None:
        """A job has started."""
        self.running[job] = (rule, description)

    def finish(self, job: int) -> None:
        """A job has ended well."""
        rule, _ = self.running.pop(job, ("", ""))
        self.done += 1
        self._expected_s += expected_s(rule)

    def fail(self, job: int) -> None:
        """A job has failed; it counts as not done."""
        self.running.pop(job, None)

    def remaining_s(self, now_s: float) -> float | None:
        """Time left at the pace so far; None before anything is done."""
        if not self.share:
            return None
        return (now_s - self.begun_s) * (1 - self.share) / self.share

    @property
    def step(self) -> str:
        """Description of the job that started first of those that run."""
        running = list(self.running.values())  # A copy: the bar asks from another thread.
        return running[0][1] if running else ""

    def describe(self, now_s: float) -> str:
        """One line: share, jobs, time taken, time left, current step."""
        left_s = self.remaining_s(now_s)
        left = f", about {clock(left_s)} left" if left_s else ""
        jobs = f"{self.done:>{len(str(self.jobs))}} of {self.jobs} jobs"
        return f"{self.share:>4.0%}  {jobs}  {clock(now_s - self.begun_s)}{left}  {self.step}".rstrip()

    def line_due(self, now_s: float) -> str | None:
        """The line of `describe` where it is time for one, else None."""
        if self.share < self._said_share + 1 / LINES:
            return None
        self._said_share = self.share
        return self.describe(now_s)


def expected_s(rule: str) -> float:
    """Wall time that a job of a rule is expected to take."""
    return SECONDS_OF_RULE.get(rule, OTHER_RULE_S)


def clock(seconds: float) -> str:
    """A duration as `0:48` (minutes and seconds) or `2:05:00`."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
