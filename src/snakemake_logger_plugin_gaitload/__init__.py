"""Console of the workflow: one line of progress in place of Snakemake's messages, which go to its log file.

A Snakemake logger plugin has to be a package of its own with this name. Dry runs, `--verbose` and `--debug-dag` show
Snakemake's messages as they are; so do errors and warnings of all runs.
"""

from __future__ import annotations

import logging
import sys
import time

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task
from rich.progress import Progress as Bar
from rich.text import Text
from snakemake.logging import ColorizingTextHandler, get_event
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from gaitload.progress import Progress

SHOWN = ("Nothing to be done", "Complete log")
"""Beginnings of the messages of Snakemake that a reader of the console needs."""


class LogHandler(LogHandlerBase):
    """Shows the progress of a run: a bar on a terminal, else single lines."""

    writes_to_stream = True
    writes_to_file = False
    has_filter = False
    has_formatter = False
    needs_rulegraph = False

    def __post_init__(self) -> None:
        settings = self.common_settings
        stream = sys.stdout if settings.stdout else sys.stderr
        self._as_it_is = settings.dryrun or settings.verbose or settings.debug_dag
        self._snakemake = ColorizingTextHandler(nocolor=settings.nocolor, stream=stream)
        self._console = Console(file=stream, highlight=False, soft_wrap=True)
        self._progress: Progress | None = None
        self._bar: Bar | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Show a record of Snakemake, or what it says about the progress."""
        try:
            if self._as_it_is or record.levelno >= logging.WARNING:
                self._pass_on(record)
            else:
                self._follow(record)
        except Exception:
            self.handleError(record)

    def close(self) -> None:
        """Leave the terminal as it was."""
        self._stop_bar()
        super().close()

    def _pass_on(self, record: logging.LogRecord) -> None:
        if get_event(record) == LogEvent.JOB_ERROR and self._progress:
            self._progress.fail(record.jobid)
            self._update_bar()
        if not self._bar:
            self._snakemake.setFormatter(self.formatter)
            self._snakemake.emit(record)
        elif text := self.format(record):
            self._console.print(text, markup=False)

    def _follow(self, record: logging.LogRecord) -> None:
        event = get_event(record)
        if event == LogEvent.RUN_INFO and hasattr(record, "stats"):
            counts = {rule: count for rule, count in record.stats.items() if rule != "total"}
            self._progress = Progress(counts, time.monotonic())
            self._console.print(f"{self._progress.jobs} jobs")
            self._start_bar()
        elif event == LogEvent.JOB_INFO and self._progress:
            self._progress.start(record.jobid, record.rule_name, record.rule_msg or record.rule_name)
            if not self._bar and (line := self._progress.line_due(time.monotonic())):
                self._console.print(line, markup=False)
        elif event == LogEvent.JOB_FINISHED and self._progress:
            self._progress.finish(record.job_id)
            self._update_bar()
        elif getattr(record, "closing", False) or (event is None and record.getMessage().startswith(SHOWN)):
            self._stop_bar()
            self._console.print(record.getMessage(), markup=False)

    def _start_bar(self) -> None:
        if self._console.is_terminal:
            self._bar = Bar(BarColumn(16), _Line(self._progress), console=self._console, transient=True)
            self._task = self._bar.add_task("", total=1.0)
            self._bar.start()

    def _update_bar(self) -> None:
        if self._bar:
            self._bar.update(self._task, completed=self._progress.share)

    def _stop_bar(self) -> None:
        if self._bar:
            self._bar.stop()
            self._bar = None


class _Line(ProgressColumn):
    """The line of the progress beside the bar; drawn anew as time passes."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress

    def render(self, task: Task) -> Text:
        """Jobs, time taken, time left, current step."""
        return Text(self._progress.describe(time.monotonic()), no_wrap=True, overflow="ellipsis")
