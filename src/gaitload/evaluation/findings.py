"""Every test of an evaluation, from its tables: what stands in `<study>.statistics.json`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from gaitload.evaluation.agreement import conformal_coverage, conformal_half_width, limits_of_agreement
from gaitload.evaluation.estimates import MEAN_CURVE, Method
from gaitload.evaluation.metrics import impulses
from gaitload.evaluation.pairs import DIMENSIONLESS, Pairs, peaks_of
from gaitload.evaluation.statistics import adjusted, anova_hur2025, anova_repeated, compare_paired, mixed_model
from gaitload.evaluation.tables import EVERYTHING, is_narrowest
from gaitload.evaluation.waveforms import paired_waveforms
from gaitload.windows.tables import KINEMATIC_UNITS

WHO = ("estimator", "kind", "sensor_set", "protocol", "variant")
"""Fields by which methods differ, in every list of findings."""


@dataclass(frozen=True)
class Plan:
    """What is tested, as chosen before the results were seen.

    Attributes
    ----------
    metrics : tuple of str
        Of `gaitload.evaluation.pairs.METRICS`.
    reference : str
        Estimator that others have to beat on the same sensors.
    alpha : float
    equivalence_share, equivalence_r2 : float
        Differences of no account: of errors as a share of the label's mean peak, and of shares as they are.
    permutations, seed : int
        Of waveforms.
    """

    metrics: tuple[str, ...] = ("rmse", "r2_phase", "peak_error")
    reference: str = "ridge"
    alpha: float = 0.05
    equivalence_share: float = 0.01
    equivalence_r2: float = 0.05
    permutations: int = 1000
    seed: int = 0


def agreements(method: Method, whole: Mapping[str, Pairs], units: Mapping[str, str]) -> list[dict]:
    """Bland-Altman limits of the peaks and impulses of one method; `whole` and `units` are by label."""
    rows = []
    for label, pairs in whole.items():
        differences = {"peak": np.subtract(*reversed(peaks_of(pairs)))}
        if units[label] not in KINEMATIC_UNITS:
            differences["impulse"] = impulses(pairs.estimate - pairs.label, pairs.duration_s)
        for quantity, difference in differences.items():
            limits = limits_of_agreement(difference, pairs.person)
            found = asdict(limits) if limits else {"not_made": f"{len(set(pairs.person))} people"}
            rows.append({**_who(method), "label": label, "unit": units[label], "quantity": quantity, **found})
    return rows


def intervals(method: Method, whole: Mapping[str, Pairs], units: Mapping[str, str], level: float) -> list[dict]:
    """Conformal intervals about the peaks of one method, and how often they held for each person by the others."""
    rows = []
    for label, pairs in whole.items():
        told, said = peaks_of(pairs)
        half_width = conformal_half_width(said - told, pairs.person, level)
        widths, shares = conformal_coverage(said - told, pairs.person, level)
        row = {**_who(method), "label": label, "unit": units[label], "quantity": "peak", "level": level}
        finite = np.isfinite(widths)
        if np.isfinite(half_width) and finite.all():
            row |= {
                "half_width": half_width,
                "coverage_mean": float(shares.mean()),
                "coverage_min": float(shares.min()),
            }
        else:
            row["not_made"] = f"{len(widths)} people are too few for {level:.0%}"
        rows.append({**row, "n": len(widths)})
    return rows


def waveforms(curves: list[dict], plan: Plan) -> list[dict]:
    """Estimate against label along the curve, over people, for each method, label, side and activity.

    Parameters
    ----------
    curves : list of dict
        As `Rows.curves` gives them, of one method.
    """
    groups: dict[tuple, list[dict]] = {}
    for row in curves:
        groups.setdefault((row["label"], row["side"], row["activity"]), []).append(row)
    found = []
    for (label, side, activity), rows in sorted(groups.items()):
        estimate, told = (np.stack([row[name] for row in rows]) for name in ("estimate_mean", "label_mean"))
        result = paired_waveforms(estimate, told, alpha=plan.alpha, iterations=plan.permutations, seed=plan.seed)
        who = {name: rows[0][name] for name in WHO}
        found.append({**who, "label": label, "side": side, "activity": activity, **result})
    return found


def comparisons(people: pd.DataFrame, plan: Plan) -> list[dict]:
    """Paired tests of every method against the reference on the same sensors and against every baseline.

    Baselines are held against the mean curve, and every two of them against each other. All comparisons of a label and
    metric are one family: their p values are adjusted together, by Holm and by Bonferroni.

    Parameters
    ----------
    people : DataFrame
        Rows of `Rows.people`.
    """
    rows = []
    for label, table in everything_of(people).groupby("label"):
        for metric in plan.metrics:
            margin = margin_of(table, metric, plan)
            family = [
                {
                    "label": label,
                    "metric": metric,
                    "variant": variant,
                    "sensor_set": sensor_set,
                    "estimator": first,
                    "against": second,
                    **compare_paired(
                        _one_set(own, sensor_set), "estimator", first, second, metric, margin=margin, alpha=plan.alpha
                    ),
                }
                for variant, own in by_variant(table)
                for sensor_set, first, second in _contrasts(own, plan.reference)
            ]
            rows += with_adjusted(family)
    return rows


def by_variant(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Rows of each variant with those that no variant changes; everything where there is one variant alone."""
    names = sorted({*table["variant"]} - {""})
    return [(name, table[table["variant"].isin([name, ""])]) for name in names] or [("", table)]


