"""Published changes of a model, kept as a table and applied to the file of the model they change.

A row of `changes.tsv` names an element of the `.osim` file by its kind and name, one of its properties, and the new
value. `{side}` stands for r and l, each in turn. The property is a path below the element, in the part of XPath that
lxml's `find` knows. Two properties are more than a text: `copy_of` makes the element as a copy of another of its kind,
and a path that ends with `function` takes `<kind> <coefficients>` in place of the function that is there.

A joint that lies elsewhere has its centre elsewhere: `completed_family` gives the family with the model's own centres.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

import pooch
import yaml
from lxml import etree

from gaitload.conventions import SIDES
from gaitload.documents import read_yaml
from gaitload.errors import ConfigError
from gaitload.io.xml import parse_xml

COLUMNS = ("element", "name", "property", "value", "source")
COPY, FUNCTION = "copy_of", "function"


@dataclass(frozen=True)
class Change:
    """One row: what it changes, and to what."""

    element: str
    name: str
    property: str
    value: str


def read_changes(path: Path) -> tuple[Change, ...]:
    """Rows of a table of changes, both sides written out.

    Raises
    ------
    ConfigError
        MODEL_CHANGES_INVALID: other columns, or a row with an empty cell.
    """
    head, *lines = [line.split("\t") for line in path.read_text().splitlines() if line and not line.startswith("#")]
    if tuple(head) != COLUMNS:
        raise _invalid(f"the columns {', '.join(COLUMNS)}", ", ".join(head), path)
    for number, row in enumerate(lines, start=2):
        if len(row) != len(COLUMNS) or not all(cell.strip() for cell in row):
            raise _invalid(f"{len(COLUMNS)} cells with a text in every row", f"row {number}: {row}", path)
    rows = [tuple(row[:4]) for row in lines]
    whole = [
        tuple(cell.replace("{side}", side) for cell in row)
        for row in rows
        for side in (SIDES if any("{side}" in cell for cell in row) else SIDES[:1])
    ]
    return tuple(Change(*row) for row in whole)


def changed_model(base: Path, table: Path, name: str) -> Path:
    """File of a model with the changes of a table, made once and kept in the user's cache.

    Raises
    ------
    ConfigError
        MODEL_CHANGES_INVALID: the table is damaged, or names what the model does not have.
        MODEL_CACHE: the file cannot be written.
    """
    content = base.read_bytes() + b"\0" + table.read_bytes()
    fingerprint = hashlib.sha256(content).hexdigest()[:16]
    path = _cache() / f"{name}-{fingerprint}.osim"
    if path.is_file():
        return path
    document = parse_xml(base)
    for change in read_changes(table):
        _apply(document.getroot(), change, table)
    _keep(path, etree.tostring(document, xml_declaration=True, encoding="UTF-8"), name)
    return path


def completed_family(base: Path, joint_centres: Mapping[str, Mapping], name: str) -> Path:
    """File of a family with the joint centres that one of its models has elsewhere, kept in the user's cache.

    Parameters
    ----------
    base : Path
        The family.yaml.
    joint_centres
        Those of the model, as in family.yaml; empty: the family's own file does.
    name : str
        Of the model.

    Raises
    ------
    ConfigError
        FAMILY_CENTRE_UNKNOWN: a centre that the family does not have. MODEL_CACHE: the file cannot be written.
    """
    if not joint_centres:
        return base
    document = read_yaml(base)
    known = document["joint_centres"]
    unknown = sorted(joint_centres.keys() - known.keys())
    if unknown:
        raise ConfigError(
            expected=f"joint centres of the family ({', '.join(known)})",
            found=", ".join(unknown),
            where=f"model {name}, model.yaml, joint_centres",
            do=f"Correct the name, or add the centre to {base}.",
            code="FAMILY_CENTRE_UNKNOWN",
        )
    known.update({centre: dict(values) for centre, values in joint_centres.items()})
    content = yaml.safe_dump(document, sort_keys=False).encode()
    path = _cache() / f"{name}-{hashlib.sha256(content).hexdigest()[:16]}.family.yaml"
    if not path.is_file():
        _keep(path, content, name)
    return path


def _cache() -> Path:
    return Path(pooch.os_cache("gaitload"))


def _keep(path: Path, content: bytes, name: str) -> None:
    """Write a file that others may write at the same time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as aside:
            aside.write(content)
        os.replace(aside.name, path)
    except OSError as error:
        raise ConfigError(
            expected=f"a folder for models that are made: {path.parent}",
            found=str(error),
            where=f"model {name}",
            do="Make room there, or set XDG_CACHE_HOME to a folder that can be written.",
            code="MODEL_CACHE",
        ) from error


def _apply(root: etree._Element, change: Change, table: Path) -> None:
    if change.property == COPY:
        original = _element(root, change, change.value, table)
        made = deepcopy(original)
        made.set("name", change.name)
        original.getparent().append(made)
        return
    element = _element(root, change, change.name, table)
    *parents, last = _steps(change.property)
    for step in parents:
        element = _child(element, step, change, table)
    found = element.find(last)
    if last == FUNCTION:
        kind, coefficients = change.value.split(maxsplit=1)
        function = _child(element, last, change, table)
        for old in list(function):
            function.remove(old)
        etree.SubElement(etree.SubElement(function, kind), "coefficients").text = coefficients
        return
    if found is None:
        if "[" in last:
            raise _missing(change, table)
        found = etree.SubElement(element, last)
    found.text = change.value


def _element(root: etree._Element, change: Change, name: str, table: Path) -> etree._Element:
    found = [element for element in root.iter(change.element) if element.get("name") == name]
    if len(found) != 1:
        raise _invalid(f"one {change.element} {name} in the model", f"{len(found)}", table)
    return found[0]


def _child(element: etree._Element, step: str, change: Change, table: Path) -> etree._Element:
    found = element.find(step)
    if found is None:
        raise _missing(change, table)
    return found


def _steps(path: str) -> list[str]:
    """Steps of a path; a slash within quotes belongs to a name."""
    steps, quoted = [""], False
    for letter in path:
        quoted ^= letter == "'"
        if letter == "/" and not quoted:
            steps.append("")
        else:
            steps[-1] += letter
    return steps


def _missing(change: Change, table: Path) -> ConfigError:
    return _invalid(f"{change.property} in {change.element} {change.name}", "none in the model", table)


def _invalid(expected: str, found: str, table: Path) -> ConfigError:
    return ConfigError(
        expected=expected,
        found=found,
        where=str(table),
        do="Correct the row, or name the model that the table changes in model.yaml.",
        code="MODEL_CHANGES_INVALID",
    )
