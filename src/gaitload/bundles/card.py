"""The card of a bundle: what it is for, how wrong it is, and what it was made from, for people."""

from __future__ import annotations

from gaitload.bundles.intervals import KINDS
from gaitload.bundles.recording import SIDE_WORDS
from gaitload.plots.estimators import UNITS, label_title
from gaitload.windows.tables import without_side

PERSON_UNITS = {"mass_kg": "kg", "height_m": "m"}
"""Units of the characteristics that a bundle knows of the people it learnt from."""


def unit_of(unit: str) -> str:
    """A unit of a table as people read it."""
    return UNITS.get(unit, unit)


def title_of(target: str) -> str:
    """A target in words: `atf_r_bw` is "Achilles tendon force, right"."""
    name, side = without_side(target)
    return f"{label_title(name)}, {SIDE_WORDS[side]}" if side else label_title(name)


def card_of(document: dict) -> str:
    """Markdown; limits come first."""
    training, labels = document["training"], document["labels"]
    targets = {name: document["targets"][name] for name in document["target_names"]}
    versions = ", ".join(f"{name} {version}" for name, version in sorted(document["versions"].items()))
    lines = [
        f"# {document['name']}",
        "",
        f"**{validity_of(document)}**",
        "",
        f"Estimator `{document['estimator']}` ({document['source']}); sensors: {', '.join(document['sensors'])}; "
        f"{training['windows']} windows of {training['trials']} trials. Made by `{document['command']}` "
        f"with the settings of the study `{document['study']}` (docs/predict.md of gaitload).",
        "",
        "| target | unit | RMSE (held-out) | worst person | peak RMSE | mean peak | interval, peak | interval, sum |",
        "|---|---|---|---|---|---|---|---|",
        *(_row(name, target) for name, target in targets.items()),
        *(_row(f"{name}, calibrated", target | target["calibrated"]) for name, target in targets.items()),
        "",
        "Calibrated: after the first two labelled steps of each side at each speed. Measured within the same "
        "recordings; a later visit, with sensors put on anew, was not tested.",
        "",
        *(line for name, target in targets.items() for line in _held(name, target)),
        f"- Refused: {len(document['refused'])} of {training['trials']} recordings of held-out people"
        f"{': ' if document['refused'] else ''}{', '.join(document['refused'])}.",
        "",
        *(_BETWEEN if training["sensors"] == "virtual" else []),
        f"Labels: mode `{labels['label_mode']}`, model `{labels['model']}`, engine `{labels['engine']}`, "
        f"method version {labels['method_version']}. Versions: {versions}.",
        "",
    ]
    return "\n".join(lines)


def validity_of(document: dict) -> str:
    """Sentences that say for whom and for which motion the estimates are valid."""
    training = document["training"]
    activities = " and ".join(training["activities"]) or "any activity"
    speeds = training["speeds_m_per_s"]
    fast = f" at {speeds[0]:g} to {speeds[-1]:g} m/s" if speeds else ""
    source = "virtual sensors, computed from marker motion" if training["sensors"] == "virtual" else "worn sensors"
    return (
        f"Valid for {activities}{fast} alone, in people like the {training['people']} it learnt from "
        f"({', '.join(training['cohorts'])}{_people(training['people_range'])}). Trained on {source}. Labels are of a "
        "musculoskeletal model."
    )


_BETWEEN = [
    "Between virtual and worn sensors there remains: skin and muscle that move under the sensor, straps that slip, and "
    "shocks above the cut-off. Beside recorded sensors (docs/virtual_imu.md of gaitload) the rate of swing correlates "
    "0.96 to 0.99 at the shank, accelerations 0.7 to 0.96. The errors above do not contain this difference.",
    "",
]


def _people(ranges: dict[str, list[float]]) -> str:
    return "".join(
        f", {low:.3g} to {high:.3g} {unit}"
        for name, unit in PERSON_UNITS.items()
        if name in ranges
        for low, high in [ranges[name]]
    )


def _row(name: str, target: dict) -> str:
    errors, intervals = target["errors"], target["intervals"]
    peak = f"+- {intervals['peak']:.3g}" if intervals else "none"
    total = f"+- {100 * intervals['total_share']:.2g} %" if intervals else "none"
    numbers = [f"{errors[key]:.3g}" for key in ("rmse", "rmse_worst", "peak_rmse", "peak_mean")]
    return f"| {name} | {unit_of(target['unit'])} | {' | '.join(numbers)} | {peak} | {total} |"


def _held(name: str, target: dict) -> list[str]:
    intervals = target["intervals"]
    if not intervals:
        return [f"- {name}: no intervals: {target['no_intervals']}."]
    held = "; ".join(
        f"{kind} {100 * own['mean']:.0f} % ({100 * own['low']:.0f} to {100 * own['high']:.0f}, worst person "
        f"{100 * own['worst']:.0f}, refused ones counted as missed {100 * intervals['coverage_refused'][kind]:.0f})"
        for kind in KINDS
        for own in [intervals["coverage"][kind]]
    )
    speeds = "; ".join(
        f"{speed} m/s {own['rmse']:.2g}, peak {own['peak_rmse']:.2g} (interval held "
        f"{100 * intervals['coverage_by_speed'][speed]['peak']:.0f} %)"
        for speed, own in target["errors_by_speed"].items()
    )
    return [
        f"- {name}: intervals of {100 * intervals['level']:g} % held, in the mean of held-out people: {held}.",
        *([f"- {name}: RMSE at {speeds} {unit_of(target['unit'])}."] if speeds else []),
    ]
