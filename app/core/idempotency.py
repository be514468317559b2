"""Answers that were already given: a repeated request with the same Idempotency-Key hears the first answer again.

Every POST of `/api` takes such a key (`StrictRoute`), unless its function is marked as `repeatable`.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar

from fastapi import Header, Request
from sqlalchemy import LargeBinary, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column
from starlette.responses import Response

from app.core.database import Base
from app.core.errors import Conflict, Invalid, Place

KEY_LIMIT = 200
FORGOTTEN = 0  # the status of an answer that an erasure of a person has emptied (`erase_person`)
Route = TypeVar("Route", bound=Callable[..., Any])


class GivenAnswer(Base):
    """The answer to one keyed request of one person, stored in the transaction of its effect."""

    __tablename__ = "given_answers"

    user_id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int]
    body: Mapped[str]
    etag: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


@dataclass(frozen=True)
class Keyed:
    """The key that a client gave its request, and the hash of the request that the key stands for."""

    key: str
    request_hash: bytes


CHANGES_NOTHING = "It changes nothing."
HOLDS_A_LINK = "Its answer holds a link that works once, which is kept nowhere."
HELD_IS_GIVEN_AGAIN = "What is held already is given again, so nothing is taken twice."
FILE_ADDS_NOTHING = "A file of up to 64 MiB: sent again, it adds nothing."


def repeatable(why: str) -> Callable[[Route], Route]:
    """Mark the function of a POST that takes no key: `why` it may be sent again, or its answer may not be kept."""

    def mark(route: Route) -> Route:
        route.repeatable = why  # type: ignore[attr-defined]
        return route

    return mark


def takes_key(path: str, methods: set[str], route: Callable[..., Any]) -> bool:
    """Whether a route takes a key. PUT, PATCH and DELETE need none: they say what is to be, not what to add."""
    return path.startswith("/api/") and "POST" in methods and not hasattr(route, "repeatable")


def keyed(
    request: Request,
    idempotency_key: Annotated[
        str | None,
        Header(description="Repeat the request with the same key and it is carried out once; kept for a day."),
    ] = None,
) -> Keyed | None:
    """The request's Idempotency-Key, or None. Invalid unless it is 1 to 200 visible ASCII characters."""
    if idempotency_key is None:
        return None
    visible = idempotency_key.isascii() and idempotency_key.isprintable() and " " not in idempotency_key
    if not visible or not 0 < len(idempotency_key) <= KEY_LIMIT:
        detail = f"must be 1 to {KEY_LIMIT} visible ASCII characters"
        raise Invalid("core.bad_key", f"The Idempotency-Key {detail}.", Place("/header/Idempotency-Key", detail))
    asked = f"?{request.url.query}" if request.url.query else ""
    what = f"{request.method} {request.url.path}{asked}\n".encode() + request.state.body
    return Keyed(idempotency_key, hashlib.sha256(what).digest())


def answer_once(session: Session, key: Keyed, person_id: int, act: Callable[[], Response]) -> Response:
    """Carry out `act` and answer with what it returns; a repeated key hears the first answer and nothing is done.

    The key's row is written first and waits for a twin that is still under way, so of two at once one acts. Effect
    and answer are one transaction: a crash leaves both or neither. A refusal stores nothing and may be tried again.
    """
    mine = insert(GivenAnswer).values(
        user_id=person_id, key=key.key, request_hash=key.request_hash, status=FORGOTTEN, body=""
    )
    if session.scalar(mine.on_conflict_do_nothing().returning(GivenAnswer.user_id)) is None:
        return _repeat(session, key, person_id)
    answer = act()
    row = update(GivenAnswer).where(GivenAnswer.user_id == person_id, GivenAnswer.key == key.key)
    told = {"status": answer.status_code, "body": bytes(answer.body).decode(), "etag": answer.headers.get("ETag")}
    session.execute(row.values(told).execution_options(synchronize_session=False))
    return answer


def _repeat(session: Session, key: Keyed, person_id: int) -> Response:
    given = session.scalars(
        select(GivenAnswer).where(GivenAnswer.user_id == person_id, GivenAnswer.key == key.key)
    ).one()
    if given.request_hash != key.request_hash:
        detail = "was used for another request"
        raise Invalid("core.key_reused", f"This Idempotency-Key {detail}.", Place("/header/Idempotency-Key", detail))
    if given.status == FORGOTTEN:
        sentence = "This was carried out; the answer is not kept, since a person was erased. Look at what is there now."
        raise Conflict("core.answer_forgotten", sentence)
    headers = {"ETag": given.etag} if given.etag else None
    return Response(given.body, given.status, headers, media_type="application/json" if given.body else None)
