"""Faults that were written after the checks, with what their first reason must name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from benchmarks.faults import unseen_faults as inject
from benchmarks.faults.situation import UNSEEN, Fault, Situation


def _fault(
    name: str,
    group: str,
    sizes: tuple[float, ...],
    unit: str,
    change: Callable[[Situation, float], Situation],
    cause: str,
    needs: str = "any",
) -> Fault:
    return Fault(name, group, UNSEEN, sizes, unit, change, (cause,), needs)


_LAG = r"\blag|delay|late|lead|filter"
_PLACE = r"plate|corner|origin|centre of pressure"
_NAMES = r"swap|exchang|misnam|\bis [A-Za-z]|name|left|right"
_MOVED = r"moved|stuck|static|displac|drift|slid|loose|place"
FAULTS: tuple[Fault, ...] = (
    _fault(
        "forces smoothed before the export",
        "forces",
        (15.0, 8.0, 4.0),
        "Hz",
        partial(inject.forces_filtered, delays=False),
        r"filter|smooth|cut-?off",
    ),
    _fault(
        "forces filtered one way before the export",
        "forces",
        (30.0, 15.0, 8.0),
        "Hz",
        partial(inject.forces_filtered, delays=True),
        _LAG,
    ),
    _fault(
        "forces of another trial",
        "forces",
        (0.11, 0.47, 1.03),
        "s off",
        inject.forces_of_another_trial,
        r"same trial|another trial|\blag|clock|late|lead",
    ),
    _fault(
        "samples of the forces skipped",
        "forces",
        (0.01, 0.03, 0.1),
        "s",
        inject.samples_skipped,
        r"\blag|clock|lost|skip|rate|late|lead",
    ),
    _fault(
        "a stance without forces",
        "forces",
        (1.0,),
        "",
        inject.stance_missing,
        r"no plate measures|missing|held|hold|zero|stands on the floor",
    ),
    _fault("mains hum on the forces", "forces", (10.0, 40.0, 150.0), "N", inject.mains_hum, r"hum|mains|noise|nois"),
    _fault(
        "no vertical moment channel", "forces", (1.0,), "", inject.without_free_moment, r"free moment|vertical moment"
    ),
    _fault(
        "moments about the transducers, below the surface",
        "forces",
        (0.03, 0.05, 0.1),
        "m",
        inject.origin_below,
        _PLACE + r"|moment|height",
    ),
    _fault(
        "the sum of both plates on each of them",
        "forces",
        (1.0,),
        "",
        inject.both_plates_read_the_sum,
        r"mass|gain|twice|plate",
        "two plates",
    ),
    _fault(
        "gain of one of two plates",
        "forces",
        (0.8, 1.2, 1.5),
        "times",
        inject.one_plate_gained,
        r"gain|mass|impulse|calibrat|amplifier",
        "two plates",
    ),
    _fault(
        "one of two plates turned by half a turn",
        "forces",
        (1.0,),
        "",
        inject.one_plate_turned,
        r"turn|sign|corner|exchang",
        "two plates",
    ),
    _fault("mass of another participant", "participants", (-15.0, 12.0, 25.0), "kg", inject.mass_of_another, r"mass"),
    _fault(
        "the motion declared as static trial",
        "participants",
        (1.0,),
        "",
        inject.static_while_moving,
        r"static|still|stand|move",
    ),
    _fault(
        "static trial alone in another unit",
        "participants",
        (0.001, 1000.0),
        "times",
        inject.static_in_another_unit,
        r"unit|millimetre|metre|scale",
    ),
    _fault(
        "static trial alone in other axes",
        "participants",
        (1.0,),
        "",
        inject.static_in_other_axes,
        r"lab_up|lab_forward|axis|axes",
    ),
    _fault(
        "belt with the pelvis markers slipped after the static trial",
        "participants",
        (0.02, 0.04, 0.08),
        "m",
        inject.belt_slipped,
        _MOVED,
    ),
    _fault(
        "knee marker stuck on anew after the static trial",
        "participants",
        (0.02, 0.03, 0.05),
        "m",
        lambda s, d: inject.stuck_on_anew(s, "knee_lateral_r", d),
        _MOVED,
    ),
    _fault(
        "heel marker stuck on anew after the static trial",
        "participants",
        (0.015, 0.025, 0.04),
        "m",
        lambda s, d: inject.stuck_on_anew(s, "heel_r", d),
        _MOVED,
    ),
    _fault(
        "one marker mirrored",
        "markers",
        (1.0,),
        "",
        lambda s, _: inject.one_marker_mirrored(s, "knee_lateral_r"),
        r"mirror|" + _NAMES + r"|off its|static",
    ),
    _fault(
        "frames repeated here and there",
        "markers",
        (20.0, 10.0, 4.0),
        "frames apart",
        inject.frames_repeated,
        r"repeat|froz|drop|frames|jump",
    ),
    _fault(
        "coordinates rounded",
        "markers",
        (0.002, 0.005, 0.01),
        "m",
        inject.rounded,
        r"round|trembl|noise|froz|repeat|resolution",
    ),
    _fault("knee marker wobbles", "markers", (0.005, 0.01, 0.02), "m", inject.wobbling, r"trembl|noise|loose|off its"),
    _fault(
        "gap bridged by a straight line",
        "markers",
        (0.1, 0.2, 0.4),
        "s",
        inject.gap_bridged,
        r"straight|gap|bridg|off its|jump|ghost|fill",
    ),
    _fault("names of both feet exchanged", "markers", (1.0,), "", inject.feet_exchanged, _NAMES),
    _fault(
        "trajectory of one heel pasted over the other",
        "markers",
        (1.0,),
        "",
        inject.copied_marker,
        r"same|twice|cop|" + _NAMES + r"|off its|static",
    ),
    _fault(
        "markers smoothed before the export",
        "markers",
        (6.0, 4.0, 2.5),
        "Hz",
        partial(inject.markers_filtered, delays=False),
        r"filter|smooth|cut-?off",
    ),
    _fault(
        "markers filtered one way before the export",
        "markers",
        (20.0, 12.0, 6.0),
        "Hz",
        partial(inject.markers_filtered, delays=True),
        _LAG,
    ),
    _fault(
        "two pieces of a recording joined",
        "laboratory",
        (0.05, 0.2, 0.5),
        "s left out",
        inject.spliced,
        r"jump|join|missing|lost|frames|dropped",
    ),
    _fault(
        "cameras turned against the plates",
        "laboratory",
        (2.0, 5.0, 10.0),
        "deg",
        inject.yawed,
        _PLACE + r"|turn|calibrat|camera",
    ),
    _fault(
        "heights of the cameras too large",
        "laboratory",
        (0.03, 0.06, 0.1),
        "share",
        inject.height_scaled,
        r"scale|calibrat|height|floor|wand|rate",
    ),
)
