"""Force plates of C3D files: scaling, units, order of samples, and what is said about plates that cannot be read."""

from __future__ import annotations

import ezc3d
import numpy as np
import pytest

from c3d_bytes import c3d_bytes, plate_parameters
from gaitload.errors import DataError
from gaitload.io.c3d import read_c3d

FRAMES, SAMPLES = 3, 4
MARKER = np.broadcast_to([1.0, 2.0, 3.0, 0.0], (FRAMES, 1, 4))
CORNERS_MM = np.array([[400.0, 600.0, 0.0], [0.0, 600.0, 0.0], [0.0, 0.0, 0.0], [400.0, 0.0, 0.0]])
"""Plate axes equal the axes of the lab."""
SURFACE_MM = np.array([200.0, 300.0, 0.0])
NEWTON_MILLIMETRES = ["N"] * 3 + ["Nmm"] * 3


@pytest.fixture
def write(tmp_path):
    def write(analog: np.ndarray, **options):
        path = tmp_path / "plates.c3d"
        path.write_bytes(c3d_bytes(MARKER, labels=["A"], analog=analog, **options))
        return path

    return write


def counts(channels: int = 6) -> np.ndarray:
    return np.arange(FRAMES * SAMPLES * channels, dtype=float).reshape(FRAMES, SAMPLES, channels)


def moment_about_surface(plate) -> np.ndarray:
    return plate.moment_lab_nm - np.cross(SURFACE_MM * 1e-3, plate.force_lab_n)


def test_samples_follow_each_other_through_the_frames(write):
    recording = read_c3d(write(counts(), parameters=plate_parameters(2, CORNERS_MM, np.zeros(3))))
    force = recording.plates[0].force_lab_n
    np.testing.assert_array_equal(force, counts().reshape(-1, 6)[:, :3])
    np.testing.assert_allclose(recording.force_time_s, np.arange(FRAMES * SAMPLES) / 400.0)


@pytest.mark.parametrize(("unit", "newton_metres"), [("Nmm", 1e-3), ("N.mm", 1e-3), ("Nm", 1.0), ("V", 1e-3)])
def test_moments_come_in_the_unit_of_their_channel_or_of_the_points(write, unit, newton_metres):
    parameters = plate_parameters(2, CORNERS_MM, np.zeros(3)) | {"ANALOG": {"UNITS": ["N"] * 3 + [unit] * 3}}
    plate = read_c3d(write(counts(), parameters=parameters)).plates[0]
    np.testing.assert_allclose(moment_about_surface(plate), counts().reshape(-1, 6)[:, 3:] * newton_metres, atol=1e-12)


@pytest.mark.parametrize(("unit", "metres"), [("mm", 1e-3), ("m", 1.0), ("", 1e-3)])
def test_the_centre_of_pressure_of_type_1_comes_in_its_own_unit(write, unit, metres):
    stored = np.broadcast_to([0.0, 0.0, 10.0, 0.5, 0.25, 2.0], (FRAMES, SAMPLES, 6))
    units = {"ANALOG": {"UNITS": ["N", "N", "N", unit, unit, "Nm"]}}
    plate = read_c3d(write(stored, parameters=plate_parameters(1, CORNERS_MM, np.zeros(3)) | units)).plates[0]
    np.testing.assert_allclose(
        moment_about_surface(plate)[0], [0.25 * metres * 10.0, -0.5 * metres * 10.0, 2.0], rtol=1e-12
    )


def integer_channels(offset: int, unsigned: bool) -> tuple[np.ndarray, dict, np.ndarray]:
    # As stored, with the parameters that scale them, and what the manual's equation makes of them.
    stored = counts() * 11 + offset
    scale = np.linspace(-2.0, 3.0, 6, dtype=np.float32)
    offsets = np.full(6, offset).astype(np.uint16 if unsigned else np.int16)
    scaling = {"ANALOG": {"GEN_SCALE": np.float32(0.5), "SCALE": scale, "OFFSET": offsets}}
    return stored, scaling, (stored - offset).reshape(-1, 6) * scale * 0.5


@pytest.mark.parametrize(("offset", "unsigned"), [(12, False), (-12, False), (2048, True), (32768, True)])
def test_integer_channels_are_shifted_and_scaled_as_the_manual_says(write, offset, unsigned):
    stored, scaling, expected = integer_channels(offset, unsigned)
    parameters = plate_parameters(2, CORNERS_MM, np.zeros(3)) | scaling
    path = write(stored, scale=0.1, unsigned=unsigned, parameters=parameters)
    np.testing.assert_allclose(read_c3d(path).plates[0].force_lab_n, expected[:, :3], rtol=1e-6)


def test_integer_channels_are_those_of_an_independent_reader(write):
    # Offset positive and signed: ezc3d takes the magnitude of negative offsets and reads unsigned samples as signed.
    stored, scaling, _ = integer_channels(12, unsigned=False)
    path = write(stored, scale=0.1, parameters=plate_parameters(2, CORNERS_MM, np.zeros(3)) | scaling)
    independent = ezc3d.c3d(str(path))["data"]["analogs"][0, :3].T
    np.testing.assert_allclose(read_c3d(path).plates[0].force_lab_n, independent, rtol=1e-6)


