"""Units of plate channels: read, decided by the centre of pressure, or refused."""

from __future__ import annotations

import numpy as np
import pytest

from c3d_bytes import c3d_bytes, plate_parameters
from gaitload.errors import DataError
from gaitload.io.c3d import read_c3d
from gaitload.io.units import is_silent, newton_metres_of, newtons_of

FRAMES, SAMPLES = 10, 10
CORNERS_MM = np.array([[400.0, 600.0, 0.0], [0.0, 600.0, 0.0], [0.0, 0.0, 0.0], [400.0, 0.0, 0.0]])
"""Plate axes equal the axes of the lab."""
MIDDLE_M = np.array([0.2, 0.3, 0.0])
FORCE_N = np.array([20.0, -30.0, -700.0])
LEVER_M = np.array([0.05, -0.12, 0.0])
MOMENT_NM = np.cross(LEVER_M, FORCE_N)


def read(tmp_path, units, stored, *, kind=2, origin_mm=(0.0, 0.0, 0.0), plates=(1,), **more):
    """The plate of a file that holds the same six or eight numbers in every sample."""
    analog = np.broadcast_to(np.asarray(stored, dtype=float), (FRAMES, SAMPLES, len(stored)))
    points = np.broadcast_to([1.0, 2.0, 3.0, 0.0], (FRAMES, 1, 4))
    parameters = plate_parameters(kind, CORNERS_MM, np.array(origin_mm), **more)
    parameters |= {"ANALOG": {"UNITS": list(units)}}
    path = tmp_path / "plate.c3d"
    path.write_bytes(c3d_bytes(points, labels=["A"], analog=analog, parameters=parameters))
    return read_c3d(path, plates=plates)


def wrench(recording):
    (plate,) = recording.plates
    force = plate.force_lab_n[0]
    return force, plate.moment_lab_nm[0] - np.cross(MIDDLE_M, force)


FORCES = {"N": 1.0, "Newtons": 1.0, "kN": 1e-3, "lbf": 1 / 4.4482216, "LBS": 1 / 4.4482216, "kgf": 1 / 9.80665}
MOMENTS = {
    **dict.fromkeys(("Nm", "N.m", "N·m", "N⋅m", "N*m", "N-m", "N m", "Newton-meters", "newton metres"), 1.0),
    **dict.fromkeys(("Nmm", "N.mm", "N·mm", "Newton-millimeters"), 1e3),
    "Ncm": 1e2,
    "kNm": 1e-3,
    "ft-lb": 1 / 1.3558179,
    "in.lbf": 1 / 0.11298483,
}


@pytest.mark.parametrize("force_unit", FORCES)
@pytest.mark.parametrize("moment_unit", MOMENTS)
def test_spelled_units_are_read(tmp_path, force_unit, moment_unit):
    stored = [*FORCE_N * FORCES[force_unit], *MOMENT_NM * MOMENTS[moment_unit]]
    force, moment = wrench(read(tmp_path, [force_unit] * 3 + [moment_unit] * 3, stored))
    np.testing.assert_allclose(force, FORCE_N, rtol=1e-6)
    np.testing.assert_allclose(moment, MOMENT_NM, rtol=1e-6)


@pytest.mark.parametrize("unit", ["", "V", "N"])
@pytest.mark.parametrize("per_metre", [1.0, 1e2, 1e3])
def test_moments_without_a_unit_are_decided_by_the_centre_of_pressure(tmp_path, unit, per_metre):
    recording = read(tmp_path, [unit] * 6, [*FORCE_N, *MOMENT_NM * per_metre])
    force, moment = wrench(recording)
    np.testing.assert_allclose(force, FORCE_N, rtol=1e-6)
    np.testing.assert_allclose(moment, MOMENT_NM, rtol=1e-6)
    assert any("by the centre of pressure" in note for note in recording.notes)


@pytest.mark.parametrize("per_metre", [1.0, 1e3])
def test_moments_of_a_calibration_matrix_are_decided_likewise(tmp_path, per_metre):
    matrix = np.diag([10.0, 10.0, 100.0, *[5.0 * per_metre] * 3]).astype(np.float32)
    stored = np.concatenate((FORCE_N / [10.0, 10.0, 100.0], MOMENT_NM / 5.0))
    force, moment = wrench(read(tmp_path, ["V"] * 6, stored, kind=4, CAL_MATRIX=matrix[np.newaxis]))
    np.testing.assert_allclose(force, FORCE_N, rtol=1e-6)
    np.testing.assert_allclose(moment, MOMENT_NM, rtol=1e-6)


