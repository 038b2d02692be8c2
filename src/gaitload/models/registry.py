"""Where models come from: an installed package, a download with a checksum, or the user's own path.

No model is part of this project. `opensim_models/<name>/model.yaml` says where one is found; its checksum makes sure it
is the one the placements, pairs and muscle groups were written for. `changes` names a table of published changes that
are made to it; `joint_centres` has those that lie elsewhere than in the other models of its family. `based_on` names
another model whose file, changes and joint centres come first.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import pooch
from pydantic import Field, ValidationError, model_validator

from gaitload.documents import read_yaml
from gaitload.errors import ConfigError
from gaitload.io.xml import parse_xml
from gaitload.models.changes import changed_model, completed_family
from gaitload.models.family import Family, JointCentre, load_family
from gaitload.section import Section
from gaitload.validation import problems_in_words

MODELS_DIR = Path(__file__).resolve().parents[3] / "opensim_models"
DEFAULT_FAMILY = "rajagopal"


class _Source(Section):
    """Where the file of a model is: inside an installed package, or at an address; its checksum in either case."""

    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    package: str | None = None
    path: str | None = None
    url: str | None = Field(None, pattern="^https://")

    @model_validator(mode="after")
    def _one_place(self) -> _Source:
        if (self.url is None) == (self.package is None) or (self.package is None) != (self.path is None):
            raise ValueError("either package and path, or url")
        return self


class _Description(Section):
    """A model.yaml."""

    family: str = Field(pattern="^[A-Za-z0-9_-]+$")
    source: _Source | None = None
    based_on: str | None = Field(None, pattern="^[A-Za-z0-9_-]+$")
    changes: str | None = Field(None, pattern="^[A-Za-z0-9_-]+[.]tsv$")
    joint_centres: dict[str, JointCentre] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_origin(self) -> _Description:
        if (self.source is None) == (self.based_on is None):
            raise ValueError("either source or based_on")
        return self


@dataclass(frozen=True)
class ModelSource:
    """A model that can be opened: its file, its family, and what describes the family.

    `family_path` is the family.yaml of `family_dir`, or a copy of it with the model's own joint centres.
    """

    name: str
    path: Path
    family: Family
    family_dir: Path
    family_path: Path

    @property
    def sensors_path(self) -> Path:
        """The table of where inertial sensors are worn."""
        return self.family_dir / "sensors.yaml"

    @property
    def landmarks_path(self) -> Path:
        """The table of where anatomical landmarks are on models of the family."""
        return self.family_dir / "landmarks.tsv"

    def marker_set_path(self, name: str, own: Path | None = None) -> Path:
        """File of a marker set: that of a cohort's `own` folder, else that of the family.

        Raises `ConfigError` (MARKER_SET_UNKNOWN) listing those there are.
        """
        path = self.family_dir / "markersets" / f"{name}.tsv"
        if own is not None and (own / path.name).is_file():
            return own / path.name
        if not path.is_file():
            known = ", ".join(
                sorted(file.stem for folder in (own, path.parent) if folder for file in folder.glob("*.tsv"))
            )
            raise ConfigError(
                expected=f"a marker set of {path.parent}{f' or {own}' if own else ''} ({known})",
                found=name,
                where="marker_set",
                do="Correct the name, or add a table of that name.",
                code="MARKER_SET_UNKNOWN",
            )
        return path


def find_model(model: str, family: str | None = None, *, models_dir: Path = MODELS_DIR) -> ModelSource:
    """Locate a model and its family.

    Whether the file has the bodies, joints and muscles that the family names is checked by `opensim/scaling.py`.

    Parameters
    ----------
    model : str
        Name of a folder of `opensim_models/` with a model.yaml, or path of an `.osim` file.
    family : str, optional
        Name of a folder of `opensim_models/` with a family.yaml, or path (with a slash) of such a folder anywhere.
        None: the family that model.yaml names, for an `.osim` file `DEFAULT_FAMILY`.
    models_dir : Path
        Folder that holds the models and families with a name.

    Raises
    ------
    ConfigError
        MODEL_UNKNOWN: neither a known name nor an existing file. MODEL_FAMILY_UNKNOWN: no family.yaml there.
        MODEL_FAMILY_CONTRADICTED: another family than model.yaml names. MODEL_INVALID: a description that is damaged,
        or names a download without https or without a checksum. MODEL_NOT_INSTALLED, MODEL_DOWNLOAD, MODEL_CHECKSUM:
        the package or the download does not hold the file that was described. They concern all trials, so nothing goes
        on. Those of `gaitload.models.changes`.
    DataError
        The file has external entities.
    """
    if model.endswith(".osim"):
        path, named, where = _own_file(Path(model)), family or DEFAULT_FAMILY, "model_family"
        centres = {}
    else:
        description = _describe(model, models_dir)
        named, where = description.family, f"{models_dir.name}/{model}/model.yaml, family"
        if family is not None and _family_dir(family, models_dir) != _family_dir(named, models_dir):
            raise ConfigError(
                expected=f"{description.family}, the family that {models_dir.name}/{model}/model.yaml names",
                found=family,
                where="model_family",
                do="Leave model_family out; it is for .osim files, whose family nothing else says.",
                code="MODEL_FAMILY_CONTRADICTED",
            )
        path, centres = _made(model, description, models_dir)
    parse_xml(path)
    family_dir = _family_dir(named, models_dir)
    if not (family_dir / "family.yaml").is_file():
        known = ", ".join(sorted(file.parent.name for file in models_dir.glob("*/family.yaml")))
        raise ConfigError(
            expected=f"one of {known}, or the path of a folder with a family.yaml",
            found=f"{named} ({'no family.yaml in' if family_dir.is_dir() else 'no folder'} {family_dir})",
            where=where,
            do="Correct the name; begin the path of a folder in this one with ./",
            code="MODEL_FAMILY_UNKNOWN",
        )
    family_path = completed_family(family_dir / "family.yaml", centres, model)
    return ModelSource(model, path.resolve(), load_family(family_path), family_dir, family_path)


def _family_dir(family: str, models_dir: Path) -> Path:
    """Folder of a family by its name, or by its path, which has a slash; whether there is one or not."""
    return (Path(family) if "/" in family else models_dir / family).resolve()


def _own_file(path: Path) -> Path:
    if not path.is_file():
        raise ConfigError(
            expected="an existing .osim file",
            found="no such file",
            where=f"model: {path}",
            do="Correct the path in the configuration.",
            code="MODEL_UNKNOWN",
        )
    return path


def _describe(model: str, models_dir: Path) -> _Description:
    path = models_dir / model / "model.yaml"
    if not path.is_file():
        known = ", ".join(sorted(file.parent.name for file in models_dir.glob("*/model.yaml")))
        raise ConfigError(
            expected=f"one of {known}, or the path of an .osim file",
            found=model,
            where="model",
            do="Correct the model's name in the configuration.",
            code="MODEL_UNKNOWN",
        )
    try:
        return _Description.model_validate(read_yaml(path))
    except ValidationError as error:
        raise _invalid("; ".join(problems_in_words(error, _Description)), path) from error
    except ValueError as error:
        raise _invalid(str(error), path) from error


def _made(model: str, description: _Description, models_dir: Path) -> tuple[Path, dict[str, dict]]:
    """File of a model with its changes, after those of the model it is based on; and its own joint centres."""
    centres = {name: centre.model_dump(mode="json") for name, centre in description.joint_centres.items()}
    if description.source is not None:
        path = _locate(model, description.source)
    else:
        base = _describe(description.based_on, models_dir)
        if base.family != description.family or base.based_on is not None:
            found = f"based_on {description.based_on}, which is of another family or based on another model"
            raise _invalid(found, models_dir / model / "model.yaml")
        path, others = _made(description.based_on, base, models_dir)
        centres = others | centres
    if description.changes:
        path = changed_model(path, models_dir / model / description.changes, model)
    return path, centres


def _invalid(found: str, path: Path) -> ConfigError:
    return ConfigError(
        expected="a family and where the model comes from, as docs/extend.md says",
        found=found,
        where=str(path),
        do="Correct the fields named.",
        code="MODEL_INVALID",
    )


def _locate(model: str, source: _Source) -> Path:
    path = _in_package(model, source) if source.package else _download(source)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != source.sha256:
        raise ConfigError(
            expected=f"sha256 {source.sha256}",
            found=found,
            where=str(path),
            do="Another version of this model is installed; pin the version named in envs/constraints.txt.",
            code="MODEL_CHECKSUM",
        )
    return path


def _in_package(model: str, source: _Source) -> Path:
    """Find a file inside an installed distribution without importing it."""
    package = source.package
    try:
        files = metadata.files(package) or []
    except metadata.PackageNotFoundError:
        files = []
    path = next((Path(file.locate()) for file in files if str(file).endswith(source.path)), None)
    if path is None or not path.is_file():
        raise ConfigError(
            expected=f"{source.path} inside the installed package {package}",
            found="no such package or file",
            where=f"model {model}",
            do=f"Install {package}, or choose another model (rajagopal2016 comes by download).",
            code="MODEL_NOT_INSTALLED",
        )
    return path


def _download(source: _Source) -> Path:
    """Fetch a file once into the user's cache; later runs need no network."""
    try:
        return Path(pooch.retrieve(source.url, known_hash=source.sha256, path=pooch.os_cache("gaitload")))
    except (OSError, ValueError) as error:
        raise ConfigError(
            expected=f"a download of {source.url} with sha256 {source.sha256}",
            found=str(error),
            where="model",
            do="Check the network, or download the file elsewhere and give its path as `model`.",
            code="MODEL_DOWNLOAD",
        ) from error
