"""One-time links: 256 random bits for the person, their SHA-256 for us; for one purpose, once, and not for long."""

from datetime import timedelta

from sqlalchemy import ColumnElement, and_, exists, func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import LinkPurpose, OneTimeLink, User
from app.core.errors import Gone
from app.core.settings import Settings
from app.core.tokens import new_token, token_hash

LASTS = {
    LinkPurpose.FIRST_ADMIN: timedelta(hours=1),
    LinkPurpose.INVITE: timedelta(days=7),
    LinkPurpose.RESET: timedelta(hours=1),
}
PATHS = {LinkPurpose.FIRST_ADMIN: "first-admin", LinkPurpose.INVITE: "invite", LinkPurpose.RESET: "reset"}
WAYS_ON = {
    LinkPurpose.FIRST_ADMIN: "Run “penset first-admin-link” for a new one, or sign in if there is an account already.",
    LinkPurpose.INVITE: "Sign in if you have joined already, or ask the person who invited you for a new one.",
    LinkPurpose.RESET: "Sign in if you have set your password already, or ask for a new link.",
}


def make_link(session: Session, purpose: LinkPurpose, *, user_id: int | None = None, made_by: int | None = None) -> str:
    """Make a link. Its token, which is stored nowhere."""
    token = new_token()
    expires_at = func.now() + LASTS[purpose]
    session.add(
        OneTimeLink(
            token_hash=token_hash(token), purpose=purpose, user_id=user_id, made_by=made_by, expires_at=expires_at
        )
    )
    session.flush()
    return token


def link_address(settings: Settings, purpose: LinkPurpose, token: str) -> str:
    """What a person opens. Its host is the configured one, whatever a request says."""
    return f"{settings.public_url}/{PATHS[purpose]}/{token}"


def find_link(session: Session, purpose: LinkPurpose, token: str) -> OneTimeLink:
    """The link while it is good, unspent. Gone otherwise."""
    if link := session.scalar(select(OneTimeLink).where(_good(purpose, token))):
        return link
    raise link_gone(purpose)


def spend_link(session: Session, purpose: LinkPurpose, token: str) -> OneTimeLink:
    """Use the link up: of two at once, one succeeds. Gone otherwise."""
    spent = update(OneTimeLink).where(_good(purpose, token)).values(used_at=func.now()).returning(OneTimeLink)
    if link := session.scalar(spent):
        return link
    raise link_gone(purpose)


def end_links(session: Session, user_id: int) -> None:
    """Every unused link of a person is dead."""
    unused = (OneTimeLink.user_id == user_id, OneTimeLink.used_at.is_(None))
    session.execute(update(OneTimeLink).where(*unused).values(used_at=func.now()))


def link_gone(purpose: LinkPurpose) -> Gone:
    """What somebody hears whose link was used, has run out or never was."""
    return Gone("accounts.link_gone", f"This link was used or has run out. {WAYS_ON[purpose]}")


def _good(purpose: LinkPurpose, token: str) -> ColumnElement[bool]:
    """Unused and in time; the first administrator's only while there is nobody at all."""
    good = and_(
        OneTimeLink.token_hash == token_hash(token),
        OneTimeLink.purpose == purpose,
        OneTimeLink.used_at.is_(None),
        OneTimeLink.expires_at > func.now(),
    )
    return and_(good, ~exists().select_from(User)) if purpose is LinkPurpose.FIRST_ADMIN else good
