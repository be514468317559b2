"""The JSON door to the rows of a version, to browse them; whoever wants all of them takes its files."""

from typing import Annotated, Any

from fastapi import Depends

from app.accounts.actor import Actor
from app.accounts.doors import AppSettings, with_scope
from app.core.database import DB
from app.core.paging import CursorBook
from app.core.web import Out, api
from app.datasets.models import Part
from app.datasets.queries import get_version_for
from app.datasets.registry import kind_of

router = api("datasets")
Reader = Annotated[Actor, Depends(with_scope("datasets:read"), scope="function")]


class VersionRowOut(Out):
    """A row as it was published; `id` is its id in the files, `part` the file's name without .jsonl.

    A response has `messages` and its `submission_id`; a pair that people compared a `pair_id`, a `prompt`, the `chosen`
    and the `rejected` response, and how many of how many `opinions` `agreed`.
    """

    id: str
    position: int
    part: Part
    category: str
    language: str
    messages: list[dict[str, Any]] | None = None
    submission_id: int | None = None
    pair_id: int | None = None
    prompt: list[dict[str, Any]] | None = None
    chosen: list[dict[str, Any]] | None = None
    rejected: list[dict[str, Any]] | None = None
    opinions: int | None = None
    agreed: int | None = None
    strength: str | None = None


class VersionRowsOut(Out):
    """A page of the rows of a version, in the order of its files."""

    rows: list[VersionRowOut]
    next_cursor: str | None


@router.get("/versions/{version_id:id}/rows", name="api.datasets.rows")
def rows(
    session: DB,
    actor: Reader,
    settings: AppSettings,
    version_id: int,
    split: Part | None = None,
    cursor: str | None = None,
) -> VersionRowsOut:
    """The rows of a version with their texts, 20 at a time; with `split`, those of one file."""
    version = get_version_for(session, actor, version_id)
    book = CursorBook(settings.signing_keys, "api.rows", actor.user_id, [version.id, split])
    shown = kind_of(version).shown(session, version.id, split, book.read(cursor) or 0)
    page = book.page(shown, position=lambda row: row.position)
    return VersionRowsOut(rows=[VersionRowOut.model_validate(row) for row in page.rows], next_cursor=page.next_cursor)
