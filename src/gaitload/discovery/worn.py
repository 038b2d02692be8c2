"""Which marker set everybody wears, who mixes two, and what an unknown one lacks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gaitload.discovery.findings import Fault, Question
from gaitload.discovery.looks import Look
from gaitload.discovery.marker_sets import Match, alike_names, match, ranked
from gaitload.ingest.validity import PLACED_BY, weak_segments
from gaitload.models.markersets import MarkerSet

_STRANGER_SCORE = 0.4
"""A recording whose names fit the set of its person worse than this, and another set well, wears the other one."""
_OTHER_SCORE = 0.6
_NAMED = 8


def sets_worn(
    looks: Mapping[str, Look], ids: Mapping[str, str], marker_sets: Sequence[MarkerSet]
) -> tuple[dict[str, Match], list[Fault], list[Question]]:
    """The marker set that fits each participant best, which need not fit well enough.

    Parameters
    ----------
    looks : mapping of str to Look
        By file.
    ids : mapping of str to str
        Participants by file.
    marker_sets : sequence of MarkerSet

    Returns
    -------
    worn : dict of str to Match
    faults : list of Fault
        Files that wear another set than their person.
    questions : list of Question
        Sets that are not known; sets that fit equally well and mean something else; tracking markers that are lacking.
    """
    worn: dict[str, Match] = {}
    questions: list[Question] = []
    faults: list[Fault] = []
    equal: dict[tuple[str, ...], list[str]] = {}
    lacking: dict[tuple[str, ...], list[str]] = {}
    for who in dict.fromkeys(ids.values()):
        files = [file for file in looks if ids[file] == who]
        usual = _usual_set(files, looks, marker_sets)
        mixed = _mixed(files, looks, usual, marker_sets)
        kept = [file for file in files if file not in mixed]
        best, *others = ranked(_names(kept, looks), marker_sets)
        faults += [_mixed_fault(file, who, usual, other) for file, other in mixed.items()]
        worn[who] = best
        if not best.fits:
            questions.append(_unknown(who, best, others))
            continue
        alike = [one for one in others if one.score > best.score - 1e-9 and one.meaning != best.meaning]
        same = tuple(one.marker_set.name for one in (best, *alike))
        if len(same) > 1:
            equal.setdefault(same, []).append(who)
        if best.missing:
            lacking.setdefault((best.marker_set.name, *best.missing), []).append(who)
    return worn, faults, [*questions, *map(_which, equal.items()), *map(_lacks, lacking.items())]


def _names(files: Sequence[str], looks: Mapping[str, Look]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for file in files for name in looks[file].names))


def _usual_set(files: Sequence[str], looks: Mapping[str, Look], marker_sets: Sequence[MarkerSet]) -> MarkerSet:
    """The set that fits most of the files of a person, each for itself."""
    scores = {one.name: sum(match(looks[file].names, one).score for file in files) for one in marker_sets}
    return max(marker_sets, key=lambda one: scores[one.name])


def _mixed(
    files: Sequence[str], looks: Mapping[str, Look], usual: MarkerSet, marker_sets: Sequence[MarkerSet]
) -> dict[str, MarkerSet]:
    """Files that fit another set and not the usual one."""
    found = {}
    for file in files:
        best = ranked(looks[file].names, marker_sets)[0]
        if best.score >= _OTHER_SCORE and match(looks[file].names, usual).score < _STRANGER_SCORE:
            found[file] = best.marker_set
    return found


def _mixed_fault(file: str, who: str, usual: MarkerSet, other: MarkerSet) -> Fault:
    return Fault(
        file,
        f"wears marker set {other.name}, while most recordings of {who} wear {usual.name}; left out",
        f"If it is another person, move it to a folder of its own; if {who} was marked anew, add a participant "
        f"{who}_2 with marker_set {other.name} and its own static trial.",
    )


def _unknown(who: str, best: Match, others: Sequence[Match]) -> Question:
    near = ", ".join(f"{one.marker_set.name} {one.score:.0%}" for one in (best, *others)[:3] if one.score > 0)
    short = ", ".join(f"{count} on {segment}" for segment, count in best.short_segments.items())
    alike = [f"{ours} may be {theirs}" for ours, theirs in alike_names(best.strangers, best.marker_set).items()]
    told = [
        f"No marker set fits {who} ({near or 'none has a name in common'}).",
        f"Unknown names: {_some(best.strangers)}." if best.strangers else "",
        f"{best.marker_set.name} lacks {_some(best.missing)}; a segment needs three, and there are {short}."
        if near and short
        else "",
        f"{_some(alike)}?" if alike else "",
        f"Check and complete the draft markersets/{who}.tsv (docs/cohorts.md), then answer marker_set: {who}; or "
        "rename the markers on export.",
    ]
    return Question(f"participants.tsv, marker_set of {who}", " ".join(filter(None, told)), needed=True)


def about_segments(who: str, worn: Match, found: Mapping[str, int]) -> tuple[list[Question], list[str]]:
    """A question about segments that cannot be placed, and a note on those that only the joints place.

    Parameters
    ----------
    who : str
    worn : Match
    found : mapping of str to int
        Markers, by segment, that the recordings placed beside those of the set.
    """
    counts = {segment: count + found.get(segment, 0) for segment, count in worn.tracked.items()}
    short, weak = weak_segments(counts)
    notes = []
    if weak:
        listed = ", ".join(f"{name} ({count})" for name, count in weak.items())
        notes.append(f"{who}: fewer than three markers on {listed}; the joints help to place them, less certainly")
    if not short:
        return [], notes
    lacking = ", ".join(f"{name} ({count} of {PLACED_BY[name.partition('_')[0]]})" for name, count in short.items())
    text = (
        f"{who} wears {worn.marker_set.name}, but its markers in the recordings cannot place {lacking}, even with the "
        f"joints. Missing: {_some(worn.missing) or 'none that everybody wears'}. Unknown names: "
        f"{_some(worn.strangers) or 'none'}. Rename on export what is called otherwise, or add a row for it to a "
        "marker set of this cohort (docs/cohorts.md)."
    )
    return [Question(f"participants.tsv, marker_set of {who}", text, needed=True)], notes


def _which(item: tuple[tuple[str, ...], list[str]]) -> Question:
    (taken, *others), who = item
    text = f"{_some(who)}: names fit {', '.join((taken, *others))} alike; {taken} was taken. Places of markers differ."
    return Question("marker_set in cohort.yaml or participants.tsv", text)


def _lacks(item: tuple[tuple[str, ...], list[str]]) -> Question:
    (name, *missing), who = item
    text = (
        f"{_some(who)}: no recording has {_some(missing)} of set {name}. Are they called otherwise, or were not worn?"
    )
    return Question("the recordings, or a marker set of their own", text)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"
