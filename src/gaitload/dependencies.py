"""One vocabulary for what a label depends on and what a gate questions; where the two meet, the gate concerns the
label.

A term is a text such as `ground_reaction:r`. What is not known concerns: a label or a gate that names nothing, and
terms that the model does not have, meet everything.
"""

from __future__ import annotations

from collections.abc import Collection

from gaitload.conventions import SIDES

EVERYTHING = "everything"
BODY_MASS = "body_mass"
"""Mass of the body and how it is spread over the segments."""


def ground_reaction(side: str) -> str:
    """Force and centre of pressure under one foot."""
    return f"ground_reaction:{side}"


GROUND_REACTIONS = tuple(map(ground_reaction, SIDES))
"""Ground reactions of both feet."""


def free_moment(side: str) -> str:
    """Moment of the ground about the vertical under one foot."""
    return f"free_moment:{side}"


def pose(body: str) -> str:
    """Where a body of the model is, and how it moves."""
    return f"pose:{body}"


def muscle(name: str) -> str:
    """Force of a muscle."""
    return f"muscle:{name}"


def contact(joint: str, side: str) -> str:
    """Reaction of a joint, by its name in the model family."""
    return f"contact:{joint}_{side}"


def compartments(side: str) -> str:
    """How the contact of a knee is split between its compartments."""
    return f"compartments:{side}"


def concerned(depends: Collection[str], questions: Collection[str], known: Collection[str]) -> bool:
    """Whether a gate that questions some terms concerns a label that depends on others.

    Parameters
    ----------
    depends, questions : collection of str
    known : collection of str
        Every term that the model has.
    """
    depends, questions = set(depends), set(questions)
    unknown = not depends or not questions or (depends | questions) - set(known)
    return bool(unknown or depends & questions)
