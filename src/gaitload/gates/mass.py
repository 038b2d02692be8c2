"""A declared mass against the one that plates carry: which of the two is likely wrong, and how."""

from __future__ import annotations

from gaitload.config.motion import Gates
from gaitload.conventions import SIDES
from gaitload.dependencies import BODY_MASS, ground_reaction
from gaitload.quality import Gate, judge

CONCERNED = (BODY_MASS, *map(ground_reaction, SIDES))
SHORT_ERROR_SHARE = 0.05
"""Uncertainty of the mass by less than a stride, added to both limits."""
_UNITS = (
    (2.2046, "Is mass_kg in participants.tsv in pounds?"),
    (
        1 / 2.2046,
        "Was mass_kg in participants.tsv divided by 2.2 twice, or do the plates read pounds as kilograms?",
    ),
    (1 / 9.80665, "Are forces 9.8 times too large (mass_kg is right, the plates' gain is not)?"),
    (9.80665, "Do the plates read kilograms instead of newtons (unit of the forces)?"),
    (4.4482, "Do the plates read pounds-force instead of newtons (unit of the forces)?"),
    (1 / 4.4482, "Were forces multiplied by 4.45 although they are in newtons (unit of the forces)?"),
    (1000.0, "Do the plates read kilonewtons instead of newtons (unit of the forces)?"),
    (0.001, "Is mass_kg in participants.tsv in tonnes, or are forces in millinewtons (unit)?"),
)
"""Declared over measured mass where a unit is taken for another, the likelier first."""
_NEAR_SHARE = 0.08
"""Masses of people change, with clothes and shoes, by less."""


def judge_carried_mass(declared_kg: float, carried_kg: float, limits: Gates) -> Gate:
    """The declared mass against the one that vertical forces carry in less than a stride.

    Parameters
    ----------
    declared_kg : float
    carried_kg : float
        See `momentum.carried_mass_kg`; NaN is not judged.
    limits : Gates
    """
    return judge(
        "MASS_IN_FORCE",
        abs(carried_kg / declared_kg - 1.0),
        unit="share of body mass",
        reason=describe_mass(declared_kg, carried_kg, by="by the motion of the body"),
        warn_above=limits.mass_warn_share + SHORT_ERROR_SHARE,
        fail_above=limits.mass_fail_share + SHORT_ERROR_SHARE,
        questions=CONCERNED,
    )


def describe_mass(declared_kg: float, measured_kg: float, by: str = "in whole strides") -> str:
    """One sentence on both masses, and the likeliest cause of their difference."""
    if not measured_kg > 0:
        return f"the plates carry no mass, participants.tsv says {declared_kg:g} kg"
    ratio = declared_kg / measured_kg
    text = f"mass {declared_kg:g} kg is {ratio:.2f} times the mass measured by the plates {by} ({measured_kg:.1f} kg)"
    for unit, question in _UNITS:
        if abs(ratio / unit - 1) < _NEAR_SHARE:
            return f"{text}. {question}"
    return (
        f"{text}. Is mass_kg in participants.tsv that of this participant on that day? Otherwise the gain of the "
        "plates is wrong (calibration, amplifier)"
    )
