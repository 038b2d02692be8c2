"""Who is trained, validated, calibrated and tested on whom.

A protocol takes windows and gives folds. Every fold is split by subject, or by time within a trial, and never by
window: windows that lie across a border in time are in no part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from gaitload.errors import DataError
from gaitload.quality import Verdict
from gaitload.study import Study
from gaitload.windows.slicing import Windows


@dataclass(frozen=True)
class Fold:
    """Rows of windows by the part they play.

    Attributes
    ----------
    name : str
        Who is tested, `<cohort>-<participant>`.
    train, validation, test : ndarray of int
    calibration : ndarray of int
        Of the tested person, seen after training: what a model is adapted to.
    normaliser : ndarray of int
        What the normaliser is fitted to.
    apart : tuple of (str, str)
        Parts that may not share a subject.
    self_normalised : bool
        The test windows are scaled by their own statistics: a flaw.
    allowed : frozenset of str
        Leaks between parts that are repeated on purpose.
    """

    name: str
    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    normaliser: np.ndarray
    calibration: np.ndarray = field(default_factory=lambda: np.array([], dtype=int))
    apart: tuple[tuple[str, str], ...] = ()
    self_normalised: bool = False
    allowed: frozenset[str] = frozenset()


_NOT_MEASURED = f" {Verdict.NOT_MEASURED}"
_STRANGER = (("train", "test"), ("validation", "test"), ("normaliser", "test"))
_NESTED = (*_STRANGER, ("train", "validation"))


def folds_of(windows: Windows, study: Study, seed: int) -> list[Fold]:
    """Folds of a study's protocol, the same people tested for every seed.

    Raises
    ------
    DataError
        STUDY_FOLD_EMPTY: a part without a window, or too few people.
    """
    folds = _PROTOCOLS[study.protocol](windows, study, seed)
    for fold in folds:
        for part in ("train", "validation", "test", *(["calibration"] if study.protocol == "user_adaptive" else [])):
            if not len(getattr(fold, part)):
                raise _empty(f"{part} windows in the fold {fold.name}", study)
    return folds


def whole_fold(windows: Windows, study: Study, seed: int) -> Fold:
    """Everybody: some validate, the others are trained on, and nobody is tested.

    Raises
    ------
    DataError
        STUDY_FOLD_EMPTY: too few people.
    """
    people, count = sorted(set(windows.subjects)), study.split.validation_subjects
    if len(people) <= count:
        raise _empty(f"training subject beside {count} for validation", study)
    chosen = [str(one) for one in np.random.default_rng(seed).permutation(people)[:count]]
    everything, nothing = np.arange(len(windows)), np.array([], dtype=int)
    held = np.isin(windows.subjects, chosen)
    return Fold("everybody", everything[~held], everything[held], nothing, everything, apart=(("train", "validation"),))


def require_everybody(windows: Windows, people: list[str], study: Study, left_out: list[str]) -> None:
    """Make sure that every subject has windows left, so that no fold vanishes silently.

    Somebody of whom no target was measured (`<where>: <column> not_measured` in `left_out`) has no part in the study.

    Raises
    ------
    DataError
        STUDY_FOLD_EMPTY: names them and why their windows were left out.
    """
    reasons = {who: [line for line in left_out if line.startswith(f"{who}/")] for who in people}
    absent = sorted(set(people) - set(windows.subjects))
    lost = [who for who in absent if not reasons[who] or not all(_NOT_MEASURED in line for line in reasons[who])]
    if lost:
        why = [line for who in lost for line in reasons[who]]
        raise _empty(f"window left of {', '.join(lost)} ({'; '.join(why[:6]) or 'no aligned trial'})", study)


def _subjects(windows: Windows, study: Study) -> list[tuple[str, list[str]]]:
    """Everybody who is tested, with the others."""
    everybody = sorted(set(windows.subjects))
    tested = [who for who in everybody if not study.test_cohorts or who.partition("/")[0] in study.test_cohorts]
    return [(who, [other for other in everybody if other != who]) for who in tested]


def _named(who: str) -> str:
    return who.replace("/", "-")


def _rows(windows: Windows, people: list[str]) -> np.ndarray:
    return np.flatnonzero(np.isin(windows.subjects, people))


def _within(windows: Windows, rows: np.ndarray, start_share: float, stop_share: float) -> np.ndarray:
    """Those of the rows that lie wholly within shares `[start, stop)` of their trial's frames."""
    lengths = np.array([len(windows.trials[index].time_s) for index in windows.trial[rows]], dtype=float)
    start, stop = np.round(start_share * lengths), np.round(stop_share * lengths)
    frames = windows.frames[rows]
    return rows[(frames[:, 0] >= start) & (frames[:, 1] <= stop)]


