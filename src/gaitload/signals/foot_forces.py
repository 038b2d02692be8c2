"""Low-pass filtering of foot forces as wrenches."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from gaitload.conventions import sampling_rate_hz
from gaitload.signals.contact import feet_loaded
from gaitload.signals.filters import lowpass
from gaitload.signals.resample import resample
from gaitload.trial import FootForces


def filtered_foot_forces(
    forces: FootForces, *, cutoff_hz: float, time_s: np.ndarray, contact_threshold_n: float
) -> FootForces:
    """Foot forces after a zero-lag low-pass, on another clock.

    Force and moment about a fixed point are filtered alike, and the centre of pressure follows from them: filtered
    itself it would be drawn towards whatever stands for it in swing. Edges of contact are smeared by the filter and cut
    off again at the threshold, so that force, centre of pressure and free moment vanish together. No hysteresis here:
    at half the threshold a centre of pressure lies up to 70 mm outside the sole.

    Parameters
    ----------
    forces
        At the rate of the plates.
    cutoff_hz
        The same as for the kinematics: different ones make spikes in the joint forces.
    time_s : ndarray, shape (T,)
        Times wanted, inside those of `forces`.
    contact_threshold_n
        Vertical force above which a foot is loaded.
    """
    force, moment = (
        resample(lowpass(values, rate_hz=forces.rate_hz, cutoff_hz=cutoff_hz), forces.time_s, time_s)
        for values in (forces.force_ground_n, forces.moment_ground_nm)
    )
    rate_hz = sampling_rate_hz(time_s)
    contact = feet_loaded(force, rate_hz, contact_threshold_n, release_share=1.0)
    return FootForces(
        time_s=time_s,
        force_ground_n=np.where(contact[..., None], force, 0.0),
        moment_ground_nm=np.where(contact[..., None], moment, 0.0),
        contact=contact,
        surface_height_m=forces.surface_height_m,
    )


def with_shifted_pressure(forces: FootForces, offset_ground_m: np.ndarray) -> FootForces:
    """Foot forces whose centres of pressure lie elsewhere; forces and free moments stay.

    Parameters
    ----------
    offset_ground_m : ndarray, shape (3,)
        Horizontal.
    """
    return replace(forces, moment_ground_nm=forces.moment_ground_nm + np.cross(offset_ground_m, forces.force_ground_n))


def delayed(forces: FootForces, lag_s: float) -> FootForces:
    """Forces as they were `lag_s` before; at the ends the first and last sample stay."""
    at_s = np.clip(forces.time_s - lag_s, forces.time_s[0], forces.time_s[-1])
    force, moment = (
        resample(values, forces.time_s, at_s) for values in (forces.force_ground_n, forces.moment_ground_nm)
    )
    return replace(forces, force_ground_n=force, moment_ground_nm=moment)
