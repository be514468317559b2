"""What has somebody been told and not read yet?"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Notice
from tests.cast import Client


def told(session: Session, client: Client) -> list[str]:
    """The kinds of this person's unread notices, the oldest first."""
    assert client.user
    mine = select(Notice.kind).where(Notice.user_id == client.user.id, Notice.read_at.is_(None))
    return list(session.scalars(mine.order_by(Notice.created_at)))
