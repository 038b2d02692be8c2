"""Names of markers that no set knows still tell landmarks, in the spellings of several laboratories."""

from __future__ import annotations

from pathlib import Path

import pytest

import synthetic_person as person
from gaitload.discovery.set_draft import draft_text, landmark_of, meanings
from gaitload.discovery.strangers import Finding
from gaitload.models.markersets import load_marker_set
from gaitload.models.registry import MODELS_DIR


@pytest.mark.parametrize(
    ("name", "landmark"),
    [
        ("RASI", "asis_r"),
        ("R_IAS", "asis_r"),
        ("L.PSIS", "psis_l"),
        ("left heel", "heel_l"),
        ("RKNE", "knee_lateral_r"),
        ("R_FME", "knee_medial_r"),
        ("L_FM5", "mt5_l"),
        ("SACR", "sacrum"),
        ("RTHI", None),
        ("R", None),
        ("Loose", None),
    ],
)
def test_a_name_tells_its_landmark(name: str, landmark: str | None) -> None:
    assert landmark_of(name) == landmark


def test_a_draft_can_be_read_and_names_what_is_open(tmp_path: Path) -> None:
    names = ("RASI", "LASI", "RANM", "RHEE", "RHEEL", "RTH9", "Q1", "Q2")
    findings = [
        Finding("Q1", "femur_r", None, True, "distances to femur_r vary by 4 mm, to tibia_r by 40 mm"),
        Finding("Q2", "femur_r", None, False, "distances to femur_r vary by 8 mm, to tibia_r by 12 mm"),
    ]
    meant = meanings(names, [person.marker_set()])
    text = draft_text(names, {"RHEE"}, meant, findings)
    (tmp_path / "draft.tsv").write_text(text)
    draft = load_marker_set(tmp_path / "draft.tsv", MODELS_DIR / "rajagopal" / "landmarks.tsv")
    assert [marker.name for marker in draft.markers] == ["RASI", "LASI", "RANM", "RHEE", "Q1"]
    assert draft.by_name["RANM"].landmark == "ankle_medial_r"
    assert draft.by_name["Q1"].body == "femur_r"
    assert draft.by_name["RHEE"].ik_weight == 0.0, "it is worn in the static trial alone"
    for name in ("RHEEL", "RTH9", "Q2"):
        assert f"# which landmark or body carries {name}" in text
