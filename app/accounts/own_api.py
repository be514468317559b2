"""The JSON door to one's own account: name, mail, browsers, notices. What guards it is changed on its page alone."""

from starlette.responses import Response

from app.accounts import notices, own, queries
from app.accounts.doors import AppSettings, CurrentActor
from app.accounts.models import Notice
from app.accounts.notice_kinds import KINDS
from app.accounts.schemas import NoticeOut, NoticesOut, OwnIn, ReadIn, SignInOut, SignInsOut
from app.core.database import DB
from app.core.paging import CursorBook
from app.core.web import api

router = api("accounts")


@router.patch("/me", name="api.accounts.change_me", status_code=204)
def change_me(session: DB, actor: CurrentActor, given: OwnIn) -> Response:
    """Be called otherwise, or be mailed at other times."""
    if given.name is not None:
        own.change_name(session, actor, name=given.name)
    if given.mail is not None:
        own.choose_mail(session, actor, given.mail)
    return Response(status_code=204)


@router.get("/sign-ins", name="api.accounts.sign_ins")
def sign_ins(session: DB, actor: CurrentActor) -> SignInsOut:
    """The browsers in which you are signed in."""
    return SignInsOut(sign_ins=[SignInOut.model_validate(one) for one in queries.list_sign_ins(session, actor)])


@router.delete("/sign-ins", name="api.accounts.sign_out_elsewhere", status_code=204)
def sign_out_elsewhere(session: DB, actor: CurrentActor) -> Response:
    """Sign out everywhere but here."""
    own.sign_out_elsewhere(session, actor)
    return Response(status_code=204)


@router.delete("/sign-ins/{sign_in_id:id}", name="api.accounts.end_sign_in", status_code=204)
def end_sign_in(session: DB, actor: CurrentActor, sign_in_id: int) -> Response:
    """Sign out one browser."""
    own.end_my_sign_in(session, actor, sign_in_id)
    return Response(status_code=204)


@router.get("/notices", name="api.accounts.notices")
def list_notices(session: DB, actor: CurrentActor, settings: AppSettings, cursor: str | None = None) -> NoticesOut:
    """What happened while you were away, the last first."""
    book = CursorBook(settings.signing_keys, "api.notices", actor.user_id)
    page = book.page(notices.list_notices(session, actor, before=book.read(cursor)), position=notices.position)
    return NoticesOut(notices=[_shown(one) for one in page.rows], unread=actor.unread, next_cursor=page.next_cursor)


@router.post("/notices/read", name="api.accounts.read_notices", status_code=204)
def read_notices(session: DB, actor: CurrentActor, given: ReadIn) -> Response:
    """Mark all as read that happened up to this time."""
    notices.read_all(session, actor, until=given.until)
    return Response(status_code=204)


@router.post("/notices/{notice_id:id}/open", name="api.accounts.open_notice")
def open_notice(session: DB, actor: CurrentActor, notice_id: int) -> NoticeOut:
    """Mark one as read."""
    return _shown(notices.open_notice(session, actor, notice_id))


def _shown(notice: Notice) -> NoticeOut:
    kind = KINDS[notice.kind]
    return NoticeOut(
        id=notice.id,
        kind=notice.kind,
        sentence=kind.said(notice.times, notice.details),
        project_id=notice.project_id,
        page=kind.path(notice.subject_id or 0),
        created_at=notice.created_at,
        read_at=notice.read_at,
    )
