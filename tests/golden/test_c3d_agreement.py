"""Published C3D files, read by us and by others: OpenSim's C++ adapter (its `std_*` files) and ezc3d."""

from __future__ import annotations

from pathlib import Path

import ezc3d
import numpy as np
import pytest

from gaitload.errors import DataError
from gaitload.io.c3d import read_c3d
from gaitload.io.forces import read_forces
from gaitload.io.sto import read_sto
from gaitload.io.trc import read_trc
from gaitload.signals.plates import center_of_pressure
from gaitload.trial import PlateWrench

WALKS = ("walking2", "walking5")
LOADED_N = 20.0
MARKER_RATE_HZ, FORCE_RATE_HZ = 250, 2000
ROUNDING = 1e-12
"""Of sums of products near 1e3 (N, N m) in double precision."""


@pytest.fixture
def cases(shared) -> Path:
    return shared / "c3d_cases"


def adapter_markers(path: Path) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Names, frames and positions (m) of a file of OpenSim's adapter, which holds every tenth frame and the last."""
    lines = path.read_text().splitlines()
    names = [cell for cell in lines[3].split("\t")[2:] if cell]
    cells = np.array([[float(cell) for cell in line.split("\t")[: 2 + 3 * len(names)]] for line in lines[6:]])
    frames = np.rint(cells[:, 1] * MARKER_RATE_HZ).astype(int)
    return names, frames, cells[:, 2:].reshape(len(cells), -1, 3) * 1e-3


