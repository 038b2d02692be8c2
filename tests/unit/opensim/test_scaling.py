"""Scaling of a person whose proportions are known."""

from __future__ import annotations

import numpy as np
import opensim
import pytest

from gaitload.errors import DataError
from gaitload.io.trc import write_trc
from gaitload.opensim.actuation import SUPPORT_OPTIMAL_NM, write_actuated_model
from gaitload.opensim.model import array, open_model
from gaitload.opensim.scaling import scale_subject
from gaitload.trial import Markers

FACTOR = 1.1
MEDIAL = ("RMFC", "LMFC", "RMMAL", "LMMAL")
"""Without these, joint centres are those of the model itself and every ratio is exact."""


@pytest.fixture
def scale(source, tmp_path):
    """Scale with the default model; returns the record and the model's path."""

    def run(statics: list, **changed) -> tuple[dict, str]:
        output = str(tmp_path / "model.osim")
        arguments = {
            "model": str(source.path),
            "family": str(source.family_dir / "family.yaml"),
            "marker_set": str(source.marker_set_path("rajagopal2016_run")),
            "static_trcs": [str(path) for path in statics],
            "mass_kg": 80.0,
            "height_m": None,
            "method": "auto",
            "strength": "stock",
            "condylar_spacing_m": 0.045,
            "output": output,
            "where": "cohort/p1",
        } | changed
        return scale_subject(**arguments), output

    return run


def place(model_path: str, marker: str) -> np.ndarray:
    """Place of a marker in the frame of its body, shape (3,), m."""
    model = open_model(model_path)
    return array(model.getMarkerSet().get(marker).get_location())


@pytest.fixture
def enlarged(posed_markers, write_markers):
    """A static trial of the generic model, enlarged."""
    return write_markers("static.trc", posed_markers([{}] * 3, FACTOR), without=MEDIAL)


def test_an_enlarged_person_gets_enlarged_bones_and_no_marker_errors(scale, enlarged):
    record, output = scale([enlarged])
    assert record["method"] == "joint_centres"
    for body in ("pelvis", "femur_r", "tibia_l", "calcn_r"):
        assert record["scale_factors"][body] == pytest.approx([FACTOR] * 3, abs=1e-4), body
    # The arms hang a little differently: shoulder joints sit beside the acromion markers that scale the trunk.
    assert max(record["marker_errors_m"].values()) < 1e-3
    assert record["knee_centre_aside_m"] == pytest.approx({"r": 0.0, "l": 0.0}, abs=1e-3)
    model = open_model(output)
    assert model.getTotalMass(model.initSystem()) == pytest.approx(80.0)


def test_markers_move_to_where_they_were_stuck(scale, posed_markers, write_markers, marker_set):
    positions = posed_markers([{}] * 3, FACTOR)
    thigh = [marker.name for marker in marker_set.markers].index("RTH1")
    positions[:, thigh] += [0.02, 0.0, 0.0]
    _, output = scale([write_markers("static.trc", positions, without=MEDIAL)])
    # Standing upright in the default pose, the thigh's axes are those of the ground.
    assert place(output, "RTH1") == pytest.approx(
        FACTOR * marker_set.by_name["RTH1"].position_m + [0.02, 0.0, 0.0], abs=1e-3
    )


def test_a_later_static_trial_shows_the_markers_as_worn(scale, enlarged, posed_markers, write_markers, marker_set):
    positions = posed_markers([{}] * 3, FACTOR)
    shank = [marker.name for marker in marker_set.markers].index("LTB2")
    positions[:, shank] += [0.0, -0.03, 0.0]
    _, once = scale([enlarged])
    before = place(once, "LTB2")
    _, twice = scale([enlarged, write_markers("later.trc", positions, without=MEDIAL)])
    assert place(twice, "LTB2") - before == pytest.approx([0.0, -0.03, 0.0], abs=1e-3)


def test_a_hyperextended_knee_widens_the_range_that_forbids_it(scale, posed_markers, write_markers):
    hyperextended = posed_markers([{"knee_angle_r": -0.1, "knee_angle_r_beta": -0.1}] * 3, FACTOR)
    record, output = scale([write_markers("static.trc", hyperextended, without=MEDIAL)])
    assert record["widened_ranges"]["knee_angle_r"] == pytest.approx(-0.1, abs=0.02)
    model = open_model(output)
    knee = model.getCoordinateSet().get("knee_angle_r")
    assert knee.getRangeMin() < -0.05
    assert knee.getDefaultClamped()


def test_segments_without_markers_are_locked(scale, posed_markers, write_markers, marker_set):
    upper = tuple(
        marker.name for marker in marker_set.markers if marker.body.startswith(("torso", "humerus", "ulna", "radius"))
    )
    record, output = scale([write_markers("static.trc", posed_markers([{}] * 3, FACTOR), without=(*MEDIAL, *upper))])
    assert {"lumbar_extension", "arm_flex_r", "elbow_flex_l"} <= set(record["locked_coordinates"])
    assert not {"hip_flexion_r", "knee_angle_l_beta", "ankle_angle_r"} & set(record["locked_coordinates"])
    model = open_model(output)
    assert model.getCoordinateSet().get("lumbar_bending").getDefaultLocked()


