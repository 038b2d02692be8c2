"""Finding models, families and marker sets."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import replace

import pytest
import yaml

from gaitload.cohorts.reader import load_cohort
from gaitload.config import parse_config
from gaitload.errors import ConfigError, DataError
from gaitload.io.xml import parse_xml
from gaitload.models.family import load_family
from gaitload.models.markersets import load_marker_set
from gaitload.models.registry import MODELS_DIR, find_model
from gaitload.stages.job import jobs_of
from gaitload.stages.shard import stage_module

DOWNLOADS = {"rajagopal2016": "Rajagopal2016.osim", "rajagopal_lai_uhlrich2023": "RajagopalLaiUhlrich2023.osim"}


def test_the_default_model_comes_out_of_an_installed_package():
    source = find_model("rajagopal2015")
    assert source.path.name == "Rajagopal2015.osim"
    assert source.family.muscles("achilles_tendon", "r") == ("gasmed_r", "gaslat_r", "soleus_r")


@pytest.mark.parametrize(("name", "file"), DOWNLOADS.items())
def test_checksums_are_those_of_the_published_models(name, file, shared):
    described = yaml.safe_load((MODELS_DIR / name / "model.yaml").read_text())["source"]
    published = shared.parent / "models" / file
    assert hashlib.sha256(published.read_bytes()).hexdigest() == described["sha256"]
    assert described["url"].startswith("https://")


def test_an_unknown_model_is_answered_with_those_there_are():
    with pytest.raises(ConfigError, match=r"rajagopal2015.*gait2392") as caught:
        find_model("gait2392")
    assert caught.value.code == "MODEL_UNKNOWN"


@pytest.fixture
def own_file(tmp_path):
    """An .osim file of somebody's own, which nothing opens here."""
    path = tmp_path / "my.osim"
    path.write_text("<OpenSimDocument><Model/></OpenSimDocument>")
    return str(path)


@pytest.fixture
def own_family(tmp_path):
    """A folder of a family outside opensim_models/, of a lighter person."""
    folder = shutil.copytree(MODELS_DIR / "rajagopal", tmp_path / "elsewhere" / "lighter")
    table = folder / "family.yaml"
    table.write_text(table.read_text().replace("generic_mass_kg: 75.337", "generic_mass_kg: 60"))
    return folder


def test_a_file_of_ones_own_has_the_family_that_is_named(own_file, own_family, monkeypatch):
    assert find_model(own_file).family.generic_mass_kg == 75.337
    outside = find_model(own_file, str(own_family))
    assert outside.family.generic_mass_kg == 60 and outside.family_dir == own_family
    assert outside.marker_set_path("embedded") == own_family / "markersets/embedded.tsv"
    assert find_model(own_file, "lighter", models_dir=own_family.parent).family_dir == own_family
    monkeypatch.chdir(own_family.parent)
    assert find_model(own_file, "./lighter").family_dir == own_family


def test_the_family_of_the_settings_is_that_of_the_jobs(own_file, own_family, repository, tmp_path):
    cohort = load_cohort(repository / "workflow/cohorts/rajagopal2016", root=repository)
    config = parse_config({"model": own_file, "model_family": str(own_family)})
    job = jobs_of("ingest", ["walk"], config=config, cohort=cohort, participant_id="walker", results=tmp_path)[0]
    assert job.model_source.family_dir == own_family
    assert own_family / "family.yaml" in stage_module("scale").inputs(replace(job, trial=None))


@pytest.mark.parametrize("family", ["lighter", "./lighter", "rajagopal2015"])
def test_a_family_that_is_nowhere_is_answered_with_those_there_are(own_file, family):
    with pytest.raises(ConfigError, match="one of rajagopal,") as caught:
        find_model(own_file, family)
    assert caught.value.code == "MODEL_FAMILY_UNKNOWN"


def test_a_model_that_names_its_family_has_no_other(own_family):
    assert find_model("rajagopal2015", "rajagopal").family_dir == MODELS_DIR / "rajagopal"
    with pytest.raises(ConfigError, match="rajagopal, the family") as caught:
        find_model("rajagopal2015", str(own_family))
    assert caught.value.code == "MODEL_FAMILY_CONTRADICTED"


