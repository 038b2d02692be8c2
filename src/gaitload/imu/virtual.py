"""What a perfect inertial sensor on a moving body would record."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.interpolate import BSpline, make_interp_spline
from scipy.spatial.transform import Rotation

from gaitload.conventions import STANDARD_GRAVITY_M_PER_S2
from gaitload.errors import ConfigError, DataError
from gaitload.imu.placement import Placement, require_rotations
from gaitload.trial import ImuRecording

EARTH_FROM_GROUND = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
"""From the ground frame (X forward, Y up, Z right) to an earth frame with x forward, y left, z up."""
_DEGREE = 5
"""Of the splines through positions and quaternions: their second derivatives are cubics, as smooth as the motion."""


@dataclass(frozen=True)
class SensorClock:
    """When a sensor samples: at every multiple of its period, by a clock of its own.

    Attributes
    ----------
    rate_hz : float
        By its own clock.
    offset_s, skew : float
        When it shows t, the time of the motion is `offset_s + (1 + skew) t`: what synchronisation has to find.

    Raises
    ------
    ConfigError
        CLOCK_INVALID.
    """

    rate_hz: float = 100.0
    offset_s: float = 0.0
    skew: float = 0.0

    def __post_init__(self) -> None:
        if not (self.rate_hz > 0 and self.skew > -1 and np.isfinite([self.rate_hz, self.offset_s, self.skew]).all()):
            raise ConfigError(
                expected="a positive rate and a clock that runs forwards",
                found=f"{self}",
                where="clock of a virtual sensor",
                do="Correct the value.",
                code="CLOCK_INVALID",
            )

    def shown(self, time_s: np.ndarray) -> np.ndarray:
        """What the clock shows at times of the motion."""
        return (np.asarray(time_s) - self.offset_s) / (1.0 + self.skew)

    def motion_time(self, shown_s: np.ndarray) -> np.ndarray:
        """Times of the motion at which the clock shows what is given."""
        return self.offset_s + (1.0 + self.skew) * np.asarray(shown_s)

    def between(self, *, motion_zero_s: float, shown_zero_s: float) -> SensorClock:
        """The same clock between times that begin elsewhere: at `motion_zero_s` of the motion, at `shown_zero_s` of it.

        Files begin at their first packet, and cameras when somebody starts them.
        """
        return replace(self, offset_s=float(self.motion_time(shown_zero_s)) - motion_zero_s)

    def ticks(self, start_s: float, end_s: float) -> np.ndarray:
        """What the clock shows at its samples within `[start_s, end_s]` of the motion, shape (N,)."""
        # A motion that starts at a tick starts with it, whatever rounding says.
        first, last = self.shown(np.array([start_s, end_s])) * self.rate_hz
        return np.arange(np.ceil(first - 1e-6), np.floor(last + 1e-6) + 1) / self.rate_hz


def ideal_imu(
    time_s: np.ndarray,
    rotation_ground: np.ndarray,
    origin_ground_m: np.ndarray,
    *,
    placement: Placement,
    clock: SensorClock | None = None,
    field_earth: np.ndarray | None = None,
    integrating: bool = False,
) -> ImuRecording:
    """Specific force, angular velocity and orientation of a sensor on a body.

    Quintic splines (not-a-knot) run through the sensor's positions and through the components of its quaternion s.
    Gravity is taken off the second derivative of the first; the angular velocity is 2 Im(s* s') / |s|^2, which
    does not care that s leaves the unit sphere between samples. What the motion carries of noise is differentiated
    with it: low-pass it before.

    Parameters
    ----------
    time_s : ndarray, shape (T,)
        Rising; T is 6 at least.
    rotation_ground : ndarray, shape (T, 3, 3)
        Turns vectors of the body's frame into the ground frame; less than half a turn between samples.
    origin_ground_m : ndarray, shape (T, 3)
        Of the body's frame.
    placement
        Of the sensor on the body.
    clock
        By default 100 Hz on the motion's own clock.
    field_earth : ndarray, shape (3,), or None
        Magnetic field in the earth frame of `EARTH_FROM_GROUND`, in any unit; without it there is no magnetometer.
    integrating
        Rates and specific forces are means over the period before each sample, as of devices that integrate inside
        (strap-down integration) and are read slowly: half a period later than the values at the samples, and exactly
        what turns one orientation into the next. Specific forces are seen from the sensor as it is at the sample.

    Returns
    -------
    ImuRecording
        In all samples of the clock during the motion; the heading is that of the earth frame.

    Raises
    ------
    DataError
        MOTION_INVALID: fewer than six times or two samples, gaps, or times that do not rise.
    ConfigError
        PLACEMENT_INVALID: matrices that are no rotations.
    """
    where = f"motion of {placement.body} under sensor {placement.name}"
    _check(time_s, rotation_ground, origin_ground_m, where)
    clock = clock or SensorClock()
    period_s = (1.0 + clock.skew) / clock.rate_hz
    shown_s = clock.ticks(time_s[0] + (period_s if integrating else 0.0), time_s[-1])
    if len(shown_s) < 2:
        raise _invalid("a motion of at least two samples of the sensor", f"{len(shown_s)}", where)
    at_s = np.clip(clock.motion_time(shown_s), time_s[0], time_s[-1])
    place = make_interp_spline(time_s, origin_ground_m + rotation_ground @ placement.position_body_m, k=_DEGREE)
    turn = _quaternion_spline(time_s, rotation_ground @ placement.rotation_sensor_body.T)
    to_earth = Rotation.from_matrix(EARTH_FROM_GROUND) * Rotation.from_quat(turn(at_s), scalar_first=True)
    if integrating:
        acceleration, spin = _means(place, turn, np.maximum(at_s - period_s, time_s[0]), at_s)
    else:
        acceleration, spin = place.derivative(2)(at_s), _angular_velocity(turn, at_s)
    lift = acceleration @ EARTH_FROM_GROUND.T + [0.0, 0.0, STANDARD_GRAVITY_M_PER_S2]
    return ImuRecording(
        name=placement.name,
        time_s=shown_s,
        acc_sensor_m_per_s2=to_earth.inv().apply(lift),
        gyr_sensor_rad_per_s=spin,
        mag_sensor=None if field_earth is None else to_earth.inv().apply(field_earth),
        orientation_wxyz=_unbroken(to_earth.as_quat(scalar_first=True)),
    )


def _check(time_s: np.ndarray, rotation: np.ndarray, origin: np.ndarray, where: str) -> None:
    problem = None
    if len(time_s) <= _DEGREE or origin.shape != (len(time_s), 3):
        problem = f"{len(time_s)} times, positions of shape {origin.shape}"
    elif not (np.isfinite(time_s).all() and np.isfinite(rotation).all() and np.isfinite(origin).all()):
        problem = "values that are missing"
    elif not (np.diff(time_s) > 0).all():
        problem = "times that do not rise"
    if problem:
        raise _invalid(f"a pose at each of more than {_DEGREE} rising times, without gaps", problem, where)
    require_rotations(rotation, (len(time_s), 3, 3), where)


def _quaternion_spline(time_s: np.ndarray, rotation: np.ndarray) -> BSpline:
    """Spline through unit quaternions, w first, of matrices of shape (T, 3, 3)."""
    quaternion = Rotation.from_matrix(rotation).as_quat(scalar_first=True)
    return make_interp_spline(time_s, _unbroken(quaternion), k=_DEGREE)


def _unbroken(quaternion: np.ndarray) -> np.ndarray:
    """The same rotations, shape (T, 4), whose signs do not jump; w of the first is not negative."""
    jumps = np.sum(quaternion[1:] * quaternion[:-1], axis=1) < 0
    first = np.where(quaternion[:1, 0] < 0, -1.0, 1.0)
    return quaternion * np.cumprod(np.concatenate([first, np.where(jumps, -1.0, 1.0)]))[:, None]


def _angular_velocity(turn: BSpline, at_s: np.ndarray) -> np.ndarray:
    """In the frame that turns, shape (N, 3), rad/s."""
    s, rate = turn(at_s), turn.derivative()(at_s)
    imaginary = s[:, :1] * rate[:, 1:] - rate[:, :1] * s[:, 1:] - np.cross(s[:, 1:], rate[:, 1:])
    return 2.0 * imaginary / np.sum(s**2, axis=1, keepdims=True)


def _means(place: BSpline, turn: BSpline, start_s: np.ndarray, end_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean acceleration (ground frame) and mean angular rate (turning frame) between times, shape (N, 3) each."""
    velocity, duration_s = place.derivative(), (end_s - start_s)[:, None]
    first, last = (Rotation.from_quat(turn(at_s), scalar_first=True) for at_s in (start_s, end_s))
    return (velocity(end_s) - velocity(start_s)) / duration_s, (first.inv() * last).as_rotvec() / duration_s


def _invalid(expected: str, found: str, where: str) -> DataError:
    return DataError(
        expected=expected,
        found=found,
        where=where,
        do="Fill gaps first, or take a longer stretch without any.",
        code="MOTION_INVALID",
    )
