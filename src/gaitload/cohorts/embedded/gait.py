"""What somebody sets out to do on a treadmill: the mean gait of a template, in their own manner, no two strides alike.

It is not yet possible: angles and forces are means of different people and do not belong to one body. What makes a
motion out of it is `gaitload.cohorts.embedded.possible`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from gaitload.cohorts.embedded.laboratory import PERSON_GROUND_M
from gaitload.cohorts.embedded.templates import (
    ANTISYMMETRIC,
    SYMMETRIC,
    TRANSLATIONS,
    GaitTemplate,
    Variation,
    gait_template,
)
from gaitload.conventions import SIDES, body_weight_n

MANNER_SHARE = 0.25
"""Share of the spread between participants that a synthetic participant gets. The whole spread, drawn for each joint by
itself, makes participants who stumble: joints of real people vary together. With a half, hip flexion moments of the two
legs differ by 0.3 N m/kg in walking, and depart from those of recorded runners in the swing at 4.5 m/s by 0.5 to 0.6
N m/kg, with a quarter by 0.3 and without a manner by 0.2. Where a template has too few people to tell, nothing is
drawn."""
MANNER_HARMONICS = 2
"""Of the stride, that a person's manner bends a curve by; higher ones would make kinks and not manners."""
STRIDE_SHARE = 0.5
"""Of the spread between strides, for the same reason."""
BEFORE_STRIDES, AFTER_STRIDES = 1.5, 3.5
"""Strides there are at least before the beginning and after the end of what is wanted: phases are splines through their
contacts, and are asked for a little outside."""
EDGE_S = 0.020
"""A foot may push this long before and after the contact of the template: a spline cannot begin to push at once."""


@dataclass(frozen=True)
class Gait:
    """A gait as intended, on a treadmill; T frames, axis 1 of what concerns feet runs over `SIDES`.

    Attributes
    ----------
    speed_m_per_s : float
        Of the belt, which moves backwards.
    coordinates : dict of str to ndarray, shape (T,)
        rad, m; the pelvis moves to and fro, the belt under it.
    contact, near : ndarray of bool, shape (T, 2)
        Whether a foot is on the floor, and whether it is or will be or was within `EDGE_S`.
    force_n : ndarray, shape (T, 2, 3)
        Ground frame; zero in swing.
    free_moment_nm : ndarray, shape (T, 2)
    center_foot_m : ndarray, shape (T, 2, 3)
        Centre of pressure in the frame of the heel bone, for a foot of generic size; in swing, where it will be or was.
    """

    speed_m_per_s: float
    coordinates: dict[str, np.ndarray]
    contact: np.ndarray
    near: np.ndarray
    force_n: np.ndarray
    free_moment_nm: np.ndarray
    center_foot_m: np.ndarray


@dataclass(frozen=True)
class _Departure:
    """What a person does otherwise than the template: harmonics over the stride, and one number for each stride."""

    offset: float
    cosine: np.ndarray
    sine: np.ndarray
    harmonics: np.ndarray
    moods: np.ndarray

    def at(self, phase: np.ndarray) -> np.ndarray:
        turned = 2.0 * np.pi * np.outer(phase, self.harmonics)
        mood = CubicSpline(np.arange(len(self.moods)), self.moods)(phase)
        return self.offset + np.cos(turned) @ self.cosine + np.sin(turned) @ self.sine + mood


