"""Names of files say what they hold, and of sensors where they are worn."""

from __future__ import annotations

import pytest

from gaitload.discovery.words import body_of, id_at_start, identifier, kind_of, says_no_name


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("RBDS001static", "static"),
        ("static_walk_1", "static"),
        ("motion_capture_run", "run"),
        ("S01_Walking 03", "walk"),
        ("run_jump", "other"),
        ("DJ1", "other"),
        ("STS1", "other"),
        ("Gång 0001", "walk"),
        ("Stehversuch", "static"),
        ("esta\u0301tico", "static"),
        ("carrera_2", "run"),
        ("T-pose", "static"),
        ("reference_01", "static"),
        ("walk_reference", "walk"),
        ("run_ref", "run"),
        ("obstacle course", None),
        ("trial07", None),
        ("branch", None),
    ],
)
def test_a_name_speaks_of_a_kind_by_whole_words(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("femur_r", "femur_r"),
        ("LeftFoot", "calcn_l"),
        ("shank-R", "tibia_r"),
        ("UpperLeg_left", "femur_l"),
        ("sacrum", "pelvis"),
        ("thigh", None),
        ("MT_012005D6_009-001_00B42268", None),
    ],
)
def test_a_sensor_is_on_a_body_only_where_its_name_says_so_with_its_side(name: str, body: str | None) -> None:
    assert body_of(name) == body


@pytest.mark.parametrize(
    ("stem", "person"),
    [
        ("RBDS001runT25", "RBDS001"),
        ("S01_walk", "S01"),
        ("walk_1", None),
        ("trial01", None),
        ("static", None),
        ("Proband 02 Gehen", "Proband 02"),
        ("Lauf_3_5", None),
        ("Gång 1", None),
    ],
)
def test_an_id_is_letters_and_a_number_that_are_no_word_for_a_trial(stem: str, person: str | None) -> None:
    assert id_at_start(stem) == person


def test_folders_called_after_what_they_hold_are_nobody() -> None:
    assert says_no_name("forces") and says_no_name("Walk_2") and says_no_name("raw data")
    assert says_no_name("2024-01-31") and says_no_name("20240131") and says_no_name("31.01.24")
    assert not says_no_name("S01") and not says_no_name("anna") and not says_no_name("20240")


def test_an_identifier_has_only_what_tables_take() -> None:
    assert identifier("Walk (3), fast") == "Walk_3_fast"


@pytest.mark.parametrize("name", ["Müller, Großmann", "Mu\u0308ller, Großmann"])
def test_an_identifier_keeps_letters_without_their_accents(name: str) -> None:
    assert identifier(name) == "Muller_Grossmann"


@pytest.mark.parametrize("folder", ["S03_static", "P12 Static", "sub-04_static", "P07static"])
def test_a_folder_that_begins_with_an_id_names_somebody_though_it_says_static(folder: str) -> None:
    assert not says_no_name(folder)
