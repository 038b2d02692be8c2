"""A model of another family is added as docs/extend.md says: one folder, and its path in the settings."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from gaitload.config import parse_config
from gaitload.config.motion import Muscles
from gaitload.errors import ConfigError
from gaitload.models.registry import ModelSource, find_model
from gaitload.models.sensors import load_sensors
from gaitload.opensim.label_modes import physics_of
from gaitload.opensim.model import check_family, open_model
from gaitload.opensim.scaling import scale_subject

KEPT = {
    "walker_knee_": "tibiofemoral_",
    "ankle_angle": "dorsiflexion",
    "gasmed_": "gastroc_med_",
    "gaslat_": "gastroc_lat_",
    "soleus_": "sol_",
    "recfem_": "rectus_",
    "humerus_": "upper_arm_",
    "torso": "trunk",
}
"""Names of joints, coordinates, muscles and arms in the other family: bodies of the legs are called as before."""
BONES = KEPT | {"femur_": "thigh_", "tibia_": "crus_", "calcn_": "hindfoot_"}
BONES |= {"pelvis(?!_body|_coordinates)": "hips"}
"""Names of the legs too, for what is known by the family alone; two fields of family.yaml are called pelvis_..."""


def renamed(text: str, names: dict[str, str]) -> str:
    """A text with other names, those within a longer one too; not of files of bones."""
    for old, new in names.items():
        text = re.sub(rf"(?<![a-z]){old}(?!\w*\.vtp)", new, text)
    return text


@pytest.fixture
def add_family(source: ModelSource, tmp_path: Path):
    """Write the default model and its family under other names, and give the settings that docs/extend.md tells."""

    def add(names: dict[str, str]) -> dict[str, str]:
        model, folder = tmp_path / "my.osim", tmp_path / "myfamily"
        model.write_text(renamed(source.path.read_text(), names))
        shutil.copytree(source.family_dir, folder)
        for path in (path for path in folder.rglob("*") if path.suffix in (".yaml", ".tsv")):
            path.write_text(renamed(path.read_text(), names))
        return {"model": str(model), "model_family": str(folder)}

    return add


def found(settings: dict[str, str]) -> ModelSource:
    config = parse_config(settings)
    return find_model(config.model, config.model_family)


def scaled(source: ModelSource, static: Path, output: Path, height_m: float | None = 1.8) -> dict:
    return scale_subject(
        model=str(source.path),
        family=str(source.family_path),
        marker_set=str(source.marker_set_path("rajagopal2016_run")),
        static_trcs=[str(static)],
        mass_kg=80.0,
        height_m=height_m,
        method="auto",
        strength="handsfield2014",
        condylar_spacing_m=0.045,
        output=str(output),
        where="cohort/p1",
    )


@pytest.mark.parametrize("names", [KEPT, BONES], ids=["muscles and joints", "everything"])
def test_a_model_under_other_names_is_scaled_as_before(
    names, source, add_family, posed_markers, write_markers, tmp_path
):
    own = found(add_family(names))
    static = write_markers("static.trc", posed_markers([{}] * 3, 1.1), without=("RMFC", "LMFC", "RMMAL", "LMMAL"))
    before, after = scaled(source, static, tmp_path / "a.osim"), scaled(own, static, tmp_path / "b.osim")
    assert after["method"] == "joint_centres" == before["method"]
    factors = {renamed(body, names): factor for body, factor in before["scale_factors"].items()}
    assert after["scale_factors"].keys() == factors.keys()
    for body, factor in factors.items():
        assert after["scale_factors"][body] == pytest.approx(factor), body
    for name in ("condylar_spacing_m", "marker_errors_m"):
        assert after[name] == pytest.approx(before[name], abs=1e-9), name
    strength = {renamed(name, names): factor for name, factor in before["strength"]["force_factors"].items()}
    assert after["strength"]["force_factors"] == pytest.approx(strength)


def test_what_no_marker_measures_follows_the_legs_of_the_family(
    source, add_family, posed_markers, write_markers, tmp_path
):
    """Without a body height, arms take the mean factor of thighs and shanks."""
    own, arms = found(add_family(BONES)), ("RSJC", "LSJC", "RACR", "LACR")
    static = write_markers(
        "static.trc", posed_markers([{}] * 3, 1.1), without=("RMFC", "LMFC", "RMMAL", "LMMAL", *arms)
    )
    before, after = (scaled(each, static, tmp_path / "a.osim", height_m=None) for each in (source, own))
    assert after["scale_factors"]["upper_arm_r"] == pytest.approx(before["scale_factors"]["humerus_r"])


def test_feet_alone_do_not_scale_a_model_by_its_joint_centres(
    add_family, marker_set, posed_markers, write_markers, tmp_path
):
    own = found(add_family(BONES))
    others = tuple(marker.name for marker in marker_set.markers if not marker.body.startswith("calcn"))
    static = write_markers("static.trc", posed_markers([{}] * 3, 1.1), without=others)
    assert scaled(own, static, tmp_path / "a.osim")["method"] == "height"


def test_the_family_says_which_tendons_are_rigid(add_family) -> None:
    own = found(add_family(KEPT))
    switches = Muscles(tendons="rigid").model_dump()
    rigid = physics_of("physical", switches, own.family).without_force_velocity
    assert rigid == tuple(f"{name}_{side}" for side in "rl" for name in ("gastroc_med", "gastroc_lat", "sol"))
    table = own.family_path
    table.write_text(table.read_text().replace("rigid_tendon_groups: [achilles_tendon]", "rigid_tendon_groups: []"))
    none = physics_of("physical", switches, found({"model": str(own.path), "model_family": str(own.family_dir)}).family)
    assert none.without_force_velocity == ()


def test_sensors_of_the_family_are_on_its_bodies(add_family) -> None:
    own = found(add_family(BONES))
    model = open_model(own.path)
    assert all(model.getBodySet().contains(one.body) for one in load_sensors(own.sensors_path))


def test_a_model_is_refused_by_a_family_that_is_not_its_own(source, add_family) -> None:
    settings = add_family(BONES)
    with pytest.raises(ConfigError, match="body pelvis, body femur_r") as caught:
        check_family(open_model(settings["model"]), source.family, "cohort/p1")
    assert caught.value.code == "MODEL_FAMILY" and "model_family" in caught.value.do
