"""Figures of what speaks for or against a trial: marker errors, residuals and reserves."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gaitload.conventions import SIDES
from gaitload.plots.figure import Bars, Figure, Line, Panel
from gaitload.plots.palette import SIDE_ROLES
from gaitload.plots.trial import SIDE_NAMES, Columns, timed_panel

LEG_COORDINATES = ("hip_flexion", "hip_adduction", "hip_rotation", "knee_angle", "ankle_angle")


def markers_figure(
    values: Columns, errors_m: Mapping[str, np.ndarray], *, legs: frozenset[str], limits_m: tuple[float, float]
) -> Figure:
    """Marker errors of inverse kinematics over time and by marker, in mm.

    Parameters
    ----------
    errors_m
        Marker -> distance to the model's marker on the clock of the labels, shape (T,).
    legs
        Markers of pelvis and legs, which the limits speak about.
    limits_m
        Of the root mean square, and of single frames.
    """
    groups = (
        ("pelvis and legs", "one", sorted(legs & set(errors_m))),
        ("trunk and arms", "two", sorted(set(errors_m) - legs)),
    )
    lines, bars, worst = [], [], []
    for name, role, markers in groups:
        if markers:
            squared = np.stack([np.square(1e3 * errors_m[marker]) for marker in markers])
            lines.append(Line(name, values["time_s"], np.sqrt(_mean(squared, axis=0)), role))
            worst.append(Line(name, values["time_s"], np.sqrt(np.max(np.nan_to_num(squared), axis=0)), role))
            rms = np.sqrt(_mean(squared, axis=1))
            order = np.argsort(-rms)
            bars.append((name, Bars(name, tuple(markers[place] for place in order), rms[order], role)))
    rms_mm, max_mm = (1e3 * limit for limit in limits_m)
    rms_limit, worst_limit = ((rms_mm, f"legs fail: {rms_mm:g} mm"),), ((max_mm, f"flagged: {max_mm:g} mm, legs"),)
    told = {"pelvis and legs": ((rms_mm, "warns"), (max_mm, "fails")), "trunk and arms": ((max_mm, "warns"),)}
    panels = [
        timed_panel("Root mean square over markers", "mm", values, lines, limits=rms_limit),
        *(Panel(f"By marker: {name}", "root mean square (mm)", "", (bar,), limits=told[name]) for name, bar in bars),
        timed_panel("Worst marker of each frame", "mm", values, worst, limits=worst_limit),
    ]
    return Figure("marker_errors", "Marker errors", "Distance between measured and model markers.", tuple(panels))


def balance_figure(
    values: Columns,
    residuals: Mapping[str, tuple[np.ndarray, float, str]],
    reserves_share: Mapping[str, np.ndarray],
    *,
    limits: tuple[float, float],
) -> Figure:
    """Residuals at the pelvis and reserves at the joints, as shares of what they are held against.

    Parameters
    ----------
    residuals
        Title -> share, shape (T,), its limit, and what it is a share of.
    reserves_share
        `<coordinate>_<side>` -> share of the joint's peak moment, shape (T,).
    limits
        Of the reserves: warns, fails.
    """
    time_s = values["time_s"]
    panels = [
        timed_panel(
            title,
            f"% of {of}",
            values,
            [Line("", time_s, 100 * share, "whole")],
            limits=((100 * limit, f"warns: {100 * limit:g} %"),),
        )
        for title, (share, limit, of) in residuals.items()
    ]
    lines_at = ((100 * limits[0], f"warns: {100 * limits[0]:g} %"), (100 * limits[1], f"fails: {100 * limits[1]:g} %"))
    for coordinate in LEG_COORDINATES:
        known = [(side, f"{coordinate}_{side}") for side in SIDES if f"{coordinate}_{side}" in reserves_share]
        lines = [Line(SIDE_NAMES[side], time_s, 100 * reserves_share[name], SIDE_ROLES[side]) for side, name in known]
        if lines:
            title = f"Reserve: {coordinate.replace('_', ' ')}"
            panels.append(timed_panel(title, "% of peak moment", values, lines, limits=lines_at))
    return Figure(
        "residuals_reserves",
        "Residuals and reserves",
        "Residual forces and moments at the pelvis (moments against peak force times height of the centre of mass), "
        "and what muscles could not provide at the joints. Gates judge reserves while the foot is loaded.",
        tuple(panels),
    )


def _mean(values: np.ndarray, axis: int) -> np.ndarray:
    """Mean of what is there; NaN where nothing is."""
    known = np.isfinite(values)
    count = known.sum(axis=axis)
    total = np.where(known, values, 0.0).sum(axis=axis)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
