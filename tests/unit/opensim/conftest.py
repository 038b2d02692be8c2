"""A person whose every length is known: the generic model itself, enlarged."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import opensim
import pytest

from gaitload.io.trc import write_trc
from gaitload.models.markersets import load_marker_set
from gaitload.models.registry import ModelSource, find_model
from gaitload.opensim.model import array, open_model, vector
from gaitload.trial import Markers

MARKER_SET = "rajagopal2016_run"


@pytest.fixture(scope="session", autouse=True)
def quiet_folder(tmp_path_factory):
    """OpenSim writes its log into the working directory."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("opensim"))
        yield


@pytest.fixture(scope="session")
def source() -> ModelSource:
    """The default model."""
    return find_model("rajagopal2015")


@pytest.fixture(scope="session")
def marker_set(source):
    """The marker set that also names joint centres."""
    return load_marker_set(source.marker_set_path(MARKER_SET))


@pytest.fixture(scope="session")
def posed_markers(source, marker_set) -> Callable[..., np.ndarray]:
    """Positions of the set's markers, shape (T, M, 3), on the generic model in given poses, times a factor."""
    model = open_model(source.path)
    model.updMarkerSet().clearAndDestroy()
    for marker in marker_set.markers:
        body = model.getBodySet().get(marker.body)
        model.addMarker(opensim.Marker(marker.name, body, vector(marker.position_m)))
    for coordinate in model.updCoordinateSet():
        coordinate.setDefaultClamped(False)
    model.finalizeConnections()

    def positions(poses: list[dict[str, float]], factor: float = 1.0) -> np.ndarray:
        state = model.initSystem()
        frames = []
        for pose in poses:
            for name, value in pose.items():
                model.getCoordinateSet().get(name).setValue(state, value, False)
            model.assemble(state)
            model.realizePosition(state)
            markers = [model.getMarkerSet().get(marker.name) for marker in marker_set.markers]
            frames.append([array(marker.getLocationInGround(state)) for marker in markers])
        return factor * np.array(frames)

    return positions


@pytest.fixture
def write_markers(tmp_path, marker_set) -> Callable[..., Path]:
    """Write positions, shape (T, M, 3), as a TRC file at 100 Hz, some markers left out."""

    def write(name: str, positions: np.ndarray, without: tuple[str, ...] = ()) -> Path:
        kept = [index for index, marker in enumerate(marker_set.markers) if marker.name not in without]
        names = tuple(marker_set.markers[index].name for index in kept)
        path = tmp_path / name
        write_trc(path, Markers(names, np.arange(len(positions)) / 100, positions[:, kept]))
        return path

    return write
