"""Marker sets that only this cohort wears: a shipped one, and markers of other names that the recordings place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gaitload.cohorts.tables import TrialRow
from gaitload.discovery.findings import Question
from gaitload.discovery.marker_sets import Match
from gaitload.discovery.strangers import Finding, find_strangers
from gaitload.discovery.words import identifier
from gaitload.ingest.validity import PLACED_ALONE_BY
from gaitload.models.markersets import MarkerSet, ModelMarker, marker_set_text, segment_of
from gaitload.trial import Recording

_MOTIONS = 2
"""Motions of a participant that are looked at: the longest."""
_NAMED = 12


@dataclass(frozen=True)
class OwnSets:
    """Marker sets of a cohort.

    Attributes
    ----------
    worn : dict of str to str
        Participant -> set that the recordings added to.
    tables : dict of str to str
        Set -> its table.
    placed : dict of str to dict of str to int
        Participant -> segment -> markers that were placed on it.
    questions : tuple of Question
        Markers that could be on either of two segments.
    notes : tuple of str
        What was found, and how sure it is.
    """

    worn: dict[str, str] = field(default_factory=dict)
    tables: dict[str, str] = field(default_factory=dict)
    placed: dict[str, dict[str, int]] = field(default_factory=dict)
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()


def own_sets(
    cohort: str,
    worn: Mapping[str, Match],
    rows: Sequence[TrialRow],
    read: Callable[[str], Recording],
    durations_s: Mapping[str, float],
) -> OwnSets:
    """Place unknown markers of everybody whose set is known, and make sets of what was found.

    Medial markers of joints count, because they decide joint centres; markers on segments of which the set has fewer
    than three count, because these need them.

    Parameters
    ----------
    cohort : str
        Its name, which the new set gets.
    worn : mapping of str to Match
        By participant.
    rows : sequence of TrialRow
    read : callable
        The recording of a file, in the lab frame.
    durations_s : mapping of str to float
        By file.
    """
    found: dict[str, dict[str, Finding]] = {}
    for who, match in worn.items():
        if match.fits and match.strangers:
            found[who] = {one.name: one for one in _findings(who, match, rows, read, durations_s)}
    by_set: dict[str, list[str]] = {}
    for who in found:
        by_set.setdefault(worn[who].marker_set.name, []).append(who)
    names: dict[str, str] = {}
    tables: dict[str, str] = {}
    placed: dict[str, dict[str, int]] = {}
    questions: list[Question] = []
    notes: list[str] = []
    for base, people in by_set.items():
        agreed, open_names = _agreed([found[who] for who in people])
        tracked = {who: worn[who].tracked for who in people}
        agreed = {name: one for name, one in agreed.items() if one.landmark or _is_weak(one, tracked.values())}
        open_names = {name: one for name, one in open_names.items() if _is_weak(one, tracked.values())}
        if open_names:
            questions.append(_doubtful(people, base, open_names))
        if not agreed:
            continue
        name = identifier(cohort if len(by_set) == 1 else f"{cohort}_{base}")
        seen = {own for who in people for own in worn[who].names.values()}
        tables[name] = _table(worn[people[0]].marker_set, seen, agreed)
        names |= dict.fromkeys(people, name)
        tracking = [one for one in agreed.values() if not one.landmark]
        for who in people:
            placed[who] = dict(Counter(segment_of(one.body) for one in tracking if one.name in found[who]))
        told = "; ".join(f"{one.name}: {one.landmark or one.body} ({one.reason})" for one in agreed.values())
        notes.append(f"marker set {name}: {base}, and by the recordings {told}")
    return OwnSets(names, tables, placed, tuple(questions), tuple(notes))


def _is_weak(finding: Finding, tracked: Iterable[Mapping[str, int]]) -> bool:
    """Whether a marker is on a segment of pelvis and legs with fewer than three: others need none of unknown name."""
    segment = segment_of(finding.body)
    return any(counts.get(segment, PLACED_ALONE_BY) < PLACED_ALONE_BY for counts in tracked)


def _findings(
    who: str,
    match: Match,
    rows: Sequence[TrialRow],
    read: Callable[[str], Recording],
    durations_s: Mapping[str, float],
) -> list[Finding]:
    own = [row for row in rows if row.participant_id == who]
    motions = sorted((row.file for row in own if row.role == "motion"), key=lambda file: -durations_s[file])
    known = match.marker_set.by_name
    landmarks = {name: known[own].landmark for name, own in match.names.items() if known[own].landmark}
    return find_strangers(
        [read(row.file) for row in own if row.role == "static"],
        [read(file) for file in motions[:_MOTIONS]],
        landmarks,
        {name: known[own].body for name, own in match.names.items()},
        match.strangers,
    )


def _agreed(people: list[dict[str, Finding]]) -> tuple[dict[str, Finding], dict[str, Finding]]:
    """Findings that are certain for somebody and contradicted by nobody, and those that are open."""
    agreed: dict[str, Finding] = {}
    doubtful: dict[str, Finding] = {}
    for name in dict.fromkeys(name for one in people for name in one):
        votes = [one[name] for one in people if name in one and one[name].body]
        places = {(one.body, one.landmark) for one in votes}
        sure = [one for one in votes if one.certain]
        if len(places) == 1 and sure:
            agreed[name] = sure[0]
        elif votes:
            doubtful[name] = votes[0]
    taken = [one.landmark for one in agreed.values() if one.landmark]
    twice = {name for name, one in agreed.items() if one.landmark and taken.count(one.landmark) > 1}
    return {name: one for name, one in agreed.items() if name not in twice}, doubtful | {
        name: agreed[name] for name in twice
    }


def _table(base: MarkerSet, seen: set[str], findings: Mapping[str, Finding]) -> str:
    """The markers of a set that are in the recordings, and what was found, as a table."""
    markers = [marker for marker in base.markers if marker.name in seen]
    there = {marker.landmark for marker in markers}
    for one in findings.values():
        landmark = one.landmark if one.landmark not in there else None
        worn = "static" if one.landmark else "optional"
        markers.append(ModelMarker(one.name, one.body, landmark, None, None, None, placed=False, worn=worn))
    head = [
        f"Markers of {base.name} that the recordings have, and others that were found on bodies and landmarks:",
        *(f"{one.name}: {one.landmark or one.body}, {one.reason}" for one in findings.values()),
    ]
    return marker_set_text(replace(base, markers=tuple(markers)), head)


def _doubtful(people: Sequence[str], base: str, findings: Mapping[str, Finding]) -> Question:
    told = "; ".join(f"{one.name} may be on {one.landmark or one.body} ({one.reason})" for one in findings.values())
    names = ", ".join(list(findings)[:_NAMED])
    text = (
        f"{', '.join(people[:_NAMED])}: set {base} does not know {names}, and the recordings do not place them for "
        f"sure: {told}. They are left out; to use one, add a row for it to a set in the folder markersets of this "
        "cohort (docs/cohorts.md)."
    )
    return Question("markersets, unknown markers", text)