def test_a_calibration_matrix_is_stored_by_column(write):
    matrix = np.arange(36.0).reshape(6, 6)
    parameters = plate_parameters(4, CORNERS_MM, np.zeros(3), CAL_MATRIX=matrix.T.astype(np.float32)[np.newaxis])
    parameters |= {"ANALOG": {"UNITS": NEWTON_MILLIMETRES}}
    plate = read_c3d(write(counts(), parameters=parameters)).plates[0]
    calibrated = counts().reshape(-1, 6) @ matrix.T
    np.testing.assert_allclose(plate.force_lab_n, calibrated[:, :3])
    np.testing.assert_allclose(moment_about_surface(plate), calibrated[:, 3:] * 1e-3, atol=1e-9)


def test_corners_come_out_in_metres(write):
    plate = read_c3d(write(counts(), parameters=plate_parameters(2, CORNERS_MM, np.zeros(3)))).plates[0]
    np.testing.assert_allclose(plate.corners_lab_m, CORNERS_MM * 1e-3)
    assert plate.name == "plate_1"


def test_a_file_without_analog_data_has_no_forces(tmp_path):
    path = tmp_path / "static.c3d"
    path.write_bytes(c3d_bytes(MARKER, labels=["A"], parameters=plate_parameters(2, CORNERS_MM, np.zeros(3))))
    recording = read_c3d(path)
    assert recording.plates == ()
    assert recording.force_time_s.size == 0


@pytest.mark.parametrize("kind", [5, 6, 7, 21])
def test_a_plate_of_unknown_type_is_named_and_the_other_plates_are_used(write, kind):
    parameters = plate_parameters(kind, CORNERS_MM, np.zeros(3))
    both = {
        name: np.concatenate([values, values])
        for name, values in parameters["FORCE_PLATFORM"].items()
        if name != "USED"
    }
    both |= {"USED": np.int16(2), "TYPE": np.array([2, kind], np.int16)}
    path = write(counts(), parameters={"FORCE_PLATFORM": both, "ANALOG": {"UNITS": NEWTON_MILLIMETRES}})
    recording = read_c3d(path)
    assert [plate.name for plate in recording.plates] == ["plate_1"]
    assert any("plate_2 left out: [C3D_PLATE_TYPE]" in note and f"type {kind}" in note for note in recording.notes)
    with pytest.raises(DataError, match=f"force plate 2.*type {kind}") as refused:
        read_c3d(path, plates=[2])
    assert refused.value.code == "C3D_PLATE_TYPE"
    assert read_c3d(path, plates=()).plates == ()


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("C3D_PLATE_CHANNELS", {"CHANNEL": np.array([[1, 2, 3, 4, 5, 7]], np.int16)}),
        ("C3D_PLATE_CHANNELS", {"CHANNEL": np.array([[1, 2, 3, 4, 5, 0]], np.int16)}),
        ("C3D_PLATE_CHANNELS", {"CHANNEL": np.array([[1, 2, 3]], np.int16)}),
        ("C3D_PLATE_CORNERS", {"CORNERS": np.zeros((1, 4, 3), np.float32)}),
        ("C3D_PLATE_CORNERS", {"CORNERS": np.full((1, 4, 3), np.nan, np.float32)}),
        ("C3D_PLATE_CORNERS", {"CORNERS": CORNERS_MM[[0, 2, 1, 3]].astype(np.float32)[np.newaxis]}),
        ("C3D_PLATE_PARAMETERS", {"ORIGIN": None}),
        ("C3D_PLATE_PARAMETERS", {"USED": np.int16(2), "TYPE": np.array([2], np.int16)}),
    ],
)
def test_a_plate_that_is_not_described_is_refused_and_named(write, code, change):
    path = write(counts(), parameters=plate_parameters(2, CORNERS_MM, np.zeros(3), **change))
    number = 2 if change.get("USED") == 2 else 1
    with pytest.raises(DataError, match=f"force plate {number}") as refused:
        read_c3d(path, plates=[number])
    assert refused.value.code == code
    assert any(f"plate_{number} left out: [{code}]" in note for note in read_c3d(path).notes)


def test_type_4_without_its_matrix_is_refused(write):
    path = write(counts(), parameters=plate_parameters(4, CORNERS_MM, np.zeros(3)))
    with pytest.raises(DataError, match="CAL_MATRIX"):
        read_c3d(path, plates=[1])


def test_a_plate_that_does_not_exist_is_refused(write):
    path = write(counts(), parameters=plate_parameters(2, CORNERS_MM, np.zeros(3)))
    with pytest.raises(DataError, match="C3D_PLATE_MISSING"):
        read_c3d(path, plates=[2])
