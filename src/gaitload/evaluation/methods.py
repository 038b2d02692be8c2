"""All methods of a study, one after another, on segments that they share."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import numpy as np

from gaitload.errors import DataError
from gaitload.evaluation.estimates import FINAL, MEAN_CURVE, Estimated, Method, mean_curves, predictions_of
from gaitload.evaluation.labelled import Labelled
from gaitload.evaluation.pairs import Reference
from gaitload.evaluation.recorded import Recorded
from gaitload.io.tables import read_table

COMMON_MIN_SHARE = 0.5
"""A method that covers less than this of the segments that the best estimator covers does not take the others away from
the rest. Higher lets a method that fails often be compared on its own terms; lower lets one poor method leave everybody
with a handful."""
Key = tuple[str, str]
"""(`cohort/participant/trial`, label column)."""


def every_method(
    recorded: Recorded,
    references: Mapping[str, Reference],
    predictions: Sequence[Path],
    *,
    floors: Collection[str],
    points: int,
    common: bool,
) -> Iterator[tuple[Method, list[Estimated]]]:
    """Estimators, one folder of predictions in memory at a time; then the mean curve and the baselines.

    All are asked about the people that any estimator tested, or everybody where there is none. What a method does not
    say is NaN; a baseline that says nothing at all is listed in `recorded.left_out`.

    Parameters
    ----------
    predictions : sequence of Path
        One table for each estimator, sensor set and fold.
    floors : collection of str
        Names of the estimators that others are expected to beat.
    points : int
        Of a curve.
    common : bool
        Keep the segments alone that all methods cover, but those that cover less than `COMMON_MIN_SHARE`.

    Raises
    ------
    DataError
        PREDICTIONS_WITHOUT_LABELS: no segment of an estimator has both. NO_COMMON_SEGMENT: methods have none in common.
    """
    covered: dict[Method, dict[Key, np.ndarray]] = {}
    folders = [(folder, list(paths)) for folder, paths in groupby(sorted(predictions), key=lambda path: path.parent)]
    for folder, paths in folders:
        before = len(covered)
        for path in paths:
            for method, estimated in predictions_in(path, recorded, floors, points):
                if method.seed == FINAL:
                    covered.setdefault(method, {})[_key(estimated.labelled)] = estimated.covers
        if len(covered) == before:
            raise without_labels("predictions of labels that can be used", "none", str(folder))
    tested = {where.rpartition("/")[0] for keys in covered.values() for where, _ in keys}
    asked = [item for item in recorded.every_label if not tested or item.person in tested]
    others = {Method(MEAN_CURVE, "floor", "none"): mean_curves(asked, references), **recorded.baselines}
    for method, estimated in recorded.baselines.items():
        covered[method] = {_key(each.labelled): each.covers for each in estimated}
    shared = shared_segments(asked, covered) if common else {}
    for _, paths in folders:
        found: dict[Method, list[Estimated]] = {}
        for path in paths:
            for method, estimated in predictions_in(path, recorded, floors, points):
                found.setdefault(method, []).append(estimated)
        for method in sorted(found):
            yield method, _completed(found[method], asked, shared)
    for method in sorted(others):
        estimated = _completed(others[method], asked, shared)
        if any(each.covers.any() for each in estimated):
            yield method, estimated
        else:
            recorded.left_out.append({"where": method.estimator, "reason": "NO_ESTIMATE"})


def shared_segments(
    asked: Sequence[Labelled], covered: Mapping[Method, Mapping[Key, np.ndarray]]
) -> dict[Key, np.ndarray]:
    """Which segments of each label column, bool, shape (N,), all methods cover; see `COMMON_MIN_SHARE`.

    Parameters
    ----------
    asked : sequence of Labelled
        What methods are asked about.
    covered
        By method: segments of each column in which it says something throughout; columns it does not know are absent.
    """
    shared = {_key(item): np.ones(len(item.spans), dtype=bool) for item in asked}
    for label in {item.label for item in asked}:
        keys = [_key(item) for item in asked if item.label == label]
        count = {method: sum(said[key].sum() for key in keys if key in said) for method, said in covered.items()}
        # Protocols that train on a person's own data test the rest of it: baselines cover more, and do not count here.
        learned = [method for method in covered if method.kind != "baseline" and count[method]]
        for method, said in covered.items():
            # A variant may test less than another; what it tests is measured by the best of its own estimators.
            alike = [other for other in learned if method.kind == "baseline" or other.variant == method.variant]
            enough = COMMON_MIN_SHARE * max((count[other] for other in alike or covered), default=0)
            if count[method] and count[method] >= enough:
                for key in keys:
                    shared[key] = shared[key] & said.get(key, False)
        if not any(shared[key].any() for key in keys):
            raise DataError(
                expected=f"segments of {label} that all methods cover",
                found="none",
                where=", ".join(sorted({method.estimator for method in covered})),
                do="Take the method out that covers others than the rest, or set evaluation.common_segments to false.",
                code="NO_COMMON_SEGMENT",
            )
    return shared


def predictions_in(
    path: Path, recorded: Recorded, floors: Collection[str], points: int
) -> Iterator[tuple[Method, Estimated]]:
    """Estimates in one table of predictions; see `gaitload.evaluation.estimates.predictions_of`."""
    values, _, document = read_table(path)
    kind = "floor" if document["estimator"] in floors else "estimator"
    return predictions_of(
        values, document, recorded.labelled, recorded.clocks, where=str(path), kind=kind, points=points
    )


def without_labels(expected: str, found: str, where: str) -> DataError:
    """The error for estimates that meet no label."""
    do = "Run the estimators again on the aligned tables that lie there now."
    return DataError(expected=expected, found=found, where=where, do=do, code="PREDICTIONS_WITHOUT_LABELS")


def _completed(
    estimated: Sequence[Estimated], asked: Sequence[Labelled], shared: Mapping[Key, np.ndarray]
) -> list[Estimated]:
    """One entry for every column asked about of the labels that a method knows, with NaN where others say nothing."""
    labels = {each.labelled.label for each in estimated}
    own = {_key(each.labelled): each for each in estimated}
    whole = []
    for item in asked:
        if item.label in labels:
            each = own.get(_key(item)) or Estimated(item, np.full_like(item.curves, np.nan))
            kept = shared.get(_key(item), True)
            curves = np.where(np.reshape(kept, (-1, 1)), each.curves, np.nan)
            whole.append(replace(each, curves=curves, n_covered=int(each.covers.sum())))
    return whole


def _key(item: Labelled) -> Key:
    return item.where, item.column
