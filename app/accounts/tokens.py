"""Keys for programs: made, shown once, revoked. A token never exceeds what its owner may do at that moment."""

from datetime import timedelta

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import SCOPES, ApiToken
from app.accounts.queries import get_token_for
from app.core.audit import record
from app.core.database import change_one
from app.core.errors import Conflict, Invalid, Place
from app.core.tokens import PREFIX, new_token, token_hash

PREFIX_SHOWN = 8
MAX_DAYS = 365


def create_token(
    session: Session, actor: Actor, *, name: str, scopes: list[str], days: int, project_id: int | None = None
) -> tuple[ApiToken, str]:
    """Make a token of the actor's own. The row and the secret, which is stored nowhere. Invalid names each place."""
    _check(actor, scopes, days, project_id)
    secret = new_token(PREFIX)
    token = ApiToken(
        user_id=actor.user_id,
        project_id=project_id,
        name=name,
        prefix=secret[:PREFIX_SHOWN],
        token_hash=token_hash(secret),
        scopes=sorted(scopes),
        expires_at=func.now() + timedelta(days=days),
    )
    session.add(token)
    session.flush()
    session.refresh(token)
    _record(session, actor, "accounts.token_made", token)
    return token, secret


def revoke_token(session: Session, actor: Actor, token_id: int) -> ApiToken:
    """End a token at once: one's own, or anybody's for who runs the installation. Conflict if it is revoked."""
    token = get_token_for(session, actor, token_id)
    ended = update(ApiToken).where(ApiToken.id == token.id, ApiToken.revoked_at.is_(None))
    late = Conflict("accounts.token_revoked", "This token is revoked already.")
    change_one(session, ended.values(revoked_at=func.now()), otherwise=late)
    _record(session, actor, "accounts.token_revoked", token)
    return token


def _check(actor: Actor, scopes: list[str], days: int, project_id: int | None) -> None:
    places = []
    if not scopes or not set(scopes) <= set(SCOPES) or len(set(scopes)) != len(scopes):
        places.append(Place("/scopes", "choose at least one of those that are listed, each once"))
    if not 1 <= days <= MAX_DAYS:
        places.append(Place("/days", f"must be between 1 and {MAX_DAYS}"))
    if project_id is not None and project_id not in actor.roles:
        places.append(Place("/project_id", "is none of your projects"))
    if places:
        raise Invalid("accounts.token_refused", "This token was not made.", *places)


def _record(session: Session, actor: Actor, action: str, token: ApiToken) -> None:
    record(
        session,
        action,
        "token",
        token.id,
        actor_id=actor.user_id,
        origin=actor.origin,
        project_id=token.project_id,
        scopes=token.scopes,
    )
