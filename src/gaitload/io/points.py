"""Which points of a recording are markers: without unlabelled ones, outputs of models, objects and other people."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from gaitload.errors import DataError

_UNLABELLED = re.compile(r"\*\d*|(un(label{1,2}ed|identified|known|named)|uname)[\s_:*-]*\d*", re.IGNORECASE)
"""`*113` (Vicon), `Unlabeled 1234` (Motive), `uname*12` (BTK), ..."""
_CENTRE_OF_MASS = re.compile(r"(whole_?body_?)?cent(re|er)_?of_?(mass|gravity)(_?floor)?", re.IGNORECASE)
_BONE_ENDS = ("OALP", "0123")
"""Virtual bones of Vicon and of the Oxford foot model: the origin of a segment, and a point on each of its axes."""
_RIGHT_ANGLE_MAX = 0.05
_AXIS_UNIT_M = 5e-3
_ROUNDING_M = 5e-6
"""Computed points are on their axes at multiples of 5 mm, to the digits of the file; no marker is."""
_COUNTED = 4


@dataclass(frozen=True)
class Chosen:
    """Markers of one person: names without prefix, their places in the recording, and what was left out, in words."""

    names: tuple[str, ...]
    kept: tuple[int, ...]
    notes: tuple[str, ...]

    def without_bones(self, position_m: np.ndarray) -> Chosen:
        """Without the points of virtual bones; positions are those of the whole recording, shape (T, P, 3)."""
        bones = _virtual_bones(self.names, position_m[:, list(self.kept)])
        if not bones:
            return self
        left = [index for index in range(len(self.kept)) if index not in bones]
        notes = (*self.notes, f"not markers: {len(bones)} points of virtual bones")
        return Chosen(tuple(self.names[index] for index in left), tuple(self.kept[index] for index in left), notes)


def choose_points(
    labels: Sequence[str],
    *,
    outputs: Collection[str] = (),
    prefixes: Sequence[str] = (),
    subject: str | None = None,
    where: str,
) -> Chosen:
    """Points that are markers of the person asked for; a name that several points have says nothing of any of them.

    Parameters
    ----------
    labels : sequence of str
        As the file has them; empty ones are points without a name.
    outputs : collection of str
        Labels that the file itself calls results of a model.
    prefixes : sequence of str
        What the file says that labels of its subjects begin with; by default whatever stands before the first `:`.
    subject : str, optional
        Name before the `:` of the person whose markers are wanted. Without it, the only name is taken off; of several
        all stay, as it is not known who is a person and who an object.

    Raises
    ------
    DataError
        `SUBJECT_UNKNOWN`: no label begins with `subject`.
    """
    known = [prefix.rstrip(":") for prefix in prefixes if prefix.rstrip(":")]
    split = {index: _split(label, known) for index, label in enumerate(labels) if label and label not in outputs}
    named = {index: pair for index, pair in split.items() if not _UNLABELLED.fullmatch(pair[1])}
    owners = {owner for owner, _ in named.values() if owner}
    if subject is None and len(owners) > 1:
        wanted, own = "", {index: labels[index] for index in named}
    else:
        wanted = next(iter(owners), "") if subject is None else _owner(subject, owners, where)
        own = {index: name for index, (owner, name) in named.items() if owner == wanted}
        taken = set(own.values())
        own |= {index: name for index, (owner, name) in named.items() if not owner and name not in taken}
    computed = {index for index, name in own.items() if _CENTRE_OF_MASS.fullmatch(name)}
    counts = Counter(own[index] for index in own.keys() - computed)
    kept = tuple(sorted(index for index in own.keys() - computed if counts[own[index]] == 1))
    names = tuple(own[index] for index in kept)
    twice = [name for name, count in counts.items() if count > 1]
    others = [labels[index] for index in named if index not in own]
    unlabelled = [labels[index] for index in split if index not in named]
    results = [label for label in labels if label and label in outputs] + [labels[index] for index in computed]
    said = (("of other subjects", others), ("unlabelled", unlabelled), ("results of a model", results))
    notes = [f"{wanted}: is taken off the names of markers"] if wanted else []
    notes += [f"not markers: {len(which)} {what} ({_some(which)})" for what, which in said if which]
    notes += [f"left out: {_some(twice)}, as several points have that name"] if twice else []
    return Chosen(names, kept, tuple(notes))


def _virtual_bones(names: Sequence[str], position_m: np.ndarray) -> set[int]:
    """Places of points that are axes of virtual bones: an origin and three points at right angles to each other.

    Where a bone comes without its origin, its three points tell how far they are from it.

    Parameters
    ----------
    names : sequence of str
        Length M.
    position_m : ndarray, shape (T, M, 3)
    """
    at = {name: index for index, name in enumerate(names)}
    found: set[int] = set()
    for origin, *axes in _BONE_ENDS:
        for stem in {name[:-1] for name in names if name[-1:] == axes[0] and len(name) > 1}:
            places = [at[stem + end] for end in axes if stem + end in at]
            if len(places) < len(axes):
                continue
            first = at.get(stem + origin)
            of_a_bone = (
                _on_round_axes(position_m[:, places])
                if first is None
                else _right_angles(position_m[:, [first, *places]])
            )
            if of_a_bone:
                found |= {*places, *([] if first is None else [first])}
    return found


def subjects_of(names: Sequence[str]) -> dict[str, int]:
    """Names that stand before those of markers, and how many markers each has."""
    owners = [owner for owner, _ in (_split(name, ()) for name in names) if owner]
    return {owner: owners.count(owner) for owner in dict.fromkeys(owners)}


def require_one_subject(names: Sequence[str], where: str) -> None:
    """Raise `DataError` (SUBJECTS_SEVERAL) where the markers are those of several people or objects."""
    found = subjects_of(names)
    if len(found) > 1:
        raise DataError(
            expected="markers of one subject, or the name of the one that is wanted",
            found=", ".join(f"{owner} ({count} markers)" for owner, count in found.items()),
            where=where,
            do="Name the person in the column subject of trials.tsv; objects and other people are then left out.",
            code="SUBJECTS_SEVERAL",
        )


def _split(label: str, known: Sequence[str]) -> tuple[str, str]:
    """Owner and name of a label; the owner is empty where none is said."""
    if _UNLABELLED.fullmatch(label):
        return "", label
    for prefix in known:
        if label.startswith(prefix) and len(label) > len(prefix):
            return prefix, label[len(prefix) :].lstrip(":")
    owner, colon, name = label.partition(":")
    return (owner.strip(), name.strip()) if colon and owner.strip() and name.strip() else ("", label)


def _owner(subject: str, owners: Collection[str], where: str) -> str:
    found = [owner for owner in owners if owner.casefold() == subject.rstrip(":").casefold()]
    if not found:
        told = ", ".join(sorted(owners)) or "no name before any marker"
        raise _error("SUBJECT_UNKNOWN", where, f"markers of the subject {subject}", told)
    return found[0]


def _right_angles(position_m: np.ndarray) -> bool:
    axes = position_m[:, 1:] - position_m[:, :1]
    axes = axes[np.isfinite(axes).all(axis=(1, 2))]
    if not len(axes):
        return True
    size = np.linalg.norm(axes, axis=-1)
    pairs = [(axes[:, i] * axes[:, j]).sum(axis=-1) / (size[:, i] * size[:, j]) for i, j in combinations(range(3), 2)]
    return bool((np.nanmedian(np.abs(pairs), axis=1) < _RIGHT_ANGLE_MAX).all())


def _on_round_axes(position_m: np.ndarray) -> bool:
    """Whether three points, shape (T, 3, 3), lie on axes at right angles, at round distances from their origin."""
    seen = position_m[np.isfinite(position_m).all(axis=(1, 2))]
    if not len(seen):
        return False
    apart = np.stack([((seen[:, i] - seen[:, j]) ** 2).sum(axis=-1) for i, j in ((1, 2), (0, 2), (0, 1))])
    squares = 0.5 * apart.sum(axis=0) - apart
    if (squares <= 0.0).any():
        return False
    legs = np.sqrt(squares) / _AXIS_UNIT_M
    return bool((np.abs(legs - np.round(legs)) * _AXIS_UNIT_M < _ROUNDING_M).all())


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _COUNTED} more" if len(names) > _COUNTED else ""
    return f"{', '.join(names[:_COUNTED])}{more}"


def _error(code: str, where: str, expected: str, found: str) -> DataError:
    do = "Export the recording again from the capture software, or leave it out of trials.tsv."
    return DataError(expected=expected, found=found, where=where, do=do, code=code)