def test_a_model_with_another_checksum_is_refused(tmp_path):
    (tmp_path / "mine").mkdir()
    source = yaml.safe_load((MODELS_DIR / "rajagopal2015" / "model.yaml").read_text())["source"] | {"sha256": "0" * 64}
    (tmp_path / "mine" / "model.yaml").write_text(yaml.safe_dump({"family": "rajagopal", "source": source}))
    with pytest.raises(ConfigError, match="sha256") as caught:
        find_model("mine", models_dir=tmp_path)
    assert caught.value.code == "MODEL_CHECKSUM"


def test_a_model_with_joint_centres_of_its_own_has_all_else_of_its_family():
    whole, own = find_model("rajagopal2015"), find_model("rajagopal2023")
    described = yaml.safe_load((MODELS_DIR / "rajagopal2023" / "model.yaml").read_text())["joint_centres"]
    centres = own.family.joint_centres
    assert list(centres["knee_centre"].position_m) == described["knee_centre"]["position_m"]
    assert centres["knee_centre"] != whole.family.joint_centres["knee_centre"]
    assert own.family == whole.family.model_copy(update={"joint_centres": centres})
    # Stages are given the file.
    assert load_family(own.family_path) == own.family and own.family_path != whole.family_path
    assert own.family_dir == whole.family_dir and whole.family_path.parent == whole.family_dir


def test_a_joint_centre_that_the_family_does_not_have_is_refused(tmp_path):
    shutil.copytree(MODELS_DIR / "rajagopal", tmp_path / "rajagopal")
    (tmp_path / "mine").mkdir()
    text = (MODELS_DIR / "rajagopal2015" / "model.yaml").read_text()
    strange = "joint_centres:\n  shoulder: {body: 'humerus_{side}', position_m: [0, 0, 0]}\n"
    (tmp_path / "mine" / "model.yaml").write_text(text + strange)
    with pytest.raises(ConfigError, match="hip_centre, knee_centre, ankle_centre") as caught:
        find_model("mine", models_dir=tmp_path)
    assert caught.value.code == "FAMILY_CENTRE_UNKNOWN" and caught.value.found == "shoulder"


def test_a_model_based_on_another_has_its_changes_and_its_own():
    base, more = (find_model(name) for name in ("rajagopal2023", "rajagopal2023_rotators"))
    assert base.family == more.family
    before, after = (
        {element.get("name") for element in parse_xml(one.path).iter("Millard2012EquilibriumMuscle")}
        for one in (base, more)
    )
    assert after - before == {f"{name}_{side}" for name in ("quad_fem", "gem") for side in "rl"}
    assert before <= after


@pytest.mark.parametrize("base", ["rajagopal2023_rotators", "other"])
def test_a_model_is_based_on_one_of_its_family_that_has_a_file_of_its_own(tmp_path, base):
    shutil.copytree(MODELS_DIR, tmp_path, dirs_exist_ok=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "model.yaml").write_text(WHOLE.replace("rajagopal", "another", 1))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "model.yaml").write_text(f"family: rajagopal\nbased_on: {base}\n")
    with pytest.raises(ConfigError, match="of another family or based on another model") as caught:
        find_model("mine", models_dir=tmp_path)
    assert caught.value.code == "MODEL_INVALID"


WHOLE = f"family: rajagopal\nsource: {{url: 'https://example.org/a.osim', sha256: {'a' * 64}}}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "lines of `name: value`"),
        ("family: rajagopal\n", "either source or based_on"),
        (WHOLE + "based_on: rajagopal2023\n", "either source or based_on"),
        ("family: [", "is not YAML"),
        (WHOLE + "family: other\n", "family stands twice"),
        (WHOLE.replace("https", "http"), "source.url = 'http://example.org/a.osim': should match ^https://"),
        (WHOLE.replace("a" * 64, "a" * 63), "source.sha256"),
        (WHOLE.replace("{url", "{package: nimblephysics, url"), "either package and path, or url"),
        (WHOLE.replace("rajagopal", "../mine"), "family = '../mine'"),
    ],
)
def test_a_description_that_is_none_says_what_is_wrong(tmp_path, text, said):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "model.yaml").write_text(text)
    with pytest.raises(ConfigError) as caught:
        find_model("mine", models_dir=tmp_path)
    assert caught.value.code == "MODEL_INVALID" and said in caught.value.found


