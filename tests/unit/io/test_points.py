"""Which points are markers: subjects, unlabelled points, outputs of models."""

from __future__ import annotations

import numpy as np
import pytest

from c3d_bytes import c3d_bytes
from gaitload.errors import DataError
from gaitload.io.c3d import read_c3d
from gaitload.io.points import Chosen, choose_points, require_one_subject


def names(labels, **options):
    return choose_points(labels, where="here", **options).names


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["Ann:LASI", "Ann:RASI"], ("LASI", "RASI")),
        (["P1:LASI", "P1:RASI", "*110", "*111"], ("LASI", "RASI")),
        (["P1:LASI", "RASI"], ("LASI", "RASI")),
        (["P1:LASI", "LASI", "RASI"], ("LASI", "RASI")),
        (["LASI", "", "RASI"], ("LASI", "RASI")),
        (["LASI", "*", "*7", "Unlabeled 1234", "unlabelled_3", "Unidentified-2", "uname*12"], ("LASI",)),
        (["LASI", "CentreOfMass", "CentreOfMassFloor", "CenterOfMass", "centre_of_gravity"], ("LASI",)),
        (["Skeleton 001:LASI", "Unlabeled: 17"], ("LASI",)),
        (["LASI", "CENTER", "UNAGI"], ("LASI", "CENTER", "UNAGI")),
    ],
)
def test_markers_are_what_is_named_and_measured(labels, expected):
    assert names(labels) == expected


def test_of_several_subjects_all_stay_until_one_is_asked_for():
    labels = ["Ann:LASI", "Ann:RASI", "Box:c1", "ball"]
    assert names(labels) == tuple(labels)
    assert names(labels, subject="Ann") == ("LASI", "RASI", "ball")
    assert names(labels, subject="ann:") == ("LASI", "RASI", "ball")
    with pytest.raises(DataError, match=r"SUBJECTS_SEVERAL.*Ann \(2 markers\), Box \(1 markers\)"):
        require_one_subject(labels, "here")
    with pytest.raises(DataError, match=r"SUBJECT_UNKNOWN.*Ann, Box"):
        names(labels, subject="Bob")


def test_two_people_may_wear_the_same_names():
    assert names(["Ann:LASI", "Bob:LASI"], subject="Bob") == ("LASI",)


def test_prefixes_that_the_file_declares_need_no_colon():
    assert names(["S1_LASI", "S1_RASI"], prefixes=["S1_"]) == ("LASI", "RASI")


def test_what_was_left_out_is_told():
    notes = choose_points(["P:A", "Q:B", "*1", "knee"], outputs={"knee"}, subject="P", where="here").notes
    assert [note for note in notes if "other subjects (Q:B)" in note]
    assert [note for note in notes if "unlabelled (*1)" in note]
    assert [note for note in notes if "results of a model (knee)" in note]


AXES = np.array([[0.0, 0.0, 0.0], [0.1, 0.0, 0.0], [0.0, 0.1, 0.0], [0.0, 0.0, 0.1]])


def test_virtual_bones_are_four_points_at_right_angles():
    labels = ["LFEO", "LFEA", "LFEL", "LFEP", "LTIO", "LTIA"]
    position = np.concatenate((AXES, AXES[:2] + 1.0))[np.newaxis].repeat(5, axis=0)
    kept = Chosen(tuple(labels), tuple(range(6)), ()).without_bones(position)
    assert (kept.names, kept.kept) == (("LTIO", "LTIA"), (4, 5))
    assert kept.notes == ("not markers: 4 points of virtual bones",)


TURN = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0]


def test_points_of_a_bone_without_its_origin_tell_where_it_is():
    axes = AXES * np.array([0.5, 0.5, 4.0]) @ TURN + 0.3
    position = np.stack((axes, axes + 0.2))
    numbered = Chosen(("RHDF0", "RHDF1", "RHDF2", "RHDF3"), (0, 1, 2, 3), ())
    assert numbered.without_bones(position).names == ()
    without_origin = Chosen(("RTIB1", "RTIB2", "RTIB3"), (0, 1, 2), ())
    assert without_origin.without_bones(position[:, 1:]).names == ()
    cluster = position[:, 1:] + np.random.default_rng(4).normal(scale=1e-4, size=(2, 3, 3))
    assert without_origin.without_bones(cluster) == without_origin


def test_markers_that_are_called_alike_stay_where_their_angles_are_others():
    bent = AXES.copy()
    bent[2, 0] = 0.1
    markers = Chosen(("HIPO", "HIPA", "HIPL", "HIPP"), (0, 1, 2, 3), ())
    assert markers.without_bones(bent[np.newaxis]) == markers


def test_a_group_of_points_with_a_type_of_its_own_is_no_group_of_markers(tmp_path):
    points = np.broadcast_to([1.0, 2.0, 3.0, 0.0], (12, 3, 4))
    groups = {"TYPE_GROUPS": ["ANGLES", "EFFORT"], "EFFORT": ["push"], "ANGLES": ["knee"]}
    path = tmp_path / "a.c3d"
    path.write_bytes(c3d_bytes(points, labels=["A", "push", "knee"], parameters={"POINT": groups}))
    assert read_c3d(path).marker_names == ("A",)
