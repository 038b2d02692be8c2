"""Newton's second law along each axis: do the measured forces move the body that the markers show?

Forces and markers are recorded by different systems. Sign, gain and exchange of channels, and a rate that is declared
wrong, break the law that binds them, whatever the participant does.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from gaitload.conventions import STANDARD_GRAVITY_M_PER_S2, sampling_rate_hz
from gaitload.ingest.lag import BAND_HZ, in_band
from gaitload.models.markersets import MarkerSet
from gaitload.signals.filters import lowpass
from gaitload.signals.plates import center_of_pressure
from gaitload.signals.runs import longest_run, most_strikes
from gaitload.trial import FootForces, Markers

MASS_SHARES = {"pelvis": 0.678, "femur": 0.100, "tibia": 0.0465, "foot": 0.0145}
"""Shares of body mass (Winter 2009, Biomechanics and Motor Control of Human Movement, table 4.1). Head, arms and trunk
move with the pelvis here: that is all that cohorts with markers on pelvis and legs alone allow, and where trunk markers
exist it predicts vertical force and direction no worse (lag of the synthetic runners -1.1 ms instead of -0.9 ms)."""
SEEN_MIN_SHARE = 0.95
"""Share of the frames in which a marker has to be seen to count; its gaps are bridged by straight lines."""
LOADED_SHARE = 0.15
"""Samples in which the plates carry less than this share of the large forces (95th percentile) are left out: there the
pressure is uncertain."""
SAMPLES_MIN = 60
KNOWN_MIN_S = 0.5
"""Shortest stretch of known forces that tells the mass; shorter ones hang on the velocity at their ends."""
TRIM_S = 0.3
"""This much of either end of a trial is left out, where filters and splines run in."""


@dataclass(frozen=True)
class Aim:
    """The direction of the ground reaction against the direction from its origin to the centre of mass.

    The reaction points near the centre of mass, or the body would spin: the horizontal force is proportional to the
    vertical force times the slope of the line from the centre of pressure to the centre of mass.

    Attributes
    ----------
    slope : float
        Horizontal force over that product, by least squares about their means: 0.65 to 1.02 fore-aft in people who walk
        or run; negative where the sign is wrong.
    correlation : float
    bias : float
        What is left at the mean, as a share of the vertical force; a pressure displaced by 10 mm makes 0.01.
    """

    slope: float
    correlation: float
    bias: float


@dataclass(frozen=True)
class Momentum:
    """What Newton's second law says of a trial; NaN where it says nothing.

    Attributes
    ----------
    ahead, aside : Aim
    vertical_gain : float
        Vertical force over mass times acceleration, least squares in `BAND_HZ`: 1 where mass, gain and rates are right.
    vertical_correlation : float
    mean_ahead, mean_aside : float
        Mean horizontal force over whole strides without what changes the velocity of the body, as a share of the mean
        vertical force: 0 where plates are level and channels do not mix.
    horizontal_ahead, horizontal_aside : float
        Root mean square horizontal force under load, as a share of that of the vertical force.
    """

    ahead: Aim
    aside: Aim
    vertical_gain: float
    vertical_correlation: float
    mean_ahead: float
    mean_aside: float
    horizontal_ahead: float
    horizontal_aside: float

    def as_dict(self) -> dict:
        """For quality files."""
        return asdict(self)


def measure_momentum(
    forces: FootForces,
    known: np.ndarray,
    com_m: np.ndarray,
    time_s: np.ndarray,
    *,
    mass_kg: float,
) -> Momentum:
    """Hold the forces of a trial against the motion of its centre of mass.

    Parameters
    ----------
    forces : FootForces
        Ground frame, on the markers' clock.
    known : ndarray of bool, shape (N,)
        Samples in which the forces of both feet are known.
    com_m : ndarray, shape (T, 3)
        Centre of mass, from `centre_of_mass_m`.
    time_s : ndarray, shape (T,)
    mass_kg : float
        What the forces of whole strides carry; NaN where that is not known.
    """
    total_n = forces.force_ground_n.sum(axis=1)
    pressure_m, _ = center_of_pressure(total_n, forces.moment_ground_nm.sum(axis=1), forces.surface_height_m)
    inside = (forces.time_s >= time_s[0]) & (forces.time_s <= time_s[-1])
    loaded = known & inside & (total_n[:, 1] > LOADED_SHARE * np.percentile(total_n[:, 1], 95))
    place_m = np.stack([np.interp(forces.time_s, time_s, column) for column in com_m.T], axis=1)
    ahead, aside = (
        _aim(total_n[loaded], pressure_m[loaded], place_m[loaded], forces.surface_height_m, axis) for axis in (0, 2)
    )
    gain, correlation = _vertical(forces, known, com_m[:, 1], time_s, mass_kg)
    means = _stride_means(forces, known, total_n, com_m, time_s, mass_kg)
    rms = np.sqrt((total_n[loaded] ** 2).mean(axis=0)) if loaded.sum() >= SAMPLES_MIN else np.full(3, np.nan)
    return Momentum(ahead, aside, gain, correlation, *means, float(rms[0] / rms[1]), float(rms[2] / rms[1]))


def _aim(force_n, pressure_m, place_m, surface_height_m, axis) -> Aim:
    height_m = place_m[:, 1] - surface_height_m
    needed = force_n[:, 1] * (place_m[:, axis] - pressure_m[:, axis]) / height_m
    usable = np.isfinite(needed)
    if usable.sum() < SAMPLES_MIN:
        return Aim(np.nan, np.nan, np.nan)
    needed, measured = needed[usable], force_n[usable, axis]
    x, y = needed - needed.mean(), measured - measured.mean()
    slope = float(x @ y / (x @ x))
    spread = np.sqrt((x @ x) * (y @ y))
    correlation = float(x @ y / spread) if spread > 0 else np.nan
    bias = float((measured.mean() - slope * needed.mean()) / force_n[usable, 1].mean())
    return Aim(slope, correlation, bias)


def _vertical(forces, known, height_m, time_s, mass_kg) -> tuple[float, float]:
    """Gain and correlation of the vertical force in the band; NaN where forces are missing or the trial is short."""
    rate_hz, force_rate_hz = sampling_rate_hz(time_s), sampling_rate_hz(forces.time_s)
    if not np.isfinite(mass_kg) or not known.mean() > 0.99 or time_s[-1] - time_s[0] < 4 * TRIM_S:
        return np.nan, np.nan
    smooth = lowpass(height_m, rate_hz=rate_hz, cutoff_hz=2 * BAND_HZ[1])
    acceleration = CubicSpline(time_s, smooth).derivative(2)(time_s)
    needed = in_band(mass_kg * (acceleration + STANDARD_GRAVITY_M_PER_S2), rate_hz, BAND_HZ)
    measured = CubicSpline(forces.time_s, in_band(forces.force_ground_n[..., 1].sum(axis=1), force_rate_hz, BAND_HZ))
    inside = (time_s > max(time_s[0], forces.time_s[0]) + TRIM_S) & (
        time_s < min(time_s[-1], forces.time_s[-1]) - TRIM_S
    )
    if inside.sum() < SAMPLES_MIN:
        return np.nan, np.nan
    x, y = needed[inside], measured(time_s[inside])
    spread = np.sqrt((x @ x) * (y @ y))
    return float(x @ y / (x @ x)), float(x @ y / spread) if spread > 0 else np.nan


def _stride_means(forces, known, total_n, com_m, time_s, mass_kg) -> tuple[float, float]:
    """Mean fore-aft and lateral force over whole strides, less momentum change, over the mean vertical force."""
    found = most_strikes(forces.contact)
    if len(found) < 2 or not known[found[0] : found[-1]].all() or not np.isfinite(mass_kg):
        return np.nan, np.nan
    first, last = forces.time_s[found[0]], forces.time_s[found[-1]]
    first, last = max(first, time_s[0] + TRIM_S / 3), min(last, time_s[-1] - TRIM_S / 3)
    smooth = lowpass(com_m, rate_hz=sampling_rate_hz(time_s), cutoff_hz=BAND_HZ[1])
    change = np.diff(CubicSpline(time_s, smooth).derivative()((first, last)), axis=0)[0]
    mean_n = total_n[found[0] : found[-1]].mean(axis=0)
    left_n = mean_n - mass_kg * change / (last - first)
    return float(left_n[0] / mean_n[1]), float(left_n[2] / mean_n[1])


def carried_mass_kg(forces: FootForces, known: np.ndarray, com_m: np.ndarray, time_s: np.ndarray) -> float:
    """Mass that the vertical forces carry, by the impulse of the longest stretch whose forces are all known.

    The impulse is the mass times gravity over the stretch and the change of the vertical velocity, and no whole
    stride is needed.

    Parameters
    ----------
    forces : FootForces
    known : ndarray of bool, shape (N,)
        Samples in which the forces of both feet are known.
    com_m : ndarray, shape (T, 3)
    time_s : ndarray, shape (T,)

    Returns
    -------
    float
        NaN where no stretch lasts `KNOWN_MIN_S`.
    """
    inside = (forces.time_s >= time_s[0] + TRIM_S / 3) & (forces.time_s <= time_s[-1] - TRIM_S / 3)
    stretch = longest_run(known & inside)
    sampled_s = forces.time_s[stretch]
    if len(sampled_s) < 2 or sampled_s[-1] - sampled_s[0] < KNOWN_MIN_S:
        return float("nan")
    smooth = lowpass(com_m[:, 1], rate_hz=sampling_rate_hz(time_s), cutoff_hz=BAND_HZ[1])
    change_m_per_s = np.diff(CubicSpline(time_s, smooth).derivative()(sampled_s[[0, -1]]))[0]
    gained_m_per_s2 = change_m_per_s / (sampled_s[-1] - sampled_s[0])
    mean_n = float(forces.force_ground_n[stretch, :, 1].sum(axis=1).mean())
    return mean_n / float(STANDARD_GRAVITY_M_PER_S2 + gained_m_per_s2)


def centre_of_mass_m(markers: Markers, marker_set: MarkerSet) -> np.ndarray | None:
    """Place of the centre of mass in every frame.

    A segment lies at the mean of its markers: a constant offset from its true place does not change accelerations of
    segments that turn little, and moves the direction towards the centre of mass by a constant.

    Parameters
    ----------
    markers : Markers
        Ground frame.
    marker_set : MarkerSet

    Returns
    -------
    ndarray, shape (T, 3), or None
        None unless the pelvis and the thigh and shank of both legs are seen.
    """
    places, shares = [], []
    for segment, members in marker_set.segments.items():
        share = MASS_SHARES.get(segment.partition("_")[0])
        if share is None:
            continue
        known = [_bridged(markers.time_s, markers.of(name)) for name in members if name in markers.names]
        known = [points for points in known if points is not None]
        if known:
            places.append(np.mean(known, axis=0))
            shares.append(share)
        elif not segment.startswith("foot"):
            return None
    if sum(shares) < sum(MASS_SHARES.values()) - MASS_SHARES["foot"]:
        return None
    return np.einsum("s,stx->tx", np.array(shares) / sum(shares), np.array(places))


def _bridged(time_s: np.ndarray, points_m: np.ndarray) -> np.ndarray | None:
    seen = ~np.isnan(points_m[:, 0])
    if seen.mean() < SEEN_MIN_SHARE:
        return None
    if seen.all():
        return points_m
    return np.stack([np.interp(time_s, time_s[seen], column[seen]) for column in points_m.T], axis=1)