def test_a_family_is_read_anew_when_it_changes_and_says_what_is_wrong(tmp_path):
    text, path = (MODELS_DIR / "rajagopal/family.yaml").read_text(), tmp_path / "family.yaml"
    path.write_text(text)
    assert load_family(path) is load_family(path)
    for number, (damaged, said) in enumerate(
        [
            (text + "\nfoot_body: other\n", "foot_body stands twice"),
            (text + "\nfeet: 2\n", "feet: no such name"),
            (text.replace("calcn_{side}", "calcn_{side.real}", 1), "braces around something else than side: calcn"),
            (text.replace("groups: [achilles", "groups: [calcaneal", 1), "rigid_tendon_groups names calcaneal_tendon"),
            (text.replace("axes:", "axis:", 1), r"scaling\.\w+\.0\.axis: no such name; did you mean axes"),
        ],
        start=1,
    ):
        path.write_text(damaged)
        os.utime(path, ns=(number, number))
        with pytest.raises(ConfigError, match=said) as caught:
            load_family(path)
        assert caught.value.code == "FAMILY_INVALID"


def test_a_model_with_an_external_entity_is_refused(tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    model = tmp_path / "evil.osim"
    model.write_text(
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "{(tmp_path / "secret.txt").as_uri()}">]>'
        "<OpenSimDocument><Model>&e;</Model></OpenSimDocument>"
    )
    with pytest.raises(DataError, match=r"evil\.osim") as caught:
        find_model(str(model))
    assert caught.value.code == "XML_ENTITY"


@pytest.mark.parametrize("path", sorted(MODELS_DIR.glob("*/markersets/*.tsv")), ids=lambda path: path.stem)
def test_every_marker_set_is_mirrored_left_and_right(path):
    landmarks = {marker.landmark: marker for marker in load_marker_set(path).markers if marker.landmark}
    pairs = [(landmarks[name], landmarks[f"{name[:-2]}_l"]) for name in landmarks if name.endswith("_r")]
    assert pairs
    for right, left in pairs:
        assert left.position_m == pytest.approx(right.position_m * [1, 1, -1])
        assert left.body == right.body.replace("_r", "_l")


def test_a_landmark_named_twice_is_an_error(tmp_path):
    table = tmp_path / "set.tsv"
    columns = "marker\tbody\tlandmark\tx_m\ty_m\tz_m\tstatic_weight\tik_weight\n"
    table.write_text(columns + "A\tpelvis\tasis_r\t0\t0\t0\t1\t1\nB\tpelvis\tasis_r\t0\t0\t0\t1\t1\n")
    with pytest.raises(ConfigError, match="asis_r more than once"):
        load_marker_set(table)


@pytest.mark.parametrize("cells", ["0\t0\t0\t1\t-1", "0\t\t0\t1\t1", "0\t0,1\t0\t1\t1"])
def test_places_and_weights_must_be_numbers(tmp_path, cells):
    table = tmp_path / "set.tsv"
    columns = "marker\tbody\tlandmark\tx_m\ty_m\tz_m\tstatic_weight\tik_weight\n"
    table.write_text(columns + f"A\tpelvis\t\t{cells}\nB\tpelvis\t\t0\t0\t0\t1\t1\n")
    with pytest.raises(ConfigError, match="something else for A"):
        load_marker_set(table)


COLUMNS = "marker\tbody\tlandmark\tx_m\ty_m\tz_m\tstatic_weight\tik_weight\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "no marker, body"),
        (b"\xff\xfe", "UTF-8"),
        (f"{COLUMNS}A\tpelvis\t\t0\t0\t0\t1\t1\t9\n".encode(), "9 in line 2"),
        (f"{COLUMNS}# why\nA\tpelvis\t\t0\t0\t0\t1\n".encode(), "7 in line 3"),
        (f"{COLUMNS}A\tpelvis\t\t0\t1_0\t0\t1\t1\n".encode(), "something else for A"),
        (f"{COLUMNS}A\t\t\t0\t0\t0\t1\t1\n".encode(), "something else for A"),
        (COLUMNS.replace("x_m", "y_m\tx_m").encode(), "every column once"),
    ],
)
def test_a_damaged_marker_set_says_what_is_wrong(tmp_path, text, said):
    table = tmp_path / "set.tsv"
    table.write_bytes(text)
    with pytest.raises(ConfigError) as caught:
        load_marker_set(table)
    assert caught.value.code == "MARKER_SET_INVALID" and said in str(caught.value)


def test_a_marker_may_have_any_name(tmp_path):
    table = tmp_path / "set.tsv"
    table.write_text(COLUMNS + "".join(f"{name}\tpelvis\t\t0\t0\t0.5\t1\t1\n" for name in ("NA", "L#1", "007")))
    assert [marker.name for marker in load_marker_set(table).markers] == ["NA", "L#1", "007"]
