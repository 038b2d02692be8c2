"""Names of the columns of force files, as published programs write them, in any order and spelling."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gaitload.io.force_columns import plate_columns, repeated_columns


def named(force: str, point: str, moment: str, axes: str = "xyz") -> list[str]:
    """Columns of a plate, `?` standing for the axis."""
    return [pattern.replace("?", axis) for pattern in (force, point, moment) for axis in axes]


PUBLISHED = {
    "opensim-org/opensim-core Bindings/Java/Matlab/Utilities/osimC3D.m, writeMOT": (
        named("ground_force_1_v?", "ground_force_1_p?", "ground_moment_1_m?"),
        "ground_force_1",
    ),
    "the same table by TimeSeriesTableVec3::flatten() with its own suffixes": (
        named("ground_force_1_v_?", "ground_force_1_p_?", "ground_moment_1_m_?", "123"),
        "ground_force_1",
    ),
    "opensim-org/opensim-core C3DFileAdapter, flattened": (named("f1_?", "p1_?", "m1_?", "123"), "plate_1"),
    "nikorose87/DJS-GA, flattened with x y z": (named("f1_?", "p1_?", "m1_?"), "plate_1"),
    "AddBiomechanics, uploaded forces": (
        named("ground_force_1_v?", "ground_force_1_p?", "ground_force_1_m?"),
        "ground_force_1",
    ),
    "AddBiomechanics, results": (
        named("ground_force_calcn_r_v?", "ground_force_calcn_r_p?", "ground_force_calcn_r_m?"),
        "ground_force_calcn_r",
    ),
    "torques with the letter of a vector": (
        named("ground_force_calcn_l_v?", "ground_force_calcn_l_p?", "ground_torque_calcn_l_v?"),
        "ground_force_calcn_l",
    ),
    "OpenCap, LabValidation data set": (
        named("R_ground_force_v?", "R_ground_force_p?", "R_ground_torque_?"),
        "R_ground_force",
    ),
    "Moco and Rajagopal et al. 2016": (
        named("ground_force_r_v?", "ground_force_r_p?", "ground_torque_r_?"),
        "ground_force_r",
    ),
    "gait2392, first plate": (named("ground_force_v?", "ground_force_p?", "ground_torque_?"), "ground_force"),
    "gait2392, second plate": (
        named("1_ground_force_v?", "1_ground_force_p?", "1_ground_torque_?"),
        "1_ground_force",
    ),
    "RehabEngGroup/MOtoNMS": (named("ground_force1_v?", "ground_force1_p?", "ground_torque1_?"), "ground_force1"),
    "Camargo et al. 2021, tables of force plates": (named("FP1_v?", "FP1_p?", "FP1_moment_?"), "FP1"),
    "side in full": (
        named("right_ground_force_v?", "right_ground_force_p?", "right_ground_torque_?"),
        "right_ground_force",
    ),
    "OpenSim ForceReporter": (
        named("calcn_r_right_foot_F?", "calcn_r_right_foot_p?", "calcn_r_right_foot_T?"),
        "calcn_r_right_foot",
    ),
    "number behind the axis": (named("F?1", "COP?1", "M?1"), "plate_1"),
}


@pytest.mark.parametrize("source", PUBLISHED)
def test_the_columns_of_published_programs_belong_together(source: str) -> None:
    names, plate = PUBLISHED[source]
    (found,) = plate_columns(names)
    assert found.name == plate
    assert [*found.force, *found.point, *found.moment] == names
    assert found.missing == ()


def test_plates_are_kept_apart_and_in_their_order() -> None:
    names = [
        *named("ground_force_v?", "ground_force_p?", "ground_torque_?"),
        *named("1_ground_force_v?", "1_ground_force_p?", "1_ground_torque_?"),
        *named("2_ground_force_v?", "2_ground_force_p?", "2_ground_torque_?"),
    ]
    assert [plate.name for plate in plate_columns(names)] == ["ground_force", "1_ground_force", "2_ground_force"]


@given(
    separator=st.sampled_from(["_", ".", " ", ""]),
    plate=st.sampled_from(["1", "02", "r", "left", "calcn_r", "FP3", "plate_4"]),
    front=st.booleans(),
    case=st.sampled_from([str, str.upper, str.title]),
    torque=st.sampled_from(["torque", "moment", "free_moment"]),
    seed=st.integers(0, 1000),
)
def test_separators_case_order_and_the_place_of_the_number_do_not_matter(
    separator, plate, front, case, torque, seed
) -> None:
    separator = separator if plate[-1].isdigit() else separator or "_"

    def name(words: str, ending: str) -> str:
        parts = [plate, words] if front else [words, plate]
        return case(separator.join(parts).replace("_", separator or "_") + "_" + ending)

    names = [name("ground_force", f"v{axis}") for axis in "xyz"]
    names += [name("ground_force", f"p{axis}") for axis in "xyz"]
    names += [name(f"ground_{torque}", axis) for axis in "xyz"]
    (found,) = plate_columns(random.Random(seed).sample(names, len(names)))
    assert [*found.force, *found.point, *found.moment] == names


@pytest.mark.parametrize(
    "names",
    [
        ["pelvis_tilt", "pelvis_tx", "pelvis_ty", "pelvis_tz", "hip_flexion_r"],
        named("hip_r_on_femur_r_in_ground_f?", "hip_r_on_femur_r_in_ground_p?", "hip_r_on_femur_r_in_ground_m?"),
        ["pelvis_X", "pelvis_Y", "pelvis_Z", "pelvis_Ox", "center_of_mass_X"],
        ["LASI_1", "LASI_2", "LASI_3", "M1_1", "M1_2", "M1_3"],
        ["soleus_r", "FX", "FY", "FZ", "MX", "MY", "MZ"],
        ["ankle_angle_r_moment", "pelvis_tx_force", "pelvis_ty_force"],
    ],
)
def test_other_tables_of_opensim_hold_no_plates(names: list[str]) -> None:
    assert plate_columns(names) == ()


@pytest.mark.parametrize(
    ("lost", "told"),
    [
        ("ground_force_r_vx", "ground_force_r_vx"),
        ("ground_force_r_pz", "ground_force_r_pz"),
        ("ground_torque_r_y", "ground_torque_r_y"),
        ("f1_2", "f1_2"),
        ("COPy1", "COPy1"),
    ],
)
def test_a_column_that_is_missing_is_told_by_the_names_of_its_neighbours(lost: str, told: str) -> None:
    names = next(names for names, _ in PUBLISHED.values() if lost in names)
    (plate,) = plate_columns([name for name in names if name != lost])
    assert plate.missing == (told,)


def test_a_quantity_without_columns_is_told_by_its_name() -> None:
    (plate,) = plate_columns(named("ground_force_r_v?", "ground_force_r_p?", "")[:6])
    assert plate.missing == ("moment x", "moment y", "moment z")


def test_two_columns_of_one_meaning_are_told() -> None:
    names = [*named("ground_force_1_v?", "ground_force_1_p?", "ground_force_1_m?"), "ground_torque_1_x"]
    assert repeated_columns(names) == (("ground_force_1_mx", "ground_torque_1_x"),)
