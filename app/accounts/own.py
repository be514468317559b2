"""What somebody changes about their own account: name, address, password, and a password that was forgotten."""

from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.attempts import (
    RESETS_OF_A_NETWORK,
    RESETS_OF_AN_ACCOUNT,
    account_bucket,
    count_try,
    network_bucket,
    network_of,
    require_tries_left,
)
from app.accounts.emails import email_key
from app.accounts.links import end_links, find_link, link_gone, spend_link
from app.accounts.models import LinkPurpose, MailChoice, Notice, SignIn, User
from app.accounts.passwords import NewPassword, refuse_weak
from app.accounts.service import email_taken
from app.accounts.sign_ins import end_sign_ins, new_sign_in_token
from app.core.audit import Origin, record
from app.core.database import change_one
from app.core.errors import NotFound
from app.core.jobs import enqueue


def change_name(session: Session, actor: Actor, *, name: str) -> None:
    """Be called otherwise from now on."""
    session.execute(update(User).where(User.id == actor.user_id).values(name=name))
    _record(session, actor, "accounts.name_changed")


def choose_mail(session: Session, actor: Actor, choice: MailChoice) -> None:
    """Be mailed of what waits at once, once a day, or never. What is unread now is not mailed for having chosen."""
    session.execute(update(User).where(User.id == actor.user_id).values(mail_notices=choice))
    older = update(Notice).where(Notice.user_id == actor.user_id, Notice.read_at.is_(None), Notice.mailed_at.is_(None))
    session.execute(older.values(mailed_at=func.now()))
    _record(session, actor, "accounts.mail_chosen", choice=choice.value)


def mail_choice(session: Session, actor: Actor) -> MailChoice:
    """When the actor wants to be mailed."""
    return session.scalars(select(User.mail_notices).where(User.id == actor.user_id)).one()


def change_email(session: Session, actor: Actor, *, email: str) -> None:
    """Sign in by another address from now on. Invalid where another account has it. Links sent to the old one die."""
    try:
        with session.begin_nested():
            changed = update(User).where(User.id == actor.user_id).values(email=email, email_key=email_key(email))
            session.execute(changed)
    except IntegrityError:
        raise email_taken() from None
    end_links(session, actor.user_id)
    _record(session, actor, "accounts.email_changed")


def change_password(session: Session, actor: Actor, password: NewPassword) -> str:
    """Set a new password: all other sessions end, and this one gets a new token, which is returned."""
    refuse_weak(password.text, about=(actor.name, actor.email))
    session.execute(update(User).where(User.id == actor.user_id).values(password_hash=password.hash))
    end_sign_ins(session, actor.user_id, but=actor.sign_in_id)
    end_links(session, actor.user_id)
    _record(session, actor, "accounts.password_changed")
    assert actor.sign_in_id is not None, "only a browser's session reaches this"
    return new_sign_in_token(session, actor.sign_in_id)


def end_my_sign_in(session: Session, actor: Actor, sign_in_id: int) -> None:
    """End one of one's own sessions. NotFound where there is no such one."""
    ended = delete(SignIn).where(SignIn.id == sign_in_id, SignIn.user_id == actor.user_id).returning(SignIn.id)
    if session.scalar(ended) is None:
        raise NotFound("accounts.no_such_sign_in", "There is no such sign-in; it may have ended.")
    _record(session, actor, "accounts.sign_in_ended")


def sign_out_elsewhere(session: Session, actor: Actor) -> int:
    """End all of one's other sessions. How many there were."""
    ended = end_sign_ins(session, actor.user_id, but=actor.sign_in_id)
    _record(session, actor, "accounts.signed_out_elsewhere")
    return ended


def request_reset(session: Session, *, email: str, origin: Origin) -> None:
    """Ask for a reset link by mail. Known or unknown, the answer and the work are the same; a job sends it."""
    key, network = email_key(email), network_of(origin.address)
    require_tries_left(session, network_bucket("reset", network), RESETS_OF_A_NETWORK)
    asked, _ = count_try(session, account_bucket("reset", key))
    able = select(User.id).where(User.email_key == key, User.password_hash.is_not(None), User.disabled_at.is_(None))
    user_id = session.scalar(able)
    record(session, "accounts.reset_asked", "user", user_id, actor_id=None, origin=origin)
    wanted = user_id if asked <= RESETS_OF_AN_ACCOUNT else None
    enqueue(session, "accounts.send_mail", kind="reset", user_id=wanted, made_by=None)


def reset_for(session: Session, token: str) -> User:
    """Whose password a good reset link sets. Gone otherwise. Spends nothing."""
    link = find_link(session, LinkPurpose.RESET, token)
    user = session.get(User, link.user_id)
    if user is None or user.disabled_at is not None:
        raise link_gone(LinkPurpose.RESET)
    return user


def reset(session: Session, token: str, password: NewPassword, *, origin: Origin) -> User:
    """Set the password behind a reset link. All sessions and all other links of the account are dead."""
    user = reset_for(session, token)
    refuse_weak(password.text, about=(user.name, user.email))
    spend_link(session, LinkPurpose.RESET, token)
    changed = update(User).where(User.id == user.id, User.disabled_at.is_(None)).values(password_hash=password.hash)
    change_one(session, changed, otherwise=link_gone(LinkPurpose.RESET))
    end_sign_ins(session, user.id)
    end_links(session, user.id)
    record(session, "accounts.password_reset", "user", user.id, actor_id=user.id, origin=origin)
    return user


def _record(session: Session, actor: Actor, action: str, **details: Any) -> None:
    record(session, action, "user", actor.user_id, actor_id=actor.user_id, origin=actor.origin, **details)
