"""How somebody gets an account: the first administrator, by invitation, or made by a command."""

from sqlalchemy import exists, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.emails import email_key
from app.accounts.links import find_link, link_gone, make_link, spend_link
from app.accounts.models import LinkPurpose, Membership, OneTimeLink, User
from app.accounts.passwords import NewPassword, new_password, refuse_weak
from app.accounts.policy import can_hold_invitation, can_invite
from app.accounts.sign_ins import actor_for
from app.core.audit import NOWHERE, Origin, record
from app.core.database import change_one
from app.core.errors import Conflict, Invalid, Place
from app.core.jobs import enqueue

# Any number, as long as nothing else of ours takes the same: makes the first administrator one at a time.
FIRST_ADMIN_LOCK = 7_305_177


def create_user(session: Session, *, email: str, name: str, password: str, is_admin: bool = False) -> User:
    """Make an account that can sign in at once, as commands do. Invalid for a weak password or a known address."""
    refuse_weak(password, about=(name, email))
    return _add_user(session, email=email, name=name, password=new_password(password), is_admin=is_admin)


def make_first_admin_link(session: Session) -> str:
    """The token of a link by which the first administrator is made. Conflict where anybody has an account."""
    if session.scalar(select(exists().select_from(User))):
        raise Conflict("accounts.not_the_first", "This Penset has accounts already. Sign in, or run create-admin.")
    return make_link(session, LinkPurpose.FIRST_ADMIN)


def make_first_admin(
    session: Session, token: str, *, email: str, name: str, password: NewPassword, origin: Origin = NOWHERE
) -> User:
    """Make the first administrator. Gone unless the link is good and there is nobody yet."""
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": FIRST_ADMIN_LOCK})
    find_link(session, LinkPurpose.FIRST_ADMIN, token)
    refuse_weak(password.text, about=(name, email))
    spend_link(session, LinkPurpose.FIRST_ADMIN, token)
    user = _add_user(session, email=email, name=name, password=password, is_admin=True)
    record(session, "accounts.first_admin_made", "user", user.id, actor_id=user.id, origin=origin)
    return user


def invite(session: Session, actor: Actor, *, email: str, name: str) -> tuple[User, str]:
    """Bring somebody in. The account, new or known, and the token of a link for it: the answer is alike for both.

    The link of a known account leads no further than to the sign-in, unless the actor may hold its invitation.
    """
    can_invite(actor).require()
    new = insert(User).values(email=email, email_key=email_key(email), name=name, is_admin=False)
    user: User | None = session.scalar(new.on_conflict_do_nothing(index_elements=[User.email_key]).returning(User))
    invited = user is not None
    if user is None:
        user = session.scalars(select(User).where(User.email_key == email_key(email))).one()
        invited = may_invite_again(session, actor, user)
    token = make_link(session, LinkPurpose.INVITE, user_id=user.id if invited else None, made_by=actor.user_id)
    record(session, "accounts.invited", "user", user.id, actor_id=actor.user_id, origin=actor.origin)
    enqueue(session, "accounts.send_mail", kind="invite", user_id=user.id if invited else None, made_by=actor.user_id)
    return user, token


def may_invite_again(session: Session, actor: Actor, user: User) -> bool:
    """Whether a link by which the account is joined may go to this actor: theirs before, and still theirs to hold."""
    if user.password_hash is not None or user.disabled_at is not None:
        return False
    theirs = select(OneTimeLink.id).where(
        OneTimeLink.user_id == user.id,
        OneTimeLink.purpose == LinkPurpose.INVITE,
        OneTimeLink.made_by == actor.user_id,
    )
    return bool(_may_hold(session, actor, user) and (actor.is_admin or session.scalar(theirs.limit(1))))


def invited_by(session: Session, token: str) -> tuple[User | None, User | None]:
    """Whom a good invitation is for (None: somebody who has an account or invitation already), and who made it.

    Gone where the link is not good. Spends nothing.
    """
    link = find_link(session, LinkPurpose.INVITE, token)
    user, maker = (session.get(User, key) if key else None for key in (link.user_id, link.made_by))
    return (user if user and _still_open(session, user, maker) else None), maker


def join(session: Session, token: str, *, name: str, password: NewPassword, origin: Origin = NOWHERE) -> User:
    """Take up an invitation. Invalid for a weak password, which spends nothing; Gone where the link is not good."""
    user, _ = invited_by(session, token)
    if user is None:
        raise link_gone(LinkPurpose.INVITE)
    refuse_weak(password.text, about=(name, user.email))
    spend_link(session, LinkPurpose.INVITE, token)
    joined = update(User).where(User.id == user.id, User.password_hash.is_(None), User.disabled_at.is_(None))
    joined = joined.values(password_hash=password.hash, name=name)
    change_one(session, joined, otherwise=link_gone(LinkPurpose.INVITE))
    record(session, "accounts.joined", "user", user.id, actor_id=user.id, origin=origin)
    return user


def _still_open(session: Session, user: User, maker: User | None) -> bool:
    """Whether the account still waits for its person, and who made the link may still hold it."""
    if user.password_hash is not None or user.disabled_at is not None:
        return False
    if maker is None:
        return True
    return maker.disabled_at is None and _may_hold(session, actor_for(session, maker), user)


def _may_hold(session: Session, actor: Actor, user: User) -> bool:
    member_of = select(Membership.project_id).where(Membership.user_id == user.id, Membership.left_at.is_(None))
    verdict = can_hold_invitation(actor, is_admin=user.is_admin, member_of=set(session.scalars(member_of)))
    return bool(verdict)


def _add_user(session: Session, *, email: str, name: str, password: NewPassword, is_admin: bool) -> User:
    new = insert(User).values(
        email=email, email_key=email_key(email), name=name, password_hash=password.hash, is_admin=is_admin
    )
    user: User | None = session.scalar(new.on_conflict_do_nothing(index_elements=[User.email_key]).returning(User))
    if user is None:
        raise email_taken()
    return user


def email_taken() -> Invalid:
    """What is said of an address that another account has."""
    place = Place("/email", "belongs to another account")
    return Invalid("accounts.email_taken", "This address cannot be used.", place)
