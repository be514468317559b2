"""Sessions: who is signed in in which browser, and with what rights at this moment."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Interval, ScalarSelect, Select, bindparam, delete, func, select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import ApiToken, Membership, Role, SignIn, User
from app.accounts.notices import unread_count
from app.core.audit import NOWHERE, Origin
from app.core.database import built_once, rows_of
from app.core.hot import ask_one
from app.core.settings import Settings
from app.core.tokens import new_token, token_hash

FRESH = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)
BROWSER_LIMIT = 200


def open_sign_in(session: Session, user: User, *, origin: Origin = NOWHERE, browser: str | None = None) -> str:
    """Begin a session. The token for the cookie; only its hash is kept."""
    token = new_token()
    shown = (browser or "")[:BROWSER_LIMIT]
    session.add(SignIn(token_hash=token_hash(token), user_id=user.id, address=origin.address, browser=shown))
    session.flush()
    return token


def end_sign_in(session: Session, token: str) -> int | None:
    """End the session of a cookie: its row is gone. Whose it was, or None."""
    ended = delete(SignIn).where(SignIn.token_hash == token_hash(token)).returning(SignIn.user_id)
    return session.scalar(ended)


def end_sign_ins(session: Session, user_id: int, *, but: int | None = None) -> int:
    """End all sessions of a person, save the one with the id `but`. How many there were."""
    ended = delete(SignIn).where(SignIn.user_id == user_id)
    if but is not None:
        ended = ended.where(SignIn.id != but)
    return len(session.execute(ended.returning(SignIn.id)).all())


def renew_ids(session: Session, user_id: int) -> None:
    """Let every session of a person get another id when its browser opens its next page, as after a change of role.

    An id that somebody fixed or saw before the change is then no key to what the new role opens. Ending the sessions
    would do that too, but then who runs one project could sign anybody out of all of them, again and again.
    """
    session.execute(update(SignIn).where(SignIn.user_id == user_id).values(renew_id=True))


def renewed_id(session: Session, actor: Actor) -> str | None:
    """The token for the cookie of a session whose id is to be renewed; None where it need not be, or just was."""
    if not actor.renew_id:
        return None
    token = new_token()
    wanted = update(SignIn).where(SignIn.id == actor.sign_in_id, SignIn.renew_id)
    renewed = wanted.values(token_hash=token_hash(token), renew_id=False).returning(SignIn.id)
    return token if session.scalar(renewed) else None


def new_sign_in_token(session: Session, sign_in_id: int) -> str:
    """Give a session another id, as after a new password: the old cookie is dead. The token for the cookie."""
    token = new_token()
    renewed = (
        update(SignIn)
        .where(SignIn.id == sign_in_id)
        .values(token_hash=token_hash(token), password_at=func.now(), renew_id=False)
    )
    session.execute(renewed)
    return token


def actor_of_cookie(
    session: Session, token: str, settings: Settings, *, origin: Origin, counts: bool = False
) -> Actor | None:
    """The person behind a cookie with today's roles, or None when the session has ended or the account is off.

    With `counts` the request is work: the idle time begins anew, with at most one write a minute. One statement, built
    once, reads everything, since every request pays for it.
    """
    values = {
        "token": token_hash(token),
        "idle": timedelta(hours=settings.session_idle_hours),
        "absolute": timedelta(days=settings.session_days),
    }
    row = ask_one(session, _who(), values, alone=True)
    if row is None:
        return None
    if counts and row.is_idle:
        renew_sign_in(session, row.id)
    return Actor(
        user_id=row.user_id,
        name=row.name,
        email=row.email,
        is_admin=row.is_admin,
        roles=roles_of(row.roles),
        sign_in_id=row.id,
        fresh=row.fresh,
        renew_id=row.renew_id,
        unread=row.unread,
        origin=origin,
    )


def is_signed_in(session: Session, sign_in_id: int) -> bool:
    """Whether a session still lasts: nobody has signed out of it, here or everywhere."""
    return session.scalar(select(SignIn.id).where(SignIn.id == sign_in_id)) is not None


@built_once
def _who() -> Select[Any]:
    sign_ins, users = rows_of(SignIn).c, rows_of(User).c
    of = select(
        sign_ins.id,
        (sign_ins.password_at > func.now() - FRESH).label("fresh"),
        sign_ins.renew_id,
        (sign_ins.used_at < func.now() - MINUTE).label("is_idle"),
        users.id.label("user_id"),
        users.name,
        users.email,
        users.is_admin,
        held_roles(users.id).label("roles"),
        unread_count(users.id).label("unread"),
    ).join_from(rows_of(SignIn), rows_of(User), users.id == sign_ins.user_id)
    return of.where(
        sign_ins.token_hash == bindparam("token"),
        sign_ins.used_at > func.now() - bindparam("idle", type_=Interval),
        sign_ins.created_at > func.now() - bindparam("absolute", type_=Interval),
        users.disabled_at.is_(None),
    )


def actor_of_token(session: Session, token: str, *, origin: Origin) -> Actor | None:
    """The owner of an API token, with the token's scopes and its one project if it has one; None if it is dead."""
    row = session.execute(
        select(ApiToken, User)
        .join(User, User.id == ApiToken.user_id)
        .where(
            ApiToken.token_hash == token_hash(token),
            ApiToken.revoked_at.is_(None),
            ApiToken.expires_at > func.now(),
            User.disabled_at.is_(None),
        )
    ).one_or_none()
    if row is None:
        return None
    api_token, user = row
    recent = ApiToken.used_at > func.now() - MINUTE
    session.execute(
        update(ApiToken)
        .where(ApiToken.id == api_token.id, func.coalesce(recent, False).is_(False))
        .values(used_at=func.now())
    )
    return actor_for(
        session, user, origin=origin, scopes=frozenset(api_token.scopes), only_project=api_token.project_id
    )


def actor_for(
    session: Session,
    user: User,
    *,
    origin: Origin = NOWHERE,
    scopes: frozenset[str] | None = None,
    only_project: int | None = None,
) -> Actor:
    """The actor that a person is now: rights are read in the transaction that uses them."""
    roles = roles_of(session.scalar(select(held_roles(user.id, only_project))))
    return Actor(
        user_id=user.id,
        name=user.name,
        email=user.email,
        is_admin=user.is_admin and scopes is None,
        roles=roles,
        scopes=scopes,
        origin=origin,
    )


def held_roles(user_id: Any, only_project: int | None = None) -> ScalarSelect[Any]:
    """SQL for a person's roles: a list of [project id, role]; null for none."""
    held = select(func.jsonb_agg(func.jsonb_build_array(Membership.project_id, Membership.role)))
    held = held.where(Membership.user_id == user_id, Membership.left_at.is_(None))
    if only_project is not None:
        held = held.where(Membership.project_id == only_project)
    return held.scalar_subquery()


def roles_of(held: Sequence[tuple[int, str]] | None) -> dict[int, Role]:
    """What `held_roles` found, by project."""
    return {project_id: Role(role) for project_id, role in held or ()}


def renew_sign_in(session: Session, sign_in_id: int) -> None:
    """The session was worked in just now."""
    idle = update(SignIn).where(SignIn.id == sign_in_id, SignIn.used_at < func.now() - MINUTE)
    session.execute(idle.values(used_at=func.now()).execution_options(synchronize_session=False))
