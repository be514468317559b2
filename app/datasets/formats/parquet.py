"""Parquet with the schema of the default format, a row group at a time.

The same rows give the same bytes on any machine with the same pyarrow: one schema, groups cut by rows and bytes of
text, Zstandard in one thread. The file names its writer (`created_by` holds the version of Arrow's C++ library), so
another pyarrow writes other bytes for the same rows; what was made once is kept and stays as it is.
"""

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from app.datasets.formats.form import Column, Form
from app.datasets.formats.messages import MESSAGES

if TYPE_CHECKING:
    import pyarrow as pa

GROUP_ROWS = 10_000
GROUP_BYTES = 16 << 20
LEVEL = 3

PARQUET = Form(
    name="parquet",
    title="Parquet",
    columns=MESSAGES.columns,
    shape=MESSAGES.shape,
    rows="Parquet files with the columns `messages` (a list of `role` and `content`), `id`, `metadata`: the rows of "
    "the JSON lines, with the same types. A loss belongs on the assistant's turns only.",
    ending="parquet",
)


class Pieces:
    """A file that can only be written, whose bytes are taken away as they come."""

    closed = False

    def __init__(self) -> None:
        self._held: list[bytes] = []
        self._written = 0

    def write(self, data: bytes) -> int:
        """Keep the bytes until they are taken."""
        self._held.append(bytes(data))
        self._written += len(data)
        return len(data)

    def tell(self) -> int:
        """How much was written in all."""
        return self._written

    def flush(self) -> None:
        """Nothing waits elsewhere."""

    def close(self) -> None:
        """Nothing to let go of."""

    def take(self) -> list[bytes]:
        """What was written since the last time."""
        held, self._held = self._held, []
        return held


def file_of(lines: Iterable[bytes], columns: list[Column]) -> Iterator[bytes]:
    """The bytes of a Parquet file with these rows, given as JSON lines."""
    import pyarrow as pa  # 90 MB that only a worker needs, and only for this
    from pyarrow import parquet

    schema, pieces = schema_of(columns), Pieces()
    with parquet.ParquetWriter(
        pa.PythonFile(pieces, mode="w"),
        schema,
        version="2.6",
        data_page_version="1.0",
        compression="zstd",
        compression_level=LEVEL,
        store_schema=True,
    ) as writer:
        for rows in groups(lines):
            writer.write_table(pa.Table.from_pylist(rows, schema=schema), row_group_size=len(rows))
            yield from pieces.take()
    yield from pieces.take()


def groups(lines: Iterable[bytes]) -> Iterator[list[dict[str, Any]]]:
    """The rows in portions that memory holds easily, cut at the same places each time."""
    rows: list[dict[str, Any]] = []
    size = 0
    for line in lines:
        rows.append(json.loads(line))
        size += len(line)
        if len(rows) >= GROUP_ROWS or size >= GROUP_BYTES:
            yield rows
            rows, size = [], 0
    if rows:
        yield rows


def schema_of(columns: Iterable[Column]) -> "pa.Schema":
    """The schema that a card's columns stand for."""
    import pyarrow as pa

    return pa.schema([pa.field(column["name"], _type_of(column)) for column in columns])


def _type_of(column: Column) -> "pa.DataType":
    import pyarrow as pa

    if "dtype" in column:
        return {"string": pa.string(), "int64": pa.int64(), "float64": pa.float64()}[column["dtype"]]
    if "list" in column:
        return pa.list_(pa.struct([(one["name"], _type_of(one)) for one in column["list"]]))
    return pa.struct([(one["name"], _type_of(one)) for one in column["struct"]])
