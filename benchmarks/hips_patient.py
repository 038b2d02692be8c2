"""Knee contact and electromyograms of the patient with an instrumented knee, with each option of the hip alone."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from benchmarks.truth import WALKS, Method, knee_table, physical
from benchmarks.truth import measured as measured_in_patient

_DEFAULT = physical().settings
OPTIONS = {
    "default": physical(),
    "short rotators": physical("rajagopal2023_rotators"),
    "bounded residual reduction": Method(_DEFAULT | {"loads": _DEFAULT["loads"] | {"residual_reduction": "bounded"}}),
    "subtalar joint free": Method(_DEFAULT | {"scaling": {"subtalar": "auto"}}),
    "muscles 25 % stronger": Method(_DEFAULT | {"scaling": {"strength_factor": 1.25}}),
}
_SENTENCE = (
    "The patient with an instrumented knee (fifth Grand Challenge, walks {walks}), with each option alone: root mean "
    "square error and correlation of knee contact in stance, error of its two peaks and mean error in swing (BW); "
    "electromyograms and peak hip contact as in [truth.md](truth.md)."
)


def measured(results: Path) -> dict:
    """Return the mean over the walks of everything that was measured, by option."""
    return {name: measured_in_patient(method, WALKS, results / "patient") for name, method in OPTIONS.items()}


def sections(found: Mapping[str, dict]) -> list[tuple[str, str]]:
    """Return sections of the report, each a sentence and a table; none without measurements."""
    return [(_SENTENCE.format(walks=", ".join(WALKS)), knee_table(found))] if found else []
