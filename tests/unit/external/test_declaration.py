"""What cohort.yaml may say of external columns."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from gaitload.external.declaration import ExternalSource, with_ids
from gaitload.external.units import PLAUSIBLE, factor_of, others, unit_of_name

COLUMN = {"column": "angle", "unit": "deg", "side": "r", "meaning": "an encoder"}


def _source(name: str = "ankle_angle_r_rad", column: dict | None = None, **of: object) -> ExternalSource:
    return ExternalSource(**{"time": "time_s", "columns": {name: COLUMN | (column or {})}, **of})


@pytest.mark.parametrize(
    ("name", "column", "of", "words"),
    [
        ("ankle_angle_r", {}, {}, "does not end in its unit"),
        ("ankle_angle_r_n", {}, {}, "unit deg is none that can be given in n"),
        ("ankle_angle_l_rad", {}, {}, "side r is not that of the name"),
        ("ankle_angle_rad", {}, {}, "side r is not that of the name"),
        ("emg_soleus_r_share", {"unit": "V"}, {}, "muscles and a name that ends in _share go together"),
        ("ankle_angle_r_rad", {"muscles": ["soleus"]}, {}, "muscles and a name that ends in _share go together"),
        ("ankle_angle_r_rad", {}, {"clock": "cycle"}, "clock cycle and time_unit % go together"),
        ("ankle_angle_r_rad", {}, {"clock": "cycle", "time_unit": "%"}, "needs side"),
        ("ankle_angle_r_rad", {}, {"time": None}, "neither time (a column) nor rate_hz"),
    ],
)
def test_a_declaration_that_contradicts_itself_is_refused(name: str, column: dict, of: dict, words: str) -> None:
    with pytest.raises(ValidationError) as error:
        _source(name, column, **of)
    assert words in str(error.value)


def test_one_muscle_has_one_electrode() -> None:
    emg = {"unit": "mV", "side": "r", "meaning": "electrode", "muscles": ["soleus"]}
    columns = {f"emg_{name}_r_share": emg | {"column": name} for name in ("one", "two")}
    with pytest.raises(ValidationError, match="one muscle of a side under two electrodes"):
        ExternalSource(time="t", columns=columns)


def test_ids_of_a_trial_take_the_place_of_braces_and_nothing_else_does() -> None:
    ids = {"participant": "p1", "trial": "walk", "key": "7"}
    assert with_ids("{participant}/{trial}_{key}.csv", ids) == "p1/walk_7.csv"
    assert with_ids("{other}.csv", ids) == "{other}.csv"


@pytest.mark.parametrize("unit", PLAUSIBLE)
def test_every_unit_of_a_name_can_be_given_in_some_unit(unit: str) -> None:
    spelled = {"rad_per_s": "rad/s", "m_per_s2": "m/s2", "m_per_s": "m/s", "nm": "N m", "share": "V", "bw": "BW"}
    spelled |= {"n_per_kg": "N/kg", "nm_per_kg": "N m/kg"}
    assert unit_of_name(f"column_{unit}") == unit
    assert factor_of(spelled.get(unit, unit), unit) == 1.0


def test_a_wrong_unit_is_told_by_what_it_would_be_in_others() -> None:
    assert others("rad", "rad")["deg"] == pytest.approx(0.01745, abs=1e-5)
    assert others("N", "n")["kN"] == 1000.0
