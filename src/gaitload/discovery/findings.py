"""What was found in a folder of recordings: what can be said, what has to be asked, and what is wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

from gaitload.cohorts.tables import Participant, TrialRow


@dataclass(frozen=True)
class Question:
    """Something the recordings could not tell for sure.

    Attributes
    ----------
    where : str
        Where the answer goes: file, column or key, and the row.
    text : str
        The question, with what speaks for the answer taken.
    needed : bool
        Nothing runs (for that person) before it is answered.
    """

    where: str
    text: str
    needed: bool = False


@dataclass(frozen=True)
class Fault:
    """A file or a person that cannot be used as it is: what is wrong, and what to do."""

    where: str
    what: str
    do: str


@dataclass(frozen=True)
class Draft:
    """The tables of a cohort as far as its recordings tell.

    Attributes
    ----------
    spec : dict
        Keys of cohort.yaml that are known.
    people : tuple of Participant
    trials : tuple of TrialRow
    questions : tuple of Question
    faults : tuple of Fault
    notes : tuple of str
        What was recognised, and from what.
    set_drafts : dict of str to str
        Tables of marker sets that are not known, as far as names and recordings tell, by participant.
    marker_sets : dict of str to str
        Tables of marker sets of this cohort that are used, by name.
    suggested : frozenset of (str, str)
        `(participant_id, column)` of cells that are estimates, not statements of anybody.
    """

    spec: dict
    people: tuple[Participant, ...]
    trials: tuple[TrialRow, ...]
    questions: tuple[Question, ...] = ()
    faults: tuple[Fault, ...] = ()
    notes: tuple[str, ...] = ()
    set_drafts: dict[str, str] = field(default_factory=dict)
    marker_sets: dict[str, str] = field(default_factory=dict)
    suggested: frozenset[tuple[str, str]] = field(default_factory=frozenset)
