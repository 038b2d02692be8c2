"""What the joints and muscles of a scaled model make each label depend on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from gaitload.conventions import SIDES
from gaitload.dependencies import (
    BODY_MASS,
    EVERYTHING,
    compartments,
    contact,
    free_moment,
    ground_reaction,
    muscle,
    pose,
)
from gaitload.models.family import Family

PRINCIPAL_SHARE = 1 / 8
"""A muscle is a principal one of a coordinate from this share of the capacity of its direction on. Less of a deficit
falls to smaller ones than moves any label."""
GROUND = "ground"


@dataclass(frozen=True)
class Anatomy:
    """Joints and muscles of a scaled model, as `gaitload.opensim.anatomy` reads them.

    Attributes
    ----------
    family : Family
    parent, joint : mapping of str to str
        Body -> the body it hangs on, and the joint between them.
    coordinates : mapping of str to tuple of str
        Joint -> its coordinates.
    crossed : mapping of str to tuple of str
        Muscle -> joints that its path spans.
    capacity : mapping of str to mapping of str to float
        Coordinate -> muscle -> its share of what all muscles of its direction can do there, standing.
    range_rad : mapping of str to tuple of float
        Coordinate -> ends of its range (rad, or m).
    """

    family: Family
    parent: Mapping[str, str]
    joint: Mapping[str, str]
    coordinates: Mapping[str, tuple[str, ...]]
    crossed: Mapping[str, tuple[str, ...]]
    capacity: Mapping[str, Mapping[str, float]]
    range_rad: Mapping[str, tuple[float, float]]

    @classmethod
    def from_record(cls, record: Mapping, family: Family) -> Anatomy:
        """Inverse of `gaitload.opensim.anatomy.describe_anatomy`."""
        bodies = record["bodies"]
        return cls(
            family=family,
            parent={body: row["parent"] for body, row in bodies.items()},
            joint={body: row["joint"] for body, row in bodies.items()},
            coordinates={row["joint"]: tuple(row["coordinates"]) for row in bodies.values()},
            crossed={name: tuple(joints) for name, joints in record["crossed_joints"].items()},
            capacity=record["capacity_share"],
            range_rad={name: (low, high) for name, (low, high) in record["range"].items()},
        )

    @cached_property
    def known(self) -> frozenset[str]:
        """Every term of `gaitload.dependencies` that the model has."""
        sides = [term(side) for term in (ground_reaction, free_moment, compartments) for side in SIDES]
        contacts = [contact(joint, side) for joint in self.family.reactions for side in SIDES]
        return frozenset([BODY_MASS, *sides, *contacts, *map(pose, self.parent), *map(muscle, self.crossed)])

    @cached_property
    def labelled(self) -> tuple[str, ...]:
        """Coordinates whose angles and moments are labels."""
        return tuple(f"{name}_{side}" for name in self.family.side_coordinates for side in SIDES)

    def ground(self, side: str) -> frozenset[str]:
        """What the ground reaction of a foot depends on."""
        return frozenset([ground_reaction(side)])

    def angle(self, coordinate: str) -> frozenset[str]:
        """What a joint angle depends on: the poses of both segments, and, since inverse kinematics spreads an error of
        one segment over those beside it, of their neighbours."""
        child = self._child(coordinate)
        return EVERYTHING_ONLY if child is None else self._poses([child, self.parent[child]])

    def moment(self, coordinate: str) -> frozenset[str]:
        """What a joint moment depends on: everything from the joint to the ground under the foot."""
        child = self._child(coordinate)
        if child is None:
            return EVERYTHING_ONLY
        distal = self._below(child)
        loads = [BODY_MASS]
        for side in SIDES:
            if self.family.foot(side) in distal:
                loads.append(ground_reaction(side))
                if coordinate.removesuffix(f"_{side}") in self.family.axial_coordinates:
                    loads.append(free_moment(side))
        return self._poses([*distal, self.parent[child]]) | frozenset(loads)

    def muscles(self, names: Iterable[str]) -> frozenset[str]:
        """What muscle forces depend on: themselves, and the moments that they share in."""
        terms: set[str] = set()
        for name in names:
            if name not in self.crossed:
                return EVERYTHING_ONLY
            terms |= {muscle(name)}.union(*map(self.moment, self.relevant(name)))
        return frozenset(terms)

    def contact(self, joint: str, side: str) -> frozenset[str]:
        """What the contact force of a joint depends on: its moments, and its principal muscles."""
        coordinates = [
            name for name in self.coordinates[self.family.reaction(joint, side).joint] if name in self.labelled
        ]
        principal = {name for coordinate in coordinates for name in self.principal(coordinate)}
        return frozenset([contact(joint, side)]).union(self.muscles(sorted(principal)), *map(self.moment, coordinates))

    def principal(self, coordinate: str) -> tuple[str, ...]:
        """Muscles with at least `PRINCIPAL_SHARE` of the capacity at a coordinate."""
        shares = self.capacity.get(coordinate, {})
        return tuple(name for name, share in shares.items() if share >= PRINCIPAL_SHARE)

    def relevant(self, name: str) -> tuple[str, ...]:
        """Coordinates whose moments decide the force of a muscle.

        Those it is a principal muscle of, and those of the only joint it crosses; all that it crosses, where it is a
        principal muscle of none.
        """
        crossed = [one for joint in self.crossed[name] for one in self.coordinates[joint] if one in self.labelled]
        principal = [one for one in crossed if name in self.principal(one)]
        joints = {joint for joint in self.crossed[name] for one in self.coordinates[joint] if one in self.labelled}
        return tuple(principal if principal and len(joints) > 1 else crossed)

    def _child(self, coordinate: str) -> str | None:
        return next((body for body, joint in self.joint.items() if coordinate in self.coordinates[joint]), None)

    def _below(self, body: str) -> list[str]:
        """A body and everything that hangs on it."""
        return [
            body,
            *(other for child, parent in self.parent.items() if parent == body for other in self._below(child)),
        ]

    def _poses(self, bodies: Collection[str]) -> frozenset[str]:
        own = {self._segment(body) for body in bodies if body != GROUND}
        beside = {
            self._segment(child)
            for child, parent in self.parent.items()
            if parent != GROUND and self._segment(parent) in own
        }
        beside |= {self._segment(self.parent[root]) for root in own if self.parent[root] != GROUND}
        return frozenset(pose(body) for body in self.parent if self._segment(body) in own | beside)

    def _segment(self, body: str) -> str:
        """Root of the bodies that move as one with a body: those of a leg that no labelled coordinate parts."""
        while self.family.is_leg(body) and self.family.is_leg(self.parent[body]):
            if any(name in self.labelled for name in self.coordinates[self.joint[body]]):
                break
            body = self.parent[body]
        return body


EVERYTHING_ONLY = frozenset([EVERYTHING])