def with_adjusted(family: list[dict]) -> list[dict]:
    """A family of tests with p values adjusted over all that could be made, by Holm and by Bonferroni."""
    made = [row for row in family if "p" in row]
    for method in ("holm", "bonferroni"):
        for row, p in zip(made, adjusted([row["p"] for row in made], method), strict=True):
            row[f"p_{method}"] = p
    return family


def analyses_of_variance(people: pd.DataFrame, plan: Plan) -> list[dict]:
    """Repeated-measures analyses over estimators and sensor sets, and that of Hur et al. 2025 over labels."""
    rows = []
    everything = everything_of(people)
    final = everything[everything["estimator"] != MEAN_CURVE]
    for variant, own in by_variant(final):
        rows += [{"variant": variant, **row} for row in _within_variant(own, plan)]
    return rows + _over_variants(final, plan)


def _within_variant(final: pd.DataFrame, plan: Plan) -> list[dict]:
    """Analyses over estimators, sensor sets and labels of one variant."""
    rows = []
    for metric in plan.metrics:
        for label, table in final.groupby("label"):
            for sensor_set in _sensor_sets(table):
                who = {"label": label, "metric": metric, "sensor_set": sensor_set}
                made = anova_repeated(_one_set(table, sensor_set), ["estimator"], metric)
                rows.append({**who, "design": "estimator", **made})
            learned = table[table["kind"] != "baseline"]
            if learned["sensor_set"].nunique() > 1 and learned["estimator"].nunique() > 1:
                made = anova_repeated(learned, ["estimator", "sensor_set"], metric)
                who = {"label": label, "metric": metric, "sensor_set": EVERYTHING}
                rows.append({**who, "design": "estimator x sensor_set", **made})
        for unit, table in final.groupby("unit"):
            for sensor_set in _sensor_sets(table) if table["label"].nunique() > 1 else []:
                made = anova_hur2025(_one_set(table, sensor_set), ["estimator", "label"], metric)
                who = {"label": f"every label in {unit}", "metric": metric, "sensor_set": sensor_set}
                rows.append({**who, "design": "hur2025: estimator x label, cells as independent", **made})
    return rows


