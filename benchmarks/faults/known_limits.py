"""Why nothing reports some faults, and why some clean recordings raise an alarm, for the tables of the page."""

from __future__ import annotations

WHY_MISSED = {
    "lateral force multiplied": "three times the lateral force of this runner is within what people show (7 % of the "
    "vertical force), and markers of pelvis and legs do not tell the lateral motion of the centre of mass (correlation "
    "-0.6 to 0.8 in 40 clean runs)",
    "origin of the cameras off that of the plates": "the centre of pressure of the recording lies 67 mm ahead of "
    "the metatarsal heads as it is; 40 mm back bring it to the range",
    "marker stuck on anew after the static trial": "skin moves over the pelvis by as much in clean runs (20 mm)",
    "forces smoothed before the export": "people who land on the forefoot have no impact peak either",
    "gain of one of two plates": "both plates together carry 10 % too much, which is the limit for the mass; gains of "
    "single plates are not estimated",
    "moments about the transducers, below the surface": "the centre of pressure moves by up to 10 mm, forth and back "
    "within each stance",
    "no vertical moment channel": "no check looks for a free moment that is zero throughout",
    "heights of the cameras too large": "static trial and motion are stretched alike",
    "frames repeated here and there": "no check looked at single repeated frames when this was run; "
    "`MARKERS_FRAMES_REPEATED` does since",
    "gap bridged by a straight line": "the marker stays near its place on the segment, and no check looks for straight "
    "lines",
    "markers smoothed before the export": "smooth trajectories break no law that a check uses",
    "belt with the pelvis markers slipped after the static trial": "markers of the pelvis move together, and distances "
    "from one segment to the next are not compared, because hips move",
}
"""Why nothing reports a fault, by its name; each reason holds for the sizes and trials of the page."""

WHY_ALARMED = {
    "rajagopal2016/runner": "forces are late by vertical force, and the centre of pressure lies too far ahead by the "
    "markers: at least one of the two is true of the recording",
    "grandchallenge5_ps/PS": "the plates carry 83 kg in all three walks, and 75 kg are published; one stance of a slow "
    "walk in shoes tells lag and centre of pressure poorly",
}
"""Why clean recordings raise an alarm, by cohort and participant."""
