"""Model families: the names and proportions that models of one descent share (opensim_models/<family>/family.yaml)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from pydantic import ValidationError, model_validator

from gaitload.conventions import LATERAL_SIGN, SIDES
from gaitload.documents import read_yaml
from gaitload.errors import ConfigError
from gaitload.section import Section
from gaitload.validation import problems_in_words


class JointCentre(Section):
    """A joint centre as a point of a body (generic model, right side, m)."""

    body: str
    position_m: tuple[float, float, float]


class Reaction(Section):
    """A joint whose reaction is a label, and the child body it acts on."""

    joint: str
    body: str


class Measurement(Section):
    """Distances between landmarks that scale bodies along axes; `otherwise` counts where one of `pairs` is missing."""

    bodies: tuple[str, ...]
    axes: str
    pairs: tuple[tuple[str, str], ...]
    otherwise: tuple[tuple[str, str], ...] = ()


class Family(Section):
    """Everything the package needs to know about a family of models; see the comments in family.yaml."""

    generic_height_m: float
    generic_mass_kg: float
    pelvis_body: str
    foot_body: str
    shank_body: str
    leg_bodies: tuple[str, ...]
    joint_centres: dict[str, JointCentre]
    reactions: dict[str, Reaction]
    muscle_groups: dict[str, tuple[str, ...]]
    rigid_tendon_groups: tuple[str, ...]
    tendon_strains: dict[str, float]
    side_coordinates: tuple[str, ...]
    directions: dict[str, tuple[str, str]]
    pelvis_coordinates: tuple[str, ...]
    heading_coordinate: str
    residual_forces: tuple[str, ...]
    residual_moments: tuple[str, ...]
    axial_coordinates: tuple[str, ...]
    dependent_coordinates: dict[str, str]
    supported_coordinates: tuple[str, ...] = ()
    scaling: dict[str, tuple[Measurement, ...]]
    knee_width: tuple[str, str]
    generic_knee_width_m: float

    @model_validator(mode="after")
    def _consistent(self) -> Family:
        silent = [name for name in self.side_coordinates if name not in self.directions]
        if silent:
            raise ValueError(f"directions: none for {', '.join(silent)}")
        unknown = sorted({*self.rigid_tendon_groups} - self.muscle_groups.keys())
        if unknown:
            raise ValueError(f"rigid_tendon_groups names {', '.join(unknown)}, which muscle_groups does not hold")
        return self

    def foot(self, side: str) -> str:
        """Body that the ground reaction acts on."""
        return self.foot_body.format(side=side)

    def distal_bodies(self) -> set[str]:
        """Shanks and feet."""
        return {name for side in SIDES for name in (self.shank(side), self.foot(side))}

    def is_leg(self, body: str) -> bool:
        """Whether a body belongs to the pelvis or a leg."""
        return body in self._of_legs

    @cached_property
    def _of_legs(self) -> frozenset[str]:
        """Pelvis and the bodies of both legs, gathered once: verdicts on label columns ask 150,000 times a trial."""
        return frozenset(name.format(side=side) for name in self.leg_bodies for side in SIDES)

    def reaction(self, joint: str, side: str) -> Reaction:
        """Joint and child body of one side."""
        reaction = self.reactions[joint]
        return Reaction(joint=reaction.joint.format(side=side), body=reaction.body.format(side=side))

    def muscles(self, group: str, side: str) -> tuple[str, ...]:
        """Muscles of a group on one side."""
        return tuple(name.format(side=side) for name in self.muscle_groups[group])

    def rigid_tendon_muscles(self) -> tuple[str, ...]:
        """Muscles of both sides whose tendon is modelled rigid although it stretches much."""
        return tuple(name for side in SIDES for group in self.rigid_tendon_groups for name in self.muscles(group, side))

    def shank(self, side: str) -> str:
        """Body between knee and ankle."""
        return self.shank_body.format(side=side)

    def thigh(self, side: str) -> str:
        """Body between hip and knee."""
        return self.reaction("hip", side).body

    def drivers(self) -> dict[str, str]:
        """Dependent coordinate -> the coordinate that drives it, both sides."""
        return {
            dependent.format(side=side): driver.format(side=side)
            for dependent, driver in self.dependent_coordinates.items()
            for side in SIDES
        }

    def supported(self) -> tuple[str, ...]:
        """Coordinates of both sides whose moments the joint itself bears."""
        return tuple(name.format(side=side) for side in SIDES for name in self.supported_coordinates)

    def joint_centre_points(self) -> Iterator[tuple[str, str, np.ndarray]]:
        """`(landmark, body, position)` of every joint centre, both sides; position (3,), m, in the body frame."""
        for name, centre in self.joint_centres.items():
            for side in SIDES:
                mirror = np.array([1.0, 1.0, LATERAL_SIGN[side]])
                yield f"{name}_{side}", centre.body.format(side=side), mirror * centre.position_m

    def measurements(self, method: str) -> Iterator[Measurement]:
        """Scaling measurements of a method with both sides written out, so that legs are scaled alike."""
        for measurement in self.scaling[method]:
            yield Measurement(
                bodies=_unique(body.format(side=side) for body in measurement.bodies for side in SIDES),
                axes=measurement.axes,
                pairs=_both_sides(measurement.pairs),
                otherwise=_both_sides(measurement.otherwise),
            )


def load_family(path: Path) -> Family:
    """Read family.yaml; raises `ConfigError` (FAMILY_INVALID) naming what is wrong in it."""
    return read(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def read(path: Path, changed_ns: int) -> Family:
    """Kept until the file changes: every trial asks for it, and reading it takes 15 ms."""
    try:
        document = read_yaml(path)
        strange = [text for text in _texts(document) if set("{}") & set(text.replace("{side}", ""))]
        if strange:
            raise ValueError(f"braces around something else than side: {', '.join(strange)}")
        return Family.model_validate(document)
    except ValidationError as error:
        raise _invalid("; ".join(problems_in_words(error, Family)), path) from error
    except ValueError as error:
        raise _invalid(str(error), path) from error


def _texts(document: object) -> Iterator[str]:
    """Every text in a document, names among them."""
    if isinstance(document, str):
        yield document
    elif isinstance(document, dict | list):
        for part in [*document, *document.values()] if isinstance(document, dict) else document:
            yield from _texts(part)


def _invalid(found: str, path: Path) -> ConfigError:
    return ConfigError(
        expected="a model family as described in opensim_models/rajagopal/family.yaml",
        found=found,
        where=str(path),
        do="Correct the fields named.",
        code="FAMILY_INVALID",
    )


def _both_sides(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return _unique((a.format(side=side), b.format(side=side)) for a, b in pairs for side in SIDES)


def _unique(items: Iterable) -> tuple:
    """Items in their order, each once: names without a side come out of both sides alike."""
    return tuple(dict.fromkeys(items))
