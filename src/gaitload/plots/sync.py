"""Figures of synchronisation: how well every lag fits, what single sensors say, and both streams on one clock."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gaitload.plots.figure import Bars, Figure, Line, Panel, Points


def lag_figure(found: Mapping) -> Figure:
    """Cost over lag with the best lag and its runner-up, and offsets by sensor and by window.

    Parameters
    ----------
    found
        As in `results/sync/<cohort>/<participant>/<trial>.json`.
    """
    lags, costs = np.array(found["lag_s"]), np.array(found["lag_cost"])
    best_s = found["offset_s"] + found["skew"] * found["centre_s"]
    marks = [Line("cost of every lag", lags, costs, "one")]
    marks.append(Points("best lag", np.array([best_s]), np.array([found["cost"]]), "three"))
    if np.isfinite(found["runner_up_offset_s"]):
        lag_s = best_s + found["runner_up_offset_s"]
        marks.append(Points("runner-up", np.array([lag_s]), np.array([found["runner_up_cost"]]), "six"))
    panels = [Panel("Cost over lag", "markers' clock less sensors' clock (s)", "unexplained share", tuple(marks))]
    sensors = found["sensors"]
    offsets_ms = np.array([1e3 * (sensor["offset_s"] - found["offset_s"]) for sensor in sensors.values()])
    panels.append(
        Panel(
            "Offset by sensor",
            "own offset less the common one (ms)",
            "",
            (Bars("", tuple(sensors), offsets_ms, "one"),),
        )
    )
    residuals_deg = np.degrees([sensor["residual_angle_rad"] for sensor in sensors.values()])
    panels.append(
        Panel(
            "Orientation left over",
            "root mean square angle (deg)",
            "",
            (Bars("", tuple(sensors), residuals_deg, "two"),),
        )
    )
    if found["window_centre_s"]:
        centres, offsets = np.array(found["window_centre_s"]), np.array(found["window_offset_s"])
        line = found["offset_s"] + found["skew"] * centres
        panels.append(
            Panel(
                "Offset by window",
                "sensors' clock (s)",
                "offset less its line (ms)",
                (Points("", centres, 1e3 * (offsets - line), "one"),),
            )
        )
    return Figure(
        "sync_lags",
        "Clock of the sensors",
        f"Best lag {found['offset_s']:+.4f} s (standard error {1e3 * found['standard_error_s']:.2f} ms), skew "
        f"{round(1e6 * found['skew']) + 0:+d} ppm, better than any other by {found['preference']:.1f} standard errors. "
        "The curve is the search on its coarse grid; the points are refined, so the best lies below the curve.",
        tuple(panels),
    )


def aligned_figure(time_s: np.ndarray, sensed: Mapping[str, np.ndarray], seen: Mapping[str, np.ndarray]) -> Figure:
    """Rate of turning of every sensor, on the markers' clock, over that of its segment by the markers.

    Parameters
    ----------
    time_s : ndarray, shape (T,)
        On the markers' clock.
    sensed, seen
        Segment -> rate (rad/s), shape (T,).
    """
    panels = tuple(
        Panel(
            name,
            "time (s)",
            "rad/s",
            (Line("markers", time_s, seen[name], "seven"), Line("sensor", time_s, sensed[name], "one")),
            window_s=(float(time_s[0]), float(time_s[-1])),
        )
        for name in sensed
    )
    return Figure(
        "sync_aligned",
        "Aligned signals",
        "Rate of turning: gyroscope on the markers' clock, and segment from markers. Sensors shake where skin does.",
        panels,
    )
