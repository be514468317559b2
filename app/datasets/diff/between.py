"""What changed between two versions of one kind, as pages and programs are told: counted, and page by page."""

from typing import Any

from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.core.paging import PAGE_SIZE, CursorBook, Page
from app.datasets.diff.changes import Counts, Kind
from app.datasets.models import Version
from app.datasets.registry import kind_of


def counts_between(session: Session, newer: Version, older: Version) -> Counts:
    """How many rows came in, went out, changed and moved."""
    return kind_of(newer).changes.count(session, older.id, newer.id)


def page_of_changes(
    session: Session, actor: Actor, keys: list[bytes], versions: tuple[Version, Version], kind: Kind, cursor: str | None
) -> Page[Any]:
    """A page of the rows of a kind of change; `versions` are the newer and the older one."""
    newer, older = versions
    book = CursorBook(keys, "changes", actor.user_id, [newer.id, older.id, kind])
    rows = kind_of(newer).changes.list(session, older.id, newer.id, kind, book.read(cursor) or 0, PAGE_SIZE + 1)
    return book.page(rows, position=lambda change: change.name)
