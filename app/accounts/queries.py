"""What can be seen of people, sessions and tokens. Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, false, func, select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import ApiToken, Membership, Role, SignIn, User
from app.accounts.policy import can_run_site
from app.core.errors import NotFound
from app.core.paging import PAGE_SIZE


@dataclass(frozen=True)
class OpenSignIn:
    """One of a person's sessions, as they see it. `browser` is in words: Firefox on Linux."""

    id: int
    browser: str
    address: str
    created_at: datetime
    used_at: datetime
    current: bool


def people_visible_to(actor: Actor) -> Select[User]:
    """Accounts of this installation: all of them for who runs it, none for others."""
    return select(User) if can_run_site(actor) else select(User).where(false())


def list_people(session: Session, actor: Actor, *, before: int | None = None) -> Sequence[User]:
    """The newest accounts, past id `before`: one more than a page."""
    can_run_site(actor).require()
    found = people_visible_to(actor).order_by(User.id.desc()).limit(PAGE_SIZE + 1)
    return session.scalars(found if before is None else found.where(User.id < before)).all()


def get_person_for(session: Session, actor: Actor, user_id: int) -> User:
    """One account. Refused for who does not run the installation, NotFound where there is none."""
    can_run_site(actor).require()
    if person := session.scalar(people_visible_to(actor).where(User.id == user_id)):
        return person
    raise NotFound("accounts.no_such_person", "There is nobody with such an account.")


def members(project_id: int, *roles: Role) -> Select[int]:
    """Ids of who is in a project, of those with one of these roles where any are named. For verbs that tell them."""
    here = select(Membership.user_id).where(Membership.project_id == project_id, Membership.left_at.is_(None))
    return here.where(Membership.role.in_(roles)) if roles else here


def anybody_here(session: Session) -> bool:
    """Whether this installation has any account."""
    return bool(session.scalar(select(exists().select_from(User))))


def list_sign_ins(session: Session, actor: Actor) -> list[OpenSignIn]:
    """The actor's own sessions, the last used first."""
    found = select(SignIn).where(SignIn.user_id == actor.user_id).order_by(SignIn.used_at.desc(), SignIn.id.desc())
    return [
        OpenSignIn(
            row.id,
            browser_in_words(row.browser or ""),
            row.address or "",
            row.created_at,
            row.used_at,
            row.id == actor.sign_in_id,
        )
        for row in session.scalars(found)
    ]


def tokens_visible_to(actor: Actor) -> Select[ApiToken]:
    """One's own tokens; who runs the installation sees all."""
    return select(ApiToken) if actor.is_admin else select(ApiToken).where(ApiToken.user_id == actor.user_id)


def list_tokens(session: Session, actor: Actor, *, user_id: int) -> Sequence[ApiToken]:
    """The tokens of a person that still work, the newest first."""
    found = tokens_visible_to(actor).where(
        ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > func.now()
    )
    return session.scalars(found.order_by(ApiToken.id.desc())).all()


def has_tokens(session: Session, user_id: int) -> bool:
    """Whether somebody has a token that still works."""
    live = select(ApiToken.id).where(
        ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > func.now()
    )
    return session.scalar(live.limit(1)) is not None


def get_token_for(session: Session, actor: Actor, token_id: int) -> ApiToken:
    """One token. NotFound where it does not exist for this actor."""
    if token := session.scalar(tokens_visible_to(actor).where(ApiToken.id == token_id)):
        return token
    raise NotFound("accounts.no_such_token", "There is no such token.")


def browser_in_words(user_agent: str) -> str:
    """What a person calls the browser behind a User-Agent: Firefox on Linux."""
    browsers = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
    systems = {"Windows": "Windows", "Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Mac OS": "macOS"}
    systems["Linux"] = "Linux"
    browser = next((name for mark, name in browsers.items() if f"{mark}/" in user_agent), "A browser")
    system = next((name for mark, name in systems.items() if mark in user_agent), "")
    return f"{browser} on {system}" if system else browser
