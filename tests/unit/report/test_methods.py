"""The methods text says what was done, with the numbers of the settings."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from gaitload.config import parse_config
from gaitload.report.methods import Methods, methods
from gaitload.report.references import MODEL_WORKS, REFERENCES

FACTS = {
    "activities": ["walk", "run"],
    "scaling": {"joint_centres": 4},
    "strength": {"handsfield2014": 3, "stock": 1},
    "regressed_hips": True,
    "sensors": True,
    "forces": True,
    "unloaded": 0,
    "marked": 8,
    "alone": 0,
    "evaluated": True,
}


def text_of(found: Methods) -> str:
    return " ".join(text for _, text in found.paragraphs)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"loads": {"cutoff_hz": {"walk": 6, "run": 21, "other": 10}}}, "21 Hz (run)"),
        ({"ingest": {"gap_max_s": 0.125}}, "gaps up to 0.125 s"),
        ({"ingest": {"force_lag": 0.004}}, "delayed by 4 ms"),
        ({"muscles": {"pennation": False, "tendons": "rigid"}}, "next to no pennation"),
        ({"muscles": {"tendons": "rigid"}}, "Millard muscles with rigid tendons"),
        ({"muscles": {"sharing": "volume"}}, "weighted by the volume of the muscle"),
        ({"label_mode": "opensim"}, "label mode opensim"),
        ({"uncertainty": {"samples": 37}}, "37 times"),
        ({"gates": {"reserve_warn_share": 0.07}}, "7/10 %"),
        ({"sync": {"preference_min": 3.5}}, "3.5 standard errors"),
        ({"model": "rajagopal2016"}, "rajagopal2016"),
    ],
)
def test_a_setting_changes_the_text(settings: dict, words: str) -> None:
    assert words not in text_of(methods(parse_config({}), FACTS))
    assert words in text_of(methods(parse_config(settings), FACTS))


def test_every_citation_has_its_work_and_every_work_is_cited() -> None:
    found = methods(parse_config({"uncertainty": {"samples": 5}}), FACTS)
    cited = {int(number) for number in re.findall(r"\[(\d+)\]", text_of(found))}
    assert cited == set(range(1, len(found.works) + 1))


def test_a_model_of_ones_own_is_not_cited_as_somebody_elses() -> None:
    found = methods(parse_config({"model": "/mine/my.osim", "model_family": "/mine/family"}), FACTS)
    assert "The model /mine/my.osim (family /mine/family) was scaled" in text_of(found)
    assert not any("Full-body musculoskeletal model" in work for work in found.works)


def test_what_had_no_part_is_not_told() -> None:
    found = methods(parse_config({}), FACTS | {"sensors": False, "evaluated": False, "regressed_hips": False})
    assert {"Synchronisation", "Estimators", "Uncertainty"}.isdisjoint(title for title, _ in found.paragraphs)
    assert "regression" not in text_of(found)


def test_works_agree_with_the_citation_file(repository: Path) -> None:
    stated = yaml.safe_load((repository / "CITATION.cff").read_text())["references"]
    told = {key: re.search(r"doi:(\S+)", work).group(1) for key, work in REFERENCES.items()}
    beyond = {"millard2013", "laidig2023", "bland1986"}
    assert {doi for key, doi in told.items() if key not in beyond} <= {work["doi"] for work in stated}


def test_every_model_that_is_shipped_has_its_works(repository: Path) -> None:
    shipped = {path.parent.name for path in (repository / "opensim_models").glob("*/model.yaml")}
    assert shipped == MODEL_WORKS.keys()


def test_without_force_plates_nothing_is_said_of_loads() -> None:
    found = methods(parse_config({"uncertainty": {"samples": 5}}), FACTS | {"forces": False, "unloaded": 3})
    titles = [title for title, _ in found.paragraphs]
    assert "Angles" in titles and not {"Loads", "Labels", "Uncertainty"} & set(titles)
    assert "3 motion trials were recorded without force plates" in text_of(found)
    for word in ("Achilles", "residual", "vertical force", "Inverse dynamics"):
        assert word not in text_of(found)


def test_a_mixed_cohort_says_how_many_trials_have_no_forces() -> None:
    text = text_of(methods(parse_config({}), FACTS | {"unloaded": 2}))
    assert "2 motion trials were recorded without force plates" in text and "Inverse dynamics" in text


def test_sensors_alone_are_told_without_a_word_of_markers() -> None:
    facts = FACTS | {"forces": False, "marked": 0, "alone": 2, "evaluated": False, "scaling": {"generic": 1}}
    found = methods(parse_config({}), facts)
    assert [title for title, _ in found.paragraphs] == ["Workflow", "Model", "Sensors alone"]
    assert "2 motion trials have inertial sensors and no markers" in text_of(found)
    assert "generic size" in text_of(found) and "static trial" not in text_of(found)
