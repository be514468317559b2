"""What who runs this installation does with its people: disable, enable, make administrator, send a link."""

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.links import end_links, make_link
from app.accounts.models import ApiToken, Erasure, LinkPurpose, User
from app.accounts.policy import can_run_site
from app.accounts.queries import get_person_for
from app.accounts.sign_ins import end_sign_ins
from app.core.audit import record
from app.core.database import change_one
from app.core.errors import Conflict
from app.core.leases import give_back_everywhere


def disable(session: Session, actor: Actor, user_id: int) -> None:
    """Keep somebody out: sessions, tokens and links end now, leases go back, what they wrote stays."""
    person = get_person_for(session, actor, user_id)
    if person.is_admin:
        _require_another_administrator(session, user_id)
    off = update(User).where(User.id == user_id, User.disabled_at.is_(None)).values(disabled_at=func.now())
    change_one(session, off, otherwise=Conflict("accounts.already_disabled", "This account is disabled already."))
    live = (ApiToken.user_id == user_id, ApiToken.revoked_at.is_(None))
    session.execute(update(ApiToken).where(*live).values(revoked_at=func.now()))
    end_sign_ins(session, user_id)
    end_links(session, user_id)
    give_back_everywhere(session, holder_id=user_id)
    _record(session, actor, "accounts.disabled", user_id)


def enable(session: Session, actor: Actor, user_id: int) -> None:
    """Let somebody in again. Their tokens stay revoked."""
    get_person_for(session, actor, user_id)
    _require_not_erased(session, user_id)
    on = update(User).where(User.id == user_id, User.disabled_at.is_not(None)).values(disabled_at=None)
    change_one(session, on, otherwise=Conflict("accounts.not_disabled", "This account is not disabled."))
    _record(session, actor, "accounts.enabled", user_id)


def make_administrator(session: Session, actor: Actor, user_id: int) -> None:
    """Let somebody run this installation too. They sign in anew, so that no older session gains the right."""
    get_person_for(session, actor, user_id)
    _require_not_erased(session, user_id)
    raised = update(User).where(User.id == user_id, User.is_admin.is_(False)).values(is_admin=True)
    change_one(session, raised, otherwise=Conflict("accounts.is_administrator", "They are an administrator already."))
    end_sign_ins(session, user_id)
    _record(session, actor, "accounts.administrator_made", user_id)


def withdraw_administrator(session: Session, actor: Actor, user_id: int) -> None:
    """Take the right to run this installation away. Conflict for the last who has it."""
    get_person_for(session, actor, user_id)
    _require_another_administrator(session, user_id)
    lowered = update(User).where(User.id == user_id, User.is_admin).values(is_admin=False)
    change_one(session, lowered, otherwise=Conflict("accounts.no_administrator", "They are no administrator."))
    end_sign_ins(session, user_id)
    _record(session, actor, "accounts.administrator_withdrawn", user_id)


def make_personal_link(session: Session, actor: Actor, user_id: int) -> tuple[LinkPurpose, str]:
    """A link to hand over: to join, for who has not joined yet, or to set a new password. Conflict if disabled."""
    person = get_person_for(session, actor, user_id)
    if person.disabled_at is not None:
        raise Conflict("accounts.disabled", "This account is disabled. Enable it first.")
    purpose = LinkPurpose.RESET if person.password_hash else LinkPurpose.INVITE
    token = make_link(session, purpose, user_id=user_id, made_by=actor.user_id)
    _record(session, actor, f"accounts.{purpose}_link_made", user_id)
    return purpose, token


def _require_another_administrator(session: Session, user_id: int) -> None:
    """Somebody else must be able to run the installation; the rows are held, so that two cannot leave at once."""
    able = select(User.id).where(User.is_admin, User.disabled_at.is_(None), User.password_hash.is_not(None))
    held = session.scalars(able.order_by(User.id).with_for_update()).all()
    if all(found == user_id for found in held):
        raise Conflict("accounts.last_administrator", "Penset needs an administrator. Make somebody else one first.")


def _require_not_erased(session: Session, user_id: int) -> None:
    """Their row is held, so that nobody asks for the erasure meanwhile."""
    session.execute(select(User.id).where(User.id == user_id).with_for_update())
    if session.scalar(select(Erasure.user_id).where(Erasure.user_id == user_id)) is not None:
        raise Conflict("accounts.already_erased", "They are erased, and that cannot be taken back.")


def _record(session: Session, actor: Actor, action: str, user_id: int) -> None:
    can_run_site(actor).require()
    record(session, action, "user", user_id, actor_id=actor.user_id, origin=actor.origin)
