"""A list for programs, each row of it a line of JSON that PostgreSQL has written: nothing becomes an object on the way.

What a list shows are rows as they stand. To read a page of them into objects, to check those against the answer's model
and to write them down again took ten times what reading them takes (decision 0047). The model still says which fields
there are and in which order; tests hold what comes out against it.
"""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from sqlalchemy import ColumnElement, DateTime, Select, Text, cast, func, literal_column, select
from starlette.responses import Response

from app.core.paging import Page
from app.core.web import json_answer

MOMENT = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'


def as_lines(listed: Select[Any], answer: type[BaseModel], columns: Mapping[str, ColumnElement[Any]]) -> Select[Any]:
    """The rows of a list as `id` and `line`, the greatest id first: a column for every field of `answer`."""
    fields = (_written(columns[name]).label(name) for name in answer.model_fields)
    rows = listed.with_only_columns(*fields).subquery("listed")
    line = cast(func.row_to_json(literal_column("listed")), Text).label("line")
    return select(rows.c.id, line).order_by(rows.c.id.desc())


def _written(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column as Pydantic writes it: a time in UTC with its Z, and without a fraction where there is none."""
    if not isinstance(column.type, DateTime):
        return column
    return func.replace(func.to_char(column.op("AT TIME ZONE")(literal_column("'UTC'")), MOMENT), ".000000", "")


def page_of_lines(name: str, page: Page[Any]) -> Response:
    """The answer: the lines of a page under their name, and the cursor of the next."""
    lines = ",".join(row.line for row in page.rows)
    return json_answer(f'{{"{name}":[{lines}],"next_cursor":{json.dumps(page.next_cursor)}}}')
