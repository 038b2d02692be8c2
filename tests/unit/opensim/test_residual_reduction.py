"""Residual reduction of a trial: a model whose masses are wrong, under forces that its true masses would need."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from gaitload.io.forces import write_forces
from gaitload.io.sto import Table, write_sto
from gaitload.mechanics.newton_euler import inverse_dynamics
from gaitload.models.family import load_family
from gaitload.opensim.export import export_mechanism
from gaitload.opensim.model import open_model
from gaitload.opensim.residual_reduction import adjust_masses
from gaitload.signals.derivatives import derivative
from gaitload.trial import FootForces

SHARE, TRUNK_M = 0.03, 0.02
SETTINGS = {"residual_mass_share": SHARE, "residual_trunk_m": TRUNK_M}
TIME_S = np.arange(120) / 100
WHOLE, KNOWN = [(0.0, 1.19)], [(0.0, 0.69)]


@pytest.fixture(scope="module")
def standing(source, tmp_path_factory):
    """A body that sways on its right foot: its model, and a folder with its motion and the forces that it needs."""
    folder = tmp_path_factory.mktemp("sway")
    mechanism, family = export_mechanism(source.path), load_family(source.family_dir / "family.yaml")
    names, coordinates = mechanism.coordinate_names, mechanism.coordinates
    rates = np.linspace(3.0, 9.0, len(names))
    q = np.where(coordinates.locked, coordinates.default, coordinates.default + 0.1 * np.sin(rates * TIME_S[:, None]))
    q = coordinates.slope * q[:, coordinates.leader] + coordinates.intercept
    write_sto(folder / "coordinates.mot", Table(names, TIME_S, q), name="coordinates", in_degrees=False)
    forces = _needed(mechanism, family, q)
    assert (forces.force_ground_n[:, 0, 1] > 100).all()
    write_forces(folder / "forces.mot", forces)
    return SimpleNamespace(mechanism=mechanism, family=family, folder=folder, path=source.path, forces=forces)


def _needed(mechanism, family, q) -> FootForces:
    """Wrench on the right foot under which this very body has no residuals."""
    motion = (q, derivative(q, TIME_S), derivative(q, TIME_S, order=2))
    columns = [mechanism.coordinate_names.index(name) for name in (*family.residual_forces, *family.residual_moments)]
    given = {"load_bodies": np.array([mechanism.bodies.index(family.foot("r"))]), "simbody_bias": False}

    def residuals(wrench: np.ndarray) -> np.ndarray:
        return inverse_dynamics(mechanism, *motion, loads=np.tile(wrench, (len(q), 1, 1)), **given)[:, columns]

    base = residuals(np.zeros(6))
    slopes = np.stack([residuals(unit) - base for unit in np.eye(6)], axis=2)
    wrench = np.linalg.solve(slopes, -base[..., None])[..., 0]
    force, moment = (np.stack([part, 0 * part], axis=1) for part in (wrench[:, :3], wrench[:, 3:]))
    return FootForces(TIME_S, force, moment, force[..., 1] > 0)


def adjusted(standing, tmp_path: Path, wrong: float, known_s: list, folder: Path | None = None) -> tuple[dict, Path]:
    """Record and model after adjustment, of a trunk that is too heavy by a share and femurs that make up for it."""
    model = open_model(standing.path)
    bodies = model.updBodySet()
    extra_kg = wrong * bodies.get("torso").getMass()
    bodies.get("torso").scaleMass(1 + wrong)
    for side in "rl":
        femur = bodies.get(f"femur_{side}")
        femur.scaleMass(1 - extra_kg / 2 / femur.getMass())
    path = tmp_path / "model.osim"
    model.printToXML(str(path))
    place = folder or standing.folder
    return adjust_masses(path, standing.family, place, known_s, settings=SETTINGS, where="test"), path


def masses(path: Path) -> dict[str, float]:
    model = open_model(path)
    return {body.getName(): body.getMass() for body in model.getBodySet()}


@pytest.mark.parametrize("wrong", [0.01, 0.2])
def test_masses_move_towards_the_truth_within_their_bounds_and_the_body_stays_as_heavy(standing, tmp_path, wrong):
    record, path = adjusted(standing, tmp_path, wrong, WHOLE)
    truth, found = masses(standing.path), masses(path)
    before = truth | {
        "torso": truth["torso"] * (1 + wrong),
        **{f"femur_{side}": truth["femur_r"] - wrong * truth["torso"] / 2 for side in "rl"},
    }
    for body in ("torso", "femur_r", "femur_l"):
        assert abs(found[body] - truth[body]) < abs(before[body] - truth[body])
    for body, mass_kg in found.items():
        assert mass_kg == pytest.approx(before[body] * (1 + record["mass_share"][body]), rel=1e-9)
        assert abs(record["mass_share"][body]) <= SHARE + 1e-9
    assert np.abs(record["trunk_shift_m"]).max() <= TRUNK_M + 1e-9
    assert sum(found.values()) == pytest.approx(sum(truth.values()), rel=1e-4)
    assert record["force_rms_n"][1] < record["force_rms_n"][0]
    assert record["moment_rms_nm"][1] < record["moment_rms_nm"][0]
    assert record["frames"] == len(TIME_S)


def test_frames_whose_forces_are_not_known_change_no_mass(standing, tmp_path):
    known = (np.arange(len(TIME_S)) < 70)[:, None, None]
    force, moment = (known * part for part in (standing.forces.force_ground_n, standing.forces.moment_ground_nm))
    folder = tmp_path / "lost"
    folder.mkdir()
    (folder / "coordinates.mot").write_bytes((standing.folder / "coordinates.mot").read_bytes())
    write_forces(folder / "forces.mot", FootForces(TIME_S, force, moment, force[..., 1] > 0))
    record, _ = adjusted(standing, tmp_path, 0.0, KNOWN, folder)
    assert record["frames"] == 70
    assert np.abs(list(record["mass_share"].values())).max() < 1e-3
    bent, _ = adjusted(standing, tmp_path, 0.0, WHOLE, folder)
    assert np.abs(list(bent["mass_share"].values())).max() > 0.01


def test_without_a_frame_of_known_forces_the_model_stays_as_it_is(standing, tmp_path):
    record, path = adjusted(standing, tmp_path, 0.0, [])
    assert record == {"frames": 0, "bounds": {"mass_share": SHARE, "trunk_m": TRUNK_M}}
    assert masses(path) == pytest.approx(masses(standing.path))
