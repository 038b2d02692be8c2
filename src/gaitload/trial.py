"""What travels between the rooms: recordings as a laboratory made them, and trials as OpenSim wants them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import IntFlag

import numpy as np

from gaitload.conventions import SIDES, sampling_rate_hz


@dataclass(frozen=True)
class PlateWrench:
    """What the ground did to the person through one force plate, in the lab frame.

    A wrench about one fixed point is linear in the plate's channels: baselines can be subtracted from it and filters
    applied to it, neither of which a centre of pressure survives.

    Attributes
    ----------
    name : str
        As in the recording, or `plate_1`, `plate_2`, ... in its order.
    force_lab_n : ndarray, shape (N, 3)
        Force on the person (an upward force when somebody stands on the plate).
    moment_lab_nm : ndarray, shape (N, 3)
        Moment on the person about the origin of the lab frame.
    corners_lab_m : ndarray, shape (4, 3), or None
        Corners of the working surface, in the order of the C3D manual; None when the recording does not tell.
    point_lab_m : ndarray, shape (3,), or None
        Where the recording has no corners but points of application: the median of those under more than half the
        largest force.
    """

    name: str
    force_lab_n: np.ndarray
    moment_lab_nm: np.ndarray
    corners_lab_m: np.ndarray | None
    point_lab_m: np.ndarray | None = None

    @property
    def surface_lab_m(self) -> np.ndarray | None:
        """A point of the working surface, shape (3,); None when the recording tells of none."""
        return self.point_lab_m if self.corners_lab_m is None else self.corners_lab_m.mean(axis=0)


@dataclass(frozen=True)
class Recording:
    """What one recording says, in SI units and in the lab frame.

    Attributes
    ----------
    source : str
        File names it came from, for messages.
    marker_names : tuple of str
        Length M; virtual points (angles, moments, powers) already left out.
    marker_time_s : ndarray, shape (T,)
    marker_lab_m : ndarray, shape (T, M, 3)
        NaN where a marker was not seen.
    force_time_s : ndarray, shape (N,)
        On the clock of `marker_time_s`; empty when nothing was measured.
    plates : tuple of PlateWrench
    notes : tuple of str
        What readers left out or decided, in words for whoever looks at the verdict.
    first_frame : int or None
        Number that the capture software gave to the first frame, of C3D files.
    """

    source: str
    marker_names: tuple[str, ...]
    marker_time_s: np.ndarray
    marker_lab_m: np.ndarray
    force_time_s: np.ndarray
    plates: tuple[PlateWrench, ...]
    notes: tuple[str, ...] = ()
    first_frame: int | None = None

    @property
    def marker_rate_hz(self) -> float:
        """Sampling rate of the markers (Hz), from the mean frame interval."""
        return sampling_rate_hz(self.marker_time_s)


@dataclass(frozen=True)
class Markers:
    """Marker trajectories in the ground frame.

    Attributes
    ----------
    names : tuple of str
        Length M.
    time_s : ndarray, shape (T,)
        Uniform.
    position_ground_m : ndarray, shape (T, M, 3)
        NaN where missing.
    """

    names: tuple[str, ...]
    time_s: np.ndarray
    position_ground_m: np.ndarray

    @property
    def rate_hz(self) -> float:
        """Sampling rate (Hz), from the mean frame interval."""
        return sampling_rate_hz(self.time_s)

    def of(self, name: str) -> np.ndarray:
        """Trajectory of one marker, shape (T, 3), ground frame, m."""
        return self.position_ground_m[:, self.names.index(name)]


@dataclass(frozen=True)
class FootForces:
    """Ground reaction on each foot, in the ground frame; axis 1 runs over `SIDES`.

    Attributes
    ----------
    time_s : ndarray, shape (N,)
        Uniform, on the markers' clock.
    force_ground_n : ndarray, shape (N, 2, 3)
        Force on the foot; zero while unloaded.
    moment_ground_nm : ndarray, shape (N, 2, 3)
        Moment on the foot about the origin of the ground frame; zero while unloaded.
    contact : ndarray of bool, shape (N, 2)
        True while the foot loads a plate, by threshold with hysteresis.
    surface_height_m : float
        Height (ground Y) of the plane in which the centre of pressure lies.
    """

    time_s: np.ndarray
    force_ground_n: np.ndarray
    moment_ground_nm: np.ndarray
    contact: np.ndarray
    surface_height_m: float = 0.0

    @property
    def rate_hz(self) -> float:
        """Sampling rate (Hz), from the mean interval."""
        return sampling_rate_hz(self.time_s)

    def side(self, side: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """`(force_ground_n, moment_ground_nm, contact)` of one foot, shapes (N, 3), (N, 3), (N,)."""
        index = SIDES.index(side)
        return self.force_ground_n[:, index], self.moment_ground_nm[:, index], self.contact[:, index]


class Invalid(IntFlag):
    """Why nothing is known of a leg's loads in a frame: bits of a validity mask, named by the codes of frame flags.

    Attributes
    ----------
    CONTACT_UNMEASURED
        By the markers the foot stands on the floor, and no force of a plate is its own.
    CONTACT_OUTSIDE_PLATES
        The foot stands on the floor beside the plates, or in part beside them.
    PLATE_SHARED
        Both feet load one plate, whose wrench cannot be divided.
    CONTACT_UNASSIGNED
        A plate measures a load that is given to no foot.
    SEGMENT_LOST
        Too few markers to place a segment that the leg hangs on.
    FORCES_NOT_MEASURED
        The recording holds no force plate.
    """

    CONTACT_UNMEASURED = 1
    CONTACT_OUTSIDE_PLATES = 2
    PLATE_SHARED = 4
    CONTACT_UNASSIGNED = 8
    SEGMENT_LOST = 16
    FORCES_NOT_MEASURED = 32


OF_CONTACT = Invalid(sum(Invalid)) & ~Invalid.SEGMENT_LOST
"""Reasons that concern the ground reaction, and not the pose."""


@dataclass(frozen=True)
class Validity:
    """Frames and feet whose ground reaction or pose is not known; axis 1 of the mask runs over `SIDES`.

    Attributes
    ----------
    time_s : ndarray, shape (T,)
        Of the frames.
    mask : ndarray of uint8, shape (T, 2)
        Sum of the bits of `Invalid`; 0 where everything is known.
    """

    time_s: np.ndarray
    mask: np.ndarray

    def invalid(self, reasons: Invalid, time_s: np.ndarray, *, reach_s: float = 0.0) -> np.ndarray:
        """Whether one of some reasons holds within reach of each time, for each foot: bool, shape (N, 2).

        Parameters
        ----------
        reasons : Invalid
        time_s : ndarray, shape (N,)
            Half a frame of the mask is the least reach. Times that lie farther outside the frames are invalid.
        reach_s : float
            How far a filter smears what it is given.
        """
        reach_s = reach_s + 0.5 / sampling_rate_hz(self.time_s) + 1e-9
        bad = np.concatenate(([[0, 0]], np.cumsum((self.mask & int(reasons)) > 0, axis=0)))
        first, last = (np.searchsorted(self.time_s, time_s + shift) for shift in (-reach_s, reach_s))
        return (bad[last] > bad[first]) | (first == last)[:, None]


@dataclass(frozen=True)
class Step:
    """One contact of one plate, or the part of it that belongs to one foot.

    Attributes
    ----------
    plate : str
    side : str or None
        None: left out, for the `reason` given.
    start_s, end_s : float
        Half-open, on the markers' clock.
    peak_n : float
        Largest vertical force.
    distance_m : float
        Mean distance of the centre of pressure from the sole of the foot (weighted by force; negative inside).
    margin_m : float
        How much farther the other foot was; NaN when it was not seen.
    outside_m : float
        95th percentile of the distance while the force is above a quarter of its peak.
    on_plates : float
        Share of the sole that lies over plates, median over the contact; NaN where corners are not known.
    whole : bool
        Neither end is cut off by an end of the recording.
    reason : str
    """

    plate: str
    side: str | None
    start_s: float
    end_s: float
    peak_n: float
    distance_m: float
    margin_m: float
    outside_m: float
    on_plates: float
    whole: bool
    reason: str

    def as_dict(self) -> dict:
        """Plain, for documents."""
        return asdict(self)


@dataclass(frozen=True)
class Plate:
    """A force plate in the ground frame.

    Attributes
    ----------
    name : str
    side : str or None
        Foot it was declared to carry, by trials.tsv or by its name.
    corners_ground_m : ndarray, shape (4, 3), or None
    baseline_n : tuple of float
        Unloaded reading that was taken off (ground X, Y, Z).
    """

    name: str
    side: str | None
    corners_ground_m: np.ndarray | None
    baseline_n: tuple[float, ...]


@dataclass(frozen=True)
class Trial:
    """The trial record: everything that later stages know of a recording, on one clock and in the ground frame.

    Attributes
    ----------
    markers : Markers
    forces : FootForces or None
        None for a static trial, and for a motion that was recorded without force plates.
    validity : Validity
        At the times of the markers.
    window_s : tuple of float
        Part that is labelled, half-open; the rest is for the filters.
    plates : tuple of Plate
    steps : tuple of Step
        Contacts that reach into the trial, in the order of time.
    down : ndarray of bool, shape (T, 2), or None
        Feet on the floor by their markers, at the times of the markers, in a motion without force plates; else None.
    """

    markers: Markers
    forces: FootForces | None
    validity: Validity
    window_s: tuple[float, float]
    plates: tuple[Plate, ...] = ()
    steps: tuple[Step, ...] = ()
    down: np.ndarray | None = None


@dataclass(frozen=True)
class ImuRecording:
    """What one inertial sensor recorded, on its own clock.

    Attributes
    ----------
    name : str
        Of the sensor, as in the recording.
    time_s : ndarray, shape (T,)
        Uniform, of the sensor's own clock; rows of lost packets are there, with NaN in every channel.
    acc_sensor_m_per_s2 : ndarray, shape (T, 3)
        Specific force in the sensor frame: a sensor at rest with its z axis up reads (0, 0, +9.81).
    gyr_sensor_rad_per_s : ndarray, shape (T, 3)
        Angular velocity relative to the earth, in the sensor frame.
    mag_sensor : ndarray, shape (T, 3), or None
        Magnetic field in the sensor frame, in any one unit.
    orientation_wxyz : ndarray, shape (T, 4), or None
        Unit quaternion that turns vectors of the sensor frame into the earth frame: Z up, heading the sensor's own.
    """

    name: str
    time_s: np.ndarray
    acc_sensor_m_per_s2: np.ndarray
    gyr_sensor_rad_per_s: np.ndarray
    mag_sensor: np.ndarray | None = None
    orientation_wxyz: np.ndarray | None = None

    @property
    def rate_hz(self) -> float:
        """Sampling rate (Hz) by the sensor's own clock, from the mean interval."""
        return sampling_rate_hz(self.time_s)
