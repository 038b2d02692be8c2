"""Everything that a trial shows of its force plates, gathered for gates and quality files."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gaitload.conventions import STANDARD_GRAVITY_M_PER_S2
from gaitload.ingest.channels import Channels, inspect_channels
from gaitload.ingest.drift import Drift
from gaitload.ingest.lag import estimate_belt_lag, estimate_force_lag
from gaitload.ingest.loads import FootLoads
from gaitload.ingest.momentum import Momentum, centre_of_mass_m, measure_momentum
from gaitload.ingest.pressure import Pressure, measure_pressure
from gaitload.ingest.validity import contact_reasons
from gaitload.models.markersets import MarkerSet
from gaitload.trial import Markers, Recording

KNOWN_MIN_SHARE = 0.99
"""Share of the samples whose forces have to be known for the lag: a knock that no foot made leaves it as it is, a
stance that is missing does not."""


@dataclass(frozen=True)
class ForceEvidence:
    """What a whole trial shows of its plates.

    Attributes
    ----------
    channels : tuple of Channels
        By plate.
    drifts : mapping of str to Drift
        By plate.
    momentum : Momentum or None
        None where the body is not seen well enough.
    pressure : Pressure
    lag_s, lag_se_s : float
        By vertical force and centre of mass; see `lag.estimate_force_lag`.
    belt_lag_s : float
        By centre of pressure and belt; see `lag.estimate_belt_lag`.
    measured_kg : float
        Mass that the mean vertical force of whole strides carries; NaN without a whole stride.
    delayed_s : float
        By which forces were delayed already (`ingest.force_lag`); both lags are what is left.
    """

    channels: tuple[Channels, ...]
    drifts: dict[str, Drift]
    momentum: Momentum | None
    pressure: Pressure
    lag_s: float
    lag_se_s: float
    belt_lag_s: float
    measured_kg: float
    delayed_s: float

    def as_dict(self) -> dict:
        """For quality files."""
        return {
            "channels": [one.as_dict() for one in self.channels],
            "drift_n": {name: drift.range_n for name, drift in self.drifts.items()},
            "momentum": self.momentum.as_dict() if self.momentum else None,
            "pressure": self.pressure.as_dict(),
            "lag_s": self.lag_s,
            "lag_se_s": self.lag_se_s,
            "belt_lag_s": self.belt_lag_s,
            "measured_kg": self.measured_kg,
        }


def force_evidence(
    recording: Recording, markers: Markers, marker_set: MarkerSet, loads: FootLoads, *, delayed_s: float
) -> ForceEvidence:
    """Gather the evidence of a whole trial.

    Parameters
    ----------
    recording : Recording
        In the ground frame, as recorded.
    markers : Markers
        Cleaned, at the rate of the recording.
    marker_set : MarkerSet
    loads : FootLoads
    delayed_s : float
        By which the forces of `loads` were delayed.
    """
    forces, steps, nan = loads.forces, loads.assignment.steps, float("nan")
    unknown = contact_reasons(forces.time_s, loads).values()
    known = ~np.any([frames.any(axis=1) for frames in unknown], axis=0)
    mass_kg = _measured_kg(loads, known)
    com_m = centre_of_mass_m(markers, marker_set)
    momentum, lag = None, (nan, nan)
    if com_m is not None:
        momentum = measure_momentum(forces, known, com_m, markers.time_s, mass_kg=mass_kg)
        # On a belt every step is on a plate, also one that is given to no foot.
        if known.mean() >= KNOWN_MIN_SHARE or loads.feet.belt_m_per_s > 0:
            lag = estimate_force_lag(
                loads.vertical_n,
                forces.time_s,
                com_m[:, 1],
                markers.time_s,
                mass_kg=float(loads.vertical_n.mean()) / STANDARD_GRAVITY_M_PER_S2,
            )
    return ForceEvidence(
        channels=tuple(inspect_channels(plate, recording.force_time_s) for plate in recording.plates),
        drifts=loads.drifts,
        momentum=momentum,
        pressure=measure_pressure(forces, loads.feet, steps),
        lag_s=lag[0],
        lag_se_s=lag[1],
        belt_lag_s=estimate_belt_lag(forces, markers, marker_set, steps, loads.feet.belt_m_per_s),
        measured_kg=mass_kg,
        delayed_s=delayed_s,
    )


def _measured_kg(loads: FootLoads, known: np.ndarray) -> float:
    """Mass by the mean vertical force between the first and the last strike of the foot that shows most strides."""
    strikes = [np.flatnonzero(np.diff(foot.astype(int)) == 1) + 1 for foot in loads.forces.contact.T]
    found = max(strikes, key=len)
    if len(found) < 2 or not known[found[0] : found[-1]].all():
        return float("nan")
    vertical_n = loads.forces.force_ground_n[..., 1].sum(axis=1)
    return float(vertical_n[found[0] : found[-1]].mean()) / STANDARD_GRAVITY_M_PER_S2
