"""Published recordings for tests: as they are read, and as trials."""

from __future__ import annotations

from dataclasses import replace

from gaitload.config.motion import Gates, Ingest
from gaitload.ingest.build import build_trial
from gaitload.io.forces import read_forces
from gaitload.io.trc import read_trc


def built_of(recording, marker_set, activity, *, axes=("+x", "+y"), static=None, treadmill=False, **options):
    """Trial of a whole recording, and what ingest found out about it."""
    return build_trial(
        recording,
        marker_set=marker_set,
        static=static,
        activity=activity,
        settings=Ingest(),
        gates=Gates(),
        lab_axes=axes,
        treadmill=treadmill,
        where=recording.source,
        **options,
    )


def rajagopal(shared, marker_sets, activity):
    """Static trial and motion of the walk or the run, as recordings, with their marker set."""
    folder = shared / "rajagopal2016"
    static = read_trc(folder / {"walk": "static_walk_1.trc", "run": "static_run.trc"}[activity])
    time_s, plates = read_forces(folder / f"grf_{activity}.mot")
    motion = replace(read_trc(folder / f"motion_capture_{activity}.trc"), force_time_s=time_s, plates=plates)
    return static, motion, marker_sets[f"rajagopal2016_{activity}"]
