"""The trial record in one file: arrays in NumPy's .npz, and what is no array as JSON beside them."""

from __future__ import annotations

import hashlib
import json
import zipfile
import zlib
from pathlib import Path

import numpy as np

from gaitload.errors import DataError
from gaitload.io.files import require_content, write_aside
from gaitload.trial import FootForces, Markers, Plate, Step, Trial, Validity

SUFFIX = ".trial.npz"


def write_trial(path: Path, trial: Trial) -> None:
    """Write a trial record; equal records give equal bytes.

    Arrays: `marker_time_s` (T,), `marker_ground_m` (T, M, 3), `invalid` (T, 2); with forces `force_time_s` (N,),
    `force_ground_n` and `moment_ground_nm` (N, 2, 3), `contact` (N, 2); `corners_ground_m` (P, 4, 3) of the plates, NaN
    where they are not known; `down` (T, 2) in motions without force plates. `document` is JSON: marker names, window,
    height of the surface, plates, steps. `sha256` is over all.
    """
    forces = trial.forces
    arrays = {
        "marker_time_s": trial.markers.time_s,
        "marker_ground_m": trial.markers.position_ground_m,
        "invalid": trial.validity.mask,
        "corners_ground_m": np.array(
            [
                np.full((4, 3), np.nan) if plate.corners_ground_m is None else plate.corners_ground_m
                for plate in trial.plates
            ]
        ).reshape(-1, 4, 3),
    }
    document = {
        "marker_names": trial.markers.names,
        "window_s": trial.window_s,
        "plates": [{"name": one.name, "side": one.side, "baseline_n": one.baseline_n} for one in trial.plates],
        "steps": [step.as_dict() for step in trial.steps],
    }
    if trial.down is not None:
        arrays["down"] = trial.down
    if forces:
        arrays |= {
            "force_time_s": forces.time_s,
            "force_ground_n": forces.force_ground_n,
            "moment_ground_nm": forces.moment_ground_nm,
            "contact": forces.contact,
        }
        document["surface_height_m"] = forces.surface_height_m
    arrays["document"] = np.array(json.dumps(document, sort_keys=True))
    with write_aside(path) as aside, aside.open("wb") as handle:
        np.savez(handle, allow_pickle=False, sha256=_digest(arrays), **arrays)


def read_trial(path: Path) -> Trial:
    """Inverse of `write_trial`.

    Raises
    ------
    DataError
        `FILE_MISSING`, `FILE_EMPTY`, `TRIAL_DAMAGED`: not a record of `write_trial`, or not as it wrote it.
    """
    path = require_content(path)
    try:
        with np.load(path, allow_pickle=False) as archive:
            arrays = dict(archive)
        if arrays.pop("sha256") != _digest(arrays):
            raise ValueError("values that are not those it was written with")
        return _trial(arrays, json.loads(str(arrays["document"])))
    # A damaged archive may say any size, and zlib, zipfile and numpy each have errors of their own.
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        EOFError,
        AttributeError,
        NotImplementedError,
        MemoryError,
        RuntimeError,
        SyntaxError,
        zipfile.BadZipFile,
        zlib.error,
    ) as error:
        raise DataError(
            expected="a trial record as ingest wrote it",
            found=(str(error).splitlines() or [type(error).__name__])[0][:120],
            where=str(path),
            do="Copy the file again, or remove it and run ingest again.",
            code="TRIAL_DAMAGED",
        ) from error


def _digest(arrays: dict[str, np.ndarray]) -> np.ndarray:
    """SHA-256 of names and values: an archive does not notice an array that is gone or renamed."""
    digest = hashlib.sha256()
    for name in sorted(arrays):
        values = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {values.dtype.str} {values.shape};".encode() + values.tobytes())
    return np.array(digest.hexdigest())


def _trial(arrays: dict[str, np.ndarray], document: dict) -> Trial:
    names, time_s = tuple(document["marker_names"]), arrays["marker_time_s"]
    forces = None
    if "force_time_s" in arrays:
        forces = FootForces(
            time_s=arrays["force_time_s"],
            force_ground_n=arrays["force_ground_n"],
            moment_ground_nm=arrays["moment_ground_nm"],
            contact=arrays["contact"],
            surface_height_m=document["surface_height_m"],
        )
    trial = Trial(
        markers=Markers(names, time_s, arrays["marker_ground_m"]),
        forces=forces,
        validity=Validity(time_s, arrays["invalid"]),
        window_s=tuple(document["window_s"]),
        plates=tuple(
            Plate(row["name"], row["side"], None if np.isnan(corners).any() else corners, tuple(row["baseline_n"]))
            for row, corners in zip(document["plates"], arrays["corners_ground_m"], strict=True)
        ),
        steps=tuple(Step(**row) for row in document["steps"]),
        down=arrays.get("down"),
    )
    _require_shapes(trial)
    return trial


def _require_shapes(trial: Trial) -> None:
    frames, markers = len(trial.markers.time_s), len(trial.markers.names)
    shapes = {"marker_ground_m": (trial.markers.position_ground_m, (frames, markers, 3))}
    shapes["invalid"] = (trial.validity.mask, (frames, 2))
    if trial.down is not None:
        shapes["down"] = (trial.down, (frames, 2))
    if trial.forces:
        samples = len(trial.forces.time_s)
        shapes["force_ground_n"] = (trial.forces.force_ground_n, (samples, 2, 3))
        shapes["moment_ground_nm"] = (trial.forces.moment_ground_nm, (samples, 2, 3))
        shapes["contact"] = (trial.forces.contact, (samples, 2))
    wrong = [
        f"{name} {values.shape} instead of {wanted}"
        for name, (values, wanted) in shapes.items()
        if values.shape != wanted
    ]
    if wrong:
        raise ValueError(", ".join(wrong))
