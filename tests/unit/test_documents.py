"""YAML and JSON that mean what they say, and settings of any shape."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gaitload.config import Config, parse_config
from gaitload.documents import parse_json, read_yaml
from gaitload.errors import ConfigError

LEAVES = st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False) | st.text(max_size=5)
NAMES = st.sampled_from(sorted(Config.model_fields)) | st.text(max_size=3)
DOCUMENTS = st.recursive(
    LEAVES, lambda each: st.lists(each, max_size=3) | st.dictionaries(NAMES, each, max_size=4), max_leaves=12
)


@pytest.fixture
def read(tmp_path):
    def read(text: str) -> object:
        (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
        return read_yaml(tmp_path / "a.yaml")

    return read


@pytest.mark.parametrize(
    ("spelled", "value"),
    [
        ("1", 1), ("-7", -7), ("1.5", 1.5), (".5", 0.5), ("2.", 2.0), ("1e-3", 0.001), ("+1E5", 1e5),
        ("true", True), ("False", False), ("null", None), ("~", None), ("", None),
        ("on", "on"), ("No", "No"), ("1:30", "1:30"), ("1_0", "1_0"), ("0x10", "0x10"), ("012", 12.0), ("+x", "+x"),
        ("2001-12-14", "2001-12-14"), ("'1'", "1"), ("[1, a]", [1, "a"]), ("{b: 2}", {"b": 2}),
    ],
)  # fmt: skip
def test_a_value_is_what_it_looks_like(read, spelled, value):
    found = read(f"a: {spelled}\n")["a"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", ["a: 1\na: 2\n", "a: &x 1\n", "a: !!str 1\n", "a: [\n", "[" * 10_000, "a: \x00"])
def test_what_could_mean_something_else_is_refused(read, text):
    with pytest.raises(ValueError):
        read(text)


@given(DOCUMENTS.filter(lambda document: "Infinity" not in json.dumps(document)))
def test_json_comes_back(document):
    assert parse_json(json.dumps(document)) == document


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(NAMES, DOCUMENTS, max_size=3))
def test_settings_of_any_shape_are_read_or_refused_with_their_names(document):
    try:
        config = parse_config(document)
    except ConfigError as error:
        assert error.code == "CONFIG_INVALID"
        assert error.found
    else:
        assert set(document) <= set(Config.model_fields) and isinstance(config, Config)