def adapter_plate(path: Path, plate: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Samples, force (N), point (m) and moment about it (N m); every hundredth sample and the last."""
    table = read_sto(path)
    values = [np.column_stack([table.column(f"{kind}{plate}_{axis}") for axis in (1, 2, 3)]) for kind in "fpm"]
    return np.rint(table.time_s * FORCE_RATE_HZ).astype(int), values[0], values[1] * 1e-3, values[2] * 1e-3


@pytest.mark.parametrize("walk", WALKS)
def test_markers_are_those_of_opensims_adapter(cases, walk):
    recording = read_c3d(cases / f"{walk}.c3d")
    names, frames, expected = adapter_markers(cases / f"std_{walk}_markers.trc")
    assert set(names) == set(recording.marker_names)
    assert frames[-1] == len(recording.marker_time_s) - 1
    found = recording.marker_lab_m[frames][:, [recording.marker_names.index(name) for name in names]]
    np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
    assert np.isfinite(found).sum() > 7000
    # The adapter's file has five digits: half a unit of the last is 0.05 mm beyond one metre.
    np.testing.assert_allclose(found, expected, rtol=0, atol=0.05e-3 + ROUNDING)


@pytest.mark.parametrize("plate", [1, 2])
@pytest.mark.parametrize("walk", WALKS)
def test_force_and_moment_are_those_of_opensims_adapter(cases, walk, plate):
    wrench = read_c3d(cases / f"{walk}.c3d").plates[plate - 1]
    samples, force, point, moment = adapter_plate(cases / f"std_{walk}_grfs.sto", plate)
    # This file gives the moment about the centre of the surface.
    np.testing.assert_allclose(point, np.tile(wrench.corners_lab_m.mean(axis=0), (len(point), 1)), atol=1e-10)
    np.testing.assert_allclose(wrench.force_lab_n[samples], force, rtol=0, atol=1e-6)
    np.testing.assert_allclose(wrench.moment_lab_nm[samples], np.cross(point, force) + moment, rtol=0, atol=1e-6)


@pytest.mark.parametrize("plate", [1, 2])
@pytest.mark.parametrize("walk", WALKS)
def test_centre_of_pressure_and_free_moment_are_those_of_opensims_adapter(cases, walk, plate):
    wrench = read_c3d(cases / f"{walk}.c3d").plates[plate - 1]
    samples, force, point, moment = adapter_plate(cases / f"std_cop_{walk}_grfs.sto", plate)
    cop, free_moment = center_of_pressure(wrench.force_lab_n, wrench.moment_lab_nm, 0.0, up=2)
    loaded = force[:, 2] > LOADED_N
    assert loaded.sum() >= 10
    np.testing.assert_allclose(wrench.force_lab_n[samples], force, rtol=0, atol=1e-6)
    np.testing.assert_allclose(cop[samples][loaded], point[loaded], rtol=0, atol=1e-5)
    np.testing.assert_allclose(free_moment[samples][loaded], moment[loaded, 2], rtol=0, atol=1e-6)
    np.testing.assert_array_equal(moment[:, :2], 0.0)


def test_the_odd_last_step_of_the_adapters_files_is_left_out(cases):
    # Every hundredth sample and then the last: 4.95, 4.9955 s. A grid put through that would be 4 ms off in the middle.
    time_s, _ = read_forces(cases / "std_walking2_grfs.sto", length_unit="mm")
    assert time_s[-1] == pytest.approx(4.95)


def independent(path: Path, wrench: PlateWrench) -> dict[str, np.ndarray]:
    """The same plate by ezc3d, in SI units: force, moment about the centre of the surface, point, free moment."""
    plate = ezc3d.c3d(str(path), extract_forceplat_data=True)["data"]["platform"][int(wrench.name[-1]) - 1]
    metres = {"m": 1.0, "mm": 1e-3}[plate["unit_position"]]
    return {
        "force": plate["force"].T,
        "moment": plate["moment"].T * metres,
        "cop": plate["center_of_pressure"].T * metres,
        "free": plate["Tz"].T * metres,
    }


def about_surface(wrench: PlateWrench) -> np.ndarray:
    return wrench.moment_lab_nm - np.cross(wrench.corners_lab_m.mean(axis=0), wrench.force_lab_n)


PLATES = [
    ("c3d_cases/walking2.c3d", 2),
    ("c3d_cases/walking5.c3d", 2),
    ("c3d_cases/Qualisys.c3d", 2),
    ("c3d_cases/BTS.c3d", 2),
    ("c3d_cases/FP_Type3.c3d", 3),
    ("fukuchi2017/RBDS001/RBDS001runT25.c3d", 4),
    ("fukuchi2017/RBDS03/RBDS03runT45.c3d", 4),
]


@pytest.mark.parametrize(("file", "kind"), PLATES)
def test_plates_of_types_2_3_and_4_are_those_of_ezc3d(shared, file, kind):
    path = shared / file
    wrenches = read_c3d(path).plates
    kinds = ezc3d.c3d(str(path))["parameters"]["FORCE_PLATFORM"]["TYPE"]["value"]
    assert set(kinds) == {kind}
    assert max(np.abs(wrench.force_lab_n).max() for wrench in wrenches) > 500.0
    for wrench in wrenches:
        other = independent(path, wrench)
        np.testing.assert_allclose(wrench.force_lab_n, other["force"], rtol=0, atol=ROUNDING)
        np.testing.assert_allclose(about_surface(wrench), other["moment"], rtol=0, atol=ROUNDING)


def test_plate_of_type_1_is_that_of_ezc3d_but_for_the_sign_of_its_moment(cases):
    # ezc3d makes the moment of type 1 from force x point - free moment, against its own convention for the other
    # types, where the moment is point x force + free moment, as it is here for all.
    path = cases / "FP_Type1.c3d"
    (wrench,) = read_c3d(path, plates=[1]).plates
    other = independent(path, wrench)
    np.testing.assert_allclose(wrench.force_lab_n, other["force"], rtol=0, atol=ROUNDING)
    np.testing.assert_allclose(about_surface(wrench), -other["moment"], rtol=0, atol=ROUNDING)
    lever = other["cop"] - wrench.corners_lab_m.mean(axis=0)
    expected = np.cross(lever, other["force"]) + other["free"]
    np.testing.assert_allclose(about_surface(wrench), expected, rtol=0, atol=ROUNDING)


@pytest.mark.parametrize(("file", "up"), [("c3d_cases/Qualisys.c3d", 2), ("fukuchi2017/RBDS001/RBDS001runT25.c3d", 1)])
def test_centres_of_pressure_on_level_plates_are_those_of_ezc3d(shared, file, up):
    path = shared / file
    for wrench in read_c3d(path).plates:
        other, height = independent(path, wrench), wrench.corners_lab_m[:, up].mean()
        loaded = wrench.force_lab_n[:, up] > LOADED_N
        cop, free_moment = center_of_pressure(wrench.force_lab_n[loaded], wrench.moment_lab_nm[loaded], height, up)
        np.testing.assert_allclose(cop, other["cop"][loaded], rtol=0, atol=ROUNDING)
        np.testing.assert_allclose(free_moment, other["free"][loaded, up], rtol=0, atol=ROUNDING)


def test_kistlers_polynomials_would_move_the_centre_of_pressure_by_half_a_millimetre(cases):
    # ezc3d applies FPCOPPOLY, which the C3D manual does not know; we do not. The plate is tilted by 2 mrad as well.
    path = cases / "FP_Type3.c3d"
    wrench = read_c3d(path).plates[0]
    height = wrench.corners_lab_m[:, 2].mean()
    cop, _ = center_of_pressure(wrench.force_lab_n, wrench.moment_lab_nm, height, up=2)
    distance = np.linalg.norm(cop - independent(path, wrench)["cop"], axis=1)
    assert distance.min() > 1e-4
    assert distance.max() < 5e-4


@pytest.mark.parametrize(
    "file", ["BTS", "FP_Type1", "FP_Type3", "Qualisys", "Vicon", "read_NOTworking2", "walking2", "walking5"]
)
def test_markers_of_every_vendor_are_those_of_ezc3d(cases, file):
    path = cases / f"{file}.c3d"
    recording = read_c3d(path, plates=())
    other = ezc3d.c3d(str(path))
    metres = {"m": 1.0, "mm": 1e-3}[other["parameters"]["POINT"]["UNITS"]["value"][0].strip()]
    names = [name.strip() for name in other["parameters"]["POINT"]["LABELS"]["value"]]
    chosen = [names.index(name) for name in recording.marker_names]
    position = other["data"]["points"][:3].T[:, chosen] * metres
    seen = np.isfinite(recording.marker_lab_m).all(axis=2)
    assert position.shape == recording.marker_lab_m.shape
    # The c3d package keeps 32-bit floats, 6e-8 m at one metre.
    np.testing.assert_allclose(recording.marker_lab_m[seen], position[seen], rtol=0, atol=1e-7)
    assert (np.isnan(position[~seen]) | (position[~seen] == 0.0)).all()


def test_gaps_written_as_zeros_are_found_in_the_treadmill_runs(shared):
    recording = read_c3d(shared / "fukuchi2017/RBDS001/RBDS001runT25.c3d", plates=())
    residuals = ezc3d.c3d(str(shared / "fukuchi2017/RBDS001/RBDS001runT25.c3d"))["data"]["meta_points"]["residuals"]
    assert (residuals < 0).sum() == 0
    assert 0.02 < np.isnan(recording.marker_lab_m).mean() < 0.03


def test_a_recording_cut_short_is_refused_with_its_numbers(cases):
    with pytest.raises(DataError, match=r"C3D_TRUNCATED.*1149 frames.*found 29"):
        read_c3d(cases / "Optotrak.c3d")


def test_a_recording_without_points_is_refused(cases):
    with pytest.raises(DataError, match="C3D_NO_MARKERS"):
        read_c3d(cases / "Kistler.c3d")


def test_plates_that_were_never_surveyed_are_left_out_and_refused_where_they_are_wanted(cases):
    recording = read_c3d(cases / "FP_Type1.c3d")
    assert [plate.name for plate in recording.plates] == ["plate_1"]
    assert [note.partition(" ")[0] for note in recording.notes] == ["plate_2", "plate_3", "plate_4"]
    assert all("C3D_PLATE_CORNERS" in note for note in recording.notes)
    with pytest.raises(DataError, match=r"C3D_PLATE_CORNERS.*force plate 2"):
        read_c3d(cases / "FP_Type1.c3d", plates=[2])


@pytest.mark.parametrize(
    ("file", "frames", "markers", "missing"),
    [
        ("c3d_cases/dataWithBlanksForMissingMarkers.trc", 464, 40, True),
        ("c3d_cases/dataWithEformat.trc", 5, 14, False),
        ("c3d_cases/dataWithNaNsOfDifferentCases.trc", 5, 14, True),
        ("c3d_cases/dataWithNaNsWithSpaces.trc", 427, 42, True),
        ("rajagopal2016/motion_capture_run.trc", 510, 42, False),
        ("rajagopal2016/motion_capture_walk.trc", 238, 41, False),
        ("rajagopal2016/static_run.trc", 397, 64, False),
        ("rajagopal2016/static_walk_1.trc", 287, 64, False),
        ("rajagopal2016/static_walk_2.trc", 153, 41, False),
    ],
)
def test_marker_files_of_every_spelling_are_read(shared, file, frames, markers, missing):
    recording = read_trc(shared / file)
    assert recording.marker_lab_m.shape == (frames, markers, 3)
    assert np.isnan(recording.marker_lab_m).any() == missing
    # A laboratory: nothing further than 6 m from its origin.
    assert np.nanmax(np.abs(recording.marker_lab_m)) < 6.0


@pytest.mark.parametrize(
    ("file", "names"),
    [
        ("rajagopal2016/grf_run.mot", ("R_ground_force", "L_ground_force")),
        ("rajagopal2016/grf_walk.mot", ("ground_force_r", "ground_force_l")),
        ("hamner2013_subject04/subject04/trials/run200/grf.mot", ("R_ground_force", "L_ground_force")),
    ],
)
def test_force_files_of_every_naming_push_upwards(shared, file, names):
    time_s, plates = read_forces(shared / file)
    assert tuple(plate.name for plate in plates) == names
    for plate in plates:
        assert len(plate.force_lab_n) == len(time_s)
        # One to three body weights of a person of 70 to 80 kg.
        assert 700.0 < plate.force_lab_n[:, 1].max() < 2400.0
        assert plate.force_lab_n[:, 1].min() > -LOADED_N
