"""What a format is: how a row looks in it, the types of its columns, what a reader needs beside the rows. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
Column = dict[str, Any]
TURNS: Column = {"list": [{"name": "role", "dtype": "string"}, {"name": "content", "dtype": "string"}]}


@dataclass(frozen=True)
class Form:
    """A format by name. `shape` gives a row's own keys, or None where the shape cannot say the row.

    `columns` are the types of those keys as a dataset card writes them; `id` and `metadata` follow them in every
    format. `rows` and `cannot_say` are sentences of the card, in Markdown. `llama_factory` is the entry of a
    `dataset_info.json`, without the name of the file.
    """

    name: str
    title: str
    columns: Sequence[Column]
    shape: Callable[[Row], dict[str, Any] | None]
    rows: str
    cannot_say: str = ""
    llama_factory: Mapping[str, Any] | None = None
    ending: str = "jsonl"

    def row(self, row: Row) -> dict[str, Any] | None:
        """A row as this format has it, with the `id` and the `metadata` that it keeps everywhere."""
        shaped = self.shape(row)
        return None if shaped is None else {**shaped, "id": row["id"], "metadata": row["metadata"]}

    def file_name(self, split: str) -> str:
        """train.jsonl, train.parquet."""
        return f"{split}.{self.ending}"


def columns(kind: str, *names: str) -> list[Column]:
    """Columns of one type."""
    return [{"name": name, "dtype": kind} for name in names]


def features(form: Form, criteria: Sequence[str]) -> list[Column]:
    """The types of every column, so that a file whose nulls would hide them loads all the same."""
    metadata: list[Column] = [
        *columns("string", "prompt_id", "submission_id"),
        *columns("int64", "revision"),
        *columns("string", "category", "language", "annotator", "editor"),
        *columns("int64", "guidelines"),
        {"name": "ratings", "struct": columns("float64", *criteria)},
        *columns("string", "licence", "source"),
    ]
    return [*form.columns, *columns("string", "id"), {"name": "metadata", "struct": metadata}]
