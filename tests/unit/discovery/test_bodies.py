"""Masses and heights that capture software stored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from c3d_bytes import c3d_bytes
from gaitload.discovery.bodies import bodies_said, describe_bodies
from gaitload.io.subject_files import Body, body_of_c3d, body_of_text


def write_c3d(path: Path, parameters: dict) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    points = np.broadcast_to([1.0, 2.0, 3.0, 0.0], (12, 1, 4))
    path.write_bytes(c3d_bytes(points, labels=["A"], parameters=parameters))
    return path


def processing(mass: float, height: float, group: str = "PROCESSING") -> dict:
    return {group: {"Bodymass": np.float32(mass), "Height": np.float32(height)}}


@pytest.mark.parametrize(
    ("parameters", "mass_kg", "height_m"),
    [
        (processing(51.5, 1605.0), 51.5, 1.605),
        (processing(51.5, 160.5, "SUBJECTS"), 51.5, 1.605),
        (processing(0.0, 0.0), None, None),
        (processing(900.0, 1.6), None, 1.6),
        ({"PROCESSING": {"LLegLength": np.float32(780.0)}}, None, None),
        ({}, None, None),
        (processing(51.5, 1605.0) | {"SUBJECTS": {"NAMES": ["Ann", "Bob"]}}, None, None),
    ],
)
def test_the_parameters_of_a_recording_say_mass_and_height(tmp_path, parameters, mass_kg, height_m):
    body = body_of_c3d(write_c3d(tmp_path / "a.c3d", parameters))
    assert (body.mass_kg, body.height_m) == (mass_kg, height_m)


def test_a_damaged_recording_says_nothing(tmp_path):
    (tmp_path / "a.c3d").write_bytes(b"\x02\x50" + bytes(700))
    assert body_of_c3d(tmp_path / "a.c3d").mass_kg is None


@pytest.mark.parametrize(
    ("text", "mass_kg", "height_m"),
    [
        ("{*Vicon*}\n$Bodymass = 51.5\n$Height = 1605\n$InterAsisDistance = 221\n", 51.5, 1.605),
        ("[SUBJECT_INFO]\nNAME=Ann\nWEIGHT=62,5\nHEIGHT=171\n", 62.5, 1.71),
        ('<Parameter NAME="Bodymass" VALUE="70.2"/>\n<Parameter NAME="Height" VALUE="1800"/>', 70.2, 1.8),
        ("$Bodymass = 0\n", None, None),
        ("\x00\xff", None, None),
    ],
)
def test_the_files_of_vicon_say_mass_and_height(tmp_path, text, mass_kg, height_m):
    path = tmp_path / "Ann.mp"
    path.write_text(text, encoding="latin-1")
    body = body_of_text(path)
    assert (body.mass_kg, body.height_m) == (mass_kg, height_m)


@pytest.mark.parametrize(
    ("name", "text", "mass_kg", "height_m"),
    [
        ("_subject.json", '{"sex": "male", "massKg": 80.47, "heightM": 1.772}', 80.47, 1.772),
        ("scale.xml", "<ScaleTool><mass>72.8</mass><height>1800</height><age>-1</age></ScaleTool>", 72.8, 1.8),
        ("scale.xml", "<ScaleTool><mass>0</mass><height>-1</height></ScaleTool>", None, None),
        ("acquisition.xml", "<acquisition><Subject><Weight>75</Weight><Height>180</Height></Subject>", 75.0, 1.8),
        ("model.xml", "<Body><mass>3.7</mass></Body>", None, None),
    ],
)
def test_subjects_of_other_software_say_mass_and_height(tmp_path, name, text, mass_kg, height_m):
    (tmp_path / name).write_text(text)
    body = body_of_text(tmp_path / name)
    assert (body.mass_kg, body.height_m) == (mass_kg, height_m)


def test_widths_of_joints_are_read_in_millimetres_or_metres(tmp_path):
    said = {"InterASISDistance": 204.0, "RKneeWidth": 0.104, "LKneeWidth": 0.0, "MarkerDiameter": 14.0}
    path = write_c3d(tmp_path / "S1/a.c3d", {"PROCESSING": {name: np.float32(value) for name, value in said.items()}})
    expected = {"inter_asis_m": 0.204, "knee_width_r_m": 0.104, "marker_diameter_m": 0.014}
    assert body_of_c3d(path).lengths_m == pytest.approx(expected)
    found = bodies_said(tmp_path, {"S1/a.c3d": "S1"}, [], {})
    assert found["S1"].lengths_m == pytest.approx(expected, abs=1e-4)
    (told,) = describe_bodies(found)
    assert "distance of the ASIS" in told
    (tmp_path / "Ann.mp").write_text("$LKneeWidth = 98\n$RAnkleWidth = 61\n")
    assert body_of_text(tmp_path / "Ann.mp").lengths_m == {"knee_width_l_m": 0.098, "ankle_width_r_m": 0.061}


def test_what_files_say_goes_to_their_person(tmp_path):
    write_c3d(tmp_path / "S1/walk.c3d", processing(60.0, 1700.0))
    write_c3d(tmp_path / "S1/walk2.c3d", processing(62.0, 1700.0))
    write_c3d(tmp_path / "S2/walk.c3d", {"SUBJECTS": {"NAMES": ["Bob"]}})
    write_c3d(tmp_path / "S3/a/walk.c3d", {})
    (tmp_path / "Bob.mp").write_text("$Bodymass = 80\n")
    (tmp_path / "S3/session.enf").write_text("WEIGHT=70\nHEIGHT=1.8\n")
    (tmp_path / "patients.enf").write_text("WEIGHT=99\n")
    ids = {"S1/walk.c3d": "S1", "S1/walk2.c3d": "S1", "S2/walk.c3d": "S2", "S3/a/walk.c3d": "S3"}
    found = bodies_said(tmp_path, ids, ["Bob.mp", "S3/session.enf", "patients.enf", "other.pdf"], {})
    assert {who: (one.mass_kg, one.height_m) for who, one in found.items()} == {
        "S1": (61.0, 1.7),
        "S2": (80.0, None),
        "S3": (70.0, 1.8),
    }
    assert found["S1"].table == "S1/walk.c3d and 1 more"
    assert found["S1"].masses_kg == (60.0, 62.0)


def test_forms_beside_recordings_go_to_their_person(tmp_path):
    (tmp_path / "S1").mkdir()
    (tmp_path / "S1/sessionMetadata.yaml").write_text("mass_kg: 84.9\nheight_m: 1.83\n")
    ids = {"S1/MarkerData/walk.trc": "S1", "S2/MarkerData/walk.trc": "S2"}
    found = bodies_said(tmp_path, ids, ["S1/sessionMetadata.yaml"], {"S2/info.txt": Body(70.0, None)})
    assert (found["S1"].mass_kg, found["S1"].height_m, found["S2"].mass_kg) == (84.9, 1.83, 70.0)