@dataclass(frozen=True)
class Intention:
    """What somebody sets out to do, at any time; see `intention`."""

    template: GaitTemplate
    leg_length_m: float
    mass_kg: float
    contacts_s: np.ndarray
    departures: Mapping[str, _Departure]

    def at(self, time_s: np.ndarray) -> Gait:
        """The gait at some times, shape (T,)."""
        template, weight_n = self.template, body_weight_n(self.mass_kg)
        phase = self.phase(time_s)
        coordinates = template.coordinates(phase, leg_length_m=self.leg_length_m)
        for name, departure in self.departures.items():
            coordinates[name] = coordinates[name] + departure.at(phase)
        for axis, place_m in zip("xz", PERSON_GROUND_M[::2], strict=True):
            coordinates[f"pelvis_t{axis}"] = coordinates[f"pelvis_t{axis}"] + place_m
        shares = [template.stance_share(phase, side) for side in SIDES]
        pairs = list(zip(shares, SIDES, strict=True))
        contact = np.isfinite(np.stack(shares, axis=1))
        soon, ago = (
            np.isfinite(np.stack([template.stance_share(self.phase(time_s + shift_s), side) for side in SIDES], axis=1))
            for shift_s in (EDGE_S, -EDGE_S)
        )
        nearest = [np.where(contact[:, index], share, 1.0 * ago[:, index]) for index, share in enumerate(shares)]
        moments = np.stack([template.free_moment(*pair) for pair in pairs], axis=1)
        return Gait(
            speed_m_per_s=template.speed_of(self.leg_length_m),
            coordinates=coordinates,
            contact=contact,
            near=contact | soon | ago,
            force_n=weight_n * np.stack([template.ground_force(*pair) for pair in pairs], axis=1),
            free_moment_nm=weight_n * self.leg_length_m * moments,
            center_foot_m=np.stack(
                [template.centre_of_pressure(*pair) for pair in zip(nearest, SIDES, strict=True)], axis=1
            ),
        )

    def phase(self, time_s: np.ndarray) -> np.ndarray:
        """Strides that have passed at some times; whole where the right foot touches the floor."""
        return CubicSpline(self.contacts_s, np.arange(len(self.contacts_s)))(time_s)


def intention(
    template: GaitTemplate, duration_s: float, *, leg_length_m: float, mass_kg: float, random: np.random.Generator
) -> Intention:
    """A person's own version of a template, from time 0 to `duration_s`.

    Parameters
    ----------
    template : GaitTemplate
    duration_s : float
    leg_length_m, mass_kg : float
        Of the person, who moves at the same dimensionless speed as the people of the template.
    random : Generator
        Of the person and the trial.
    """
    variation = _variation(template)
    mean_s = template.stride_time_of(leg_length_m)
    spread = _known(variation["stride_time"].strides) / template.stride_time_s
    strides = int(np.ceil(duration_s / mean_s + BEFORE_STRIDES + 1.0 + AFTER_STRIDES))
    lengths_s = mean_s * (1.0 + spread * random.standard_normal(strides))
    contacts_s = np.concatenate(([0.0], np.cumsum(lengths_s))) - (BEFORE_STRIDES + random.uniform()) * mean_s
    departures = {}
    for name in template.coordinates(np.zeros(1), leg_length_m=leg_length_m):
        stem = name if name in variation else name.rpartition("_")[0]
        unit = leg_length_m if stem in TRANSLATIONS else 1.0
        manner = unit * MANNER_SHARE
        departures[name] = _departure(stem, variation[stem], manner, unit * STRIDE_SHARE, strides + 1, random)
    return Intention(template, leg_length_m, mass_kg, contacts_s, departures)


def _departure(
    stem: str, variation: Variation, manner: float, mood: float, count: int, random: np.random.Generator
) -> _Departure:
    """Drawn from the spreads between people and between strides, times `manner` and `mood`; for `count` strides."""
    harmonics = np.arange(1, MANNER_HARMONICS + 1)
    # What is the same, or the mirror image, half a stride later has every other harmonic only.
    if stem in SYMMETRIC or stem in ANTISYMMETRIC:
        harmonics = harmonics[harmonics % 2 == (stem in ANTISYMMETRIC)]
    offset, cosine, sine, moods = (random.standard_normal(size) for size in (1, len(harmonics), len(harmonics), count))
    # Where a pelvis is on a belt is no manner, and people who list or turn to one side were not recorded.
    leans = stem not in (*ANTISYMMETRIC, *TRANSLATIONS)
    mean, of_each = manner * _known(variation.people_mean), manner * _known(variation.people_shape)
    of_each /= np.sqrt(len(harmonics))
    moods *= mood * _known(variation.strides)
    return _Departure(leans * mean * float(offset[0]), of_each * cosine, of_each * sine, harmonics, moods)


def _variation(template: GaitTemplate) -> Mapping[str, Variation]:
    """A template's own, or that of the slowest run where too few strides were recorded."""
    if np.isfinite(template.variation["stride_time"].strides):
        return template.variation
    # ASSUME: people vary as much in walking as in slow running.
    return gait_template("run_2.5").variation


def _known(spread: float) -> float:
    return spread if np.isfinite(spread) else 0.0
