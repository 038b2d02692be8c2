"""Self-describing Parquet tables: every column says what it is, the file says how it came about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gaitload.io.files import require_content, write_aside

METADATA_KEY = b"gaitload"


def write_table(path: Path, columns: Mapping[str, tuple[np.ndarray, Mapping]], document: Mapping) -> None:
    """Write columns with what each of them means.

    Parameters
    ----------
    columns
        Name -> (values, shape (T,), and what the column's own metadata shall say).
    document
        JSON-able metadata of the file. Equal content gives equal bytes.
    """
    fields = [
        pa.field(name, pa.from_numpy_dtype(values.dtype), metadata={METADATA_KEY: _json(meaning)})
        for name, (values, meaning) in columns.items()
    ]
    schema = pa.schema(fields, metadata={METADATA_KEY: _json(document)})
    arrays = [pa.array(values) for values, _ in columns.values()]
    with write_aside(path) as aside:
        pq.write_table(pa.table(arrays, schema=schema), aside, compression="zstd")


def read_table(path: Path) -> tuple[dict[str, np.ndarray], dict[str, dict], dict]:
    """Inverse of `write_table`: values by column, meanings by column, metadata of the file."""
    table = pq.read_table(require_content(path))
    values = {name: table.column(name).to_numpy() for name in table.column_names}
    meanings = {field.name: json.loads(field.metadata[METADATA_KEY]) for field in table.schema}
    return values, meanings, json.loads(table.schema.metadata[METADATA_KEY])


def _json(document: Mapping) -> bytes:
    return json.dumps(document, sort_keys=True).encode()
