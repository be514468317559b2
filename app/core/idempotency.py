"""Answers that were already given: a repeated request with the same Idempotency-Key hears the first answer again."""

from datetime import datetime

from sqlalchemy import LargeBinary, func
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database import Base


class GivenAnswer(Base):
    """The answer to one keyed request of one person, stored in the transaction of its effect."""

    __tablename__ = "given_answers"

    user_id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_hash: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int]
    body: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
