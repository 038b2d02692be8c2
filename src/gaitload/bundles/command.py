"""`gaitload predict` and `gaitload live`: sensor files to tables and a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd
from pydantic import TypeAdapter

from gaitload.bundles.calibration import calibration_of
from gaitload.bundles.card import title_of, unit_of
from gaitload.bundles.file import read_bundle
from gaitload.bundles.live import play
from gaitload.bundles.outcome import curves_of, outcome_of
from gaitload.bundles.page import describe_total, write_page
from gaitload.bundles.predict import predict
from gaitload.documents import read_yaml
from gaitload.errors import ConfigError
from gaitload.io.files import write_aside
from gaitload.io.imu.reader import read_imu
from gaitload.io.imu.table import ImuColumns
from gaitload.trial import ImuRecording
from gaitload.windows.tables import read_trial


def predict_files(
    bundle: Path,
    sensors: Sequence[str],
    out: Path,
    *,
    speed_m_per_s: float | None = None,
    person: Mapping | None = None,
    rate_hz: float | None = None,
    columns: Path | None = None,
    calibrate: Sequence[Path] = (),
) -> str:
    """Write `report.html`, `windows.tsv`, `curves.tsv` and `summary.tsv`; returns what to say.

    Parameters
    ----------
    bundle, out
        File of the estimator; folder of the products.
    sensors : sequence of str
        `body=FILE`, or `body=FILE#NAME` for a sensor of a file that holds several.
    speed_m_per_s, person
        See `gaitload.bundles.predict.predict`.
    rate_hz
        Of files that do not say it.
    columns
        YAML file with `imu_columns` as in cohort.yaml.
    calibrate
        Aligned tables of the same person, with labelled steps.

    Raises
    ------
    ConfigError
        PREDICTION_SENSORS: not `body=FILE`, or a body twice; PREDICTION_COLUMNS: the YAML file; and those of `predict`.
    DataError
        Those of the readers and of `predict`.
    """
    estimator = read_bundle(bundle)
    recordings = read_sensors(sensors, rate_hz=rate_hz, columns=columns)
    calibration = calibration_of(estimator, [read_trial(path) for path in calibrate]) if calibrate else None
    prediction = predict(estimator, recordings, speed_m_per_s=speed_m_per_s, person=person, calibration=calibration)
    outcome = outcome_of(prediction, estimator.document["targets"])
    _write_table(out / "windows.tsv", [outcome.windows])
    _write_table(out / "summary.tsv", [outcome.summary])
    _write_table(
        out / "curves.tsv", (curves_of(prediction, name, outcome.intervals[name]) for name in prediction.targets)
    )
    files = [Path(word.partition("=")[2]).name for word in sensors]
    write_page(out / "report.html", estimator, prediction, outcome, files)
    lines = [
        f"{title_of(row.target)} ({row.target}): mean peak {row.peak_mean:.2f} {unit_of(row.unit)} "
        f"in {row.windows} windows; sum {describe_total(row)}"
        for row in outcome.summary.itertuples()
    ]
    return "\n".join([*lines, *(f"look again: {doubt}" for doubt in prediction.doubts), f"open {out / 'report.html'}"])


def play_files(
    bundle: Path,
    sensors: Sequence[str],
    page: Path,
    *,
    times_as_fast: float = 1.0,
    rate_hz: float | None = None,
    columns: Path | None = None,
    say: Callable[[str], None],
    **known,
) -> None:
    """Play sensor files live, see `gaitload.bundles.live.play`; other parameters as in `predict_files`."""
    estimator = read_bundle(bundle)
    recordings = read_sensors(sensors, rate_hz=rate_hz, columns=columns)
    say(f"open {page}")
    found = play(estimator, recordings, page, times_as_fast=times_as_fast, say=say, **known)
    say(f"{found} estimates")


def read_sensors(
    sensors: Sequence[str], *, rate_hz: float | None = None, columns: Path | None = None
) -> dict[str, ImuRecording]:
    """Recordings by body, see `predict_files`."""
    return _read(_by_body(sensors), rate_hz, _declared(columns))


def _write_table(path: Path, parts: Iterable[pd.DataFrame]) -> None:
    """Write parts below each other, one at a time: the curves of an hour are a million rows."""
    with write_aside(path) as aside:
        for number, part in enumerate(parts):
            part.to_csv(
                aside, sep="\t", index=False, float_format="%.6g", lineterminator="\n", mode="a", header=number == 0
            )


def _by_body(sensors: Sequence[str]) -> dict[str, str]:
    pairs = [word.partition("=")[::2] for word in sensors]
    bodies = [body for body, _ in pairs]
    if not all(body and file for body, file in pairs) or len(set(bodies)) < len(bodies):
        raise ConfigError(
            expected="body=FILE for each sensor, every body once, as in pelvis=waist.csv tibia_r=shank.csv",
            found=" ".join(sensors),
            where="gaitload predict",
            do="Name the body of the model that each sensor is on.",
            code="PREDICTION_SENSORS",
        )
    return dict(pairs)


def _declared(path: Path | None) -> dict[str, ImuColumns] | None:
    if path is None:
        return None
    try:
        return TypeAdapter(dict[str, ImuColumns]).validate_python(read_yaml(path)["imu_columns"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            expected="a YAML file with imu_columns, as in cohort.yaml (docs/imu.md)",
            found=f"{type(error).__name__}: {error}",
            where=str(path),
            do="Correct the file.",
            code="PREDICTION_COLUMNS",
        ) from error


def _read(files: Mapping[str, str], rate_hz: float | None, columns: dict | None) -> dict[str, ImuRecording]:
    """Sensors by body; files of one system are read together, on one clock."""
    split = {body: file.partition("#")[::2] for body, file in files.items()}
    paths = list(dict.fromkeys(path for path, _ in split.values()))
    if columns is None:
        found = read_imu(paths, rate_hz=rate_hz)
    else:
        found = tuple(
            recording
            for path in paths
            for recording in read_imu(
                path, columns={name: columns[name] for place, name in split.values() if place == path}
            )
        )
    by_name = {recording.name: recording for recording in found}
    if len(paths) == len(found) == len(files):
        return dict(zip(files, found, strict=True))
    lost = [name for _, name in split.values() if name not in by_name]
    if lost:
        raise ConfigError(
            expected=f"a sensor of {', '.join(by_name)} behind # for each file that holds several",
            found=", ".join(f"#{name}" for name in lost),
            where="gaitload predict",
            do="Write body=FILE#NAME.",
            code="PREDICTION_SENSORS",
        )
    return {body: by_name[name] for body, (_, name) in split.items()}
