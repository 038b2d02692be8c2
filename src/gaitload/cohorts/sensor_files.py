"""Which file of a folder holds the inertial sensor of which body."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from gaitload.errors import DataError


def sensor_files(folder: Path, names: Mapping[str, str], *, where: str, home: Path | None = None) -> dict[str, Path]:
    """Files by the bodies whose sensors they hold.

    Parameters
    ----------
    folder : Path
        Of the sensors of one trial.
    names : mapping of str to str
        Body -> name of its file, `*` standing for any characters, and `#name` behind it for a sensor of a file that
        holds several. What no file fits stays as it is, and is not there.
    where : str
        For messages.
    home : Path, optional
        A link that leads out of this folder fits no pattern; `folder` by default.

    Raises
    ------
    DataError
        IMU_FILES_MANY: a pattern fits several files; IMU_FILES_SHARED: patterns of two bodies fit one file, out of
        which no `#name` picks.
    """
    patterns = {body: name.partition("#")[0] for body, name in names.items()}
    fits = {
        body: _inside(home or folder, folder.glob(pattern)) if "*" in pattern else [folder / pattern]
        for body, pattern in patterns.items()
    }
    many = [
        f"{patterns[body]!r} of {body} fits {', '.join(path.name for path in paths)}"
        for body, paths in fits.items()
        if len(paths) > 1
    ]
    if many:
        raise _error(
            expected=f"one file in {folder} for each body",
            found="; ".join(many),
            where=where,
            do="Write more of the name, or give each trial a folder of its own.",
            code="IMU_FILES_MANY",
        )
    files = {body: paths[0] if paths else folder / patterns[body] for body, paths in fits.items()}
    shared = [f"{path.name} for {both}" for path, both in _doubles(files).items()]
    if shared and not any("#" in name for name in names.values()):
        raise _error(
            expected=f"a file of its own in {folder} for each body",
            found=", ".join(shared),
            where=where,
            do="Correct the names; where a file holds several sensors, pick each by #name behind it.",
            code="IMU_FILES_SHARED",
        )
    return files


def _inside(home: Path, paths: Iterable[Path]) -> list[Path]:
    whole = home.resolve()
    return sorted(path for path in paths if path.resolve().is_relative_to(whole))


def not_told_apart(names: Mapping[str, str]) -> list[str]:
    """What imu_files says for two bodies alike: a file, or a sensor's `#name`, which has to be another for each."""
    own = {body: f"#{name.partition('#')[2]}" if "#" in name else name for body, name in names.items()}
    return [f"{name} for {both}" for name, both in _doubles(own).items()]


def _doubles(values: Mapping[str, str | Path]) -> dict[str | Path, str]:
    """Values that several bodies have -> these bodies, in words."""
    bodies: dict[str | Path, list[str]] = {}
    for body, value in values.items():
        bodies.setdefault(value, []).append(body)
    return {value: " and ".join(those) for value, those in bodies.items() if len(those) > 1}


def _error(*, expected: str, found: str, where: str, do: str, code: str) -> DataError:
    return DataError(expected=expected, found=found, where=f"{where}, imu_files in cohort.yaml", do=do, code=code)
