"""`gaitload live`: a recording played as if it were being made, in the terminal and on a local page."""

from __future__ import annotations

import html
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from gaitload.bundles.card import unit_of
from gaitload.bundles.file import Bundle, study_of
from gaitload.bundles.page import COLOURS, STYLE
from gaitload.bundles.recording import SIDE_WORDS, oriented
from gaitload.bundles.stream import Load, Stream
from gaitload.conventions import SIDES
from gaitload.io.files import write_text_aside
from gaitload.trial import ImuRecording

SHOWN = 40
"""Latest stances (or windows) on the page."""
_WIDTH, _HEIGHT = 640, 120


@dataclass
class Shown:
    """What the page shows: latest peaks, shape (K,), by stance, and sums since the beginning, shape (K,).

    `point_s` is the time from one point of a fixed window to the next; `doubts` are about the person.
    """

    point_s: float
    doubts: tuple[str, ...] = ()
    sides: list[str] = field(default_factory=list)
    peaks: list[np.ndarray] = field(default_factory=list)
    sums: np.ndarray | None = None
    stances: int = 0
    reason: str = ""
    doubt: str = ""

    def take(self, load: Load) -> None:
        self.reason, self.doubt = load.reason, load.doubt
        if load.reason:
            return
        # Fixed windows follow each other without a gap, so that each point stands for the time up to the next.
        stance = load.side in SIDES
        impulse = (
            np.trapezoid(load.estimates, load.time_s, axis=0) if stance else load.estimates.sum(axis=0) * self.point_s
        )
        self.sums = impulse if self.sums is None else self.sums + impulse
        self.sides, self.peaks = [*self.sides, load.side][-SHOWN:], [*self.peaks, load.estimates.max(axis=0)][-SHOWN:]
        self.stances += 1


def play(
    bundle: Bundle,
    sensors: Mapping[str, ImuRecording],
    page: Path,
    *,
    times_as_fast: float = 1.0,
    say: Callable[[str], None],
    **known,
) -> int:
    """Push a recording through a `Stream`, sample by sample, at its own pace; returns the number of estimates.

    Parameters
    ----------
    bundle
    sensors
        By body.
    page
        HTML file that is written again with every estimate, and reloads itself; nothing is sent anywhere.
    times_as_fast : float
        Pace; infinite does not wait.
    say
        Takes a line for each estimate.
    known
        `speed_m_per_s` and `person`, see `Stream`.
    """
    worn = oriented(sensors)
    first = next(iter(worn.values()))
    stream = Stream(bundle, list(worn), first.rate_hz, **known)
    shown = Shown(1.0 / study_of(bundle).window.rate_hz, tuple(stream.doubts))
    for doubt in stream.doubts:
        say(f"look again: {doubt}")
    _write(page, bundle, shown)
    began_s = time.perf_counter()
    for frame in range(len(first.time_s)):
        ahead_s = frame / first.rate_hz / times_as_fast - (time.perf_counter() - began_s)
        if ahead_s > 0:
            time.sleep(ahead_s)
        samples = {
            body: (each.acc_sensor_m_per_s2[frame], each.gyr_sensor_rad_per_s[frame]) for body, each in worn.items()
        }
        for load in stream.push(samples):
            shown.take(load)
            say(_line(bundle, load))
            _write(page, bundle, shown)
    return shown.stances


def _line(bundle: Bundle, load: Load) -> str:
    head = f"{load.time_s[-1]:7.2f} s {SIDE_WORDS[load.side]:>5}"
    if load.reason:
        return f"{head}  no estimate: {load.reason}"
    document, doubt = bundle.document, f"  look again: {load.doubt}" if load.doubt else ""
    peaks = (
        f"{name} {peak:.2f} {unit_of(document['targets'][name]['unit'])}"
        for name, peak in zip(document["target_names"], load.estimates.max(axis=0), strict=True)
    )
    return f"{head}  peaks {', '.join(peaks)}  ({1000 * load.delay_s:.0f} ms late){doubt}"


def _write(path: Path, bundle: Bundle, shown: Shown) -> None:
    names, targets = bundle.document["target_names"], bundle.document["targets"]
    name = html.escape(bundle.document["name"])
    said = [f"No estimate: {shown.reason}"] if shown.reason else []
    said += [f"Look again: {each}" for each in (*shown.doubts, shown.doubt) if each]
    doubt = "".join(f'<p class="doubt">{html.escape(each)}</p>' for each in said)
    words = "windows" if bundle.document["settings"]["window"]["kind"] == "fixed" else "stances"
    rows = "".join(_row(shown, number, each, unit_of(targets[each]["unit"])) for number, each in enumerate(names))
    write_text_aside(
        path,
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta http-equiv="refresh" content="1">'
        f"<title>{name}, live</title><style>{STYLE}</style></head><body><h1>Loads of the latest {words}</h1>"
        f"<p>{shown.stances} {words}; bars are peaks of the latest {SHOWN}, "
        f'<span style="color:{COLOURS["r"]}">right</span> and <span style="color:{COLOURS["l"]}">left</span>. '
        f"Estimator: {name}. This page reloads itself from this file; nothing leaves the machine.</p>"
        f"{doubt}{rows}</body></html>\n",
    )


def _row(shown: Shown, number: int, name: str, unit: str) -> str:
    if not shown.peaks:
        return f"<h2>{html.escape(name)}</h2><p>nothing yet</p>"
    peaks = np.array(shown.peaks)[:, number]
    top, step = max(peaks.max(), 1e-9), _WIDTH / SHOWN
    bars = "".join(
        f'<rect x="{place * step:.1f}" y="{_HEIGHT * (1 - peak / top):.1f}" width="{0.8 * step:.1f}" '
        f'height="{_HEIGHT * peak / top:.1f}" fill="{COLOURS[side]}"/>'
        for place, (peak, side) in enumerate(zip(peaks, shown.sides, strict=True))
    )
    return (
        f"<h2>{html.escape(name)}: {peaks[-1]:.2f} {unit}</h2><p>highest of these {top:.2f} {unit}, "
        f"sum since the start {shown.sums[number]:.1f} {unit} s</p>"
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" role="img" aria-label="peaks">{bars}</svg>'
    )
