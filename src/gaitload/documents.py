"""YAML and JSON, read so that nothing in a damaged document passes unseen.

The parsers themselves take the last of two entries of one name, count `1:30` as ninety and `1_0` as ten, copy aliases
without bound, and die of deep nesting. Everything that is wrong here is a `ValueError` in words; whoever reads a
document makes an error of this package out of it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Hashable
from pathlib import Path

import yaml


def read_yaml(path: Path) -> object:
    """Document of a YAML file in UTF-8: mappings, lists, texts, numbers, true, false and null.

    Raises
    ------
    ValueError
        Not UTF-8, not YAML, a name twice, an anchor, tags, or deeper than can be followed.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8-sig"), Loader=_SafeLoader)
    except UnicodeDecodeError as error:
        raise ValueError(f"is not UTF-8: {error}") from error
    except yaml.YAMLError as error:
        raise ValueError(f"is not YAML: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise ValueError("is nested too deep") from error


def parse_json(text: str) -> object:
    """Document of a JSON text.

    Raises
    ------
    ValueError
        Not JSON, a name twice, a number that is not finite, or deeper than can be followed.
    """
    try:
        return json.loads(text, object_pairs_hook=_once, parse_constant=_not_finite)
    except RecursionError as error:
        raise ValueError("is nested too deep") from error


class _SafeLoader(yaml.SafeLoader):
    """YAML 1.2's core: what looks like a number is a decimal one, and only `true` and `false` are truth values."""

    yaml_implicit_resolvers: dict = {}  # noqa: RUF012

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node:
        """Refuse what stands for something that is written elsewhere, or as another type than it looks."""
        event = self.peek_event()
        if getattr(event, "anchor", None) is not None:
            raise yaml.composer.ComposerError(None, None, "anchors and aliases are not read", event.start_mark)
        if getattr(event, "tag", None) is not None:
            raise yaml.composer.ComposerError(None, None, "tags are not read", event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        """A mapping in which each name stands once."""
        names = [self.construct_object(key, deep=True) for key, _ in node.value]
        for name, (key, _) in zip(names, node.value, strict=True):
            if isinstance(name, Hashable) and names.count(name) > 1:
                raise yaml.constructor.ConstructorError(None, None, f"{name} stands twice", key.start_mark)
        return super().construct_mapping(node, deep=deep)


_PLAIN = {
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "int": (r"[-+]?(0|[1-9][0-9]*)", "-+0123456789"),
    "float": (r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN)", "-+0123456789."),
}
for _type, (_spelling, _firsts) in _PLAIN.items():
    # The parser asks whether a text begins like this.
    _SafeLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_type}", re.compile(rf"(?:{_spelling})\Z"), list(_firsts))


def _once(pairs: list[tuple[str, object]]) -> dict:
    document = dict(pairs)
    if len(document) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)} stands twice")
    return document


def _not_finite(spelled: str) -> float:
    raise ValueError(f"{spelled} is no number of JSON")
