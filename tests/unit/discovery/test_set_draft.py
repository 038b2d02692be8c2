"""Names of markers that no set knows still tell landmarks, in the spellings of several laboratories."""

from __future__ import annotations

from pathlib import Path

import pytest

import synthetic_person as person
from gaitload.discovery.set_draft import draft_text, landmark_of
from gaitload.models.markersets import load_marker_set


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
    names = ("RASI", "LASI", "RANM", "RHEE", "RHEEL", "RTH9")
    (tmp_path / "draft.tsv").write_text(draft_text(names, {"RHEE"}, [person.marker_set()]))
    draft = load_marker_set(tmp_path / "draft.tsv")
    assert [marker.name for marker in draft.markers] == ["RASI", "LASI", "RHEE"]
    assert draft.by_name["RASI"].position_m == pytest.approx(person.marker_set().by_name["RASI"].position_m)
    assert draft.by_name["RHEE"].ik_weight == 0.0, "it is worn in the static trial alone"
    text = (tmp_path / "draft.tsv").read_text()
    for name in ("RHEEL", "RTH9"):
        assert f"which body carries {name}" in text
