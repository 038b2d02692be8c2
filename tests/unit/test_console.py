"""The console of a run on a terminal, by records as Snakemake sends them."""

from __future__ import annotations

import contextlib
import io
import logging
import re
from types import SimpleNamespace

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from snakemake_logger_plugin_gaitload import LogHandler


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def _record(event: LogEvent | None, message: str = "", level: int = logging.INFO, **fields) -> logging.LogRecord:
    record = logging.LogRecord("snakemake", level, "", 0, message, None, None)
    record.__dict__.update(fields | {"event": event})
    return record


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal that can move its cursor."""
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


def _handler(terminal: Terminal, **settings) -> LogHandler:
    defaults = {"stdout": False, "dryrun": False, "verbose": False, "debug_dag": False, "nocolor": True}
    with contextlib.redirect_stderr(terminal):
        handler = LogHandler(SimpleNamespace(**defaults | settings), None)
    handler.setFormatter(logging.Formatter("%(message)s"))
    return handler


def test_a_bar_follows_jobs_to_their_end_and_gives_way_to_the_last_lines(terminal: Terminal) -> None:
    handler = _handler(terminal)
    handler.emit(_record(LogEvent.RUN_INFO, stats={"ingest_motion": 2, "total": 2}))
    for job in (1, 2):
        about = {"jobid": job, "rule_name": "ingest_motion", "rule_msg": f"Reading walk{job}"}
        handler.emit(_record(LogEvent.JOB_INFO, **about))
        handler._bar.refresh()
        handler.emit(_record(LogEvent.JOB_FINISHED, job_id=job))
    handler._bar.refresh()
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.getvalue())
    assert re.search(r"0%  0 of 2 jobs  0:0\d  Reading walk1", shown)
    assert re.search(r"50%  1 of 2 jobs  0:0\d.*  Reading walk2", shown)
    assert "100%  2 of 2 jobs" in shown
    handler.emit(_record(None, "lab: 2 trials, 2 passed", closing=True))
    handler.close()
    assert terminal.getvalue().rstrip().endswith("lab: 2 trials, 2 passed")
    assert handler._bar is None


def test_an_error_is_shown_while_the_bar_goes_on(terminal: Terminal) -> None:
    handler = _handler(terminal)
    handler.emit(_record(LogEvent.RUN_INFO, stats={"ingest_motion": 2, "total": 2}))
    handler.emit(_record(LogEvent.JOB_INFO, jobid=1, rule_name="ingest_motion", rule_msg="Reading walk1"))
    handler.emit(_record(LogEvent.JOB_ERROR, "Error in rule ingest_motion", logging.ERROR, jobid=1))
    handler._bar.refresh()
    shown = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", terminal.getvalue())
    assert "Error in rule ingest_motion\n" in shown
    assert shown.rpartition("0%")[2].strip().startswith("0 of 2 jobs") and "walk1" not in shown.rpartition("0%")[2]
    handler.close()


def test_other_messages_of_snakemake_are_left_to_its_log(terminal: Terminal) -> None:
    handler = _handler(terminal)
    handler.emit(_record(None, "Select jobs to execute..."))
    assert terminal.getvalue() == ""
    _handler(terminal, verbose=True).emit(_record(None, "Select jobs to execute..."))
    assert "Select jobs to execute..." in terminal.getvalue()
