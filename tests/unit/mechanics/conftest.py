"""The models on which every kernel is held against OpenSim."""

from __future__ import annotations

from pathlib import Path

import pytest

from gaitload.mechanics.body_tree import Mechanism
from gaitload.opensim.export import export_mechanism

MODELS = ("rajagopal2015", "Rajagopal2016", "RajagopalLaiUhlrich2023")


@pytest.fixture(scope="session", autouse=True)
def quiet_folder(tmp_path_factory):
    """OpenSim writes its log into the working directory."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("mechanics"))
        yield


@pytest.fixture(scope="session", params=MODELS)
def model_path(request, model_of) -> Path:
    """Each of the three models; those that are not installed are skipped where they are absent."""
    return model_of(request.param)


@pytest.fixture(scope="session")
def mechanism(model_path) -> Mechanism:
    """The model as arrays."""
    return export_mechanism(model_path)
