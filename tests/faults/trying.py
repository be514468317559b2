"""Who asks again in the tests of faults."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.actor import Actor
from app.accounts.models import User
from app.accounts.sign_ins import actor_for


def admin_of(session: Session) -> Actor:
    """The administrator of the one project."""
    return actor_for(session, session.scalars(select(User).where(User.name == "Ada Admin")).one())
