"""Questions about sensors whose names tell no body, with the line of cohort.yaml that answers them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from gaitload.discovery.findings import Question

END_MIN = 3
"""Least length of what a pattern says behind `*`, without the suffix."""
_PLACES = 3


def whose_sensors(strangers: Mapping[str, Sequence[str]]) -> list[Question]:
    """A question for folders whose sensors are called alike.

    Parameters
    ----------
    strangers : mapping of str to sequence of str
        Folder -> what imu_files would call each sensor in it whose body is not known. A maker's export has the serial
        number last (`MT_012005D6_009-001_00B42265.txt`), and a pattern then fits in every trial.
    """
    alike: dict[tuple[tuple[str, ...], int], list[str]] = {}
    for place, names in strangers.items():
        alike.setdefault(_offered(names), []).append(place)
    return [_question(places, names, trials) for (names, trials), places in alike.items()]


def _offered(names: Sequence[str]) -> tuple[tuple[str, ...], int]:
    """What imu_files may say, and of how many trials the folder seems to hold files."""
    ends = Counter(map(_end, names))
    trials = set(ends.values())
    # One name in several files may be a word for all of them; several names, each as often, are several recordings.
    clear = "" not in ends and len(trials) == 1 and (len(ends) > 1 or trials == {1})
    return (tuple(f"*{end}" for end in sorted(ends)), trials.pop()) if clear else (tuple(sorted(names)), 1)


def _end(name: str) -> str:
    """What a name has from its last `_` on; empty where that tells too little, or `#name` picks a sensor anyway."""
    start = name.rfind("_")
    end = name[start:] if start > 0 and "#" not in name else ""
    return end if len(PurePosixPath(end).stem) >= END_MIN else ""


def _question(places: Sequence[str], names: Sequence[str], trials: int) -> Question:
    told = ", ".join(places[:_PLACES]) + (f" and {len(places) - _PLACES} more" if len(places) > _PLACES else "")
    line = ", ".join(f'BODY: "{name}"' for name in names)
    mixed = f"There seem to be files of {trials} trials in one folder: move those of each to its own. "
    text = (
        f"Which body carries each sensor in {told}? {mixed if trials > 1 else ''}Answer with `imu_files: {{{line}}}`, "
        "BODY being pelvis, torso, femur_r, tibia_l, calcn_r, ..., and give the folder of each trial as imu_dir in "
        "trials.tsv. Or name the files after bodies, or list sensor and body in a table there, and draft again."
    )
    return Question("cohort.yaml, imu_files", text)
