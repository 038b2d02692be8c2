"""The estimators that the repository carries, and its example recording: seven seconds of a synthetic runner."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from gaitload.bundles.command import read_sensors
from gaitload.trial import ImuRecording

FOLDER = Path(__file__).resolve().parents[1] / "workflow" / "bundles"
EXAMPLE = FOLDER / "example"
WORN = {
    "running_pelvis": ("pelvis",),
    "running_tibia": ("tibia_r", "tibia_l"),
    "running_pelvis+tibia": ("pelvis", "tibia_r", "tibia_l"),
}
"""Sensors that each bundle is tried with."""


def path_of(name: str) -> Path:
    return FOLDER / f"{name}.gaitload"


def example(bodies: Iterable[str]) -> dict[str, ImuRecording]:
    """Sensors of `phone.csv` by body."""
    words = [f"{body}={EXAMPLE / 'phone.csv'}#{body}" for body in bodies]
    return read_sensors(words, columns=EXAMPLE / "columns.yaml")
