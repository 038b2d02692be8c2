"""Before anything is trained: whether the evaluation will find stances or cycles in the test parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from gaitload.config import Config
from gaitload.errors import DataError
from gaitload.evaluation.labelled import Choice, Labelled, labelled_columns
from gaitload.protocols import Fold
from gaitload.windows.slicing import Windows


def choice_of(config: Config) -> Choice:
    """Which labels the evaluation of a study looks at, and how it cuts them."""
    study, section = config.study, config.evaluation
    return Choice(
        labels=study.targets,
        window_kind=study.window.kind if section.learned else "fixed",
        window_s=study.window.length / study.window.rate_hz,
        leave_out=study.verdicts.leave_out,
        frame_flags=study.verdicts.frame_flags,
        segments=section.segments,
        straight_by=section.straight_by,
        events=section.events,
        keep_share=study.window.duration_limits,
        points=section.points,
    )


def require_scorable(windows: Windows, folds: Sequence[Fold], config: Config) -> None:
    """Make sure that test windows cover whole segments of every target somewhere, and of some target in every fold.

    Raises
    ------
    DataError
        STUDY_UNSCORABLE: names the fold or the target, and how long the tested parts are.
    """
    choice = choice_of(config)
    labelled = {
        trial: labelled_columns(windows.trials[trial].values, windows.trials[trial].meanings, document, choice)[0]
        for trial in np.unique(windows.trial[np.concatenate([fold.test for fold in folds])])
        for document in [windows.trials[trial].document]
    }
    counts: Counter = Counter()
    for fold in folds:
        found = _segments_covered(windows, fold.test, labelled)
        if not found:
            spans_s = [np.ptp(windows.time_s[row]) for row in fold.test]
            raise _unscorable(
                f"none in {len(fold.test)} test windows of {np.median(spans_s):.2f} s", f"fold {fold.name}"
            )
        counts.update(found)
    stems = {item.label for items in labelled.values() for item in items}
    lost = sorted(stems - counts.keys())
    if lost:
        raise _unscorable(f"none of {', '.join(lost)} in the test windows of any fold", "study")


def _segments_covered(windows: Windows, test: np.ndarray, labelled: dict[int, list[Labelled]]) -> Counter:
    """How many segments of each label the estimates of test windows cover from end to end."""
    covered: Counter = Counter()
    for trial in np.unique(windows.trial[test]):
        time_s, rows = windows.trials[trial].time_s, test[windows.trial[test] == trial]
        half_s = 0.5 * (time_s[1] - time_s[0])
        for side in np.unique(windows.side[rows]):
            mask = np.zeros(len(time_s), dtype=bool)
            for row in rows[windows.side[rows] == side]:
                mask |= (time_s >= windows.time_s[row, 0] - half_s) & (time_s <= windows.time_s[row, -1] + half_s)
            own = [item for item in labelled[trial] if not side or item.side in (side, "")]
            for item in own:
                covered[item.label] += sum(bool(mask[span].all()) for span in item.spans)
    return +covered


def _unscorable(found: str, where: str) -> DataError:
    return DataError(
        expected="whole stances or cycles in the parts that are tested",
        found=found,
        where=where,
        do="Make study.split.test_share larger, or calibration shares smaller; or choose other segments or targets.",
        code="STUDY_UNSCORABLE",
    )
