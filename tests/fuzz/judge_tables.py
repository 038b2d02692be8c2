"""Cohorts, configurations, XML and quality files held against a literal reading of the damaged text."""

from __future__ import annotations

import json
import math
import re
import xml.etree.ElementTree as plain_xml
from collections.abc import Mapping

import yaml
from lxml import etree

from gaitload.cohorts.tables import Cohort
from gaitload.models.markersets import MarkerSet
from gaitload.quality import Quality
from tests.fuzz.cases import Seed
from tests.fuzz.naive_text import Unreadable, plain_number

_TRUE = {"true", "yes", "on", "y", "t", "1", "1.0"}
_FALSE = {"false", "no", "off", "n", "f", "0", "0.0"}
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Of libyaml, where it is built in: another parser than the reader's."""
_LEADING = re.compile(r"(?:[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)?")
_NULL = {"", "~", "null"}


def cohort(seed: Seed, content: bytes, result: Cohort, whole: Cohort) -> str | None:
    """Every cell of the damaged table, and every entry of a damaged cohort.yaml, as it is spelled."""
    if seed.file == "cohort.yaml":
        return config(seed, content, result.spec, whole.spec)
    rows = result.participants if seed.file == "participants.tsv" else result.trials
    lines = [line for line in content.decode("utf-8-sig").splitlines() if line.strip() and not line.startswith("#")]
    header, *table = [line.split("\t") for line in lines]
    if len(table) != len(rows):
        return f"{len(rows)} rows of {len(table)}"
    for row, cells in zip(rows, table, strict=True):
        written = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if cell.strip()}
        for name, value in row.model_dump().items():
            wrong = _leaf(name, written.get(name), value) if name in written else None
            if wrong:
                return wrong
            if name not in written and row.model_fields_set & {name}:
                return f"{name} out of nothing"
    return None


def config(seed: Seed, content: bytes, result, whole) -> str | None:
    """Every setting as it is spelled, which YAML's own types do not change; no name twice."""
    try:
        node = _composed(content.decode("utf-8-sig", errors="strict"))
        written = _plain(node) if node is not None else {}
    except (Unreadable, yaml.YAMLError, UnicodeDecodeError) as error:
        return f"read, though {error}"
    return _held(written, result.model_dump() if hasattr(result, "model_dump") else result, "")


def _composed(text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=_LOADER)
    except yaml.scanner.ScannerError as error:
        # libyaml knows YAML 1.1 alone; that of 1.2 takes {a:[b]} for {a: [b]}.
        if error.problem != "found unexpected ':'":
            raise
        return yaml.compose(text, Loader=yaml.SafeLoader)


NUMBERS = ("x_m", "y_m", "z_m", "static_weight", "ik_weight")
"""Columns of a marker set; an empty cell takes the number of the landmark."""


def marker_set(seed: Seed, content: bytes, result: MarkerSet, whole: MarkerSet) -> str | None:
    """Every cell of the damaged table as it is spelled."""
    lines = [line for line in content.decode("utf-8-sig").splitlines() if line.strip() and not line.startswith("#")]
    header, *table = [[cell.strip() for cell in line.split("\t")] for line in lines]
    if len(table) != len(result.markers):
        return f"{len(result.markers)} markers of {len(table)}"
    for marker, cells in zip(result.markers, table, strict=True):
        written = dict(zip(header, cells, strict=True))
        read = dict(zip(NUMBERS, [*marker.position_m, marker.static_weight, marker.ik_weight], strict=True))
        said = {name: plain_number(written[name]) for name in NUMBERS if written.get(name)}
        if said != {name: read[name] for name in said}:
            return f"other numbers than {said}"
        if (written["marker"], written["body"], written["landmark"]) != (
            marker.name,
            marker.body,
            marker.landmark or "",
        ):
            return f"another name than in {written}"
    return None


def weights(seed: Seed, content: bytes, result: tuple, whole: tuple) -> str | None:
    """Weights of our own are what was written, or refused: they carry their own checksum."""
    same = result[0].keys() == whole[0].keys() and all(result[0][name].equal(whole[0][name]) for name in whole[0])
    return None if same and result[1] == whole[1] else "other weights, or another document"