def test_without_a_static_trial_height_scales_everything(scale):
    record, _ = scale([], height_m=1.87)
    assert record["method"] == "height"
    assert np.unique(np.round(list(record["scale_factors"].values()), 9)) == pytest.approx([1.1])


def test_without_a_static_trial_and_without_a_height_there_is_no_model(scale):
    with pytest.raises(DataError, match=r"height_m in participants\.tsv") as caught:
        scale([])
    assert caught.value.code == "SCALING_IMPOSSIBLE"


def test_strength_scales_with_volume_over_fibre_length(scale, enlarged, source):
    record, output = scale([enlarged], strength="handsfield2014", height_m=1.87)
    generic, own = open_model(source.path), open_model(output)
    stock, scaled = (model.getMuscles().get("soleus_r").getMaxIsometricForce() for model in (generic, own))
    volume = (47.05 * 80 * 1.87 + 1289.6) / (47.05 * 75.337 * 1.70 + 1289.6)
    # The fibre of an evenly enlarged muscle is longer by the same factor.
    assert scaled / stock == pytest.approx(volume / FACTOR, rel=0.01)
    assert record["strength"]["law"] == "handsfield2014"


@pytest.mark.parametrize("law", ["stock", "handsfield2014"])
def test_a_factor_multiplies_the_strength_that_the_law_gives(scale, enlarged, law):
    forces = []
    for factor in (1.0, 1.25):
        record, output = scale([enlarged], strength=law, height_m=1.87, strength_factor=factor)
        model = open_model(output)
        forces.append(model.getMuscles().get("soleus_r").getMaxIsometricForce())
    assert forces[1] == pytest.approx(1.25 * forces[0], rel=1e-9)
    assert (record["strength"]["law"], record["strength"]["factor"]) == (law, 1.25)


def test_without_a_height_strength_stays_what_it_is_and_the_record_says_so(scale, enlarged, source):
    record, output = scale([enlarged], strength="handsfield2014", height_m=None)
    generic, own = open_model(source.path), open_model(output)
    stock, scaled = (model.getMuscles().get("soleus_r").getMaxIsometricForce() for model in (generic, own))
    assert scaled == stock
    assert record["strength"] == {"law": "stock", "instead_of": "handsfield2014"}


def test_a_static_trial_of_another_marker_set_is_refused_by_name(scale, tmp_path):
    path = tmp_path / "other.trc"
    write_trc(path, Markers(("SACR", "LHEE"), np.arange(3) / 100, np.ones((3, 2, 3))))
    with pytest.raises(DataError, match="SACR, LHEE") as caught:
        scale([path])
    assert caught.value.code == "NO_MATCHING_MARKER"


def test_millimetres_taken_for_metres_are_caught_by_their_factors(scale, posed_markers, write_markers):
    with pytest.raises(DataError, match=r"between 0\.5 and 2") as caught:
        scale([write_markers("static.trc", posed_markers([{}] * 3, 1000.0), without=MEDIAL)])
    assert caught.value.code == "SCALE_IMPLAUSIBLE"


@pytest.mark.parametrize(
    ("subtalar", "lost", "freed"), [("auto", (), "rl"), ("auto", ("RMT5",), "l"), ("locked", (), "")]
)
def test_a_subtalar_joint_is_free_where_three_markers_of_the_foot_determine_it(
    scale, posed_markers, write_markers, subtalar, lost, freed
):
    static = write_markers("static.trc", posed_markers([{}] * 3, FACTOR), without=(*MEDIAL, *lost))
    record, output = scale([static], subtalar=subtalar)
    assert record["freed_coordinates"] == [f"subtalar_angle_{side}" for side in freed]
    model = open_model(output)
    coordinates = model.getCoordinateSet()
    locked = {side: coordinates.get(f"subtalar_angle_{side}").getDefaultLocked() for side in "rl"}
    assert locked == {side: side not in freed for side in "rl"}


def test_the_subtalar_joint_bears_its_moment_itself(scale, posed_markers, write_markers, source, tmp_path):
    _, output = scale([write_markers("static.trc", posed_markers([{}] * 3, FACTOR), without=MEDIAL)], subtalar="auto")
    actuated = tmp_path / "actuated.osim"
    write_actuated_model(
        model=output,
        family=source.family,
        reserve_optimal_nm=1.0,
        residual_optimal_n=200.0,
        residual_optimal_nm=50.0,
        output=str(actuated),
    )
    model = open_model(actuated)
    forces = model.getForceSet()
    optimal = {
        name: opensim.CoordinateActuator.safeDownCast(forces.get(f"reserve_{name}")).getOptimalForce()
        for name in ("subtalar_angle_r", "ankle_angle_r")
    }
    assert optimal == {"subtalar_angle_r": SUPPORT_OPTIMAL_NM, "ankle_angle_r": 1.0}
