"""What became of every trial, and why."""

from __future__ import annotations

import pandas as pd
import pytest

from gaitload.report.overview import reasons, truth_view


def document(trial: str, *gates: tuple[str, str], participant: str = "p1") -> dict:
    nothing = {"value": None, "limit": None, "unit": ""}
    told = [nothing | {"code": code, "verdict": verdict, "reason": f"{code} of {trial}"} for code, verdict in gates]
    return {"id": trial, "participant": participant, "gates": told}


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


def test_truth_is_told_by_quantity() -> None:
    rows = [("atf", "bw", 0.1, 0.5, True), ("atf", "bw", 0.7, 0.5, False), ("feet", None, 0.0, 0.0, True)]
    view = truth_view(pd.DataFrame(rows, columns=["quantity", "unit", "error", "bound", "ok"]))
    assert (view["agree"], view["n"]) == (2, 3)
    atf, feet = view["rows"]
    assert (atf["quantity"], atf["agree"], atf["n"]) == ("atf", 1, 2)
    assert (atf["median"], atf["worst"], atf["bound"]) == pytest.approx((0.4, 0.7, 0.5))
    assert feet["unit"] == ""
