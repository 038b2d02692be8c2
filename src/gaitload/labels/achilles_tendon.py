"""Achilles tendon force."""

from __future__ import annotations

from gaitload.conventions import SIDES, column_stem, side_of
from gaitload.labels import Columns, Label, TrialLoads
from gaitload.models.anatomy import Anatomy

LABEL = Label(
    name="atf",
    unit="n",
    definition="Sum of the tendon forces of the medial and lateral gastrocnemius and the soleus.",
    frame="along the tendon",
    positive="tension",
    source="Bogaert et al. 2026; muscle group achilles_tendon of the model family",
    muscle_group="achilles_tendon",
    group="Achilles tendon force",
)


def compute(loads: TrialLoads) -> Columns:
    """Sum over the triceps surae (N)."""
    return {
        column_stem(LABEL.name, side): sum(
            loads.tendon_forces_n[muscle] for muscle in loads.family.muscles(LABEL.muscle_group, side)
        )
        for side in SIDES
    }


def depends(stem: str, anatomy: Anatomy) -> frozenset[str]:
    """The triceps surae."""
    return anatomy.muscles(anatomy.family.muscles(LABEL.muscle_group, side_of(stem)))
