"""What became of every trial, and why."""

from __future__ import annotations

import pandas as pd
import pytest

from gaitload.report.overview import area_of, findings, reasons, reasons_by_area, title_of, truth_view


def document(trial: str, *gates: tuple[str, str], participant: str = "p1") -> dict:
    nothing = {"value": None, "limit": None, "unit": ""}
    told = [nothing | {"code": code, "verdict": verdict, "reason": f"{code} of {trial}"} for code, verdict in gates]
    return {"id": trial, "participant": participant, "gates": told, "groups": {}, "refusal": None}


def labelled(trial: str, *gates: tuple[str, str], **groups: tuple[str, ...]) -> dict:
    """A trial with two label columns a group: one fails where the group has reasons."""
    verdicts = {
        name: {"failed": int(bool(codes)), "not_judged": 0, "passed": 2 - int(bool(codes)), "reasons": codes}
        for name, codes in groups.items()
    }
    return document(trial, *gates) | {"groups": verdicts}


def test_the_gravest_and_most_frequent_reasons_come_first() -> None:
    found = reasons(
        [
            document("a", ("SATURATED", "warned"), ("RESERVE", "passed"), ("CLOCK", "not_judged")),
            document("b", ("SATURATED", "warned"), ("RESERVE", "failed"), participant="p2"),
            document("c", ("MASS", "failed"), ("RESERVE", "failed")),
        ]
    )
    assert [entry["code"] for entry in found] == ["RESERVE", "MASS", "SATURATED", "CLOCK"]
    assert (found[0]["n"], len(found[0]["people"]), found[0]["trials"]) == ("2", 2, ["b", "c"])


def test_a_code_is_told_with_an_example_of_its_gravest_verdict() -> None:
    (found,) = reasons([document("a", ("RESERVE", "warned")), document("b", ("RESERVE", "failed"))])
    assert (found["gravest"], found["trials"]) == ("failed", ["b"])
    assert found["example"] == "RESERVE of b"


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ({"value": 0.01234, "limit": 0.01, "unit": "m"}, "RMS of a (0.0123 m, limit 0.01)"),
        ({"value": 2.0, "limit": None, "unit": "BW"}, "RMS of a (2 BW)"),
        ({}, "RMS of a"),
    ],
    ids=["with a limit", "with none", "no number"],
)
def test_an_example_says_what_was_measured_against_what(numbers: dict, said: str) -> None:
    warned = document("a", ("RMS", "warned"))
    warned["gates"][0] |= numbers
    assert reasons([warned])[0]["example"] == said


def test_trials_that_only_warn_are_not_counted_among_those_that_fail() -> None:
    often = [document(f"w{each}", ("RESERVE", "warned"), ("MASS", "failed")) for each in range(2)]
    unsaid, failed = document("u", ("RESERVE", "not_judged")), document("f", ("RESERVE", "failed"))
    found = reasons([*often, unsaid, failed])
    # One code fails twice, the other once although it concerns more trials.
    assert [(entry["code"], entry["n"]) for entry in found] == [
        ("MASS", "2"),
        ("RESERVE", "1 failed, 2 warned, 1 not judged"),
    ]


def test_both_sides_are_one_reason_and_a_trial_counts_once_with_its_gravest_side() -> None:
    (found,) = reasons([document("a", ("RESERVE_HIP_ROTATION_R", "warned"), ("RESERVE_HIP_ROTATION_L", "failed"))])
    assert (found["code"], found["n"], found["gravest"]) == ("RESERVE_HIP_ROTATION", "1", "failed")
    assert found["example"] == "RESERVE_HIP_ROTATION_L of a"


def test_a_finding_names_groups_motions_and_the_main_cause() -> None:
    rotation, flexion = "RESERVE_SWING_HIP_ROTATION_R", "RESERVE_SWING_HIP_FLEXION_L"
    trials = [
        labelled("a", (rotation, "failed"), (flexion, "failed"), hip=(rotation, flexion), knee=(flexion,), ankle=()),
        labelled("b", (rotation, "failed"), (flexion, "warned"), hip=(rotation, flexion), knee=(), ankle=()),
        labelled("c", ("SATURATED", "warned"), hip=(), knee=(), ankle=()),
    ]
    assert findings(trials) == [
        "Hip cannot be used in 2 of 3 motions, mostly because of: reserve in swing: hip rotation.",
        "Knee cannot be used in 1 of 3 motions, mostly because of: reserve in swing: hip flexion.",
        "1 of 3 trials are warned: saturated.",
    ]


def test_a_group_that_is_not_judged_is_not_called_usable() -> None:
    trial = labelled("a", ("CLOCK", "not_judged"), hip=())
    trial["groups"]["hip"] |= {"not_judged": 2, "reasons": ("CLOCK",)}
    assert findings([trial])[0] == "Hip cannot be used in 1 of 1 motions, mostly because of: clock."


def test_refusals_come_first_and_a_good_cohort_is_said_to_be_good() -> None:
    refused = document("z") | {"refusal": {"found": "no plate"}}
    assert findings([labelled("a", hip=()), refused]) == [
        "1 of 2 trials were refused. z: no plate.",
        "All measured label groups can be used in every motion.",
    ]


@pytest.mark.parametrize(
    ("code", "title", "area"),
    [
        ("RESERVE_SWING_KNEE_ANGLE", "reserve in swing: knee flexion", "Knee"),
        ("PLAUSIBLE_HCF", "outside the plausible range: hip contact force", "Hip"),
        ("COP_HEADS", "centre of pressure heads", "Forces and plates"),
        ("MARKER_DRIFT_TIBIA", "marker drift tibia", "Markers"),
        ("RESIDUAL_MOMENT", "residual moment", "Whole body"),
    ],
)
def test_a_code_is_told_in_words_and_belongs_to_an_area(code: str, title: str, area: str) -> None:
    assert (title_of(code), area_of(code)) == (title, area)


def test_reasons_are_listed_by_area_and_none_is_lost() -> None:
    trial = document("a", ("RESIDUAL_MOMENT", "warned"), ("RESERVE_HIP_ROTATION_R", "failed"), ("IMU_GAP", "warned"))
    areas = reasons_by_area([trial])
    assert [(area, [entry["code"] for entry in entries]) for area, entries in areas.items()] == [
        ("Hip", ["RESERVE_HIP_ROTATION"]),
        ("Inertial sensors", ["IMU_GAP"]),
        ("Whole body", ["RESIDUAL_MOMENT"]),
    ]


def test_truth_is_told_by_quantity() -> None:
    rows = [("atf", "bw", 0.1, 0.5, True), ("atf", "bw", 0.7, 0.5, False), ("feet", None, 0.0, 0.0, True)]
    view = truth_view(pd.DataFrame(rows, columns=["quantity", "unit", "error", "bound", "ok"]))
    assert (view["agree"], view["n"]) == (2, 3)
    atf, feet = view["rows"]
    assert (atf["quantity"], atf["agree"], atf["n"]) == ("atf", 1, 2)
    assert (atf["median"], atf["worst"], atf["bound"]) == pytest.approx((0.4, 0.7, 0.5))
    assert feet["unit"] == ""
