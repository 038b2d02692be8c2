"""Rows of the tables of an evaluation, for one method at a time; columns are told in docs/evaluation.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from gaitload.evaluation.estimates import FINAL, Estimated, Method
from gaitload.evaluation.labelled import Labelled
from gaitload.evaluation.pairs import (
    DIMENSIONLESS,
    METRICS,
    POOLED,
    Pairs,
    Reference,
    joined,
    pairs_of,
    pooled_score,
    score,
)

COLUMNS = {
    "estimator": "name of the estimator or baseline",
    "kind": "estimator, floor or baseline",
    "sensor_set": "sensors it sees",
    "protocol": "how people were split",
    "variant": "variant of the study; empty where it has one alone, and for what no variant changes",
    "seed": "-1: what the estimator finally says; else one training run of it",
    "fold": "who was tested",
    "cohort": "cohort",
    "participant": "person",
    "trial": "trial",
    "activity": "activity",
    "speed_m_per_s": "speed of the trial",
    "condition": "all, an activity, or an activity at a speed, which may be unknown",
    "label": "label column without its side",
    "unit": "unit of the label",
    "segments": "stance or cycle",
    "side": "r or l",
    "column": "label column",
    "events": "how segments were found",
    "verdict": "verdict of the label column",
    "n_segments": "segments that entered",
    "n_frames": "frames of the labelled segments",
    "coverage": "segments the method covers as a share of those with a usable label",
    "phase_percent": "share of the segment that has passed",
    "label_mean": "mean of the label over segments",
    "label_sd": "standard deviation of the label over segments",
    "estimate_mean": "mean of the estimate over segments",
    "estimate_sd": "standard deviation of the estimate over segments",
    "phase_mean": "mean curve of the other people",
    **METRICS,
}
"""Of the tables that are written, and what they are."""
KEYS = ("estimator", "kind", "sensor_set", "protocol", "variant", "label", "unit", "segments")
"""What makes a row of the comparison, the condition aside."""
EVERYTHING = "all"
"""The condition that every segment is in."""


def conditions_of(activity: str, speed_m_per_s: float) -> tuple[str, str, str]:
    """Conditions that a trial counts towards: `all`, its activity, and its activity at its speed.

    A trial whose speed is not known (NaN) has a condition of its own, so that the last ones, the narrowest, hold each
    trial exactly once.
    """
    speed = f"{speed_m_per_s:g} m/s" if np.isfinite(speed_m_per_s) else "at unknown speed"
    return EVERYTHING, activity, f"{activity} {speed}"


def is_narrowest(condition: str) -> bool:
    """Whether a condition is an activity at a speed, known or not; activities are single words."""
    return " " in condition


class Rows:
    """Rows of one method.

    Parameters
    ----------
    method : Method
    estimated : sequence of Estimated
        Of all trials the method was asked about.
    references : mapping
        By label.
    """

    def __init__(self, method: Method, estimated: Sequence[Estimated], references: Mapping[str, Reference]) -> None:
        self.method = method
        self.estimated = list(estimated)
        self.pairs = [pairs_of(each.labelled, each.curves, references[each.labelled.label]) for each in self.estimated]

    def trials(self) -> list[dict]:
        """One row for each label column of each trial with a segment."""
        rows = []
        for each, pairs in zip(self.estimated, self.pairs, strict=True):
            item = each.labelled
            if len(pairs):
                rows.append(
                    {
                        **self._who(item),
                        "fold": each.fold,
                        "cohort": item.cohort,
                        "participant": item.participant,
                        "trial": item.trial,
                        "activity": item.activity,
                        "speed_m_per_s": item.speed_m_per_s,
                        "side": item.side,
                        "column": item.column,
                        "events": item.events,
                        "verdict": item.verdict,
                        "n_segments": len(pairs),
                        "n_frames": sum(span.stop - span.start for span in item.spans),
                        "coverage": _coverage([each]),
                        **score(pairs, item.unit),
                    }
                )
        return rows

    def people(self) -> list[dict]:
        """One row for each label, person and condition with a segment; `person` says cohort and participant in one."""
        return [
            {
                **self._who(item),
                "cohort": item.cohort,
                "participant": item.participant,
                "person": item.person,
                "condition": condition,
                "n_segments": len(pairs),
                "coverage": coverage,
                **score(pairs, item.unit),
            }
            for item, condition, coverage, pairs in self._grouped(by_person=True)
        ]

    def pooled(self) -> list[dict]:
        """One row for each label and condition: metrics over the segments of everybody."""
        return [
            {
                **self._who(item),
                "condition": condition,
                "n_segments": len(pairs),
                "coverage": coverage,
                **pooled_score(pairs),
            }
            for item, condition, coverage, pairs in self._grouped(by_person=False)
        ]

    def whole(self) -> dict[str, Pairs]:
        """All segments of each label."""
        groups = self._grouped(by_person=False)
        return {item.label: pairs for item, condition, _, pairs in groups if condition == EVERYTHING}

    def curves(self, references: Mapping[str, Reference]) -> list[dict[str, np.ndarray | str]]:
        """One group of rows, each value of shape (P,) or one for all, per label, side, person and activity."""
        groups: dict[tuple, list[int]] = {}
        for place, each in enumerate(self.estimated):
            item = each.labelled
            if len(self.pairs[place]):
                groups.setdefault((item.label, item.side, item.person, item.activity), []).append(place)
        rows = []
        for key, places in sorted(groups.items()):
            item = self.estimated[places[0]].labelled
            pairs = joined(self.pairs[place] for place in places)
            rows.append(
                {
                    **self._who(item),
                    "side": item.side,
                    "cohort": item.cohort,
                    "participant": item.participant,
                    "activity": item.activity,
                    "n_segments": len(pairs),
                    "phase_percent": np.linspace(0.0, 100.0, pairs.label.shape[1]),
                    "label_mean": pairs.label.mean(axis=0),
                    "label_sd": pairs.label.std(axis=0),
                    "estimate_mean": pairs.estimate.mean(axis=0),
                    "estimate_sd": pairs.estimate.std(axis=0),
                    "phase_mean": references[key[0]].curve[(item.person, *item.stratum)],
                }
            )
        return rows

    def _who(self, item: Labelled) -> dict:
        return {**asdict(self.method), "label": item.label, "unit": item.unit, "segments": item.segments}

    def _grouped(self, *, by_person: bool) -> Iterator[tuple[Labelled, str, float, Pairs]]:
        """One of the labels, the condition, coverage and segments of each group that has any."""
        groups: dict[tuple[str, str, str], list[int]] = {}
        for place, each in enumerate(self.estimated):
            item = each.labelled
            for condition in conditions_of(item.activity, item.speed_m_per_s):
                groups.setdefault((item.label, condition, item.person if by_person else ""), []).append(place)
        for (_, condition, _), places in sorted(groups.items()):
            pairs = joined(self.pairs[place] for place in places)
            if len(pairs):
                members = [self.estimated[place] for place in places]
                yield members[0].labelled, condition, _coverage(members), pairs


def summary_table(people: pd.DataFrame, pooled: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """The comparison: one row for each method, label and condition, the best first within a label.

    Parameters
    ----------
    people, pooled, runs : DataFrame
        Rows of `Rows.people`, of `Rows.pooled` with single training runs among them, and of `Rows.people` of single
        training runs, which may be none.
    """
    groups = people.groupby([*KEYS, "condition"], sort=True, dropna=False)
    spread = groups[list(METRICS)].agg(["mean", "std"])
    spread.columns = [f"{metric}_{'sd' if part == 'std' else part}" for metric, part in spread.columns]
    spread.insert(0, "n_subjects", groups.size())
    counted = ["n_segments", "coverage", *POOLED]
    whole = pooled[pooled["seed"] == FINAL].set_index([*KEYS, "condition"])[counted]
    table = whole.join(spread).join(_spread_over_seeds(pooled[pooled["seed"] != FINAL], runs)).reset_index()
    table["seeds"] = table["seeds"].fillna(0).astype(int)
    return _ranked(table)


def _spread_over_seeds(pooled: pd.DataFrame, runs: pd.DataFrame) -> pd.DataFrame:
    """Number of training runs, and the standard deviation over them of every metric (its mean over people)."""
    groups = [*KEYS, "condition"]
    counted = pooled.groupby(groups)[list(POOLED)].std()
    if not runs.empty:
        means = runs.groupby([*groups, "seed"])[list(METRICS)].mean()
        counted = counted.join(means.groupby(level=groups).std())
    counted = counted.add_suffix("_seed_sd")
    counted.insert(0, "seeds", pooled.groupby(groups).size())
    return counted


FIRST = (
    "label",
    "condition",
    "rank",
    "estimator",
    "kind",
    "sensor_set",
    "protocol",
    "variant",
    "unit",
    "segments",
    "n_subjects",
    "n_segments",
    "coverage",
    *POOLED,
)


def in_degrees(table: pd.DataFrame) -> pd.DataFrame:
    """A summary for reading: angles in degrees."""
    angles = ["peak_loa_low", "peak_loa_high"]
    angles += [f"{name}_{part}" for name in METRICS.keys() - DIMENSIONLESS for part in ("mean", "sd", "seed_sd")]
    angles += [f"{name}_seed_sd" for name in ("peak_loa_low", "peak_loa_high")]
    angles = [name for name in angles if name in table.columns]
    turned = table["unit"] == "rad"
    converted = table.copy()
    converted.loc[turned, angles] = np.degrees(converted.loc[turned, angles])
    converted.loc[turned, "unit"] = "deg"
    return converted


def long_curves(curves: Sequence[dict]) -> pd.DataFrame:
    """Rows of `Rows.curves` as one row a point."""
    return pd.concat([pd.DataFrame(row) for row in curves], ignore_index=True)


def described(table: pd.DataFrame) -> dict[str, tuple[np.ndarray, dict]]:
    """Columns of a self-describing table, each with its meaning; text as text, whatever pandas keeps it in."""
    return {
        name: (
            np.array(table[name].tolist(), dtype=str)
            if not pd.api.types.is_numeric_dtype(table[name])
            else table[name].to_numpy(),
            {"definition": COLUMNS[name]},
        )
        for name in table.columns
    }


def _ranked(table: pd.DataFrame) -> pd.DataFrame:
    ordered = table.sort_values(
        ["label", "condition", "pooled_r2_phase", "rmse_mean", "estimator", "sensor_set", "variant"],
        ascending=[True, True, False, True, True, True, True],
        na_position="last",
        kind="stable",
    )
    ordered["rank"] = ordered.groupby(["label", "condition"]).cumcount() + 1
    rest = [name for name in ordered.columns if name not in FIRST]
    return ordered[[*FIRST, *rest]].reset_index(drop=True)


def _coverage(estimated: Sequence[Estimated]) -> float:
    """Segments that a method covers, as a share of those with a usable label."""
    own = [each.n_covered if each.n_covered >= 0 else int(each.covers.sum()) for each in estimated]
    return sum(own) / sum(len(each.labelled.spans) for each in estimated)
