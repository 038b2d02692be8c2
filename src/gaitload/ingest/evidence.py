"""Everything that a trial shows of its force plates, gathered for gates and quality files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from gaitload.conventions import STANDARD_GRAVITY_M_PER_S2
from gaitload.ingest.channels import Channels, inspect_channels
from gaitload.ingest.drift import Drift
from gaitload.ingest.floor import Floor, measure_floor
from gaitload.ingest.free_moment import FreeMoment, FreeMomentBias, measure_free_moment, measure_free_moment_bias
from gaitload.ingest.lag import Lag, estimate_belt_lag, estimate_clock_skew, estimate_force_lag, estimate_short_lag
from gaitload.ingest.loads import FootLoads
from gaitload.ingest.momentum import Momentum, carried_mass_kg, centre_of_mass_m, measure_momentum
from gaitload.ingest.pressure import Pressure, measure_pressure
from gaitload.ingest.validity import forces_known
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
    floor : Floor
    free_moment : FreeMoment
    free_moment_bias : FreeMomentBias
    lag_s, lag_se_s : float
        By vertical force and centre of mass; see `lag.estimate_force_lag`, and `lag.estimate_short_lag` where forces
        are known for a part of the trial alone.
    belt_lag_s : float
        By centre of pressure and belt; see `lag.estimate_belt_lag`.
    belt_m_per_s : float
        Speed of the belt; 0 over ground.
    skew, skew_se : float
        Share by which the clock of the forces runs faster, and its standard error; see `lag.estimate_clock_skew`.
    measured_kg : float
        Mass that the vertical forces carry; see `momentum.carried_mass_kg`.
    delayed_s : float
        Time by which forces were delayed already (`ingest.force_lag`); both lags are what is left.
    """

    channels: tuple[Channels, ...]
    drifts: dict[str, Drift]
    momentum: Momentum | None
    pressure: Pressure
    floor: Floor
    free_moment: FreeMoment
    free_moment_bias: FreeMomentBias
    lag_s: float
    lag_se_s: float
    belt_lag_s: float
    belt_m_per_s: float
    skew: float
    skew_se: float
    measured_kg: float
    delayed_s: float

    @property
    def lag(self) -> Lag:
        """The lag that is left, by both methods."""
        return Lag(self.lag_s, self.lag_se_s, self.belt_lag_s)

    def as_dict(self) -> dict:
        """For quality files; the bias of the free moment stands there by itself."""
        return {
            "channels": [one.as_dict() for one in self.channels],
            "drift_n": {name: drift.range_n for name, drift in self.drifts.items()},
            "momentum": self.momentum.as_dict() if self.momentum else None,
            "pressure": self.pressure.as_dict(),
            "floor": self.floor.as_dict(),
            "free_moment": self.free_moment.as_dict(),
            "lag_s": self.lag_s,
            "lag_se_s": self.lag_se_s,
            "belt_lag_s": self.belt_lag_s,
            "skew": self.skew,
            "skew_se": self.skew_se,
            "measured_kg": self.measured_kg,
        }


def force_evidence(
    recording: Recording,
    markers: Markers,
    marker_set: MarkerSet,
    loads: FootLoads,
    *,
    places_m: Mapping[str, np.ndarray],
    delayed_s: float,
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
    places_m : mapping of str to ndarray, shape (3,)
        Static places by marker; empty without a static trial.
    delayed_s : float
        By which the forces of `loads` were delayed.
    """
    forces, steps, nan = loads.forces, loads.assignment.steps, float("nan")
    plates = {step.plate for step in steps if step.side}
    known = forces_known(forces.time_s, loads)
    com_m = centre_of_mass_m(markers, marker_set)
    momentum, lag, skew, mass_kg = None, (nan, nan), (nan, nan), nan
    if com_m is not None:
        mass_kg = carried_mass_kg(forces, known, com_m, markers.time_s)
        momentum = measure_momentum(forces, known, com_m, markers.time_s, mass_kg=mass_kg)
        # On a belt every step is on a plate, also one that is given to no foot.
        whole = known.mean() >= KNOWN_MIN_SHARE or loads.feet.belt_m_per_s > 0
        clocked = (loads.vertical_n, forces.time_s, com_m[:, 1], markers.time_s)
        if whole:
            lag = estimate_force_lag(*clocked, mass_kg=float(loads.vertical_n.mean()) / STANDARD_GRAVITY_M_PER_S2)
            skew = estimate_clock_skew(*clocked, lag[0])
        if np.isnan(lag).all():
            lag = estimate_short_lag(*clocked[:2], known, *clocked[2:])
    return ForceEvidence(
        channels=tuple(inspect_channels(plate, recording.force_time_s) for plate in recording.plates),
        drifts=loads.drifts,
        momentum=momentum,
        pressure=measure_pressure(forces, loads.feet, steps, markers, marker_set),
        floor=measure_floor(markers, marker_set, places_m, steps, forces.surface_height_m),
        free_moment=measure_free_moment(forces, steps, mass_kg),
        free_moment_bias=measure_free_moment_bias(forces, known, com_m, markers.time_s, plates=len(plates)),
        lag_s=lag[0],
        lag_se_s=lag[1],
        skew=skew[0],
        skew_se=skew[1],
        belt_lag_s=estimate_belt_lag(forces, loads.feet, steps, markers, marker_set),
        belt_m_per_s=loads.feet.belt_m_per_s,
        measured_kg=mass_kg,
        delayed_s=delayed_s,
    )
