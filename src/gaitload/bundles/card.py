"""The card of a bundle: what it is for, how wrong it is, and what it was made from, for people."""

from __future__ import annotations


def card_of(document: dict) -> str:
    """Markdown; limits come first."""
    training, labels = document["training"], document["labels"]
    targets = {name: document["targets"][name] for name in document["target_names"]}
    activities = " and ".join(training["activities"]) or "any activity"
    speeds = training["speeds_m_per_s"]
    versions = ", ".join(f"{name} {version}" for name, version in sorted(document["versions"].items()))
    fast = f" at {speeds[0]:g} to {speeds[-1]:g} m/s" if speeds else ""
    source = "virtual sensors, computed from marker motion" if training["sensors"] == "virtual" else "worn sensors"
    lines = [
        f"# {document['name']}",
        "",
        f"**Valid for {activities}{fast} alone, in people like the {training['people']} it learnt from "
        f"({', '.join(training['cohorts'])}). Trained on {source}. Labels are of a musculoskeletal model.**",
        "",
        f"Estimator `{document['estimator']}` ({document['source']}); sensors: {', '.join(document['sensors'])}; "
        f"{training['windows']} windows of {training['trials']} trials.",
        "",
        "| target | unit | RMSE (held-out) | worst person | peak RMSE | mean peak | interval, peak | interval, sum |",
        "|---|---|---|---|---|---|---|---|",
        *(_row(name, target) for name, target in targets.items()),
        "",
        *(_held(name, target) for name, target in targets.items()),
        "",
        f"Labels: mode `{labels['label_mode']}`, model `{labels['model']}`, engine `{labels['engine']}`, "
        f"method version {labels['method_version']}. Versions: {versions}.",
        "",
    ]
    return "\n".join(lines)


def _row(name: str, target: dict) -> str:
    errors, intervals = target["errors"], target["intervals"]
    peak = f"+- {intervals['peak']:.3g}" if intervals else "none"
    total = f"+- {100 * intervals['total_share']:.2g} %" if intervals else "none"
    numbers = [f"{errors[key]:.3g}" for key in ("rmse", "rmse_worst", "peak_rmse", "peak_mean")]
    return f"| {name} | {target['unit']} | {' | '.join(numbers)} | {peak} | {total} |"


def _held(name: str, target: dict) -> str:
    intervals = target["intervals"]
    if not intervals:
        return f"- {name}: no intervals: {target['no_intervals']}."
    held = ", ".join(f"{kind} {100 * share:.0f} %" for kind, share in intervals["coverage"].items())
    return f"- {name}: intervals of {100 * intervals['level']:g} % held, in the mean of held-out people: {held}."
