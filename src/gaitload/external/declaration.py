"""Declaration of external columns in cohort.yaml: file, column, unit, side, meaning and clock."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, model_validator

from gaitload.external.units import MUSCLE_UNIT, factor_of, unit_of_name
from gaitload.section import Positive, Section

ColumnName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Side = Literal["r", "l"]
Clock = Literal["trial", "own", "cycle"]


class ExternalColumn(Section):
    """One column of a source. Its key is its name in the aligned tables and ends in its unit there."""

    column: str = Field(
        min_length=1,
        description="Its name in the file; name#2 is the second of several columns with one name; of lines of text "
        "`#3`, the third number of a line. {participant}, {trial} and {key} stand for ids of the trial.",
    )
    unit: str = Field(description="Unit of the numbers in the file: N, deg, V, ...")
    meaning: str = Field(min_length=1, description="What was measured or computed, and by what.")
    side: Side | None = Field(None, description="Leg that it belongs to; none: no leg.")
    sign: Literal[1, -1] = Field(
        1, description="-1 turns the sign, where the file counts the other direction as positive."
    )
    range: tuple[float, float] | None = Field(
        None,
        description="Least and greatest value that can be, in the unit of the name; empty: what is possible in this "
        "unit. Narrow ones find wrong units.",
    )
    measures: ColumnName | None = Field(
        None, description="Label column of the same quantity: a study of this column holds that label against it."
    )
    muscles: tuple[str, ...] = Field(
        (),
        description="For an electromyogram: muscles of the model under the electrodes, without their side. It is "
        "processed as `emg` of config.yaml says, and its name ends in _share.",
    )
    clips_at: Positive | None = Field(
        None, description="Largest number that the device can record, in the unit of the file."
    )
    mean_sign: Literal["+", "-"] | None = Field(
        None,
        description="Sign of the mean over any trial, for an axis that carries gravity; the other sign is a flipped "
        "axis.",
    )


class ExternalSource(Section):
    """Columns that share a file and a clock."""

    file: str | None = Field(
        None,
        description="Path relative to raw_dir; {participant}, {trial} and {key} (external_key of trials.tsv) stand for "
        "ids. Empty: the analog channels of `file` of the trial, a C3D file.",
    )
    rows: dict[str, str] = Field(
        {}, description="Only rows in which these columns say so, for a table of several trials: trial: '{trial}'."
    )
    clock: Clock = Field(
        "trial",
        description="trial: times are those of the markers, or of the sensors without markers; own: another clock, "
        "which external_offset_s of trials.tsv brings to that of the trial; cycle: per cent of a gait cycle.",
    )
    time: str | None = Field(None, description="Column of the times, or of the per cent; empty: rate_hz counts rows.")
    time_unit: Literal["s", "ms", "us", "ns", "%"] = Field("s", description="Unit of `time`.")
    from_start: bool = Field(
        False, description="Times count from the first row, as those of sensors do: for files that begin together."
    )
    rate_hz: Positive | None = Field(
        None, description="Rate; held against `time`, or in its place: then the first row is at 0 s."
    )
    decimal: Literal[".", ","] = Field(".", description="Mark before the decimals of numbers in delimited text.")
    side: Side | None = Field(None, description="Foot whose cycle it is, with clock cycle.")
    columns: dict[ColumnName, ExternalColumn] = Field(min_length=1)

    @model_validator(mode="after")
    def _one_clock(self) -> ExternalSource:
        if (self.clock == "cycle") != (self.time_unit == "%"):
            raise ValueError("clock cycle and time_unit % go together")
        if self.clock == "cycle" and (self.side is None or self.time is None):
            raise ValueError("clock cycle needs side (whose cycle) and time (the column of per cent)")
        if self.clock != "cycle" and self.time is None and self.rate_hz is None:
            raise ValueError("neither time (a column) nor rate_hz says when the rows were recorded")
        return self

    @model_validator(mode="after")
    def _units(self) -> ExternalSource:
        for name, column in self.columns.items():
            _require_unit(name, column)
        seen = [(muscle, column.side) for column in self.columns.values() for muscle in column.muscles]
        if len(set(seen)) < len(seen):
            raise ValueError("columns name one muscle of a side under two electrodes")
        return self

    def names(self, ids: dict[str, str]) -> dict[str, str]:
        """Name of each declared column in the file of a trial."""
        return {name: with_ids(column.column, ids) for name, column in self.columns.items()}


def with_ids(text: str, ids: dict[str, str]) -> str:
    """A text with the ids of a trial in place of {participant}, {trial} and {key}."""
    return re.sub(r"\{(participant|trial|key)\}", lambda found: ids[found[1]], text)


def _require_unit(name: str, column: ExternalColumn) -> None:
    """Make sure that name, unit and side of a column agree."""
    wanted = unit_of_name(name)
    if wanted is None:
        raise ValueError(f"columns.{name} does not end in its unit, such as _n, _bw, _rad, _nm or _m_per_s2")
    if bool(column.muscles) != (wanted == MUSCLE_UNIT):
        raise ValueError(f"columns.{name}: muscles and a name that ends in _{MUSCLE_UNIT} go together")
    if factor_of(column.unit, wanted) is None:
        raise ValueError(f"columns.{name}: unit {column.unit} is none that can be given in {wanted}")
    sides = [part for part in name.split("_") if part in ("r", "l")]
    if (column.side is None and sides) or (column.side is not None and sides != [column.side]):
        raise ValueError(f"columns.{name}: side {column.side or 'none'} is not that of the name")
    if column.muscles and column.side is None:
        raise ValueError(f"columns.{name}: an electromyogram needs side")
