"""What is wrong with a document that a model of settings or of a table refuses, in the words of who wrote it."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from typing import get_args

from pydantic import BaseModel, ValidationError

_ALIKE = 0.6


def problems_in_words(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """One sentence per problem, each beginning with the name it is about.

    Parameters
    ----------
    error : ValidationError
        As `model` raised it.
    model : type of BaseModel
        Tells the names that an unknown one may have been meant for.
    """
    return [_problem(item, model) for item in error.errors()]


def nearest(name: str, known: Collection[str]) -> str:
    """The known names most like a misspelt one, or all of them when none is like it."""
    alike = get_close_matches(name, known, n=3, cutoff=_ALIKE)
    return f"did you mean {' or '.join(alike)}?" if alike else f"known: {', '.join(known)}"


def _problem(item: dict, model: type[BaseModel]) -> str:
    name = ".".join(map(str, item["loc"]))
    match item["type"]:
        case "extra_forbidden":
            return f"{name}: {_unknown(str(item['loc'][-1]), _fields_at(model, item['loc'][:-1]))}"
        case "missing":
            return f"{name}: is missing"
        case "value_error":
            return f"{name}: {item['ctx']['error']}" if name else str(item["ctx"]["error"])
        case "model_type":
            return f"{name or 'the whole'}: should be lines of `name: value`"
        case "string_pattern_mismatch":
            return f"{name} = {item['input']!r}: should match {item['ctx']['pattern']}"
    return f"{name} = {item['input']!r}: {item['msg'].removeprefix('Input ')}"


def _unknown(name: str, known: Collection[str]) -> str:
    before, colon, after = name.partition(":")
    if colon:
        return f"a blank is missing after the colon; write {before}: {after}"
    return f"no such name; {nearest(name, known)}"


def _fields_at(model: type[BaseModel], place: tuple) -> Collection[str]:
    """Names there are at a place inside a model: those of the section that stands there, or of each in a list there."""
    models = [model]
    for part in place:
        inner = [each.model_fields[part].annotation for each in models if part in each.model_fields]
        # What is no field is the number in a list, or the name in a mapping, of what was found before.
        models = [found for annotation in inner for found in _models_in(annotation)] if inner else models
    return [name for each in models for name in each.model_fields]


def _models_in(annotation: object) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in get_args(annotation) for found in _models_in(part)]
