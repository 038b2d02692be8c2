"""Tables of published changes."""

from __future__ import annotations

import pytest
from lxml import etree

from gaitload.errors import ConfigError
from gaitload.models.changes import changed_model, read_changes

MODEL = """<Document><Model>
<objects><Wrap name="knee_r"><radius>0.02</radius></Wrap></objects>
<Muscle name="soleus_r"><length>0.05</length><curve/><path><Hook name="a/b"><on>knee_r</on></Hook></path></Muscle>
<Muscle name="soleus_l"><length>0.05</length></Muscle>
<Axis name="one"><function><Spline><x>0 1</x></Spline></function></Axis>
</Model></Document>"""
HEAD = "element\tname\tproperty\tvalue\tsource\n"


@pytest.fixture
def make(tmp_path, monkeypatch):
    """Applies rows to the small model and returns what became of it."""
    monkeypatch.setattr("gaitload.models.changes.pooch.os_cache", lambda name: tmp_path / name)
    (tmp_path / "base.osim").write_text(MODEL)

    def changed(*rows: str):
        table = tmp_path / "changes.tsv"
        table.write_text(HEAD + "".join(f"{row}\tsomebody 2020\n" for row in rows))
        path = changed_model(tmp_path / "base.osim", table, "small")
        assert path.parent == tmp_path / "gaitload"
        return etree.parse(path)

    return changed


def test_both_sides_are_changed_by_one_row(make):
    model = make("Muscle\tsoleus_{side}\tlength\t0.06")
    assert [muscle.findtext("length") for muscle in model.iter("Muscle")] == ["0.06", "0.06"]


def test_a_property_that_was_left_at_its_default_is_written(make):
    assert make("Muscle\tsoleus_r\tcurve/stiffness\t3.1").findtext(".//curve/stiffness") == "3.1"


def test_an_element_is_copied_and_the_copy_changed(make):
    model = make("Wrap\tankle_r\tcopy_of\tknee_r", "Wrap\tankle_r\tradius\t0.03")
    assert {wrap.get("name"): wrap.findtext("radius") for wrap in model.iter("Wrap")} == {
        "knee_r": "0.02",
        "ankle_r": "0.03",
    }


def test_names_in_a_path_may_hold_slashes(make):
    assert make("Muscle\tsoleus_r\tpath/Hook[@name='a/b']/on\tankle_r").findtext(".//on") == "ankle_r"


def test_a_function_is_replaced_whole(make):
    function = make("Axis\tone\tfunction\tPolynomialFunction 0.1 0.2").find(".//function")
    assert [child.tag for child in function] == ["PolynomialFunction"]
    assert function.findtext("PolynomialFunction/coefficients") == "0.1 0.2"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Muscle\ttibant_r\tlength\t0.1", "one Muscle tibant_r"),
        ("Muscle\tsoleus_r\tpath/Hook[@name='c']/on\tx", "in Muscle soleus_r"),
        ("Muscle\tsoleus_r\tlength\t", "in every row"),
    ],
)
def test_a_row_that_fits_nothing_is_refused_by_name(make, row, said):
    with pytest.raises(ConfigError, match=said) as caught:
        make(row)
    assert caught.value.code == "MODEL_CHANGES_INVALID"


def test_other_columns_are_refused(tmp_path):
    (tmp_path / "changes.tsv").write_text("element\tvalue\n")
    with pytest.raises(ConfigError, match="the columns element, name"):
        read_changes(tmp_path / "changes.tsv")
