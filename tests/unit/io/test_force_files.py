"""Force files: every naming of columns, the wrench behind a point and a torque, and loads OpenSim applies."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from gaitload.errors import DataError
from gaitload.io.forces import read_foot_forces, read_force_table, read_forces, write_external_loads, write_forces
from gaitload.io.sto import Table, read_sto, write_sto
from gaitload.io.xml import parse_xml
from gaitload.trial import FootForces

FORCE = np.array([0.0, 800.0, 50.0])
POINT = np.array([0.4, 0.02, 0.1])
TORQUE = np.array([0.0, 3.0, 0.0])
AXES = "xyz"


@pytest.fixture
def write(tmp_path):
    def write(columns: dict[str, np.ndarray], rows: int = 4) -> Path:
        path = tmp_path / "grf.mot"
        values = np.column_stack([np.broadcast_to(column, rows) for column in columns.values()])
        write_sto(path, Table(tuple(columns), np.arange(rows) / 100.0, values), name="grf", in_degrees=False)
        return path

    return write


def columns(force: str, point: str, torque: str, axes="xyz") -> dict[str, np.ndarray]:
    triples = {force: FORCE, point: POINT, torque: TORQUE}
    return {f"{stem}{axis}": triple[k] for stem, triple in triples.items() for k, axis in enumerate(axes)}


@pytest.mark.parametrize(
    ("named", "name"),
    [
        (columns("ground_force_r_v", "ground_force_r_p", "ground_torque_r_"), "ground_force_r"),
        (columns("R_ground_force_v", "R_ground_force_p", "R_ground_torque_"), "R_ground_force"),
        (columns("1_ground_force_v", "1_ground_force_p", "1_ground_torque_"), "1_ground_force"),
        (columns("calcn_l_force_v", "calcn_l_force_p", "calcn_l_moment_"), "calcn_l_force"),
        (columns("ground_force_v", "ground_force_p", "ground_torque_"), "ground_force"),
        (columns("f1_", "p1_", "m1_", "123"), "plate_1"),
    ],
)
def test_columns_of_every_naming_become_a_wrench(write, named, name):
    time_s, (plate,) = read_forces(write(named))
    assert plate.name == name
    assert plate.corners_lab_m is None
    np.testing.assert_array_equal(plate.force_lab_n, np.tile(FORCE, (4, 1)))
    np.testing.assert_allclose(plate.moment_lab_nm, np.tile(np.cross(POINT, FORCE) + TORQUE, (4, 1)))
    np.testing.assert_allclose(time_s, np.arange(4) / 100.0)


def test_several_plates_are_kept_apart(write):
    left = {key: -value for key, value in columns("ground_force_l_v", "ground_force_l_p", "ground_torque_l_").items()}
    path = write(columns("ground_force_r_v", "ground_force_r_p", "ground_torque_r_") | left)
    _, plates = read_forces(path)
    assert [plate.name for plate in plates] == ["ground_force_r", "ground_force_l"]
    np.testing.assert_array_equal(plates[1].force_lab_n[0], -FORCE)
    _, (only,) = read_forces(path, plates=["ground_force_l"])
    assert only.name == "ground_force_l"


def test_points_and_torques_may_be_in_millimetres(write):
    _, (plate,) = read_forces(write(columns("f1_", "p1_", "m1_", "123")), length_unit="mm")
    np.testing.assert_allclose(plate.moment_lab_nm[0], 1e-3 * (np.cross(POINT, FORCE) + TORQUE))


@pytest.mark.parametrize("nowhere", [340.0, np.nan])
def test_the_point_of_no_force_counts_for_nothing(write, nowhere):
    named = columns("f1_", "p1_", "m1_", "123") | {f"p1_{axis}": np.full(4, nowhere) for axis in "123"}
    named |= {f"f1_{axis}": np.zeros(4) for axis in "123"}
    _, (plate,) = read_forces(write(named))
    np.testing.assert_array_equal(plate.moment_lab_nm, np.tile(TORQUE, (4, 1)))


@pytest.mark.parametrize(
    ("change", "code", "says"),
    [
        ({"ground_force_r_pz": None}, "FORCES_INCOMPLETE", "ground_force_r_pz"),
        ({f"ground_torque_r_{axis}": None for axis in AXES}, "FORCES_INCOMPLETE", "moment x, moment y, moment z"),
        ({"ground_force_r_vx": None}, "FORCES_INCOMPLETE", "ground_force_r_vx"),
        ({f"ground_force_r_v{axis}": None for axis in AXES}, "FORCES_NOT_FOUND", "columns ground_force_r_px"),
        ({"ground_moment_r_x": np.zeros(4)}, "FORCES_AMBIGUOUS", "ground_torque_r_x and ground_moment_r_x"),
        ({"ground_force_r_vx": np.array([0.0, np.nan, 0.0, 0.0])}, "FORCES_NOT_FINITE", "ground_force_r"),
    ],
)
def test_incomplete_forces_are_refused(write, change, code, says):
    named = columns("ground_force_r_v", "ground_force_r_p", "ground_torque_r_") | change
    with pytest.raises(DataError) as refused:
        read_forces(write({key: value for key, value in named.items() if value is not None}))
    assert refused.value.code == code
    assert says in str(refused.value)


def test_a_last_row_of_another_step_is_left_out_and_said(tmp_path):
    """`walk_grf.mot` of a public recording: 0.5 ms steps, and 1 ms before the last row."""
    time_s = np.append(np.arange(39) * 5e-4, 38 * 5e-4 + 1e-3)
    values = np.tile(np.concatenate((FORCE, POINT, TORQUE)), (40, 1))
    names = tuple(columns("ground_force_1_v", "ground_force_1_p", "ground_torque_1_"))
    write_sto(tmp_path / "grf.mot", Table(names, time_s, values), name="grf", in_degrees=False)
    forces = read_force_table(tmp_path / "grf.mot")
    np.testing.assert_allclose(forces.time_s, time_s[:-1], atol=1e-12)
    assert len(forces.plates[0].force_lab_n) == 39
    (note,) = forces.notes
    assert "the last row, at 0.02 s, is off the grid" in note


def test_a_row_missing_in_the_middle_is_still_refused(tmp_path):
    time_s = np.delete(np.arange(40) * 5e-4, 20)
    names = tuple(columns("ground_force_1_v", "ground_force_1_p", "ground_torque_1_"))
    write_sto(tmp_path / "grf.mot", Table(names, time_s, np.ones((39, 9))), name="grf", in_degrees=False)
    with pytest.raises(DataError, match="FORCES_TIME"):
        read_force_table(tmp_path / "grf.mot")


def foot_forces(height_m: float = 0.015) -> FootForces:
    rng = np.random.default_rng(0)
    contact = np.zeros((40, 2), bool)
    contact[5:20, 0] = contact[18:33, 1] = True
    force = np.where(contact[..., np.newaxis], rng.normal(size=(40, 2, 3)) * 50 + [0, 800, 0], 0.0)
    point = rng.normal(size=(40, 2, 3)) * 0.3
    point[..., 1] = height_m
    couple = np.where(contact[..., np.newaxis], rng.normal(size=(40, 2, 1)) * [0, 5, 0], 0.0)
    return FootForces(np.arange(40) / 200.0, force, np.cross(point, force) + couple, contact, height_m)


def test_foot_forces_survive_a_round_trip(tmp_path):
    forces = foot_forces()
    write_forces(tmp_path / "f.mot", forces)
    found = read_foot_forces(tmp_path / "f.mot")
    np.testing.assert_allclose(found.time_s, forces.time_s, atol=1e-12)
    np.testing.assert_array_equal(found.force_ground_n, forces.force_ground_n)
    # 1 N m per rounding of a centre of pressure, 1e-16 m, times 1e3 N.
    np.testing.assert_allclose(found.moment_ground_nm, forces.moment_ground_nm, atol=1e-11)
    np.testing.assert_array_equal(found.contact, forces.contact)
    assert found.surface_height_m == forces.surface_height_m


def test_unloaded_feet_are_written_as_zeros_throughout(tmp_path):
    write_forces(tmp_path / "f.mot", foot_forces())
    table = read_sto(tmp_path / "f.mot")
    right = [index for index, name in enumerate(table.names) if "_r_" in name]
    unloaded = ~foot_forces().contact[:, 0]
    assert len(right) == 9
    np.testing.assert_array_equal(table.values[np.ix_(unloaded, right)], 0.0)
    assert (table.column("ground_force_r_vy")[~unloaded] > 0).all()
    np.testing.assert_array_equal(table.column("ground_force_r_py")[~unloaded], 0.015)


def test_a_force_below_the_threshold_of_contact_is_not_written(tmp_path):
    forces = foot_forces()
    forces.force_ground_n[0, 0] = [1.0, 8.0, 0.0]
    write_forces(tmp_path / "f.mot", forces)
    np.testing.assert_array_equal(read_foot_forces(tmp_path / "f.mot").force_ground_n[0, 0], 0.0)


def test_a_sample_of_a_stance_without_vertical_force_is_written_as_nothing(tmp_path):
    forces = foot_forces()
    sample = int(np.flatnonzero(forces.contact[:, 0])[1])
    forces.force_ground_n[sample, 0] = [-50.0, 0.0, 7.0]
    write_forces(tmp_path / "f.mot", forces)
    back = read_foot_forces(tmp_path / "f.mot")
    assert not back.contact[sample, 0]
    np.testing.assert_array_equal(back.force_ground_n[sample, 0], 0.0)
    assert back.contact[sample - 1, 0]


def test_a_threshold_decides_what_a_foreign_file_calls_contact(tmp_path):
    write_forces(tmp_path / "f.mot", foot_forces())
    loaded = read_foot_forces(tmp_path / "f.mot", contact_threshold_n=800.0).contact
    np.testing.assert_array_equal(loaded, foot_forces().force_ground_n[..., 1] > 800.0)


def test_a_file_without_one_foot_is_refused(write):
    with pytest.raises(DataError, match="ground_force_l"):
        read_foot_forces(write(columns("ground_force_r_v", "ground_force_r_p", "ground_torque_r_")))


def test_external_loads_name_the_bodies_asked_for(tmp_path):
    write_external_loads(tmp_path / "l.xml", forces_file=Path("f.mot"), bodies={"r": "foot_r", "l": "foot_l"})
    root = parse_xml(tmp_path / "l.xml").getroot()
    assert root.get("Version") == "40000"
    assert [element.text for element in root.iter("applied_to_body")] == ["foot_r", "foot_l"]
    assert [element.text for element in root.iter("datafile")] == ["f.mot"]


@pytest.mark.parametrize("absolute", [False, True])
def test_opensim_applies_the_forces_of_the_file_to_its_feet(tmp_path, tmp_path_factory, monkeypatch, absolute):
    opensim = pytest.importorskip("opensim")
    package = importlib.util.find_spec("nimblephysics")
    if package is None:
        pytest.skip("no nimblephysics wheel, which carries the model")
    opensim.Logger.setLevelString("Error")
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    forces = foot_forces()
    write_forces(tmp_path / "f.mot", forces)
    data = tmp_path / "f.mot" if absolute else Path("f.mot")
    write_external_loads(tmp_path / "l.xml", forces_file=data)
    (osim,) = Path(package.origin).parent.rglob("Rajagopal2015.osim")
    model = opensim.Model(str(osim))
    loads = opensim.ExternalLoads(str(tmp_path / "l.xml"), True)
    model.addModelComponent(loads)
    model.initSystem()
    for frame in (10, 25):
        for side in (0, 1):
            applied, time_s = loads.get(side), float(forces.time_s[frame])
            force, point, torque = (
                np.array([vector.get(axis) for axis in range(3)])
                for vector in (
                    applied.getForceAtTime(time_s),
                    applied.getPointAtTime(time_s),
                    applied.getTorqueAtTime(time_s),
                )
            )
            np.testing.assert_allclose(force, forces.force_ground_n[frame, side], atol=1e-9)
            np.testing.assert_allclose(np.cross(point, force) + torque, forces.moment_ground_nm[frame, side], atol=1e-9)
            assert applied.get_applied_to_body() == ("calcn_r", "calcn_l")[side]
