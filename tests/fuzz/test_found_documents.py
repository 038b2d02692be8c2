"""What damaged tables, settings and records did to their readers, as small as it goes: each stays mended."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gaitload.cohorts.reader import load_cohort
from gaitload.config import load_config, parse_config
from gaitload.errors import ConfigError, DataError
from gaitload.quality import read_quality
from gaitload.stages.products import read_record
from tests.fuzz import seeds_tables


def refusal(read, path: Path, content: bytes, **options) -> str:
    """Code with which content is refused."""
    path.write_bytes(content)
    with pytest.raises((DataError, ConfigError)) as refused:
        read(path, **options)
    return refused.value.code


LAUGHS = "".join(f"a{n}: &a{n} {{x: *a{n - 1}, y: *a{n - 1}}}\n" for n in range(1, 40))


@pytest.mark.parametrize(
    "text",
    [
        b"window: {pad_s: 0.2}\nwindow: {pad_s: 0.3}\n",
        b"a0: &a0 {x: 1}\n" + LAUGHS.encode(),
        b"window: " + b"[" * 10_000,
        b"window: {pad_s: 1:30}\n",
        b"window: {pad_s: 1_0}\n",
        b"window: {pad_s: true}\n",
        b"window: {pad_s: on}\n",
        b"window: {pad_s: !!float 1}\n",
        b"window: {pad_s: 2001-99-99}\n",
        b"window: {pad_s: \xff}\n",
        b"window: {pad_s: " + b"9" * 5000 + b"}\n",
        b"- window\n",
        b"window: [\n",
    ],
)
def test_settings_that_do_not_say_what_they_seem_to_are_refused(tmp_path, text):
    assert refusal(load_config, tmp_path / "config.yaml", text) == "CONFIG_INVALID"


def test_settings_that_are_plain_are_read(tmp_path):
    text = "window:\n  pad_s: 1e-1\n  duration_s: null\ningest: {gap_max_s: .25, rate_hz: ~}\n"
    (tmp_path / "config.yaml").write_text(text)
    config = load_config(tmp_path / "config.yaml")
    assert (config.window.pad_s, config.window.duration_s, config.ingest.gap_max_s) == (0.1, None, 0.25)
    assert config.ingest.rate_hz is None
    (tmp_path / "config.yaml").write_text("# nothing but a comment\n")
    assert load_config(tmp_path / "config.yaml") == parse_config({})


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("participants.tsv", b"\t6", b"\t6_"),
        ("trials.tsv", b".c3d", b"\x00.c3d"),
        ("trials.tsv", b".c3d", b"a" * 200_000 + b".c3d"),
        ("cohort.yaml", b"licence:", b"licence: \xff\nlicence:"),
        ("cohort.yaml", b"lab_up: ", b"title: twice\nlab_up: "),
    ],
)
def test_tables_of_a_cohort_that_no_editor_writes_are_refused(tmp_path, file, old, new):
    seed = next(seed for seed in seeds_tables.cohort(None) if seed.name == f"{file}_of/embedded")
    folder = tmp_path / "embedded"
    folder.mkdir()
    for name, content in seed.beside.items():
        (folder / name).write_bytes(content)
    assert old in seed.content
    (folder / file).write_bytes(seed.content.replace(old, new, 1))
    with pytest.raises(ConfigError):
        load_cohort(folder, root=tmp_path)


QUALITY = next(seed.content for seed in seeds_tables.quality(None)).decode()


@pytest.mark.parametrize(
    "text",
    [
        QUALITY.replace('"verdict": "failed",\n "where"', '"verdict": "passed",\n "where"'),
        QUALITY.replace('"value": 0.31,', '"value": 0.01,\n   "value": 0.31,'),
        QUALITY.replace('"value": 0.31', '"value": "0.31"'),
        QUALITY.replace('"value": 0.31', '"value": NaN'),
        QUALITY.replace('"value": 0.31', '"value": 1e400'),
        QUALITY.replace('"frames": 200', '"frames": ' + "[" * 100_000),
        "[]",
        "",
    ],
)
def test_a_quality_file_that_no_stage_writes_is_refused(tmp_path, text):
    assert text != QUALITY
    assert refusal(read_quality, tmp_path / "a.json", text.encode()) == "QUALITY_DAMAGED"


@pytest.mark.parametrize(
    "content", [b"\xff", b"[]", b"{}", b"1", b'{"key": "a", "products": 1}', b'{"key": "a", "key": "a"}']
)
def test_a_damaged_record_counts_as_none(tmp_path, content):
    (tmp_path / "a.json").write_bytes(content)
    assert read_record(tmp_path / "a.json") is None
    (tmp_path / "a.json").write_text(json.dumps({"key": "a", "products": {"b": "c"}}))
    assert read_record(tmp_path / "a.json") == {"key": "a", "products": {"b": "c"}}
