"""Estimates of windows come back on the frames, the side and the sign of the columns that they estimate."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.study import Study
from gaitload.windows.frames import onto_frames
from gaitload.windows.slicing import slice_trials

STUDIES = {
    "stance": (Study(targets=("atf_bw", "grf_z_bw")), ("pelvis",)),
    "cycle": (Study(targets=("atf_bw", "grf_z_bw"), window={"kind": "cycle", "points": 161}), ("pelvis",)),
    # Half of the frames of a window are those of the next.
    "fixed": (Study(targets=("atf_bw", "grf_z_bw"), window={"kind": "fixed"}), ("pelvis",)),
}


@pytest.mark.parametrize("kind", STUDIES)
def test_perfect_estimates_are_the_labels(trials, kind):
    study, sensors = STUDIES[kind]
    windows, _ = slice_trials(trials, study, sensors)

    for found in onto_frames(windows, np.stack([windows.targets, 2 * windows.targets])):
        assert set(found.columns) == {"atf_r_bw", "atf_l_bw", "grf_r_z_bw", "grf_l_z_bw"}
        for column, estimates in found.columns.items():
            label = trials[found.trial].values[column]
            known = np.isfinite(estimates[:, 0])
            assert known.sum() > 7 * 30 - 10 and np.abs(label[known]).max() > 0.1
            np.testing.assert_allclose(estimates[known, 0], label[known], atol=0.03 * np.abs(label).max())
            np.testing.assert_allclose(estimates[known, 1], 2 * estimates[known, 0], rtol=1e-5, atol=1e-6)


def test_windows_that_overlap_are_averaged(trials):
    study, sensors = STUDIES["fixed"]
    windows, _ = slice_trials(trials[:1], study, sensors)
    estimates = np.broadcast_to(np.arange(len(windows), dtype=float)[None, :, None, None], (1, *windows.targets.shape))

    (found,) = onto_frames(windows, estimates)

    steps = found.columns["atf_r_bw"][:, 0]
    np.testing.assert_allclose(steps[:25], 0)
    np.testing.assert_allclose(steps[25:50], 0.5)
    np.testing.assert_allclose(steps[50:75], 1.5)
