"""Who comes in, and who goes: signing in in two steps, around a hash that no transaction waits for."""

from dataclasses import dataclass, field

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.attempts import (
    TRIES_OF_A_NETWORK,
    TRIES_ON_AN_ACCOUNT,
    account_bucket,
    forgive,
    network_bucket,
    network_of,
    require_tries_left,
)
from app.accounts.emails import email_key
from app.accounts.models import User
from app.accounts.sign_ins import end_sign_in, open_sign_in
from app.core.audit import NOWHERE, Origin, record
from app.core.errors import NotSignedIn

WRONG = "This password does not fit this e-mail."


@dataclass(frozen=True)
class Browser:
    """The browser at the door: where it is, what it calls itself, and the sign-in cookie that it holds, if any."""

    origin: Origin = NOWHERE
    agent: str = ""
    cookie: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Try:
    """A try to sign in, counted: whose address it is if it is anybody's, and the hash to compare with."""

    user_id: int | None
    stored_hash: str | None = field(repr=False)
    account: str
    network: str


@dataclass(frozen=True)
class Outcome:
    """What became of a try: whether the password fits, and its hash with today's parameters if it was weaker."""

    tried: Try
    fits: bool
    newer_hash: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Entered:
    """Somebody who has come in, and the token for the cookie."""

    user: User
    token: str = field(repr=False)


def begin(session: Session, email: str, *, origin: Origin) -> Try:
    """Count a try and look the address up. TooOften where account or network had too many. Known or not: same work."""
    key, network = email_key(email), network_of(origin.address)
    account, whole_network = account_bucket("sign-in", key, network), network_bucket("sign-in", network)
    require_tries_left(session, account, TRIES_ON_AN_ACCOUNT)
    require_tries_left(session, whole_network, TRIES_OF_A_NETWORK)
    user = session.scalar(select(User).where(User.email_key == key))
    able = user if user and user.disabled_at is None else None
    return Try(user.id if user else None, able.password_hash if able else None, account, whole_network)


def finish(session: Session, outcome: Outcome, browser: Browser) -> Entered | None:
    """Open a session if the password fits and still is the account's; None otherwise, which is written down."""
    tried = outcome.tried
    user = _still_the_same(session, tried) if outcome.fits else None
    if user is None:
        record(session, "accounts.sign_in_failed", "user", tried.user_id, actor_id=None, origin=browser.origin)
        return None
    forgive(session, account=tried.account, network=tried.network)
    if outcome.newer_hash:
        session.execute(update(User).where(User.id == user.id).values(password_hash=outcome.newer_hash))
    return enter(session, user, browser)


def enter(session: Session, user: User, browser: Browser) -> Entered:
    """Open a session for somebody who has proven who they are. The one that this browser held before ends."""
    if browser.cookie:
        end_sign_in(session, browser.cookie)
    token = open_sign_in(session, user, origin=browser.origin, browser=browser.agent)
    record(session, "accounts.signed_in", "user", user.id, actor_id=user.id, origin=browser.origin)
    return Entered(user, token)


def leave(session: Session, browser: Browser) -> None:
    """Sign out: the session's row is gone, and with it the cookie's meaning."""
    user_id = end_sign_in(session, browser.cookie) if browser.cookie else None
    if user_id is not None:
        record(session, "accounts.signed_out", "user", user_id, actor_id=user_id, origin=browser.origin)


def not_entered() -> NotSignedIn:
    """What everybody hears who does not come in, for whatever reason."""
    sentence = f"{WRONG} Try again, or set a new one."
    return NotSignedIn("accounts.wrong_password", sentence)


def _still_the_same(session: Session, tried: Try) -> User | None:
    """The account, unless it was disabled or got another password while the hash was made."""
    return session.scalar(
        select(User).where(
            User.id == tried.user_id, User.disabled_at.is_(None), User.password_hash == tried.stored_hash
        )
    )
