"""Figures of one trial."""

from __future__ import annotations

import numpy as np
import pytest

from gaitload.labels import in_every_unit
from gaitload.plots import doubts
from gaitload.plots import trial as plots
from gaitload.registry import modules_of
from gaitload.trial import Step


@pytest.fixture
def values(loads) -> dict[str, np.ndarray]:
    """A label table of loads by hand: the right foot is loaded in the middle two of four frames."""
    columns = {
        name: column
        for module in modules_of("gaitload.labels", required=("LABEL", "compute")).values()
        for name, (column, _) in in_every_unit(module.LABEL, module.compute(loads), loads.mass_kg).items()
    }
    contact = {"contact_r": np.array([False, True, True, False]), "contact_l": np.zeros(4, dtype=bool)}
    flags = {"frame_flags_r": np.array([0, 5, 1, 0], dtype=np.uint16), "frame_flags_l": np.zeros(4, dtype=np.uint16)}
    return {"time_s": loads.time_s, **flags, **contact, **columns}


def panel(figure, title: str):
    return next(each for each in figure.panels if each.title == title)


def test_stances_are_shaded_in_the_colour_of_the_foot(values) -> None:
    assert plots.stances(values) == ((0.01, 0.02, "right"),)


def test_loads_show_both_sides_and_the_plausible_band(values) -> None:
    figure = plots.loads_figure(
        values,
        plausible_bw={"atf": (4.0, 12.0)},
        flags={1: "RESERVES", 4: "MUSCLES_SATURATED"},
        known_errors={"atf": "not validated in vivo", "kcf_norm": "known error 0.31 BW RMSE"},
    )
    achilles = panel(figure, "Achilles tendon force (not validated in vivo)")
    assert panel(figure, "Knee contact force (known error 0.31 BW RMSE)")
    assert [mark.name for mark in achilles.marks] == ["right", "left"]
    assert achilles.bands[0][:2] == (4.0, 12.0)
    np.testing.assert_array_equal(achilles.marks[0].y, values["atf_r_bw"])
    (strips,) = panel(figure, "Flagged frames").marks
    assert strips.rows == ("RESERVES", "MUSCLES_SATURATED")
    assert [span[:3] for span in strips.spans] == [("RESERVES", 0.01, 0.02), ("MUSCLES_SATURATED", 0.01, 0.01)]


def test_a_band_is_one_standard_deviation_to_either_side(values) -> None:
    figure = plots.loads_figure({**values, "atf_r_bw_sd": np.full(4, 0.5)}, plausible_bw={}, flags={}, known_errors={})
    right, left = panel(figure, "Achilles tendon force").marks
    np.testing.assert_allclose(right.high - right.low, 1.0)
    assert left.low is None
    assert "standard deviation" in figure.caption


def test_without_samples_the_caption_says_so(values) -> None:
    assert "not computed" in plots.loads_figure(values, plausible_bw={}, flags={}, known_errors={}).caption


def test_angles_are_in_degrees(values) -> None:
    (right, _) = panel(plots.angles_figure(values), "Knee flexion").marks
    np.testing.assert_allclose(right.y, np.degrees(0.1))


def test_contacts_of_nobody_have_a_row_of_their_own(values) -> None:
    step = Step("plate_2", None, 0.0, 0.02, 80.0, 0.5, np.nan, 0.5, np.nan, True, "no foot is near")
    values["frame_flags_l"][1:] = 32
    figure = plots.ground_figure(values, [step], {32: "CONTACT_UNMEASURED"})
    (strips,) = panel(figure, "Foot given to each contact").marks
    assert strips.rows == ("right", "left", "left, not known", "no foot")
    assert strips.spans[0][4] == "plate_2, 80 N: no foot is near"
    assert strips.spans[1] == ("left, not known", 0.01, 0.03, "failed", "CONTACT_UNMEASURED")


def test_baselines_stand_beside_their_labels(values) -> None:
    told = {"imu_ik_knee_angle_r_rad": values["knee_angle_r_rad"] + 0.1, "imu_id_atf_r_bw": values["atf_r_bw"]}
    figure = plots.baselines_figure({**values, **told})
    assert [each.title for each in figure.panels] == ["Knee flexion", "Achilles tendon force"]
    knee = {mark.name: mark.y for mark in figure.panels[0].marks}
    np.testing.assert_allclose(knee["right, sensors"] - knee["right"], np.degrees(0.1))


def test_marker_errors_are_sorted_and_in_millimetres(values) -> None:
    errors = {"LASI": np.full(4, 0.002), "RASI": np.array([0.004, np.nan, 0.004, 0.004]), "C7": np.full(4, 0.01)}
    figure = doubts.markers_figure(values, errors, legs=frozenset({"LASI", "RASI"}), limits_m=(0.02, 0.04))
    (bars,) = panel(figure, "By marker: pelvis and legs").marks
    assert bars.names == ("RASI", "LASI")
    np.testing.assert_allclose(bars.values, [4.0, 2.0])
    assert panel(figure, "By marker: trunk and arms").limits == ((40.0, "warns"),)


def test_external_columns_are_drawn_in_the_units_people_read_with_their_verdict() -> None:
    time_s = np.arange(3) / 10.0
    values = {"time_s": time_s, "ankle_angle_r_rad": np.radians([0.0, 10.0, 20.0]), "shank_m_per_s2": np.ones(3)}
    meanings = {
        "time_s": {"unit": "s"},
        "ankle_angle_r_rad": {"unit": "rad", "verdict": "passed", "side": "r"},
        "shank_m_per_s2": {"unit": "m_per_s2", "verdict": "failed"},
    }
    figure = plots.external_figure(values, meanings)
    angle, shank = panel(figure, "ankle angle r"), panel(figure, "shank (failed)")
    assert (angle.y_label, shank.y_label) == ("deg", "m/s²")
    np.testing.assert_allclose(angle.marks[0].y, [0.0, 10.0, 20.0])
    assert (angle.marks[0].name, shank.marks[0].name) == ("right", "no side")
