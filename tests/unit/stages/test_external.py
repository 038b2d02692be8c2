"""External columns of trials without markers, from files to the aligned table, and what is refused on the way."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gaitload.cohorts.reader import load_cohort
from gaitload.config import parse_config
from gaitload.errors import DataError
from gaitload.io.tables import read_table
from gaitload.quality import Quality, Verdict, read_quality
from gaitload.stages.external import columns_at
from gaitload.stages.job import STAGES, jobs_of
from gaitload.stages.planned import has_part_in
from gaitload.stages.shard import run_shard, stage_module

TIME_S = np.arange(3000) / 1000.0
ANGLE_DEG = 20.0 * np.sin(2.0 * np.pi * TIME_S)
EMG = ("soleus", "tibant")
TRIALS = ("one", "two", "three")


def _emg(seed: int, loudness: float = 1.0) -> np.ndarray:
    burst = np.clip(np.sin(2.0 * np.pi * TIME_S + seed), 0.02, None)
    return loudness * burst * np.random.default_rng(seed).normal(size=len(TIME_S))


def _spec(encoder: dict, emg: dict) -> dict:
    angle = {"column": "angle", "unit": "deg", "side": "r", "range": [-1.0, 1.0], "meaning": "an encoder"}
    channels = {
        f"emg_{name}_r_share": {"column": name, "unit": "V", "side": "r", "muscles": [name], "meaning": "electrode"}
        for name in EMG
    }
    return {
        "encoder": {
            "file": "{trial}.csv",
            "time": "time_s",
            "rate_hz": 1000,
            "columns": {"angle_r_rad": angle | encoder},
        },
        "emg": {"file": "{trial}.csv", "time": "time_s", "columns": channels} | emg,
    }


@pytest.fixture
def laboratory(tmp_path: Path):
    """Writes a cohort of external columns alone, and runs a stage on one of its trials."""

    def make(*, encoder: dict | None = None, emg: dict | None = None, source: dict | None = None, spoil=None):
        folder, raw = tmp_path / "workflow/cohorts/lab", tmp_path / "raw"
        folder.mkdir(parents=True)
        raw.mkdir()
        for seed, trial in enumerate(TRIALS):
            columns = {"time_s": TIME_S, "angle": ANGLE_DEG}
            columns |= {name: _emg(10 * place + seed, 1.0 + seed) for place, name in enumerate(EMG)}
            if spoil and trial == "one":
                columns = spoil(columns)
            pd.DataFrame(columns).to_csv(raw / f"{trial}.csv", index=False)
        external = _spec(encoder or {}, emg or {})
        external["encoder"] |= source or {}
        spec = {"name": "lab", "title": "t", "source": "s", "licence": "l", "raw_dir": "raw", "external": external}
        (folder / "cohort.yaml").write_text(json.dumps(spec))
        (folder / "participants.tsv").write_text("participant_id\np1\n")
        rows = "".join(f"p1\t{trial}\tmotion\twalk\n" for trial in TRIALS)
        (folder / "trials.tsv").write_text(f"participant_id\ttrial_id\trole\tactivity\n{rows}")
        return load_cohort(folder, root=tmp_path)

    return make


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


def test_the_reference_of_an_envelope_is_never_that_of_its_own_motion(laboratory, tmp_path: Path) -> None:
    """Trials are 1, 2 and 3 times as loud: the loudest is referred to the second, the others to the loudest."""
    cohort, results = laboratory(), tmp_path / "results"
    _run(cohort, results, "external")
    peaks = {
        trial: np.nanmax(read_table(results / f"external/lab/p1/{trial}.parquet")[0]["emg_soleus_r_share"])
        for trial in TRIALS
    }
    assert peaks["one"] == pytest.approx(1 / 3, rel=0.3)
    assert peaks["three"] == pytest.approx(3 / 2, rel=0.3)


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
        ({"spoil": lambda columns: {k: v[::20] for k, v in columns.items()}, "source": {"rate_hz": 50}}, ("EMG_RATE",)),
    ],
    ids=["unit", "channel", "rate", "clock", "column of times", "envelope for raw"],
)
def test_what_cannot_be_right_is_refused_with_a_clear_message(given: dict, words: tuple, laboratory, tmp_path) -> None:
    cohort, results = laboratory(**given), tmp_path / "results"
    quality = _run(cohort, results, "external", trials=("one",))
    assert quality.verdict is Verdict.REFUSED
    assert quality.gates[0].code == words[0]
    for word in words[1:]:
        assert word in quality.gates[0].reason
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


def test_one_motion_alone_has_no_reference(laboratory, tmp_path: Path) -> None:
    cohort = laboratory()
    for trial in TRIALS[1:]:
        (tmp_path / "raw" / f"{trial}.csv").unlink()
    quality = _run(cohort, tmp_path / "results", "external", trials=("one",))
    assert quality.gates[0].code == "EMG_NO_REFERENCE"


def test_columns_of_another_time_are_refused_where_they_meet_the_trial(laboratory, tmp_path: Path) -> None:
    cohort, results = laboratory(), tmp_path / "results"
    _run(cohort, results, "external")
    (job,) = jobs_of("aligned", ("one",), config=parse_config({}), cohort=cohort, participant_id="p1", results=results)
    with pytest.raises(DataError, match=r"EXTERNAL_CLOCK.*100\.00 to 100\.99 s.*clock: own"):
        columns_at(job, np.arange(100.0, 101.0, 0.01), taken=())
    late = columns_at(job, np.arange(2.0, 8.0, 0.01), taken=())["angle_r_rad"][1]
    assert late["verdict"] == "warned" and "EXTERNAL_CLOCK" in late["reasons"]
