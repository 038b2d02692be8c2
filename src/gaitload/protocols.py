"""Who is trained, validated, calibrated and tested on whom.

A protocol takes windows and gives folds. Every fold is split by subject, or by time within a trial, and never by
window: windows that lie across a border in time are in no part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

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
    calibration, calibration_validation : ndarray of int
        Of the tested person, seen after training: what a model is adapted to, and what says when it is.
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
    calibration_validation: np.ndarray = field(default_factory=lambda: np.array([], dtype=int))
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
    published = {
        "self_normalised": study.split.normaliser == "participant",
        "allowed": frozenset({"train-validation"} if study.split.validation_windows == "drawn" else ()),
    }
    folds = [replace(fold, **published) for fold in _PROTOCOLS[study.protocol](windows, study, seed)]
    wanted = ["train", "validation", "test"]
    if study.protocol == "user_adaptive":
        wanted += ["calibration", *(["calibration_validation"] if study.split.calibration_validation_share else [])]
    for fold in folds:
        for part in wanted:
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


def _turns(windows: Windows, study: Study) -> list[tuple[str, list[str]]]:
    """Everybody who is tested, with those who may train and validate the model that tests them."""
    everybody, named = sorted(set(windows.subjects)), study.participants
    base = [who for who in everybody if not study.pretrain_cohorts or _cohort(who) in study.pretrain_cohorts]
    own = {*named.train, *named.validation, *(base if study.pretrain_cohorts else ())}
    tested = [
        who
        for who in everybody
        if (who in named.test or not named.test)
        and (_cohort(who) in study.test_cohorts or not study.test_cohorts)
        and who not in own
    ]
    if not tested:
        raise _empty("participant to test", study)
    return [(who, [other for other in base if other != who]) for who in tested]


def _cohort(who: str) -> str:
    return who.partition("/")[0]


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


def _base(windows: Windows, study: Study, others: list[str], seed: int, turn: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows that train and that validate the model of somebody: those of named participants, or of others by turn."""
    named = study.participants
    if named.train:
        rows = _rows(windows, list(named.train))
        return (rows, _rows(windows, list(named.validation))) if named.validation else _cut(windows, rows, study, seed)
    drawn = _drawn(others, study, seed, turn)
    held = _validation_people(drawn, study, seed, turn)
    return _rows(windows, [other for other in drawn if other not in held]), _rows(windows, held)


def _cut(windows: Windows, rows: np.ndarray, study: Study, seed: int, until: float = 1.0) -> tuple[np.ndarray, ...]:
    """The part of trials that ends at a share of them, in windows that train and windows that validate."""
    share = study.split.validation_share
    if study.split.validation_windows == "last":
        border = until * (1.0 - share)
        return _within(windows, rows, 0.0, border), _within(windows, rows, border, until)
    order = np.random.default_rng(seed).permutation(_within(windows, rows, 0.0, until))
    held = max(1, round(share * len(order)))
    return np.sort(order[held:]), np.sort(order[:held])


def _loso(windows: Windows, study: Study, seed: int) -> list[Fold]:
    folds = []
    apart = _NESTED if study.participants.validation or not study.participants.train else _STRANGER
    for turn, (who, others) in enumerate(_turns(windows, study)):
        train, validation = _base(windows, study, others, seed, turn)
        folds.append(Fold(_named(who), train, validation, _rows(windows, [who]), train, apart=apart))
    return folds


def _user_generalised(windows: Windows, study: Study, seed: int) -> list[Fold]:
    if study.participants.train:
        return _loso(windows, study, seed)
    folds = []
    for who, others in _turns(windows, study):
        train, validation = _cut(windows, _rows(windows, others), study, seed)
        folds.append(Fold(_named(who), train, validation, _rows(windows, [who]), train, apart=_STRANGER))
    return folds


def _user_individualised(windows: Windows, study: Study, seed: int) -> list[Fold]:
    test_from = 1.0 - study.split.test_share
    folds = []
    for who, _ in _turns(windows, study):
        rows = _rows(windows, [who])
        train, validation = _cut(windows, rows, study, seed, test_from)
        folds.append(Fold(_named(who), train, validation, _within(windows, rows, test_from, 1.0), train))
    return folds


def _leave_one_trial_out(windows: Windows, study: Study, seed: int) -> list[Fold]:
    folds = []
    for who, _ in _turns(windows, study):
        trials = np.unique(windows.trial[_rows(windows, [who])])
        for turn, trial in enumerate(trials if len(trials) > 2 else ()):
            held = trials[(turn + 1 + seed % (len(trials) - 1)) % len(trials)]
            train = np.flatnonzero(np.isin(windows.trial, trials) & ~np.isin(windows.trial, (trial, held)))
            rows = [np.flatnonzero(windows.trial == one) for one in (held, trial)]
            folds.append(Fold(_named(windows.trials[trial].where), train, *rows, train))
    if not folds:
        raise _empty("participant with three trials, to train, validate and test on", study)
    return folds


def _user_adaptive(windows: Windows, study: Study, seed: int) -> list[Fold]:
    split, folds = study.split, []
    until = split.calibration_share + split.calibration_validation_share
    for fold, (who, _) in zip(_loso(windows, study, seed), _turns(windows, study), strict=True):
        rows = _rows(windows, [who])
        calibration = _within(windows, rows, 0.0, split.calibration_share)
        calibration = _first_of_sides(windows, calibration, split.calibration_windows)
        adapted = replace(
            fold,
            test=_within(windows, rows, until, 1.0),
            calibration=calibration,
            calibration_validation=_within(windows, rows, split.calibration_share, until),
        )
        if split.normaliser == "calibration":
            apart = tuple(pair for pair in fold.apart if pair[0] != "normaliser")
            adapted = replace(adapted, normaliser=np.concatenate([fold.train, calibration]), apart=apart)
        folds.append(adapted)
    return folds


_PROTOCOLS: dict[str, Callable[[Windows, Study, int], list[Fold]]] = {
    "loso": _loso,
    "user_generalised": _user_generalised,
    "user_individualised": _user_individualised,
    "user_adaptive": _user_adaptive,
    "leave_one_trial_out": _leave_one_trial_out,
}


def _empty(found: str, study: Study) -> DataError:
    return DataError(
        expected=f"people and windows for every fold of protocol {study.protocol}",
        found=f"no {found}",
        where="study",
        do="Look at the verdicts in results/quality; leave people out by study.without, or take others.",
        code="STUDY_FOLD_EMPTY",
    )
