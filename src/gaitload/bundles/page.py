"""The page of a prediction: one HTML file that opens offline."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Sequence
from pathlib import Path

import matplotlib
import numpy as np
from markdown_it import MarkdownIt
from matplotlib.figure import Figure

from gaitload.bundles.card import title_of, unit_of, validity_of
from gaitload.bundles.file import Bundle
from gaitload.bundles.outcome import Outcome
from gaitload.bundles.predict import Prediction
from gaitload.bundles.recording import SIDE_WORDS
from gaitload.io.files import write_text_aside
from gaitload.plots.palette import STYLES

COLOURS = {"r": STYLES["right"][0], "l": STYLES["left"][0], "": "#444444"}
BODY_WEIGHT = "BW is the body weight, mass x 9.80665 N; BW s is a force summed over time."
STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem;color:#1c1c1c}"
    "table{border-collapse:collapse;display:block;overflow-x:auto}td,th{padding:.3rem .5rem;text-align:right;"
    "border-bottom:1px solid #ddd;white-space:nowrap}td:first-child,th:first-child{text-align:left}"
    "svg{max-width:100%;height:auto}p{max-width:60rem}"
    ".doubt,.limits{background:#fff3d6;padding:.6rem 1rem;border-left:4px solid #c98a00}.limits{background:#eef2f5;"
    "border-color:#5c6b7a}small{color:#5c6b7a}summary{cursor:pointer;font-size:1.3rem;font-weight:600}"
)


def write_page(path: Path, bundle: Bundle, prediction: Prediction, outcome: Outcome, files: Sequence[str]) -> None:
    """Write the page: limits, doubts, a table of loads, curves with intervals, and the card of the bundle."""
    name = html.escape(bundle.document["name"])
    doubts = "".join(f'<p class="doubt">{html.escape(doubt)}</p>' for doubt in prediction.doubts)
    cadence = "" if np.isnan(outcome.cadence_per_min) else f", {outcome.cadence_per_min:.0f} steps a minute"
    left_out = sum(prediction.left_out.values())
    words = _windows_in_words(bundle)
    card = MarkdownIt("commonmark", {"html": False}).enable("table").render(bundle.card)
    body = f"""<h1>Loads estimated from sensors</h1>
<p class="limits">{html.escape(validity_of(bundle.document))}</p>
<p>{len(prediction.windows)} {words} from {html.escape(", ".join(files))}{cadence}; {left_out} left out.
Likeness to the training data: {prediction.score:.2f} (1 is a training window). {_calibrated(prediction)}</p>
{doubts}{_table(outcome, words)}<p>{_how_to_read(outcome)}</p>
{"".join(_figures(bundle, prediction, outcome))}
<details><summary>Card of the estimator {name}</summary>{card}</details>"""
    write_text_aside(
        path,
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{name}</title><style>{STYLE}</style></head><body>{body}</body></html>\n",
    )


def _how_to_read(outcome: Outcome) -> str:
    """Sentences that say what the units and intervals of the table mean."""
    if outcome.summary["level"].isna().all():
        return f"{BODY_WEIGHT} This estimator has no intervals; its card says why."
    level = f"{100 * outcome.summary['level'].max():g} %"
    return (
        f"{BODY_WEIGHT} The peak of one step of a new person lies within its interval in {level} of cases; most of "
        "that error is the same in all steps of the person. Bands of the curves are intervals too."
    )


def _calibrated(prediction: Prediction) -> str:
    return "Estimates and intervals are calibrated to this person." if prediction.calibrated else ""


def _windows_in_words(bundle: Bundle) -> str:
    return "stances" if bundle.document["settings"]["window"]["kind"] == "stance" else "windows"


def _table(outcome: Outcome, words: str) -> str:
    heads = ("load", words, "mean peak", "interval of one peak", "right", "left", "right - left", "sum")
    rows = []
    for row in outcome.summary.itertuples():
        unit, title = unit_of(row.unit), title_of(row.target)
        peaks = [_cell(value, ".2f", f" {unit}") for value in (row.peak_mean, row.peak_right, row.peak_left)]
        interval = _cell(row.peak_half_width, ".2f")
        cells = [f"{row.windows}", peaks[0], f"+- {interval}" if interval != "-" else "-", *peaks[1:]]
        cells += [_cell(row.asymmetry_percent, "+.1f", " %"), describe_total(row)]
        first = f"<td>{html.escape(title)}<br><small>{html.escape(row.target)}</small></td>"
        rows.append(f"<tr>{first}{''.join(f'<td>{html.escape(cell)}</td>' for cell in cells)}</tr>")
    return f"<table><tr>{''.join(f'<th>{head}</th>' for head in heads)}</tr>{''.join(rows)}</table>"


def describe_total(row) -> str:
    """The sum over the recording of a row of `Outcome.summary`, with its interval where there is one."""
    total = f"{row.total_s:.3g} {unit_of(row.unit)} s"
    return (
        total
        if np.isnan(row.total_half_width_s)
        else f"{total} +- {row.total_half_width_s:.2g} ({100 * row.level:g} %)"
    )


def _cell(value: float, form: str, unit: str = "") -> str:
    """A number and its unit, or a dash for a foot that was not seen."""
    return "-" if np.isnan(value) else f"{value:{form}}{unit}"


def _figures(bundle: Bundle, prediction: Prediction, outcome: Outcome) -> list[str]:
    """One figure a target: mean curve of each side over the share of the window, with the interval of a curve."""
    drawn, words = [], _windows_in_words(bundle)
    for number, name in enumerate(prediction.targets):
        target, intervals = bundle.document["targets"][name], outcome.intervals[name]
        figure = Figure(figsize=(7, 3.2), layout="constrained")
        axes = figure.add_subplot()
        for side in np.unique(prediction.windows.side):
            curves = prediction.estimates[prediction.windows.side == side, :, number]
            share, mean = np.linspace(0, 100, curves.shape[1]), curves.mean(axis=0)
            axes.plot(share, mean, color=COLOURS[side], label=f"{SIDE_WORDS[side]}, {len(curves)} {words}")
            if intervals:
                band = np.array(intervals["curve"])
                axes.fill_between(share, mean - band, mean + band, color=COLOURS[side], alpha=0.15, lw=0)
        axes.set(
            xlabel=f"share of the {words.removesuffix('s')} (%)", ylabel=f"{title_of(name)} ({unit_of(target['unit'])})"
        )
        axes.set_title(re.split("[:;]", target["definition"])[0], loc="left", fontsize=10)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
        told = io.StringIO()
        with matplotlib.rc_context({"svg.hashsalt": name, "svg.fonttype": "none"}):
            figure.savefig(told, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
        drawn.append(told.getvalue()[told.getvalue().index("<svg") :])
    return drawn
