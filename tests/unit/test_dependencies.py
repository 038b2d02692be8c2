"""What a gate questions and what a label depends on: where they meet, and what happens where one does not say."""

from __future__ import annotations

import pytest

from gaitload.conventions import side_of
from gaitload.dependencies import BODY_MASS, EVERYTHING, concerned, ground_reaction, muscle, pose
from gaitload.registry import modules_of

KNOWN = frozenset([BODY_MASS, ground_reaction("r"), ground_reaction("l"), muscle("soleus_r"), pose("tibia_r")])
LABELS = modules_of("gaitload.labels", required=("LABEL", "compute"))


def test_a_gate_concerns_what_shares_a_term_with_it():
    assert concerned({muscle("soleus_r"), BODY_MASS}, {muscle("soleus_r")}, KNOWN)
    assert not concerned({ground_reaction("l")}, {muscle("soleus_r"), ground_reaction("r")}, KNOWN)


@pytest.mark.parametrize("unknown", [set(), {EVERYTHING}, {"muscle:soleus"}, {ground_reaction("r"), "pose:tail"}])
def test_what_is_not_known_is_concerned(unknown):
    assert concerned({pose("tibia_r")}, unknown, KNOWN)
    assert concerned(unknown, {pose("tibia_r")}, KNOWN)


def test_every_label_depends_on_terms_that_the_model_has(loads, anatomy):
    for module in LABELS.values():
        for stem in module.compute(loads):
            terms = module.depends(stem, anatomy)
            assert terms and terms <= anatomy.known, stem


@pytest.mark.parametrize("side", ["r", "l"])
def test_legs_do_not_depend_on_each_other(loads, anatomy, side):
    other = {"r": "l", "l": "r"}[side]
    foreign = {ground_reaction(other), muscle(f"soleus_{other}"), pose(f"tibia_{other}"), pose(f"calcn_{other}")}
    for module in LABELS.values():
        for stem in module.compute(loads):
            if side_of(stem) == side:
                assert not module.depends(stem, anatomy) & foreign, stem


def test_a_moment_depends_on_everything_below_its_joint_and_an_angle_on_its_neighbours(anatomy):
    below = {pose(f"{body}_r") for body in ("calcn", "toes", "talus", "tibia", "femur")}
    assert below | {pose("pelvis"), ground_reaction("r"), BODY_MASS} <= anatomy.moment("hip_flexion_r")
    assert pose("pelvis") not in anatomy.moment("ankle_angle_r")
    assert {pose("calcn_r"), pose("tibia_r"), pose("femur_r")} <= anatomy.angle("ankle_angle_r")
    assert not anatomy.angle("ankle_angle_r") & {pose("pelvis"), ground_reaction("r"), BODY_MASS}


def test_a_free_moment_loads_the_rotation_of_the_hip_alone(anatomy):
    loaded = [name for name in anatomy.labelled if "free_moment:r" in anatomy.moment(name)]
    assert loaded == ["hip_rotation_r"]


def test_two_joint_muscles_carry_a_doubt_from_one_joint_to_the_other(anatomy):
    assert set(anatomy.relevant("gasmed_r")) == {"knee_angle_r", "ankle_angle_r"}
    assert anatomy.relevant("soleus_r") == ("ankle_angle_r",)
    # 11 % of hip abduction is no principal share.
    assert set(anatomy.relevant("recfem_r")) == {"knee_angle_r", "hip_flexion_r"}
    assert muscle("gasmed_r") in anatomy.contact("knee", "r") & anatomy.contact("ankle", "r")
    assert muscle("soleus_r") not in anatomy.contact("knee", "r")
    assert muscle("glmed1_r") in anatomy.contact("hip", "r") - anatomy.contact("knee", "r")


def test_a_muscle_that_the_model_does_not_have_depends_on_everything(anatomy):
    assert anatomy.muscles(["soleus_r", "tail_r"]) == {EVERYTHING}
    assert anatomy.angle("tail_flexion") == anatomy.moment("tail_flexion") == {EVERYTHING}