def _over_variants(final: pd.DataFrame, plan: Plan) -> list[dict]:
    """Analyses over variants and estimators on one sensor set: repeated measures, and that of Hur et al. 2025."""
    varied = final[final["variant"] != ""]
    rows = []
    for metric in plan.metrics if varied["variant"].nunique() > 1 else ():
        for (sensor_set, label), table in varied.groupby(["sensor_set", "label"]):
            made = anova_repeated(table, ["variant", "estimator"], metric)
            who = {"label": label, "metric": metric, "sensor_set": sensor_set, "variant": EVERYTHING}
            rows.append({**who, "design": "variant x estimator", **made})
            made = anova_hur2025(table, ["variant", "estimator"], metric)
            rows.append({**who, "design": "hur2025: variant x estimator, cells as independent", **made})
    return rows


def mixed_models(people: pd.DataFrame, plan: Plan) -> list[dict]:
    """For each label, metric and sensor set: what each estimator adds to the reference, people at random.

    Rows are people in the narrowest condition (an activity at its speed), which has an effect of its own; all trials
    whose speed is unknown are one condition of their activity.
    """
    rows = []
    for (label, metric), table in by_label_and_metric(people[people["condition"].map(is_narrowest)], plan):
        for variant, own in by_variant(table):
            for sensor_set in _sensor_sets(own):
                chosen = _one_set(own, sensor_set)
                names = {*chosen["estimator"]}
                reference = next((name for name in (plan.reference, MEAN_CURVE, *sorted(names)) if name in names), "")
                made = mixed_model(chosen, "estimator", reference, metric, within=["condition"])
                who = {"label": label, "metric": metric, "variant": variant, "sensor_set": sensor_set}
                rows.append({**who, "reference": reference, **made})
    return rows


def by_label_and_metric(table: pd.DataFrame, plan: Plan) -> Iterator[tuple[tuple[str, str], pd.DataFrame]]:
    """Rows of each label, for each metric that is tested."""
    for label, chosen in table.groupby("label"):
        for metric in plan.metrics:
            # The mean curve scores exactly 0 beyond itself: a constant has no part in a model of variances.
            yield (label, metric), chosen[chosen["estimator"] != MEAN_CURVE] if metric == "r2_phase" else chosen


def _contrasts(table: pd.DataFrame, reference: str) -> Iterator[tuple[str, str, str]]:
    """(sensor set, estimator, against) of one label."""
    baselines = sorted(table.loc[table["kind"] == "baseline", "estimator"].unique())
    learned = table[table["kind"] != "baseline"]
    learned = learned[learned["estimator"] != MEAN_CURVE]
    for sensor_set, chosen in learned.groupby("sensor_set"):
        names = sorted(chosen["estimator"].unique())
        for name in names:
            if reference in names and name != reference:
                yield sensor_set, name, reference
            for baseline in baselines:
                yield sensor_set, name, baseline
    for baseline in baselines:
        yield "all", baseline, MEAN_CURVE
    for first, second in combinations(baselines, 2):
        yield "all", first, second


def _one_set(table: pd.DataFrame, sensor_set: str) -> pd.DataFrame:
    """Methods on one sensor set, and those that have none of their own."""
    return table[
        (table["sensor_set"] == sensor_set) | (table["kind"] == "baseline") | (table["estimator"] == MEAN_CURVE)
    ]


def _sensor_sets(table: pd.DataFrame) -> list[str]:
    learned = table[(table["kind"] != "baseline") & (table["estimator"] != MEAN_CURVE)]
    return sorted(learned["sensor_set"].unique()) or ["all"]


def everything_of(people: pd.DataFrame) -> pd.DataFrame:
    """Rows over all conditions."""
    return people[people["condition"] == EVERYTHING]


def margin_of(table: pd.DataFrame, metric: str, plan: Plan) -> float:
    """Largest difference of a metric of one label that counts as equivalence."""
    if metric in DIMENSIONLESS:
        return plan.equivalence_r2
    return plan.equivalence_share * float(table.groupby("person")["peak_label"].mean().abs().mean())


def _who(method: Method) -> dict:
    return {name: getattr(method, name) for name in WHO}
