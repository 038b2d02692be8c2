"""Labels of a trial many times over, each time with what is not known drawn anew, and how much they differ."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gaitload.conventions import SIDES, sampling_rate_hz
from gaitload.errors import ConfigError
from gaitload.io.forces import read_foot_forces
from gaitload.io.sto import Table
from gaitload.io.tables import write_table
from gaitload.io.trc import read_markers
from gaitload.labels import in_every_unit
from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.inverse_kinematics import solve
from gaitload.mechanics.muscle_loads import Physics
from gaitload.mechanics.perturbation import Perturbed, perturb
from gaitload.models.family import Family, load_family
from gaitload.opensim.engines.compiled import coordinates_of, solve_arrays
from gaitload.opensim.export import export_mechanism
from gaitload.opensim.export_features import CODE
from gaitload.opensim.label_modes import physics_of
from gaitload.registry import modules_of
from gaitload.signals.clock import frames_within
from gaitload.signals.filters import lowpass
from gaitload.signals.foot_forces import filtered_foot_forces, with_shifted_pressure
from gaitload.stages.solution import on_clock, trial_loads
from gaitload.trial import FootForces, Markers

TOLD_EVERY = 10
"""Samples between two lines in the log."""


@dataclass(frozen=True)
class Measured:
    """A trial before anything is solved.

    Attributes
    ----------
    markers : Markers
        Those that inverse kinematics follows, with their `weights`, shape (M,).
    forces : FootForces
        At the rate of the plates.
    start : ndarray, shape (C,)
        Coordinates near those of the first frame (rad, m).
    window_s, spans_s
        Labelled part, half-open; and the parts that are solved, ends included.
    cutoff_hz, contact_threshold_n : float
    condylar_spacing_m : dict of side to float
    mass_kg : float
    family : Family
    physics : Physics
    where : str
    """

    markers: Markers
    weights: np.ndarray
    forces: FootForces
    start: np.ndarray
    window_s: tuple[float, float]
    spans_s: list[tuple[float, float]]
    cutoff_hz: float
    contact_threshold_n: float
    condylar_spacing_m: dict[str, float]
    mass_kg: float
    family: Family
    physics: Physics
    where: str


class Deviation:
    """Standard deviation of arrays that come one by one (Welford 1962, Technometrics 4:419), NaN left out."""

    def __init__(self) -> None:
        self.count: np.ndarray | float = 0.0
        self._mean: np.ndarray | float = 0.0
        self._squares: np.ndarray | float = 0.0

    def add(self, values: np.ndarray) -> None:
        """Take in one sample; all of one shape."""
        there = np.isfinite(values)
        self.count = self.count + there
        change = np.where(there, values - self._mean, 0.0)
        self._mean = self._mean + change / np.maximum(self.count, 1)
        self._squares = self._squares + np.where(there, change * (values - self._mean), 0.0)

    def value(self, *, count_min: int) -> np.ndarray:
        """Unbiased standard deviation; NaN where fewer than `count_min` samples had a value, or fewer than two."""
        enough = self.count >= max(count_min, 2)
        return np.where(enough, np.sqrt(self._squares / np.maximum(self.count - 1, 1)), np.nan)


def sample_trial(*, trial: dict, uncertainty: dict, table: str) -> dict:
    """Write the standard deviation of every label of a trial, `<label column>_sd`, beside `time_s`.

    Parameters
    ----------
    trial
        Arguments of `read_trial`.
    uncertainty
        Fields of `gaitload.config.motion.Uncertainty`.
    table
        Parquet file to write.

    Returns
    -------
    dict
        `samples`, and `unsolved_samples`: those in which the muscles' redundancy was left unsolved in some frame.

    Raises
    ------
    ConfigError
        Those of `read_trial`.
    """
    mechanism, measured = read_trial(**trial)
    time_s, deviations, unsolved = label_deviations(mechanism, measured, uncertainty)
    columns = {"time_s": (time_s, {"unit": "s", "definition": "time on the clock of the recording"})}
    columns |= {f"{name}_sd": (values, meaning(name, uncertainty)) for name, values in deviations.items()}
    write_table(Path(table), columns, {"uncertainty": uncertainty})
    return {"samples": uncertainty["samples"], "unsolved_samples": unsolved}


def read_trial(
    *,
    model: str,
    family: str,
    coordinates_mot: str,
    markers_trc: str,
    forces_mot: str,
    weights: dict[str, float],
    label_mode: str,
    muscles: dict[str, bool],
    where: str,
    **plain: object,
) -> tuple[Mechanism, Measured]:
    """The model as it is scaled, and what was measured.

    Parameters
    ----------
    model
        Scaled model with its actuators.
    family
        `family.yaml`.
    coordinates_mot, markers_trc, forces_mot
        Solved coordinates (a start), markers and foot forces of the trial, none of them filtered.
    weights
        Marker -> weight in inverse kinematics.
    label_mode, muscles
        As in the configuration.
    plain
        The other fields of `Measured`.

    Raises
    ------
    ConfigError
        MODEL_FEATURE: the kernels do not know a feature of the model.
    """
    mechanism, names = _exported(model, where), load_family(Path(family))
    _, q = coordinates_of(Path(coordinates_mot), mechanism, where)
    seen = read_markers(Path(markers_trc))
    used = [name for name in seen.names if weights.get(name, 0) > 0 and name in mechanism.marker_names]
    measured = Measured(
        markers=Markers(tuple(used), seen.time_s, np.stack([seen.of(name) for name in used], axis=1)),
        weights=np.array([weights[name] for name in used]),
        forces=read_foot_forces(Path(forces_mot)),
        start=q[0],
        family=names,
        physics=physics_of(label_mode, muscles, names),
        where=where,
        **plain,
    )
    return mechanism, measured


def meaning(column: str, uncertainty: dict) -> dict:
    """What the standard deviation of a label column means, for its metadata."""
    return {
        "definition": f"standard deviation of {column} over {uncertainty['samples']} samples of what is not known",
        "perturbed": {name: value for name, value in uncertainty.items() if name not in ("samples", "seed")},
        "samples": uncertainty["samples"],
        "seed": uncertainty["seed"],
    }


def label_deviations(
    mechanism: Mechanism, trial: Measured, uncertainty: dict
) -> tuple[np.ndarray, dict[str, np.ndarray], int]:
    """Times of the labelled window, shape (T,), standard deviation of every label column in it, and unsolved samples.

    A frame in which fewer than half of the samples have a label (the centre of pressure at the ends of contact) has
    no standard deviation.
    """
    samples, deviations, unsolved = uncertainty["samples"], {}, 0
    time_s = trial.markers.time_s[frames_within(trial.markers.time_s, trial.window_s)]
    for number, seed in enumerate(np.random.SeedSequence(uncertainty["seed"]).spawn(samples), start=1):
        drawn = perturb(mechanism, uncertainty, seed, balanced_paths=trial.physics.balanced_paths)
        labels, left = sampled_labels(drawn, trial, time_s)
        unsolved += left > 0
        for name, values in labels.items():
            deviations.setdefault(name, Deviation()).add(values)
        if number % TOLD_EVERY == 0:
            print(f"{trial.where}: sample {number} of {samples}", flush=True)
    half = (samples + 1) // 2
    return time_s, {name: found.value(count_min=half) for name, found in deviations.items()}, unsolved


def sampled_labels(drawn: Perturbed, trial: Measured, time_s: np.ndarray) -> tuple[dict[str, np.ndarray], int]:
    """Every label column of one sample, shape (T,), and the number of frames left unsolved: from markers to labels."""
    mechanism, markers = drawn.mechanism, trial.markers
    cutoff_hz = trial.cutoff_hz * drawn.cutoff_factor
    q, _ = solve(mechanism, markers.position_ground_m, trial.weights, markers=markers.names, start=trial.start)
    q = lowpass(q, rate_hz=sampling_rate_hz(markers.time_s), cutoff_hz=cutoff_hz)
    forces = filtered_foot_forces(
        trial.forces,
        cutoff_hz=cutoff_hz,
        time_s=markers.time_s,
        contact_threshold_n=trial.contact_threshold_n,
    )
    forces = with_shifted_pressure(forces, drawn.cop_offset_ground_m)
    tables, unsolved_s = solve_arrays(
        mechanism,
        trial.family,
        markers.time_s,
        q,
        forces,
        spans_s=trial.spans_s,
        physics=trial.physics,
        where=trial.where,
    )
    reactions = {side: trial.family.reaction("knee", side).body for side in SIDES}
    scale = {side: drawn.body_scale[mechanism.bodies.index(body)] for side, body in reactions.items()}
    loads = trial_loads(
        time_s,
        Table(mechanism.coordinate_names, markers.time_s, q),
        {name: on_clock(table, time_s) for name, table in tables.items()},
        forces,
        condylar_spacing_m={side: spacing * scale[side] for side, spacing in trial.condylar_spacing_m.items()},
        mass_kg=trial.mass_kg,
        family=trial.family,
    )
    columns: dict[str, np.ndarray] = {}
    for module in modules_of("gaitload.labels", required=("LABEL", "compute")).values():
        found = in_every_unit(module.LABEL, module.compute(loads), loads.mass_kg)
        columns |= {name: values for name, (values, _) in found.items()}
    return columns, len(unsolved_s)


def _exported(model: str, where: str) -> Mechanism:
    try:
        return export_mechanism(model)
    except ConfigError as error:
        if error.code != CODE:
            raise
        raise ConfigError(
            expected="a model of the features that compiled kernels know, as uncertainty.samples needs",
            found=error.found,
            where=where,
            do="Set uncertainty.samples to 0, or choose another model.",
            code=CODE,
        ) from error
