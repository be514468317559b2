"""Bringing in a file of prompts: all of it or nothing, and the same file twice adds nothing new."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import BigInteger, Text, cast, column, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.audit import record
from app.core.errors import Place, TooLarge
from app.core.jobs import enqueue
from app.projects.models import Project
from app.projects.queries import get_project_for, list_categories
from app.prompts.import_lines import FILE_LIMIT, Row, checked, read_rows, rows_of
from app.prompts.import_tables import check_mapping, read_table, values_of
from app.prompts.messages import NO_SYSTEM
from app.prompts.models import Prompt
from app.prompts.policy import can_import
from app.prompts.refusing import refused

BATCH = 1000
SHOWN = 5
SENT = (
    column("line", BigInteger),
    column("messages", JSONB),
    column("imported_response", JSONB),
    column("category_id", BigInteger),
    column("language", Text),
    column("licence", Text),
    column("source", Text),
    column("external_id", Text),
    column("tags", ARRAY(Text)),
)


@dataclass(frozen=True)
class ImportReport:
    """What an import did, or would do: rows of the file, those that are new, those known before, the first few."""

    rows: int
    added: int
    already_there: int
    first: Sequence[Row]


def import_jsonl(session: Session, actor: Actor, project_id: int, data: bytes) -> ImportReport:
    """Propose every prompt of a JSONL file. Invalid, with the places, if any line is wrong: then nothing is stored."""
    return _import(session, actor, project_id, data, read_rows)


def import_table(
    session: Session, actor: Actor, project_id: int, data: bytes, mapping: Mapping[str, str]
) -> ImportReport:
    """The same from a CSV file; `mapping` says for each field of a line which column holds it."""

    def read(data: bytes, categories: Mapping[str, int]) -> list[Row]:
        table = read_table(data)
        check_mapping(table, mapping)
        return rows_of(values_of(table, mapping), len(table.records), checked, categories)

    return _import(session, actor, project_id, data, read)


def _import(
    session: Session,
    actor: Actor,
    project_id: int,
    data: bytes,
    read: Callable[[bytes, Mapping[str, int]], list[Row]],
) -> ImportReport:
    project = get_project_for(session, actor, project_id)
    can_import(actor, project_id).require()
    if len(data) > FILE_LIMIT:
        raise TooLarge("prompts.file_too_large", "A file of prompts has at most 64 MiB.")
    categories = {category.name: category.id for category in list_categories(session, project_id)}
    rows = read(data, categories)
    if not project.allow_system:
        _require_no_system(rows)
    newest = session.scalar(select(func.max(Prompt.id))) or 0
    with session.begin_nested():
        added = sum(_add(session, actor, project, categories, batch) for batch in _batches(rows))
    if added:
        enqueue(session, "prompts.remember_all", project_id=project_id, after=newest)
    report = ImportReport(len(rows), added, len(rows) - added, rows[:SHOWN])
    record(
        session,
        "prompts.imported",
        "project",
        project_id,
        actor_id=actor.user_id,
        origin=actor.origin,
        project_id=project_id,
        rows=report.rows,
        added=added,
    )
    return report


def _require_no_system(rows: Sequence[Row]) -> None:
    wrong = [row.line for row in rows if row.messages[0]["role"] == "system"]
    if wrong:
        raise refused([Place(f"/line/{line}/messages/0/role", NO_SYSTEM) for line in wrong])


def tried(session: Session, bring_in: Callable[[], ImportReport]) -> ImportReport:
    """What an import would do: the import itself, taken back."""
    trial = session.begin_nested()
    try:
        return bring_in()
    finally:
        trial.rollback()


def _batches(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """The rows in portions, each key once."""
    distinct: dict[str, Row] = {}
    for row in rows:
        distinct.setdefault(row.key, row)
    waiting = iter(distinct.values())
    while batch := list(islice(waiting, BATCH)):
        yield batch


def _add(session: Session, actor: Actor, project: Project, categories: dict[str, int], rows: list[Row]) -> int:
    """Insert a batch, sent as one JSON value: several times faster than a parameter for each field of each row."""
    values = [_values(project, categories, row) for row in rows]
    sent = func.jsonb_to_recordset(cast(values, JSONB)).table_valued(*SENT, name="sent").render_derived(with_types=True)
    named = [column.name for column in SENT[1:]]
    chosen = select(literal(project.id), literal(actor.user_id), *(sent.c[name] for name in named))
    new = insert(Prompt).from_select(["project_id", "author_id", *named], chosen.order_by(sent.c.line))
    kept = new.on_conflict_do_nothing(index_elements=[Prompt.project_id, Prompt.external_id])
    added = set(session.scalars(kept.returning(Prompt.external_id)))
    _require_same(session, project.id, [row for row in rows if row.key not in added])
    return len(added)


def _values(project: Project, categories: dict[str, int], row: Row) -> dict[str, Any]:
    return {
        "line": row.line,
        "messages": row.messages,
        "imported_response": row.response,
        "category_id": categories[row.category] if row.category else None,
        "language": row.language or project.language,
        "licence": row.licence or project.licence,
        "source": row.source,
        "external_id": row.key,
        "tags": list(row.tags),
    }


def _require_same(session: Session, project_id: int, known: Sequence[Row]) -> None:
    """An id that stands for another prompt of the project is a fault of the file, not a repetition."""
    there = select(Prompt.external_id, Prompt.messages, Prompt.imported_response).where(
        Prompt.project_id == project_id, Prompt.external_id.in_([row.key for row in known])
    )
    stored = {key: (messages, response) for key, messages, response in session.execute(there)}
    wrong = [row.line for row in known if stored.get(row.key) != (row.messages, row.response)]
    if wrong:
        raise refused([Place(f"/line/{line}/id", "stands for another prompt in this project") for line in wrong])
