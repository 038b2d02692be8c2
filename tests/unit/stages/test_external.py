"""External columns of trials without markers, from files to the aligned table, and what is refused on the way."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaitload.cohorts.tables import Cohort
from gaitload.config import parse_config
from gaitload.errors import ConfigError, DataError
from gaitload.io.tables import read_table
from gaitload.quality import Quality, Verdict, read_quality
from gaitload.stages.external import columns_at
from gaitload.stages.job import STAGES, jobs_of
from gaitload.stages.planned import has_part_in
from gaitload.stages.shard import run_shard, stage_module
from tests.external_laboratory import TIME_S, TRIALS, external_laboratory


@pytest.fixture
def laboratory(tmp_path: Path) -> Callable[..., Cohort]:
    """Writes a cohort of external columns alone."""
    return partial(external_laboratory, tmp_path)


def _run(cohort, results: Path, stage: str, trials=TRIALS, **settings) -> Quality:
    config = parse_config(settings)
    jobs = jobs_of(stage, trials, config=config, cohort=cohort, participant_id="p1", results=results)
    run_shard(stage_module(stage), jobs, results / "manifests" / f"{stage}.json", results / f"{stage}.log")
    return read_quality(jobs[0].product(stage, ".quality.json"))


def test_a_cohort_of_external_columns_alone_runs_from_aligned_on(laboratory, tmp_path: Path) -> None:
    cohort, results = laboratory(), tmp_path / "results"
    assert _run(cohort, results, "external").verdict is Verdict.PASSED
    assert _run(cohort, results, "aligned").verdict is Verdict.PASSED
    values, meanings, document = read_table(results / "aligned/lab/p1/one.parquet")
    assert set(values) == {"time_s", "angle_r_rad", "emg_soleus_r_share", "emg_tibant_r_share"}
    angle = np.radians(20.0) * np.sin(2.0 * np.pi * values["time_s"])
    assert values["angle_r_rad"][50:500] == pytest.approx(angle[50:500], abs=1e-3)
    assert meanings["angle_r_rad"]["verdict"] == "passed"
    assert meanings["emg_soleus_r_share"]["muscles"] == ["soleus"]
    assert document["trial"]["trial_id"] == "one"
    assert [stage for stage in STAGES if has_part_in(stage, cohort, parse_config({}))] == ["external", "aligned"]


def _peaks(results: Path) -> dict[str, float]:
    tables = {trial: read_table(results / f"external/lab/p1/{trial}.parquet")[0] for trial in TRIALS}
    return {trial: float(np.nanmax(values["emg_soleus_r_share"])) for trial, values in tables.items()}


def test_without_a_marked_reference_the_loudest_trial_is_on_another_scale_and_says_so(laboratory, tmp_path) -> None:
    """Trials are 1, 2 and 3 times as loud: the loudest is divided by the second, the others by the loudest."""
    cohort, results = laboratory(), tmp_path / "results"
    _run(cohort, results, "external")
    peaks = _peaks(results)
    assert peaks["one"] == pytest.approx(1 / 3, rel=0.3)
    assert peaks["three"] == pytest.approx(3 / 2, rel=0.3)
    codes = {trial: _doubts(results, trial) for trial in TRIALS}
    assert codes == {"one": set(), "two": set(), "three": {"EMG_SCALE"}}


def test_a_marked_reference_puts_all_trials_on_one_scale_and_itself_in_doubt(laboratory, tmp_path: Path) -> None:
    cohort, results = laboratory(cells={"emg_reference": "true"}), tmp_path / "results"
    _run(cohort, results, "external")
    peaks = _peaks(results)
    assert peaks["one"] == pytest.approx(1.0, rel=0.01)
    assert peaks["two"] == pytest.approx(2.0, rel=0.3)
    assert peaks["three"] == pytest.approx(3.0, rel=0.3)
    assert {trial: _doubts(results, trial) for trial in TRIALS} == {"one": {"EMG_SCALE"}, "two": set(), "three": set()}


def _doubts(results: Path, trial: str) -> set[str]:
    gates = read_quality(results / f"external/lab/p1/{trial}.quality.json").gates
    return {gate.code for gate in gates if gate.verdict in (Verdict.WARNED, Verdict.FAILED)}


def test_envelopes_come_later_by_the_electromechanical_delay(laboratory, tmp_path: Path) -> None:
    cohort = laboratory()
    found = {}
    for delay_s in (0.0, 0.1):
        results = tmp_path / f"results{delay_s}"
        _run(cohort, results, "external", emg={"delay_s": delay_s})
        values, _, _ = read_table(results / "external/lab/p1/one.parquet")
        found[delay_s] = np.interp(np.arange(0.5, 2.0, 0.01), values["time_s"], values["emg_soleus_r_share"])
    assert found[0.1][10:] == pytest.approx(found[0.0][:-10], abs=0.02)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"encoder": {"unit": "rad"}}, ("EXTERNAL_UNIT", "in deg it would fit")),
        ({"spoil": lambda columns: {k: v for k, v in columns.items() if k != "tibant"}}, ("COLUMNS_MISSING", "tibant")),
        ({"source": {"rate_hz": 200}}, ("EXTERNAL_RATE", "times at 1000 Hz")),
        ({"source": {"clock": "own"}}, ("EXTERNAL_OFFSET", "external_offset_s in trials.tsv")),
        ({"source": {"time": "clock"}}, ("COLUMNS_MISSING", "columns clock")),
        ({"source": {"time": "Time_s"}}, ("COLUMNS_MISSING", "time_s is the nearest to Time_s")),
        ({"source": {"rate_hz": None, "time_unit": "ms"}}, ("EXTERNAL_RATE", "in s they would fit")),
        ({"spoil": lambda columns: columns | {"time_s": TIME_S.round(2)}}, ("EXTERNAL_TIME", "leave `time` out")),
        ({"spoil": lambda columns: columns | {"angle": "error"}}, ("COLUMNS_CELL", "'error' in line 2")),
        ({"spoil": lambda columns: {k: v[::20] for k, v in columns.items()}, "source": {"rate_hz": 50}}, ("EMG_RATE",)),
    ],
    ids=["unit", "channel", "rate", "clock", "time", "capitals", "time unit", "rounded", "word", "envelope for raw"],
)
def test_what_cannot_be_right_is_refused_with_a_clear_message(given: dict, words: tuple, laboratory, tmp_path) -> None:
    cohort, results = laboratory(**given), tmp_path / "results"
    quality = _run(cohort, results, "external", trials=("one",))
    assert quality.verdict is Verdict.REFUSED
    assert quality.gates[0].code == words[0]
    for word in words[1:]:
        assert word in f"{quality.gates[0].reason} {quality.numbers['refusal']['do']}"
    refused = _run(cohort, results, "aligned", trials=("one",))
    assert refused.gates[0].code == words[0]


def test_a_dead_electromyogram_fails_its_column_alone(laboratory, tmp_path: Path) -> None:
    cohort = laboratory(spoil=lambda columns: columns | {"tibant": np.full(len(TIME_S), 0.013)})
    results = tmp_path / "results"
    quality = _run(cohort, results, "external")
    (dead,) = [gate for gate in quality.gates if gate.verdict is Verdict.FAILED]
    assert dead.code == "EMG_DEAD"
    assert "emg_tibant_r_share" in dead.reason and "electrode came off" in dead.reason
    _, meanings, _ = read_table(results / "external/lab/p1/one.parquet")
    assert meanings["emg_tibant_r_share"]["verdict"] == "failed"
    assert meanings["emg_soleus_r_share"]["verdict"] == "passed"


def test_electromyograms_without_a_reference_fail_and_the_encoder_stays(laboratory, tmp_path: Path) -> None:
    cohort, results = laboratory(), tmp_path / "results"
    for trial in TRIALS[1:]:
        (tmp_path / "raw" / f"{trial}.csv").unlink()
    _run(cohort, results, "external", trials=("one",))
    values, meanings, _ = read_table(results / "external/lab/p1/one.parquet")
    assert meanings["emg_soleus_r_share"]["reasons"] == ["EMG_NO_REFERENCE"]
    assert np.isnan(values["emg_soleus_r_share"]).all()
    assert meanings["angle_r_rad"]["verdict"] == "passed"
    assert _run(cohort, results, "aligned", trials=("one",)).verdict is Verdict.PASSED


def test_a_channel_that_is_dead_in_the_other_motions_has_no_reference(laboratory, tmp_path: Path) -> None:
    cohort, results = laboratory(), tmp_path / "results"
    for seed, trial in enumerate(TRIALS[1:]):
        path = tmp_path / "raw" / f"{trial}.csv"
        noise = 1e-3 * np.random.default_rng(seed).normal(size=len(TIME_S))
        pd.read_csv(path).assign(tibant=noise).to_csv(path, index=False)
    _run(cohort, results, "external", trials=("one",))
    _, meanings, _ = read_table(results / "external/lab/p1/one.parquet")
    assert meanings["emg_tibant_r_share"]["reasons"] == ["EMG_NO_REFERENCE"]
    assert meanings["emg_soleus_r_share"]["verdict"] == "passed"


def test_motions_that_would_read_the_same_rows_are_refused(laboratory) -> None:
    with pytest.raises(ConfigError, match=r"external.encoder reads the same numbers of one.csv as for one"):
        laboratory(source={"file": "one.csv"})


def test_columns_of_another_time_are_refused_where_they_meet_the_trial(laboratory, tmp_path: Path) -> None:
    cohort, results = laboratory(), tmp_path / "results"
    _run(cohort, results, "external")
    (job,) = jobs_of("aligned", ("one",), config=parse_config({}), cohort=cohort, participant_id="p1", results=results)
    with pytest.raises(DataError, match=r"EXTERNAL_CLOCK.*100\.00 to 100\.99 s.*clock: own"):
        columns_at(job, np.arange(100.0, 101.0, 0.01), taken=())
    columns, gates = columns_at(job, np.arange(2.0, 8.0, 0.01), taken=())
    late = columns["angle_r_rad"][1]
    assert late["verdict"] == "warned" and "EXTERNAL_CLOCK" in late["reasons"]
    assert {(gate.code, gate.verdict) for gate in gates} == {("EXTERNAL_CLOCK", Verdict.WARNED)}


def test_a_wrong_offset_of_a_clock_is_named(laboratory, tmp_path: Path) -> None:
    own = {"clock": "own"}
    cohort, results = laboratory(source=own, emg=own, cells={"external_offset_s": "50"}), tmp_path / "results"
    _run(cohort, results, "external", trials=("one",))
    (job,) = jobs_of("aligned", ("one",), config=parse_config({}), cohort=cohort, participant_id="p1", results=results)
    with pytest.raises(DataError, match=r"50\.00 to 52\.99 s.*Correct external_offset_s"):
        columns_at(job, np.arange(0.0, 3.0, 0.01), taken=())
