"""Electromyograms that nothing scales are not followed, and are named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from gaitload.errors import ConfigError
from gaitload.io.sto import Table, write_sto
from gaitload.io.tables import read_table, write_table
from gaitload.quality import Gate, Quality, Verdict
from gaitload.stages import emg_loads
from gaitload.stages.job import Job

TIME_S = np.linspace(0.0, 1.0, 11)
CHANNELS = {f"emg_{name}_r_share": [name] for name in ("soleus", "tibant")}


def _products(job: Job, trial: str, envelopes: dict[str, np.ndarray]) -> None:
    """Products of the stages before, of a motion whose muscles have half of the activation 1, and its channels."""
    loads, external = job.product("loads", "", trial), job.product("external", ".parquet", trial)
    loads.mkdir(parents=True)
    external.parent.mkdir(parents=True, exist_ok=True)
    table = Table(("soleus_r", "tibant_r"), TIME_S, np.full((len(TIME_S), 2), 0.5))
    for name in ("activations", "coordinates"):
        write_sto(loads / f"{name}.{'sto' if name == 'activations' else 'mot'}", table, name=name, in_degrees=False)
    meaning = {"side": "r", "verdict": "passed"}
    columns = {name: (values, meaning | {"muscles": CHANNELS[name]}) for name, values in envelopes.items()}
    write_table(external, {"time_s": (TIME_S, {})} | columns, {})
    gate = Gate("EMG_DEAD", Verdict.PASSED, 1.0, None, "", "")
    for stage in ("loads", "external"):
        numbers = {"references": dict.fromkeys(envelopes, 2.0)}
        path = job.product(stage, ".quality.json", trial)
        path.write_text(Quality(stage, trial, (gate,), numbers).to_json())


@pytest.fixture
def job(jobs: Callable[..., list[Job]], monkeypatch: pytest.MonkeyPatch) -> Job:
    """One motion with plates and two channels; nothing of other motions."""
    job = jobs("emg_loads")[0]
    _products(job, "walk1", dict.fromkeys(CHANNELS, np.full(len(TIME_S), 0.5)))
    monkeypatch.setattr(emg_loads, "trial_of", lambda job: SimpleNamespace(forces=()))
    monkeypatch.setattr(type(job.cohort), "has_external", lambda self, row: True)
    return job


def test_channels_of_a_single_motion_are_not_followed_and_named(job: Job, tmp_path: Path) -> None:
    quality = emg_loads.run(job, tmp_path)
    (gate,) = quality.gates
    assert (gate.code, gate.verdict) == ("EMG_NOT_FOLLOWED", Verdict.NOT_MEASURED)
    assert gate.reason == "no other motion scales emg_soleus_r_share, emg_tibant_r_share"
    assert set(read_table(tmp_path / "walk1.parquet")[0]) == {"time_s"}


def test_only_muscles_whose_channel_another_motion_has_get_a_gain(job: Job) -> None:
    silent = np.zeros(len(TIME_S))
    _products(job, "walk2", {"emg_soleus_r_share": np.full(len(TIME_S), 0.25), "emg_tibant_r_share": silent})
    assert emg_loads._gains(job, emg_loads._channels(job)) == {"soleus_r": pytest.approx(1.0)}


def test_a_muscle_that_the_model_lacks_is_refused(job: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    strange = {"emg_soleus_r_share": {"side": "r", "muscles": ["soleum"]}}
    monkeypatch.setattr(emg_loads, "_channels", lambda job: strange)
    with pytest.raises(ConfigError, match=r"EMG_MUSCLE_UNKNOWN.*soleum_r"):
        emg_loads.run(job, tmp_path)
