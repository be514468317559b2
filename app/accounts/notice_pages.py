"""The browser's door to notices: what happened while I was away, and where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Request
from starlette.responses import RedirectResponse, Response

from app.accounts import notices
from app.accounts.doors import AppSettings, CurrentActor, same_person
from app.accounts.models import Notice
from app.accounts.notice_kinds import KINDS
from app.accounts.schemas import DrawnFor, ReadForm
from app.core.database import DB
from app.core.paging import CursorBook
from app.core.web import pages, render, see_other

router = pages("/notices")


@dataclass(frozen=True)
class Told:
    """One notice in words, with its project's name and what was asked while the reader may see them."""

    notice: Notice
    sentence: str
    project: str
    asked: str
    language: str


@dataclass(frozen=True)
class NoticesPage:
    """What happened, the last first. `until`: the newest that is shown, up to which all can be marked as read."""

    user_id: int
    told: Sequence[Told]
    unread: int
    until: str
    first: str | None
    older: str | None


@router.get("", name="accounts.notices")
def index(
    request: Request, session: DB, actor: CurrentActor, settings: AppSettings, cursor: str | None = None
) -> Response:
    """One's own notices."""
    book = CursorBook(settings.signing_keys, "notices", actor.user_id)
    page = book.page(notices.list_notices(session, actor, before=book.read(cursor)), position=notices.position)
    names = dict(request.app.state.project_names(session, actor))
    subjects = {(KINDS[one.kind].subject, one.subject_id) for one in page.rows if one.subject_id}
    asked = request.app.state.asked_in(session, actor, subjects) if subjects else {}
    told = [_told(one, names, asked) for one in page.rows]
    here = str(request.app.url_path_for("accounts.notices"))
    until = page.rows[0].created_at.isoformat() if page.rows else ""
    older = f"{here}?cursor={page.next_cursor}" if page.next_cursor else None
    return render(request, NoticesPage(actor.user_id, told, actor.unread, until, here if cursor else None, older))


@router.post("/read", name="accounts.read_notices")
def read_all(request: Request, session: DB, actor: CurrentActor, form: Annotated[ReadForm, Form()]) -> Response:
    """Mark all as read that happened before the page was drawn."""
    same_person(actor, form.user_id)
    notices.read_all(session, actor, until=form.until)
    return see_other(request, "accounts.notices")


@router.post("/{notice_id:id}/open", name="accounts.open_notice")
def open_notice(session: DB, actor: CurrentActor, notice_id: int, form: Annotated[DrawnFor, Form()]) -> Response:
    """Go to what a notice is about; it is read then."""
    same_person(actor, form.user_id)
    notice = notices.open_notice(session, actor, notice_id)
    return RedirectResponse(KINDS[notice.kind].path(notice.subject_id or 0), 303)


def _told(
    notice: Notice, names: Mapping[int | None, str], asked: Mapping[tuple[str, int | None], tuple[str, str]]
) -> Told:
    kind = KINDS[notice.kind]
    about = asked.get((kind.subject, notice.subject_id), ("", ""))
    return Told(notice, kind.said(notice.times, notice.details), names.get(notice.project_id, ""), *about)
