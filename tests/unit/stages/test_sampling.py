"""Standard deviations of labels: how they are gathered, and how they stand beside the labels."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.errors import ConfigError
from gaitload.opensim.export_features import CODE
from gaitload.stages import sampling
from gaitload.stages.labels import with_deviations
from gaitload.stages.sampling import Deviation, meaning


def test_deviations_are_those_of_all_samples_at_once():
    samples = np.random.default_rng(0).normal(1e6, 1.0, (9, 5, 2))
    samples[2:7, 1] = np.nan
    samples[:6, 3] = np.nan
    found = Deviation()
    for sample in samples:
        found.add(sample)
    expected = np.nanstd(samples, axis=0, ddof=1)
    expected[3] = np.nan
    # Nine digits of 1e6 leave 1e-9 of the deviation.
    assert found.value(count_min=4) == pytest.approx(expected, rel=1e-8, nan_ok=True)


def test_equal_samples_do_not_deviate():
    found = Deviation()
    for _ in range(7):
        found.add(np.array([0.1, 1 / 3]))
    assert (found.value(count_min=4) == 0).all()


def test_one_sample_has_no_deviation():
    found = Deviation()
    found.add(np.ones(3))
    assert np.isnan(found.value(count_min=1)).all()


def test_a_deviation_stands_behind_its_label_and_is_missing_where_that_is():
    told = {
        "label": "atf",
        "unit": "bw",
        "frame": "tendon",
        "verdict": "passed",
        "reasons": [],
        "definition": "a force",
    }
    columns = {
        "time_s": (np.arange(3.0), {"unit": "s"}),
        "atf_r_bw": (np.array([1.0, np.nan, 2.0]), told),
        "cop_r_x_m": (np.zeros(3), told),
    }
    uncertainty = {"samples": 8, "seed": 1, "cop_m": 0.005}
    joined = with_deviations(
        columns, {"atf_r_bw_sd": np.full(3, 0.2)}, {"atf_r_bw_sd": meaning("atf_r_bw", uncertainty)}
    )
    assert list(joined) == ["time_s", "atf_r_bw", "atf_r_bw_sd", "cop_r_x_m"]
    values, words = joined["atf_r_bw_sd"]
    assert values == pytest.approx([0.2, np.nan, 0.2], nan_ok=True)
    assert (words["unit"], words["verdict"], words["samples"], words["seed"]) == ("bw", "passed", 8, 1)
    assert (words["label"], words["frame"], words["reasons"]) == ("atf", "tendon", [])
    assert words["perturbed"] == {"cop_m": 0.005}
    assert "standard deviation of atf_r_bw" in words["definition"]


def test_a_model_that_kernels_do_not_know_is_refused_with_what_to_do(monkeypatch):
    def unknown(path):
        raise ConfigError(expected="", found="wrap ball (WrapSphere)", where="", do="", code=CODE)

    monkeypatch.setattr(sampling, "export_mechanism", unknown)
    with pytest.raises(ConfigError) as caught:
        sampling.read_trial(
            model="m.osim",
            family="",
            coordinates_mot="",
            record="",
            weights={},
            label_mode="physical",
            muscles={},
            spans_s=[],
            cutoff_hz=6.0,
            contact_threshold_n=20.0,
            condylar_spacing_m={},
            knee_centre_aside_m={},
            mass_kg=70.0,
            where="lab/p/t",
        )
    assert caught.value.code == CODE
    assert "WrapSphere" in caught.value.found and "uncertainty.samples" in caught.value.do