def quality(seed: Seed, content: bytes, result: Quality, whole: Quality) -> str | None:
    """Word for word what is written, no name twice."""
    twice: list[str] = []

    def once(pairs: list[tuple]) -> dict:
        names = [name for name, _ in pairs]
        twice.extend(name for name in names if names.count(name) > 1)
        return dict(pairs)

    written = json.loads(content, object_pairs_hook=once)
    if twice:
        return f"{twice[0]} stands twice"
    return None if json.loads(result.to_json()) == written else "something else than is written"


def same_json(seed: Seed, content: bytes, result, whole) -> str | None:
    """Nothing, or what the file literally says."""
    return None if result is None or result == json.loads(content) else "something else than is written"


def xml(seed: Seed, content: bytes, result: etree._ElementTree, whole: etree._ElementTree) -> str | None:
    """Element for element what Python's own parser finds."""
    try:
        other = plain_xml.fromstring(content)
    except (plain_xml.ParseError, ValueError, LookupError) as error:
        return f"read, though {error}"
    found = [each for each in result.getroot().iter() if isinstance(each.tag, str)]
    expected = list(other.iter())
    if len(found) != len(expected):
        return f"{len(found)} elements of {len(expected)}"
    for ours, theirs in zip(found, expected, strict=True):
        if ours.tag != theirs.tag or dict(ours.attrib) != theirs.attrib:
            return f"another element {theirs.tag}"
        if len(ours) == len(theirs) and (ours.text or "") != (theirs.text or ""):
            return f"another text in {theirs.tag}"
    return None


def model(seed: Seed, content: bytes, result: dict, whole: dict) -> str | None:
    """Bodies and their masses as the text begins, which is all that OpenSim reads of it, and a sum one can weigh."""
    root = plain_xml.fromstring(content)
    bodies = {body.get("name"): body.findtext("mass") for body in root.iter("Body")}
    for name, mass in result["bodies"].items():
        spelled = bodies.get(name)
        if spelled is not None and not math.isclose(
            float(_LEADING.match(spelled.strip())[0] or "nan"), mass, rel_tol=1e-9
        ):
            return f"{name} weighs {mass} of {spelled!r}"
    return None if math.isfinite(result["mass"]) and result["mass"] >= 0 else f"a mass of {result['mass']}"


def _held(written: object, value: object, name: str) -> str | None:
    if isinstance(written, Mapping) and isinstance(value, Mapping):
        for key, item in written.items():
            if key in value:
                wrong = _held(item, value[key], f"{name}.{key}")
                if wrong:
                    return wrong
        return None
    if isinstance(written, list) and isinstance(value, (list, tuple)):
        pairs = zip(written, value, strict=False)
        return next(filter(None, (_held(a, b, name) for a, b in pairs)), None)
    if isinstance(written, str):
        return _leaf(name, written, value)
    return f"{name} is of another kind" if written else None


def _leaf(name: str, spelled: str, value: object) -> str | None:
    if isinstance(value, bool):
        known = _TRUE if value else _FALSE
        return None if spelled.lower() in known else f"{name} = {value} from {spelled!r}"
    if value is None:
        return None if spelled.lower() in _NULL else f"{name} is nothing from {spelled!r}"
    if isinstance(value, (int, float)):
        try:
            same = math.isclose(plain_number(spelled), value, rel_tol=1e-12, abs_tol=1e-300)
        except Unreadable:
            same = False
        return None if same else f"{name} = {value!r} from {spelled!r}"
    return None if str(value) == spelled else f"{name} = {value!r} from {spelled!r}"


def _plain(node: yaml.Node) -> object:
    if isinstance(node, yaml.ScalarNode):
        return node.value
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    names = [key.value for key, _ in node.value]
    if len({str(name) for name in names}) < len(names):
        raise Unreadable("a name stands twice")
    return {str(key.value): _plain(value) for key, value in node.value}
