"""What the commands of accounts do: an administrator without a browser, and the first link."""

from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.links import link_address
from app.accounts.models import LinkPurpose, User
from app.accounts.schemas import FirstAdminForm
from app.accounts.service import create_user, make_first_admin_link
from app.core.audit import record
from app.core.errors import Invalid, Place
from app.core.settings import Settings


def create_admin(session: Session, *, email: str, name: str, password: str) -> User:
    """Make an administrator who can sign in at once. Invalid names what is not taken."""
    try:
        FirstAdminForm(email=email, name=name, password=password)
    except ValidationError as wrong:
        places = [Place(f"/{error['loc'][0]}", error["msg"]) for error in wrong.errors()]
        raise Invalid("accounts.not_made", "No account was made.", *places) from None
    user = create_user(session, email=email, name=name, password=password, is_admin=True)
    record(session, "accounts.administrator_made", "user", user.id, actor_id=None)
    return user


def first_admin_link(session: Session, settings: Settings) -> str:
    """The address by which the first administrator is made. Conflict where anybody has an account."""
    return link_address(settings, LinkPurpose.FIRST_ADMIN, make_first_admin_link(session))
