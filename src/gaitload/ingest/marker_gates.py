"""Gates of markers as recorded: samples that no marker makes, markers that slide, bodies unlike the static trial's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from gaitload.config.motion import Gates
from gaitload.dependencies import EVERYTHING
from gaitload.ingest.gates import questioned_by
from gaitload.ingest.likeness import Likeness
from gaitload.ingest.suspects import EVERYTHING as WHOLE_BODY
from gaitload.ingest.suspects import Suspects
from gaitload.models.markersets import MarkerSet
from gaitload.quality import Gate, Verdict, judge

SCALE_MIN = 0.01
"""A common factor of all distances that skin and posture do not make; 49 clean trials reach 0.006."""
FROZEN_FAILS_S = 0.1
"""What is frozen for longer leaves gaps that filling changes, and did not come from rounding."""
STILL_MAX_M = 0.08
"""How far markers of a standing participant may go: sway is 1 to 3 cm, a step more than half a metre."""
_NAMED = 4


def spread_m(position_m: np.ndarray) -> float:
    """How far markers go: median over markers, (T, M, 3), of the diagonal of the box of each."""
    low, high = np.nanpercentile(position_m, (2, 98), axis=0)
    return float(np.nanmedian(np.linalg.norm(high - low, axis=-1)))


def judge_still(position_m: np.ndarray) -> Iterator[Gate]:
    """Judge whether the participant stands still in a static trial; positions have the shape (T, M, 3)."""
    moved_m = spread_m(position_m)
    yield judge(
        "NOT_STILL",
        moved_m,
        unit="m",
        reason=f"markers move by {100 * moved_m:.0f} cm in the static trial: part of a motion, or somebody who steps. "
        "Angles of the motions are less certain by what the pose is not that of standing",
        warn_above=STILL_MAX_M,
        questions=(EVERYTHING,),
    )


def judge_samples(suspects: Suspects, frames: int, marker_set: MarkerSet, limits: Gates) -> Iterator[Gate]:
    """Fill values, frozen markers, repeated and lost frames, and trembling; no gate where there are none.

    Parameters
    ----------
    suspects : Suspects
    frames : int
        Of the recording.
    marker_set : MarkerSet
    limits : Gates
    """
    if suspects.filled:
        worst = max(suspects.filled, key=suspects.filled.__getitem__)
        yield judge(
            "MARKERS_FILLED",
            suspects.filled[worst] / frames,
            unit="share of frames",
            reason="a fill value such as 9999999 or -9999 stands for missing samples of "
            f"{_told(suspects.filled)}: taken as missing. Export gaps as empty cells",
            warn_above=0.0,
            questions=questioned_by(suspects.filled, marker_set),
        )
    if suspects.frozen_s:
        everything = WHOLE_BODY in suspects.frozen_s
        who = "all markers" if everything else _told(suspects.frozen_s)
        yield judge(
            "MARKERS_FROZEN",
            max(suspects.frozen_s.values()),
            unit="s",
            reason=f"{who} frozen: samples repeat the last place while the person moves; taken as missing. The "
            "recorder or the export repeats frames: export the recording again",
            warn_above=0.0,
            fail_above=FROZEN_FAILS_S,
            questions=(EVERYTHING,) if everything else questioned_by(suspects.frozen_s, marker_set),
        )
    if suspects.repeated:
        yield judge(
            "MARKERS_FRAMES_REPEATED",
            suspects.repeated / frames,
            unit="share of frames",
            reason=f"{suspects.repeated} frames repeat the frame before exactly, in all markers, while the participant "
            "moves: the recorder filled dropped frames, or the export has a higher rate than the recording. Export the "
            "recording again, at the rate of the cameras",
            warn_above=0.0,
        )
    if suspects.lost_at_s:
        times = ", ".join(f"{at_s:.2f}" for at_s in suspects.lost_at_s[:_NAMED])
        yield judge(
            "MARKERS_FRAMES_LOST",
            float(len(suspects.lost_at_s)),
            unit="places",
            reason=f"frames of the markers are missing at {times} s (all markers jump ahead): from there on markers "
            "are too early for the forces. Export the recording again with dropped frames kept as empty rows",
            fail_above=0.0,
        )
    if np.isfinite(suspects.tremble_m):
        yield judge(
            "MARKERS_TREMBLE",
            suspects.tremble_m,
            unit="m",
            reason=f"markers tremble by {1e3 * suspects.tremble_m:.1f} mm (faster than 20 Hz): noise of the cameras; "
            "calibrate them anew",
            warn_above=limits.tremble_m,
        )


def judge_slides(slides_m: Mapping[str, float], marker_set: MarkerSet, limits: Gates) -> Iterator[Gate]:
    """Markers that slide on their segment within the trial, the worst of each segment."""
    for segment, members in marker_set.segments.items():
        own = {name: slides_m[name] for name in members if name in slides_m}
        if not own:
            continue
        worst = max(own, key=own.__getitem__)
        gate = judge(
            f"MARKER_DRIFT_{segment.upper()}",
            own[worst],
            unit="m",
            reason=f"{worst} drifts by {1e3 * own[worst]:.0f} mm against the rest of {segment} between the first and "
            "the last third of the trial: it came loose or slid. Export the part before it alone, or leave the "
            "marker out of the marker set",
            warn_above=limits.marker_drift_m,
            fail_above=2 * limits.marker_drift_m,
            questions=questioned_by([worst], marker_set),
        )
        if gate.verdict is not Verdict.PASSED:
            yield gate


def judge_places(
    displaced_m: Mapping[str, Mapping[str, float]], marker_set: MarkerSet, limits: Gates
) -> Iterator[Gate]:
    """Markers against their places in the static trial as the others of the segment see them; none where they fit."""
    for segment, own in displaced_m.items():
        worst = max(own, key=own.__getitem__)
        pelvis = segment == "pelvis"
        gate = judge(
            f"MARKER_MOVED_{segment.upper()}",
            own[worst],
            unit="m",
            reason=f"{worst}, or another marker of {segment}, lies {1e3 * own[worst]:.0f} mm from its place in the "
            "static trial, as the others see it: it was stuck on anew or moved between the two, or its name is that "
            "of another. Record a static trial with the markers as they are worn now",
            warn_above=limits.marker_moved_pelvis_m if pelvis else limits.marker_moved_m,
            questions=questioned_by(own, marker_set),
        )
        if gate.verdict is not Verdict.PASSED:
            yield gate


def judge_likeness(likeness: Likeness, limits: Gates) -> Iterator[Gate]:
    """Whether the static trial shows the same body."""
    told = f"{100 * likeness.outside:.0f} % of the distances within segments are not those of the static trial"
    scaled = abs(likeness.scale) > SCALE_MIN and likeness.spread < abs(likeness.scale) / 2
    if scaled:
        reason = (
            f"{told}, and all differ by about {100 * likeness.scale:+.1f} %: the cameras were calibrated with a wand "
            "of another length (scale), or the static trial is another participant's"
        )
    else:
        reason = (
            f"{told} ({likeness.segments_off} of {likeness.segments} segments): it is the static trial of another "
            "participant, or markers were stuck on anew"
        )
    yield judge(
        "BODY_UNLIKE_STATIC",
        likeness.outside,
        unit="share of distances",
        reason=reason,
        fail_above=limits.body_unlike_share,
    )


def _told(markers: Mapping[str, float]) -> str:
    names = sorted(markers, key=markers.__getitem__, reverse=True)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
