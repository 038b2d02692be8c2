"""Figures of one trial: loads, ground reaction, angles and moments, and what speaks for or against them.

All functions take the columns of a label table, cut to the part that is shown, as `gaitload.io.tables.read_table` gives
them: name -> values, shape (T,).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gaitload.conventions import SIDES, column_stem
from gaitload.plots.figure import Figure, Line, Panel, Strips
from gaitload.plots.palette import SIDE_ROLES, UNITS, series_role
from gaitload.signals.runs import true_runs
from gaitload.trial import Step

Columns = Mapping[str, np.ndarray]

SIDE_NAMES = {"r": "right", "l": "left"}
TIME = "time (s)"
LOADS = (
    ("atf", None, "Achilles tendon force"),
    ("ptf", None, "Patellar tendon force"),
    ("acf", "norm", "Ankle contact force"),
    ("kcf", "norm", "Knee contact force"),
    ("hcf", "norm", "Hip contact force"),
)
COMPARTMENTS = (("kcf_med", "medial"), ("kcf_lat", "lateral"))
ANGLES = (
    ("hip_flexion", "Hip flexion"),
    ("hip_adduction", "Hip adduction"),
    ("hip_rotation", "Hip rotation, inward"),
    ("knee_angle", "Knee flexion"),
    ("ankle_angle", "Ankle dorsiflexion"),
)
MOMENTS = (
    ("hip_flexion_moment", "Hip flexion moment"),
    ("hip_adduction_moment", "Hip adduction moment"),
    ("hip_rotation_moment", "Hip rotation moment, inward"),
    ("knee_moment", "Knee flexion moment"),
    ("ankle_moment", "Ankle dorsiflexion moment"),
)
GROUND = (("y", "Vertical"), ("x", "Fore and aft, forwards positive"), ("z", "Sideways, to the right positive"))


def load_columns(side: str) -> dict[str, str]:
    """Column of every load that is drawn, by its name without the side: of one side, without its unit."""
    parts = [(label, component) for label, component, _ in LOADS] + [(label, None) for label, _ in COMPARTMENTS]
    return {
        f"{label}_{component}" if component else label: column_stem(label, side, component)
        for label, component in parts
    }


def stances(values: Columns) -> tuple[tuple[float, float, str], ...]:
    """Spans in which each foot is loaded, to be shaded in its colour."""
    time_s = values["time_s"]
    return tuple(
        (float(time_s[run.start]), float(time_s[run.stop - 1]), SIDE_ROLES[side])
        for side in SIDES
        for run in true_runs(values.get(f"contact_{side}", np.zeros(0, dtype=bool)))
    )


def loads_figure(
    values: Columns,
    *,
    plausible_bw: Mapping[str, tuple[float, float]],
    flags: Mapping[int, str],
    known_errors: Mapping[str, str],
) -> Figure:
    """Tendon and contact forces in body weights, knee compartments, and the frames that were flagged.

    Parameters
    ----------
    plausible_bw
        Label -> lowest and highest plausible peak (BW); empty where nothing is known of the activity.
    flags
        Bit of `frame_flags_<side>` -> reason code.
    known_errors
        Column without its side and unit -> how far such labels are from measurements, in a few words.
    """
    bands = {
        label: ((low, high, f"plausible peak: {low:g} to {high:g} BW"),) for label, (low, high) in plausible_bw.items()
    }
    panels = [
        timed_panel(
            _with_error(title, known_errors.get(f"{label}_{component}" if component else label)),
            "BW",
            values,
            _sided(values, label, component, "bw"),
            bands=bands.get(label, ()),
        )
        for label, component, title in LOADS
    ]
    panels += [
        timed_panel(
            _with_error(f"Knee, {word} compartment", known_errors.get(label)),
            "BW",
            values,
            _sided(values, label, None, "bw"),
        )
        for label, word in COMPARTMENTS
    ]
    if "frame_flags_r" in values:
        panels.append(timed_panel("Flagged frames", "", values, [_flag_strips(values, flags)]))
    has_spread = any(name.endswith("_sd") for name in values)
    spread = (
        " Bands are one standard deviation of what a laboratory cannot know."
        if has_spread
        else " Uncertainty was not computed (uncertainty.samples is 0)."
    )
    return Figure(
        "loads",
        "Structure-specific loads",
        "Body weights; stance is shaded in the colour of the foot." + spread,
        tuple(panels),
    )


def _with_error(title: str, known_error: str | None) -> str:
    return f"{title} ({known_error})" if known_error else title


def ground_figure(values: Columns, steps: Sequence[Step], flags: Mapping[int, str]) -> Figure:
    """Ground reaction by foot, which plate was given to which foot, and frames of which that is not known.

    Parameters
    ----------
    steps
        Of the trial record.
    flags
        Bit of `frame_flags_<side>` -> reason code, of those about contact.
    """
    panels = [timed_panel(word, "BW", values, _sided(values, "grf", axis, "bw")) for axis, word in GROUND]
    time_s = values["time_s"]
    names, spans = SIDE_NAMES, []
    for step in steps:
        row = names.get(step.side or "", "no foot")
        reason = f": {step.reason}" if step.reason else ""
        spans.append((row, step.start_s, step.end_s, _foot_role(row), f"{step.plate}, {step.peak_n:.0f} N{reason}"))
    for side in SIDES if "frame_flags_r" in values else ():
        for bit, code in flags.items():
            runs = true_runs((values[f"frame_flags_{side}"] & bit) > 0)
            spans += [
                (f"{names[side]}, not known", float(time_s[run.start]), float(time_s[run.stop - 1]), "failed", code)
                for run in runs
            ]
    inside = tuple(span for span in spans if span[2] > time_s[0] and span[1] < time_s[-1])
    rows = tuple(
        row
        for row in ("right", "left", "right, not known", "left, not known", "no foot")
        if row in {s[0] for s in inside} | {"right", "left"}
    )
    panels.append(timed_panel("Foot given to each contact", "", values, [Strips(rows, inside)]))
    return Figure(
        "ground_reaction",
        "Ground reaction and feet",
        "Forces on each foot in the ground frame (X forwards, Y up, Z to the right), filtered like the motion.",
        tuple(panels),
    )


def angles_figure(values: Columns, flags: Mapping[int, str] | None = None, by: str = "inverse kinematics") -> Figure:
    """Joint angles in degrees; and the frames with `flags` (bit -> code), where no figure of loads shows them."""
    panels = [
        timed_panel(title, "deg", values, _sided(values, label, None, "rad", np.degrees(1.0)))
        for label, title in ANGLES
    ]
    if flags:
        panels.append(timed_panel("Flagged frames", "", values, [_flag_strips(values, flags)]))
    return Figure("angles", "Joint angles", f"From {by}, filtered.", tuple(panels))


def moments_figure(values: Columns) -> Figure:
    """Joint moments per body mass."""
    panels = [
        timed_panel(title, "N m/kg", values, _sided(values, label, None, "nm_per_kg")) for label, title in MOMENTS
    ]
    return Figure("moments", "Joint moments", "Generalized forces of inverse dynamics, internal.", tuple(panels))


def external_figure(values: Columns, meanings: Mapping[str, Mapping]) -> Figure:
    """External columns in the units of their names, angles in degrees; a verdict that is not passed is in the title.

    Parameters
    ----------
    values
        Table of the stage `external`, cut.
    meanings
        Column -> its metadata.
    """
    panels = []
    for name, meaning in meanings.items():
        if name == "time_s":
            continue
        unit, verdict, side = meaning["unit"], meaning["verdict"], meaning.get("side")
        title = name.removesuffix(f"_{unit}").replace("_", " ") + (f" ({verdict})" if verdict != "passed" else "")
        y = np.degrees(values[name]) if unit == "rad" else values[name]
        role = SIDE_ROLES[side] if side else series_role(2)
        line = Line(SIDE_NAMES.get(side, "no side"), values["time_s"], y, role)
        panels.append(timed_panel(title, UNITS[unit], values, [line]))
    caption = "Signals that others measured or computed, checked and on the clock of the trial."
    return Figure("external", "External columns", caption, tuple(panels))


def baselines_figure(values: Columns) -> Figure:
    """Angles and loads as inertial sensors tell them without learning, beside the labels.

    Parameters
    ----------
    values
        The aligned table, cut: labels, and `imu_ik_<label>`, `imu_id_<label>` where they were made.
    """
    panels = []
    angles = [(label, None, title) for label, title in ANGLES]
    for prefix, rows, unit, shown, factor in (
        ("imu_ik_", angles, "rad", "deg", np.degrees(1.0)),
        ("imu_id_", LOADS, "bw", "BW", 1.0),
    ):
        for label, component, title in rows:
            lines = _sided(values, label, component, unit, factor)
            told = [
                Line(f"{line.name}, sensors", line.x, factor * values[name], f"{line.role}_estimate")
                for line, side in zip(lines, SIDES, strict=False)
                if (name := f"{prefix}{column_stem(label, side, component)}_{unit}") in values
            ]
            if told:
                panels.append(timed_panel(title, shown, values, [*lines, *told]))
    return Figure(
        "imu_baselines",
        "What sensors say without learning",
        "Angles by inverse kinematics, loads by inverse dynamics with the measured ground reaction; beside the labels.",
        tuple(panels),
    )


def _foot_role(row: str) -> str:
    return row if row in ("right", "left") else "reference"


def timed_panel(title: str, unit: str, values: Columns, marks: Sequence, **more) -> Panel:
    """Marks over the time of the trial, stances shaded."""
    window_s = (float(values["time_s"][0]), float(values["time_s"][-1]))
    return Panel(title, TIME, unit, tuple(marks), shades=stances(values), window_s=window_s, **more)


def _sided(values: Columns, label: str, component: str | None, unit: str, factor: float = 1.0) -> list[Line]:
    lines = []
    for side in SIDES:
        name = f"{column_stem(label, side, component)}_{unit}"
        if name not in values:
            continue
        y, spread = factor * values[name], values.get(f"{name}_sd")
        low, high = (None, None) if spread is None else (y - factor * spread, y + factor * spread)
        lines.append(Line(SIDE_NAMES[side], values["time_s"], y, SIDE_ROLES[side], low, high))
    return lines


def _flag_strips(values: Columns, flags: Mapping[int, str]) -> Strips:
    time_s, spans = values["time_s"], []
    for bit, code in flags.items():
        runs = true_runs(np.any([(values[f"frame_flags_{side}"] & bit) > 0 for side in SIDES], axis=0))
        spans += [(code, float(time_s[run.start]), float(time_s[run.stop - 1]), "warned", code) for run in runs]
    rows = tuple(code for code in flags.values() if code in {span[0] for span in spans})
    return Strips(rows or ("none",), tuple(spans))
