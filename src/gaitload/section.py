"""What every group of settings has in common."""

from __future__ import annotations

from typing import Annotated, ClassVar, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator, model_validator

Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]
Share = Annotated[float, Field(gt=0, lt=1)]


class Section(BaseModel):
    """A closed, immutable group of settings."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    RENAMED: ClassVar[dict[str, str]] = {}
    """Settings that had another name: the old one, and what to write today."""

    @model_validator(mode="before")
    @classmethod
    def _by_its_name_today(cls, values: object) -> object:
        for old, new in cls.RENAMED.items():
            if isinstance(values, dict) and old in values:
                raise ValueError(f"{old} has another name today; write {new}")
        return values

    @field_validator("*", mode="before")
    @classmethod
    def _number_as_written(cls, value: object, info: ValidationInfo) -> object:
        # Left to itself the library takes `true` for 1 and `1_0` for 10.
        if _is_strange(value) and _wants_number(cls.model_fields[info.field_name].annotation):
            raise ValueError(f"{value!r} is not a number")
        return value


def _is_strange(value: object) -> bool:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return any(map(_is_strange, value))
    return isinstance(value, bool) or (isinstance(value, str) and "_" in value)


def _wants_number(annotation: object) -> bool:
    types = {annotation, *get_args(annotation)}
    types |= {part for each in types for part in get_args(each)}
    return bool(types & {int, float}) and not types & {bool, str}
