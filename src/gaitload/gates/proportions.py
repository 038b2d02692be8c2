"""Gates of the proportions of a scaled model, and of the pose that it was registered in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gaitload.conventions import SIDES
from gaitload.dependencies import EVERYTHING
from gaitload.quality import Gate, Verdict, judge

SIDES_DIFFER_SHARE = (0.05, 0.15)
"""Left against right, of thighs and of shanks. Legs differ by 1 % in most people, and markers of the same landmark by
one to two centimetres, which is 5 %; more than 15 % is a marker under another name."""
PELVIS_DIFFERS_SHARE = (0.2, 0.35)
"""Factors of the pelvis against those of the legs, as a ratio to 1. Pelvic width over leg length differs between adults
by 8 % (SD; Gordon et al. 1989); belts, and soft tissue under markers of the ASIS, add some. A width of 0.74 (1 / 1.35)
is no pelvis. Depth and height warn only: a belly under the ASIS adds a third to the depth."""
HEIGHT_DIFFERS_SHARE = (0.1, 0.25)
"""Factors of the legs against the ratio of the heights."""
STATIC_KNEE_DEG = 12.0
"""People stand with knees between 8 deg hyperextended and 10 deg flexed. More is a pose that some marker bends."""
STATIC_HEEL_UP_DEG = 20.0
"""Feet that stand flat are posed within 8 deg in thirteen static trials of four laboratories, and 14 deg heel up with
the published marker places of the runner of rajagopal2016. A foot turned by 30 deg about its toe shows 26 deg."""


def judge_proportions(record: Mapping, *, questions: tuple[str, ...] = (EVERYTHING,)) -> Iterator[Gate]:
    """Gates of what `scale_subject` returned; none where nothing was measured in a static trial."""
    proportions = record.get("proportions") or {}
    for name, ratio in proportions.get("left_over_right", {}).items():
        reason = f"left {name} {ratio - 1:+.0%} against the right one in the static trial"
        yield _judged(f"SCALE_LEFT_RIGHT_{name.upper()}", ratio, SIDES_DIFFER_SHARE, reason, questions)
    if proportions.get("pelvis_over_legs"):
        warn, fail = PELVIS_DIFFERS_SHARE
        for axis, word in {"x": "depth", "y": "height", "z": "width"}.items():
            ratio = proportions["pelvis_over_legs"][axis]
            yield judge(
                f"SCALE_PELVIS_{word.upper()}",
                _away(ratio),
                unit="share",
                reason=f"the pelvis is scaled by {ratio:.2f} of the legs in its {word}",
                warn_above=warn,
                fail_above=fail if axis == "z" else None,
                questions=questions,
            )
    if proportions.get("legs_over_height"):
        ratio = proportions["legs_over_height"]
        reason = f"the legs are scaled by {ratio:.2f} of the height in participants.tsv"
        yield _judged("SCALE_LEGS_HEIGHT", ratio, HEIGHT_DIFFERS_SHARE, reason, questions)
    angles = record.get("static_angles_deg", {})
    for side in SIDES:
        if f"knee_angle_{side}" in angles:
            angle = angles[f"knee_angle_{side}"]
            reason = f"knee angle of leg {side} in the static trial: {angle:.0f} deg (flexion positive)"
            yield _angle(f"STATIC_KNEE_ANGLE_{side.upper()}", angle, STATIC_KNEE_DEG, reason, questions)
    for side, angle in record.get("static_heel_up_deg", {}).items():
        reason = f"foot {side} is tilted by {angle:.0f} deg in the static trial (heel up positive)"
        yield _angle(f"STATIC_FOOT_TILT_{side.upper()}", angle, STATIC_HEEL_UP_DEG, reason, questions)
    rare = record.get("rarely_seen", {})
    if rare:
        shares = ", ".join(f"{name} in {share:.1%}" for name, share in rare.items())
        reason = f"too rarely seen in the static trial to be registered: {shares} of its frames"
        yield Gate("MARKERS_NOT_REGISTERED", Verdict.WARNED, None, None, "", reason, questions)


def _away(ratio: float) -> float:
    """How far a ratio is from 1, the same for a ratio and its inverse."""
    return max(ratio, 1.0 / ratio) - 1.0


def _judged(code: str, ratio: float, limits: tuple[float, float], reason: str, questions: tuple[str, ...]) -> Gate:
    warn, fail = limits
    return judge(code, _away(ratio), unit="share", reason=reason, warn_above=warn, fail_above=fail, questions=questions)


def _angle(code: str, angle_deg: float, limit_deg: float, reason: str, questions: tuple[str, ...]) -> Gate:
    return judge(code, abs(angle_deg), unit="deg", reason=reason, warn_above=limit_deg, questions=questions)
