"""Bringing in a file of prompts: all of it or nothing, and the same file twice adds nothing new."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Text,
    bindparam,
    cast,
    column,
    func,
    literal,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.audit import record
from app.core.database import Base
from app.core.errors import Place, Verdict
from app.core.jobs import enqueue
from app.projects.models import Project
from app.projects.queries import get_project_for, hold_categories
from app.prompts.import_keys import parsed_by_keys
from app.prompts.import_lines import Check, Row, json_lines, read_rows, rows_of
from app.prompts.import_tables import check_mapping, parsed, read_table
from app.prompts.messages import NO_SYSTEM
from app.prompts.models import Prompt, PromptStatus
from app.prompts.policy import can_import, can_import_open
from app.prompts.refusing import refused

BATCH = 1000
BATCH_CHARACTERS = 1 << 20  # so that a busy machine indexes a portion well within the time of a statement
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


@dataclass(frozen=True)
class Kind:
    """As what the rows of a file come in. The words are those of the audit log and of the jobs that follow.

    `check`: what is wrong with a row, besides what is wrong with any. `add`: store a portion of rows, each key once,
    and say how many are new. `remember`: the jobs that keep what the new ones are found by, by their table. `may`: who
    brings them in so.
    """

    act: str
    check: Callable[[Project, Row], Sequence[Place]]
    add: Callable[[Session, Actor, Project, Mapping[str, int], Sequence[Row]], int]
    remember: Mapping[str, type[Base]]
    may: Callable[[Actor, Project], Verdict] = can_import


def import_jsonl(session: Session, actor: Actor, project_id: int, file: IO[bytes], kind: Kind) -> ImportReport:
    """Take in every row of a JSONL file. Invalid, with the places, if any line is wrong: then nothing is stored."""
    return _import(session, actor, project_id, kind, partial(read_rows, file))


def import_table(
    session: Session, actor: Actor, project_id: int, file: IO[bytes], mapping: Mapping[str, str], kind: Kind
) -> ImportReport:
    """The same from a CSV file; `mapping` says for each field of a line which column holds it."""

    def read(categories: Mapping[str, int], check: Check) -> Iterator[Row]:
        table = read_table(file)
        check_mapping(table.columns, mapping)
        return rows_of(table.records, partial(parsed, table.columns, mapping), categories, check)

    return _import(session, actor, project_id, kind, read)


def import_keys(
    session: Session,
    actor: Actor,
    project_id: int,
    file: IO[bytes],
    columns: Sequence[str],
    mapping: Mapping[str, str],
    kind: Kind,
) -> ImportReport:
    """The same from JSON lines whose keys have names of their own; `mapping` says for each field which key holds it."""

    def read(categories: Mapping[str, int], check: Check) -> Iterator[Row]:
        check_mapping(columns, mapping)
        return rows_of(json_lines(file), partial(parsed_by_keys, frozenset(columns), mapping), categories, check)

    return _import(session, actor, project_id, kind, read)


def _import(
    session: Session,
    actor: Actor,
    project_id: int,
    kind: Kind,
    read: Callable[[Mapping[str, int], Check], Iterator[Row]],
) -> ImportReport:
    project = get_project_for(session, actor, project_id)
    kind.may(actor, project).require()
    categories = {category.name: category.id for category in hold_categories(session, project_id)}
    newest = {job: session.scalar(select(func.max(column("id"))).select_from(table)) or 0
              for job, table in kind.remember.items()}  # fmt: skip
    counted = Counted(read(categories, lambda row: [*_unwanted_system(project, row), *kind.check(project, row)]))
    with session.begin_nested():
        added = sum(kind.add(session, actor, project, categories, batch) for batch in _batches(counted))
    if added:
        for job, after in newest.items():
            enqueue(session, job, project_id=project_id, after=after)
    report = ImportReport(counted.rows, added, counted.rows - added, counted.first)
    record(
        session,
        kind.act,
        "project",
        project_id,
        actor_id=actor.user_id,
        origin=actor.origin,
        project_id=project_id,
        rows=report.rows,
        added=added,
    )
    return report


def _unwanted_system(project: Project, row: Row) -> list[Place]:
    if project.allow_system or row.messages[0]["role"] != "system":
        return []
    return [Place(f"/line/{row.line}/messages/0/role", NO_SYSTEM)]


class Counted:
    """Rows that are counted as they go by, the first few kept."""

    def __init__(self, rows: Iterator[Row]) -> None:
        self._rows = rows
        self.rows = 0
        self.first: list[Row] = []

    def __iter__(self) -> Iterator[Row]:
        for row in self._rows:
            self.rows += 1
            if self.rows <= SHOWN:
                self.first.append(row)
            yield row


def tried(session: Session, bring_in: Callable[[], ImportReport]) -> ImportReport:
    """What an import would do: the import itself, taken back."""
    trial = session.begin_nested()
    try:
        return bring_in()
    finally:
        trial.rollback()


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """The rows in portions of so many rows or characters, whichever comes first; in a portion each key once."""
    waiting: dict[str, Row] = {}
    size = 0
    for row in rows:
        if row.key not in waiting:
            waiting[row.key] = row
            size += sum(len(turn["content"]) for turn in (*row.messages, *(row.response or ())))
        if len(waiting) >= BATCH or size >= BATCH_CHARACTERS:
            yield list(waiting.values())
            waiting, size = {}, 0
    if waiting:
        yield list(waiting.values())


def add_prompts(
    session: Session,
    project: Project,
    categories: Mapping[str, int],
    rows: Sequence[Row],
    fixed: Mapping[str, ColumnElement[Any]],
) -> set[str]:
    """Insert a portion, sent as one JSON value: several times faster than a parameter for each field of each row.

    `fixed` is what all of them have. The keys of those that are new.
    """
    values = [_values(project, categories, row) for row in rows]
    sent = func.jsonb_to_recordset(cast(values, JSONB)).table_valued(*SENT, name="sent").render_derived(with_types=True)
    named = [column.name for column in SENT[1:]]
    chosen = select(literal(project.id), true(), *fixed.values(), *(sent.c[name] for name in named))
    new = insert(Prompt).from_select(["project_id", "imported", *fixed, *named], chosen.order_by(sent.c.line))
    kept = new.on_conflict_do_nothing(index_elements=[Prompt.project_id, Prompt.external_id])
    added = {str(key) for key in session.scalars(kept.returning(Prompt.external_id))}
    _require_same(session, project.id, [row for row in rows if row.key not in added])
    return added


def add_open(
    session: Session, actor: Actor, project: Project, categories: Mapping[str, int], rows: Sequence[Row]
) -> int:
    """Propose the prompts of a portion; what stood after one is kept beside it."""
    return len(add_prompts(session, project, categories, rows, {"author_id": literal(actor.user_id)}))


OPENED = text("""
INSERT INTO slots (project_id, prompt_id, category_id, number, never_for)
SELECT p.project_id, p.id, p.category_id, number, ARRAY[p.author_id]
FROM prompts p CROSS JOIN generate_series(1, :wanted) number
WHERE p.project_id = :project_id AND p.external_id = ANY(:names) ORDER BY p.id, number
""").bindparams(bindparam("names", type_=ARRAY(Text)), bindparam("wanted", type_=Integer))


def add_opened(
    session: Session, actor: Actor, project: Project, categories: Mapping[str, int], rows: Sequence[Row]
) -> int:
    """Open the prompts of a portion to writers at once: who brings the file in has decided on all of it."""
    settled: dict[str, ColumnElement[Any]] = {
        "author_id": literal(actor.user_id),
        "status": literal(PromptStatus.APPROVED.value),
        "decided_by": literal(actor.user_id),
        "decided_at": func.now(),
    }
    added = add_prompts(session, project, categories, rows, settled)
    if added:
        given = {"project_id": project.id, "wanted": project.responses_per_prompt, "names": sorted(added)}
        session.execute(OPENED, given)
    return len(added)


def _values(project: Project, categories: Mapping[str, int], row: Row) -> dict[str, Any]:
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


AS_PROMPTS = Kind("prompts.imported", lambda project, row: (), add_open, {"prompts.remember_all": Prompt})
AS_OPEN_PROMPTS = Kind(
    "prompts.imported_open", lambda project, row: (), add_opened, {"prompts.remember_all": Prompt}, can_import_open
)


def as_prompts(*, opened: bool) -> Kind:
    """As what prompts come in: to be decided on, or open to writers at once."""
    return AS_OPEN_PROMPTS if opened else AS_PROMPTS
