"""Self-describing Parquet tables: every column says what it is, the file says how it came about."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gaitload.errors import DataError
from gaitload.io.files import require_content, write_aside

METADATA_KEY = b"gaitload"
DIGEST_KEY = b"gaitload_sha256"
"""Over values, names, meanings and the document: Parquet itself does not notice a damaged byte of any of them."""


def write_table(path: Path, columns: Mapping[str, tuple[np.ndarray, Mapping]], document: Mapping) -> None:
    """Write columns with what each of them means.

    Parameters
    ----------
    columns
        Name -> (values, shape (T,), and what the column's own metadata shall say).
    document
        JSON-able metadata of the file. Equal content gives equal bytes.
    """
    meanings = {name: _json(meaning) for name, (_, meaning) in columns.items()}
    fields = [
        pa.field(name, pa.from_numpy_dtype(values.dtype), metadata={METADATA_KEY: meanings[name]})
        for name, (values, _) in columns.items()
    ]
    arrays = [pa.array(values) for values, _ in columns.values()]
    table = pa.table(arrays, schema=pa.schema(fields, metadata={METADATA_KEY: _json(document)}))
    table = table.replace_schema_metadata({**table.schema.metadata, DIGEST_KEY: _digest(table)})
    with write_aside(path) as aside:
        pq.write_table(table, aside, compression="zstd")


def read_table(path: Path) -> tuple[dict[str, np.ndarray], dict[str, dict], dict]:
    """Inverse of `write_table`: values by column, meanings by column, metadata of the file.

    Raises
    ------
    DataError
        `FILE_MISSING`, `FILE_EMPTY`, `TABLE_DAMAGED`: not a table of `write_table`, or not as it wrote it.
    """
    path = require_content(path)
    try:
        table = pq.read_table(path)
        meanings = {field.name: json.loads(field.metadata[METADATA_KEY]) for field in table.schema}
        document = json.loads(table.schema.metadata[METADATA_KEY])
        written = table.schema.metadata.get(DIGEST_KEY)
        # Tables of earlier versions have no digest; one whose own name is damaged must not pass for such a table.
        if table.schema.metadata.keys() - {METADATA_KEY, DIGEST_KEY} or written not in (None, _digest(table)):
            raise ValueError("values or meanings that are not those it was written with")
        return {name: table.column(name).to_numpy() for name in table.column_names}, meanings, document
    # The library raises nearly anything for damaged files, a want of memory for sizes that are not true among it.
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError, MemoryError, RecursionError) as error:
        raise DataError(
            expected="a table with the meaning of each column, as it was written",
            found=(str(error).splitlines() or [type(error).__name__])[0][:120],
            where=str(path),
            do="If it came from elsewhere, copy it again; else delete it and run the same command again.",
            code="TABLE_DAMAGED",
        ) from error


def _digest(table: pa.Table) -> bytes:
    digest = hashlib.sha256(table.schema.metadata[METADATA_KEY])
    for field, column in zip(table.schema, table.columns, strict=True):
        for part in (field.name.encode(), str(field.type).encode(), field.metadata[METADATA_KEY], *_bytes(column)):
            digest.update(f"{len(part)}:".encode() + part)
    return digest.hexdigest().encode()


def _bytes(column: pa.ChunkedArray) -> Iterable[bytes]:
    values = column.to_numpy()
    return map(str.encode, map(str, values)) if values.dtype == object else [values.tobytes()]


def _json(document: Mapping) -> bytes:
    return json.dumps(document, sort_keys=True).encode()