def _validation_people(others: list[str], study: Study, seed: int, turn: int) -> list[str]:
    """Of the others, drawn for every fold; the next ones for the next seed, until all have had their turn."""
    count = study.split.validation_subjects
    if len(others) <= count:
        raise _empty(f"training subject beside {count} for validation and one to test", study)
    order = np.random.default_rng(turn).permutation(others)
    return [str(order[(seed * count + number) % len(order)]) for number in range(count)]


def _drawn(others: list[str], study: Study, seed: int, turn: int) -> list[str]:
    """As many of the others as a study wants to learn from."""
    count = study.split.training_subjects
    if not 0 < count < len(others):
        return others
    return sorted(str(other) for other in np.random.default_rng([turn, seed]).permutation(others)[:count])


def _first_of_sides(windows: Windows, rows: np.ndarray, count: int) -> np.ndarray:
    """The first windows of each side of each trial; all of them where `count` is 0."""
    order = rows[np.argsort(windows.frames[rows, 0], kind="stable")]
    kinds = zip(windows.trial[order], windows.side[order], strict=True)
    taken: Counter = Counter()
    kept = []
    for row, kind in zip(order, kinds, strict=True):
        taken[kind] += 1
        if not count or taken[kind] <= count:
            kept.append(row)
    return np.sort(np.array(kept, dtype=int))


def _loso(windows: Windows, study: Study, seed: int) -> list[Fold]:
    folds = []
    for turn, (who, everybody) in enumerate(_subjects(windows, study)):
        others = _drawn(everybody, study, seed, turn)
        held = _validation_people(others, study, seed, turn)
        train = _rows(windows, [other for other in others if other not in held])
        folds.append(Fold(_named(who), train, _rows(windows, held), _rows(windows, [who]), train, apart=_NESTED))
    return folds


def _user_generalised(windows: Windows, study: Study, seed: int) -> list[Fold]:
    folds, border = [], 1.0 - study.split.validation_share
    for who, others in _subjects(windows, study):
        rows = _rows(windows, others)
        train = _within(windows, rows, 0.0, border)
        validation = _within(windows, rows, border, 1.0)
        folds.append(Fold(_named(who), train, validation, _rows(windows, [who]), train, apart=_STRANGER))
    return folds


def _user_individualised(windows: Windows, study: Study, seed: int) -> list[Fold]:
    test_from = 1.0 - study.split.test_share
    validation_from = test_from * (1.0 - study.split.validation_share)
    folds = []
    for who, _ in _subjects(windows, study):
        rows = _rows(windows, [who])
        train = _within(windows, rows, 0.0, validation_from)
        validation = _within(windows, rows, validation_from, test_from)
        folds.append(Fold(_named(who), train, validation, _within(windows, rows, test_from, 1.0), train))
    return folds


def _user_adaptive(windows: Windows, study: Study, seed: int) -> list[Fold]:
    share, folds = study.split.calibration_share, []
    for fold, (who, _) in zip(_loso(windows, study, seed), _subjects(windows, study), strict=True):
        rows = _rows(windows, [who])
        calibration, test = _within(windows, rows, 0.0, share), _within(windows, rows, share, 1.0)
        calibration = _first_of_sides(windows, calibration, study.split.calibration_windows)
        calibrated = study.split.calibrated_normaliser
        folds.append(
            Fold(
                fold.name,
                fold.train,
                fold.validation,
                test,
                np.concatenate([fold.train, calibration]) if calibrated else fold.train,
                calibration,
                apart=tuple(pair for pair in _NESTED if not (calibrated and pair[0] == "normaliser")),
            )
        )
    return folds


def _hur2025(windows: Windows, study: Study, seed: int) -> list[Fold]:
    """As published code does it: one person stands for all and is scaled by itself, validation windows are drawn."""
    who, others = _subjects(windows, study)[-1]
    rows = np.random.default_rng(seed).permutation(_rows(windows, others))
    held = max(1, round(study.split.validation_share * len(rows)))
    return [
        Fold(
            _named(who),
            np.sort(rows[held:]),
            np.sort(rows[:held]),
            _rows(windows, [who]),
            np.sort(rows[held:]),
            apart=_STRANGER,
            self_normalised=True,
            allowed=frozenset({"train-validation"}),
        )
    ]


_PROTOCOLS: dict[str, Callable[[Windows, Study, int], list[Fold]]] = {
    "loso": _loso,
    "user_generalised": _user_generalised,
    "user_individualised": _user_individualised,
    "user_adaptive": _user_adaptive,
    "hur2025": _hur2025,
}


def _empty(found: str, study: Study) -> DataError:
    return DataError(
        expected=f"people and windows for every fold of protocol {study.protocol}",
        found=f"no {found}",
        where="study",
        do="Look at the verdicts in results/quality; leave people out by study.without, or take others.",
        code="STUDY_FOLD_EMPTY",
    )