@pytest.mark.parametrize(("unit", "per_metre"), [("", 1.0), ("", 1e3), ("mm", 1e3), ("meters", 1.0)])
def test_the_centre_of_pressure_of_type_1_is_read_or_decided(tmp_path, unit, per_metre):
    stored = [*FORCE_N, *LEVER_M[:2] * per_metre, 4.0]
    _, moment = wrench(read(tmp_path, ["N"] * 3 + [unit] * 2 + ["Nm"], stored, kind=1))
    np.testing.assert_allclose(moment, MOMENT_NM + np.array([0.0, 0.0, 4.0]), rtol=1e-6)


@pytest.mark.parametrize(
    ("units", "stored", "what"),
    [
        (["N"] * 3 + ["furlong"] * 3, [*FORCE_N, *MOMENT_NM], "unit of a moment.*furlong"),
        (["stone"] * 3 + ["Nm"] * 3, [*FORCE_N, *MOMENT_NM], "unit of a force.*stone"),
        (["N"] * 3 + ["N/m"] * 3, [*FORCE_N, *MOMENT_NM], "unit of a moment.*N/m"),
        ([""] * 6, [*FORCE_N, *MOMENT_NM * 1e7], "centre of pressure"),
        ([""] * 6, [*FORCE_N, 0.0, 0.0, 0.0], "no moments"),
        (["V"] * 6, [*FORCE_N * 1e3, *MOMENT_NM], "forces of a person"),
        (["V"] * 6, [0.1, 0.2, -8.0, 0.0, 0.1, 0.0], "'V', up to 8: what an amplifier reads"),
        (["mV"] * 6, [100.0, 200.0, -8000.0, 0.0, 100.0, 0.0], "'mV', up to 8000: what an amplifier reads"),
        (["counts"] * 6, [*FORCE_N, *MOMENT_NM], "'counts', up to 700: what an amplifier reads"),
    ],
)
def test_what_nobody_can_know_is_refused_and_the_plate_left_out(tmp_path, units, stored, what):
    with pytest.raises(DataError, match=what) as refused:
        read(tmp_path, units, stored)
    assert refused.value.code == "C3D_PLATE_UNITS"
    assert "force plate 1" in refused.value.where
    recording = read(tmp_path, units, stored, plates=None)
    assert recording.plates == ()
    assert any("plate_1 left out: [C3D_PLATE_UNITS]" in note for note in recording.notes)


@pytest.mark.parametrize(("unit", "moment"), [("", 0.1), ("V", 900.0)])
def test_channels_without_a_unit_beside_no_load_are_told(tmp_path, unit, moment):
    recording = read(tmp_path, [unit] * 6, [0.1, 0.2, -8.0, 0.0, moment, 0.0])
    assert any("at most 8.0" in note and (unit or "no unit") in note for note in recording.notes)


def test_numbers_that_no_amplifier_gives_are_scaled_whatever_they_are_called(tmp_path):
    force, moment = wrench(read(tmp_path, ["mV"] * 6, [*FORCE_N, *MOMENT_NM * 1e3]))
    np.testing.assert_allclose(force, FORCE_N, rtol=1e-6)
    np.testing.assert_allclose(moment, MOMENT_NM, rtol=1e-6)


@pytest.mark.parametrize(
    ("origin_mm", "told"),
    [((260.0, 150.0, -50.0), "exchanged"), ((0.0, 0.0, -50.0), "0 x 0 mm"), ((900.0, 900.0, -50.0), "1800")],
)
def test_sensors_of_a_kistler_plate_that_lie_beside_it_are_refused(tmp_path, origin_mm, told):
    stored = [0.0] * 4 + [-175.0] * 4
    assert len(read(tmp_path, ["N"] * 8, stored, kind=3, origin_mm=(150.0, 260.0, -50.0)).plates) == 1
    with pytest.raises(DataError, match=told) as refused:
        read(tmp_path, ["N"] * 8, stored, kind=3, origin_mm=origin_mm)
    assert refused.value.code == "C3D_PLATE_ORIGIN"


@pytest.mark.parametrize("unit", ["Hz", "deg", "N/kg", "%", "furlong"])
def test_other_units_are_neither_force_nor_moment_nor_silent(unit):
    assert newtons_of(unit) is None
    assert newton_metres_of(unit) is None
    assert not is_silent(unit)
