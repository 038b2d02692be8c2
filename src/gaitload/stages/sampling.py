"""Labels of a trial many times over, each time with what is not known drawn anew, and how much they differ."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from gaitload.conventions import SIDES
from gaitload.errors import ConfigError
from gaitload.io.tables import write_table
from gaitload.io.trials import read_trial as read_trial_record
from gaitload.mechanics.body_tree import Mechanism
from gaitload.mechanics.inverse_kinematics import solve
from gaitload.mechanics.perturbation import Perturbed, perturb
from gaitload.mechanics.physics import Physics
from gaitload.models.family import load_family
from gaitload.opensim.engines.compiled import coordinates_of
from gaitload.opensim.export import export_mechanism
from gaitload.opensim.export_features import CODE
from gaitload.opensim.label_modes import physics_of
from gaitload.signals.clock import frames_within
from gaitload.signals.foot_forces import delayed, with_shifted_pressure
from gaitload.stages.catalogue import label_columns
from gaitload.stages.chain import Body, Filtering, solved_motion
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
    filtering : Filtering
    body : Body
    physics : Physics
    where : str
    """

    markers: Markers
    weights: np.ndarray
    forces: FootForces
    start: np.ndarray
    window_s: tuple[float, float]
    spans_s: list[tuple[float, float]]
    filtering: Filtering
    body: Body
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
    record: str,
    weights: dict[str, float],
    label_mode: str,
    muscles: dict[str, bool],
    spans_s: list[tuple[float, float]],
    cutoff_hz: float,
    contact_threshold_n: float,
    condylar_spacing_m: dict[str, float],
    knee_centre_aside_m: dict[str, float],
    mass_kg: float,
    where: str,
    force_lag_s: float = 0.0,
) -> tuple[Mechanism, Measured]:
    """The model as it is scaled, and what was measured.

    Parameters
    ----------
    model
        Scaled model with its actuators.
    family
        `family.yaml`.
    coordinates_mot, record
        Solved coordinates (a start), not filtered, and the trial record.
    weights
        Marker -> weight in inverse kinematics.
    label_mode, muscles
        As in the configuration.
    spans_s, cutoff_hz, contact_threshold_n, condylar_spacing_m, knee_centre_aside_m, mass_kg
        See `Measured`, `Filtering` and `Body`.
    force_lag_s
        By which the forces of the record are still to be delayed.

    Raises
    ------
    ConfigError
        MODEL_FEATURE: the kernels do not know a feature of the model.
    """
    mechanism, names = _exported(model, where), load_family(Path(family))
    _, q = coordinates_of(Path(coordinates_mot), mechanism, where)
    trial = read_trial_record(Path(record))
    seen = trial.markers
    used = [name for name in seen.names if weights.get(name, 0) > 0 and name in mechanism.marker_names]
    measured = Measured(
        markers=Markers(tuple(used), seen.time_s, np.stack([seen.of(name) for name in used], axis=1)),
        weights=np.array([weights[name] for name in used]),
        forces=delayed(trial.forces, force_lag_s) if force_lag_s else trial.forces,
        start=q[0],
        window_s=trial.window_s,
        spans_s=spans_s,
        filtering=Filtering(cutoff_hz, contact_threshold_n),
        # Mode opensim knows the model's knee centre alone.
        body=Body(names, mass_kg, condylar_spacing_m, knee_centre_aside_m if label_mode == "physical" else {}),
        physics=physics_of(label_mode, muscles, names),
        where=where,
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
    mechanism, markers, body = drawn.mechanism, trial.markers, trial.body
    q, _ = solve(mechanism, markers.position_ground_m, trial.weights, markers=markers.names, start=trial.start)
    shins = {side: body.family.reaction("knee", side).body for side in SIDES}
    scale = {side: drawn.body_scale[mechanism.bodies.index(shin)] for side, shin in shins.items()}
    spacing_m = {side: spacing * scale[side] for side, spacing in body.condylar_spacing_m.items()}
    solved = solved_motion(
        mechanism,
        body.family,
        markers.time_s,
        q,
        with_shifted_pressure(trial.forces, drawn.cop_offset_ground_m),
        spans_s=trial.spans_s,
        filtering=replace(trial.filtering, cutoff_hz=trial.filtering.cutoff_hz * drawn.cutoff_factor),
        physics=trial.physics,
        where=trial.where,
    )
    loads = solved.loads(time_s, replace(body, condylar_spacing_m=spacing_m))
    return {column.name: column.values for column in label_columns(loads)}, solved.unsolved


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
